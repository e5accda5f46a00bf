/*
 * bench_hook: calls one of the profile's hooks from the loop. What it prints
 * becomes evidence/<name>.txt, with passwords masked and nothing in it that acts
 * on a terminal; how it ended becomes a note of the journal.
 */
#ifndef ASSAY_RUN_BENCH_HOOK_H
#define ASSAY_RUN_BENCH_HOOK_H

#include "harness/run/hook.h"
#include "harness/run/loop.h"

struct runner;

struct bench_hook { /* starts zeroed */
	struct runner *runner;
	const char *name; /* "power_cycle"; NULL: none was called yet */
	struct hook_process process;
	struct loop_source source;
	int (*done)(struct runner *runner);
};

#define BENCH_HOOKS 3 /* that a profile can have */

/* Makes what starts them, before the runner sheds its rights. Returns 0 or -1 with why. */
int bench_hooks_begin(struct runner *runner, struct text *why);
void bench_hooks_end(struct runner *runner);

/* Starts the command, which is ended after the profile's timeout_s; when it has
 * ended, or cannot be started, done is called if it is not NULL. name stays the
 * caller's, command is one of the profile's. Returns 0, or -1 when the run has to stop. */
int bench_hook_call(struct bench_hook *hook, struct runner *runner, const char *name,
		    const char *command, int (*done)(struct runner *runner));
bool bench_hook_runs(const struct bench_hook *hook);
/* Ends what still runs, and keeps what it printed so far. */
void bench_hook_leave(struct bench_hook *hook);

#endif
