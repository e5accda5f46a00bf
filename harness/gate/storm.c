/* storm: makes a load, has it sent, and tells what came of it. */
#define _GNU_SOURCE
#include "harness/gate/storm_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/banned.h"

enum {
	BATCHES_PER_S = 4000,
	/* Looking at a frame again takes 50 ns: half a hundredth of a core here. */
	RECHECK_MAX_RATE = 100000,
	RESULT_SLICE_MS = 50,
};

int storm_allowed(const struct storm_plan *plan)
{
	const struct storm_request *request = &plan->request;
	const struct budget *budget = &plan->profile->budget;
	struct text why;
	int error = load_allowed(request, plan->profile, &why);

	if (error != 0) {
		tally_refuse(plan->tally, "%.180s", why.s);
		return error;
	}
	if (!sender_known(request->sender)) {
		tally_refuse(plan->tally, "there is no sender '%s'", request->sender);
		return -EINVAL;
	}
	if (request->frames_per_s < 1 || request->duration_ms < 1) {
		tally_refuse(plan->tally, "a load needs a rate and a time");
		return -EINVAL;
	}
	if (request->frames_per_s > budget->load_frames_per_s ||
	    request->duration_ms > budget->load_s * 1000) {
		tally_refuse(plan->tally,
			     "%lld frames/s for %lld ms is beyond the load "
			     "budget of %lld frames/s for %lld s",
			     (long long)request->frames_per_s, (long long)request->duration_ms,
			     (long long)budget->load_frames_per_s, (long long)budget->load_s);
		return -EDQUOT;
	}
	return 0;
}

/* The sender of the load before, unless another one is asked for. */
static int take_sender(struct storm *storm)
{
	struct sender *sender = storm->plan.sender;
	const char *name = storm->plan.request.sender;

	if (sender->state != NULL && (name[0] == '\0' || strcmp(sender->ops->name, name) == 0)) {
		return 0;
	}
	sender_close(sender);
	return sender_open(storm->plan.link, name, sender);
}

static const struct {
	enum frame_layer transport, ip;
	enum address_family family;
} held[STORM_HOLDS] = {
	{FRAME_TCP, FRAME_IPV4, ADDRESS_IPV4},
	{FRAME_TCP, FRAME_IPV6, ADDRESS_IPV6},
	{FRAME_UDP, FRAME_IPV4, ADDRESS_IPV4},
	{FRAME_UDP, FRAME_IPV6, ADDRESS_IPV6},
};

static int hold(struct storm *storm, size_t i, unsigned shares)
{
	struct hold *hold = NULL;
	struct load_ports ports;
	struct link link;
	struct text why;
	int error = -EADDRNOTAVAIL;

	text_error(&why, "no such address");
	if (link_over(storm->plan.link, held[i].family, &link)) {
		error = hold_open(&link, held[i].transport, shares, &hold, &why);
	}
	if (error != 0) {
		tally_refuse(storm->plan.tally, "%.180s", why.s);
		return error;
	}
	atomic_store(&storm->holds[i], hold);
	ports.at = hold_ports(hold, &ports.count);
	load_limit(&storm->load, held[i].transport, held[i].ip, &ports);
	return 0;
}

/* Keeps the tester's kernel from answering what the device answers. */
static int hold_all(struct storm *storm)
{
	bool wanted[STORM_HOLDS];
	unsigned shares = 0;
	int error = 0;
	size_t i;

	for (i = 0; i < STORM_HOLDS; i++) {
		wanted[i] = load_has(&storm->load, held[i].transport, held[i].ip);
		shares += wanted[i];
	}
	for (i = 0; i < STORM_HOLDS && error == 0; i++) {
		error = wanted[i] ? hold(storm, i, shares) : 0;
	}
	return error;
}

/* Sham frames carry nobody's address; nobody answers them. */
static int prepare(struct storm *storm)
{
	const struct storm_request *request = &storm->plan.request;
	const struct link *link = storm->plan.link;
	struct scope scope = {link, &storm->plan.profile->link};
	struct text why;
	int error = load_make(request, &scope, &storm->load, &why);

	if (error != 0) {
		tally_refuse(storm->plan.tally, "%.180s", why.s);
		return error;
	}
	if (request->sham != 0) {
		load_divert(&storm->load, link);
	} else {
		error = hold_all(storm);
	}
	error = error != 0 ? error : take_sender(storm);
	if (error == 0) {
		snprintf(storm->result.sender, sizeof(storm->result.sender), "%s",
			 storm->plan.sender->ops->name);
	}
	return error;
}

static void *run(void *argument)
{
	struct storm *storm = argument;
	struct reply reply = {.error = prepare(storm)};
	uint64_t one = 1;

	if (reply.error == 0) {
		storm_send(storm);
		tally_sent(storm->plan.tally, storm->result.sent, storm->bytes);
	}
	storm->error = reply.error;
	atomic_store(&storm->over, true);
	(void)!write(storm->plan.wake, &one, sizeof(one));
	return NULL;
}

static int function_index(const struct profile *profile, const char *name)
{
	size_t i;

	for (i = 0; i < profile->function_count; i++) {
		if (strcmp(profile->functions[i].name, name) == 0) {
			return (int)i;
		}
	}
	return PULSE_ANY;
}

int storm_start(const struct storm_plan *plan, struct storm **ret)
{
	struct storm *storm = calloc(1, sizeof(*storm));
	int64_t rate = plan->request.frames_per_s, batch, slice;
	int error;

	if (storm == NULL) {
		BUG("out of memory");
	}
	storm->plan = *plan;
	storm->stop_mark = stop_mark(plan->stop);
	/* sham frames go to an address that is in nobody's scope */
	storm->rechecks = rate <= RECHECK_MAX_RATE && plan->request.sham == 0;
	storm->function = function_index(plan->profile, plan->request.function);
	storm->trips = pulses_trips(plan->pulses, storm->function);
	batch = rate <= STORM_SLEEP_MAX_RATE ? 1 : rate / BATCHES_PER_S;
	storm->batch = batch > SENDER_BATCH ? SENDER_BATCH : (unsigned)batch;
	slice = plan->request.duration_ms / (int64_t)ARRAY_SIZE(storm->result.slices) + 1;
	storm->result.slice_ms = slice < RESULT_SLICE_MS ? RESULT_SLICE_MS : (uint32_t)slice;
	error = -pthread_create(&storm->thread, NULL, run, storm);
	if (error != 0) {
		free(storm);
		return error;
	}
	*ret = storm;
	return 0;
}

bool storm_told(struct storm *storm, int *ret_error, const struct storm_result **ret)
{
	if (storm == NULL || storm->told || !atomic_load(&storm->over)) {
		return false;
	}
	storm->told = true;
	*ret_error = storm->error;
	*ret = &storm->result;
	return true;
}

bool storm_running(const struct storm *storm)
{
	return storm != NULL && !atomic_load(&storm->over);
}

struct storm_answers storm_answers(const struct storm *storm)
{
	struct storm_answers all = {0}, one;
	size_t i;

	for (i = 0; storm != NULL && i < STORM_HOLDS; i++) {
		if (held[i].transport != FRAME_TCP) {
			continue;
		}
		one = hold_answers(atomic_load(&storm->holds[i]));
		all.ports += one.ports;
		all.syn_acks += one.syn_acks;
		all.repeated += one.repeated;
		all.kept += one.kept;
		all.resets += one.resets;
	}
	return all;
}

void storm_end(struct storm *storm)
{
	size_t i;

	if (storm == NULL) {
		return;
	}
	atomic_store(&storm->ending, true);
	pthread_join(storm->thread, NULL);
	for (i = 0; i < STORM_HOLDS; i++) {
		hold_close(atomic_load(&storm->holds[i]));
	}
	free(storm);
}
