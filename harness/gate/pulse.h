/*
 * pulse: what lets a load go on: the runner and the monitor of the function it
 * is aimed at each beat, in memory that they alone can write and the gate can
 * read. A monitor's page also holds its tripwire.
 *
 * A beat comes every millisecond from a thread that does nothing else, in the
 * real-time class where that is allowed: a process that is stopped or gone does
 * not beat, and one that is merely busy does. A load sends nothing once the
 * newest beat is older than PULSE_STALE_NS, and goes on when it is back within
 * PULSE_PATIENCE_NS: a pause of the tester delays a load and does not end it.
 * After that the load is over, unwatched.
 */
#ifndef ASSAY_GATE_PULSE_H
#define ASSAY_GATE_PULSE_H

#include "harness/base/clock.h"
#include "harness/base/page.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PULSE_BEAT_NS = 1000 * 1000,
	/* From a process's end to the last frame: this, and at most one batch.
	 * Nothing may be sent later than 10 ms after. */
	PULSE_STALE_NS = 6 * 1000 * 1000,
	PULSE_PATIENCE_NS = 100 * 1000 * 1000,
	/* Above loads (1) and monitors (2). */
	PULSE_PRIORITY = 3,
	PULSE_ANY = -1, /* every function whose monitor has ever beaten */
};

struct pulse {                   /* in a page; zeroed: has never beaten */
	_Atomic int64_t beat_ns; /* CLOCK_MONOTONIC */
	_Atomic uint32_t trips;  /* how often the tripwire was set */
	atomic_bool tripped;     /* it is set now: no progress */
};

/* Allows this process and those forked later a thread of PULSE_PRIORITY, also
 * when they have no privilege any more. Where that is refused they beat in the
 * ordinary class. */
void pulse_allow(void);

struct pulse_beater {
	struct pulse *pulse;
	int unless_fd; /* no beat once it is readable, for good; -1: none */
	atomic_bool ending;
	pthread_t thread;
};

/* Beats from now on, in a thread of this process; *beater must stay in place
 * until pulse_rest(), or for good. Returns 0 or -errno. */
int pulse_beat(struct pulse_beater *beater, struct pulse *pulse, int unless_fd);
void pulse_rest(struct pulse_beater *beater);
/* A monitor says whether its function shows no progress. */
void pulse_trip(struct pulse *pulse, bool tripped);

/* The gate's side. */
struct pulses {
	const struct pulse *runner;
	const struct pulse **monitors; /* owned; one a function of the profile */
	size_t count;
};

enum pulse_missing { PULSE_ALL_BEAT, PULSE_RUNNER_MISSING, PULSE_MONITOR_MISSING };

/* Whose beat is too old, for a load on this function or PULSE_ANY. */
enum pulse_missing pulses_missing(const struct pulses *pulses, int function);
/* True if the function's, or any, tripwire is set now. */
bool pulses_tripped(const struct pulses *pulses, int function);
/* Changes with every tripwire that is set. */
uint32_t pulses_trips(const struct pulses *pulses, int function);

#endif
