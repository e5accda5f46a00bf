/* recovery: follows the device's state through a run: alive, suspect,
 * recovering, verified, lost or quarantined. */
#define _GNU_SOURCE
#include "harness/base/clock.h"
#include "harness/run/evidence.h"
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

/* Looks once a second until the device is well or recovery_s is over. Returns
 * 1 well, 0 not, -1 when the run has to stop. */
static int wait_for_device(struct runner *runner)
{
	int64_t deadline = clock_ns() + runner->plan->profile->recovery_s * NS_PER_S;
	int64_t next;
	struct look look = {.known = false};
	struct text why;
	enum why trouble;

	do {
		next = clock_ns() + LOOK_EVERY_NS;
		while (clock_ns() < next) {
			if (schedule_wait(runner, next) != 0) {
				return -1;
			}
		}
		if (look_take(runner, &look) != 0) {
			return -1;
		}
		trouble = look_compare(&runner->first, &look, &why);
		if (trouble == WHY_WRONG_DEVICE) {
			(void)device_quarantine(runner, why.s, &look);
			look_release(&look);
			return -1;
		}
		if (trouble == WHY_NONE) {
			look_keep(&runner->last, &look);
			return record_device(runner, "verified", WHY_NONE,
					     "it is back and is the same", &runner->last) == 0
				       ? 1
				       : -1;
		}
		look_release(&look);
	} while (clock_ns() < deadline);
	return 0;
}

/* Calls the profile's power_cycle. Returns 0, or -1 when the run has to stop.
 */
static int power_cycle(struct runner *runner)
{
	const struct hook *hooks = &runner->plan->profile->hooks;
	int64_t seconds = hooks->timeout_s > 0 ? hooks->timeout_s : 60;
	char path[4096];
	struct text why;
	int status;

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
	status = hook_run(hooks->power_cycle, path, clock_ns() + seconds * NS_PER_S,
			  runner->signal_fd, &why);
	if (status < 0) {
		return record_note(runner, why.s);
	}
	snprintf(why.s, sizeof(why.s),
		 "the hook power_cycle ended with status %d; its output is in "
		 "evidence/power-cycle.txt",
		 status);
	return record_note(runner, why.s);
}

/* The device is not what it was. Returns 0 when it is again. */
static int recover(struct runner *runner, const char *reason)
{
	int64_t seconds = runner->plan->profile->recovery_s;
	bool hook = runner->plan->profile->hooks.power_cycle != NULL;
	int back;

	progress_event(runner, "suspect: %s; waiting up to %lld s", reason, (long long)seconds);
	back = wait_for_device(runner);
	if (back == 0 && hook) {
		if (power_cycle(runner) != 0) {
			return -1;
		}
		back = wait_for_device(runner);
	}
	if (back > 0) {
		progress_event(runner, "verified: the device is back");
		return 0;
	}
	if (back < 0) {
		return -1;
	}
	if (record_device(runner, "lost", WHY_DEVICE_LOST, reason, NULL) != 0) {
		return -1;
	}
	return runner_stop(runner, STOP_DEVICE_LOST,
			   "the device did not come back within %lld s%s: %s", (long long)seconds,
			   hook ? ", nor after the power cycle" : "", reason);
}

/* Judges a look and acts on it; the look becomes the runner's. */
static int act_on(struct runner *runner, struct look *look)
{
	struct text why = {.s = ""};
	enum why trouble = look_compare(&runner->first, look, &why);
	int result;

	if (trouble == WHY_NONE) {
		look_keep(&runner->last, look);
		return record_device(runner, "alive", WHY_NONE, "", &runner->last);
	}
	if (record_device(runner, "suspect", trouble, why.s, look) != 0) {
		result = -1;
	} else if (trouble == WHY_WRONG_DEVICE) {
		result = device_quarantine(runner, why.s, look);
	} else {
		result = recover(runner, why.s);
	}
	look_release(look);
	return result;
}

int device_check(struct runner *runner)
{
	struct look look = {.known = false};

	runner->doubt = false;
	if (runner->last.known) {
		return 0;
	}
	if (look_take(runner, &look) != 0) {
		return -1;
	}
	return act_on(runner, &look);
}

void device_touched(struct runner *runner)
{
	look_release(&runner->last);
}

int device_first_look(struct runner *runner)
{
	struct look look = {.known = false};

	if (look_take(runner, &look) != 0) {
		return -1;
	}
	if (runner->first.known) {
		return act_on(runner, &look);
	}
	if (!look.broken && (look.up > 0 || look.down == 0)) {
		runner->first = look;
		runner->first.identity = json_incref(look.identity);
		runner->first.up_names = json_incref(look.up_names);
		look_keep(&runner->last, &look);
		return record_device(runner, "alive", WHY_NONE, "", &runner->last);
	}
	(void)record_device(runner, "lost", WHY_DEVICE_LOST,
			    look.broken ? look.reason : "no declared service answers", NULL);
	(void)runner_stop(runner, STOP_DEVICE_LOST,
			  "%s at %s: is the device on, and is the profile's "
			  "address right?",
			  look.broken ? look.reason : "none of the declared services answers",
			  address_text(&runner->plan->profile->link.address).s);
	look_release(&look);
	return -1;
}
