/*
 * level: requirement verdicts -> one interval per foundational requirement.
 * proven: everything selected up to this level is met or not applicable, and
 * something is met. ceiling: nothing selected up to this level has failed.
 */
#include "harness/judge/judge.h"

#include "harness/banned.h"

#define TOP_LEVEL 4

static const char *const names[8] = {
	"common component security constraints",
	"identification and authentication control",
	"use control",
	"system integrity",
	"data confidentiality",
	"restricted data flow",
	"timely response to events",
	"resource availability",
};

static void count_at(struct level_count *at, enum verdict verdict)
{
	at->selected++;
	switch (verdict) {
	case VERDICT_NOT_APPLICABLE:
		at->not_applicable++;
		break;
	case VERDICT_PASS:
		at->met++;
		break;
	case VERDICT_FAIL:
		at->not_met++;
		break;
	default:
		at->not_evaluated++;
	}
}

static void interval(struct level_result *level)
{
	const struct level_count *at;
	int n;

	level->proven = 0;
	level->ceiling = TOP_LEVEL;
	for (n = TOP_LEVEL; n >= 1; n--) {
		at = &level->at[n];
		if (at->not_met > 0) {
			level->ceiling = n - 1;
		}
		if (level->proven == 0 && at->met > 0 &&
		    at->met + at->not_applicable == at->selected) {
			level->proven = n;
		}
	}
}

void levels_compute(const struct requirement_result *requirements, size_t count,
		    const struct profile *profile, struct level_result ret[8])
{
	const struct requirement *requirement;
	size_t i;
	int fr, n;

	for (fr = 0; fr < 8; fr++) {
		ret[fr] = (struct level_result){
			.fr = fr, .name = names[fr], .claim = profile->claim[fr]};
	}
	ret[0].claim = 0;
	for (i = 0; i < count; i++) {
		requirement = requirements[i].requirement;
		if (requirement->fr < 0 || requirement->fr > 7) {
			BUG("'%s' belongs to FR %d", requirement->id, requirement->fr);
		}
		n = requirement->lowest_level < 1 ? 1 : requirement->lowest_level;
		for (; n <= TOP_LEVEL; n++) {
			count_at(&ret[requirement->fr].at[n], requirements[i].verdict);
		}
	}
	/* the constraints are counted, and have no level */
	for (fr = 1; fr < 8; fr++) {
		interval(&ret[fr]);
	}
}
