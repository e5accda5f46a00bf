/*
 * session: the layer between courses and drivers. Each login gets a connection
 * of its own; one that should fail is paid for before its bytes go, on the
 * account of that user name; one that was let in is logged out again, and a right
 * one is told to the gate, whose count it may end. No course and no driver can
 * forget it.
 */
#ifndef ASSAY_PROBES_SESSION_SESSION_H
#define ASSAY_PROBES_SESSION_SESSION_H

#include "probes/session/driver.h"

#include "probes/probe.h"

struct session { /* the logins of one observation at one service */
	struct probe_run *run;
	const struct service *service;
	const struct session_driver *driver;
	unsigned way;           /* index into driver->ways of the login that goes on */
	void *state;            /* driver->state_size bytes, all zero at each open() */
	const char *right_user; /* of the last right credential, or NULL */
	unsigned remembers; /* the driver's own, kept from connection to connection; 0 at first */

	/* Of the last login that was not answered. */
	enum why why;
	char reason[256];
	/* Who answers (banner, host key), as the driver saw it on this connection; "": not known.
	 * It must be the same on every connection of the observation. */
	char identity[256];

	/* The session layer's own. */
	char first_identity[256];
	bool answered; /* a login was answered once */
	bool early;    /* the last credential was not needed: everybody is let in before it */
	bool shut_out; /* the device was waited for in vain: the next tries are not made */
	bool full;     /* no session was free, waited for in vain: the next tries do not wait */
	bool other;    /* another device answered */
	int silent;    /* logins in a row that were not answered */
};

/* --- for courses ----------------------------------------------------------- */

/* The probe NEEDS_SESSION, so that the plan has seen to it that the service's protocol has a
 * driver. */
void session_init(struct session *session, struct probe_run *run, const struct service *service);
/*
 * Tries one login by this way on a new connection and ends the session. A login that was not
 * answered is tried again, more slowly each time. Where that was in vain, later ones are
 * LOGIN_SHUT_OUT at once, but for right credentials.
 */
enum login_outcome session_login(struct session *session, unsigned way,
				 const struct credential *credential);
/* The outcome as a word for transcripts. */
const char *login_word(enum login_outcome outcome);

/* --- for drivers ----------------------------------------------------------- */

/* A connected descriptor, the driver's to close; or -1 after session_failed(). */
int session_dial(struct session *session, int timeout_ms);
/* Says why no login could be tried or no answer came. Returns -1. */
int session_failed(struct session *session, enum why why, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
