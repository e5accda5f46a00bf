/*
 * tls.certificate: the certificates a TLS service presents, and whether it holds
 * their private keys. A server may have one of each kind, and another for who
 * names no host: each is asked for on its own, and the worst counts. It judges no
 * trust: a device's certificate need not come from a public authority.
 */
#include "probes/stream/stream.h"
#include "probes/tls/tls_chain.h"

#include <stdio.h>
#include <string.h>

#include "harness/banned.h"

enum {
	DIAL_MS = 10000,
	/* A small controller may need seconds for an RSA signature. */
	HANDSHAKE_MS = 15000,
	CHAINS_MAX = 8,
	SIGNATURES_MAX = 16,
};

struct look {
	struct probe_run *run;
	const struct service *service;
	int highest;                         /* TLS version that is offered */
	struct tls_chain chains[CHAINS_MAX]; /* different ones */
	size_t count;
	bool all_prove, all_match;
	const char *signatures[SIGNATURES_MAX]; /* of handshakes since TLS 1.2, each once */
	size_t signature_count;
};

/* --- one handshake -------------------------------------------------------- */

/* True if the server has proved to hold its key, although the handshake did not
 * end well: before TLS 1.3 its signature comes before what the client has to
 * show, such as a certificate of its own. */
static bool proved_before_the_end(const struct stream *stream)
{
	static const OSSL_HANDSHAKE_STATE later[] = {
		TLS_ST_CW_CERT,   TLS_ST_CW_KEY_EXCH, TLS_ST_CW_CERT_VRFY,
		TLS_ST_CW_CHANGE, TLS_ST_CW_FINISHED, TLS_ST_CR_SESSION_TICKET,
		TLS_ST_CR_CHANGE, TLS_ST_CR_FINISHED,
	};
	size_t i;
	int hash;

	if (stream->end != STREAM_ALERT || SSL_get_peer_signature_nid(stream->ssl, &hash) != 1) {
		return false;
	}
	for (i = 0; i < ARRAY_SIZE(later); i++) {
		if (SSL_get_state(stream->ssl) == later[i]) {
			return true;
		}
	}
	return false;
}

static bool known(const struct look *look, const char *sha256)
{
	size_t i;

	for (i = 0; i < look->count; i++) {
		if (strcmp(look->chains[i].sha256, sha256) == 0) {
			return true;
		}
	}
	return false;
}

static void keep(struct look *look, STACK_OF(X509) * chain)
{
	const char *pem;
	size_t size = tls_chain_pem(look->run, chain, &pem);
	char name[32] = "chain.pem";

	if (look->count > 0) {
		snprintf(name, sizeof(name), "chain-%zu.pem", look->count + 1);
	}
	if (size > 0) {
		probe_keep(look->run, name, pem, size);
	}
}

/* By what the server signed the handshake, as the IANA registry "TLS SignatureScheme" calls
 * it; NULL: nothing, or by what has no name there. */
static const char *signature_of(const SSL *ssl)
{
	static const struct {
		int key, hash;
		const char *name;
	} names[] = {
		{EVP_PKEY_RSA, NID_sha256, "rsa_pkcs1_sha256"},
		{EVP_PKEY_RSA, NID_sha384, "rsa_pkcs1_sha384"},
		{EVP_PKEY_RSA, NID_sha512, "rsa_pkcs1_sha512"},
		{EVP_PKEY_RSA, NID_sha1, "rsa_pkcs1_sha1"},
		{EVP_PKEY_RSA, NID_md5, "rsa_pkcs1_md5"},
		{EVP_PKEY_RSA_PSS, NID_sha256, "rsa_pss_rsae_sha256"},
		{EVP_PKEY_RSA_PSS, NID_sha384, "rsa_pss_rsae_sha384"},
		{EVP_PKEY_RSA_PSS, NID_sha512, "rsa_pss_rsae_sha512"},
		{EVP_PKEY_EC, NID_sha256, "ecdsa_secp256r1_sha256"},
		{EVP_PKEY_EC, NID_sha384, "ecdsa_secp384r1_sha384"},
		{EVP_PKEY_EC, NID_sha512, "ecdsa_secp521r1_sha512"},
		{EVP_PKEY_EC, NID_sha1, "ecdsa_sha1"},
		{EVP_PKEY_ED25519, NID_undef, "ed25519"},
		{EVP_PKEY_ED448, NID_undef, "ed448"},
	};
	int key = NID_undef, hash = NID_undef;
	size_t i;

	if (SSL_version(ssl) < TLS1_2_VERSION || SSL_get_peer_signature_type_nid(ssl, &key) != 1) {
		return NULL;
	}
	(void)SSL_get_peer_signature_nid((SSL *)ssl, &hash);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (names[i].key == key && (names[i].hash == hash || names[i].hash == NID_undef)) {
			return names[i].name;
		}
	}
	return NULL;
}

static void take_signature(struct look *look, const SSL *ssl)
{
	const char *name = signature_of(ssl);
	size_t i;

	for (i = 0; name != NULL && i < look->signature_count; i++) {
		if (strcmp(look->signatures[i], name) == 0) {
			return;
		}
	}
	if (name != NULL && look->signature_count < SIGNATURES_MAX) {
		look->signatures[look->signature_count++] = name;
	}
}

/* Takes what the handshake showed. Returns false where it showed no certificate. */
static bool take(struct look *look, const struct stream *stream, bool named)
{
	const struct address *address = &probe_profile(look->run)->link.address;
	bool proves = stream->end == STREAM_WELL || proved_before_the_end(stream);
	STACK_OF(X509) *chain = NULL;
	struct tls_chain read;

	if (!proves && stream->end != STREAM_UNPROVEN) {
		return false;
	}
	chain = SSL_get_peer_cert_chain(stream->ssl);
	if (chain == NULL || sk_X509_num(chain) == 0) {
		return false;
	}
	tls_chain_read(look->run, chain, &read);
	probe_note(look->run, "%s, %s, %s of %d bits, SHA-256 %s", SSL_get_version(stream->ssl),
		   SSL_get_cipher_name(stream->ssl), read.key_type != NULL ? read.key_type : "key",
		   read.key_bits, read.sha256);
	look->all_prove = look->all_prove && proves;
	if (proves) {
		take_signature(look, stream->ssl);
	}
	if (named) {
		look->all_match = look->all_match &&
				  tls_chain_is_for(chain, look->service->server_name, address);
	}
	if (!known(look, read.sha256) && look->count < CHAINS_MAX) {
		keep(look, chain);
		look->chains[look->count++] = read;
	}
	return true;
}

/* Connects and shakes hands. Returns 0, also where that failed, or -1 with the
 * run given up. */
static int open_tls(struct look *look, struct stream *stream, enum stream_certificate kind,
		    bool named)
{
	const struct stream_tls how = {.highest = look->highest,
				       .server_name = named ? look->service->server_name : NULL,
				       .certificate = kind};
	int error = stream_dial(stream, look->run, look->service, DIAL_MS);

	if (error != 0) {
		return probe_dial_failed(look->run, look->service, error);
	}
	(void)stream_start_tls(stream, &how, clock_ns() + HANDSHAKE_MS * NS_PER_MS);
	return 0;
}

/* --- one after the other ---------------------------------------------------- */

/* Some old stacks fail on a hello that names TLS 1.3. */
static bool may_fear_tls_1_3(const struct stream *stream)
{
	return stream->end == STREAM_ALERT || stream->end == STREAM_EOF ||
	       stream->end == STREAM_RESET || stream->end == STREAM_TLS_FAILED;
}

/* Whatever the server would show by itself. */
static int look_first(struct look *look)
{
	struct stream stream;
	int ret = open_tls(look, &stream, STREAM_CERTIFICATE_ANY, true);

	if (ret == 0 && may_fear_tls_1_3(&stream) && !proved_before_the_end(&stream)) {
		probe_note(look->run, "up to TLS 1.3: %s",
			   stream.reason[0] != '\0' ? stream.reason : "closed");
		stream_release(&stream);
		look->highest = TLS1_2_VERSION;
		ret = open_tls(look, &stream, STREAM_CERTIFICATE_ANY, true);
	}
	if (ret == 0 && !take(look, &stream, true)) {
		ret = stream.end == STREAM_WELL || stream.end == STREAM_UNPROVEN
			      ? probe_give_up(look->run, WHY_GARBAGE,
					      "the device sent no certificate")
			      : stream_give_up(&stream, look->service, "TLS handshake");
	}
	stream_release(&stream);
	return ret;
}

/* The certificate of one kind, or for who names no host. Only an alert says that
 * there is none. */
static int look_for(struct look *look, enum stream_certificate kind, const char *what, bool named)
{
	struct stream stream;
	int ret = open_tls(look, &stream, kind, named);

	if (ret == 0 && !take(look, &stream, named)) {
		probe_note(look->run, "%s: %s", what,
			   stream.reason[0] != '\0' ? stream.reason : "no answer");
		if (stream.end != STREAM_ALERT) {
			probe_saw_item(look->run, "unsettled", what);
		}
	}
	stream_release(&stream);
	return ret;
}

static int look_on(struct look *look)
{
	static const struct {
		enum stream_certificate kind;
		const char *key_type, *what;
	} kinds[] = {
		{STREAM_CERTIFICATE_RSA, "RSA", "a certificate with an RSA key"},
		{STREAM_CERTIFICATE_ECDSA, "EC", "a certificate with an ECDSA key"},
		{STREAM_CERTIFICATE_EDDSA, "ED25519", "a certificate with an EdDSA key"},
	};
	const char *first = look->chains[0].key_type;
	size_t i;

	probe_saw_none(look->run, "unsettled");
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if ((first == NULL || strcmp(first, kinds[i].key_type) != 0) &&
		    look_for(look, kinds[i].kind, kinds[i].what, true) != 0) {
			return -1;
		}
	}
	if (look->service->server_name != NULL) {
		return look_for(look, STREAM_CERTIFICATE_ANY, "a certificate without a server name",
				false);
	}
	return 0;
}

/* --- what is said of all ------------------------------------------------------ */

static const struct tls_chain *weakest_key(const struct look *look)
{
	const struct tls_chain *weakest = &look->chains[0];
	size_t i;

	for (i = 1; i < look->count; i++) {
		if (look->chains[i].key_strength < weakest->key_strength) {
			weakest = &look->chains[i];
		}
	}
	return weakest;
}

static void saw_key(struct look *look)
{
	const struct tls_chain *chain = weakest_key(look);

	if (chain->key_type == NULL) {
		probe_note(look->run, "a public key is of an unknown type");
		return;
	}
	probe_saw_text(look->run, "key_type", chain->key_type);
	probe_saw_int(look->run, "key_bits", chain->key_bits);
	probe_saw_int(look->run, "key_strength", chain->key_strength);
}

static void saw_signature(struct look *look)
{
	const struct tls_chain *weakest = &look->chains[0];
	size_t i;

	for (i = 0; i < look->count; i++) {
		if (look->chains[i].signature_strength == 0) {
			probe_note(look->run, "a signature's strength is unknown");
			return;
		}
		if (look->chains[i].signature_strength < weakest->signature_strength) {
			weakest = &look->chains[i];
		}
	}
	probe_saw_int(look->run, "signature_strength", weakest->signature_strength);
	if (weakest->signature_hash != NULL) {
		probe_saw_text(look->run, "signature_hash", weakest->signature_hash);
	}
}

static void saw_dates(struct look *look)
{
	int days = look->chains[0].days_left;
	bool valid = true;
	size_t i;

	for (i = 0; i < look->count; i++) {
		if (!look->chains[i].dates_read) {
			probe_note(look->run, "the dates cannot be read");
			return;
		}
		valid = valid && look->chains[i].valid_now;
		days = look->chains[i].days_left < days ? look->chains[i].days_left : days;
	}
	probe_saw_bool(look->run, "valid_now", valid);
	probe_saw_int(look->run, "days_left", days);
}

static void saw_rest(struct look *look)
{
	bool self_signed = false, is_ca = false, usage = true, complete = true;
	const struct tls_chain *chain;
	size_t i, j;

	probe_saw_list(look->run, "signatures", look->signatures, look->signature_count);
	probe_saw_none(look->run, "names");
	for (i = 0; i < look->count; i++) {
		chain = &look->chains[i];
		for (j = 0; j < chain->name_count; j++) {
			probe_saw_item(look->run, "names", chain->names[j]);
		}
		probe_saw_item(look->run, "sha256", chain->sha256);
		self_signed |= chain->self_signed;
		is_ca |= chain->is_ca;
		usage = usage && chain->key_usage_server;
		complete = complete && chain->complete;
	}
	probe_saw_bool(look->run, "self_signed", self_signed);
	probe_saw_bool(look->run, "is_ca", is_ca);
	probe_saw_bool(look->run, "key_usage_server", usage);
	probe_saw_int(look->run, "chain_length", look->chains[0].length);
	probe_saw_bool(look->run, "chain_complete", complete);
	probe_saw_bool(look->run, "name_matches", look->all_match);
	probe_saw_bool(look->run, "proves_key", look->all_prove);
}

static int observe(struct probe_run *run)
{
	struct look *look = probe_alloc(run, sizeof(*look));
	int ret;

	*look = (struct look){.run = run,
			      .service = probe_service(run, "service"),
			      .highest = TLS1_3_VERSION,
			      .all_prove = true,
			      .all_match = true};
	if (look_first(look) != 0) {
		return -1;
	}
	ret = look_on(look);
	saw_key(look);
	saw_signature(look);
	saw_dates(look);
	saw_rest(look);
	return ret;
}

static const struct param_def params[] = {
	{"service", PARAM_SERVICE, "the TLS service", NULL, 0, 0},
	{NULL, PARAM_INT, NULL, NULL, 0, 0},
};

static const struct fact_def facts[] = {
	{"key_type", FACT_TEXT, "", "type of the key, of the weakest one"},
	{"key_bits", FACT_INT, "bits", "size of the key, of the weakest one"},
	{"key_strength", FACT_INT, "bits",
	 "strength of the key as of NIST SP 800-57, comparable over types"},
	{"signature_hash", FACT_TEXT, "", "hash it was signed with"},
	{"signature_strength", FACT_INT, "bits",
	 "strength of the signature's hash against collisions"},
	{"signatures", FACT_LIST, "",
	 "by what it signed its handshakes since TLS 1.2, of what it was let choose from"},
	{"self_signed", FACT_BOOL, "", "it is signed with its own key"},
	{"days_left", FACT_INT, "days", "days until it expires"},
	{"valid_now", FACT_BOOL, "", "today lies within its dates"},
	{"names", FACT_LIST, "", "names and addresses it is for"},
	{"name_matches", FACT_BOOL, "",
	 "it is for the declared server name, or for the device's address where none is declared"},
	{"chain_length", FACT_INT, "", "certificates presented"},
	{"chain_complete", FACT_BOOL, "", "each certificate is signed by the one that follows"},
	{"is_ca", FACT_BOOL, "", "it may sign other certificates"},
	{"key_usage_server", FACT_BOOL, "", "its usages allow a TLS server's work"},
	{"proves_key", FACT_BOOL, "", "the device proved to hold the private key"},
	{"sha256", FACT_LIST, "", "SHA-256 of each certificate"},
	{"unsettled", FACT_LIST, "", "what was asked for and neither shown nor refused"},
	{NULL, FACT_BOOL, NULL, NULL},
};

const struct probe probe_tls_certificate = {
	.id = "tls.certificate",
	.summary = "certificate chains a TLS service presents",
	.source = "RFC 5280, RFC 6125",
	.impact = IMPACT_OBSERVE,
	.timeout_s = 120,
	.params = params,
	.facts = facts,
	.observe = observe,
};
