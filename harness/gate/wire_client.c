/* wire_client: the child's end of a raw door: probe.h's wire_...(). */
#define _GNU_SOURCE
#include "harness/base/clock.h"
#include "harness/gate/bell.h"
#include "harness/gate/channel.h"
#include "harness/gate/ring.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/banned.h"

struct probe_wire {
	struct probe_wire *next;
	struct gate_channel *channel; /* borrowed: tells when the gate is gone */
	struct ring *ring;
	int bell;
	uint32_t queued, read;
	bool holding; /* the slot at read was handed out */
};

static void close_wires(struct gate_channel *channel)
{
	struct probe_wire *wire;

	while (channel->wires != NULL) {
		wire = channel->wires;
		channel->wires = wire->next;
		munmap(wire->ring, sizeof(struct ring));
		close(wire->bell);
		free(wire);
	}
}

struct probe_wire *gate_wire(struct gate_channel *channel, enum wire_kind kind,
			     struct wire_facts *ret, int *ret_error)
{
	struct wire_target first = {.kind = kind};

	return gate_wire_to(channel, &first, ret, ret_error);
}

struct probe_wire *gate_wire_to(struct gate_channel *channel, const struct wire_target *target,
				struct wire_facts *ret, int *ret_error)
{
	struct request request = channel_request(REQUEST_WIRE);
	struct probe_wire *wire;
	struct reply reply;
	struct message_fds fds;
	void *memory = MAP_FAILED;
	int error;

	if (target->source != NULL && strlen(target->source) >= SOURCE_NAME_SIZE) {
		*ret_error = -EADDRNOTAVAIL;
		return NULL;
	}
	snprintf(request.u.wire.source, SOURCE_NAME_SIZE, "%s",
		 target->source == NULL ? "" : target->source);
	request.u.wire.kind = target->kind;
	request.u.wire.device = target->device;
	request.u.wire.group = target->group;
	error = channel_ask(channel, &request, 0, &reply, &fds);
	error = error == 0 ? reply.error : error;
	if (error == 0 && (fds.count != 2 || reply.u.wire.memory != sizeof(struct ring))) {
		error = -EPIPE;
	}
	if (error == 0) {
		memory = mmap(NULL, sizeof(struct ring), PROT_READ | PROT_WRITE, MAP_SHARED,
			      fds.fd[0], 0);
		error = memory == MAP_FAILED ? -errno : 0;
	}
	if (error != 0) {
		message_fds_close(&fds);
		*ret_error = error;
		return NULL;
	}
	wire = calloc(1, sizeof(*wire));
	if (wire == NULL) {
		BUG("out of memory");
	}
	close(fds.fd[0]);
	channel->close_wires = close_wires;
	wire->channel = channel;
	wire->next = channel->wires;
	channel->wires = wire;
	wire->ring = memory;
	wire->bell = fds.fd[1];
	*ret = reply.u.wire.facts;
	return wire;
}

/* Waits until the gate rings or the deadline. Returns 0 or -EPIPE when the
 * gate is gone. Say child_waits and look again before calling it. */
static int wait_bell(const struct probe_wire *wire, int64_t deadline_ns)
{
	struct pollfd wait[2] = {{.fd = wire->bell, .events = POLLIN},
				 {.fd = wire->channel->fd, .events = 0}};

	if (poll(wait, 2, clock_left_ms(deadline_ns)) <= 0) {
		return 0;
	}
	if (wait[0].revents != 0) {
		return bell_hush(wire->bell) == 0 ? 0 : -EPIPE;
	}
	return wait[1].revents != 0 ? -EPIPE : 0;
}

static bool out_full(const struct probe_wire *wire)
{
	return wire->queued - atomic_load(&wire->ring->out_taken) >= RING_OUT;
}

int wire_send(struct probe_wire *wire, const void *frame, size_t size)
{
	struct ring *ring = wire->ring;
	struct frame_out *slot = &ring->out[wire->queued % RING_OUT];
	int error = 0;

	if (size == 0 || size > FRAME_MAX) {
		return -EMSGSIZE;
	}
	while (out_full(wire) && error == 0) {
		if (atomic_load(&ring->stopped) != 0) {
			return -ECANCELED;
		}
		atomic_store(&ring->child_waits, WANTS_ROOM);
		if (out_full(wire)) {
			error = wait_bell(wire, clock_ns() + NS_PER_S);
		}
	}
	if (error == 0 && atomic_load(&ring->stopped) != 0) {
		error = -ECANCELED;
	}
	if (error != 0) {
		return error;
	}
	memcpy(slot->bytes, frame, size);
	atomic_store_explicit(&slot->size, (unsigned)size, memory_order_relaxed);
	atomic_store(&ring->out_queued, ++wire->queued);
	if (atomic_load(&ring->gate_waits) != 0) {
		bell_ring(wire->bell);
	}
	return 0;
}

bool wire_sending(const struct probe_wire *wire)
{
	return atomic_load(&wire->ring->stopped) == 0 &&
	       atomic_load(&wire->ring->out_done) != wire->queued;
}

long wire_receive(struct probe_wire *wire, const uint8_t **ret_frame, int64_t *ret_stamp_ns,
		  int64_t deadline_ns)
{
	struct ring *ring = wire->ring;
	struct frame_in *slot;
	int error;

	if (wire->holding) {
		wire->holding = false;
		atomic_store(&ring->in_read, ++wire->read);
	}
	while (atomic_load(&ring->in_written) == wire->read) {
		if (clock_ns() >= deadline_ns) {
			return 0;
		}
		atomic_store(&ring->child_waits, WANTS_NEWS);
		if (atomic_load(&ring->in_written) != wire->read) {
			break;
		}
		error = wait_bell(wire, deadline_ns);
		if (error != 0) {
			return error;
		}
	}
	slot = &ring->in[wire->read % RING_IN];
	wire->holding = true;
	*ret_frame = slot->bytes;
	if (ret_stamp_ns != NULL) {
		*ret_stamp_ns = slot->stamp_ns;
	}
	return slot->size > RING_SNAPLEN ? RING_SNAPLEN : (long)slot->size;
}

/* Has the gate bring the counters up to date. Returns false when it is gone. */
static bool ask_counts(const struct probe_wire *wire)
{
	struct ring *ring = wire->ring;
	unsigned asked = atomic_fetch_add(&ring->counts_asked, 1) + 1;
	int error = 0;

	while (error == 0 && atomic_load(&ring->counts_told) != asked) {
		if (atomic_load(&ring->ended) != 0) {
			return false;
		}
		atomic_store(&ring->child_waits, WANTS_NEWS);
		bell_ring(wire->bell);
		if (atomic_load(&ring->counts_told) != asked) {
			error = wait_bell(wire, clock_ns() + NS_PER_S);
		}
	}
	return error == 0;
}

struct wire_counts wire_counts(const struct probe_wire *wire)
{
	struct ring *ring = wire->ring;
	bool known = ask_counts(wire);
	struct wire_counts counts = {
		.sent = atomic_load(&ring->sent),
		.refused = atomic_load(&ring->refused),
		.send_errors = atomic_load(&ring->send_errors),
		.received = atomic_load(&ring->received),
		.dropped = atomic_load(&ring->dropped),
	};

	/* what was lost meanwhile is not known: not knowing is not 'none' */
	if (!known) {
		counts.dropped++;
	}
	return counts;
}
