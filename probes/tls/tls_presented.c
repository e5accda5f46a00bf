/* tls_presented: one handshake for each kind of certificate. Contract in
 * tls_presented.h. */
#include "probes/tls/tls_presented.h"
#include "probes/stream/stream.h"

#include <stdio.h>
#include <string.h>

#include "harness/banned.h"

enum {
	DIAL_MS = 10000,
	/* A small controller may need seconds for an RSA signature. */
	HANDSHAKE_MS = 15000,
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

static bool known(const struct tls_presented *p, const char *sha256)
{
	size_t i;

	for (i = 0; i < p->count; i++) {
		if (strcmp(p->chains[i].sha256, sha256) == 0) {
			return true;
		}
	}
	return false;
}

static void keep(struct tls_presented *p, STACK_OF(X509) * chain)
{
	const char *pem;
	size_t size = tls_chain_pem(p->run, chain, &pem);
	char name[32] = "chain.pem";

	if (p->count > 0) {
		snprintf(name, sizeof(name), "chain-%zu.pem", p->count + 1);
	}
	if (size > 0) {
		probe_keep(p->run, name, pem, size);
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

static void take_signature(struct tls_presented *p, const SSL *ssl)
{
	const char *name = signature_of(ssl);
	size_t i;

	for (i = 0; name != NULL && i < p->signature_count; i++) {
		if (strcmp(p->signatures[i], name) == 0) {
			return;
		}
	}
	if (name != NULL && p->signature_count < TLS_SIGNATURES_MAX) {
		p->signatures[p->signature_count++] = name;
	}
}

/* Takes what the handshake showed. Returns false where it showed no certificate. */
static bool take(struct tls_presented *p, const struct stream *stream, bool named)
{
	const struct address *address = &probe_profile(p->run)->link.address;
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
	tls_chain_read(p->run, chain, &read);
	probe_note(p->run, "%s, %s, %s of %d bits, SHA-256 %s", SSL_get_version(stream->ssl),
		   SSL_get_cipher_name(stream->ssl), read.key_type != NULL ? read.key_type : "key",
		   read.key_bits, read.sha256);
	p->all_prove = p->all_prove && proves;
	if (proves) {
		take_signature(p, stream->ssl);
	}
	if (named) {
		p->all_match =
			p->all_match && tls_chain_is_for(chain, p->service->server_name, address);
	}
	if (!known(p, read.sha256) && p->count < TLS_CHAINS_MAX) {
		keep(p, chain);
		p->chains[p->count++] = read;
	}
	return true;
}

/* Connects and shakes hands. Returns 0, also where that failed, or -1 with the
 * run given up. */
static int open_tls(struct tls_presented *p, struct stream *stream, enum stream_certificate kind,
		    bool named)
{
	const struct stream_tls how = {.highest = p->highest,
				       .server_name = named ? p->service->server_name : NULL,
				       .certificate = kind};
	int error = stream_dial(stream, p->run, p->service, DIAL_MS);

	if (error != 0) {
		return probe_dial_failed(p->run, p->service, error);
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

int tls_presented_first(struct tls_presented *p)
{
	struct stream stream;
	int ret;

	p->highest = TLS1_3_VERSION;
	p->all_prove = true;
	p->all_match = true;
	ret = open_tls(p, &stream, STREAM_CERTIFICATE_ANY, true);
	if (ret == 0 && may_fear_tls_1_3(&stream) && !proved_before_the_end(&stream)) {
		probe_note(p->run, "up to TLS 1.3: %s",
			   stream.reason[0] != '\0' ? stream.reason : "closed");
		stream_release(&stream);
		p->highest = TLS1_2_VERSION;
		ret = open_tls(p, &stream, STREAM_CERTIFICATE_ANY, true);
	}
	if (ret == 0 && !take(p, &stream, true)) {
		ret = stream.end == STREAM_WELL || stream.end == STREAM_UNPROVEN
			      ? probe_give_up(p->run, WHY_GARBAGE, "the device sent no certificate")
			      : stream_give_up(&stream, p->service, "TLS handshake");
	}
	stream_release(&stream);
	return ret;
}

/* The certificate of one kind, or for who names no host. Only an alert says that
 * there is none. */
static int ask_for(struct tls_presented *p, enum stream_certificate kind, const char *what,
		   bool named)
{
	struct stream stream;
	int ret = open_tls(p, &stream, kind, named);

	if (ret == 0 && !take(p, &stream, named)) {
		probe_note(p->run, "%s: %s", what,
			   stream.reason[0] != '\0' ? stream.reason : "no answer");
		if (stream.end != STREAM_ALERT) {
			probe_saw_item(p->run, "unsettled", what);
		}
	}
	stream_release(&stream);
	return ret;
}

int tls_presented_others(struct tls_presented *p)
{
	static const struct {
		enum stream_certificate kind;
		const char *key_type, *what;
	} kinds[] = {
		{STREAM_CERTIFICATE_RSA, "RSA", "a certificate with an RSA key"},
		{STREAM_CERTIFICATE_ECDSA, "EC", "a certificate with an ECDSA key"},
		{STREAM_CERTIFICATE_EDDSA, "ED25519", "a certificate with an EdDSA key"},
	};
	const char *first = p->chains[0].key_type;
	size_t i;

	probe_saw_none(p->run, "unsettled");
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if ((first == NULL || strcmp(first, kinds[i].key_type) != 0) &&
		    ask_for(p, kinds[i].kind, kinds[i].what, true) != 0) {
			return -1;
		}
	}
	if (p->service->server_name != NULL) {
		return ask_for(p, STREAM_CERTIFICATE_ANY, "a certificate without a server name",
			       false);
	}
	return 0;
}
