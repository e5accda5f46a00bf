/*
 * load_course: the four windows of a load check, in order.
 *
 *   baseline | sham | attack | recovery
 *
 * What the load is, frames, connections or requests, is the caller's: the course
 * calls back for each window that is sent in.
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

enum { BASELINE, SHAM, ATTACK, RECOVERY, PHASES };

/* One window that is sent in. */
struct load_turn {
	int64_t duration_ms;
	bool sham; /* as much work, but to nobody */
};

struct load_source {
	const char *unit; /* what is counted, and asked for in a second: "frames" */
	int64_t rate;     /* of these a second */
	void *context;    /* the source's own */
	/* Sends for one turn; units of ret->sent, slices and interface_sent are the
	 * source's (interface_sent: what is known to have left; as sent where nothing
	 * is). Returns 0, -EPERM: not possible here, -EDQUOT or -EACCES: the profile
	 * does not allow it, or another -errno. */
	int (*send)(struct probe_run *run, void *context, const struct load_turn *turn,
		    struct storm_result *ret);
};

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
	struct load_rule rule;
	struct load_phase phases[PHASES]; /* to_ns is 0 where not reached */
	struct load_view views[PHASES];
	struct load_recovery back;
	struct storm_result *results[PHASES]; /* NULL: nothing was sent */
	int64_t begin_ns;
	struct sample *samples;
	struct load_gap *gaps;
	size_t count, capacity;
	struct load_log log; /* every window and storm, also those repeated */
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
