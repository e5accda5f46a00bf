/*
 * judge: plan + journal -> results. Pure: the same plan and journal give the
 * same results; no clock, no network, no file but the journal already read and
 * (for plots) the run directory's evidence files.
 */
#ifndef ASSAY_JUDGE_JUDGE_H
#define ASSAY_JUDGE_JUDGE_H

#include "harness/model/journal_text.h"
#include "harness/model/results.h"
#include "harness/plan/plan.h"

struct judge_input {
	const struct plan *plan;
	const struct journal_text *journal;
	const char *directory; /* run directory, or NULL: no plots, and answers'
	                        * evidence is not looked at */
	const char *today;     /* "2026-01-31": answers' valid_until is compared with
	                    * it; the run's day when judging a run */
	/* what was found of the run directory's integrity: lines for the report; NULL: none */
	const struct setting_text *found;
	size_t found_count;
};

/* Returns the results; release with results_free(). Borrows plan's profile and
 * catalogue. */
struct results *judge(const struct judge_input *input);
void results_free(struct results *results);

/* --- the parts, for tests ------------------------------------------------ */

/* Judges one line against the facts: 1 holds, 0 does not, -1 not observed. */
int expectation_holds(const struct expectation *expectation, const struct facts *facts);
/* What a check's lines alone say of these facts: PASS, FAIL or INCONCLUSIVE. For
 * the live display; judge() knows the journal as well. */
enum verdict judge_lines_alone(const struct planned_check *check, const struct facts *facts);
/* Fills proven, ceiling and counts of every FR from the requirement results. */
void levels_compute(const struct requirement_result *requirements, size_t count,
		    const struct profile *profile, struct level_result ret[8]);

#endif
