/*
 * ring: the memory a wire shares with its child: frames out, frames in, and
 * the counters the child reads. The gate trusts nothing in it: it keeps its
 * own copies of every index and copies a frame before it looks at it. The
 * memory is sealed, so that the child cannot shrink it under the gate.
 */
#ifndef ASSAY_GATE_RING_H
#define ASSAY_GATE_RING_H

#include "harness/gate/scope.h"
#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>

enum {
	/* A sweep of all ports queues faster than it reads answers: all of
	 * them fit. */
	RING_IN = 65536,
	RING_OUT = 1024,
	RING_SNAPLEN = 192, /* headers and a banner's beginning */
};

struct frame_out {
	atomic_uint size;
	uint8_t bytes[FRAME_MAX + 2];
};

struct frame_in {
	int64_t stamp_ns; /* CLOCK_MONOTONIC */
	uint32_t size;
	uint8_t bytes[RING_SNAPLEN];
};

/* What a waiting child is woken for. Waking one for every batch sent costs a
 * sweep a tenth of its time: who waits for room is woken when half is free. */
enum wants { WANTS_NOTHING, WANTS_NEWS, WANTS_ROOM };

/* Indexes count on for ever; slot number = index modulo size. */
struct ring {
	alignas(64) atomic_uint out_queued; /* written by the child */
	atomic_uint child_waits;            /* enum wants: rings the bell */
	atomic_uint in_read;
	atomic_uint counts_asked;
	alignas(64) atomic_uint out_taken; /* written by the gate */
	atomic_uint out_done;
	atomic_uint in_written;
	atomic_uint gate_waits;
	atomic_uint counts_told;
	atomic_uint stopped; /* nothing is sent any more */
	atomic_uint ended;   /* the gate's thread is gone */
	_Atomic uint64_t sent, refused, send_errors, received, dropped;
	alignas(64) struct frame_out out[RING_OUT];
	alignas(64) struct frame_in in[RING_IN];
};

#endif
