/*
 * storm: load on the device: frames of one family at a steady rate for a
 * limited time, from a thread of its own. It stops within 10 ms of a signal, a
 * stop order, a monitor's tripwire, its child's end, or when the runner or a
 * monitor no longer beats.
 */
#ifndef ASSAY_GATE_STORM_H
#define ASSAY_GATE_STORM_H

#include "harness/gate/link.h"
#include "harness/gate/message.h"
#include "harness/gate/pulse.h"
#include "harness/gate/sender.h"
#include "harness/gate/stop.h"
#include "harness/gate/tally.h"

struct storm;

struct storm_plan {
	const struct link *link;
	const struct profile *profile;
	struct storm_request request;
	struct stop *stop;
	const struct pulses *pulses;
	struct tally *tally; /* must outlive the storm */
	/* Zeroed at first; kept from load to load, because opening one takes time.
	 * Must outlive the storm; close it at the end. */
	struct sender *sender;
	int wake; /* borrowed eventfd: written to when the load is over */
};

/* Whether this load is within scope and budget. Returns 0 or -errno with the
 * refusal in the tally. */
int storm_allowed(const struct storm_plan *plan);
/* Starts the load. Returns 0 or -errno. */
int storm_start(const struct storm_plan *plan, struct storm **ret);
/* True once, when the load is over: *ret_error is 0 or -errno, *ret its result,
 * valid as long as the storm. NULL is fine. */
bool storm_told(struct storm *storm, int *ret_error, const struct storm_result **ret);
bool storm_running(const struct storm *storm);
/* What came back of it until now; all 0 for NULL, and for a load that is not over
 * TCP. */
struct storm_answers storm_answers(const struct storm *storm);
/* Ends the load and waits for its thread. NULL is fine. */
void storm_end(struct storm *storm);

#endif
