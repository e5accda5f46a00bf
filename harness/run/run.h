/*
 * run: carries a plan out: gate, monitors, one child per observation, journal,
 * evidence, recovery. A run directory is resumable: the same directory goes on
 * where it stopped, re-running nothing that finished.
 */
#ifndef ASSAY_RUN_RUN_H
#define ASSAY_RUN_RUN_H

#include "harness/base/text.h"
#include "harness/plan/plan.h"
#include <stdbool.h>

struct run_options {
	const char *directory; /* created if need be */
	bool progress;         /* show progress on stderr */
	bool terminal;         /* stderr is a terminal: live line; else one line
	                        * an event */
	bool colour;
};

/*
 * Runs what the plan holds and the journal does not yet. Returns the exit code
 * so far: 0 when everything was carried out, 3 when device or bench were lost,
 * 130 when interrupted, 2 for a run directory of another plan. Prints the
 * reason for anything but 0 to stderr.
 */
int run_plan(const struct plan *plan, const struct run_options *options);

#endif
