/* pulse: a thread that writes the time, and how its readers take it. */
#define _GNU_SOURCE
#include "harness/gate/pulse.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "harness/banned.h"

/* --- who beats ---------------------------------------------------------------- */

void pulse_allow(void)
{
	struct rlimit limit = {.rlim_cur = PULSE_PRIORITY, .rlim_max = PULSE_PRIORITY};

	(void)setrlimit(RLIMIT_RTPRIO, &limit);
}

static bool must_rest(struct pulse_beater *beater)
{
	struct pollfd stop = {.fd = beater->unless_fd, .events = POLLIN};

	return atomic_load_explicit(&beater->ending, memory_order_relaxed) ||
	       (beater->unless_fd >= 0 && poll(&stop, 1, 0) != 0);
}

static void *beat(void *argument)
{
	struct sched_param first = {.sched_priority = PULSE_PRIORITY};
	struct pulse_beater *beater = argument;
	int64_t due = clock_ns();

	if (pthread_setschedparam(pthread_self(), SCHED_FIFO, &first) != 0) {
		(void)setpriority(PRIO_PROCESS, 0, -20); /* this thread alone */
	}
	prctl(PR_SET_TIMERSLACK, 1UL, 0, 0, 0);
	while (!must_rest(beater)) {
		int64_t now = clock_ns();

		atomic_store_explicit(&beater->pulse->beat_ns, now, memory_order_release);
		due = due + PULSE_BEAT_NS > now ? due + PULSE_BEAT_NS : now + PULSE_BEAT_NS;
		clock_sleep_until(due);
	}
	return NULL;
}

int pulse_beat(struct pulse_beater *beater, struct pulse *pulse, int unless_fd)
{
	sigset_t all, before;
	int error;

	beater->pulse = pulse;
	beater->unless_fd = unless_fd;
	atomic_store(&beater->ending, false);
	/* the first beat is there when this returns */
	atomic_store(&pulse->beat_ns, clock_ns());
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = -pthread_create(&beater->thread, NULL, beat, beater);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

void pulse_rest(struct pulse_beater *beater)
{
	atomic_store(&beater->ending, true);
	pthread_join(beater->thread, NULL);
}

void pulse_trip(struct pulse *pulse, bool tripped)
{
	if (atomic_exchange(&pulse->tripped, tripped) != tripped && tripped) {
		atomic_fetch_add(&pulse->trips, 1);
	}
}

/* --- who reads ------------------------------------------------------------------ */

static bool stale(const struct pulse *pulse)
{
	/* the beat first: a pause in between makes it old, not fresh */
	int64_t beat_ns = atomic_load_explicit(&pulse->beat_ns, memory_order_acquire);

	return clock_ns() - beat_ns > PULSE_STALE_NS;
}

/* The functions that count: one, or all. */
static bool counts(const struct pulses *pulses, int function, size_t i)
{
	return function == PULSE_ANY ? atomic_load(&pulses->monitors[i]->beat_ns) != 0
				     : (size_t)function == i;
}

enum pulse_missing pulses_missing(const struct pulses *pulses, int function)
{
	size_t i;

	if (stale(pulses->runner)) {
		return PULSE_RUNNER_MISSING;
	}
	for (i = 0; i < pulses->count; i++) {
		if (counts(pulses, function, i) && stale(pulses->monitors[i])) {
			return PULSE_MONITOR_MISSING;
		}
	}
	return PULSE_ALL_BEAT;
}

bool pulses_tripped(const struct pulses *pulses, int function)
{
	size_t i;

	for (i = 0; i < pulses->count; i++) {
		if ((function == PULSE_ANY || (size_t)function == i) &&
		    atomic_load_explicit(&pulses->monitors[i]->tripped, memory_order_relaxed)) {
			return true;
		}
	}
	return false;
}

uint32_t pulses_trips(const struct pulses *pulses, int function)
{
	uint32_t trips = 0;
	size_t i;

	for (i = 0; i < pulses->count; i++) {
		if (function == PULSE_ANY || (size_t)function == i) {
			trips += atomic_load_explicit(&pulses->monitors[i]->trips,
						      memory_order_relaxed);
		}
	}
	return trips;
}
