/*
 * tls_found: what a server was found to take in one version of the protocol, and
 * the one hello by which all of it is asked for.
 */
#ifndef ASSAY_PROBES_TLS_FOUND_H
#define ASSAY_PROBES_TLS_FOUND_H

#include "probes/tls/tls_exchange.h"
#include "probes/tls/tls_numbers.h"

/* Who decides which suite is taken: seen while enumerating, or not. */
enum tls_order { TLS_ORDER_UNSEEN, TLS_ORDER_SERVER, TLS_ORDER_CLIENT };

struct tls_found { /* in one version */
	uint16_t version;
	bool answered;             /* every suite was settled: accepted or refused */
	size_t unsettled;          /* suites whose offers were dropped, see TLS_DROPPED */
	struct tls_numbers suites; /* accepted; the server's order of preference
	                            * where it has one */
	enum tls_order order;
	bool compression; /* DEFLATE was chosen */
	/* A ServerHello had no RFC 5746 answer to a hello with extensions; what has none,
	 * as in SSL 3.0, is answered without by some that know it. */
	bool renegotiation_insecure;
};

/* Adds the suite that was accepted, and what its answer says besides. */
void tls_found_add(struct tls_found *found, const struct tls_reply *reply);
/* True if the refusal speaks of the version as such, whatever the suites. */
bool tls_found_version_refused(const struct tls_found *found, const struct tls_reply *reply);
/* TLS_ACCEPTED, or, where nothing was, TLS_REFUSED or TLS_DROPPED. */
enum tls_outcome tls_found_outcome(const struct tls_found *found);

/* An offer of these suites and nothing else yet. */
struct tls_offer tls_ask_offer(uint16_t version, const struct tls_numbers *suites);
/*
 * Makes the offer with these groups, and with the talk's name and, in TLS 1.3, its
 * key shares. unrecognized_name to a hello that cannot name a host is a refusal,
 * and noted in talk->name_demanded where no name was to be asked for.
 */
enum tls_outcome tls_ask(struct tls_talk *talk, struct tls_offer offer,
			 const struct tls_numbers *groups, bool key_exchange,
			 struct tls_reply *ret);

#endif
