/* Tests of the judge: every way to a verdict, with its whole sentence. */
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

/* Judges, and compares the first check. */
static void first_is(struct world *w, enum verdict verdict, enum why why, const char *reason)
{
	struct results *results = world_judge(w);
	const struct check_result *check = &results->checks[0];

	assert_string_equal(check->reason, reason);
	assert_string_equal(why_word(check->why), why_word(why));
	assert_string_equal(verdict_word(check->verdict), verdict_word(verdict));
	results_free(results);
}

static struct planned_check *lockout_by(struct world *w, const struct probe *probe)
{
	struct planned_check *check = world_check(w, "lockout@ssh", "CR 1.1", probe);

	world_given(w, check, "good_before is true");
	world_expect(w, check, "locked is true");
	world_expect(w, check, "unlock_s at-most 60");
	world_expect(w, check, "versions subset-of [TLS 1.2, TLS 1.3]");
	world_begin(w, check);
	return check;
}

static struct planned_check *lockout(struct world *w)
{
	return lockout_by(w, &world_observe);
}

static void all_held_is_pass_with_a_sentence(void **state)
{
	struct world *w = *state;

	world_saw(w, lockout(w),
		  "{\"good_before\": true, \"locked\": true, \"unlock_s\": 30, "
		  "\"versions\": [\"TLS 1.3\"]}");
	first_is(w, VERDICT_PASS, WHY_NONE,
		 "all 3 expectations held: locked is true, saw true; unlock_s "
		 "at-most 60, saw 30 s; versions subset-of [TLS 1.2, TLS 1.3], "
		 "saw TLS 1.3");
}

static void every_broken_line_is_named_in_a_fail(void **state)
{
	struct world *w = *state;

	world_saw(w, lockout(w),
		  "{\"good_before\": true, \"locked\": false, \"unlock_s\": 75, "
		  "\"versions\": [\"TLS 1.0\", \"TLS 1.2\", \"TLS 1.1\"]}");
	first_is(w, VERDICT_FAIL, WHY_NONE,
		 "expected locked is true, saw false; expected unlock_s at-most "
		 "60, saw 75 s; expected versions subset-of [TLS 1.2, TLS 1.3], "
		 "saw TLS 1.0, TLS 1.1 besides");
}

static void failed_control_is_inconclusive_whatever_the_rest(void **state)
{
	struct world *w = *state;

	world_saw(w, lockout(w),
		  "{\"good_before\": false, \"locked\": false, \"unlock_s\": 75, "
		  "\"versions\": []}");
	first_is(w, VERDICT_INCONCLUSIVE, WHY_CONTROL_FAILED,
		 "control did not hold: expected good_before is true, saw "
		 "false");
}

static void unseen_control_is_inconclusive(void **state)
{
	struct world *w = *state;

	world_saw(w, lockout(w), "{\"locked\": true, \"unlock_s\": 5, \"versions\": []}");
	first_is(w, VERDICT_INCONCLUSIVE, WHY_CONTROL_FAILED,
		 "control was not observed: good_before is true");
}

static void unseen_expectation_is_inconclusive(void **state)
{
	struct world *w = *state;

	world_saw(w, lockout(w),
		  "{\"good_before\": true, \"locked\": true, "
		  "\"versions\": []}");
	first_is(w, VERDICT_INCONCLUSIVE, WHY_NOT_OBSERVED, "not observed: unlock_s at-most 60");
}

static void fact_of_the_wrong_type_is_not_observed(void **state)
{
	struct world *w = *state;

	world_saw(w, lockout(w),
		  "{\"good_before\": true, \"locked\": \"true\", \"unlock_s\": "
		  "1, \"versions\": []}");
	first_is(w, VERDICT_INCONCLUSIVE, WHY_NOT_OBSERVED, "not observed: locked is true");
}

static void broken_line_outweighs_an_unseen_one(void **state)
{
	struct world *w = *state;

	world_saw(w, lockout(w), "{\"good_before\": true, \"locked\": false}");
	first_is(w, VERDICT_FAIL, WHY_NONE, "expected locked is true, saw false");
}

static void check_that_expects_nothing_never_passes(void **state)
{
	struct world *w = *state;
	struct planned_check *check = world_check(w, "empty", "CR 1.1", &world_observe);

	world_saw(w, check, "{\"locked\": true}");
	first_is(w, VERDICT_INCONCLUSIVE, WHY_NOT_OBSERVED, "the check expects nothing");
}

static void giving_up_keeps_why_and_reason(void **state)
{
	struct world *w = *state;

	world_outcome(w, lockout(w), "gave-up", "blocked-by-device",
		      "the device refuses the tester's address");
	first_is(w, VERDICT_INCONCLUSIVE, WHY_BLOCKED, "the device refuses the tester's address");
}

static void giving_up_is_inconclusive_although_facts_hold(void **state)
{
	struct world *w = *state;

	world_record(w, "observation",
		     json_pack("{s:s, s:s, s:s, s:s, s:{s:b, s:b, s:i, s:[]}}", "observation",
			       world_id(w, lockout(w)), "outcome", "gave-up", "why", "no-such-word",
			       "reason", "it stopped", "facts", "good_before", 1, "locked", 1,
			       "unlock_s", 1, "versions"));
	first_is(w, VERDICT_INCONCLUSIVE, WHY_NOT_OBSERVED, "it stopped");
}

/* A probe gave up after it had seen this: world_outcome() with facts. */
static void gave_up_after(struct world *w, const struct planned_check *check, const char *facts)
{
	world_observed(w, check,
		       json_pack("{s:s, s:s, s:s, s:s, s:o}", "observation", world_id(w, check),
				 "outcome", "gave-up", "why", "no-answer", "reason", "it stopped",
				 "facts", json_loads(facts, 0, NULL)));
}

static void what_was_seen_before_giving_up_stands(void **state)
{
	struct world *w = *state;

	gave_up_after(w, lockout(w), "{\"good_before\": true, \"versions\": [\"TLS 1.0\"]}");
	first_is(w, VERDICT_FAIL, WHY_NONE,
		 "expected versions subset-of [TLS 1.2, TLS 1.3], saw TLS 1.0 besides");
}

static void what_looking_on_could_mend_does_not_stand(void **state)
{
	struct world *w = *state;

	gave_up_after(w, lockout(w),
		      "{\"good_before\": true, \"locked\": false, \"unlock_s\": 75}");
	first_is(w, VERDICT_INCONCLUSIVE, WHY_NO_ANSWER, "it stopped");
}

static void nothing_stands_without_its_control(void **state)
{
	struct world *w = *state;

	gave_up_after(w, lockout(w), "{\"versions\": [\"TLS 1.0\"]}");
	first_is(w, VERDICT_INCONCLUSIVE, WHY_NO_ANSWER, "it stopped");
}

static struct planned_check *swept(struct world *w)
{
	struct planned_check *check = world_check(w, "swept", "CR 1.1", &world_observe);

	world_complete(w, check, "alive_after is true");
	world_expect(w, check, "versions subset-of [TLS 1.3]");
	return check;
}

static void incomplete_look_never_passes(void **state)
{
	struct world *w = *state;

	world_saw(w, swept(w), "{\"alive_after\": false, \"versions\": [\"TLS 1.3\"]}");
	first_is(w, VERDICT_INCONCLUSIVE, WHY_NOT_OBSERVED,
		 "not everything was looked at: expected alive_after is true, saw false");
}

static void unseen_completeness_never_passes(void **state)
{
	struct world *w = *state;

	world_saw(w, swept(w), "{\"versions\": [\"TLS 1.3\"]}");
	first_is(w, VERDICT_INCONCLUSIVE, WHY_NOT_OBSERVED, "not observed: alive_after is true");
}

static void incomplete_look_hides_no_fail(void **state)
{
	struct world *w = *state;

	world_saw(w, swept(w), "{\"alive_after\": false, \"versions\": [\"TLS 1.0\"]}");
	first_is(w, VERDICT_FAIL, WHY_NONE,
		 "expected versions subset-of [TLS 1.3], saw TLS 1.0 besides");
}

static void complete_look_passes(void **state)
{
	struct world *w = *state;

	world_saw(w, swept(w), "{\"alive_after\": true, \"versions\": [\"TLS 1.3\"]}");
	first_is(w, VERDICT_PASS, WHY_NONE,
		 "the expectation held: versions subset-of [TLS 1.3], saw TLS 1.3");
}

static void crash_is_error(void **state)
{
	struct world *w = *state;

	world_outcome(w, lockout(w), "error", "crashed", "ended by SIGSEGV");
	first_is(w, VERDICT_ERROR, WHY_CRASHED, "ended by SIGSEGV");
}

/* What a check had seen when it was stopped is evidence, and proves nothing. */
static void facts_of_a_stopped_check_never_pass(void **state)
{
	struct world *w = *state;
	const struct planned_check *check = lockout(w);

	world_observed(w, check,
		       json_pack("{s:s, s:s, s:s, s:s, s:o}", "observation", world_id(w, check),
				 "outcome", "error", "why", "timed-out", "reason", "it hung",
				 "facts",
				 json_loads("{\"good_before\": true, \"locked\": true, "
					    "\"unlock_s\": 50, \"versions\": [\"TLS 1.3\"]}",
					    0, NULL)));
	first_is(w, VERDICT_ERROR, WHY_TIMED_OUT, "it hung");
}

static void unknown_outcome_is_error(void **state)
{
	struct world *w = *state;

	world_outcome(w, lockout(w), "passed", "", "");
	first_is(w, VERDICT_ERROR, WHY_BROKEN_REPORT, "the journal's record has no known outcome");
}

static void attempt_without_record_is_not_reached(void **state)
{
	struct world *w = *state;

	lockout(w);
	first_is(w, VERDICT_NOT_TESTED, WHY_NOT_REACHED,
		 "the run ended while it ran; run the same directory again");
}

static void last_record_counts_and_attempts_are_counted(void **state)
{
	struct world *w = *state;
	struct planned_check *check = lockout(w);
	struct results *results;

	world_outcome(w, check, "error", "crashed", "ended by SIGKILL");
	world_begin(w, check);
	world_saw(w, check, "{\"good_before\": true, \"locked\": false}");
	results = world_judge(w);
	assert_int_equal(results->checks[0].attempts, 2);
	assert_string_equal(verdict_word(results->checks[0].verdict), "FAIL");
	results_free(results);
}

static void aborted_second_attempt_hides_no_fail(void **state)
{
	struct world *w = *state;
	struct planned_check *check = lockout(w);

	world_saw(w, check, "{\"good_before\": true, \"locked\": false}");
	world_begin(w, check);
	first_is(w, VERDICT_FAIL, WHY_NONE, "expected locked is true, saw false");
}

/* How the run ended -> what is said of a check it did not come to. */
static void unreached_check_says_how_the_run_ended(void **state)
{
	static const struct {
		const char *end, *reason;
	} rows[] = {
		{"device-lost", "the run ended before this: the device was lost"},
		{"bench-lost", "the run ended before this: the bench was lost"},
		{"interrupted", "the run was interrupted before this; run the "
				"same directory again"},
		{"complete", "the run ended without it; run the same directory again"},
		{NULL, "the run has not come to this; run the same directory again"},
	};
	struct world *w = *state;
	size_t i;

	world_check(w, "never", "CR 1.1", &world_observe);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].end != NULL) {
			world_end(w, rows[i].end);
		} else {
			world_record(w, "resume", json_object());
		}
		first_is(w, VERDICT_NOT_TESTED, WHY_NOT_REACHED, rows[i].reason);
	}
}

static void unreached_check_of_later_suites_asks_for_a_new_run(void **state)
{
	struct world *w = *state;

	world_check(w, "never", "CR 1.1", &world_observe);
	world_record(w, "run", json_pack("{s:s}", "suites", "older"));
	world_end(w, "complete");
	first_is(w, VERDICT_NOT_TESTED, WHY_NOT_REACHED,
		 "the run did not look at this, and the suites have changed "
		 "since; a new run does");
}

static void quarantined_device_is_said(void **state)
{
	struct world *w = *state;

	world_check(w, "never", "CR 1.1", &world_observe);
	world_device(w, "quarantined", "its configuration differs");
	first_is(w, VERDICT_NOT_TESTED, WHY_QUARANTINED,
		 "the device is quarantined until a person clears it");
}

static void planned_reason_is_kept(void **state)
{
	struct world *w = *state;
	struct planned_check *check = world_check(w, "touch", "CR 1.1", &world_touch);

	check->why = WHY_NO_CONSENT;
	check->reason = "the profile does not grant 'touch'";
	first_is(w, VERDICT_NOT_TESTED, WHY_NO_CONSENT, "the profile does not grant 'touch'");
}

static void not_applicable_check_is_neither_pass_nor_fail(void **state)
{
	struct world *w = *state;
	struct planned_check *check = world_check(w, "radio", "EDR 1.6", &world_touch);

	check->not_applicable = true;
	check->why = WHY_NOT_DECLARED;
	check->reason = "'wireless' is declared absent";
	first_is(w, VERDICT_NOT_APPLICABLE, WHY_NONE, "'wireless' is declared absent");
}

/* --- the device meanwhile -------------------------------------------------- */

#define HELD                                         \
	"{\"good_before\": true, \"locked\": true, " \
	"\"unlock_s\": 1, \"versions\": []}"
#define BROKE                                         \
	"{\"good_before\": true, \"locked\": false, " \
	"\"unlock_s\": 1, \"versions\": []}"

static void lost_device_takes_the_pass_away(void **state)
{
	struct world *w = *state;
	struct planned_check *check = lockout(w);

	world_device(w, "lost", "no answer for 10 s");
	world_saw(w, check, HELD);
	first_is(w, VERDICT_INCONCLUSIVE, WHY_DEVICE_LOST,
		 "the device was lost while this ran, so what was seen proves "
		 "nothing: no answer for 10 s");
}

static void lost_device_leaves_the_fail(void **state)
{
	struct world *w = *state;
	struct planned_check *check = lockout(w);

	world_device(w, "lost", "no answer for 10 s");
	world_saw(w, check, BROKE);
	first_is(w, VERDICT_FAIL, WHY_NONE, "expected locked is true, saw false");
}

/* The device was lost while it ran beside others, came back, and it ran again. */
static struct planned_check *ran_again(struct world *w, const char *first)
{
	struct planned_check *check = lockout_by(w, &world_touch);

	world_saw(w, check, first);
	world_device(w, "suspect", "no answer for 10 s");
	world_device(w, "verified", "");
	return check;
}

static void the_second_run_counts_when_the_device_was_lost_in_the_first(void **state)
{
	struct world *w = *state;

	world_saw(w, ran_again(w, HELD), HELD);
	first_is(w, VERDICT_PASS, WHY_NONE,
		 "all 3 expectations held: locked is true, saw true; unlock_s at-most 60, saw 1 s; "
		 "versions subset-of [TLS 1.2, TLS 1.3], saw none");
}

static void what_the_first_run_saw_broken_for_good_stands(void **state)
{
	struct world *w = *state;

	world_saw(w,
		  ran_again(w, "{\"good_before\": true, \"locked\": true, \"unlock_s\": 50, "
			       "\"versions\": [\"TLS 1.0\"]}"),
		  HELD);
	first_is(w, VERDICT_FAIL, WHY_NONE,
		 "expected versions subset-of [TLS 1.2, TLS 1.3], saw TLS 1.0 besides");
}

static void a_second_run_that_gave_up_takes_no_fail_away(void **state)
{
	struct world *w = *state;

	gave_up_after(w, ran_again(w, BROKE), "{}");
	first_is(w, VERDICT_FAIL, WHY_NONE, "expected locked is true, saw false");
}

static void a_blocked_tester_takes_the_pass_away(void **state)
{
	struct world *w = *state;
	struct planned_check *check = lockout(w);

	world_record(w, "device",
		     json_pack("{s:s, s:s, s:s}", "state", "blocked", "why", "blocked-by-device",
			       "reason", "the witness is let in"));
	world_saw(w, check, HELD);
	first_is(w, VERDICT_INCONCLUSIVE, WHY_BLOCKED,
		 "the device let the tester in no more while this ran, so what was seen proves "
		 "nothing: the witness is let in");
}

static void who_gave_up_on_a_device_that_blocked_it_was_blocked(void **state)
{
	struct world *w = *state;

	world_outcome(w, lockout(w), "gave-up", "device-lost", "nothing answered");
	world_record(w, "device",
		     json_pack("{s:s, s:s, s:s}", "state", "blocked", "why", "blocked-by-device",
			       "reason", "the witness is let in"));
	first_is(w, VERDICT_INCONCLUSIVE, WHY_BLOCKED, "nothing answered; the witness is let in");
}

static void another_device_answered(struct world *w, const char *facts)
{
	struct planned_check *check;

	world_record(w, "device",
		     json_pack("{s:s, s:{s:s}}", "state", "alive", "identity", "mac",
			       "00:11:22:33:44:55"));
	check = lockout(w);
	world_record(w, "device",
		     json_pack("{s:s, s:s, s:{s:s}}", "state", "suspect", "reason",
			       "another MAC answers", "identity", "mac", "66:11:22:33:44:55"));
	world_saw(w, check, facts);
	first_is(w, VERDICT_INCONCLUSIVE, WHY_WRONG_DEVICE,
		 "another device answered while this ran, so what was seen "
		 "proves nothing: another MAC answers");
}

static void changed_identity_takes_the_pass_away(void **state)
{
	another_device_answered(*state, HELD);
}

static void another_device_cannot_fail_this_one(void **state)
{
	another_device_answered(*state, "{\"good_before\": true, \"locked\": false}");
}

static void device_lost_between_checks_leaves_an_observing_pass(void **state)
{
	struct world *w = *state;
	struct results *results;

	world_saw(w, lockout(w), HELD);
	world_device(w, "lost", "no answer");
	results = world_judge(w);
	assert_string_equal(verdict_word(results->checks[0].verdict), "PASS");
	results_free(results);
}

static void device_lost_after_a_touching_check_takes_its_pass(void **state)
{
	struct world *w = *state;
	struct planned_check *check = world_check(w, "touch", "CR 1.1", &world_touch);

	world_expect(w, check, "locked is true");
	world_begin(w, check);
	world_saw(w, check, HELD);
	world_device(w, "suspect", "");
	world_device(w, "verified", "");
	first_is(w, VERDICT_INCONCLUSIVE, WHY_DEVICE_LOST,
		 "the device was lost while this ran, so what was seen proves "
		 "nothing");
}

static void check_begun_on_a_lost_device_never_passes(void **state)
{
	struct world *w = *state;

	world_device(w, "lost", "gone");
	world_saw(w, lockout(w), HELD);
	first_is(w, VERDICT_INCONCLUSIVE, WHY_DEVICE_LOST,
		 "the device was lost while this ran, so what was seen proves "
		 "nothing: gone");
}

static void recovered_device_passes_again(void **state)
{
	struct world *w = *state;
	struct results *results;

	world_device(w, "lost", "gone");
	world_device(w, "verified", "");
	world_saw(w, lockout(w), HELD);
	results = world_judge(w);
	assert_string_equal(verdict_word(results->checks[0].verdict), "PASS");
	results_free(results);
}

/* --- single lines ------------------------------------------------------------ */

static void every_operator_says_what_it_saw(void **state)
{
	static const struct {
		const char *line, *facts, *reason; /* NULL: holds */
	} rows[] = {
		{"locked is true", "{\"locked\": true}", NULL},
		{"locked is-not true", "{\"locked\": true}",
		 "expected locked is-not true, saw true"},
		{"tries at-least 5", "{\"tries\": 5}", NULL},
		{"tries at-least 5", "{\"tries\": 4}", "expected tries at-least 5, saw 4 tries"},
		{"tries at-most 5", "{\"tries\": 6}", "expected tries at-most 5, saw 6 tries"},
		{"unlock_s is 1.5", "{\"unlock_s\": 1.5}", NULL},
		{"unlock_s at-least 2", "{\"unlock_s\": 1.75}",
		 "expected unlock_s at-least 2, saw 1.75 s"},
		{"banner is ready", "{\"banner\": \"ready\"}", NULL},
		{"banner is ready", "{\"banner\": \"a\\u001b[2J\"}",
		 "expected banner is ready, saw a\\x1b[2J"},
		{"banner is-not ready", "{\"banner\": \"\"}", NULL},
		{"banner is ready", "{\"banner\": \"\"}",
		 "expected banner is ready, saw an empty text"},
		{"versions includes [a, b]", "{\"versions\": [\"b\", \"a\"]}", NULL},
		{"versions includes [a, b]", "{\"versions\": [\"c\", \"a\"]}",
		 "expected versions includes [a, b], saw c, a without b"},
		{"versions excludes [a, b]", "{\"versions\": []}", NULL},
		{"versions excludes [a, b]", "{\"versions\": [\"c\", \"b\", \"a\"]}",
		 "expected versions excludes [a, b], saw b, a"},
		{"versions subset-of [a, b]", "{\"versions\": [\"a\"]}", NULL},
		{"versions subset-of []",
		 "{\"versions\": [\"1\", \"2\", \"3\", \"4\", \"5\", \"6\", "
		 "\"7\", \"8\", \"9\", \"10\"]}",
		 "expected versions subset-of [], saw 1, 2, 3, 4, 5, 6, 7, 8 "
		 "and 2 more besides"},
		{"versions is [a, b]", "{\"versions\": [\"b\", \"a\"]}", NULL},
		{"versions is [a, b]", "{\"versions\": [\"a\"]}",
		 "expected versions is [a, b], saw a"},
	};
	struct world *w = *state;
	struct planned_check *check = world_check(w, "line", "CR 1.1", &world_observe);
	struct results *results;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		check->expect_count = 0;
		world_expect(w, check, rows[i].line);
		world_saw(w, check, rows[i].facts);
		results = world_judge(w);
		assert_string_equal(verdict_word(results->checks[0].verdict),
				    rows[i].reason == NULL ? "PASS" : "FAIL");
		if (rows[i].reason != NULL) {
			assert_string_equal(results->checks[0].reason, rows[i].reason);
		}
		results_free(results);
	}
}

static void lines_are_kept_with_what_was_seen(void **state)
{
	struct world *w = *state;
	const struct check_result *check;
	struct results *results;

	world_saw(w, lockout(w), "{\"good_before\": true, \"locked\": false}");
	results = world_judge(w);
	check = &results->checks[0];
	assert_int_equal(check->line_count, 4);
	assert_int_equal(check->lines[0].role, LINE_GIVEN);
	assert_int_equal(check->lines[0].held, 1);
	assert_int_equal(check->lines[1].role, LINE_EXPECT);
	assert_int_equal(check->lines[1].held, 0);
	assert_string_equal(check->lines[1].saw, "false");
	assert_int_equal(check->lines[2].held, -1);
	assert_null(check->lines[2].saw);
	results_free(results);
}

static void reproduce_survives_a_shell(void **state)
{
	struct world *w = *state;
	struct results *results;

	w->profile.path = "my device's $(x).yaml";
	world_check(w, "lockout@ssh", "CR 1.1", &world_observe);
	results = world_judge(w);
	assert_string_equal(results->checks[0].reproduce,
			    "assay run 'my device'\\''s $(x).yaml' --only "
			    "lockout@ssh -o DIR");
	results_free(results);
}

/* Two observations of one probe, as an earlier version of the suites named them:
 * the ids of the journal are the other one's today. */
static void facts_follow_probe_and_parameters_not_the_id(void **state)
{
	struct world *w = *state;
	struct planned_check *first = world_check(w, "first", "CR 1.1", &world_observe);
	struct planned_check *second = world_check(w, "second", "CR 1.1", &world_observe);
	struct observation *o = w->observations;
	struct results *results;
	const char *id;

	world_expect(w, first, "locked is true");
	world_expect(w, second, "locked is true");
	world_saw(w, first, "{\"locked\": true}");
	world_saw(w, second, "{\"locked\": false}");
	id = o[0].id;
	o[0].id = o[1].id;
	o[1].id = id;
	results = world_judge(w);
	assert_string_equal(verdict_word(results->checks[0].verdict), "PASS");
	assert_string_equal(verdict_word(results->checks[1].verdict), "FAIL");
	results_free(results);
}

static void facts_of_other_parameters_are_nobodys(void **state)
{
	struct world *w = *state;
	struct planned_check *check = world_check(w, "first", "CR 1.1", &world_observe);
	struct param_value other = w->observations[0].params[0];
	struct results *results;

	world_expect(w, check, "locked is true");
	world_saw(w, check, "{\"locked\": true}");
	other.text = "other";
	w->observations[0].params = &other;
	results = world_judge(w);
	assert_string_equal(verdict_word(results->checks[0].verdict), "NOT_TESTED");
	assert_string_equal(why_word(results->checks[0].why), "not-reached");
	results_free(results);
}

static void an_observation_that_never_began_is_nobodys(void **state)
{
	struct world *w = *state;
	struct planned_check *check = world_check(w, "first", "CR 1.1", &world_observe);
	struct results *results;

	world_expect(w, check, "locked is true");
	world_record(w, "observation",
		     json_pack("{s:s, s:s, s:{s:b}}", "observation", world_id(w, check), "outcome",
			       "complete", "facts", "locked", 1));
	results = world_judge(w);
	assert_string_equal(verdict_word(results->checks[0].verdict), "NOT_TESTED");
	results_free(results);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(facts_follow_probe_and_parameters_not_the_id),
		T(facts_of_other_parameters_are_nobodys),
		T(an_observation_that_never_began_is_nobodys),
		T(all_held_is_pass_with_a_sentence),
		T(every_broken_line_is_named_in_a_fail),
		T(what_was_seen_before_giving_up_stands),
		T(what_looking_on_could_mend_does_not_stand),
		T(nothing_stands_without_its_control),
		T(incomplete_look_never_passes),
		T(unseen_completeness_never_passes),
		T(incomplete_look_hides_no_fail),
		T(complete_look_passes),
		T(failed_control_is_inconclusive_whatever_the_rest),
		T(unseen_control_is_inconclusive),
		T(unseen_expectation_is_inconclusive),
		T(fact_of_the_wrong_type_is_not_observed),
		T(broken_line_outweighs_an_unseen_one),
		T(check_that_expects_nothing_never_passes),
		T(giving_up_keeps_why_and_reason),
		T(giving_up_is_inconclusive_although_facts_hold),
		T(crash_is_error),
		T(facts_of_a_stopped_check_never_pass),
		T(unknown_outcome_is_error),
		T(attempt_without_record_is_not_reached),
		T(last_record_counts_and_attempts_are_counted),
		T(aborted_second_attempt_hides_no_fail),
		T(unreached_check_says_how_the_run_ended),
		T(unreached_check_of_later_suites_asks_for_a_new_run),
		T(quarantined_device_is_said),
		T(planned_reason_is_kept),
		T(not_applicable_check_is_neither_pass_nor_fail),
		T(lost_device_takes_the_pass_away),
		T(lost_device_leaves_the_fail),
		T(the_second_run_counts_when_the_device_was_lost_in_the_first),
		T(what_the_first_run_saw_broken_for_good_stands),
		T(a_second_run_that_gave_up_takes_no_fail_away),
		T(a_blocked_tester_takes_the_pass_away),
		T(who_gave_up_on_a_device_that_blocked_it_was_blocked),
		T(changed_identity_takes_the_pass_away),
		T(another_device_cannot_fail_this_one),
		T(device_lost_between_checks_leaves_an_observing_pass),
		T(device_lost_after_a_touching_check_takes_its_pass),
		T(check_begun_on_a_lost_device_never_passes),
		T(recovered_device_passes_again),
		T(every_operator_says_what_it_saw),
		T(lines_are_kept_with_what_was_seen),
		T(reproduce_survives_a_shell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
