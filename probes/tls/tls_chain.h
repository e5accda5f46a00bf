/*
 * tls_chain: what one certificate chain says. It reads, and judges nothing: no
 * trust, no policy.
 */
#ifndef ASSAY_PROBES_TLS_CHAIN_H
#define ASSAY_PROBES_TLS_CHAIN_H

#include "probes/probe.h"
#include <openssl/x509.h>

enum { TLS_NAMES_MAX = 100 };

struct tls_chain {
	char sha256[65];
	const char *key_type; /* OpenSSL's name; NULL: unknown */
	int key_bits, key_strength;
	const char *signature_hash; /* NULL: unknown */
	int signature_strength;     /* 0: unknown */
	bool dates_read, valid_now;
	int days_left;
	const char *names[TLS_NAMES_MAX]; /* printable */
	size_t name_count;
	bool self_signed, is_ca, key_usage_server, complete;
	int length;
};

/* Reads the chain, leaf first; texts belong to the run. */
void tls_chain_read(struct probe_run *run, STACK_OF(X509) * chain, struct tls_chain *ret);
/* The chain as PEM; belongs to the run. Returns its size, 0 where there is none. */
size_t tls_chain_pem(struct probe_run *run, STACK_OF(X509) * chain, const char **ret);
/* True if the leaf is for the name, or without one for the address. */
bool tls_chain_is_for(STACK_OF(X509) * chain, const char *server_name,
		      const struct address *address);

#endif
