/* schedule: what runs when, and what runs again. */
#define _GNU_SOURCE
#include "harness/run/schedule.h"
#include "harness/base/clock.h"
#include "harness/run/clients.h"
#include "harness/run/progress.h"
#include "harness/run/runner.h"
#include "harness/run/running.h"

#include "harness/banned.h"

/* In one process: the first time, once more for each reason there is. */
#define TRIES_MOST 3

/* The order of execution. Above 'observe', the impact's own. */
enum phase { PHASE_WIRE, PHASE_OBSERVE, PHASE_TOUCH, PHASE_STRESS, PHASE_MAY_BRICK, PHASES };

static enum phase phase_of(const struct probe *probe)
{
	if (probe->impact > IMPACT_OBSERVE) {
		return PHASE_OBSERVE + (enum phase)probe->impact;
	}
	return probe->needs & NEEDS_WIRE ? PHASE_WIRE : PHASE_OBSERVE;
}

static bool is_left(const struct runner *runner, size_t observation)
{
	const struct progress_of *progress = &runner->progress[observation];

	return runner->plan->observations[observation].why == WHY_NONE && !progress->finished &&
	       !progress->running && (progress->tries == 0 || progress->again);
}

static bool anything_left(const struct runner *runner, enum phase phase)
{
	const struct plan *plan = runner->plan;
	size_t i;

	for (i = 0; i < plan->observation_count; i++) {
		if (phase_of(plan->observations[i].probe) == phase && is_left(runner, i)) {
			return true;
		}
	}
	return false;
}

static bool anything_runs(const struct runner *runner, enum phase phase)
{
	const struct observation *beside[MAX_CHILDREN];
	size_t i, count = running_now(runner, beside);

	for (i = 0; i < count; i++) {
		if (phase_of(beside[i]->probe) == phase) {
			return true;
		}
	}
	return false;
}

/* One that is to run by itself runs now. */
static bool one_alone(const struct runner *runner)
{
	size_t i;

	for (i = 0; i < MAX_CHILDREN; i++) {
		if (runner->running[i].child != NULL &&
		    runner->progress[runner->running[i].observation].alone) {
			return true;
		}
	}
	return false;
}

/* Whether it may be started beside what runs. */
static bool may_start(const struct runner *runner, size_t observation)
{
	const struct observation *beside[MAX_CHILDREN];
	size_t count = running_now(runner, beside);

	if (count > 0 && (runner->progress[observation].alone || one_alone(runner))) {
		return false;
	}
	return observation_fits(&runner->plan->observations[observation], beside, count);
}

static size_t width_now(const struct runner *runner, enum phase phase)
{
	enum impact impact =
		phase <= PHASE_OBSERVE ? IMPACT_OBSERVE : (enum impact)(phase - PHASE_OBSERVE);

	return plan_width(runner->plan->profile, impact);
}

/* It uses a service that takes few clients: not beside a look. */
static bool needs_places(const struct runner *runner, size_t observation)
{
	const struct observation *o = &runner->plan->observations[observation];
	size_t i;

	for (i = 0; i < o->hold_count; i++) {
		if (o->holds[i].service != NULL && o->holds[i].service->clients > 0) {
			return true;
		}
	}
	return false;
}

/* Starts what there is room for and may take no longer than until end_ns. Returns
 * 0 or -1. */
static int fill(struct runner *runner, enum phase phase, int64_t end_ns)
{
	const struct plan *plan = runner->plan;
	size_t i, width = width_now(runner, phase);

	for (i = 0; i < plan->observation_count && running_count(runner) < width; i++) {
		if (phase_of(plan->observations[i].probe) != phase || !is_left(runner, i) ||
		    clock_ns() + plan->observations[i].seconds * NS_PER_S > end_ns ||
		    !may_start(runner, i) || (runner->beginning && needs_places(runner, i))) {
			continue;
		}
		if (running_start(runner, i) != 0) {
			return -1;
		}
	}
	return 0;
}

/* Side by side, until one of them suggests that the device is gone. *ret_over:
 * nothing of the phase is left. */
static int advance_observing(struct runner *runner, enum phase phase, bool *ret_over)
{
	if (!runner->doubt) {
		if (fill(runner, phase, INT64_MAX) != 0) {
			return -1;
		}
		*ret_over = !anything_runs(runner, phase);
		return 0;
	}
	return running_count(runner) > 0 ? 0 : device_ask(runner);
}

static void begin_batch(struct runner *runner)
{
	size_t i;

	for (i = 0; i < runner->plan->observation_count; i++) {
		runner->progress[i].member = false;
	}
	runner->batch = true;
}

/* When those that run should be over, as they were estimated. */
static int64_t batch_end(const struct runner *runner)
{
	int64_t end_ns = 0, one_ns;
	size_t i;

	for (i = 0; i < MAX_CHILDREN; i++) {
		const struct running *place = &runner->running[i];

		if (place->child != NULL) {
			one_ns = place->start_ns +
				 runner->plan->observations[place->observation].seconds * NS_PER_S;
			end_ns = one_ns > end_ns ? one_ns : end_ns;
		}
	}
	return end_ns;
}

/*
 * In batches, each between two looks: those that collide in nothing run side by
 * side, and short ones follow while a long one goes on. A dead device must not be
 * taken for one that refuses.
 */
static int advance_touching(struct runner *runner, enum phase phase, bool *ret_over)
{
	int result;

	if (running_count(runner) > 0) {
		return runner->doubt ? 0 : fill(runner, phase, runner->batch_end_ns);
	}
	if (runner->batch) {
		runner->batch = false;
		device_touched(runner);
		return device_ask(runner);
	}
	if (!anything_left(runner, phase)) {
		*ret_over = true;
		return 0;
	}
	if (!runner->last.known) {
		return device_ask(runner);
	}
	begin_batch(runner);
	result = fill(runner, phase, INT64_MAX);
	runner->batch_end_ns = batch_end(runner);
	return result;
}

/* --- when the device was not itself ------------------------------------------- */

static size_t member_count(const struct runner *runner)
{
	size_t i, count = 0;

	for (i = 0; i < runner->plan->observation_count; i++) {
		count += runner->progress[i].member;
	}
	return count;
}

/* True if it has to run once more, by itself: what it saw may be another's doing.
 * One that may leave traces and was alone did it, and is not let at the device
 * again. */
static bool runs_again(const struct progress_of *progress, size_t members, enum why trouble)
{
	if (!progress->member) {
		return progress->unsure;
	}
	/* who was blocked did the device no harm, and is slower now */
	return trouble == WHY_BLOCKED || (members > 1 && !progress->alone);
}

/*
 * A look is over. Where the device was not itself and is again, what ran side by
 * side since the look before is run again, one at a time; the records of the first
 * time stay, and the judge knows what the device did meanwhile.
 */
static void reconsider(struct runner *runner)
{
	size_t i, members = member_count(runner);
	enum why trouble = runner->recovery.trouble;

	runner->recovery.trouble = WHY_NONE;
	for (i = 0; i < runner->plan->observation_count; i++) {
		struct progress_of *progress = &runner->progress[i];

		if (trouble != WHY_NONE && runs_again(progress, members, trouble) &&
		    !progress->again && progress->tries < TRIES_MOST) {
			progress->finished = false;
			progress->again = true;
			progress->alone = true;
			progress_event(runner, "%s is run again, by itself",
				       runner->plan->observations[i].id);
		}
		progress->unsure = false;
	}
}

/* What a check has to say waits for the look that runs beside it. */
static void mute(struct runner *runner, bool muted)
{
	size_t i;

	for (i = 0; i < MAX_CHILDREN; i++) {
		runner->running[i].source.muted = muted;
	}
}

int schedule_begin(struct runner *runner)
{
	int result = 0;

	if (!runner->resumed && !anything_left(runner, PHASE_WIRE)) {
		runner->beginning = true;
		result = fill(runner, PHASE_OBSERVE, INT64_MAX);
		runner->beginning = false;
	}
	mute(runner, true);
	return result;
}

/* Returns 0, or -1 when the run has to stop. */
static int advance(struct runner *runner, bool *ret_done)
{
	enum phase phase;
	bool over = true;
	int result;

	*ret_done = false;
	mute(runner, false);
	if (!runner->doubt) {
		reconsider(runner);
	}
	for (phase = 0; phase < PHASES; phase++) {
		over = false;
		result = phase <= PHASE_OBSERVE ? advance_observing(runner, phase, &over)
						: advance_touching(runner, phase, &over);
		if (result != 0 || !over) {
			return result;
		}
	}
	*ret_done = true;
	return 0;
}

int schedule_advance(struct runner *runner, bool *ret_done)
{
	int result;

	*ret_done = false;
	if (device_busy(runner)) {
		return 0;
	}
	result = advance(runner, ret_done);
	clients_share(runner);
	return result;
}

void schedule_leave(struct runner *runner)
{
	size_t i;

	for (i = 0; i < MAX_CHILDREN; i++) {
		if (runner->running[i].child != NULL) {
			running_leave(&runner->running[i]);
		}
	}
}
