/*
 * load_course: the four windows of a load check, in order.
 *
 *   baseline | sham | attack | recovery
 *
 * What the load is, is the caller's: the course asks its load_source for each window
 * that is sent in.
 *
 * Baseline: nothing is sent. Sham: the tester works as hard, but the frames go
 * to nobody: what it disturbs is the tester's doing, not the device's. Attack:
 * the load. Recovery: until the function is back within its tolerance.
 *
 * A window that proves nothing is repeated once, and the first one stays in
 * the evidence: baseline and sham where the function or the rate was not
 * steady, the attack only where the function held under less than was asked
 * for. What went wrong under load is never looked at a second time.
 */
#ifndef ASSAY_PROBES_LOAD_COURSE_H
#define ASSAY_PROBES_LOAD_COURSE_H

#include "probes/load/load_evidence.h"
#include "probes/load/load_source.h"
#include "probes/load/load_watch.h"

enum { BASELINE, SHAM, ATTACK, RECOVERY, PHASES };

struct load_course {
	/* set by the caller */
	struct probe_run *run;
	const struct essential_function *function;
	struct load_source source;
	int64_t window_ms; /* baseline and sham, and what recovery may take beyond */
	int64_t attack_ms;
	bool sham_only; /* the attack, too, goes to nobody */

	/* filled by load_course_run() as far as it came; of a repeated window
	 * the last */
	struct load_watch watch;
	struct load_phase phases[PHASES]; /* to_ns is 0 where not reached */
	struct load_view views[PHASES];
	struct load_recovery back;
	struct storm_result *results[PHASES]; /* NULL: nothing was sent */
	struct load_log log;                  /* every window and storm, also those repeated */
	int repeats;
};

/* The longest that the course can take in ms, each window repeated and the
 * function never back, with windows and an attack of these lengths. */
int64_t load_course_longest_ms(const struct essential_function *function, int64_t window_ms,
			       int64_t attack_ms);

/* Units a second that left in a window, by the lower of what was counted here
 * and at the interface. */
double load_course_rate(const struct load_course *course, unsigned phase);
/* True if that is what was asked for, but for a twentieth. */
bool load_course_held(const struct load_course *course, unsigned phase);

/* Runs the windows and reports the facts of baseline and sham as soon as they
 * are over. Returns 0, or -1 with the run given up. */
int load_course_run(struct load_course *course);
/* Keeps samples and windows as evidence, however far it came. */
void load_course_keep(const struct load_course *course);

#endif
