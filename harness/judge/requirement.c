/* requirement: the verdicts of a requirement's checks -> its own. */
#include "harness/judge/judge_parts.h"

#include <string.h>

#include "harness/banned.h"

static const struct absence *declared_absent(const struct profile *profile, const char *condition)
{
	size_t i;

	for (i = 0; condition != NULL && i < profile->absent_count; i++) {
		if (strcmp(profile->absent[i].condition, condition) == 0) {
			return &profile->absent[i];
		}
	}
	return NULL;
}

static void collect_checks(struct judging *judging, struct requirement_result *ret)
{
	int *checks = NULL;
	size_t i;

	for (i = 0; i < judging->results->check_count; i++) {
		if (list_has(judging->checks[i].requirements, ret->requirement->id)) {
			*(int *)arena_push(judging->arena, &checks, &ret->check_count,
					   sizeof(int)) = (int)i;
		}
	}
	ret->checks = checks;
}

/* Ids of the checks with this verdict; *ret_first is the first of them. */
static char *deciding(struct judging *judging, const struct requirement_result *result,
		      enum verdict verdict, const struct check_result **ret_first)
{
	const char **ids = arena_alloc(judging->arena, (result->check_count + 1) * sizeof(*ids));
	const struct check_result *check;
	size_t i, count = 0;

	*ret_first = NULL;
	for (i = 0; i < result->check_count; i++) {
		check = &judging->checks[result->checks[i]];
		if (check->verdict == verdict) {
			*ret_first = *ret_first == NULL ? check : *ret_first;
			ids[count++] = check->id;
		}
	}
	return sentence_list(judging->arena, ids, count);
}

static enum settled settled_by(struct judging *judging, const struct requirement_result *result)
{
	const struct check_result *check;
	enum settled settled = SETTLED_NOT;
	size_t i;

	if (result->verdict != VERDICT_PASS && result->verdict != VERDICT_FAIL) {
		return SETTLED_NOT;
	}
	for (i = 0; i < result->check_count; i++) {
		check = &judging->checks[result->checks[i]];
		if (check->verdict != result->verdict) {
			continue;
		}
		if (check->ask == NULL) {
			return SETTLED_TEST;
		}
		settled = SETTLED_ANSWER;
	}
	return settled;
}

static void judge_absent(struct judging *judging, const struct absence *absence,
			 struct requirement_result *ret)
{
	struct arena *arena = judging->arena;
	const struct check_result *failed;
	const char *reason = absence->reason == NULL ? "no reason given" : absence->reason;
	const char *by = absence->declared_by == NULL ? "the profile" : absence->declared_by;
	char *ids = deciding(judging, ret, VERDICT_FAIL, &failed);

	ret->verdict = VERDICT_NOT_APPLICABLE;
	ret->why = WHY_NONE;
	ret->settled = SETTLED_DECLARED;
	ret->reason = arena_printf(arena, "'%s' declared absent by %s: %s", absence->condition, by,
				   reason);
	if (failed != NULL) {
		ret->reason = arena_printf(arena, "%s; a check that names it failed: %s",
					   ret->reason, ids);
	}
}

static enum verdict worst_check(struct judging *judging, const struct requirement_result *result)
{
	enum verdict worst = VERDICT_NOT_APPLICABLE;
	size_t i;

	for (i = 0; i < result->check_count; i++) {
		worst = verdict_worst(worst, judging->checks[result->checks[i]].verdict);
	}
	return worst;
}

static void judge_checks(struct judging *judging, struct requirement_result *ret)
{
	struct arena *arena = judging->arena;
	const struct check_result *first;
	enum verdict worst = worst_check(judging, ret);
	char *ids = deciding(judging, ret, worst, &first);

	ret->verdict = worst;
	ret->why = first->why;
	ret->settled = settled_by(judging, ret);
	if (worst == VERDICT_NOT_APPLICABLE) {
		/* only the profile's absence of this very requirement can say
		 * so, and it did not */
		ret->verdict = VERDICT_NOT_TESTED;
		ret->why = WHY_NO_CHECK;
		ret->reason = arena_printf(arena, "its checks do not apply here: %s", ids);
	} else if (worst == VERDICT_PASS) {
		ret->reason = arena_printf(arena, "met: %s", ids);
	} else if (strcmp(ids, first->id) == 0) {
		ret->reason = arena_printf(arena, "%s: %s", first->id, first->reason);
	} else {
		ret->reason = arena_printf(arena, "%s; the first: %s", ids, first->reason);
	}
}

static void requirement_judge(struct judging *judging, const struct requirement *requirement,
			      struct requirement_result *ret)
{
	const struct absence *absence =
		declared_absent(judging->plan->profile, requirement->condition);

	ret->requirement = requirement;
	collect_checks(judging, ret);
	if (absence != NULL) {
		judge_absent(judging, absence, ret);
	} else if (ret->check_count == 0) {
		ret->verdict = VERDICT_NOT_TESTED;
		ret->why = WHY_NO_CHECK;
		ret->reason = why_sentence(WHY_NO_CHECK);
	} else {
		judge_checks(judging, ret);
	}
}

void requirements_judge(struct judging *judging)
{
	const struct catalogue *catalogue = judging->plan->catalogue;
	const char *component = judging->plan->profile->component;
	struct requirement_result *all = NULL;
	size_t i, count = 0;

	for (i = 0; i < catalogue->requirement_count; i++) {
		if (requirement_applies(&catalogue->requirements[i], component)) {
			requirement_judge(judging, &catalogue->requirements[i],
					  arena_push(judging->arena, &all, &count, sizeof(*all)));
		}
	}
	judging->results->requirements = all;
	judging->results->requirement_count = count;
}
