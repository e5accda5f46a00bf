/* tls_names: names of TLS numbers. Contract in tls_names.h. */
#include "probes/tls/tls_names.h"
#include "harness/base/text.h"

#include <string.h>

#include "harness/banned.h"

const struct tls_suite tls_suites[] = {
#define TLS_SUITE(code, first, name) {code, first, name},
#include "probes/tls/tls_suite.def"
#undef TLS_SUITE
	{0, 0, NULL},
};

const struct tls_group tls_groups[] = {
#define TLS_GROUP(code, name) {code, name},
#include "probes/tls/tls_group.def"
#undef TLS_GROUP
	{0, NULL},
};

_Static_assert(ARRAY_SIZE(tls_suites) <= TLS_SUITES_MAX, "TLS_SUITES_MAX");
_Static_assert(ARRAY_SIZE(tls_groups) <= TLS_GROUPS_MAX, "TLS_GROUPS_MAX");

const char *tls_version_name(uint16_t version)
{
	static const char *const names[] = {"SSL 3.0", "TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3"};

	if (version < TLS_SSL_3_0 || version > TLS_1_3) {
		return "unknown version";
	}
	return names[version - TLS_SSL_3_0];
}

static const struct tls_suite *suite_find(uint16_t code)
{
	const struct tls_suite *suite;

	for (suite = tls_suites; suite->name != NULL; suite++) {
		if (suite->code == code) {
			return suite;
		}
	}
	return NULL;
}

const char *tls_suite_name(uint16_t code)
{
	const struct tls_suite *suite = suite_find(code);

	return suite != NULL ? suite->name : NULL;
}

const char *tls_group_name(uint16_t code)
{
	const struct tls_group *group;

	for (group = tls_groups; group->name != NULL; group++) {
		if (group->code == code) {
			return group->name;
		}
	}
	return NULL;
}

const char *tls_alert_name(uint8_t description)
{
	static const struct {
		uint8_t number;
		const char *name;
	} alerts[] = {
		{0, "close_notify"},
		{10, "unexpected_message"},
		{20, "bad_record_mac"},
		{21, "decryption_failed"},
		{22, "record_overflow"},
		{30, "decompression_failure"},
		{40, "handshake_failure"},
		{42, "bad_certificate"},
		{47, "illegal_parameter"},
		{49, "access_denied"},
		{50, "decode_error"},
		{51, "decrypt_error"},
		{60, "export_restriction"},
		{70, "protocol_version"},
		{71, "insufficient_security"},
		{80, "internal_error"},
		{86, "inappropriate_fallback"},
		{90, "user_canceled"},
		{100, "no_renegotiation"},
		{109, "missing_extension"},
		{110, "unsupported_extension"},
		{112, "unrecognized_name"},
		{115, "unknown_psk_identity"},
		{116, "certificate_required"},
		{120, "no_application_protocol"},
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(alerts); i++) {
		if (alerts[i].number == description) {
			return alerts[i].name;
		}
	}
	return "unknown";
}

bool tls_suite_fits(const struct tls_suite *suite, uint16_t version)
{
	if (version == TLS_1_3) {
		return suite->first == TLS_1_3;
	}
	return suite->first <= version;
}

static bool name_starts(uint16_t code, const char *start)
{
	const char *name = tls_suite_name(code);

	return name != NULL && strncmp(name, start, strlen(start)) == 0;
}

bool tls_suite_ecdhe(uint16_t code)
{
	return name_starts(code, "TLS_ECDHE_") || name_starts(code, "TLS_ECDH_anon_");
}

bool tls_suite_ecdsa(uint16_t code)
{
	return name_starts(code, "TLS_ECDHE_ECDSA_");
}

/* RFC 8422 and RFC 7027: the codes below X25519's are curves in Weierstrass form. */
bool tls_group_ecdsa(uint16_t code)
{
	return code < 0x001D;
}

bool tls_suite_dhe(uint16_t code)
{
	return name_starts(code, "TLS_DHE_") || name_starts(code, "TLS_DH_anon_");
}
