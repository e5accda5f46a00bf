/* recovery: what a look at the device means, and what is done when it is not what
 * it was: a state machine driven by the loop. */
#define _GNU_SOURCE
#include "harness/run/recovery.h"
#include "harness/base/clock.h"
#include "harness/run/evidence.h"
#include "harness/run/progress.h"
#include "harness/run/records.h"
#include "harness/run/runner.h"

#include <stdio.h>
#include <string.h>

#include "harness/banned.h"

#define LOOK_EVERY_NS NS_PER_S

static void look_keep(struct look *place, struct look *look)
{
	look_release(place);
	*place = *look;
	*look = (struct look){.known = false};
}

int device_quarantine(struct runner *runner, const char *reason, const struct look *look)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/" QUARANTINE_NAME, runner->options->directory);
	file = fopen(path, "we");
	if (file != NULL) {
		fprintf(file, "%s\n", reason);
		fclose(file);
	}
	if (record_device(runner, "quarantined", WHY_WRONG_DEVICE, reason, look) != 0) {
		return -1;
	}
	return runner_stop(runner, STOP_DEVICE_LOST,
			   "the device is quarantined: %s; look at it, then "
			   "delete '%s' to go on",
			   reason, path);
}

/* --- waiting ---------------------------------------------------------------- */

static int power_cycle(struct runner *runner);

static bool has_hook(const struct runner *runner)
{
	return runner->plan->profile->hooks.power_cycle != NULL;
}

static int give_up_on(struct runner *runner)
{
	const char *reason = runner->recovery.reason.s;

	if (record_device(runner, "lost", WHY_DEVICE_LOST, reason, NULL) != 0) {
		return -1;
	}
	return runner_stop(runner, STOP_DEVICE_LOST,
			   "the device did not come back within %lld s%s: %s",
			   (long long)runner->plan->profile->recovery_s,
			   has_hook(runner) ? ", nor after the power cycle" : "", reason);
}

static int device_back(struct runner *runner, struct look *look)
{
	runner->recovery.phase = RECOVERY_RESTS;
	look_keep(&runner->last, look);
	progress_event(runner, "verified: the device is back");
	return record_device(runner, "verified", WHY_NONE, "it is back and is the same",
			     &runner->last);
}

/* The next look, or what follows when there is none. */
static int look_again(struct runner *runner)
{
	struct recovery *recovery = &runner->recovery;

	if (clock_ns() < recovery->deadline_ns) {
		recovery->timer.due_ns = clock_ns() + LOOK_EVERY_NS;
		loop_add(&runner->loop, &recovery->timer);
		return 0;
	}
	if (has_hook(runner) && !recovery->cycled) {
		return power_cycle(runner);
	}
	return give_up_on(runner);
}

static int took_look_waiting(struct runner *runner, struct look *look)
{
	struct text why;
	enum why trouble = look_compare(&runner->first, look, &why);
	int result;

	if (trouble == WHY_NONE) {
		return device_back(runner, look);
	}
	result = trouble == WHY_WRONG_DEVICE ? device_quarantine(runner, why.s, look)
					     : look_again(runner);
	look_release(look);
	return result;
}

static int timer_ready(void *argument)
{
	struct runner *runner = argument;

	loop_remove(&runner->loop, &runner->recovery.timer);
	return look_start(runner, took_look_waiting);
}

/* Looks once a second until the device is well or recovery_s is over. */
static int wait_for_device(struct runner *runner)
{
	struct recovery *recovery = &runner->recovery;
	int64_t now = clock_ns();

	recovery->phase = RECOVERY_WAITS;
	recovery->deadline_ns = now + runner->plan->profile->recovery_s * NS_PER_S;
	recovery->timer = (struct loop_source){
		.fd = -1, .due_ns = now + LOOK_EVERY_NS, .ready = timer_ready, .argument = runner};
	loop_add(&runner->loop, &recovery->timer);
	return 0;
}

/* --- the power -------------------------------------------------------------- */

/* The hook has ended, or its time is over. */
static int hook_ready(void *argument)
{
	struct runner *runner = argument;
	struct text why;
	int status;

	loop_remove(&runner->loop, &runner->recovery.hook_source);
	status = hook_end(&runner->recovery.hook, &why);
	if (status >= 0) {
		snprintf(why.s, sizeof(why.s),
			 "the hook power_cycle ended with status %d; its output is in "
			 "evidence/power-cycle.txt",
			 status);
	}
	return record_note(runner, why.s) != 0 ? -1 : wait_for_device(runner);
}

/* Calls the profile's power_cycle. Returns 0, or -1 when the run has to stop. */
static int power_cycle(struct runner *runner)
{
	const struct hook *hooks = &runner->plan->profile->hooks;
	struct recovery *recovery = &runner->recovery;
	int64_t seconds = hooks->timeout_s > 0 ? hooks->timeout_s : 60;
	char path[4096];
	struct text why;

	recovery->phase = RECOVERY_CYCLES;
	recovery->cycled = true;
	progress_event(runner, "recovering: power cycle by '%s'", hooks->power_cycle);
	if (record_device(runner, "recovering", WHY_DEVICE_LOST, "the hook power_cycle is called",
			  NULL) != 0) {
		return -1;
	}
	snprintf(path, sizeof(path), "%s/evidence", runner->options->directory);
	if (folder_make(path, &why) != 0) {
		return runner_stop(runner, STOP_BENCH_LOST, "%s", why.s);
	}
	snprintf(path, sizeof(path), "%s/evidence/power-cycle.txt", runner->options->directory);
	if (hook_start(&recovery->hook, hooks->power_cycle, path, &why) != 0) {
		return record_note(runner, why.s) != 0 ? -1 : wait_for_device(runner);
	}
	recovery->hook_source = (struct loop_source){.fd = recovery->hook.pid_fd,
						     .due_ns = clock_ns() + seconds * NS_PER_S,
						     .ready = hook_ready,
						     .argument = runner};
	loop_add(&runner->loop, &recovery->hook_source);
	return 0;
}

/* --- what a look means ------------------------------------------------------- */

/* The device is not what it was. */
static int recover(struct runner *runner, const struct text *reason)
{
	runner->recovery.reason = *reason;
	runner->recovery.cycled = false;
	runner->recovery.trouble = WHY_DEVICE_LOST;
	progress_event(runner, "suspect: %s; waiting up to %lld s", reason->s,
		       (long long)runner->plan->profile->recovery_s);
	return wait_for_device(runner);
}

/* Judges a look and acts on it; the look becomes the runner's. */
static int took_look(struct runner *runner, struct look *look)
{
	struct text why = {.s = ""};
	enum why trouble = look_compare(&runner->first, look, &why);
	int result;

	if (trouble == WHY_NONE) {
		runner->recovery.phase = RECOVERY_RESTS;
		look_keep(&runner->last, look);
		return record_device(runner, "alive", WHY_NONE, "", &runner->last);
	}
	if (record_device(runner, "suspect", trouble, why.s, look) != 0) {
		result = -1;
	} else if (trouble == WHY_WRONG_DEVICE) {
		result = device_quarantine(runner, why.s, look);
	} else {
		result = recover(runner, &why);
	}
	look_release(look);
	return result;
}

int device_ask(struct runner *runner)
{
	if (device_busy(runner)) {
		return 0;
	}
	runner->doubt = false;
	if (runner->last.known) {
		return 0;
	}
	runner->recovery.phase = RECOVERY_LOOKS;
	return look_start(runner, took_look);
}

bool device_busy(const struct runner *runner)
{
	return runner->recovery.phase != RECOVERY_RESTS;
}

void device_touched(struct runner *runner)
{
	look_release(&runner->last);
}

void device_leave(struct runner *runner)
{
	look_end(runner);
	(void)hook_end(&runner->recovery.hook, NULL);
}

/* --- the first look ---------------------------------------------------------- */

static int nobody_there(struct runner *runner, const struct look *look)
{
	(void)record_device(runner, "lost", WHY_DEVICE_LOST,
			    look->broken ? look->reason : "no declared service answers", NULL);
	return runner_stop(runner, STOP_DEVICE_LOST,
			   "%s at %s: is the device on, and is the profile's "
			   "address right?",
			   look->broken ? look->reason : "none of the declared services answers",
			   address_text(&runner->plan->profile->link.address).s);
}

static int took_first_look(struct runner *runner, struct look *look)
{
	int result;

	if (runner->first.known) {
		return took_look(runner, look);
	}
	if (look->broken || (look->up == 0 && look->down > 0)) {
		result = nobody_there(runner, look);
		look_release(look);
		return result;
	}
	runner->recovery.phase = RECOVERY_RESTS;
	runner->first = *look;
	runner->first.identity = json_incref(look->identity);
	runner->first.up_names = json_incref(look->up_names);
	look_keep(&runner->last, look);
	return record_device(runner, "alive", WHY_NONE, "", &runner->last);
}

int device_first_look(struct runner *runner)
{
	runner->recovery.phase = RECOVERY_LOOKS;
	return look_start(runner, took_first_look);
}
