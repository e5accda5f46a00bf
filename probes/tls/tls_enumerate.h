/*
 * tls_enumerate: finds out, hello by hello, which suites and groups a server
 * accepts in one version of the protocol. One connection shows one suite, so a
 * version with n of them costs n connections and one for each refused window.
 */
#ifndef ASSAY_PROBES_TLS_ENUMERATE_H
#define ASSAY_PROBES_TLS_ENUMERATE_H

#include "probes/tls/tls_found.h"

/*
 * Settles every suite that fits found->version, whose other members are 0.
 * *trusted is the longest list of suites this server has chosen from so far, 0
 * at first: the refusal of a longer one proves nothing, for some stacks choke
 * on long lists. Groups a TLS 1.3 server names on the way are added to groups.
 * An offer that is dropped, or not answered, is made smaller: some stacks choke on
 * a hello's size. What is dropped alone is unsettled, and the rest is still asked
 * for: a suite that is accepted there counts.
 * Returns TLS_ACCEPTED or TLS_REFUSED when every suite was asked for, TLS_DROPPED
 * when nothing but drops came, or what stopped it.
 */
enum tls_outcome tls_enumerate(struct tls_talk *talk, struct tls_found *found, size_t *trusted,
			       struct tls_numbers *groups);

/* Offers a few of the weak suites that the version has not accepted yet, in hellos
 * without extensions: some stacks hold those for an old client's. What is
 * accepted is added to found; a refusal or drop says nothing new. */
void tls_enumerate_bare(struct tls_talk *talk, struct tls_found *found);

/*
 * Offers the version with its accepted suites and only groups not in groups,
 * until none is left or chosen; where an ECDSA certificate may need its own curve
 * beside them, also before each known curve. Before TLS 1.3 these are also the
 * hellos of another shape: with few suites, weak ones among them, and ALPN; what
 * is accepted is added to found. Returns as tls_enumerate().
 */
enum tls_outcome tls_enumerate_groups(struct tls_talk *talk, struct tls_found *found,
				      struct tls_numbers *groups);

#endif
