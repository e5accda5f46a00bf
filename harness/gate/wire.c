/* wire: two rings, one socket out, one libpcap handle in, and the thread between them. */
#define _GNU_SOURCE
#include "harness/base/clock.h"
#include "harness/gate/bell.h"
#include "harness/gate/capture.h"
#include "harness/gate/later.h"
#include "harness/gate/listen.h"
#include "harness/gate/wire_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "harness/banned.h"

enum { LISTEN_RING = 16 << 20 }; /* about 60,000 short frames */

static int64_t clock_offset(void)
{
	struct timespec wall;

	clock_gettime(CLOCK_REALTIME, &wall);
	return clock_ns() - (wall.tv_sec * NS_PER_S + wall.tv_nsec);
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
		error = -pthread_create(&wire->thread, NULL, wire_serve, wire);
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
								 : SCOPE_IP,
				     &wire->order.source};
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
