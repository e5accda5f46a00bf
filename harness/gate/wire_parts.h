/* wire_parts: what opening a wire and carrying its frames share. Private to them. */
#ifndef ASSAY_GATE_WIRE_PARTS_H
#define ASSAY_GATE_WIRE_PARTS_H

#include "harness/gate/packet.h"
#include "harness/gate/ring.h"
#include "harness/gate/wire.h"
#include <pcap/pcap.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/uio.h>

struct wire {
	struct wire_order order;
	struct scope scope;
	struct wire_facts facts;
	pthread_t thread;
	atomic_bool ending;
	unsigned stop_mark;
	int sender, memory, reserved; /* reserved: holds the TCP port */
	int bell, childs_bell;        /* childs_bell: -1 once it is on its way */
	pcap_t *listener;
	struct ring *ring; /* shared, hostile */
	/* the gate's own truth */
	uint32_t taken, written;
	uint64_t sent, refused, errors, received, ring_dropped;
	int64_t clock_offset_ns; /* CLOCK_MONOTONIC - CLOCK_REALTIME */
	unsigned batch;
	bool held; /* the next frame waits for a place among the half open */
	uint8_t frames[PACKET_BATCH][FRAME_MAX];
	struct iovec io[PACKET_BATCH];
};

/* The wire's thread; argument is the wire. */
void *wire_serve(void *argument);

#endif
