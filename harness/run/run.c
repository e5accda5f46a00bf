/* run: one run from its folder to its end record. */
#define _GNU_SOURCE
#include "harness/run/run.h"
#include "harness/base/clock.h"
#include "harness/base/log.h"
#include "harness/run/child_calls.h"
#include "harness/run/progress.h"
#include "harness/run/records.h"
#include "harness/run/run_folder.h"
#include "harness/run/runner.h"
#include "harness/run/sandbox.h"
#include "harness/run/schedule.h"
#include "harness/run/secret.h"
#include "harness/run/shed.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "harness/banned.h"

enum { EXIT_DONE = 0, EXIT_LOST = 3, EXIT_INTERRUPTED = 130 };

/* --- the bench ------------------------------------------------------------------ */

static int start_monitors(struct runner *runner)
{
	const struct plan *plan = runner->plan;
	struct text why;
	size_t i;

	for (i = 0; i < plan->monitor_count; i++) {
		const struct planned_monitor *m = &plan->monitors[i];

		runner->monitors[i] = monitor_start(&runner->world, m->monitor, m->params,
						    m->param_count, m->index, runner->gate, &why);
		if (runner->monitors[i] == NULL) {
			return runner_stop(runner, STOP_BENCH_LOST, "cannot watch '%s': %s",
					   m->function->name, why.s);
		}
	}
	return 0;
}

static void make_rings(struct runner *runner)
{
	size_t i, count = runner->plan->profile->function_count;

	runner->rings = arena_alloc(runner->arena, (count + 1) * sizeof(*runner->rings));
	for (i = 0; i < count; i++) {
		runner->rings[i] = sample_ring_new();
	}
	runner->world.rings = runner->rings;
}

/* Signals become readable; children and hooks get their own mask back. */
static int catch_signals(sigset_t *ret_old)
{
	sigset_t wanted;

	sigemptyset(&wanted);
	sigaddset(&wanted, SIGINT);
	sigaddset(&wanted, SIGTERM);
	sigaddset(&wanted, SIGHUP);
	sigprocmask(SIG_BLOCK, &wanted, ret_old);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* --- what the loop waits for all the time ----------------------------------------- */

#define TICK_NS (250 * NS_PER_MS)

static int take_signal(void *argument)
{
	struct runner *runner = argument;
	struct signalfd_siginfo info;

	if (read(runner->signal_fd, &info, sizeof(info)) != (ssize_t)sizeof(info)) {
		return 0;
	}
	gate_stop_load(runner->gate);
	return runner_stop(runner, STOP_INTERRUPTED, "interrupted by SIG%s",
			   sigabbrev_np((int)info.ssi_signo));
}

/* The gate is gone, or another host answers for the device. */
static int take_notice(void *argument)
{
	struct runner *runner = argument;
	struct text notice;
	int got = gate_notice(runner->gate, &notice);

	if (got > 0) {
		return device_quarantine(runner, notice.s, NULL);
	}
	return got < 0 ? runner_gate_gone(runner) : 0;
}

/* A monitor that ends is not started again: what it had seen would look whole.
 * Without samples no load check passes; the journal says why. */
static int look_after_monitors(struct runner *runner)
{
	const struct plan *plan = runner->plan;
	struct text how;
	char note[512];
	size_t i;

	for (i = 0; i < plan->monitor_count; i++) {
		if (runner->monitors[i] == NULL || runner->monitor_ended[i] ||
		    monitor_totals(runner->monitors[i]).running) {
			continue;
		}
		runner->monitor_ended[i] = true;
		monitor_end(runner->monitors[i], &how);
		snprintf(note, sizeof(note), "the watch over '%s' ended before the run did: %.200s",
			 plan->monitors[i].function->name, how.s);
		if (record_note(runner, note) != 0) {
			return -1;
		}
	}
	return 0;
}

static int take_tick(void *argument)
{
	struct runner *runner = argument;

	runner->tick.due_ns = clock_ns() + TICK_NS;
	progress_tick(runner);
	return look_after_monitors(runner);
}

static void fill_loop(struct runner *runner)
{
	runner->signals =
		(struct loop_source){runner->signal_fd, LOOP_NEVER, false, take_signal, runner};
	runner->notices =
		(struct loop_source){gate_fd(runner->gate), LOOP_NEVER, false, take_notice, runner};
	runner->tick = (struct loop_source){-1, clock_ns(), false, take_tick, runner};
	loop_add(&runner->loop, &runner->signals);
	loop_add(&runner->loop, &runner->notices);
	loop_add(&runner->loop, &runner->tick);
}

/* --- from the first record to the last ------------------------------------------- */

/* What follows the checks, however they ended. Children and load go first. */
static void wind_up(struct runner *runner)
{
	size_t i;

	if (runner->stop != STOP_NONE) {
		gate_stop_load(runner->gate);
	}
	schedule_leave(runner);
	device_leave(runner);
	/* a monitor may have ended with the last check */
	if (look_after_monitors(runner) == 0 && record_monitors(runner) == 0) {
		(void)record_end(runner);
	}
	for (i = 0; i < runner->plan->monitor_count; i++) {
		monitor_stop(runner->monitors[i]);
	}
}

static int carry_out(struct runner *runner)
{
	bool done = false;

	if (runner->resumed && record_resume(runner) != 0) {
		return -1;
	}
	if (!runner->ability.raw) {
		progress_event(runner,
			       "%s; the ports are swept by connections, and "
			       "no load is sent",
			       runner->ability.raw_reason);
	}
	if (record_run(runner) != 0 || start_monitors(runner) != 0 || schedule_begin(runner) != 0 ||
	    device_first_look(runner) != 0) {
		return -1;
	}
	/* the bench stands; loads may follow */
	if (gate_beat(runner->gate, runner->signal_fd) != 0) {
		return runner_stop(runner, STOP_BENCH_LOST, "cannot start a thread");
	}
	while (!done) {
		if (loop_step(&runner->loop) != 0 || schedule_advance(runner, &done) != 0) {
			return -1;
		}
	}
	return 0;
}

static int exit_code(const struct runner *runner)
{
	static const int codes[] = {
		[STOP_NONE] = EXIT_DONE,
		[STOP_INTERRUPTED] = EXIT_INTERRUPTED,
		[STOP_DEVICE_LOST] = EXIT_LOST,
		[STOP_BENCH_LOST] = EXIT_LOST,
	};

	return codes[runner->stop];
}

/* The gate is made. What still needs the rights of who started the run is made before. */
static int shed_rights_of(struct runner *runner, struct text *why)
{
	const char *directory = runner->options->directory;

	sandbox_prepare();
	runner->calls = child_calls_new(why);
	runner->world.calls = runner->calls;
	if (runner->calls == NULL || bench_hooks_begin(runner, why) != 0 ||
	    shed_user(directory, why) != 0 || run_folder_anchor(runner, why) != 0) {
		return -1;
	}
	runner->confinement = confine_try();
	return shed_rest(directory, runner->anchor.outside, runner->confinement, why);
}

/* What the gate needs beside itself is made ready while it looks who answers for the device: that
 * takes 20 ms at least, and nothing goes to the device before. */
static int make_ready(struct runner *runner, int *ret_exit, struct text *why)
{
	*ret_exit = EXIT_LOST;
	if (shed_rights_of(runner, why) != 0 ||
	    gate_greet(runner->gate, &runner->ability, ret_exit, why) != 0) {
		return -1;
	}
	if (gate_ledger(runner->gate, runner->ledger_fd, runner->copy_fd) != 0) {
		return text_error(why, "the gate ended while the run began");
	}
	return 0;
}

static int run_on_bench(struct runner *runner)
{
	struct text why = {.s = ""};
	sigset_t old;
	int code = EXIT_LOST;

	if (make_ready(runner, &code, &why) != 0) {
		log_error("%s", why.s);
		return code;
	}
	runner->signal_fd = catch_signals(&old);
	fill_loop(runner);
	(void)carry_out(runner);
	wind_up(runner);
	progress_clear(runner);
	if (runner->stop != STOP_NONE) {
		log_error("%s", runner->stop_reason.s);
	}
	close(runner->signal_fd);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return exit_code(runner);
}

static void runner_release(struct runner *runner)
{
	size_t i;

	for (i = 0; runner->rings != NULL && i < runner->plan->profile->function_count; i++) {
		sample_ring_free(runner->rings[i]);
	}
	look_release(&runner->first);
	look_release(&runner->last);
	journal_close(runner->journal);
	bench_hooks_end(runner);
	child_calls_free(runner->calls);
	anchor_close(&runner->anchor);
	device_lock_release(&runner->lock);
	json_decref(runner->unrecorded);
	if (runner->ledger_fd >= 0) {
		close(runner->ledger_fd);
	}
	if (runner->copy_fd >= 0) {
		close(runner->copy_fd);
	}
	arena_free(runner->arena);
}

/* "" where the kernel does not say: no wait is then gone on with. */
static void read_boot(struct runner *runner)
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (file == NULL) {
		return;
	}
	if (fgets(runner->boot, sizeof(runner->boot), file) != NULL) {
		runner->boot[strcspn(runner->boot, "\n")] = '\0';
	}
	fclose(file);
}

int run_plan(const struct plan *plan, const struct run_options *options)
{
	struct arena *arena = arena_new();
	struct runner *runner = arena_alloc(arena, sizeof(*runner));
	struct secrets *own = NULL;
	struct text why = {.s = ""};
	int code;

	/* before the gate is made: nothing forked later has them */
	if (options->secrets == NULL) {
		own = secrets_new(plan->profile);
		secrets_wipe_environment(plan->profile);
	}
	*runner = (struct runner){
		.plan = plan,
		.options = options,
		.arena = arena,
		.signal_fd = -1,
		.ledger_fd = -1,
		.copy_fd = -1,
		.anchor = {.inside_fd = -1, .outside_fd = -1},
		.world = {.profile = plan->profile,
			  .run_directory = options->directory,
			  .secrets = own != NULL ? own : options->secrets},
		.start_ns = clock_ns(),
	};
	read_boot(runner);
	runner->gate = options->gate != NULL ? options->gate : gate_new(plan->profile, &why);
	if (runner->gate == NULL) {
		log_error("%s", why.s);
		secrets_free(own);
		arena_free(arena);
		return EXIT_LOST;
	}
	code = EXIT_LOST;
	if (device_lock_take(plan->profile, options->directory, &runner->lock, &why) != 0) {
		log_error("%s", why.s);
		goto out;
	}
	gate_go(runner->gate);
	runner->progress =
		arena_alloc(arena, (plan->observation_count + 1) * sizeof(*runner->progress));
	runner->monitors =
		arena_alloc(arena, (plan->monitor_count + 1) * sizeof(*runner->monitors));
	runner->monitor_ended =
		arena_alloc(arena, (plan->monitor_count + 1) * sizeof(*runner->monitor_ended));
	code = run_folder_open(runner, &why);
	if (code != EXIT_DONE) {
		log_error("%s", why.s);
	} else {
		make_rings(runner);
		code = run_on_bench(runner);
	}
out:
	/* its process is waited for by nobody: it ends before this one, or is
	 * the system's */
	(void)gate_release(runner->gate);
	runner_release(runner);
	secrets_free(own);
	return code;
}
