/* look: is the device there, and is it still the same? Runs the probe
 * device.identity in a child like any other; judges nothing else. */
#define _GNU_SOURCE
#include "harness/base/clock.h"
#include "harness/run/runner.h"
#include "probes/registry.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "harness/banned.h"

/* What must stay the same for as long as a run goes on. */
static const struct {
	const char *fact, *words;
} identity_facts[] = {
	{"mac", "MAC address"},
	{"ssh_host_key", "SSH host key"},
	{"ssh_banner", "SSH banner"},
};

static const char *words_of(const char *fact)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(identity_facts); i++) {
		if (strcmp(identity_facts[i].fact, fact) == 0) {
			return identity_facts[i].words;
		}
	}
	return fact;
}

void look_release(struct look *look)
{
	json_decref(look->identity);
	json_decref(look->up_names);
	*look = (struct look){.known = false};
}

static void look_fill(struct runner *runner, const struct child_report *report, struct look *ret)
{
	const struct fact *up = facts_find(&report->facts, "services_up");
	const struct fact *down = facts_find(&report->facts, "services_down");
	const struct fact *fact;
	size_t i;

	*ret = (struct look){.known = true, .identity = json_object(), .up_names = json_array()};
	if (report->outcome != CHILD_COMPLETE || up == NULL || down == NULL) {
		ret->broken = true;
		ret->reason = arena_printf(runner->arena, "the look at the device failed: %s",
					   report->reason == NULL ? "no facts" : report->reason);
		return;
	}
	ret->up = up->list_count;
	ret->down = down->list_count;
	for (i = 0; i < up->list_count; i++) {
		json_array_append_new(ret->up_names, json_string(up->list[i]));
	}
	for (i = 0; i < ARRAY_SIZE(identity_facts); i++) {
		fact = facts_find(&report->facts, identity_facts[i].fact);
		if (fact != NULL) {
			json_object_set_new(ret->identity, identity_facts[i].fact,
					    fact_to_json(fact));
		}
	}
}

/* Waits for the look's child. Returns 0, or -1 when the run has to stop. */
static int look_wait(struct runner *runner, struct child_report *report)
{
	while (child_step(runner->looking, report) == 0) {
		if (schedule_wait(runner, child_deadline(runner->looking)) != 0) {
			return -1;
		}
	}
	return 0;
}

/* A run that only observes cannot have changed the device: it is looked at for
 * life, not for its keys. */
static bool may_leave_traces(const struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->observation_count; i++) {
		if (plan->observations[i].why == WHY_NONE &&
		    plan->observations[i].probe->impact > IMPACT_OBSERVE) {
			return true;
		}
	}
	return false;
}

/* One child that looks. *ret_killed: somebody ended it, so that it says nothing
 * about the device. Returns 0, or -1 when the run has to stop. */
static int look_once(struct runner *runner, struct look *ret, bool *ret_killed)
{
	const struct probe *probe = probe_find("device.identity");
	char id[32];
	const struct param_value host_key = {
		.name = "host_key", .type = PARAM_BOOL, .yes = may_leave_traces(runner->plan)};
	struct observation observation = {
		.id = id, .probe = probe, .params = &host_key, .param_count = 1};
	struct child_order order = {.observation = &observation, .attempt = 1};
	struct arena *arena;
	struct child_report report;
	struct text why;
	int result;

	if (probe == NULL) {
		BUG("the probe device.identity is missing");
	}
	snprintf(id, sizeof(id), "look-%d", ++runner->looks);
	arena = arena_new();
	runner->looking = child_start(&runner->world, &order, runner->gate, arena, &why);
	if (runner->looking == NULL) {
		arena_free(arena);
		return runner_stop(runner, STOP_BENCH_LOST, "%s", why.s);
	}
	result = look_wait(runner, &report);
	if (result == 0 && report.gate_gone) {
		result = schedule_gate_gone(runner);
	}
	if (result == 0) {
		look_fill(runner, &report, ret);
		*ret_killed = report.signal == SIGKILL;
	}
	child_free(runner->looking);
	runner->looking = NULL;
	arena_free(arena);
	return result;
}

int look_take(struct runner *runner, struct look *ret)
{
	bool killed = false;

	if (look_once(runner, ret, &killed) != 0) {
		return -1;
	}
	if (!killed) {
		return 0;
	}
	look_release(ret);
	return look_once(runner, ret, &killed);
}

static bool names(const json_t *array, const char *name)
{
	size_t i;
	json_t *entry;

	json_array_foreach(array, i, entry)
	{
		if (strcmp(json_string_value(entry), name) == 0) {
			return true;
		}
	}
	return false;
}

enum why look_compare(const struct look *first, const struct look *now, struct text *why)
{
	const char *name, *was, *is;
	json_t *entry;
	size_t i;

	/* who it is comes first: another device may well be alive */
	json_object_foreach(first->identity, name, entry)
	{
		was = json_string_value(entry);
		is = json_string_value(json_object_get(now->identity, name));
		if (was != NULL && is != NULL && strcmp(was, is) != 0) {
			text_error(why, "its %s was '%.200s' and is '%.200s' now", words_of(name),
				   was, is);
			return WHY_WRONG_DEVICE;
		}
	}
	if (now->broken) {
		text_error(why, "%s", now->reason);
		return WHY_DEVICE_LOST;
	}
	json_array_foreach(first->up_names, i, entry)
	{
		if (!names(now->up_names, json_string_value(entry))) {
			text_error(why,
				   "service '%s' was up and does not answer "
				   "any more",
				   json_string_value(entry));
			return WHY_DEVICE_LOST;
		}
	}
	return WHY_NONE;
}
