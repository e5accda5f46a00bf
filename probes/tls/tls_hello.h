/*
 * tls_hello: writes a ClientHello that offers exactly what it is told, weak or
 * not, and reads what the server answers to it, up to the server's key
 * exchange. Pure: bytes in, values out; no network, no cryptography.
 */
#ifndef ASSAY_PROBES_TLS_HELLO_H
#define ASSAY_PROBES_TLS_HELLO_H

#include "harness/base/bytes.h"
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

enum tls_answer {
	TLS_ANSWER_MORE,   /* more bytes are needed */
	TLS_ANSWER_HELLO,  /* ServerHello or HelloRetryRequest */
	TLS_ANSWER_ALERT,  /* fatal, or close_notify */
	TLS_ANSWER_BROKEN, /* it is not TLS */
};

struct tls_reply {
	enum tls_answer answer;
	/* TLS_ANSWER_HELLO */
	uint16_t version; /* after supported_versions */
	uint16_t suite;
	uint8_t compression;
	bool retry;                /* HelloRetryRequest */
	bool secure_renegotiation; /* RFC 5746 */
	uint16_t group;            /* named by HelloRetryRequest, key_share or the key
	                   * exchange message; 0: not seen */
	uint32_t dh_bits;          /* size of the prime in the key exchange message; 0:
	                   * not seen */
	/* TLS_ANSWER_ALERT */
	uint8_t alert;
};

/*
 * Reads everything the server has sent so far. With key_exchange, versions
 * before TLS 1.3 are read on up to ServerKeyExchange or ServerHelloDone, which
 * say the group or the size of the prime. At most TLS_REPLY_MAX bytes are
 * accepted; more are TLS_ANSWER_BROKEN.
 */
enum { TLS_REPLY_MAX = 65536 };
struct tls_reply tls_reply_read(const void *bytes, size_t size, bool key_exchange);

#endif
