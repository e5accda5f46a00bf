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

#define LOOK_EVERY_NS    NS_PER_S
#define FIRST_LOOKS_MOST 3

#define NOT_LET_IN                                                                       \
	"monitors are answered, but no service lets the tester in beside them; where a " \
	"service takes few connections, the profile says how many ('clients')"

static void look_keep(struct look *place, struct look *look)
{
	look_release(place);
	*place = *look;
	*look = (struct look){.known = false};
}

int device_quarantine(struct runner *runner, const char *reason, const struct look *look)
{
	char path[4096], shown[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/" QUARANTINE_NAME, runner->options->directory);
	file = fopen(path, "we");
	if (file != NULL) {
		fprintf(file, "%s\n", text_printable(shown, sizeof(shown), reason, strlen(reason)));
		fclose(file);
	}
	if (record_device(runner, DEVICE_QUARANTINED, WHY_WRONG_DEVICE, reason, look) != 0) {
		return -1;
	}
	return runner_stop(runner, STOP_DEVICE_LOST,
			   "the device is quarantined: %s; look at it, then "
			   "delete '%s' to go on",
			   reason, path);
}

/* --- waiting ---------------------------------------------------------------- */

static int wait_for_device(struct runner *runner);

/* What restarts a device that does not come back by itself, the gentler first. */
struct restart {
	const char *name, *command; /* command: NULL where the profile has none */
	const char *passed;         /* how giving up names it */
};

#define RESTARTS 2

static struct restart restart_of(const struct runner *runner, size_t step)
{
	const struct hook *hooks = &runner->plan->profile->hooks;
	const struct restart all[RESTARTS] = {
		{"reset", hooks->reset, ", nor after the reset"},
		{"power_cycle", hooks->power_cycle, ", nor after the power cycle"},
	};

	return all[step];
}

/* True where a monitor was answered while the look got nothing: a device that does
 * what it is for is not lost. */
static bool lives(const struct look *look)
{
	return look->watched || json_array_size(look->other_names) > 0;
}

/* What does not come back is no longer expected: the device goes on without it, and
 * so does the run. */
static int go_on_without(struct runner *runner, struct look *look)
{
	const char *reason = arena_printf(runner->arena,
					  "it lives, and the run goes on without what is gone: %s",
					  runner->recovery.reason.s);

	runner->recovery.phase = RECOVERY_RESTS;
	/* what was measured meanwhile would be measured no better now */
	runner->recovery.trouble = WHY_NONE;
	json_decref(runner->first.up_names);
	runner->first.up_names = json_incref(look->up_names);
	look_keep(&runner->last, look);
	progress_event(runner, "alive: %s", reason);
	return record_device(runner, DEVICE_ALIVE, WHY_NONE, reason, &runner->last);
}

static int give_up_on(struct runner *runner)
{
	const char *reason = runner->recovery.reason.s, *passed = "";
	size_t step;

	for (step = 0; step < RESTARTS; step++) {
		struct restart restart = restart_of(runner, step);

		passed = restart.command != NULL ? restart.passed : passed;
	}
	if (record_device(runner, DEVICE_LOST, WHY_DEVICE_LOST, reason, NULL) != 0) {
		return -1;
	}
	return runner_stop(runner, STOP_DEVICE_LOST,
			   "the device did not come back within %lld s%s: %s",
			   (long long)runner->plan->profile->recovery_s, passed, reason);
}

/* Calls the hook. Returns 0, or -1 when the run has to stop. */
static int restart(struct runner *runner, const struct restart *by)
{
	char what[64];

	runner->recovery.phase = RECOVERY_HOOK;
	progress_event(runner, "recovering: %s by '%s'", by->name, by->command);
	snprintf(what, sizeof(what), "the hook %s is called", by->name);
	if (record_device(runner, DEVICE_RECOVERING, WHY_DEVICE_LOST, what, NULL) != 0) {
		return -1;
	}
	return bench_hook_call(&runner->recovery.hook, runner, by->name, by->command,
			       wait_for_device);
}

static int device_back(struct runner *runner, struct look *look)
{
	runner->recovery.phase = RECOVERY_RESTS;
	look_keep(&runner->last, look);
	progress_event(runner, "verified: %s",
		       runner->recovery.blocked ? "the device lets the tester in again"
						: "the device is back");
	return record_device(runner, DEVICE_VERIFIED, WHY_NONE, "it is back and is the same",
			     &runner->last);
}

/* The next look, or what follows when there is none. Who is blocked waits twice as
 * long each time: to knock is what it is blocked for. */
static int look_again(struct runner *runner, struct look *look)
{
	struct recovery *recovery = &runner->recovery;

	if (clock_ns() < recovery->deadline_ns) {
		recovery->pause_ns *= recovery->blocked ? 2 : 1;
		recovery->timer.due_ns = clock_ns() + recovery->pause_ns;
		loop_add(&runner->loop, &recovery->timer);
		return 0;
	}
	while (!recovery->blocked && recovery->steps < RESTARTS) {
		struct restart next = restart_of(runner, recovery->steps++);

		if (next.command != NULL) {
			return restart(runner, &next);
		}
	}
	return lives(look) ? go_on_without(runner, look) : give_up_on(runner);
}

static int took_look_waiting(struct runner *runner, struct look *look)
{
	struct text why;
	enum why trouble = look_compare(&runner->first, look, &why);
	int result;

	if (trouble == WHY_NONE) {
		return device_back(runner, look);
	}
	runner->recovery.blocked = trouble == WHY_BLOCKED;
	result = trouble == WHY_WRONG_DEVICE ? device_quarantine(runner, why.s, look)
					     : look_again(runner, look);
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
	recovery->pause_ns = LOOK_EVERY_NS;
	recovery->deadline_ns = now + runner->plan->profile->recovery_s * NS_PER_S;
	recovery->timer = (struct loop_source){
		.fd = -1, .due_ns = now + LOOK_EVERY_NS, .ready = timer_ready, .argument = runner};
	loop_add(&runner->loop, &recovery->timer);
	return 0;
}

/* --- what a look means ------------------------------------------------------- */

/* What the device says on its console while it is not what it was. */
static int look_at_console(struct runner *runner)
{
	const char *command = runner->plan->profile->hooks.console;

	if (command == NULL || bench_hook_runs(&runner->recovery.console)) {
		return 0;
	}
	return bench_hook_call(&runner->recovery.console, runner, "console", command, NULL);
}

/* The device is not what it was. */
static int recover(struct runner *runner, enum why trouble, const struct text *reason)
{
	runner->recovery.reason = *reason;
	runner->recovery.steps = 0;
	runner->recovery.trouble = trouble;
	runner->recovery.blocked = trouble == WHY_BLOCKED;
	runner->recovery.slow |= trouble == WHY_BLOCKED;
	progress_event(runner, "%s: %s; waiting up to %lld s",
		       trouble == WHY_BLOCKED ? "blocked" : "suspect", reason->s,
		       (long long)runner->plan->profile->recovery_s);
	return look_at_console(runner) != 0 ? -1 : wait_for_device(runner);
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
		return record_device(runner, DEVICE_ALIVE, WHY_NONE, "", &runner->last);
	}
	if (record_device(runner, trouble == WHY_BLOCKED ? DEVICE_BLOCKED : DEVICE_SUSPECT, trouble,
			  why.s, look) != 0) {
		result = -1;
	} else if (trouble == WHY_WRONG_DEVICE) {
		result = device_quarantine(runner, why.s, look);
	} else {
		result = recover(runner, trouble, &why);
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
	bench_hook_leave(&runner->recovery.hook);
	bench_hook_leave(&runner->recovery.console);
}

/* --- the first look ---------------------------------------------------------- */

static int nobody_there(struct runner *runner, const struct look *look)
{
	if (!look->broken && lives(look)) {
		(void)record_device(runner, DEVICE_BLOCKED, WHY_BLOCKED,
				    "no declared service lets the tester in", NULL);
		return runner_stop(
			runner, STOP_DEVICE_LOST,
			"none of the declared services lets the tester in, while others "
			"are answered at %s: the tester is blocked; wait until it is let "
			"in again",
			address_text(&runner->plan->profile->link.address).s);
	}
	(void)record_device(runner, DEVICE_LOST, WHY_DEVICE_LOST,
			    look->broken ? look->reason : "no declared service answers", NULL);
	return runner_stop(runner, STOP_DEVICE_LOST,
			   "%s at %s: is the device on, and is the profile's "
			   "address right?",
			   look->broken ? look->reason : "none of the declared services answers",
			   address_text(&runner->plan->profile->link.address).s);
}

static int took_first_look(struct runner *runner, struct look *look);

static int first_timer_ready(void *argument)
{
	struct runner *runner = argument;

	loop_remove(&runner->loop, &runner->recovery.timer);
	return look_start(runner, took_first_look);
}

/* Monitors and what runs beside the first look may have had all the places. */
static int first_look_later(struct runner *runner)
{
	runner->recovery.timer = (struct loop_source){.fd = -1,
						      .due_ns = clock_ns() + LOOK_EVERY_NS,
						      .ready = first_timer_ready,
						      .argument = runner};
	loop_add(&runner->loop, &runner->recovery.timer);
	return 0;
}

static int took_first_look(struct runner *runner, struct look *look)
{
	int result;

	if (runner->first.known) {
		return took_look(runner, look);
	}
	if (look->broken || (look->up == 0 && look->down > 0 && !look->watched)) {
		result =
			runner->plan->monitor_count > 0 && runner->looking.number < FIRST_LOOKS_MOST
				? first_look_later(runner)
				: nobody_there(runner, look);
		look_release(look);
		return result;
	}
	runner->recovery.phase = RECOVERY_RESTS;
	runner->first = (struct look){.known = true,
				      .identity = json_incref(look->identity),
				      .up_names = json_incref(look->up_names)};
	look_keep(&runner->last, look);
	return record_device(runner, DEVICE_ALIVE, WHY_NONE,
			     runner->last.up > 0 || !runner->last.watched ? "" : NOT_LET_IN,
			     &runner->last);
}

int device_first_look(struct runner *runner)
{
	runner->recovery.phase = RECOVERY_LOOKS;
	return look_start(runner, took_first_look);
}
