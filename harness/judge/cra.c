/*
 * cra: requirement verdicts -> what they say about each point of the Cyber
 * Resilience Act. Meeting the mapped requirements is a PASS only where they
 * cover the point; what they leave open is said every time.
 */
#include "harness/judge/judge_parts.h"

#include <string.h>

#include "harness/banned.h"

struct point_sum {
	enum verdict worst;
	size_t counted; /* requirements and extra checks */
	int passed;
	const char **deciding; /* what has the worst verdict */
	size_t deciding_count;
};

static const struct requirement_result *result_of(const struct results *results, const char *id)
{
	size_t i;

	for (i = 0; i < results->requirement_count; i++) {
		if (strcmp(results->requirements[i].requirement->id, id) == 0) {
			return &results->requirements[i];
		}
	}
	return NULL;
}

static void sum_add(struct arena *arena, struct point_sum *sum, const char *name,
		    enum verdict verdict)
{
	sum->counted++;
	sum->passed += verdict == VERDICT_PASS;
	if (verdict > sum->worst || sum->deciding == NULL) {
		sum->worst = verdict;
		sum->deciding = NULL;
		sum->deciding_count = 0;
	}
	if (verdict == sum->worst) {
		*(const char **)arena_push(arena, &sum->deciding, &sum->deciding_count,
					   sizeof(name)) = name;
	}
}

static void count_requirement(struct cra_result *ret, enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_NOT_APPLICABLE:
		ret->not_applicable++;
		break;
	case VERDICT_PASS:
		ret->met++;
		break;
	case VERDICT_FAIL:
		ret->not_met++;
		break;
	default:
		ret->not_evaluated++;
	}
}

static void sum_requirements(struct judging *judging, struct point_sum *sum, struct cra_result *ret)
{
	const char *const *id;
	const struct requirement_result *result;
	const char *name;

	for (id = ret->point->requirements; id != NULL && *id != NULL; id++) {
		result = result_of(judging->results, *id);
		if (result == NULL) {
			continue; /* another component's */
		}
		/* an enhancement that only a high level selects is seen as
		 * such by the reader */
		name = result->requirement->lowest_level > 1
			       ? arena_printf(judging->arena, "%s (from level %d)", *id,
					      result->requirement->lowest_level)
			       : *id;
		count_requirement(ret, result->verdict);
		sum_add(judging->arena, sum, name, result->verdict);
	}
}

static void sum_checks(struct judging *judging, struct point_sum *sum, struct cra_result *ret)
{
	const struct plan *plan = judging->plan;
	const struct check_result *check;
	int *checks = NULL;
	size_t i;

	for (i = 0; i < plan->check_count; i++) {
		if (!list_has(plan->checks[i].check->cra, ret->point->id)) {
			continue;
		}
		check = &judging->checks[i];
		*(int *)arena_push(judging->arena, &checks, &ret->check_count, sizeof(int)) =
			(int)i;
		sum_add(judging->arena, sum, check->id, check->verdict);
	}
	ret->checks = checks;
}

/* "; left open: ..." or "". */
static const char *left_open(struct arena *arena, const struct cra_point *point)
{
	size_t size;

	if (point->gap == NULL || point->gap[0] == '\0') {
		return "";
	}
	size = strlen(point->gap);
	size -= point->gap[size - 1] == '.';
	return arena_printf(arena, "; left open: %.*s", (int)size, point->gap);
}

/* Everything mapped is met: is the point? */
static void judge_met(struct arena *arena, const struct point_sum *sum, struct cra_result *ret)
{
	const char *open = left_open(arena, ret->point);

	if (strcmp(ret->point->coverage, "good") == 0) {
		ret->verdict = VERDICT_PASS;
		ret->reason = arena_printf(arena,
					   "%d of %zu mapped requirements and checks are "
					   "met, the others do not apply%s",
					   sum->passed, sum->counted, open);
		return;
	}
	ret->verdict = VERDICT_NOT_TESTED;
	ret->reason =
		arena_printf(arena, "mapped requirements are met%s",
			     open[0] != '\0' ? open : "; IEC 62443-4-2 covers this point in part");
}

static void judge_tally(struct arena *arena, const struct point_sum *sum, struct cra_result *ret)
{
	static const char *const what[VERDICT_COUNT] = {
		[VERDICT_NOT_TESTED] = "not evaluated",
		[VERDICT_INCONCLUSIVE] = "inconclusive",
		[VERDICT_ERROR] = "broken",
		[VERDICT_FAIL] = "not met",
	};
	const char *open = left_open(arena, ret->point);

	ret->verdict = VERDICT_NOT_TESTED;
	if (sum->counted == 0) {
		ret->reason = arena_printf(arena,
					   "no requirement of this component is mapped to "
					   "it%s",
					   open);
	} else if (sum->passed == 0 && sum->worst == VERDICT_NOT_APPLICABLE) {
		ret->reason = arena_printf(arena,
					   "every mapped requirement is declared not "
					   "applicable%s",
					   open);
	} else if (sum->worst <= VERDICT_PASS) {
		judge_met(arena, sum, ret);
	} else {
		ret->verdict = sum->worst;
		ret->reason = arena_printf(arena, "%s: %s%s", what[sum->worst],
					   sentence_list(arena, sum->deciding, sum->deciding_count),
					   open);
	}
}

void cra_judge(struct judging *judging)
{
	const struct catalogue *catalogue = judging->plan->catalogue;
	struct cra_result *all =
		arena_alloc(judging->arena, (catalogue->cra_count + 1) * sizeof(*all));
	struct point_sum sum;
	size_t i;

	for (i = 0; i < catalogue->cra_count; i++) {
		sum = (struct point_sum){.worst = VERDICT_NOT_APPLICABLE};
		all[i].point = &catalogue->cra[i];
		sum_requirements(judging, &sum, &all[i]);
		sum_checks(judging, &sum, &all[i]);
		judge_tally(judging->arena, &sum, &all[i]);
	}
	judging->results->cra = all;
	judging->results->cra_count = catalogue->cra_count;
}

static bool crosswalk_has(const struct cra_point *point, const char *const *requirements)
{
	for (; requirements != NULL && *requirements != NULL; requirements++) {
		if (list_has(point->requirements, *requirements)) {
			return true;
		}
	}
	return false;
}

const char *const *cra_of_check(struct judging *judging, const struct check *check)
{
	const struct catalogue *catalogue = judging->plan->catalogue;
	const char **ids = arena_alloc(judging->arena, (catalogue->cra_count + 1) * sizeof(*ids));
	size_t i, count = 0;

	for (i = 0; i < catalogue->cra_count; i++) {
		if (list_has(check->cra, catalogue->cra[i].id) ||
		    crosswalk_has(&catalogue->cra[i], check->requirements)) {
			ids[count++] = catalogue->cra[i].id;
		}
	}
	return ids;
}
