/*
 * driver: what a course of login or session measurements asks of one protocol.
 * A driver knows how sessions of its protocol are opened, logged in to and
 * ended, and tells the protocol's own answers apart. It knows no law: it does
 * not decide what is tried, spends no budget, and reports no fact.
 *
 * probes/<family>/<family>_driver.c defines, at the start of a line,
 * 'const struct session_driver driver_<family> ='; the build finds it.
 */
#ifndef ASSAY_PROBES_SESSION_DRIVER_H
#define ASSAY_PROBES_SESSION_DRIVER_H

#include "probes/module.h"
#include <stdbool.h>
#include <stddef.h>

struct probe_run;
struct service;
struct session;

enum login_outcome {
	LOGIN_ACCEPTED,    /* a session that may act */
	LOGIN_MUST_CHANGE, /* accepted, and a new password must be set first */
	LOGIN_MORE,        /* taken for right, and a further factor is asked for */
	LOGIN_DENIED,      /* the protocol's own refusal of this login */
	LOGIN_LOCKED,      /* refused, and the device says that the account is blocked */
	LOGIN_NOT_OFFERED, /* the service takes no such credential, or not in this way */
	LOGIN_SHUT_OUT,    /* no login could be tried: refused, closed, "try later" (421, 429) */
	LOGIN_BUSY, /* answered in a way that alone tells neither right nor wrong: no session is free */
	LOGIN_SILENT,    /* the login was sent, and no answer to it came: silence, hang-up, noise */
	LOGIN_READY,     /* of open() alone: the credential can be sent now */
	LOGIN_NOT_TRIED, /* of the session layer alone: the budget does not allow it */
};

enum credential_kind {
	CREDENTIAL_NONE,     /* no proof at all: SSH's method 'none', a shell behind a connection */
	CREDENTIAL_PASSWORD, /* user and password; "" is an empty password */
	CREDENTIAL_KEY, /* user and a public key made for the occasion, that nobody registered */
};

struct credential {
	enum credential_kind kind;
	const char *what;     /* for the transcript: "wrong password" */
	const char *user;     /* never NULL */
	const char *password; /* never NULL; "" but for CREDENTIAL_PASSWORD */
	bool right; /* the account's own: it is expected to be let in, and is not charged */
	bool own;   /* holds the account's own password, or most of it: not for a worse channel */
};

enum {
	CAN_NONE = 1 << 0,           /* CREDENTIAL_NONE */
	CAN_EMPTY_PASSWORD = 1 << 1, /* an empty password differs from none on the wire */
	CAN_KEY = 1 << 2,            /* CREDENTIAL_KEY */
};

/* A way to log in: where a service takes logins in several (inside TLS and in clear text, by
 * password and by keyboard-interactive), each is tried. */
struct login_way {
	const char *name; /* as reports say it: "in clear text" */
	bool clear;       /* what is typed can be read on the network */
};

struct session_driver {
	const char *protocols[4]; /* the profile's words; NULL ends */
	const char *source;       /* RFC or specification it follows */
	unsigned can;             /* CAN_... */
	/* In the order in which the account's own password is sent: best first. Ends with a NULL
	 * name; at most WAYS_MOST. */
	const struct login_way *ways;
	/* Names that the protocol gives to everybody ("anonymous"); NULL ends; NULL: none. */
	const char *const *public_names;
	size_t state_size; /* of what session->state points to */
	/* What the profile does not declare and the driver cannot do without, as a sentence; NULL:
	 * nothing. May be NULL. Asked while the plan is made: it touches no network. */
	const char *(*lacks)(const struct service *service);
	/*
	 * Connects (session_dial()) and goes on until the credential can be sent by session->way:
	 * LOGIN_READY. Or what can be said before that: LOGIN_NOT_OFFERED, LOGIN_SHUT_OUT, or
	 * LOGIN_ACCEPTED where everybody is let in. Sends nothing that the device could count as a
	 * failed login. close() follows in every case.
	 */
	enum login_outcome (*open)(struct session *session, const struct credential *credential);
	/* Sends the credential, which the session layer has paid for, and tells the answer. After
	 * LOGIN_SHUT_OUT, LOGIN_BUSY and LOGIN_SILENT, here and of open(), session_failed() has been
	 * called. */
	enum login_outcome (*login)(struct session *session, const struct credential *credential);
	/* Ends an accepted session at the device as well, so that it lets nobody else in. May be
	 * NULL where closing the connection does that. */
	void (*logout)(struct session *session);
	/* Frees what state holds and closes the connection. */
	void (*close)(struct session *session);
	/* Where the code is, if not in the program: see module.h. */
	struct module_part part;
};

enum { WAYS_MOST = 4 };

/* The driver of this service, with its code, which a probe that NEEDS_SESSION has: for the session
 * layer. */
const struct session_driver *probe_driver(const struct probe_run *run,
					  const struct service *service);

/* True where a session that may act was given. */
static inline bool login_lets_in(enum login_outcome outcome)
{
	return outcome == LOGIN_ACCEPTED || outcome == LOGIN_MUST_CHANGE;
}

/* True where the device gave no answer that lets in or refuses. */
static inline bool login_unanswered(enum login_outcome outcome)
{
	return outcome == LOGIN_SHUT_OUT || outcome == LOGIN_BUSY || outcome == LOGIN_SILENT ||
	       outcome == LOGIN_NOT_TRIED;
}

#endif
