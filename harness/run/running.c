/* running: starts one observation's child, and takes what it reports. */
#define _GNU_SOURCE
#include "harness/run/running.h"
#include "harness/base/clock.h"
#include "harness/run/clients.h"
#include "harness/run/progress.h"
#include "harness/run/records.h"
#include "harness/run/runner.h"

#include <signal.h>

#include "harness/banned.h"

size_t running_now(const struct runner *runner, const struct observation **ret)
{
	size_t i, count = 0;

	for (i = 0; i < MAX_CHILDREN; i++) {
		if (runner->running[i].child != NULL) {
			ret[count++] = &runner->plan->observations[runner->running[i].observation];
		}
	}
	return count;
}

size_t running_count(const struct runner *runner)
{
	const struct observation *beside[MAX_CHILDREN];

	return running_now(runner, beside);
}

static struct running *free_place(struct runner *runner)
{
	size_t i;

	for (i = 0; i < MAX_CHILDREN; i++) {
		if (runner->running[i].child == NULL) {
			return &runner->running[i];
		}
	}
	BUG("more children than places");
}

static int child_ready(void *argument);

int running_start(struct runner *runner, size_t observation)
{
	struct running *place = free_place(runner);
	struct progress_of *progress = &runner->progress[observation];
	struct child_order order = {.observation = &runner->plan->observations[observation],
				    .capture = true};
	struct text why;

	order.attempt = ++progress->attempts;
	progress->tries++;
	progress->again = false;
	if (progress->wait.what != NULL) {
		order.resumes = &progress->wait;
	}
	if (record_begin(runner, observation) != 0) {
		return -1;
	}
	place->arena = arena_new();
	place->observation = observation;
	place->start_ns = clock_ns();
	place->waits = 0;
	place->child = child_start(&runner->world, &order, runner->gate, place->arena, &why);
	if (place->child == NULL) {
		arena_free(place->arena);
		text_prefix(&why, "cannot start '%s'", order.observation->id);
		return runner_stop(runner, STOP_BENCH_LOST, "%s", why.s);
	}
	clients_share(runner);
	place->runner = runner;
	place->source = (struct loop_source){.fd = child_fd(place->child),
					     .due_ns = child_deadline(place->child),
					     .ready = child_ready,
					     .argument = place};
	loop_add(&runner->loop, &place->source);
	progress->running = true;
	progress->member = order.observation->probe->impact > IMPACT_OBSERVE;
	progress_begin(runner, observation);
	return 0;
}

/* Suggests that the device is gone or lets the tester in no more. */
static bool raises_doubt(const struct child_report *report)
{
	return report->outcome == CHILD_GAVE_UP &&
	       (report->why == WHY_DEVICE_LOST || report->why == WHY_CONNECT_FAILED ||
		report->why == WHY_BLOCKED);
}

static int settle(struct runner *runner, size_t observation, const struct child_report *report)
{
	struct progress_of *progress = &runner->progress[observation];

	progress->running = false;
	if (report->gate_gone) {
		return runner_gate_gone(runner);
	}
	if (report->storage_error != NULL) {
		return runner_stop(runner, STOP_BENCH_LOST, "%s", report->storage_error);
	}
	progress->outcome = report->outcome;
	progress->unsure = raises_doubt(report);
	progress->finished = report->outcome != CHILD_ERROR;
	progress->again = report->signal == SIGKILL && progress->tries == 1;
	if (!progress->again) {
		progress->wait.what = NULL;
	}
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

void running_leave(struct running *place)
{
	loop_remove(&place->runner->loop, &place->source);
	child_free(place->child);
	place->child = NULL;
	arena_free(place->arena);
}

/* The child may have begun to wait. */
static int take_wait(struct running *place)
{
	struct milestone wait;
	unsigned waits = child_milestone(place->child, &wait);

	if (waits == place->waits) {
		return 0;
	}
	place->waits = waits;
	if (wait.until_ns == 0) {
		return 0;
	}
	progress_wait(place->runner, place->observation, &wait);
	return record_wait(place->runner, place->observation, &wait);
}

/* The loop has something from a child. */
static int child_ready(void *argument)
{
	struct running *place = argument;
	struct child_report report;
	int result;

	if (child_step(place->child, &report) == 0) {
		place->source.due_ns = child_deadline(place->child);
		return take_wait(place);
	}
	result = settle(place->runner, place->observation, &report);
	running_leave(place);
	return result;
}
