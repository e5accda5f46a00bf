/*
 * tls_hello: writes a ClientHello that offers exactly what it is told, weak or
 * not. Pure: values in, bytes out; no network, no cryptography. What is answered
 * is tls_reply's.
 */
#ifndef ASSAY_PROBES_TLS_HELLO_H
#define ASSAY_PROBES_TLS_HELLO_H

#include "probes/tls/tls_names.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tls_share { /* a public key for one group */
	uint16_t group;
	const uint8_t *bytes;
	size_t size;
};

struct tls_offer {
	uint16_t version; /* exactly this one is offered */
	const uint16_t *suites;
	size_t suite_count;
	const uint16_t *groups; /* supported_groups; none: no such extension */
	size_t group_count;
	const char *server_name; /* or NULL */
	/* TLS 1.3: shares to send. Without one the server names its group in a
	 * HelloRetryRequest and computes nothing, but some stacks do not know
	 * that a client may send none. */
	const struct tls_share *shares;
	size_t share_count;
	bool bare; /* before TLS 1.3: no extension at all, as SSL 3.0 has it */
	bool alpn; /* offers h2 and http/1.1, RFC 7301 */
	bool pad;  /* makes 512 of 256 to 511 bytes, on which some hang: RFC 7685 */
};

enum { TLS_HELLO_MAX = 4096 }; /* a hello with every suite, group and share fits */

/* 64 random bytes of the caller's: client random and session id. */
enum { TLS_HELLO_RANDOM = 64 };

/* Writes one record with the ClientHello. Returns its size, 0 if it does not
 * fit. */
size_t tls_hello_write(const struct tls_offer *offer, const uint8_t random[TLS_HELLO_RANDOM],
		       void *out, size_t capacity);

#endif
