/* check: one planned check and what its observation saw -> one verdict with a
 * reason that is a sentence. */
#include "harness/judge/judge_parts.h"
#include "harness/judge/unseen.h"

#include <string.h>

#include "harness/banned.h"

#define LOST_WHILE "the device was lost while this ran, so what was seen proves nothing"
#define BLOCKED_WHILE                                                            \
	"the device let the tester in no more while this ran, so what was seen " \
	"proves nothing"
#define OTHER_WHILE                                                        \
	"another device answered while this ran, so what was seen proves " \
	"nothing"

/* --- what the record says ------------------------------------------------ */

static void facts_read(struct judging *judging, const struct fact_def *defs, const json_t *record,
		       struct facts *ret)
{
	const json_t *saw = json_object_get(record, "facts"), *value;
	const struct fact_def *def;
	struct fact fact, *all = NULL;
	size_t count = 0;

	/* a fact of the wrong type stays out: not observed, never a PASS */
	for (def = defs; def != NULL && def->name != NULL; def++) {
		value = json_object_get(saw, def->name);
		if (value != NULL && fact_from_json(judging->arena, def, value, &fact, NULL) == 0) {
			*(struct fact *)arena_push(judging->arena, &all, &count, sizeof(fact)) =
				fact;
		}
	}
	*ret = (struct facts){all, count};
}

/* --- the lines ------------------------------------------------------------ */

struct lines_seen { /* of the given or the expect lines */
	size_t held;
	char *broken; /* sentences of those that do not hold, or NULL */
	char *unseen; /* texts of those not observed, or NULL */
	char *seen;   /* what held, with the value seen */
};

static char *joined(struct arena *arena, char *before, const char *next)
{
	return before == NULL ? arena_strdup(arena, next)
			      : arena_printf(arena, "%s; %s", before, next);
}

static void line_look(struct arena *arena, struct lines_seen *lines, const struct expectation *line,
		      const struct facts *facts)
{
	switch (expectation_holds(line, facts)) {
	case 1:
		lines->held++;
		lines->seen = joined(arena, lines->seen,
				     arena_printf(arena, "%s, saw %s", line->text,
						  expectation_saw(arena, line, facts)));
		break;
	case 0:
		lines->broken =
			joined(arena, lines->broken, expectation_failure(arena, line, facts));
		break;
	default:
		lines->unseen = joined(arena, lines->unseen, line->text);
	}
}

static struct lines_seen lines_look(struct arena *arena, const struct expectation *lines,
				    size_t count, const struct facts *facts)
{
	struct lines_seen seen = {.held = 0};
	size_t i;

	for (i = 0; i < count; i++) {
		line_look(arena, &seen, &lines[i], facts);
	}
	return seen;
}

static void lines_fill(struct arena *arena, const struct planned_check *planned,
		       struct check_result *ret)
{
	const struct {
		enum line_role role;
		const struct expectation *lines;
		size_t count;
	} lists[] = {{LINE_GIVEN, planned->given, planned->given_count},
		     {LINE_COMPLETE, planned->complete, planned->complete_count},
		     {LINE_EXPECT, planned->expect, planned->expect_count}};
	size_t i, j, count = planned->given_count + planned->complete_count + planned->expect_count;
	struct line_result *lines = arena_alloc(arena, (count + 1) * sizeof(*lines));

	ret->lines = lines;
	ret->line_count = count;
	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		for (j = 0; j < lists[i].count; j++, lines++) {
			const struct expectation *from = &lists[i].lines[j];

			lines->text = arena_strdup(arena, from->text);
			lines->role = lists[i].role;
			lines->held = expectation_holds(from, &ret->facts);
			lines->saw = expectation_saw(arena, from, &ret->facts);
		}
	}
}

static bool seen_in(const struct fact *fact, const struct expectation *line,
		    const struct legacy *legacy)
{
	size_t i;

	if (fact->type == FACT_TEXT) {
		return strcmp(fact->text, legacy->value) == 0;
	}
	if (fact->type == FACT_LIST && line->value.type == FACT_LIST) {
		for (i = 0; i < fact->list_count; i++) {
			if (strcmp(fact->list[i], legacy->value) == 0) {
				return true;
			}
		}
		return false;
	}
	return expectation_beyond(line, fact, legacy->value);
}

/* What is legacy to a policy and was seen: "asks: hmac-sha1 (IETF ...)". It changes no
 * verdict. NULL: nothing of it was seen. */
static const char *asks(struct arena *arena, const struct planned_check *planned,
			const struct facts *facts)
{
	char *text = NULL;
	size_t i, j;

	for (i = 0; i < planned->expect_count; i++) {
		const struct expectation *line = &planned->expect[i];
		const struct fact *fact = facts_find(facts, line->def->name);

		for (j = 0; fact != NULL && j < line->legacy_count; j++) {
			const struct legacy *legacy = &line->legacy[j];

			if (seen_in(fact, line, legacy)) {
				text = joined(
					arena, text,
					arena_printf(arena, "%s %s%s (%s)", line->def->name,
						     line->value.type == FACT_LIST ? "" : "below ",
						     legacy->value, legacy->source));
			}
		}
	}
	return text == NULL ? NULL : arena_printf(arena, "asks about what is legacy: %s", text);
}

/* Another device, or none, may have answered. */
static void judge_troubled(struct judging *judging, const struct attempt *attempt,
			   struct check_result *ret)
{
	const char *what = attempt->trouble == WHY_WRONG_DEVICE ? OTHER_WHILE
			   : attempt->trouble == WHY_BLOCKED    ? BLOCKED_WHILE
								: LOST_WHILE;
	const char *reason = attempt->trouble_reason;

	if (reason != NULL && reason[0] != '\0') {
		what = arena_printf(judging->arena, "%s: %s", what, reason);
	}
	check_settle(ret, VERDICT_INCONCLUSIVE, attempt->trouble, what);
}

/* All expectations were seen to hold: still no PASS if the device was not
 * itself meanwhile, or the tester could not see. */
static void judge_held(struct judging *judging, const struct planned_check *planned,
		       const struct attempt *attempt, const struct lines_seen *expect,
		       struct check_result *ret)
{
	const char *what;

	if (attempt->trouble != WHY_NONE) {
		judge_troubled(judging, attempt, ret);
		return;
	}
	what = unseen_doubt(judging, &judging->plan->observations[planned->observation], ret);
	if (what != NULL) {
		check_settle(ret, VERDICT_INCONCLUSIVE, WHY_TESTER_DROPPED, what);
		return;
	}
	what = expect->held == 1
		       ? "the expectation held"
		       : arena_printf(judging->arena, "all %zu expectations held", expect->held);
	check_settle(ret, VERDICT_PASS, WHY_NONE,
		     arena_printf(judging->arena, "%s: %s", what, expect->seen));
}

static void judge_lines(struct judging *judging, const struct planned_check *planned,
			const struct attempt *attempt, struct check_result *ret)
{
	struct arena *arena = judging->arena;
	struct lines_seen given =
		lines_look(arena, planned->given, planned->given_count, &ret->facts);
	struct lines_seen complete =
		lines_look(arena, planned->complete, planned->complete_count, &ret->facts);
	struct lines_seen expect =
		lines_look(arena, planned->expect, planned->expect_count, &ret->facts);

	if (attempt->trouble == WHY_WRONG_DEVICE) {
		judge_troubled(judging, attempt, ret);
	} else if (given.broken != NULL) {
		check_settle(ret, VERDICT_INCONCLUSIVE, WHY_CONTROL_FAILED,
			     arena_printf(arena, "control did not hold: %s", given.broken));
	} else if (given.unseen != NULL) {
		check_settle(ret, VERDICT_INCONCLUSIVE, WHY_CONTROL_FAILED,
			     arena_printf(arena, "control was not observed: %s", given.unseen));
	} else if (expect.broken != NULL) {
		check_settle(ret, VERDICT_FAIL, WHY_NONE, expect.broken);
	} else if (complete.broken != NULL) {
		check_settle(
			ret, VERDICT_INCONCLUSIVE, WHY_NOT_OBSERVED,
			arena_printf(arena, "not everything was looked at: %s", complete.broken));
	} else if (complete.unseen != NULL) {
		check_settle(ret, VERDICT_INCONCLUSIVE, WHY_NOT_OBSERVED,
			     arena_printf(arena, "not observed: %s", complete.unseen));
	} else if (expect.unseen != NULL) {
		check_settle(ret, VERDICT_INCONCLUSIVE, WHY_NOT_OBSERVED,
			     arena_printf(arena, "not observed: %s", expect.unseen));
	} else if (expect.held == 0) {
		check_settle(ret, VERDICT_INCONCLUSIVE, WHY_NOT_OBSERVED,
			     "the check expects nothing");
	} else {
		judge_held(judging, planned, attempt, &expect, ret);
	}
}

/* True if the line is broken for good: looking on could only add to what breaks
 * it. */
static bool broken_for_good(const struct expectation *line, const struct facts *facts)
{
	bool list = line->def->type == FACT_LIST;
	bool settled = line->op == OP_EXCLUDES || line->op == OP_SUBSET_OF ||
		       (list && (line->op == OP_AT_LEAST || line->op == OP_AT_MOST)) ||
		       (line->op == OP_IS && line->def->type == FACT_BOOL && !line->value.yes);

	return settled && expectation_holds(line, facts) == 0;
}

/* A probe that gave up proves nothing, but what it had seen to break the
 * criterion stands. Returns true where it settled the check. */
static bool judge_what_stands(struct judging *judging, const struct planned_check *planned,
			      const struct attempt *attempt, struct check_result *ret)
{
	struct arena *arena = judging->arena;
	struct lines_seen given =
		lines_look(arena, planned->given, planned->given_count, &ret->facts);
	char *broken = NULL;
	size_t i;

	if (attempt->trouble == WHY_WRONG_DEVICE || given.held < planned->given_count) {
		return false;
	}
	for (i = 0; i < planned->expect_count; i++) {
		if (broken_for_good(&planned->expect[i], &ret->facts)) {
			broken = joined(
				arena, broken,
				expectation_failure(arena, &planned->expect[i], &ret->facts));
		}
	}
	if (broken != NULL) {
		check_settle(ret, VERDICT_FAIL, WHY_NONE, broken);
	}
	return broken != NULL;
}

/* --- the outcome ----------------------------------------------------------- */

/* What a probe took for a dead device was one that lets the tester in no more, where
 * the look behind it said so. */
static bool judge_blocked(struct judging *judging, const struct attempt *attempt, int why,
			  const char *reason, struct check_result *ret)
{
	if (attempt->trouble != WHY_BLOCKED ||
	    (why != WHY_DEVICE_LOST && why != WHY_CONNECT_FAILED)) {
		return false;
	}
	check_settle(ret, VERDICT_INCONCLUSIVE, WHY_BLOCKED,
		     arena_printf(judging->arena, "%s; %s", reason,
				  attempt->trouble_reason == NULL ? "" : attempt->trouble_reason));
	return true;
}

static void judge_record(struct judging *judging, const struct planned_check *planned,
			 const struct attempt *attempt, struct check_result *ret)
{
	int outcome = child_outcome_from_word(record_text(attempt->last, "outcome"));
	const char *word = record_text(attempt->last, "why");
	const char *reason = arena_strdup(judging->arena, record_text(attempt->last, "reason"));
	int why = word == NULL ? -1 : why_from_word(word);

	if (outcome == CHILD_COMPLETE) {
		judge_lines(judging, planned, attempt, ret);
	} else if (outcome == CHILD_GAVE_UP) {
		if (why != WHY_WRONG_DEVICE && judge_what_stands(judging, planned, attempt, ret)) {
			return;
		}
		if (judge_blocked(judging, attempt, why, reason, ret)) {
			return;
		}
		check_settle(ret,
			     why == WHY_NO_PRIVILEGE || why == WHY_NOT_DECLARED
				     ? VERDICT_NOT_TESTED
				     : VERDICT_INCONCLUSIVE,
			     why <= WHY_NONE ? WHY_NOT_OBSERVED : (enum why)why, reason);
	} else if (outcome == CHILD_ERROR) {
		check_settle(ret, VERDICT_ERROR, why <= WHY_NONE ? WHY_PROBE_FAILED : (enum why)why,
			     reason);
	} else {
		check_settle(ret, VERDICT_ERROR, WHY_BROKEN_REPORT,
			     "the journal's record has no known outcome");
	}
}

static void judge_unreached(struct judging *judging, const struct attempt *attempt,
			    struct check_result *ret)
{
	int end = stop_from_word(judging->results->end_reason);

	if (judging->quarantined) {
		check_settle(ret, VERDICT_NOT_TESTED, WHY_QUARANTINED, NULL);
		return;
	}
	if (judging->other_suites) {
		check_settle(ret, VERDICT_NOT_TESTED, WHY_NOT_REACHED,
			     "the run did not look at this, and the suites "
			     "have changed since; a new run does");
		return;
	}
	check_settle(ret, VERDICT_NOT_TESTED, WHY_NOT_REACHED,
		     attempt->begun ? "the run ended while it ran; run the same "
				      "directory again"
				    : "the run has not come to this; run the "
				      "same directory again");
	if (!attempt->begun && end >= 0) {
		ret->reason = stop_sentence((enum stop)end);
	}
}

/* What an earlier attempt has seen to be broken for good stands, however well the
 * later one went. */
static void judge_before(struct judging *judging, const struct planned_check *planned,
			 const struct attempt *before, struct check_result *ret)
{
	const struct observation *observation = &judging->plan->observations[planned->observation];
	struct check_result earlier = *ret;

	if (before == NULL || before->trouble == WHY_NONE || ret->verdict == VERDICT_FAIL) {
		return;
	}
	facts_read(judging, observation->probe->facts, before->last, &earlier.facts);
	if (judge_what_stands(judging, planned, before, &earlier)) {
		*ret = earlier;
	}
}

static void judge_observed(struct judging *judging, const struct planned_check *planned,
			   struct check_result *ret)
{
	const struct observation *observation = &judging->plan->observations[planned->observation];
	const struct attempt *attempt = &judging->attempts[planned->observation];
	const json_t *record = attempt->last;

	if (observation->why != WHY_NONE) {
		check_settle(ret, VERDICT_NOT_TESTED, observation->why,
			     arena_strdup(judging->arena, observation->reason));
		return;
	}
	if (record == NULL) {
		judge_unreached(judging, attempt, ret);
		return;
	}
	facts_read(judging, observation->probe->facts, record, &ret->facts);
	ret->evidence = record_evidence(judging->arena, json_object_get(record, "evidence"),
					&ret->evidence_count);
	ret->started = arena_strdup(judging->arena, record_text(record, "started"));
	ret->seconds = json_number_value(json_object_get(record, "seconds"));
	ret->attempts = attempt->count;
	judge_record(judging, planned, attempt, ret);
	judge_before(judging, planned, attempt->before, ret);
}

/* --- who it is ------------------------------------------------------------- */

/* One word for a POSIX shell. */
static char *shell_word(struct arena *arena, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789@%+=:,./_-";
	const char *at, *next;
	char *word;

	if (text[0] != '\0' && text[strspn(text, plain)] == '\0') {
		return arena_strdup(arena, text);
	}
	word = arena_strdup(arena, "'");
	for (at = text; (next = strchr(at, '\'')) != NULL; at = next + 1) {
		word = arena_printf(arena, "%s%.*s'\\''", word, (int)(next - at), at);
	}
	return arena_printf(arena, "%s%s'", word, at);
}

static const char *const *copy_list(struct arena *arena, const char *const *list)
{
	size_t i, count = 0;
	const char **copy;

	while (list != NULL && list[count] != NULL) {
		count++;
	}
	copy = arena_alloc(arena, (count + 1) * sizeof(*copy));
	for (i = 0; i < count; i++) {
		copy[i] = arena_strdup(arena, list[i]);
	}
	return copy;
}

static const struct check_figures *copy_figures(struct arena *arena,
						const struct check_figures *figures)
{
	struct check_figures *copy;

	if (figures == NULL) {
		return NULL;
	}
	copy = arena_alloc(arena, sizeof(*copy));
	*copy = *figures;
	return copy;
}

static void fill_observation(struct judging *judging, const struct planned_check *planned,
			     struct check_result *ret)
{
	const struct observation *observation;

	if (planned->observation < 0) {
		return;
	}
	observation = &judging->plan->observations[planned->observation];
	ret->observation = arena_strdup(judging->arena, observation->id);
	ret->impact = observation->probe->impact;
	ret->fact_defs = observation->probe->facts;
}

static void fill_identity(struct judging *judging, const struct planned_check *planned,
			  struct check_result *ret)
{
	struct arena *arena = judging->arena;
	const struct check *check = planned->check;

	ret->id = arena_strdup(arena, planned->id);
	ret->title = arena_strdup(arena, check->title);
	ret->suite = arena_strdup(arena, check->suite);
	ret->probe = arena_strdup(arena, check->probe);
	ret->ask = arena_strdup(arena, check->ask);
	ret->service = planned->service == NULL ? NULL : planned->service->name;
	ret->function = planned->function == NULL ? NULL : planned->function->name;
	ret->requirements = copy_list(arena, check->requirements);
	ret->cra = cra_of_check(judging, check);
	ret->answer = planned->answer;
	ret->reproduce = arena_printf(arena, "assay run %s --only %s -o DIR",
				      shell_word(arena, judging->plan->profile->path),
				      shell_word(arena, planned->id));
	ret->figures = copy_figures(arena, figures_of(judging->plan->suites->figures, check->id));
	fill_observation(judging, planned, ret);
}

void check_judge(struct judging *judging, const struct planned_check *planned,
		 struct check_result *ret)
{
	fill_identity(judging, planned, ret);
	if (planned->not_applicable) {
		check_settle(ret, VERDICT_NOT_APPLICABLE, WHY_NONE,
			     arena_strdup(judging->arena, planned->reason));
	} else if (planned->why != WHY_NONE) {
		check_settle(ret, VERDICT_NOT_TESTED, planned->why,
			     arena_strdup(judging->arena, planned->reason));
	} else if (planned->check->ask != NULL) {
		answer_judge(judging, planned, ret);
	} else if (planned->observation < 0) {
		BUG("check '%s' has no observation and no reason", planned->id);
	} else {
		judge_observed(judging, planned, ret);
	}
	lines_fill(judging->arena, planned, ret);
	if (ret->verdict == VERDICT_PASS || ret->verdict == VERDICT_FAIL) {
		ret->note = asks(judging->arena, planned, &ret->facts);
	}
}
