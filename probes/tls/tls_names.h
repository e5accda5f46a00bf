/*
 * tls_names: the versions, cipher suites and groups that can be offered, and
 * what they are called. Data only.
 */
#ifndef ASSAY_PROBES_TLS_NAMES_H
#define ASSAY_PROBES_TLS_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TLS_SSL_3_0 = 0x0300,
	TLS_1_0 = 0x0301,
	TLS_1_1 = 0x0302,
	TLS_1_2 = 0x0303,
	TLS_1_3 = 0x0304,
};

struct tls_suite {
	uint16_t code;
	uint16_t first; /* lowest protocol version that may carry it */
	const char *name;
};

struct tls_group {
	uint16_t code;
	const char *name;
};

/* Most often met first; each ends with a NULL name. */
extern const struct tls_suite tls_suites[];
extern const struct tls_group tls_groups[];

enum {
	TLS_SUITES_MAX = 512, /* more than tls_suites has */
	TLS_GROUPS_MAX = 64,  /* more than tls_groups has */
};

/* "TLS 1.2"; "unknown version" for any other number. */
const char *tls_version_name(uint16_t version);
/* NULL if the table does not have it. */
const char *tls_suite_name(uint16_t code);
const char *tls_group_name(uint16_t code);
/* Alert descriptions, "handshake_failure"; "unknown" for any other number. */
const char *tls_alert_name(uint8_t description);
/* True if the suite may be offered in this version: TLS 1.3 has its own. */
bool tls_suite_fits(const struct tls_suite *suite, uint16_t version);
/* True if the suite's key exchange is ephemeral Diffie-Hellman over a curve
 * (ECDHE, also anonymous), or over a finite field. */
bool tls_suite_ecdhe(uint16_t code);
bool tls_suite_dhe(uint16_t code);
/* True if the suite takes an ECDSA certificate, and if such a key may be on this group's curve. */
bool tls_suite_ecdsa(uint16_t code);
bool tls_group_ecdsa(uint16_t code);

#endif
