/*
 * tls_reply: reads what a server answers to a ClientHello, up to its key exchange.
 * Pure: bytes in, values out; no network, no cryptography.
 */
#ifndef ASSAY_PROBES_TLS_REPLY_H
#define ASSAY_PROBES_TLS_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
