/* Tests of the exit code, and of results.json against its published schema. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/judge/test_world.h"
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/banned.h"

static int set_up(void **state)
{
	struct world *w = test_malloc(sizeof(*w));

	world_init(w);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	world_release(*state);
	test_free(*state);
	return 0;
}

static void exit_is(struct world *w, int code)
{
	struct results *results = world_judge(w);

	assert_int_equal(results_exit_code(results), code);
	results_free(results);
}

static void everything_passed_is_0(void **state)
{
	world_verdict(*state, "a", "CR 1.1", true);
	world_end(*state, "complete");
	exit_is(*state, 0);
}

static void nothing_measured_is_not_0(void **state)
{
	world_end(*state, "complete");
	exit_is(*state, 4);
}

static void what_nobody_asked_for_leaves_0(void **state)
{
	static const enum why whys[] = {WHY_NO_CONSENT, WHY_NOT_SELECTED, WHY_NOT_DECLARED};
	struct world *w = *state;
	size_t i;

	world_verdict(w, "a", "CR 1.1", true);
	world_ask(w, "b", "CR 1.1", NULL);
	for (i = 0; i < ARRAY_SIZE(whys); i++) {
		world_plan(w, "c", "CR 1.1")->why = whys[i];
	}
	exit_is(w, 0);
}

static void check_not_reached_is_4(void **state)
{
	world_verdict(*state, "a", "CR 1.1", true);
	world_check(*state, "b", "CR 1.1", &world_observe);
	exit_is(*state, 4);
}

static void missing_privilege_is_4(void **state)
{
	world_verdict(*state, "a", "CR 1.1", true);
	world_plan(*state, "b", "CR 1.1")->why = WHY_NO_PRIVILEGE;
	exit_is(*state, 4);
}

static const struct uncovered_services {
	struct service service;
	struct uncovered uncovered;
} broker = {{.name = "broker", .protocol = "mqtt"}, {&broker.service, "nobody looks"}};

static void a_service_that_no_check_looks_into_is_4(void **state)
{
	struct world *w = *state;

	world_verdict(w, "a", "CR 1.1", true);
	w->plan.uncovered = &broker.uncovered;
	w->plan.uncovered_count = 1;
	exit_is(w, 4);
	world_plan(w, "b", "CR 1.1")->why = WHY_NOT_SELECTED;
	exit_is(w, 0);
}

static void gave_up_is_4(void **state)
{
	struct world *w = *state;

	world_verdict(w, "a", "CR 1.1", true);
	world_outcome(w, world_check(w, "b", NULL, &world_observe), "gave-up", "no-answer",
		      "silent");
	exit_is(w, 4);
}

static void fail_outweighs_error(void **state)
{
	struct world *w = *state;

	world_verdict(w, "a", "CR 1.1", false);
	world_outcome(w, world_check(w, "b", NULL, &world_observe), "error", "crashed", "SIGSEGV");
	exit_is(w, 1);
}

static void lost_device_or_bench_outweighs_fail(void **state)
{
	world_verdict(*state, "a", "CR 1.1", false);
	world_end(*state, "device-lost");
	exit_is(*state, 3);
	world_end(*state, "bench-lost");
	exit_is(*state, 3);
}

/* --- results.json --------------------------------------------------------------- */

/* One of everything, with bytes a device might send. */
static void fill(struct world *w)
{
	static const struct answer answer = {.met = true,
					     .who = "A",
					     .when = "2026-01-01",
					     .evidence = "a.pdf",
					     .evidence_sha256 = "00",
					     .reviewed_by = "B"};
	struct planned_check *check = world_check(w, "banner@telnet", "CR 4.3", &world_observe);

	world_record(w, "run", json_pack("{s:{s:s}}", "environment", "libpcap", "1.10"));
	world_expect(w, check, "banner is ready");
	world_saw(w, check,
		  "{\"banner\": \"<b>\\u001b[2J\\u009b\", \"tries\": 3, "
		  "\"unlock_s\": 1.5, \"versions\": [\"a\"]}");
	world_verdict(w, "b", "CR 1.1", true);
	world_ask(w, "c", "CR 1.1", &answer);
	world_ask(w, "d", "CR 1.1", NULL);
	world_outcome(w, world_check(w, "e", NULL, &world_observe), "gave-up", "no-answer",
		      "silent");
	world_record(w, "monitor",
		     json_pack("{s:s, s:s, s:i, s:i, s:f}", "function", "control", "monitor",
			       "modbus.counter", "samples", 10, "answered", 9, "worst_gap_ms",
			       12.5));
	w->plan.uncovered = &broker.uncovered;
	w->plan.uncovered_count = 1;
	world_end(w, "complete");
}

/* 0: the file validates; 1: it does not. */
static int validates(json_t *object)
{
	char path[] = "/tmp/assay-results-XXXXXX";
	const char *source = getenv("SOURCE");
	char schema[512];
	int fd = mkstemp(path), status = -1;
	pid_t pid;

	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(json_dump_file(object, path, 0), 0);
	snprintf(schema, sizeof(schema), "%s/suites/schema/results.schema.json",
		 source == NULL ? ASSAY_DATA_DIR : source);
	pid = fork();
	if (pid == 0) {
		dup2(STDOUT_FILENO, STDERR_FILENO);
		execl("/usr/bin/python3", "/usr/bin/python3", "-m", "jsonschema", "--error-format",
		      "{error.message}", "-i", path, schema, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	unlink(path);
	assert_true(WIFEXITED(status));
	assert_in_range(WEXITSTATUS(status), 0, 1);
	return WEXITSTATUS(status);
}

static json_t *results_of(struct world *w)
{
	struct results *results = world_judge(w);
	json_t *object = results_to_json(results);

	results_free(results);
	return object;
}

static void results_of_everything_fit_the_schema(void **state)
{
	json_t *object;

	fill(*state);
	object = results_of(*state);
	assert_int_equal(validates(object), 0);
	json_decref(object);
}

static void results_of_nothing_fit_the_schema(void **state)
{
	json_t *object = results_of(*state);

	assert_int_equal(validates(object), 0);
	json_decref(object);
}

static void schema_finds_an_unknown_member(void **state)
{
	json_t *object = results_of(*state);

	json_object_set_new(object, "surprise", json_true());
	assert_int_equal(validates(object), 1);
	json_decref(object);
}

static void schema_finds_a_wrong_verdict(void **state)
{
	json_t *object;

	fill(*state);
	object = results_of(*state);
	json_object_set_new(json_array_get(json_object_get(object, "checks"), 0), "verdict",
			    json_string("OK"));
	assert_int_equal(validates(object), 1);
	json_decref(object);
}

static void schema_knows_every_reason_word(void **state)
{
	json_t *object, *check;
	int why;

	fill(*state);
	object = results_of(*state);
	check = json_array_get(json_object_get(object, "checks"), 0);
	for (why = 0; why < WHY_COUNT; why++) {
		json_array_append_new(json_object_get(object, "checks"), json_deep_copy(check));
		json_object_set_new(
			json_array_get(json_object_get(object, "checks"),
				       json_array_size(json_object_get(object, "checks")) - 1),
			"why", json_string(why_word((enum why)why)));
	}
	assert_int_equal(validates(object), 0);
	json_decref(object);
}

static void members_hold_what_was_judged(void **state)
{
	json_t *object, *check;
	const char *verdict, *saw;

	fill(*state);
	object = results_of(*state);
	check = json_array_get(json_object_get(object, "checks"), 0);
	assert_int_equal(
		json_unpack(check, "{s:s, s:{s:s}}", "verdict", &verdict, "facts", "banner", &saw),
		0);
	assert_string_equal(verdict, "FAIL");
	assert_string_equal(saw, "<b>\033[2J\xc2\x9b");
	assert_int_equal(json_array_size(json_object_get(object, "levels")), 7);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(object, "counts"), "PASS")), 2);
	json_decref(object);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(everything_passed_is_0),
		T(nothing_measured_is_not_0),
		T(what_nobody_asked_for_leaves_0),
		T(check_not_reached_is_4),
		T(missing_privilege_is_4),
		T(a_service_that_no_check_looks_into_is_4),
		T(gave_up_is_4),
		T(fail_outweighs_error),
		T(lost_device_or_bench_outweighs_fail),
		T(results_of_everything_fit_the_schema),
		T(results_of_nothing_fit_the_schema),
		T(schema_finds_an_unknown_member),
		T(schema_finds_a_wrong_verdict),
		T(schema_knows_every_reason_word),
		T(members_hold_what_was_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
