/* storm_parts: what making a load and sending it share. Private to them. */
#ifndef ASSAY_GATE_STORM_PARTS_H
#define ASSAY_GATE_STORM_PARTS_H

#include "harness/gate/hold.h"
#include "harness/gate/load.h"
#include "harness/gate/sender.h"
#include "harness/gate/storm.h"
#include <pthread.h>
#include <stdatomic.h>

/* Sleeping alone is exact enough up to this rate; above it, the last part of each pause is
 * spun. */
#define STORM_SLEEP_MAX_RATE 8000

/* One for each transport over each version of IP. */
enum { STORM_HOLDS = 4 };

struct storm {
	struct storm_plan plan;
	struct load load;
	struct hold *_Atomic holds[STORM_HOLDS]; /* NULL: not held */
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

/* Sends the load that was made, until it is over or must end, and fills its result. */
void storm_send(struct storm *storm);

#endif
