/* bench_hook: the profile's hooks, from the loop. */
#define _GNU_SOURCE
#include "harness/run/bench_hook.h"
#include "harness/base/clock.h"
#include "harness/run/evidence.h"
#include "harness/run/records.h"
#include "harness/run/runner.h"

#include <stdio.h>
#include <string.h>

#include "harness/banned.h"

/* Where a hook's output is, below the run directory: "evidence/power-cycle.txt". */
static const char *output_file(const struct bench_hook *hook, char storage[128])
{
	char *at;

	snprintf(storage, 128, "evidence/%s.txt", hook->name);
	for (at = strchr(storage, '_'); at != NULL; at = strchr(at, '_')) {
		*at = '-';
	}
	return storage;
}

static void output_path(const struct bench_hook *hook, char path[4096])
{
	char file[128];

	snprintf(path, 4096, "%s/%s", hook->runner->options->directory, output_file(hook, file));
}

/* Takes the hook's end and says how it was. Returns 0 or -1. */
static int hook_over(struct bench_hook *hook)
{
	struct text why, dirty;
	char path[4096], file[128];
	int status = hook_end(&hook->process, &why);

	if (status >= 0) {
		snprintf(why.s, sizeof(why.s),
			 "the hook %s ended with status %d; its output is in %s", hook->name,
			 status, output_file(hook, file));
	} else {
		text_prefix(&why, "%s", hook->name);
	}
	output_path(hook, path);
	if (evidence_clean(path, hook->runner->world.secrets, &dirty) != 0) {
		(void)record_note(hook->runner, dirty.s);
	}
	return record_note(hook->runner, why.s);
}

static int hook_ready(void *argument)
{
	struct bench_hook *hook = argument;

	loop_remove(&hook->runner->loop, &hook->source);
	if (hook_over(hook) != 0) {
		return -1;
	}
	return hook->done == NULL ? 0 : hook->done(hook->runner);
}

int bench_hooks_begin(struct runner *runner, struct text *why)
{
	const struct hook *hooks = &runner->plan->profile->hooks;
	const char *const commands[BENCH_HOOKS] = {hooks->power_cycle, hooks->reset,
						   hooks->console};
	size_t i;

	for (i = 0; i < BENCH_HOOKS; i++) {
		if (hook_starter_new(&runner->hook_starters[i], commands[i], why) != 0) {
			return -1;
		}
	}
	return 0;
}

void bench_hooks_end(struct runner *runner)
{
	size_t i;

	for (i = 0; i < BENCH_HOOKS; i++) {
		hook_starter_release(&runner->hook_starters[i]);
	}
}

static const struct hook_starter *starter_of(const struct runner *runner, const char *command)
{
	size_t i;

	for (i = 0; i < BENCH_HOOKS; i++) {
		if (runner->hook_starters[i].command == command) {
			return &runner->hook_starters[i];
		}
	}
	BUG("'%s' is no hook of the profile", command);
}

int bench_hook_call(struct bench_hook *hook, struct runner *runner, const char *name,
		    const char *command, int (*done)(struct runner *runner))
{
	int64_t seconds = runner->plan->profile->hooks.timeout_s;
	char path[4096];
	struct text why;

	if (bench_hook_runs(hook)) {
		BUG("the hook %s is called while %s runs", name, hook->name);
	}
	*hook = (struct bench_hook){.runner = runner, .name = name, .done = done};
	snprintf(path, sizeof(path), "%s/evidence", runner->options->directory);
	if (folder_make(path, &why) != 0) {
		return runner_stop(runner, STOP_BENCH_LOST, "%s", why.s);
	}
	output_path(hook, path);
	if (hook_start(&hook->process, starter_of(runner, command), path, &why) != 0) {
		if (record_note(runner, why.s) != 0) {
			return -1;
		}
		return done == NULL ? 0 : done(runner);
	}
	hook->source = (struct loop_source){
		.fd = hook->process.fd,
		.due_ns = clock_ns() + (seconds > 0 ? seconds : 60) * NS_PER_S,
		.ready = hook_ready,
		.argument = hook,
	};
	loop_add(&runner->loop, &hook->source);
	return 0;
}

bool bench_hook_runs(const struct bench_hook *hook)
{
	return hook->process.runs;
}

void bench_hook_leave(struct bench_hook *hook)
{
	if (bench_hook_runs(hook)) {
		loop_remove(&hook->runner->loop, &hook->source);
		(void)hook_over(hook);
	}
}
