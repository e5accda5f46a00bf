/*
 * datagram: UDP for a child. The gate keeps the socket: a child with a UDP
 * socket of its own could send as fast as it likes. The child gets one end of a
 * pair on which each message is a datagram; the gate takes one at a time, waits
 * for its turn among the frames, counts it, and sends it. What the device sends
 * back goes the other way, and nothing that anybody else sends.
 *
 * A datagram is at most what one Ethernet frame takes. A port that the device
 * says is closed (ICMP port unreachable) is told as the end of the pair.
 */
#ifndef ASSAY_GATE_DATAGRAM_H
#define ASSAY_GATE_DATAGRAM_H

#include "harness/gate/dial.h"
#include "harness/gate/pacer.h"
#include "harness/gate/stop.h"
#include <poll.h>

enum { DATAGRAM_MAX = 1472, DATAGRAM_POLLS = 2 };

struct datagrams {
	bool used;
	bool listening; /* the device speaks first, from any of its ports */
	int udp, child; /* the gate's own */
	const struct link *link;
	struct pacer *pacer;
	struct stop *stop;
	unsigned stop_mark;
	struct tally *tally;
	struct sockaddr_storage peer; /* listening: who is answered */
	socklen_t peer_size;
	uint8_t pending[DATAGRAM_MAX]; /* waits for its turn */
	size_t pending_size;           /* 0: none */
	int64_t due_ns;
};

struct datagram_order {
	const struct profile *profile;
	const struct link *link;
	struct pacer *pacer;
	struct stop *stop;
	struct tally *tally; /* must outlive it */
	bool monitor;
};

/*
 * Opens the way to a port of the device. Returns the child's end, which is the
 * caller's, or -errno with a refusal in the tally.
 */
int datagrams_dial(const struct datagram_order *order, const struct dial_request *request,
		   struct datagrams *ret);
/* Opens a port of the tester's for what the device sends; what the child sends
 * goes to where the device's last datagram came from. */
int datagrams_listen(const struct datagram_order *order, const struct dial_request *request,
		     struct datagrams *ret);
void datagrams_close(struct datagrams *datagrams);

/* Fills at most DATAGRAM_POLLS entries; returns their number. */
size_t datagrams_poll(const struct datagrams *datagrams, struct pollfd *ret);
/* Moves what is there; never waits. Closes itself when either side is gone. */
void datagrams_serve(struct datagrams *datagrams);
/* When the pending datagram has its turn, CLOCK_MONOTONIC; -1: there is none. */
int64_t datagrams_due(const struct datagrams *datagrams);

#endif
