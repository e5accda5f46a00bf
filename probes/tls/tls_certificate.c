/*
 * tls.certificate: the certificate chain a TLS service presents, and whether
 * it holds the private key. It judges no trust: a device's certificate need
 * not come from a public authority.
 */
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <stdio.h>
#include <string.h>

#include "harness/base/digest.h"
#include "probes/stream/stream.h"

#include "probes/probe.h"

enum {
	DIAL_MS = 10000,
	/* A small controller may need seconds for an RSA signature. */
	HANDSHAKE_MS = 15000,
};

static void saw_key(struct probe_run *run, X509 *leaf)
{
	EVP_PKEY *key = X509_get0_pubkey(leaf);
	const char *type = key != NULL ? EVP_PKEY_get0_type_name(key) : NULL;

	if (type == NULL) {
		probe_note(run, "the public key is of an unknown type");
		return;
	}
	probe_saw_text(run, "key_type", type);
	probe_saw_int(run, "key_bits", EVP_PKEY_get_bits(key));
	probe_saw_int(run, "key_strength", EVP_PKEY_get_security_bits(key));
}

static void saw_signature(struct probe_run *run, X509 *leaf)
{
	static const struct {
		int signature;
		const char *hash;
	} built_in[] = {{NID_ED25519, "SHA512"}, {NID_ED448, "SHAKE256"}};
	int signature = X509_get_signature_nid(leaf);
	int hash = NID_undef, strength = 0;
	size_t i;

	if (X509_get_signature_info(leaf, NULL, NULL, &strength, NULL) == 1 && strength > 0) {
		probe_saw_int(run, "signature_strength", strength);
	}
	for (i = 0; i < ARRAY_SIZE(built_in); i++) {
		if (built_in[i].signature == signature) {
			probe_saw_text(run, "signature_hash", built_in[i].hash);
			return;
		}
	}
	if (X509_get_signature_info(leaf, &hash, NULL, NULL, NULL) == 1 && hash != NID_undef) {
		probe_saw_text(run, "signature_hash", OBJ_nid2sn(hash));
	}
}

static void saw_dates(struct probe_run *run, const X509 *leaf)
{
	const ASN1_TIME *from = X509_get0_notBefore(leaf);
	const ASN1_TIME *until = X509_get0_notAfter(leaf);
	int from_now = X509_cmp_current_time(from);
	int until_now = X509_cmp_current_time(until);
	int days = 0, seconds = 0;

	if (from_now == 0 || until_now == 0 || ASN1_TIME_diff(&days, &seconds, NULL, until) != 1) {
		probe_note(run, "the dates cannot be read");
		return;
	}
	probe_saw_bool(run, "valid_now", from_now < 0 && until_now > 0);
	probe_saw_int(run, "days_left", days);
}

static void saw_name(struct probe_run *run, const void *name, int size)
{
	char text[512];

	if (name != NULL && size > 0) {
		probe_saw_item(run, "names",
			       text_printable(text, sizeof(text), name, (size_t)size));
	}
}

static void saw_address(struct probe_run *run, const ASN1_OCTET_STRING *address)
{
	struct address seen = {.family = ADDRESS_NONE};

	if (address->length == 4 || address->length == 16) {
		seen = address_from_bytes(address->length == 4 ? ADDRESS_IPV4 : ADDRESS_IPV6,
					  address->data);
		probe_saw_item(run, "names", address_text(&seen).s);
	}
}

static void saw_subject(struct probe_run *run, X509 *leaf)
{
	X509_NAME *subject = X509_get_subject_name(leaf);
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	const ASN1_STRING *name;

	if (at >= 0) {
		name = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
		saw_name(run, name->data, name->length);
	}
}

/* Alternative names; the subject's common name only where there are none. */
static void saw_names(struct probe_run *run, X509 *leaf)
{
	enum { NAMES_MAX = 100 };
	GENERAL_NAMES *names = X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
	const GENERAL_NAME *name;
	int i;

	probe_saw_none(run, "names");
	for (i = 0; i < sk_GENERAL_NAME_num(names) && i < NAMES_MAX; i++) {
		name = sk_GENERAL_NAME_value(names, i);
		if (name->type == GEN_DNS) {
			saw_name(run, name->d.dNSName->data, name->d.dNSName->length);
		} else if (name->type == GEN_IPADD) {
			saw_address(run, name->d.iPAddress);
		}
	}
	if (names == NULL) {
		saw_subject(run, leaf);
	}
	GENERAL_NAMES_free(names);
}

static void saw_match(struct probe_run *run, const struct service *service, X509 *leaf)
{
	const struct address *address = &probe_profile(run)->link.address;
	int match;

	if (service->server_name != NULL) {
		match = X509_check_host(leaf, service->server_name, 0, 0, NULL);
	} else {
		match = X509_check_ip(leaf, address->bytes, address_size(address->family), 0);
	}
	probe_saw_bool(run, "name_matches", match == 1);
}

/* True if each certificate is signed by the one that follows it. */
static bool chain_complete(STACK_OF(X509) * chain)
{
	X509 *one, *next;
	int i;

	for (i = 0; i + 1 < sk_X509_num(chain); i++) {
		one = sk_X509_value(chain, i);
		next = sk_X509_value(chain, i + 1);
		if (X509_check_issued(next, one) != X509_V_OK ||
		    X509_verify(one, X509_get0_pubkey(next)) != 1) {
			return false;
		}
	}
	return true;
}

static void keep_chain(struct probe_run *run, STACK_OF(X509) * chain)
{
	BIO *pem = BIO_new(BIO_s_mem());
	char *text;
	long size;
	int i;

	for (i = 0; pem != NULL && i < sk_X509_num(chain); i++) {
		PEM_write_bio_X509(pem, sk_X509_value(chain, i));
	}
	size = pem != NULL ? BIO_get_mem_data(pem, &text) : 0;
	if (size > 0) {
		probe_keep(run, "chain.pem", text, (size_t)size);
	}
	BIO_free(pem);
}

static void saw_digest(struct probe_run *run, const X509 *leaf)
{
	uint8_t *der = NULL;
	int size = i2d_X509(leaf, &der);

	if (size > 0) {
		probe_saw_text(run, "sha256", digest_of(der, (size_t)size).hex);
	}
	OPENSSL_free(der);
}

static void saw_chain(struct probe_run *run, const struct service *service, STACK_OF(X509) * chain)
{
	X509 *leaf = sk_X509_value(chain, 0);

	keep_chain(run, chain);
	saw_digest(run, leaf);
	saw_key(run, leaf);
	saw_signature(run, leaf);
	saw_dates(run, leaf);
	saw_names(run, leaf);
	saw_match(run, service, leaf);
	probe_saw_bool(run, "self_signed", X509_self_signed(leaf, 1) == 1);
	probe_saw_bool(run, "is_ca", X509_check_ca(leaf) == 1);
	probe_saw_bool(run, "key_usage_server",
		       X509_check_purpose(leaf, X509_PURPOSE_SSL_SERVER, 0) == 1);
	probe_saw_int(run, "chain_length", sk_X509_num(chain));
	probe_saw_bool(run, "chain_complete", chain_complete(chain));
}

static int look(const struct service *service, struct stream *stream)
{
	STACK_OF(X509) *chain = NULL;

	if (stream->end != STREAM_WELL && stream->end != STREAM_UNPROVEN) {
		return stream_give_up(stream, service, "TLS handshake");
	}
	chain = SSL_get_peer_cert_chain(stream->ssl);
	if (chain == NULL || sk_X509_num(chain) == 0) {
		return probe_give_up(stream->run, WHY_GARBAGE, "the device sent no certificate");
	}
	probe_note(stream->run, "%s, %s", SSL_get_version(stream->ssl),
		   SSL_get_cipher_name(stream->ssl));
	saw_chain(stream->run, service, chain);
	probe_saw_bool(stream->run, "proves_key", stream->end == STREAM_WELL);
	return 0;
}

/* Connects and shakes hands. Returns 0, also where that failed, or -1 with the
 * run given up. */
static int open_tls(struct stream *stream, struct probe_run *run, const struct service *service,
		    int highest)
{
	const struct stream_tls how = {
		.highest = highest, .server_name = service->server_name, .certificate = true};
	int error = stream_dial(stream, run, service, DIAL_MS);

	if (error != 0) {
		return probe_dial_failed(run, service, error);
	}
	(void)stream_start_tls(stream, &how, clock_ns() + HANDSHAKE_MS * NS_PER_MS);
	return 0;
}

/* Some old stacks fail on a hello that names TLS 1.3. */
static bool may_fear_tls_1_3(const struct stream *stream)
{
	return stream->end == STREAM_ALERT || stream->end == STREAM_EOF ||
	       stream->end == STREAM_RESET || stream->end == STREAM_TLS_FAILED;
}

static int observe(struct probe_run *run)
{
	const struct service *service = probe_service(run, "service");
	struct stream stream;
	int ret = open_tls(&stream, run, service, TLS1_3_VERSION);

	if (ret == 0 && may_fear_tls_1_3(&stream)) {
		probe_note(run, "up to TLS 1.3: %s",
			   stream.reason[0] != '\0' ? stream.reason : "closed");
		stream_release(&stream);
		ret = open_tls(&stream, run, service, TLS1_2_VERSION);
	}
	if (ret == 0) {
		ret = look(service, &stream);
	}
	stream_release(&stream);
	return ret;
}

static const struct param_def params[] = {
	{"service", PARAM_SERVICE, "the TLS service", NULL, 0, 0},
	{NULL, PARAM_INT, NULL, NULL, 0, 0},
};

static const struct fact_def facts[] = {
	{"key_type", FACT_TEXT, "", "type of the certificate's key"},
	{"key_bits", FACT_INT, "bits", "size of the certificate's key"},
	{"key_strength", FACT_INT, "bits",
	 "strength of the key as of NIST SP 800-57, comparable over types"},
	{"signature_hash", FACT_TEXT, "", "hash it was signed with"},
	{"signature_strength", FACT_INT, "bits",
	 "strength of the signature's hash against collisions"},
	{"self_signed", FACT_BOOL, "", "it is signed with its own key"},
	{"days_left", FACT_INT, "days", "days until it expires"},
	{"valid_now", FACT_BOOL, "", "today lies within its dates"},
	{"names", FACT_LIST, "", "names and addresses it is for"},
	{"name_matches", FACT_BOOL, "",
	 "it is for the declared server name or the device's address"},
	{"chain_length", FACT_INT, "", "certificates presented"},
	{"chain_complete", FACT_BOOL, "", "each certificate is signed by the one that follows"},
	{"is_ca", FACT_BOOL, "", "it may sign other certificates"},
	{"key_usage_server", FACT_BOOL, "", "its usages allow a TLS server's work"},
	{"proves_key", FACT_BOOL, "", "the device proved to hold the private key"},
	{"sha256", FACT_TEXT, "", "SHA-256 of the certificate"},
	{NULL, FACT_BOOL, NULL, NULL},
};

const struct probe probe_tls_certificate = {
	.id = "tls.certificate",
	.summary = "certificate chain a TLS service presents",
	.source = "RFC 5280, RFC 6125",
	.impact = IMPACT_OBSERVE,
	.timeout_s = 60,
	.params = params,
	.facts = facts,
	.observe = observe,
};
