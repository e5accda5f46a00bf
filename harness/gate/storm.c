/* storm: the load loop and its account. */
#define _GNU_SOURCE
#include "harness/gate/storm.h"
#include "harness/base/clock.h"
#include "harness/gate/hold.h"
#include "harness/gate/later.h"
#include "harness/gate/load.h"
#include "harness/gate/pacer.h"
#include "harness/gate/sender.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "harness/banned.h"

enum {
	/* Stop flags and pulses are looked at at least this often, also while
	 * asleep, and before every batch. */
	SLICE_NS = 1000 * 1000,
	HOLD_SLICE_NS = 200 * 1000, /* while a beat is missing */
	/* Sleeping alone is exact enough up to this rate; above it, the last
	 * part of each pause is spun: waking takes about 50 us. */
	SLEEP_MAX_RATE = 8000,
	SPIN_NS = 60 * 1000,
	REAL_TIME_MAX_RATE = 50000,
	BATCHES_PER_S = 4000,
	/* Looking at a frame again takes 50 ns: half a hundredth of a core here. */
	RECHECK_MAX_RATE = 100000,
	/*
	 * A pause of the tester is made up by a burst of what was due in
	 * BURST_NS and then at CATCH_UP_PERCENT of the rate, so that no tenth
	 * of a second carries more than 1.2 of it: a load that a device has to
	 * bear must not become one that it has not. What is later than LATE_NS
	 * is never made up.
	 */
	BURST_NS = 5 * 1000 * 1000,
	CATCH_UP_PERCENT = 115,
	LATE_NS = 500 * 1000 * 1000,
	/* What a pause near the end left over may still go for so long. */
	OVERTIME_NS = 40 * 1000 * 1000,
	RESULT_SLICE_MS = 50,
};

struct storm {
	struct storm_plan plan;
	struct load load;
	struct hold *_Atomic tcp, *_Atomic udp; /* NULL: not held */
	pthread_t thread;
	atomic_bool ending, over;
	bool told; /* the result is fetched */
	int error; /* of the load, when it is over */
	unsigned stop_mark;
	int function;   /* whose monitor watches, or PULSE_ANY */
	uint32_t trips; /* of its tripwire, when the load began */
	unsigned batch;
	bool rechecks;       /* the scope of every frame */
	int64_t due_base_ns; /* frame n is due at base + n / rate */
	int64_t last_ns;     /* when the last frame had gone */
	int64_t soonest_ns;  /* the next batch must not go before */
	uint64_t bytes;      /* sent */
	struct storm_result result;
	int64_t end_ns; /* nothing goes later */
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

/* Frames the interface says it has sent; 0 where it does not say. */
static uint64_t interface_sent(const char *interface)
{
	FILE *file = fopen("/proc/net/dev", "re");
	char line[512], name[32];
	unsigned long long frames = 0;

	if (file == NULL) {
		return 0;
	}
	while (fgets(line, sizeof(line), file) != NULL) {
		unsigned long long sent;

		if (sscanf(line, " %31[^:]: %*u %*u %*u %*u %*u %*u %*u %*u %*u %llu", name,
			   &sent) == 2 &&
		    strcmp(name, interface) == 0) {
			frames = sent;
		}
	}
	fclose(file);
	return frames;
}

static double thread_seconds(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* True when the load must end now; says why in the result. */
static bool must_end(struct storm *storm)
{
	if (atomic_load_explicit(&storm->ending, memory_order_relaxed) ||
	    stop_asked(storm->plan.stop, storm->stop_mark)) {
		storm->result.end = STORM_INTERRUPTED;
		return true;
	}
	if (pulses_tripped(storm->plan.pulses, storm->function) ||
	    pulses_trips(storm->plan.pulses, storm->function) != storm->trips) {
		storm->result.end = STORM_TRIPPED;
		return true;
	}
	return false;
}

/*
 * True when the next batch may go: the load need not end, and who watches it
 * beats. Where a beat is missing, waits for it and sends nothing meanwhile.
 */
static bool may_send(struct storm *storm)
{
	enum pulse_missing missing;
	int64_t since = 0, now;

	while (!must_end(storm)) {
		missing = pulses_missing(storm->plan.pulses, storm->function);
		if (missing == PULSE_ALL_BEAT) {
			break;
		}
		now = clock_ns();
		since = since == 0 ? now : since;
		if (now - since > PULSE_PATIENCE_NS) {
			storm->result.end = STORM_UNWATCHED;
			storm->result.runner_missing = missing == PULSE_RUNNER_MISSING;
			return false;
		}
		clock_sleep_until(now + HOLD_SLICE_NS);
	}
	if (since != 0) {
		storm->result.held_ms += (double)(clock_ns() - since) / 1e6;
	}
	return storm->result.end == STORM_COMPLETE;
}

/* Waits for the time; returns false when the load must end. */
static bool wait_for(struct storm *storm, int64_t due_ns)
{
	bool spins = storm->plan.request.frames_per_s > SLEEP_MAX_RATE;
	int64_t now, until;

	for (;;) {
		if (!may_send(storm)) {
			return false;
		}
		now = clock_ns();
		if (now >= due_ns) {
			return true;
		}
		until = spins ? due_ns - SPIN_NS : due_ns;
		if (until <= now) {
			continue;
		}
		if (until > now + SLICE_NS) {
			until = now + SLICE_NS;
		}
		clock_sleep_until(until);
	}
}

static void account(struct storm *storm, unsigned sent)
{
	struct storm_result *result = &storm->result;
	int64_t now = clock_ns(), gap;
	uint32_t slice;

	if (result->sent == 0) {
		result->start_ns = now;
	} else {
		gap = now - storm->last_ns;
		if ((double)gap / 1e3 > result->worst_gap_us) {
			result->worst_gap_us = (double)gap / 1e3;
		}
	}
	storm->last_ns = now;
	result->end_ns = now;
	result->sent += sent;
	slice = (uint32_t)((now - result->start_ns) / NS_PER_MS / result->slice_ms);
	if (slice < ARRAY_SIZE(result->slices)) {
		result->slices[slice] += sent;
		if (slice >= result->slice_count) {
			result->slice_count = slice + 1;
		}
	}
}

/* The load was proven to stay in scope before it began; that no frame leaves it
 * is looked at once more where it costs nothing. */
static void recheck(const struct storm *storm, uint8_t *const *frames, const size_t *sizes,
		    unsigned count)
{
	const struct scope scope = {storm->plan.link, &storm->plan.profile->link};
	struct text why;
	unsigned i;

	for (i = 0; i < count; i++) {
		if (scope_check(&scope, frames[i], sizes[i], &why) != 0) {
			BUG("a load that was proven to stay in scope left it: %s", why.s);
		}
	}
}

/* Returns how many of the frames from number first on are done with: 0 where
 * the kernel still has every place, -1 when the load had to end. */
static int send_batch(struct storm *storm, uint64_t first, unsigned count)
{
	uint8_t *places[SENDER_BATCH];
	size_t sizes[SENDER_BATCH];
	unsigned i, at = 0;
	int sent;

	count = sender_places(storm->plan.sender, places, count);
	for (i = 0; i < count; i++) {
		sizes[i] = load_write(&storm->load, first + i, places[i]);
	}
	if (storm->rechecks) {
		recheck(storm, places, sizes, count);
	}
	sender_queue(storm->plan.sender, sizes, count);
	while (at < count && may_send(storm) && clock_ns() < storm->end_ns) {
		sent = sender_push(storm->plan.sender);
		for (i = 0; sent > 0 && i < (unsigned)sent; i++) {
			storm->bytes += sizes[at + i];
		}
		if (sent > 0) {
			at += (unsigned)sent;
			account(storm, (unsigned)sent);
			continue;
		}
		storm->result.send_errors++;
		if (sent != -ENOBUFS && sent != -EAGAIN) {
			at++; /* this frame is lost, and counted */
		}
	}
	if (at < count) {
		/* what is still queued must not go with the next load */
		sender_close(storm->plan.sender);
		return -1;
	}
	return (int)count;
}

/* When the batch of frames from number next on is to go: when it is due, but
 * not sooner behind the last one than catching up allows. */
static int64_t go_at(struct storm *storm, int64_t next)
{
	int64_t rate = storm->plan.request.frames_per_s;
	int64_t due = storm->due_base_ns + next / rate * NS_PER_S + next % rate * NS_PER_S / rate;
	int64_t late = clock_ns() - due;

	if (late > LATE_NS) {
		storm->due_base_ns += late - LATE_NS;
	}
	return due > storm->soonest_ns ? due : storm->soonest_ns;
}

/* A batch goes now: when the next may, at the rate of catching up. */
static void went(struct storm *storm, unsigned count)
{
	int64_t base = clock_ns() - BURST_NS;

	if (base < storm->soonest_ns) {
		base = storm->soonest_ns;
	}
	storm->soonest_ns = base + (int64_t)count * NS_PER_S * 100 / CATCH_UP_PERCENT /
					   storm->plan.request.frames_per_s;
}

static void send_all(struct storm *storm)
{
	int64_t rate = storm->plan.request.frames_per_s;
	int64_t length = storm->plan.request.duration_ms * NS_PER_MS;
	int64_t at;
	int64_t whole = length / NS_PER_S * rate + length % NS_PER_S * rate / NS_PER_S;
	int64_t next = 0;
	unsigned count;
	int done;

	storm->due_base_ns = clock_ns();
	storm->end_ns = storm->due_base_ns + length + OVERTIME_NS;
	while (next < whole) {
		at = go_at(storm, next);
		if (at >= storm->end_ns || !wait_for(storm, at) || clock_ns() >= storm->end_ns) {
			return;
		}
		count = storm->batch;
		if (count > whole - next) {
			count = (unsigned)(whole - next);
		}
		done = send_batch(storm, (uint64_t)next, count);
		if (done < 0) {
			return;
		}
		if (done == 0) {
			storm->result.send_errors++;
			(void)sender_push(storm->plan.sender);
		}
		went(storm, (unsigned)done);
		next += done;
	}
}

/*
 * A load is a measuring instrument's: it goes before what else runs here, where
 * that is allowed. In the real-time class only up to a rate that leaves most of
 * a core to the monitors' connections.
 */
static void come_first(const struct storm *storm)
{
	struct sched_param first = {.sched_priority = 1};

	if (storm->plan.request.frames_per_s > REAL_TIME_MAX_RATE ||
	    pthread_setschedparam(pthread_self(), SCHED_FIFO, &first) != 0) {
		(void)setpriority(PRIO_PROCESS, 0, -10); /* this thread alone */
	}
	pacer_sharpen();
}

static void send_and_measure(struct storm *storm)
{
	const char *interface = storm->plan.link->interface;
	uint64_t counter = interface_sent(interface);
	double cpu = thread_seconds();
	int64_t begin = clock_ns();

	storm->result.end = STORM_COMPLETE;
	come_first(storm);
	send_all(storm);
	storm->result.cpu_share = (thread_seconds() - cpu) / ((double)(clock_ns() - begin) / 1e9);
	storm->result.interface_sent = interface_sent(interface) - counter;
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

/* Keeps the tester's kernel from answering what the device answers. */
static int hold(struct storm *storm, enum frame_layer transport, struct hold *_Atomic *ret)
{
	struct hold *held = NULL;
	const uint32_t *ports;
	struct text why;
	size_t count;
	int error;

	if (!load_has(&storm->load, transport)) {
		return 0;
	}
	error = hold_open(storm->plan.link, transport, &held, &why);
	if (error != 0) {
		tally_refuse(storm->plan.tally, "%.180s", why.s);
		return error;
	}
	atomic_store(ret, held);
	ports = hold_ports(held, &count);
	load_limit(&storm->load, transport, ports, count);
	return 0;
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
		error = hold(storm, FRAME_TCP, &storm->tcp);
		error = error != 0 ? error : hold(storm, FRAME_UDP, &storm->udp);
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
		send_and_measure(storm);
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
	batch = rate <= SLEEP_MAX_RATE ? 1 : rate / BATCHES_PER_S;
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
	return hold_answers(storm == NULL ? NULL : atomic_load(&storm->tcp));
}

void storm_end(struct storm *storm)
{
	if (storm == NULL) {
		return;
	}
	atomic_store(&storm->ending, true);
	pthread_join(storm->thread, NULL);
	hold_close(atomic_load(&storm->tcp));
	hold_close(atomic_load(&storm->udp));
	free(storm);
}
