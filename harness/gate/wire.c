/* wire: one thread, two rings, one socket out, one libpcap handle in. */
#define _GNU_SOURCE
#include "harness/gate/wire.h"
#include "harness/base/clock.h"
#include "harness/gate/bell.h"
#include "harness/gate/capture.h"
#include "harness/gate/later.h"
#include "harness/gate/listen.h"
#include "harness/gate/packet.h"
#include "harness/gate/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "harness/banned.h"

enum {
	LISTEN_RING = 16 << 20,     /* about 60,000 short frames */
	SLICE_NS = 5 * 1000 * 1000, /* stop flags are looked at so often */
	RETRY_NS = 100 * 1000,      /* while the interface's queue is full */
	RETRIES = 1000,
	HELD_LOOK_NS = 1000 * 1000, /* a place may have become free by time */
};

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

static int64_t clock_offset(void)
{
	struct timespec wall;

	clock_gettime(CLOCK_REALTIME, &wall);
	return clock_ns() - (wall.tv_sec * NS_PER_S + wall.tv_nsec);
}

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

static void *serve(void *argument)
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

/* What the wire receives, as a pcap-filter(7). */
static void write_filter(const struct wire *wire, char *ret, size_t size)
{
	const struct wire_facts *facts = &wire->facts;
	char what[32];

	if (wire->order.kind == WIRE_GROUP) {
		group_filter(&wire->order.group, wire->order.link, ret, size);
		return;
	}
	if (wire->order.kind == WIRE_DEVICE) {
		snprintf(ret, size, "ether src %s and ether dst %s", mac_text(facts->device_mac).s,
			 mac_text(facts->source_mac).s);
		return;
	}
	if (wire->order.kind == WIRE_TCP) {
		snprintf(what, sizeof(what), "tcp dst port %u", facts->port);
	} else {
		snprintf(what, sizeof(what), "%s",
			 facts->device.family == ADDRESS_IPV6 ? "icmp6" : "icmp");
	}
	snprintf(ret, size, "src host %s and dst host %s and %s", address_text(&facts->device).s,
		 address_text(&facts->source).s, what);
}

static int open_listener(struct wire *wire)
{
	char filter[200];
	struct listen_order order = {.interface = wire->order.link->interface,
				     .filter = filter,
				     .snaplen = RING_SNAPLEN,
				     .ring = LISTEN_RING,
				     .inbound = true};
	struct text why;

	write_filter(wire, filter, sizeof(filter));
	wire->listener = listen_open(&order, &why);
	return wire->listener == NULL ? -EIO : 0;
}

/* Binds a TCP port without listening, so that the kernel gives it to nobody
 * else. It answers the device's SYN-ACKs with RST, which closes what the sweep
 * half opened. */
static int reserve_port(struct wire *wire)
{
	struct sockaddr_storage at;
	socklen_t size;
	unsigned tries, port;

	wire->reserved = socket(address_socket_family(wire->facts.source.family),
				SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (wire->reserved < 0) {
		return -errno;
	}
	for (tries = 0; tries < WIRE_PORTS; tries++) {
		port = WIRE_PORT_FIRST + (*wire->order.next_port)++ % WIRE_PORTS;
		size = address_to_sockaddr(&wire->facts.source, (uint16_t)port,
					   wire->order.link->index, &at);
		if (bind(wire->reserved, (const struct sockaddr *)&at, size) == 0) {
			wire->facts.port = (uint16_t)port;
			return 0;
		}
	}
	return -errno;
}

static int open_ring(struct wire *wire)
{
	void *memory;

	wire->memory = memfd_create("assay-wire", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (wire->memory < 0 || ftruncate(wire->memory, sizeof(struct ring)) != 0 ||
	    fcntl(wire->memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
		return -errno;
	}
	memory = mmap(NULL, sizeof(struct ring), PROT_READ | PROT_WRITE, MAP_SHARED, wire->memory,
		      0);
	if (memory == MAP_FAILED) {
		return -errno;
	}
	wire->ring = memory;
	return 0;
}

static int open_bell(struct wire *wire)
{
	int ends[2], error = bell_new(ends);

	if (error == 0) {
		wire->bell = ends[0];
		wire->childs_bell = ends[1];
	}
	return error;
}

static void release(struct wire *wire)
{
	int fds[] = {wire->memory, wire->reserved, wire->bell, wire->childs_bell};
	size_t i;

	if (wire->listener != NULL) {
		later_pcap_close(wire->listener);
	}
	if (wire->ring != NULL) {
		munmap(wire->ring, sizeof(struct ring));
	}
	if (wire->sender >= 0) {
		later_close(wire->sender);
	}
	for (i = 0; i < ARRAY_SIZE(fds); i++) {
		if (fds[i] >= 0) {
			close(fds[i]);
		}
	}
	free(wire);
}

static int open_all(struct wire *wire)
{
	int error = reserve_port(wire);

	if (error == 0) {
		error = open_ring(wire);
	}
	if (error == 0) {
		error = open_bell(wire);
	}
	if (error == 0) {
		error = open_listener(wire);
	}
	if (error == 0) {
		wire->sender = packet_open(wire->order.link);
		error = wire->sender < 0 ? wire->sender : 0;
	}
	if (error == 0 && wire->order.kind == WIRE_GROUP) {
		error = group_join(&wire->order.group, wire->order.link, wire->sender);
	}
	if (error == 0) {
		error = -pthread_create(&wire->thread, NULL, serve, wire);
	}
	return error;
}

int wire_open(const struct wire_order *order, struct wire **ret, struct wire_reply *ret_reply,
	      struct message_fds *ret_fds)
{
	struct wire *wire = calloc(1, sizeof(*wire));
	int error;

	if (wire == NULL) {
		BUG("out of memory");
	}
	wire->order = *order;
	wire->scope = (struct scope){order->link, order->profile,
				     order->kind == WIRE_DEVICE  ? SCOPE_DEVICE
				     : order->kind == WIRE_GROUP ? SCOPE_NOTHING
								 : SCOPE_IP};
	wire->sender = wire->memory = wire->reserved = -1;
	wire->bell = wire->childs_bell = -1;
	wire->stop_mark = stop_mark(order->stop);
	wire->clock_offset_ns = clock_offset();
	wire->batch = pacer_batch(order->pacer->rate);
	memcpy(wire->facts.source_mac, order->link->source_mac, 6);
	memcpy(wire->facts.device_mac, order->link->device_mac, 6);
	wire->facts.source = order->source;
	wire->facts.device = order->device;
	wire->facts.frame_budget = (unsigned)order->pacer->rate;
	error = open_all(wire);
	if (error != 0) {
		release(wire);
		return error;
	}
	ret_reply->facts = wire->facts;
	ret_reply->memory = sizeof(struct ring);
	/* the child gets both for itself; the gate keeps its mapping */
	ret_fds->fd[0] = wire->memory;
	ret_fds->fd[1] = wire->childs_bell;
	ret_fds->count = 2;
	wire->memory = wire->childs_bell = -1;
	*ret = wire;
	return 0;
}

void wire_close(struct wire *wire)
{
	if (wire == NULL) {
		return;
	}
	atomic_store(&wire->ending, true);
	shutdown(wire->bell, SHUT_RDWR); /* wakes the thread */
	pthread_join(wire->thread, NULL);
	release(wire);
}
