/*
 * tls_audit: asks a service, offer by offer, for everything that it accepts in any
 * version of the protocol, and keeps what was found. It reports nothing of it.
 */
#ifndef ASSAY_PROBES_TLS_AUDIT_H
#define ASSAY_PROBES_TLS_AUDIT_H

#include "probes/tls/tls_enumerate.h"

enum { TLS_VERSIONS = 5 }; /* SSL 3.0 to TLS 1.3 */

struct tls_pass {                             /* over all versions, with or without a server name */
	struct tls_found found[TLS_VERSIONS]; /* in the order asked; version 0: not reached */
	size_t accepted;                      /* versions */
};

struct tls_audit {
	/* run, service, server_name and shares set by the caller; the rest of all is 0 */
	struct tls_talk talk;

	struct tls_pass main;    /* with the service's server_name, where it has one */
	struct tls_pass unnamed; /* then without: another host may answer */
	struct tls_numbers groups;
	bool groups_asked;        /* and primes, and what comes without a name */
	enum tls_outcome trouble; /* what stopped it; TLS_ACCEPTED: nothing */
	uint16_t trouble_version;
	struct tls_numbers primes; /* bits of those read */
	bool prime_unread;
	enum tls_order order; /* after tls_audit_confirm() */
};

/* Asks for versions and suites, and where one is accepted and nothing stopped it,
 * for groups, for the primes of DHE, and for what is accepted without a server name. */
void tls_audit_ask(struct tls_audit *audit);

/*
 * Settles who orders the suites, and that the device still accepts after the
 * refusals what it accepted before them: else they would prove nothing. TLS
 * 1.3 comes after all refusals, so if it was accepted, that is shown already.
 * main.accepted is not 0. Returns 0, or -1 with the run given up.
 */
int tls_audit_confirm(struct tls_audit *audit);

#endif
