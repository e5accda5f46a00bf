/* Tests of what checks add up to: requirements, levels, CRA points, answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/judge/test_world.h"
#include <stdio.h>
#include <sys/stat.h>
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

static const struct requirement_result *requirement(const struct results *r, const char *id)
{
	size_t i;

	for (i = 0; i < r->requirement_count; i++) {
		if (strcmp(r->requirements[i].requirement->id, id) == 0) {
			return &r->requirements[i];
		}
	}
	return NULL;
}

static void requirement_is(struct world *w, const char *id, enum verdict verdict,
			   enum settled settled, const char *reason)
{
	struct results *results = world_judge(w);
	const struct requirement_result *result = requirement(results, id);

	assert_non_null(result);
	assert_string_equal(result->reason, reason);
	assert_string_equal(verdict_word(result->verdict), verdict_word(verdict));
	assert_int_equal(result->settled, settled);
	results_free(results);
}

static void requirement_without_check_is_not_tested(void **state)
{
	requirement_is(*state, "CR 1.1", VERDICT_NOT_TESTED, SETTLED_NOT,
		       "no check exists for this");
}

static void requirement_of_another_component_is_no_result(void **state)
{
	struct results *results;

	world_verdict(*state, "a", "NDR 1.13", true);
	results = world_judge(*state);
	assert_null(requirement(results, "NDR 1.13"));
	assert_int_equal(results->requirement_count, 7);
	results_free(results);
}

static void requirement_with_every_check_passed_is_met(void **state)
{
	world_verdict(*state, "a", "CR 1.1", true);
	world_verdict(*state, "b", "CR 1.1", true);
	requirement_is(*state, "CR 1.1", VERDICT_PASS, SETTLED_TEST, "met: a, b");
}

static void one_untested_check_leaves_the_requirement_open(void **state)
{
	world_verdict(*state, "a", "CR 1.1", true);
	world_ask(*state, "b", "CR 1.1", NULL);
	requirement_is(*state, "CR 1.1", VERDICT_NOT_TESTED, SETTLED_NOT,
		       "b: a person has to answer this and has not");
}

static void one_failed_check_fails_the_requirement(void **state)
{
	world_verdict(*state, "a", "CR 1.1", true);
	world_verdict(*state, "b", "CR 1.1", false);
	world_verdict(*state, "c", "CR 1.1", true);
	requirement_is(*state, "CR 1.1", VERDICT_FAIL, SETTLED_TEST,
		       "b: expected locked is true, saw false");
}

static void several_failed_checks_are_all_named(void **state)
{
	world_verdict(*state, "a", "CR 1.1", false);
	world_verdict(*state, "b", "CR 1.1", false);
	requirement_is(*state, "CR 1.1", VERDICT_FAIL, SETTLED_TEST,
		       "a, b; the first: expected locked is true, saw false");
}

static const struct absence no_radio = {
	.condition = "wireless", .reason = "it has no radio", .declared_by = "M. Curie"};

static void declared_absence_is_not_applicable_with_name(void **state)
{
	struct world *w = *state;

	w->profile.absent = &no_radio;
	w->profile.absent_count = 1;
	requirement_is(w, "EDR 1.6", VERDICT_NOT_APPLICABLE, SETTLED_DECLARED,
		       "'wireless' declared absent by M. Curie: it has no "
		       "radio");
}

static void absence_does_not_hide_a_failed_check(void **state)
{
	struct world *w = *state;

	w->profile.absent = &no_radio;
	w->profile.absent_count = 1;
	world_verdict(w, "radio", "EDR 1.6", false);
	requirement_is(w, "EDR 1.6", VERDICT_NOT_APPLICABLE, SETTLED_DECLARED,
		       "'wireless' declared absent by M. Curie: it has no "
		       "radio; a check that names it failed: radio");
}

/* --- answers ------------------------------------------------------------------ */

static struct answer good_answer(void)
{
	return (struct answer){.met = true,
			       .statement = "the manual says so",
			       .who = "M. Curie",
			       .role = "product security",
			       .when = "2026-01-02",
			       .evidence = "answer.txt",
			       /* sha256 of "evidence\n" */
			       .evidence_sha256 = "bdcf4c994585af6dd6cb1cfbff78bcc73ab27dc"
						  "30a299db5bb83766ca05b5de4",
			       .reviewed_by = "L. Meitner",
			       .valid_until = "2026-01-31"};
}

static void answer_is(struct world *w, const struct answer *answer, enum verdict verdict,
		      enum why why, const char *reason)
{
	struct results *results;

	world_ask(w, "ask", "CR 1.1", answer);
	results = world_judge(w);
	assert_string_equal(results->checks[0].reason, reason);
	assert_string_equal(why_word(results->checks[0].why), why_word(why));
	assert_string_equal(verdict_word(results->checks[0].verdict), verdict_word(verdict));
	results_free(results);
}

static void reviewed_answer_passes_and_settles_by_answer(void **state)
{
	struct answer answer = good_answer();

	answer_is(*state, &answer, VERDICT_PASS, WHY_NONE,
		  "answered by M. Curie (product security) on 2026-01-02, "
		  "reviewed by L. Meitner: the manual says so");
	requirement_is(*state, "CR 1.1", VERDICT_PASS, SETTLED_ANSWER, "met: ask");
}

static void answer_not_met_fails(void **state)
{
	struct answer answer = good_answer();

	answer.met = false;
	answer.evidence = NULL;
	answer_is(*state, &answer, VERDICT_FAIL, WHY_NONE,
		  "answered as not met by M. Curie (product security) on "
		  "2026-01-02, reviewed by L. Meitner: the manual says so");
}

static void question_without_answer_is_not_tested(void **state)
{
	answer_is(*state, NULL, VERDICT_NOT_TESTED, WHY_NOT_ANSWERED,
		  "a person has to answer this and has not");
}

static void nameless_answer_is_none(void **state)
{
	struct answer answer = good_answer();

	answer.who = NULL;
	answer_is(*state, &answer, VERDICT_NOT_TESTED, WHY_NOT_ANSWERED,
		  "the answer does not say who gave it and when");
}

static void unreviewed_answer_does_not_count(void **state)
{
	struct answer answer = good_answer();

	answer.reviewed_by = NULL;
	answer_is(*state, &answer, VERDICT_NOT_TESTED, WHY_ANSWER_UNREVIEWED,
		  "answered by M. Curie on 2026-01-02, but reviewed by nobody");
}

static void own_review_does_not_count(void **state)
{
	struct answer answer = good_answer();

	answer.reviewed_by = answer.who;
	answer_is(*state, &answer, VERDICT_NOT_TESTED, WHY_ANSWER_UNREVIEWED,
		  "answered and reviewed by the same person, M. Curie");
}

static void expired_answer_does_not_count(void **state)
{
	struct answer answer = good_answer();

	answer.valid_until = "2026-01-30";
	answer_is(*state, &answer, VERDICT_NOT_TESTED, WHY_ANSWER_EXPIRED,
		  "the answer was valid until 2026-01-30");
}

static void unreadable_expiry_does_not_count(void **state)
{
	struct answer answer = good_answer();

	answer.valid_until = "next year";
	answer_is(*state, &answer, VERDICT_NOT_TESTED, WHY_ANSWER_EXPIRED,
		  "'next year' is not a day to compare with");
}

static void met_without_evidence_does_not_count(void **state)
{
	struct answer answer = good_answer();

	answer.evidence = NULL;
	answer_is(*state, &answer, VERDICT_NOT_TESTED, WHY_EVIDENCE_CHANGED,
		  "the answer names no evidence file");
}

static void evidence_without_hash_does_not_count(void **state)
{
	struct answer answer = good_answer();

	answer.evidence_sha256 = NULL;
	answer_is(*state, &answer, VERDICT_NOT_TESTED, WHY_EVIDENCE_CHANGED,
		  "the answer holds no SHA-256 of its evidence 'answer.txt'");
}

static void missing_evidence_does_not_count(void **state)
{
	struct world *w = *state;
	struct answer answer = good_answer();

	w->input.directory = "/nonexistent";
	answer_is(w, &answer, VERDICT_NOT_TESTED, WHY_EVIDENCE_CHANGED,
		  "the answer's evidence 'answer.txt' cannot be read");
}

/* Writes "evidence\n" and more behind it to the file. */
static void write_evidence(const char *path, const char *more)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fprintf(file, "evidence\n%s", more);
	fclose(file);
}

static void evidence_is_compared_with_what_it_was(void **state)
{
	struct world *w = *state;
	struct answer answer = good_answer();
	char folder[] = "/tmp/assay-answer-XXXXXX";
	char path[64], changed[160];

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/answer.txt", folder);
	write_evidence(path, "");
	answer.evidence = path;
	w->input.directory = "/nonexistent";
	answer_is(w, &answer, VERDICT_PASS, WHY_NONE,
		  "answered by M. Curie (product security) on 2026-01-02, "
		  "reviewed by L. Meitner: the manual says so");
	write_evidence(path, "more");
	w->plan.check_count = 0;
	snprintf(changed, sizeof(changed),
		 "the answer's evidence '%s' has changed since it was given", path);
	answer_is(w, &answer, VERDICT_NOT_TESTED, WHY_EVIDENCE_CHANGED, changed);
	unlink(path);
	rmdir(folder);
}

static void evidence_the_run_kept_counts_when_the_file_is_gone(void **state)
{
	struct world *w = *state;
	struct answer answer = good_answer();
	char folder[] = "/tmp/assay-answer-XXXXXX";
	char kept[64], path[160];

	assert_non_null(mkdtemp(folder));
	snprintf(kept, sizeof(kept), "%s/answers-evidence", folder);
	assert_int_equal(mkdir(kept, 0700), 0);
	snprintf(path, sizeof(path), "%s/%s", kept, answer.evidence_sha256);
	write_evidence(path, "");
	answer.evidence = "/nonexistent/answer.txt";
	w->input.directory = folder;
	answer_is(w, &answer, VERDICT_PASS, WHY_NONE,
		  "answered by M. Curie (product security) on 2026-01-02, "
		  "reviewed by L. Meitner: the manual says so");
	write_evidence(path, "more");
	w->plan.check_count = 0;
	answer_is(w, &answer, VERDICT_NOT_TESTED, WHY_EVIDENCE_CHANGED,
		  "the answer's evidence '/nonexistent/answer.txt' has changed "
		  "since it was given");
	unlink(path);
	rmdir(kept);
	rmdir(folder);
}

/* --- levels -------------------------------------------------------------------- */

static void interval_is(struct world *w, int fr, int proven, int ceiling)
{
	struct results *results = world_judge(w);

	assert_int_equal(results->levels[fr].proven, proven);
	assert_int_equal(results->levels[fr].ceiling, ceiling);
	results_free(results);
}

static void nothing_evaluated_is_zero_to_four(void **state)
{
	interval_is(*state, 1, 0, 4);
	interval_is(*state, 2, 0, 4);
}

static void met_requirements_prove_the_levels_that_select_them(void **state)
{
	struct world *w = *state;

	w->profile.absent = &no_radio;
	w->profile.absent_count = 1;
	world_verdict(w, "a", "CR 1.1", true);
	interval_is(w, 1, 1, 4);
	world_verdict(w, "b", "CR 1.1 RE(1)", true);
	interval_is(w, 1, 4, 4);
}

static void failed_enhancement_caps_below_its_level(void **state)
{
	struct world *w = *state;

	world_verdict(w, "b", "CR 1.1 RE(1)", false);
	interval_is(w, 1, 0, 1);
	world_verdict(w, "a", "CR 1.1", false);
	interval_is(w, 1, 0, 0);
}

static void only_not_applicable_proves_nothing(void **state)
{
	static const struct requirement radio = {.id = "X", .fr = 3, .lowest_level = 1};
	struct requirement_result result = {.requirement = &radio,
					    .verdict = VERDICT_NOT_APPLICABLE};
	struct world *w = *state;
	struct level_result levels[8];

	levels_compute(&result, 1, &w->profile, levels);
	assert_int_equal(levels[3].proven, 0);
	assert_int_equal(levels[3].ceiling, 4);
	assert_int_equal(levels[3].at[1].not_applicable, 1);
}

static void level_first_selected_high_follows_downward(void **state)
{
	world_verdict(*state, "a", "CR 5.1", true);
	interval_is(*state, 5, 4, 4);
	world_verdict(*state, "b", "CR 5.1", false);
	interval_is(*state, 5, 0, 2);
}

static void constraints_are_counted_without_a_level(void **state)
{
	struct results *results;

	world_verdict(*state, "a", "CCSC 1", true);
	results = world_judge(*state);
	assert_int_equal(results->levels[0].at[4].met, 1);
	assert_int_equal(results->levels[0].proven, 0);
	assert_int_equal(results->levels[1].at[4].met, 0);
	results_free(results);
}

static void counts_are_cumulative(void **state)
{
	struct results *results;

	world_verdict(*state, "a", "CR 1.1", true);
	world_verdict(*state, "b", "CR 1.1 RE(1)", false);
	results = world_judge(*state);
	assert_int_equal(results->levels[1].at[1].selected, 2);
	assert_int_equal(results->levels[1].at[1].met, 1);
	assert_int_equal(results->levels[1].at[1].not_evaluated, 1);
	assert_int_equal(results->levels[1].at[1].not_met, 0);
	assert_int_equal(results->levels[1].at[2].selected, 3);
	assert_int_equal(results->levels[1].at[2].not_met, 1);
	results_free(results);
}

/* --- CRA points ------------------------------------------------------------------ */

static void cra_is(struct world *w, size_t point, enum verdict verdict, const char *reason)
{
	struct results *results = world_judge(w);

	assert_string_equal(results->cra[point].reason, reason);
	assert_string_equal(verdict_word(results->cra[point].verdict), verdict_word(verdict));
	results_free(results);
}

static void covered_point_passes_and_says_what_is_open(void **state)
{
	struct world *w = *state;

	w->profile.absent = &no_radio;
	w->profile.absent_count = 1;
	world_verdict(w, "a", "CR 1.1", true);
	world_verdict(w, "b", "CR 1.1 RE(1)", true);
	cra_is(w, 0, VERDICT_PASS,
	       "2 of 3 mapped requirements and checks are met, the others do "
	       "not apply; left open: Reporting of access");
}

static void uncovered_point_never_passes(void **state)
{
	world_verdict(*state, "a", "CR 4.3", true);
	cra_is(*state, 1, VERDICT_NOT_TESTED,
	       "mapped requirements are met; left open: Secure delivery");
}

static void point_without_requirement_is_not_tested(void **state)
{
	cra_is(*state, 3, VERDICT_NOT_TESTED,
	       "no requirement of this component is mapped to it; left open: "
	       "All of it");
}

static void failed_requirement_fails_its_point(void **state)
{
	world_verdict(*state, "a", "CR 1.1", true);
	world_verdict(*state, "b", "CR 1.1 RE(1)", false);
	cra_is(*state, 0, VERDICT_FAIL,
	       "not met: CR 1.1 RE(1) (from level 2); left open: Reporting of "
	       "access");
}

static void unevaluated_requirements_are_named(void **state)
{
	world_verdict(*state, "a", "CR 1.1", true);
	cra_is(*state, 0, VERDICT_NOT_TESTED,
	       "not evaluated: CR 1.1 RE(1) (from level 2), EDR 1.6; left "
	       "open: Reporting of access");
}

static void check_named_for_a_point_counts_for_it(void **state)
{
	struct world *w = *state;
	struct planned_check *check;
	struct results *results;

	world_verdict(w, "a", "CR 7.1", true);
	check = world_verdict(w, "extra", NULL, false);
	w->checks[check - w->planned].cra = world_one(w, "I.2.h");
	results = world_judge(w);
	assert_string_equal(results->cra[2].reason, "not met: extra");
	assert_int_equal(results->cra[2].check_count, 1);
	assert_int_equal(results->cra[2].checks[0], 1);
	assert_string_equal(results->checks[0].cra[0], "I.2.h");
	assert_string_equal(results->checks[1].cra[0], "I.2.h");
	results_free(results);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(requirement_without_check_is_not_tested),
		T(requirement_of_another_component_is_no_result),
		T(requirement_with_every_check_passed_is_met),
		T(one_untested_check_leaves_the_requirement_open),
		T(one_failed_check_fails_the_requirement),
		T(several_failed_checks_are_all_named),
		T(declared_absence_is_not_applicable_with_name),
		T(absence_does_not_hide_a_failed_check),
		T(reviewed_answer_passes_and_settles_by_answer),
		T(answer_not_met_fails),
		T(question_without_answer_is_not_tested),
		T(nameless_answer_is_none),
		T(unreviewed_answer_does_not_count),
		T(own_review_does_not_count),
		T(expired_answer_does_not_count),
		T(unreadable_expiry_does_not_count),
		T(met_without_evidence_does_not_count),
		T(evidence_without_hash_does_not_count),
		T(missing_evidence_does_not_count),
		T(evidence_is_compared_with_what_it_was),
		T(evidence_the_run_kept_counts_when_the_file_is_gone),
		T(nothing_evaluated_is_zero_to_four),
		T(met_requirements_prove_the_levels_that_select_them),
		T(failed_enhancement_caps_below_its_level),
		T(only_not_applicable_proves_nothing),
		T(level_first_selected_high_follows_downward),
		T(constraints_are_counted_without_a_level),
		T(counts_are_cumulative),
		T(covered_point_passes_and_says_what_is_open),
		T(uncovered_point_never_passes),
		T(point_without_requirement_is_not_tested),
		T(failed_requirement_fails_its_point),
		T(unevaluated_requirements_are_named),
		T(check_named_for_a_point_counts_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
