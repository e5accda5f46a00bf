/*
 * ssh_door: one SSH connection by libssh, up to the login. libssh runs
 * non-blocking below a deadline of ours: its own password call waits for ever
 * when a server hangs up after too many failures.
 */
#ifndef ASSAY_PROBES_SSH_DOOR_H
#define ASSAY_PROBES_SSH_DOOR_H

#include <libssh/libssh.h>

#include "probes/session/session.h"

struct ssh_door {
	struct session *session; /* for the connection and for what failed */
	ssh_session ssh;         /* NULL while closed */
	int fd;                  /* below it; libssh leaves it open */
	int64_t deadline;        /* of the step that is going on */
	char host_key[128];      /* type and SHA-256 of the server's key */
	unsigned methods;        /* SSH_AUTH_METHOD_..., after ssh_login_none() */
	bool methods_unknown;    /* 'none' was not asked for on this connection, since it lets in */
};

/* Connects as this user and exchanges keys; session->identity is then version
 * and host key. Returns 0, or -1 after session_failed(). */
int ssh_door_open(struct ssh_door *door, const char *user);
void ssh_door_close(struct ssh_door *door);

/*
 * A step is one exchange with the device, with a deadline of its own. libssh is called
 * again as long as it says that it would block and ssh_door_waits() waited for the
 * device; false: there is nothing to wait for any more.
 */
void ssh_door_begin(struct ssh_door *door);
bool ssh_door_waits(struct ssh_door *door);
/* session_failed() with what the step that just failed failed by: the device "did not"
 * what. Returns -1. */
int ssh_door_failed(struct ssh_door *door, const char *what);

#endif
