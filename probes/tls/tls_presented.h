/*
 * tls_presented: every certificate chain that a TLS service presents, and by what it
 * proves to hold their private keys. A server may have one of each kind, and another
 * for who names no host: each is asked for on its own. It judges nothing.
 */
#ifndef ASSAY_PROBES_TLS_PRESENTED_H
#define ASSAY_PROBES_TLS_PRESENTED_H

#include "probes/tls/tls_chain.h"

enum { TLS_CHAINS_MAX = 8, TLS_SIGNATURES_MAX = 16 };

struct tls_presented {
	/* set by the caller; the rest is 0 */
	struct probe_run *run;
	const struct service *service;

	struct tls_chain chains[TLS_CHAINS_MAX]; /* different ones */
	size_t count;
	bool all_prove; /* each handshake proved the private key */
	bool all_match; /* each leaf is for the declared name, or for the address */
	/* By what the server signed its handshakes since TLS 1.2, as the IANA registry "TLS
	 * SignatureScheme" calls it, each once; of what it was let choose from. */
	const char *signatures[TLS_SIGNATURES_MAX];
	size_t signature_count;
	/* its own */
	int highest; /* TLS version that is offered */
};

/* Takes whatever the server shows by itself; it is in chains[0] then, and chain.pem is
 * kept as evidence. Returns 0, or -1 with the run given up. */
int tls_presented_first(struct tls_presented *p);
/* Then asks for every other kind of key, and for what is shown without a server name.
 * Reports "unsettled": what was asked for and neither shown nor refused by an alert.
 * Returns 0, or -1 with the run given up; what was taken until then stands. */
int tls_presented_others(struct tls_presented *p);

#endif
