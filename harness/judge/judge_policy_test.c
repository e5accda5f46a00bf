/* Tests of what is legacy to a policy: it is asked about and changes no verdict. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/judge/test_world.h"

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

static const struct legacy old_version = {"TLS 1.2", "Doc 1, table 2"};
static const struct legacy few_tries = {"5", "Doc 1, table 3"};

static void verdict_and_note(struct world *w, enum verdict verdict, const char *note)
{
	struct results *results = world_judge(w);

	assert_int_equal(results->checks[0].verdict, verdict);
	if (note == NULL) {
		assert_null(results->checks[0].note);
	} else {
		assert_string_equal(results->checks[0].note, note);
	}
	results_free(results);
}

static struct planned_check *expects(struct world *w, const char *line, const struct legacy *legacy)
{
	struct planned_check *check = world_check(w, "a", "CR 4.3", &world_observe);

	world_expect(w, check, line);
	w->expect[0][0].legacy = legacy;
	w->expect[0][0].legacy_count = 1;
	return check;
}

static void legacy_that_is_seen_passes_with_a_note(void **state)
{
	struct planned_check *check =
		expects(*state, "versions subset-of [TLS 1.2, TLS 1.3]", &old_version);

	world_saw(*state, check, "{\"versions\": [\"TLS 1.3\", \"TLS 1.2\"]}");
	verdict_and_note(*state, VERDICT_PASS,
			 "asks about what is legacy: versions TLS 1.2 (Doc 1, table 2)");
}

static void legacy_that_is_not_seen_is_not_spoken_of(void **state)
{
	struct planned_check *check =
		expects(*state, "versions subset-of [TLS 1.2, TLS 1.3]", &old_version);

	world_saw(*state, check, "{\"versions\": [\"TLS 1.3\"]}");
	verdict_and_note(*state, VERDICT_PASS, NULL);
}

static void what_is_forbidden_fails_beside_what_is_legacy(void **state)
{
	struct planned_check *check =
		expects(*state, "versions subset-of [TLS 1.2, TLS 1.3]", &old_version);

	world_saw(*state, check, "{\"versions\": [\"TLS 1.1\", \"TLS 1.2\"]}");
	verdict_and_note(*state, VERDICT_FAIL,
			 "asks about what is legacy: versions TLS 1.2 (Doc 1, table 2)");
}

static void a_size_between_the_limits_is_asked_about(void **state)
{
	struct planned_check *check = expects(*state, "tries at-least 3", &few_tries);

	world_saw(*state, check, "{\"tries\": 4}");
	verdict_and_note(*state, VERDICT_PASS,
			 "asks about what is legacy: tries below 5 (Doc 1, table 3)");
}

static void a_size_that_is_allowed_is_not_spoken_of(void **state)
{
	struct planned_check *check = expects(*state, "tries at-least 3", &few_tries);

	world_saw(*state, check, "{\"tries\": 5}");
	verdict_and_note(*state, VERDICT_PASS, NULL);
}

static void what_was_not_observed_is_not_asked_about(void **state)
{
	struct planned_check *check = expects(*state, "tries at-least 3", &few_tries);

	world_saw(*state, check, "{}");
	verdict_and_note(*state, VERDICT_INCONCLUSIVE, NULL);
}

static void the_day_of_the_policies_is_told(void **state)
{
	static const char *const values[] = {"x", NULL};
	static const struct policy_entry entries[] = {
		{.tier = TIER_ALLOWED, .until = 2029, .values = values},
		{.tier = TIER_ALLOWED, .until = 2031, .values = values}};
	static const struct policy_list lists[] = {{"l", entries, 2}};
	static const struct policy policies[] = {
		{.name = "p-2026", .date = "2026-11-25", .lists = lists, .list_count = 1}};
	struct world *w = *state;
	struct results *results = world_judge(w);

	assert_null(results->policies);
	results_free(results);
	w->suites.policies = policies;
	w->suites.policy_count = 1;
	w->plan.day = "2029-12-31";
	results = world_judge(w);
	assert_string_equal(results->policies, "policies read as of 2029-12-31, the day of the "
					       "run: p-2026 of 2026-11-25");
	results_free(results);
	w->plan.day = "2030-01-01";
	results = world_judge(w);
	assert_string_equal(results->policies,
			    "policies read as of 2030-01-01, the day of the run: p-2026 of "
			    "2026-11-25; 1 of their entries had ended");
	results_free(results);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(legacy_that_is_seen_passes_with_a_note),
		T(legacy_that_is_not_seen_is_not_spoken_of),
		T(what_is_forbidden_fails_beside_what_is_legacy),
		T(a_size_between_the_limits_is_asked_about),
		T(a_size_that_is_allowed_is_not_spoken_of),
		T(what_was_not_observed_is_not_asked_about),
		T(the_day_of_the_policies_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
