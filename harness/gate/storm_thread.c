/* storm_thread: when each batch of a load goes, and when the load must end. */
#define _GNU_SOURCE
#include "harness/base/clock.h"
#include "harness/gate/pacer.h"
#include "harness/gate/storm_parts.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "harness/banned.h"

enum {
	/* Stop flags and pulses are looked at at least this often, also while
	 * asleep, and before every batch. */
	SLICE_NS = 1000 * 1000,
	HOLD_SLICE_NS = 200 * 1000, /* while a beat is missing */
	/* Waking takes about 50 us. */
	SPIN_NS = 60 * 1000,
	REAL_TIME_MAX_RATE = 50000,
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
};

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
	bool spins = storm->plan.request.frames_per_s > STORM_SLEEP_MAX_RATE;
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

void storm_send(struct storm *storm)
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
