/*
 * dial: makes TCP connections to the device, and only to it, where the dialler has a place for
 * them. The descriptor goes to the child and is not kept: a copy would hold the connection open
 * after the child's close().
 */
#ifndef ASSAY_GATE_DIAL_H
#define ASSAY_GATE_DIAL_H

#include "harness/gate/dialler.h"
#include "harness/gate/message.h"

/* From where to where. */
struct dial_target {
	struct address source, device;
	uint16_t port; /* of the device; of the tester where it listens */
};

/*
 * Whether the request stays within the scope: an address of the device, a port
 * the profile does not exclude, a source the pass may use. Returns 0, or -errno
 * with the refusal in the tally.
 */
int dial_target(const struct profile *profile, const struct link *link,
		const struct dial_request *request, bool monitor, struct tally *tally,
		struct dial_target *ret);
/* The same where the device is waited for: the request's port is the tester's,
 * its device says which family. */
int dial_listening(const struct link *link, const struct dial_request *request, struct tally *tally,
		   struct dial_target *ret);

/*
 * Begins a connection for the pass. Returns 0 when it is under way: call
 * dial_step() when its descriptor is writable or time has passed; else -errno,
 * with a refusal recorded in the tally.
 */
int dial_begin(struct dialler *dialler, const struct dial_request *request, bool monitor,
	       struct tally *tally, struct dialling *ret);
/*
 * Goes on. Returns 0 while it is under way, 1 when it has ended with
 * *ret_result: a connected, blocking descriptor (the caller's) or -errno.
 */
int dial_step(struct dialler *dialler, struct dialling *dialling, struct tally *tally,
	      int *ret_result);
/* Gives it up; nothing stays open. */
void dial_cancel(struct dialler *dialler, struct dialling *dialling);

#endif
