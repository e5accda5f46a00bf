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

/* A monitor that was answered so lately holds its connection. */
#define LATELY_NS (2 * NS_PER_S)
/* How long a monitor may take to say something, beside two of its periods. */
#define LISTEN_NS NS_PER_S

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
	json_decref(look->other_names);
	json_decref(look->taken_names);
	*look = (struct look){.known = false};
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

static json_t *names_of(const struct fact *list)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; list != NULL && i < list->list_count; i++) {
		json_array_append_new(array, json_string(list->list[i]));
	}
	return array;
}

/* --- what the monitors see --------------------------------------------------- */

enum word { SILENT, NOT_ANSWERED, ANSWERED };

/* True unless it keeps off its service, or could not be started. */
static bool speaks(const struct runner *runner, const struct planned_monitor *monitor)
{
	const struct monitor_process *process = runner->monitors[monitor - runner->plan->monitors];

	return runner->rings != NULL && runner->rings[monitor->index] != NULL && process != NULL &&
	       !monitor_gives_way(process);
}

/* What the monitor has to say of the time since then. */
static enum word word_of(const struct runner *runner, const struct planned_monitor *monitor,
			 int64_t from_ns)
{
	struct sample samples[64];
	size_t i, count;

	if (!speaks(runner, monitor)) {
		return SILENT;
	}
	count = sample_ring_copy(runner->rings[monitor->index], from_ns, INT64_MAX, samples,
				 ARRAY_SIZE(samples));
	for (i = 0; i < count; i++) {
		if (samples[i].answered) {
			return ANSWERED;
		}
	}
	return count > 0 ? NOT_ANSWERED : SILENT;
}

const struct service *look_service(const struct planned_monitor *monitor)
{
	size_t i;

	for (i = 0; i < monitor->param_count; i++) {
		if (monitor->params[i].service != NULL) {
			return monitor->params[i].service;
		}
	}
	return NULL;
}

/* True while a monitor is still to say what the look's own child could not tell.
 * One that ended, or is slow, is not waited for longer than that. */
static bool worth_listening(const struct runner *runner, const struct look *look)
{
	const struct looking *looking = &runner->looking;
	const struct plan *plan = runner->plan;
	size_t i;

	for (i = 0; i < plan->monitor_count && !look->broken; i++) {
		const struct planned_monitor *monitor = &plan->monitors[i];
		int64_t most_ns = 2 * monitor->function->period_ms * NS_PER_MS + LISTEN_NS;

		if (look->down + looking->spared + json_array_size(look->taken_names) > 0 &&
		    speaks(runner, monitor) && clock_ns() < looking->start_ns + most_ns &&
		    word_of(runner, monitor, looking->start_ns) == SILENT) {
			return true;
		}
	}
	return false;
}

/*
 * What the look's own child could not tell: a service that it was spared of, or
 * that did not let it in, is up where its monitor is answered and has all its
 * places, and there for others where it has not.
 */
static void take_monitors(struct runner *runner, struct look *look)
{
	const struct plan *plan = runner->plan;
	size_t i;

	for (i = 0; i < plan->monitor_count; i++) {
		const struct planned_monitor *monitor = &plan->monitors[i];
		const struct service *service = look_service(monitor);

		if (word_of(runner, monitor, runner->looking.start_ns) != ANSWERED) {
			continue;
		}
		look->watched = true;
		if (service == NULL || names(look->up_names, service->name)) {
			continue;
		}
		if (service->clients > 0) {
			json_array_append_new(look->up_names, json_string(service->name));
			look->up++;
		} else if (!names(look->other_names, service->name)) {
			json_array_append_new(look->other_names, json_string(service->name));
		}
	}
}

/* --- what the child saw ------------------------------------------------------ */

static void look_fill(struct runner *runner, const struct child_report *report, struct look *ret)
{
	const struct fact *up = facts_find(&report->facts, "services_up");
	const struct fact *down = facts_find(&report->facts, "services_down");
	const struct fact *fact;
	size_t i;

	*ret = (struct look){
		.known = true,
		.identity = json_object(),
		.up_names = names_of(up),
		.other_names = names_of(facts_find(&report->facts, "services_witness")),
		.taken_names = names_of(facts_find(&report->facts, "services_taken")),
	};
	if (report->outcome != CHILD_COMPLETE || up == NULL || down == NULL) {
		ret->broken = true;
		ret->reason = arena_printf(runner->arena, "the look at the device failed: %s",
					   report->reason == NULL ? "no facts" : report->reason);
		return;
	}
	ret->up = up->list_count;
	ret->down = down->list_count + json_array_size(ret->other_names);
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

/* Services whose monitor has their place, and is answered: to dial them would show
 * nothing but that. */
static const char *const *spared(struct runner *runner, struct arena *arena)
{
	const struct plan *plan = runner->plan;
	const char **names = NULL;
	size_t i, count = 0;

	for (i = 0; i < plan->monitor_count; i++) {
		const struct service *service = look_service(&plan->monitors[i]);

		if (service != NULL && service->clients > 0 &&
		    word_of(runner, &plan->monitors[i], clock_ns() - LATELY_NS) == ANSWERED) {
			*(const char **)arena_push(arena, &names, &count, sizeof(char *)) =
				service->name;
		}
	}
	runner->looking.spared = count;
	*(const char **)arena_push(arena, &names, &count, sizeof(char *)) = NULL;
	return names;
}

static bool has_witness(const struct profile *profile)
{
	return profile_source(profile, "witness", profile->link.address.family) != NULL;
}

/* What the child is asked to look at. */
static void look_order(struct runner *runner)
{
	struct looking *looking = &runner->looking;
	const struct profile *profile = runner->plan->profile;
	const struct probe *probe = probe_find("device.identity");

	if (probe == NULL) {
		BUG("the probe device.identity is missing");
	}
	snprintf(looking->id, sizeof(looking->id), "look-%d", ++looking->number);
	looking->start_ns = clock_ns();
	looking->probe = *probe;
	if (has_witness(profile)) {
		looking->probe.needs |= NEEDS_SECOND_SOURCE;
	}
	looking->params[0] = (struct param_value){
		.name = "host_key", .type = PARAM_BOOL, .yes = may_leave_traces(runner->plan)};
	looking->params[1] = (struct param_value){
		.name = "witness", .type = PARAM_BOOL, .yes = has_witness(profile)};
	looking->params[2] = (struct param_value){
		.name = "spare", .type = PARAM_LIST, .list = spared(runner, looking->arena)};
	looking->observation = (struct observation){.id = looking->id,
						    .probe = &looking->probe,
						    .params = looking->params,
						    .param_count = ARRAY_SIZE(looking->params)};
}

/* As many connections at one time as the budget has places for. */
static size_t look_doors(const struct profile *profile)
{
	int64_t places = profile->budget.connections < profile->budget.half_open
				 ? profile->budget.connections
				 : profile->budget.half_open;

	return places < 1 ? 1 : places > CHILD_DOORS ? CHILD_DOORS : (size_t)places;
}

/* Starts a child that looks. */
static int look_begin(struct runner *runner)
{
	struct looking *looking = &runner->looking;
	struct child_order order = {.observation = &looking->observation,
				    .doors = look_doors(runner->plan->profile),
				    .attempt = 1};
	struct text why;

	looking->arena = arena_new();
	look_order(runner);
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

	if (!look_under_way(runner)) {
		return;
	}
	loop_remove(&runner->loop, &looking->source);
	child_free(looking->child);
	looking->child = NULL;
	looking->listening = false;
	arena_free(looking->arena);
	look_release(&looking->look);
}

/* The look is over when every monitor that is asked has said something. */
static int look_listen(void *argument)
{
	struct runner *runner = argument;
	struct looking *looking = &runner->looking;
	struct look look;

	if (worth_listening(runner, &looking->look)) {
		looking->source.due_ns = clock_ns() + 10 * NS_PER_MS;
		return 0;
	}
	take_monitors(runner, &looking->look);
	look = looking->look;
	looking->look = (struct look){.known = false};
	look_end(runner);
	return looking->done(runner, &look);
}

/* The loop has something from the look's child. */
static int look_ready(void *argument)
{
	struct runner *runner = argument;
	struct looking *looking = &runner->looking;
	struct child_report report;

	if (child_step(looking->child, &report) == 0) {
		looking->source.due_ns = child_deadline(looking->child);
		return 0;
	}
	if (report.gate_gone) {
		look_end(runner);
		return runner_gate_gone(runner);
	}
	/* somebody ended it: it says nothing about the device */
	if (report.signal == SIGKILL && !looking->again) {
		look_end(runner);
		looking->again = true;
		return look_begin(runner);
	}
	look_fill(runner, &report, &looking->look);
	child_free(looking->child);
	looking->child = NULL;
	looking->listening = true;
	looking->source.fd = -1;
	looking->source.ready = look_listen;
	return look_listen(runner);
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
	return runner->looking.child != NULL || runner->looking.listening;
}

/* What was up and does not let the tester in any more. */
static enum why compare_services(const struct look *first, const struct look *now, struct text *why)
{
	enum why result = WHY_NONE;
	const char *name;
	json_t *entry;
	size_t i;

	json_array_foreach(first->up_names, i, entry)
	{
		name = json_string_value(entry);
		if (names(now->up_names, name) || names(now->taken_names, name)) {
			continue;
		}
		if (!names(now->other_names, name)) {
			text_error(why, "service '%s' was up and does not answer any more", name);
			return WHY_DEVICE_LOST;
		}
		if (result == WHY_NONE) {
			text_error(why,
				   "service '%s' lets the tester in no more, while others are "
				   "answered there",
				   name);
			result = WHY_BLOCKED;
		}
	}
	return result;
}

enum why look_compare(const struct look *first, const struct look *now, struct text *why)
{
	const char *name, *was, *is;
	json_t *entry;

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
	return compare_services(first, now, why);
}
