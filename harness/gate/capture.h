/*
 * capture: evidence: what goes between tester and device while a child has its
 * channel, as a pcapng. One libpcap handle serves all: opening one takes tens
 * of milliseconds, more than a whole check may cost. The frames of raw wires
 * and of load, which the tester makes itself by the hundred thousand, are left
 * out, and so are the bare RSTs that answer them; the file says so.
 */
#ifndef ASSAY_GATE_CAPTURE_H
#define ASSAY_GATE_CAPTURE_H

#include "harness/frame/family.h"
#include "harness/gate/dial.h" /* GATE_PASSES */
#include "harness/gate/link.h"
#include "harness/gate/tally.h"

/* Source ports of the gate's own raw frames: what they carry can be told from
 * connections by port alone. Below the kernel's usual ephemeral range. */
enum {
	STORM_PORT_FIRST = FAMILY_PORT_FIRST,
	STORM_PORTS = FAMILY_PORTS,
	WIRE_PORT_FIRST = 28000,
	WIRE_PORTS = 256,
};

struct recorder; /* one a gate: the handle and its thread */
struct capture;  /* one a pass */

/* Begins to open the handle, in a thread of its own; the first capture waits
 * for it. The link must have been looked at. */
struct recorder *recorder_new(const struct link *link);
/* Starts a capture into fd, which it owns. load: the pass makes load. Frames
 * from now on are kept. */
struct capture *capture_open(struct recorder *recorder, int fd, bool load);
/* Takes what is still in the handle, ends the file, counts into the tally.
 * NULL is fine. */
void capture_close(struct recorder *recorder, struct capture *capture, struct tally *tally);

#endif
