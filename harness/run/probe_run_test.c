/* Tests of how a probe reads its nested parameters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/run/probe_run.h"
#include <string.h>

#include "harness/banned.h"

static void lists_and_steps_are_read_by_name(void **state)
{
	static const char *const items[] = {"admin:a b", "root:", NULL};
	static const struct param_value fields[] = {
		{.name = "path", .type = PARAM_TEXT, .text = "/reset"},
		{.name = "wait_s", .type = PARAM_INT, .number = 5, .text = "5"},
	};
	static const struct param_step steps[] = {{fields, 2}};
	static const struct param_value params[] = {
		{.name = "pairs", .type = PARAM_LIST, .list = items, .list_count = 2},
		{.name = "steps", .type = PARAM_STEPS, .steps = steps, .step_count = 1},
	};
	const struct probe_run run = {.params = params, .param_count = ARRAY_SIZE(params)};
	const struct param_step *step;
	size_t count = 0;

	(void)state;
	assert_string_equal(probe_list(&run, "pairs")[0], "admin:a b");
	assert_string_equal(probe_list(&run, "pairs")[1], "root:");
	assert_null(probe_list(&run, "pairs")[2]);
	step = probe_steps(&run, "steps", &count);
	assert_int_equal(count, 1);
	assert_string_equal(step_text(step, "path"), "/reset");
	assert_int_equal(step_int(step, "wait_s"), 5);
}

static void a_reason_ends_with_what_it_says(void **state)
{
	struct probe_run run = {.arena = arena_new()};

	(void)state;
	probe_give_up(&run, WHY_BLOCKED, "shut out after %d logins: %s", 3, "disconnected: 11: ");
	assert_string_equal(run.reason, "shut out after 3 logins: disconnected: 11");
	arena_free(run.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_and_steps_are_read_by_name),
		cmocka_unit_test(a_reason_ends_with_what_it_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
