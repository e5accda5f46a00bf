/* wire_thread: what a wire's thread does: checks, paces and sends what the child queued, and hands it
 * what came. */
#define _GNU_SOURCE
#include "harness/base/clock.h"
#include "harness/gate/bell.h"
#include "harness/gate/wire_parts.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include "harness/banned.h"

enum {
	SLICE_NS = 5 * 1000 * 1000, /* stop flags are looked at so often */
	RETRY_NS = 100 * 1000,      /* while the interface's queue is full */
	RETRIES = 1000,
	HELD_LOOK_NS = 1000 * 1000, /* a place may have become free by time */
};

static void wake_child(struct wire *wire)
{
	if (atomic_exchange(&wire->ring->child_waits, 0) != 0) {
		bell_ring(wire->bell);
	}
}

/* Puts one received frame into the child's ring. */
static void take_in(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes)
{
	struct wire *wire = (struct wire *)(void *)user;
	struct ring *ring = wire->ring;
	struct frame_in *slot = &ring->in[wire->written % RING_IN];
	uint32_t size = header->caplen;

	half_open_answer(wire->order.half_open, bytes, size);
	/* whatever in_read says, the slot is ours: a lying child loses frames
	 * of its own */
	if (wire->written - atomic_load(&ring->in_read) >= RING_IN) {
		wire->ring_dropped++;
		return;
	}
	size = size > RING_SNAPLEN ? RING_SNAPLEN : size;
	memcpy(slot->bytes, bytes, size);
	slot->size = size;
	/* tv_usec holds nanoseconds: the handle was asked for them */
	slot->stamp_ns = header->ts.tv_sec * NS_PER_S + header->ts.tv_usec + wire->clock_offset_ns;
	wire->written++;
	wire->received++;
}

static void receive(struct wire *wire)
{
	uint32_t before = wire->written;

	while (pcap_dispatch(wire->listener, 512, take_in, (u_char *)(void *)wire) > 0) {
		if (wire->written - before >= RING_IN / 4) {
			break; /* sending has its turn */
		}
	}
	if (wire->written != before) {
		atomic_store(&wire->ring->in_written, wire->written);
		if (atomic_load(&wire->ring->child_waits) == WANTS_NEWS) {
			wake_child(wire);
		}
	}
}

static void tell_counts(struct wire *wire)
{
	struct ring *ring = wire->ring;
	struct pcap_stat stat = {0};
	unsigned asked = atomic_load(&ring->counts_asked);

	if (asked == atomic_load(&ring->counts_told)) {
		return;
	}
	receive(wire);
	pcap_stats(wire->listener, &stat);
	atomic_store(&ring->sent, wire->sent);
	atomic_store(&ring->refused, wire->refused);
	atomic_store(&ring->send_errors, wire->errors);
	atomic_store(&ring->received, wire->received);
	atomic_store(&ring->dropped, wire->ring_dropped + stat.ps_drop);
	atomic_store(&ring->counts_told, asked);
	wake_child(wire);
}

/* Waits for the device, the child, or the time; never long enough to miss a
 * stop. */
static void wait_until(struct wire *wire, int64_t deadline_ns)
{
	struct pollfd wait[2] = {{.fd = wire->bell, .events = POLLIN},
				 {.fd = pcap_get_selectable_fd(wire->listener), .events = POLLIN}};
	int64_t left = deadline_ns - clock_ns();
	struct timespec timeout;

	left = left < 0 ? 0 : left;
	left = left > SLICE_NS ? SLICE_NS : left;
	timeout = (struct timespec){.tv_nsec = left};
	ppoll(wait, 2, &timeout, NULL);
	if (wait[0].revents != 0 && bell_hush(wire->bell) != 0) {
		atomic_store(&wire->ending, true); /* the child hung up */
	}
}

/* Checks the copy of one frame. Returns 1 if it may leave, 0 if it has to wait
 * for a place among the half open, -1 if it is refused. */
static int check(struct wire *wire, const uint8_t *frame, uint32_t size)
{
	struct text why;

	if (size > FRAME_MAX) {
		text_error(&why, "a frame of %u bytes is too long", size);
	} else if (scope_check(&wire->scope, frame, size, &why) == 0) {
		return half_open_frame(wire->order.half_open, frame, size) ? 1 : 0;
	}
	wire->refused++;
	tally_refuse(wire->order.tally, "%.180s", why.s);
	return -1;
}

/* Copies what the child queued into private memory and checks the copies.
 * Returns how many may leave, or -1 when the ring is broken. */
static int collect(struct wire *wire)
{
	struct ring *ring = wire->ring;
	uint32_t queued = atomic_load(&ring->out_queued) - wire->taken;
	unsigned kept = 0;
	int may = 1;

	if (queued > RING_OUT) {
		tally_refuse(wire->order.tally, "the wire's ring is broken");
		return -1;
	}
	while (queued-- > 0 && kept < wire->batch && may != 0) {
		struct frame_out *slot = &ring->out[wire->taken % RING_OUT];
		uint32_t size = atomic_load(&slot->size);

		if (size <= FRAME_MAX) {
			memcpy(wire->frames[kept], slot->bytes, size);
		}
		may = check(wire, wire->frames[kept], size);
		if (may > 0) {
			wire->io[kept].iov_base = wire->frames[kept];
			wire->io[kept].iov_len = size;
			kept++;
		}
		wire->taken += may != 0;
	}
	wire->held = may == 0;
	atomic_store(&ring->out_taken, wire->taken);
	return (int)kept;
}

static bool must_stop(struct wire *wire)
{
	return atomic_load(&wire->ending) || stop_asked(wire->order.stop, wire->stop_mark);
}

static void send_batch(struct wire *wire, unsigned count)
{
	uint64_t bytes = 0, frames = 0;
	unsigned at = 0, retries = 0, i;
	int sent;

	while (at < count && !must_stop(wire)) {
		sent = packet_send(wire->sender, &wire->io[at], count - at);
		if (sent > 0) {
			for (i = 0; i < (unsigned)sent; i++) {
				bytes += wire->io[at + i].iov_len;
			}
			frames += (unsigned)sent;
			at += (unsigned)sent;
			continue;
		}
		wire->errors++;
		if ((sent == -ENOBUFS || sent == -EAGAIN) && retries++ < RETRIES) {
			wait_until(wire, clock_ns() + RETRY_NS);
			receive(wire);
		} else {
			at++; /* this frame is lost, and counted */
		}
	}
	wire->sent += frames;
	tally_sent(wire->order.tally, frames, bytes);
}

/* Sends what is queued, at its time. Returns false where nothing was. */
static bool transmit(struct wire *wire)
{
	int count = collect(wire);
	int64_t due;

	if (count < 0) {
		atomic_store(&wire->ending, true);
		return false;
	}
	if (count > 0) {
		due = pacer_reserve(wire->order.pacer, (unsigned)count);
		while (clock_ns() < due && !must_stop(wire)) {
			wait_until(wire, due);
			receive(wire);
			tell_counts(wire);
		}
		send_batch(wire, (unsigned)count);
	}
	if (atomic_exchange(&wire->ring->out_done, wire->taken) == wire->taken) {
		return false;
	}
	if (atomic_load(&wire->ring->child_waits) != WANTS_ROOM ||
	    atomic_load(&wire->ring->out_queued) - wire->taken <= RING_OUT / 2) {
		wake_child(wire);
	}
	return true;
}

void *wire_serve(void *argument)
{
	struct wire *wire = argument;
	struct ring *ring = wire->ring;

	pacer_sharpen();
	while (!atomic_load(&wire->ending)) {
		bool busy = false;

		if (!stop_asked(wire->order.stop, wire->stop_mark)) {
			busy = transmit(wire);
		} else if (atomic_exchange(&ring->stopped, 1) == 0) {
			wire->held = false;
			wake_child(wire);
		}
		receive(wire);
		tell_counts(wire);
		if (busy) {
			continue;
		}
		if (wire->held) {
			wait_until(wire, clock_ns() + HELD_LOOK_NS);
			continue;
		}
		atomic_store(&ring->gate_waits, 1);
		if (atomic_load(&ring->out_queued) == wire->taken &&
		    atomic_load(&ring->counts_asked) == atomic_load(&ring->counts_told)) {
			wait_until(wire, INT64_MAX);
		}
		atomic_store(&ring->gate_waits, 0);
	}
	atomic_store(&ring->stopped, 1);
	atomic_store(&ring->ended, 1);
	atomic_store(&ring->child_waits, WANTS_NEWS);
	wake_child(wire);
	return NULL;
}
