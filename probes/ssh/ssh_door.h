/*
 * ssh_door: one SSH connection by libssh on which a few logins are tried.
 * libssh runs non-blocking below a deadline of ours: its own password call
 * waits for ever when a server hangs up after too many failures.
 */
#ifndef ASSAY_PROBES_SSH_DOOR_H
#define ASSAY_PROBES_SSH_DOOR_H

#include <libssh/libssh.h>

#include "probes/probe.h"

enum ssh_try {
	SSH_TRY_ACCEPTED,
	SSH_TRY_DENIED, /* the server said no, or that it wants more */
	SSH_TRY_LOST,   /* no answer: silence, hang-up, broken protocol */
};

struct ssh_door {
	struct probe_run *run;
	const struct service *service;
	ssh_session session; /* NULL while closed */
	int fd;              /* below it; libssh leaves it open */
	int64_t deadline;    /* of the step that is going on */
	char user[64];       /* OpenSSH takes only one name a connection */
	int tries;           /* on this connection */
	int dial_error;      /* of the last ssh_door_open(), 0: it connected */
	bool silent;         /* the last ssh_door_open() ran out of time */
	char reason[256];    /* libssh's, of the last failure */
	char host_key[128];  /* type and SHA-256 of the server's key */
};

/* Connects and exchanges keys as this user, unless it is open already and may
 * be used for another try. Returns 0, or -1 with dial_error or reason. */
int ssh_door_open(struct ssh_door *door, const char *user);
void ssh_door_close(struct ssh_door *door);

/* Asks for access without credentials; the methods offered instead are in
 * *ret_methods, a mask of SSH_AUTH_METHOD_... */
enum ssh_try ssh_door_none(struct ssh_door *door, unsigned *ret_methods);
/* Tries a password, by keyboard-interactive where only that is offered. */
enum ssh_try ssh_door_password(struct ssh_door *door, const char *user, const char *password,
			       unsigned methods);

/* After an accepted login: what a session shows. */
enum ssh_session_look {
	SSH_SESSION_OPEN,    /* a session, and no question for a name */
	SSH_SESSION_ASKS,    /* the shell itself asks who one is */
	SSH_SESSION_REFUSED, /* no session */
};
enum ssh_session_look ssh_door_look(struct ssh_door *door);

#endif
