/*
 * dial: makes TCP connections to the device, and only to it, within the
 * budget of connections that may be open and of handshakes that may be under
 * way. The descriptor goes to the child and is not kept: a copy would hold the
 * connection open after the child's close(). Whether a connection is still
 * there is asked of the kernel (sock_diag(7)) when the budget is full.
 */
#ifndef ASSAY_GATE_DIAL_H
#define ASSAY_GATE_DIAL_H

#include "harness/gate/half_open.h"
#include "harness/gate/link.h"
#include "harness/gate/message.h"
#include "harness/gate/tally.h"
#include <poll.h>

enum { GATE_PASSES = 64 }; /* children at one time */
enum { DIAL_CONNECTIONS = 512 };

struct connection {
	bool used;
	int32_t pass;
	bool monitor;
	uint16_t port; /* of the device */
	struct sockaddr_storage local, remote;
	uint64_t cookie; /* the kernel's name for the socket */
};

struct dialler { /* one a gate */
	const struct profile *profile;
	const struct link *link;
	struct connection connections[DIAL_CONNECTIONS];
	struct half_open half_open; /* wires count into it too */
	uint8_t connecting[65536];  /* handshakes under way, by the device's port */
	int diag;                   /* netlink, -1 where there is none */
	int64_t asked_ns;           /* when the kernel was asked last */
};

enum dial_state { DIAL_IDLE, DIAL_WAITING, DIAL_CONNECTING };

struct dialling { /* one a pass at a time */
	enum dial_state state;
	int fd;
	int32_t pass;
	bool monitor;
	uint16_t port;
	struct address source, device;
	int64_t deadline_ns;
};

/* From where to where. */
struct dial_target {
	struct address source, device;
	uint16_t port; /* of the device; of the tester where it listens */
};

/*
 * Whether the request stays within the scope: an address of the device, a port
 * the profile does not exclude, a source the pass may use. Returns 0, or -errno
 * with the refusal in the tally.
 */
int dial_target(const struct profile *profile, const struct link *link,
		const struct dial_request *request, bool monitor, struct tally *tally,
		struct dial_target *ret);
/* The same where the device is waited for: the request's port is the tester's,
 * its device says which family. */
int dial_listening(const struct link *link, const struct dial_request *request, struct tally *tally,
		   struct dial_target *ret);

void dialler_init(struct dialler *dialler, const struct profile *profile, const struct link *link);
void dialler_release(struct dialler *dialler);

/*
 * Begins a connection for the pass. Returns 0 when it is under way: call
 * dial_step() when its descriptor is writable or time has passed; else -errno,
 * with a refusal recorded in the tally.
 */
int dial_begin(struct dialler *dialler, const struct dial_request *request, bool monitor,
	       struct tally *tally, struct dialling *ret);
/*
 * Goes on. Returns 0 while it is under way, 1 when it has ended with
 * *ret_result: a connected, blocking descriptor (the caller's) or -errno.
 */
int dial_step(struct dialler *dialler, struct dialling *dialling, struct tally *tally,
	      int *ret_result);
/* Gives it up; nothing stays open. */
void dial_cancel(struct dialler *dialler, struct dialling *dialling);
/* The pass is gone: frees a monitor's reserved places. The connections of
 * other passes count until the device has closed them too. */
void dialler_dismiss(struct dialler *dialler, int32_t pass);

#endif
