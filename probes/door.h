/*
 * door: the doors to the device, for probe.h, which probes include: each is
 * opened by the gate, which refuses what the profile does not allow. The table
 * of doors is in docs/architecture.md.
 */
#ifndef ASSAY_PROBES_DOOR_H
#define ASSAY_PROBES_DOOR_H

#include "harness/base/address.h"
#include "harness/model/profile.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct probe_run;

/* --- connections --------------------------------------------------------- */

/*
 * Returns a connected, blocking TCP descriptor to the service or port of the
 * device; the caller closes it. On failure returns -ECONNREFUSED (answered with
 * RST), -ETIMEDOUT (no answer), -EHOSTUNREACH, -EACCES (out of scope), -EDQUOT
 * (budget), or another -errno, and has not given up. timeout_ms covers waiting
 * for a place in the connection budget and connecting.
 */
int probe_dial(struct probe_run *run, const struct service *service, int timeout_ms);
int probe_dial_port(struct probe_run *run, uint16_t port, int timeout_ms);
/* The same from the profile's witness address; -EADDRNOTAVAIL without one. */
int probe_dial_witness(struct probe_run *run, uint16_t port, int timeout_ms);
struct dial_order {
	struct address device; /* one of the device's; none: link.address */
	uint16_t port;
	const char *source; /* name of one of the tester's (profile_source()); NULL: the usual */
	int timeout_ms;
};
/* The same to another address of the device, or from another of the tester's:
 * -EADDRNOTAVAIL where the profile declares no such source for the address's
 * family. A source other than the usual takes NEEDS_SECOND_SOURCE. */
int probe_dial_to(struct probe_run *run, const struct dial_order *order);
/*
 * Dials all of these, several at one time where the child was given the doors for
 * it, and calls done() for each as soon as it is settled: with what probe_dial_to()
 * would return. The descriptor is done()'s to close, before it returns, so that a
 * place in the budget is free for the next.
 */
void probe_dial_all(struct probe_run *run, const struct dial_order *orders, size_t count,
		    void (*done)(void *argument, size_t number, int fd), void *argument);

/* --- datagrams, and the device as the one who begins ----------------------- */

/*
 * Opens a way for UDP to a port of the device. Returns a descriptor on which
 * probe_write() sends one datagram of at most 1472 bytes and probe_read() takes
 * one of the device's, or -errno as probe_dial_to(). The gate sends each at its
 * turn within the budget of frames. probe_read() returns 0 when the device says
 * that the port is closed.
 */
int probe_datagrams(struct probe_run *run, const struct dial_order *order);
/*
 * Opens a TCP port of the tester's, order->port, that the device and nobody
 * else can connect to; takes NEEDS_LISTEN. Ports below 1024 need the right to
 * them: -EACCES. Returns a descriptor for probe_accept(), or -errno:
 * -EADDRINUSE where something on this machine has the port.
 */
int probe_listen(struct probe_run *run, const struct dial_order *order);
/* Returns the next connection of the device, -ETIMEDOUT, or -EPIPE when the gate
 * no longer listens. */
int probe_accept(struct probe_run *run, int listening, int64_t deadline_ns);
/* The same for UDP: a descriptor as that of probe_datagrams(), but the device
 * speaks first; what is written goes to where its last datagram came from. */
int probe_listen_datagrams(struct probe_run *run, const struct dial_order *order);

/* Reads at most size bytes. Returns the count, 0 at the peer's end, -ETIMEDOUT
 * or another -errno. */
long probe_read(struct probe_run *run, int fd, void *bytes, size_t size, int64_t deadline_ns);
/* Writes everything. Returns 0 or -errno. */
int probe_write(struct probe_run *run, int fd, const void *bytes, size_t size, int64_t deadline_ns);

enum spending { SPEND_FAILED_LOGIN, SPEND_WRITE, SPEND_GOOD_LOGIN };
/* Asks for one unit of a counted budget before using it. A failed login is
 * charged to this user name, whoever's it is; NULL for a write. Returns 0, or
 * -EDQUOT when the profile does not allow another one. A good login costs
 * nothing: it says that the device let this user name in, and so forgot what failed
 * before; -EDQUOT where profile_login_resets() does not hold. Logins of a protocol
 * with a driver are paid for by probes/session. */
int probe_spend(struct probe_run *run, enum spending what, const char *user);

/* --- raw frames --------------------------------------------------------- */

struct probe_wire;

struct wire_facts {
	uint8_t source_mac[6], device_mac[6];
	struct address source, device;
	uint16_t port;         /* a local TCP port reserved for this wire */
	unsigned frame_budget; /* frames/s the gate will send */
};

enum wire_kind {
	WIRE_TCP,  /* TCP from the device to wire_facts.port */
	WIRE_ICMP, /* ICMP from the device to the tester */
	/* Any frame to the device's MAC address out, malformed ones and other
	 * EtherTypes too; everything from it to ours in. Takes IMPACT_STRESS. */
	WIRE_DEVICE,
	/* What the device sends to a multicast group; nothing goes out. */
	WIRE_GROUP,
	WIRE_FAR, /* the leg beyond the device: not built yet */
};

enum multicast_group {
#define MULTICAST(name, word, mac, ethertype, port) GROUP_##name,
#include "harness/model/multicast.def"
};

/* The link's addresses, without opening a door: no port, no frame budget.
 * Returns 0, or -EPERM as probe_wire(). */
int probe_link(struct probe_run *run, struct wire_facts *ret);
/*
 * Opens a raw door: complete Ethernet frames to the device out, matching
 * frames from the device in. Returns NULL with *ret_error = -EPERM where raw
 * sockets are not granted or the link has none (loopback), or another -errno.
 * It is closed with the run.
 */
struct probe_wire *probe_wire(struct probe_run *run, enum wire_kind kind,
			      struct wire_facts *ret_facts, int *ret_error);
struct wire_target {
	enum wire_kind kind;
	struct address device;      /* one of the device's; none: link.address */
	enum multicast_group group; /* WIRE_GROUP: one that link.multicast allows */
	const char *source;         /* WIRE_TCP: as in dial_order */
};
/* The same to another address of the device, -EHOSTUNREACH where nobody answers
 * for it on the link; or from another of the tester's, as probe_dial_to(): its frames must
 * then come from that address, and what the device sends to it comes in. */
struct probe_wire *probe_wire_to(struct probe_run *run, const struct wire_target *target,
				 struct wire_facts *ret_facts, int *ret_error);
/* Queues one frame of at most 1514 bytes; blocks while the queue is full. The
 * gate checks source, destination and budget of each, paces them, and counts
 * what it refuses. Returns 0 or -errno. */
int wire_send(struct probe_wire *wire, const void *frame, size_t size);
/* True while frames queued are not yet sent. */
bool wire_sending(const struct probe_wire *wire);
/* Returns the size of the next frame received and a pointer to it, valid until
 * the next call; 0 at the deadline; -errno when the gate is gone. */
long wire_receive(struct probe_wire *wire, const uint8_t **ret_frame, int64_t *ret_stamp_ns,
		  int64_t deadline_ns);
struct wire_counts {
	uint64_t sent, refused, send_errors;
	uint64_t received, dropped; /* dropped: by kernel or ring; when not 0,
	                             * "no answer" proves nothing */
};
struct wire_counts wire_counts(const struct probe_wire *wire);

#endif
