/*
 * schedule: which observation runs when. Raw frames first and alone, then what
 * only observes, side by side; then everything else alone, in the plan's order,
 * with a look at the device before and after.
 */
#define _GNU_SOURCE
#include "harness/base/clock.h"
#include "harness/run/runner.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "harness/banned.h"

#define TICK_NS (250 * NS_PER_MS)

/* --- waiting ---------------------------------------------------------------- */

static int take_signal(struct runner *runner)
{
	struct signalfd_siginfo info;

	if (read(runner->signal_fd, &info, sizeof(info)) != (ssize_t)sizeof(info)) {
		return 0;
	}
	gate_stop_load(runner->gate);
	return runner_stop(runner, STOP_INTERRUPTED, "interrupted by SIG%s",
			   sigabbrev_np((int)info.ssi_signo));
}

int schedule_gate_gone(struct runner *runner)
{
	return runner_stop(runner, STOP_BENCH_LOST,
			   "the gate's process is gone; run the same command "
			   "with '-o %s' to go on",
			   runner->options->directory);
}

/* The gate is gone, or another host answers for the device. */
static int take_notices(struct runner *runner)
{
	struct text notice;
	int got = gate_notice(runner->gate, &notice);

	if (got > 0) {
		return device_quarantine(runner, notice.s, NULL);
	}
	return got < 0 ? schedule_gate_gone(runner) : 0;
}

/* A monitor that ends is not started again: what it had seen would look whole.
 * Without samples no load check passes; the journal says why. */
static int look_after_monitors(struct runner *runner)
{
	const struct plan *plan = runner->plan;
	char note[512];
	size_t i;

	for (i = 0; i < plan->monitor_count; i++) {
		if (runner->monitors[i] == NULL || runner->monitor_ended[i] ||
		    monitor_totals(runner->monitors[i]).running) {
			continue;
		}
		runner->monitor_ended[i] = true;
		snprintf(note, sizeof(note),
			 "the watch over '%s' ended before the run did: its "
			 "process crashed or was killed",
			 plan->monitors[i].function->name);
		if (record_note(runner, note) != 0) {
			return -1;
		}
	}
	return 0;
}

int schedule_wait(struct runner *runner, int64_t deadline_ns)
{
	struct pollfd entries[3 + MAX_CHILDREN] = {
		{.fd = runner->signal_fd, .events = POLLIN},
		{.fd = gate_fd(runner->gate), .events = POLLIN},
	};
	int64_t tick = clock_ns() + TICK_NS;
	nfds_t count = 2;
	size_t i;

	/* what a check has to say waits for the look that runs beside it */
	for (i = 0; i < MAX_CHILDREN && runner->looking == NULL; i++) {
		if (runner->running[i].child != NULL) {
			entries[count++] = (struct pollfd){.fd = child_fd(runner->running[i].child),
							   .events = POLLIN};
		}
	}
	if (runner->looking != NULL) {
		entries[count++] =
			(struct pollfd){.fd = child_fd(runner->looking), .events = POLLIN};
	}
	(void)poll(entries, count, clock_left_ms(deadline_ns < tick ? deadline_ns : tick));
	progress_tick(runner);
	if (look_after_monitors(runner) != 0) {
		return -1;
	}
	if (entries[0].revents != 0 && take_signal(runner) != 0) {
		return -1;
	}
	if (entries[1].revents != 0 && take_notices(runner) != 0) {
		return -1;
	}
	return 0;
}

/* --- one observation ---------------------------------------------------------- */

static int start(struct runner *runner, struct running *place, size_t observation)
{
	struct progress_of *progress = &runner->progress[observation];
	struct child_order order = {.observation = &runner->plan->observations[observation],
				    .capture = true};
	struct text why;

	order.attempt = ++progress->attempts;
	progress->tries++;
	progress->again = false;
	if (record_begin(runner, observation) != 0) {
		return -1;
	}
	place->arena = arena_new();
	place->observation = observation;
	place->start_ns = clock_ns();
	place->child = child_start(&runner->world, &order, runner->gate, place->arena, &why);
	if (place->child == NULL) {
		arena_free(place->arena);
		text_prefix(&why, "cannot start '%s'", order.observation->id);
		return runner_stop(runner, STOP_BENCH_LOST, "%s", why.s);
	}
	progress->running = true;
	progress_begin(runner, observation);
	return 0;
}

/* Suggests that the device is gone, and is worth a look. */
static bool raises_doubt(const struct child_report *report)
{
	return report->outcome == CHILD_GAVE_UP &&
	       (report->why == WHY_DEVICE_LOST || report->why == WHY_CONNECT_FAILED);
}

static int settle(struct runner *runner, size_t observation, const struct child_report *report)
{
	struct progress_of *progress = &runner->progress[observation];

	progress->running = false;
	if (report->gate_gone) {
		return schedule_gate_gone(runner);
	}
	if (report->storage_error != NULL) {
		return runner_stop(runner, STOP_BENCH_LOST, "%s", report->storage_error);
	}
	progress->outcome = report->outcome;
	progress->finished = report->outcome != CHILD_ERROR;
	progress->again = report->signal == SIGKILL && progress->tries == 1;
	runner->captured += report->traffic.captured;
	runner->capture_dropped += report->traffic.capture_dropped;
	if (raises_doubt(report)) {
		runner->doubt = true;
		device_touched(runner);
	}
	if (record_observation(runner, observation, report) != 0) {
		return -1;
	}
	progress_end(runner, observation, report);
	return 0;
}

/* Takes what the children have to say. Returns 0 or -1. */
static int step_all(struct runner *runner)
{
	struct child_report report;
	int result = 0;
	size_t i;

	for (i = 0; i < MAX_CHILDREN && result == 0; i++) {
		struct running *place = &runner->running[i];

		if (place->child == NULL || child_step(place->child, &report) == 0) {
			continue;
		}
		result = settle(runner, place->observation, &report);
		child_free(place->child);
		place->child = NULL;
		arena_free(place->arena);
	}
	return result;
}

/* --- phases ------------------------------------------------------------------- */

enum phase { PHASE_WIRE, PHASE_OBSERVE, PHASE_ABOVE };

static enum phase phase_of(const struct probe *probe)
{
	if (probe->impact > IMPACT_OBSERVE) {
		return PHASE_ABOVE;
	}
	return probe->needs & NEEDS_WIRE ? PHASE_WIRE : PHASE_OBSERVE;
}

/* Returns the next observation of the phase, or the plan's count. */
static size_t next_of(const struct runner *runner, enum phase phase)
{
	const struct plan *plan = runner->plan;
	size_t i;

	for (i = 0; i < plan->observation_count; i++) {
		const struct progress_of *progress = &runner->progress[i];

		if (plan->observations[i].why == WHY_NONE &&
		    phase_of(plan->observations[i].probe) == phase && !progress->finished &&
		    !progress->running && (progress->tries == 0 || progress->again)) {
			return i;
		}
	}
	return plan->observation_count;
}

/* The running places; *ret_deadline is the next child's deadline. */
static size_t running_count(const struct runner *runner, int64_t *ret_deadline)
{
	size_t i, count = 0;

	*ret_deadline = INT64_MAX;
	for (i = 0; i < MAX_CHILDREN; i++) {
		const struct child *child = runner->running[i].child;

		if (child != NULL) {
			count++;
			if (child_deadline(child) < *ret_deadline) {
				*ret_deadline = child_deadline(child);
			}
		}
	}
	return count;
}

/* Starts what there is room for. Returns 0 or -1. */
static int fill(struct runner *runner, enum phase phase, size_t width)
{
	size_t i, next;

	for (i = 0; i < width; i++) {
		if (runner->running[i].child != NULL) {
			continue;
		}
		next = next_of(runner, phase);
		if (next == runner->plan->observation_count) {
			return 0;
		}
		if (start(runner, &runner->running[i], next) != 0) {
			return -1;
		}
	}
	return 0;
}

static int run_observing(struct runner *runner, enum phase phase, size_t width)
{
	int64_t deadline;

	for (;;) {
		if (!runner->doubt && fill(runner, phase, width) != 0) {
			return -1;
		}
		if (running_count(runner, &deadline) == 0 && runner->doubt) {
			if (device_check(runner) != 0) {
				return -1;
			}
			continue;
		}
		if (running_count(runner, &deadline) == 0) {
			return 0;
		}
		if (schedule_wait(runner, deadline) != 0 || step_all(runner) != 0) {
			return -1;
		}
	}
}

/* One at a time, between two looks. A dead device must not be taken for one
 * that refuses. */
static int run_touching(struct runner *runner)
{
	size_t next = next_of(runner, PHASE_ABOVE);
	int64_t deadline;

	while (next != runner->plan->observation_count) {
		if (device_check(runner) != 0) {
			return -1;
		}
		gate_tripwire_clear(gate_tripwire(runner->gate));
		if (start(runner, &runner->running[0], next) != 0) {
			return -1;
		}
		while (running_count(runner, &deadline) > 0) {
			if (schedule_wait(runner, deadline) != 0 || step_all(runner) != 0) {
				return -1;
			}
		}
		device_touched(runner);
		if (device_check(runner) != 0) {
			return -1;
		}
		next = next_of(runner, PHASE_ABOVE);
	}
	return 0;
}

static size_t observing_width(const struct runner *runner)
{
	int64_t budget = runner->plan->profile->budget.connections;

	return budget < 1 ? 1 : budget > MAX_CHILDREN ? MAX_CHILDREN : (size_t)budget;
}

int schedule_begin(struct runner *runner)
{
	if (runner->resumed || next_of(runner, PHASE_WIRE) != runner->plan->observation_count) {
		return 0;
	}
	return fill(runner, PHASE_OBSERVE, observing_width(runner));
}

int schedule_run(struct runner *runner)
{
	size_t width = observing_width(runner);

	if (run_observing(runner, PHASE_WIRE, 1) != 0 ||
	    run_observing(runner, PHASE_OBSERVE, width) != 0) {
		return -1;
	}
	return run_touching(runner);
}
