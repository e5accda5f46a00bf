/*
 * judge_parts: how the files of this folder share the work of judge(). Nothing
 * outside the folder includes it.
 */
#ifndef ASSAY_JUDGE_JUDGE_PARTS_H
#define ASSAY_JUDGE_JUDGE_PARTS_H

#include "harness/judge/judge.h"
#include "harness/model/journal_word.h"
#include <stdbool.h>
#include <stddef.h>

/* What the journal says about one planned observation. */
struct attempt {
	const json_t *last; /* its last 'observation' record, or NULL */
	int count;          /* 'observation' records */
	bool begun;         /* there is a 'begin' record */
	enum why trouble;   /* WHY_DEVICE_LOST, WHY_BLOCKED or WHY_WRONG_DEVICE: the
	                     * device was not itself while it ran; else WHY_NONE */
	const char *trouble_reason;
	const struct attempt *before; /* an earlier complete one, or NULL */
};

/* One call of judge(); the results grow in it. */
struct judging {
	const struct judge_input *input;
	const struct plan *plan;
	struct arena *arena; /* the results' */
	struct results *results;
	const struct attempt *attempts; /* one per plan->observations */
	bool quarantined;               /* as the journal ends */
	bool other_suites;              /* the run was made with other suites */
	struct check_result *checks;    /* results->checks, while they grow */
};

/* Who calls whom: judge.c everybody; check.c attempt.c, answer.c and cra_of_check();
 * everybody what stands last here: settle.c, expectation.c and record.c, which
 * call nobody. */

/* Reads the journal into one attempt per observation of the plan. */
const struct attempt *attempts_read(struct judging *judging);
/* Run, end, environment, refusals, device events and monitors. */
void circumstances_read(struct judging *judging);
void check_judge(struct judging *judging, const struct planned_check *planned,
		 struct check_result *ret);
/* Judges an ask by the answer that the profile holds. */
void answer_judge(struct judging *judging, const struct planned_check *planned,
		  struct check_result *ret);
void requirements_judge(struct judging *judging);
void cra_judge(struct judging *judging);
/* The CRA points of a check: by its requirements and by name; NULL ends. */
const char *const *cra_of_check(struct judging *judging, const struct check *check);
void plots_read(struct judging *judging);

void check_settle(struct check_result *check, enum verdict verdict, enum why why,
		  const char *reason);
/* True if the list, ended by NULL or NULL itself, holds the word. */
bool list_has(const char *const *list, const char *word);

/* "a, b, c and 4 more", each made printable; "none" for none. */
char *sentence_list(struct arena *arena, const char *const *items, size_t count);
/* The fact's value, short enough for a sentence, or NULL: not observed. */
char *expectation_saw(struct arena *arena, const struct expectation *expectation,
		      const struct facts *facts);
/* True if the number, or one of the numbers, of an 'at-least' line lies below the size, or
 * above it for 'at-most'. */
bool expectation_beyond(const struct expectation *expectation, const struct fact *saw,
			const char *size);
/* "expected locked is true, saw false" for a line that does not hold. */
char *expectation_failure(struct arena *arena, const struct expectation *expectation,
			  const struct facts *facts);

/* A record's text member, or NULL. */
const char *record_text(const json_t *record, const char *name);
bool record_is(const json_t *record, const char *type);
/* Fills ret_count files from an 'evidence' member: one object or a list. */
const struct evidence *record_evidence(struct arena *arena, const json_t *list, size_t *ret_count);

#endif
