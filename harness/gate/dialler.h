/*
 * dialler: the connections that the device has, within the budget of those that may be open and of
 * handshakes that may be under way, and the clients that a service takes. Whether a connection is
 * still there is asked of the kernel (sock_diag(7)) when the budget is full.
 */
#ifndef ASSAY_GATE_DIALLER_H
#define ASSAY_GATE_DIALLER_H

#include "harness/gate/half_open.h"
#include "harness/gate/link.h"
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
	bool waits; /* there was no place for it before */
	uint16_t port;
	struct address source, device;
	int64_t deadline_ns;
};

void dialler_init(struct dialler *dialler, const struct profile *profile, const struct link *link);
void dialler_release(struct dialler *dialler);

/* True if the connection may be begun. It then has a place among the half open; the caller counts
 * it in connecting[] until it has ended. */
bool dialler_allows(struct dialler *dialler, const struct dialling *dialling);
/* It was made: remembers it, so that it counts until it is closed. */
void dialler_remember(struct dialler *dialler, const struct dialling *dialling);
/* Says in the tally why there is no place for it. */
void dialler_refuse(struct dialler *dialler, const struct dialling *dialling, struct tally *tally);
/* The pass is gone: frees a monitor's reserved places. The connections of
 * other passes count until the device has closed them too. */
void dialler_dismiss(struct dialler *dialler, int32_t pass);

#endif
