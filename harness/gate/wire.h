/*
 * wire: the gate's end of one raw door: a thread that takes frames from the
 * child's ring, checks, paces and sends them, and puts what the device sends
 * to the wire's port into the other ring.
 */
#ifndef ASSAY_GATE_WIRE_H
#define ASSAY_GATE_WIRE_H

#include "harness/gate/group.h"
#include "harness/gate/half_open.h"
#include "harness/gate/message.h"
#include "harness/gate/pacer.h"
#include "harness/gate/scope.h"
#include "harness/gate/stop.h"
#include "harness/gate/tally.h"

struct wire;

struct wire_order {
	const struct link *link;
	const struct device_link *profile;
	struct address source, device;
	uint32_t kind;               /* enum wire_kind */
	struct link_group group;     /* WIRE_GROUP */
	struct pacer *pacer;         /* shared by all wires */
	struct half_open *half_open; /* shared by all wires and connections */
	unsigned *next_port;         /* shared: wires take turns with their ports */
	struct stop *stop;
	struct tally *tally; /* must outlive the wire */
};

/*
 * Opens the wire and starts its thread. *ret_reply and *ret_fds go to the
 * child; ret_fds is the caller's to close. Returns 0 or -errno.
 */
int wire_open(const struct wire_order *order, struct wire **ret, struct wire_reply *ret_reply,
	      struct message_fds *ret_fds);
/* Ends the thread; what is not sent by then is not sent. NULL is fine. */
void wire_close(struct wire *wire);

#endif
