/*
 * run: carries a plan out: gate, monitors, one child per observation, journal,
 * evidence, recovery. A run directory is resumable: the same directory goes on
 * where it stopped, re-running nothing that finished.
 */
#ifndef ASSAY_RUN_RUN_H
#define ASSAY_RUN_RUN_H

#include "harness/base/text.h"
#include "harness/gate/gate.h"
#include "harness/plan/plan.h"
#include "harness/run/child.h"
#include <stdbool.h>

struct secrets;

struct run_options {
	/* A gate of gate_new() for the plan's profile, which run_plan() ends;
	 * NULL: run_plan() makes its own. Made before the plan it opens its
	 * sockets while the plan is made. */
	struct gate *gate;
	/* The profile's passwords, taken before the gate was made, whose process must not inherit
	 * them; NULL: run_plan() takes them. Stay the caller's. */
	const struct secrets *secrets;
	const char *directory; /* created if need be */
	bool progress;         /* show progress on stderr */
	bool terminal;         /* stderr is a terminal: live line; else one line
	                        * an event */
	bool colour;
	/* Optional: what the judge says about an observation's report, for the
	 * display: one word or short sentence, valid until the next call; NULL
	 * for nothing. */
	const char *(*verdict)(const struct plan *plan, size_t observation,
			       const struct child_report *report, void *verdict_argument);
	/* Optional: the verdicts so far, "5 PASS, 1 FAIL", for the live line. */
	const char *(*verdicts)(void *verdict_argument);
	void *verdict_argument;
};

/*
 * Runs what the plan holds and the journal does not yet. Returns the exit code
 * so far: 0 when everything was carried out, 3 when device or bench were lost,
 * 130 when interrupted, 2 for a run directory of another plan. Prints the
 * reason for anything but 0 to stderr.
 */
int run_plan(const struct plan *plan, const struct run_options *options);

#endif
