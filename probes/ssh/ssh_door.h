/*
 * ssh_door: one SSH connection by libssh for one login. libssh runs
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
	unsigned methods;        /* SSH_AUTH_METHOD_..., after ssh_door_none() */
};

/* Connects as this user and exchanges keys; session->identity is then version
 * and host key. Returns 0, or -1 after session_failed(). */
int ssh_door_open(struct ssh_door *door, const char *user);
void ssh_door_close(struct ssh_door *door);

/* Each asks for one login. LOGIN_SILENT after session_failed(): a hang-up
 * without a word of the protocol is no answer. */
enum login_outcome ssh_door_none(struct ssh_door *door);
enum login_outcome ssh_door_password(struct ssh_door *door, const char *password);
enum login_outcome ssh_door_interactive(struct ssh_door *door, const struct credential *credential);
/* With a new Ed25519 key. */
enum login_outcome ssh_door_key(struct ssh_door *door);

/* After an accepted login: what a session shows. */
enum ssh_session_look {
	SSH_SESSION_OPEN,    /* a session, and no question for a name */
	SSH_SESSION_ASKS,    /* the shell itself asks who one is */
	SSH_SESSION_REFUSED, /* no session */
};
enum ssh_session_look ssh_door_look(struct ssh_door *door);

#endif
