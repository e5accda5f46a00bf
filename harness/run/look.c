/* look: runs the probe device.identity in a child and compares what it saw. */
#define _GNU_SOURCE
#include "harness/run/look.h"
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

static int look_ready(void *argument);

/* Starts a child that looks. */
static int look_begin(struct runner *runner)
{
	struct looking *looking = &runner->looking;
	struct child_order order = {.observation = &looking->observation, .attempt = 1};
	struct text why;

	snprintf(looking->id, sizeof(looking->id), "look-%d", ++looking->number);
	looking->host_key = (struct param_value){
		.name = "host_key", .type = PARAM_BOOL, .yes = may_leave_traces(runner->plan)};
	looking->observation = (struct observation){.id = looking->id,
						    .probe = probe_find("device.identity"),
						    .params = &looking->host_key,
						    .param_count = 1};
	if (looking->observation.probe == NULL) {
		BUG("the probe device.identity is missing");
	}
	looking->arena = arena_new();
	looking->child = child_start(&runner->world, &order, runner->gate, looking->arena, &why);
	if (looking->child == NULL) {
		arena_free(looking->arena);
		return runner_stop(runner, STOP_BENCH_LOST, "%s", why.s);
	}
	looking->source = (struct loop_source){.fd = child_fd(looking->child),
					       .due_ns = child_deadline(looking->child),
					       .ready = look_ready,
					       .argument = runner};
	loop_add(&runner->loop, &looking->source);
	return 0;
}

void look_end(struct runner *runner)
{
	struct looking *looking = &runner->looking;

	if (looking->child == NULL) {
		return;
	}
	loop_remove(&runner->loop, &looking->source);
	child_free(looking->child);
	looking->child = NULL;
	arena_free(looking->arena);
}

/* The loop has something from the look's child. */
static int look_ready(void *argument)
{
	struct runner *runner = argument;
	struct looking *looking = &runner->looking;
	struct look look = {.known = false};
	struct child_report report;
	bool killed;

	if (child_step(looking->child, &report) == 0) {
		looking->source.due_ns = child_deadline(looking->child);
		return 0;
	}
	if (report.gate_gone) {
		look_end(runner);
		return runner_gate_gone(runner);
	}
	look_fill(runner, &report, &look);
	/* somebody ended it: it says nothing about the device */
	killed = report.signal == SIGKILL && !looking->again;
	look_end(runner);
	if (killed) {
		looking->again = true;
		look_release(&look);
		return look_begin(runner);
	}
	return looking->done(runner, &look);
}

int look_start(struct runner *runner, int (*done)(struct runner *runner, struct look *look))
{
	if (look_under_way(runner)) {
		BUG("two looks at one time");
	}
	runner->looking.done = done;
	runner->looking.again = false;
	return look_begin(runner);
}

bool look_under_way(const struct runner *runner)
{
	return runner->looking.child != NULL;
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
