/*
 * load_course: the four windows of a load check, in order.
 *
 *   baseline | sham | attack | recovery
 *
 * Baseline: nothing is sent. Sham: the tester works as hard, but the frames go
 * to nobody: what it disturbs is the tester's doing, not the device's. Attack:
 * the load. Recovery: until the function is back within its tolerance.
 */
#ifndef ASSAY_PROBES_LOAD_COURSE_H
#define ASSAY_PROBES_LOAD_COURSE_H

#include "probes/load/load_evidence.h"

enum { BASELINE, SHAM, ATTACK, RECOVERY, PHASES };

struct load_course {
	/* set by the caller */
	struct probe_run *run;
	const struct essential_function *function;
	struct storm_order order;
	bool sham_only; /* the attack, too, goes to nobody */

	/* filled by load_course_run() as far as it came */
	struct load_rule rule;
	struct load_phase phases[PHASES]; /* to_ns is 0 where not reached */
	struct load_view views[PHASES];
	struct load_recovery back;
	struct storm_result *results[2]; /* sham, attack; NULL: not sent */
	int64_t begin_ns;
	struct sample *samples;
	struct load_gap *gaps;
	size_t count, capacity;
};

/* Runs the windows and reports the facts of each as soon as it is over. Returns
 * 0, or -1 with the run given up. */
int load_course_run(struct load_course *course);
/* Keeps samples and windows as evidence, however far it came. */
void load_course_keep(const struct load_course *course);

#endif
