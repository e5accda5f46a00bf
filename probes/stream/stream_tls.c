/* stream_tls: OpenSSL between two memory buffers, the probe's doors beyond
 * them. Contract in stream.h and stream_tls.h. */
#include "probes/stream/stream_tls.h"

#include <openssl/err.h>

#include <errno.h>
#include <stdio.h>

#include "harness/banned.h"

enum { RECORDS = 16 * 1024 };

static int trust_any(int ok, X509_STORE_CTX *store)
{
	(void)ok;
	(void)store;
	return 1;
}

/* What needs no certificate or no cipher comes last: it is for devices that
 * have nothing else. */
static const char *suites(const struct stream_tls *how)
{
	static const char *const lists[] = {
		[STREAM_CERTIFICATE_NONE] =
			"ALL:COMPLEMENTOFALL:!PSK:!SRP:+aNULL:+eNULL:@SECLEVEL=0",
		[STREAM_CERTIFICATE_ANY] = "ALL:COMPLEMENTOFALL:!aNULL:!PSK:!SRP:@SECLEVEL=0",
		[STREAM_CERTIFICATE_RSA] = "aRSA:kRSA:!PSK:!SRP:@SECLEVEL=0",
		[STREAM_CERTIFICATE_ECDSA] = "aECDSA:@SECLEVEL=0",
		[STREAM_CERTIFICATE_EDDSA] = "aECDSA:@SECLEVEL=0",
	};

	return lists[how->certificate];
}

/* In TLS 1.3, and for many servers before it, these choose the certificate. */
static const char *signatures(const struct stream_tls *how)
{
	static const char *const lists[] = {
		[STREAM_CERTIFICATE_RSA] =
			"RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:rsa_pss_pss_sha256:"
			"rsa_pss_pss_sha384:rsa_pss_pss_sha512:RSA+SHA256:RSA+SHA384:RSA+SHA512:"
			"RSA+SHA224:RSA+SHA1",
		[STREAM_CERTIFICATE_ECDSA] = "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ECDSA+SHA224:"
					     "ECDSA+SHA1",
		[STREAM_CERTIFICATE_EDDSA] = "ed25519:ed448",
	};

	return lists[how->certificate];
}

/* OpenSSL's own default, then what it has and does not offer unasked. */
#define GROUPS                                               \
	"X25519:P-256:X448:P-521:P-384:ffdhe2048:ffdhe3072:" \
	"ffdhe4096:ffdhe6144:ffdhe8192:brainpoolP256r1:"     \
	"brainpoolP384r1:brainpoolP512r1:secp256k1:P-224:P-192"

static SSL_CTX *context_new(const struct stream_tls *how)
{
	SSL_CTX *context;

	OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	context = SSL_CTX_new(TLS_client_method());
	if (context == NULL) {
		return NULL;
	}
	SSL_CTX_set_security_level(context, 0);
	SSL_CTX_set_options(context, SSL_OP_LEGACY_SERVER_CONNECT);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, trust_any);
	if (SSL_CTX_set_min_proto_version(context, 0) != 1 ||
	    SSL_CTX_set_max_proto_version(context, how->highest) != 1 ||
	    SSL_CTX_set1_groups_list(context, GROUPS) != 1 ||
	    SSL_CTX_set_cipher_list(context, suites(how)) != 1 ||
	    (signatures(how) != NULL && SSL_CTX_set1_sigalgs_list(context, signatures(how)) != 1)) {
		SSL_CTX_free(context);
		return NULL;
	}
	return context;
}

static bool prepare(struct stream *stream, const struct stream_tls *how)
{
	BIO *in = NULL, *out = NULL;

	stream->context = context_new(how);
	if (stream->context == NULL) {
		return false;
	}
	stream->ssl = SSL_new(stream->context);
	in = BIO_new(BIO_s_mem());
	out = BIO_new(BIO_s_mem());
	if (stream->ssl == NULL || in == NULL || out == NULL) {
		BIO_free(in);
		BIO_free(out);
		return false;
	}
	BIO_set_mem_eof_return(in, -1);
	SSL_set_bio(stream->ssl, in, out);
	SSL_set_connect_state(stream->ssl);
	if (how->server_name != NULL) {
		return SSL_set_tlsext_host_name(stream->ssl, how->server_name) == 1;
	}
	return true;
}

/* Moves what OpenSSL wrote to the peer. Returns 0 or -errno. */
static int flush(struct stream *stream, int64_t deadline_ns)
{
	uint8_t bytes[RECORDS];
	int size, error = 0;

	while (error == 0) {
		size = BIO_read(SSL_get_wbio(stream->ssl), bytes, sizeof(bytes));
		if (size <= 0) {
			return 0;
		}
		error = probe_write(stream->run, stream->fd, bytes, (size_t)size, deadline_ns);
	}
	return error;
}

/* The peer's first record says whether it speaks TLS at all. */
static bool looks_like_tls(const uint8_t *bytes, long size)
{
	return bytes[0] >= 20 && bytes[0] <= 22 && (size < 2 || bytes[1] == 3);
}

/* Gives OpenSSL some more of the peer's bytes. Returns 0, or -1 with end. */
static int feed(struct stream *stream, int64_t deadline_ns)
{
	uint8_t bytes[RECORDS];
	long got = probe_read(stream->run, stream->fd, bytes, sizeof(bytes), deadline_ns);

	if (got <= 0) {
		return stream_ended(stream, got);
	}
	if (!stream->heard_tls && !looks_like_tls(bytes, got)) {
		stream->end = STREAM_NOT_TLS;
		return -1;
	}
	stream->heard_tls = true;
	if (BIO_write(SSL_get_rbio(stream->ssl), bytes, (int)got) != got) {
		BUG("out of memory");
	}
	return 0;
}

/* Why OpenSSL gave up. Its texts call every alert "sslv3" or "tlsv1": the
 * alert's own name says more. */
static int broken(struct stream *stream)
{
	unsigned long error = ERR_peek_error();
	int reason = ERR_GET_REASON(error);
	const char *text = error != 0 ? ERR_reason_error_string(error) : NULL;

	stream->end = STREAM_TLS_FAILED;
	if (ERR_GET_LIB(error) == ERR_LIB_SSL && reason >= SSL_AD_REASON_OFFSET) {
		stream->end = STREAM_ALERT;
		text = SSL_alert_desc_string_long(reason - SSL_AD_REASON_OFFSET);
	} else if (ERR_GET_LIB(error) == ERR_LIB_SSL && reason == SSL_R_BAD_SIGNATURE) {
		stream->end = STREAM_UNPROVEN;
	}
	snprintf(stream->reason, sizeof(stream->reason), "%s", text != NULL ? text : "no reason");
	return -1;
}

/* After a call of OpenSSL's that returned result <= 0: does what it waits for.
 * Returns 0 to call it again, or -1 with end. */
static int await(struct stream *stream, int result, int64_t deadline_ns)
{
	switch (SSL_get_error(stream->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		return feed(stream, deadline_ns);
	case SSL_ERROR_ZERO_RETURN:
		return stream_ended(stream, 0);
	default:
		return broken(stream);
	}
}

int stream_start_tls(struct stream *stream, const struct stream_tls *how, int64_t deadline_ns)
{
	int64_t start_ns = clock_ns();
	int result, ret = 0;

	if (stream->ssl != NULL) {
		BUG("TLS was started before");
	}
	if (stream->have > 0) {
		probe_note(stream->run, "%zu bytes sent before TLS are dropped", stream->have);
		stream->have = 0;
	}
	ERR_clear_error();
	if (!prepare(stream, how)) {
		return broken(stream);
	}
	stream->end = STREAM_WELL;
	while (ret == 0) {
		ERR_clear_error();
		result = SSL_do_handshake(stream->ssl);
		/* A peer that closed its ears may have said why: the reading
		 * that follows tells. */
		(void)flush(stream, deadline_ns);
		if (result == 1) {
			break;
		}
		ret = await(stream, result, deadline_ns);
	}
	stream->waited_ns = clock_ns() - start_ns;
	return ret;
}

long stream_tls_read(struct stream *stream, void *bytes, size_t size, int64_t deadline_ns)
{
	int result;

	for (;;) {
		ERR_clear_error();
		result = SSL_read(stream->ssl, bytes, (int)size);
		if (result > 0) {
			return result;
		}
		(void)flush(stream, deadline_ns);
		if (await(stream, result, deadline_ns) != 0) {
			return -1;
		}
	}
}

int stream_tls_write(struct stream *stream, const void *bytes, size_t size, int64_t deadline_ns)
{
	int result, error;

	if (size == 0) {
		return 0;
	}
	for (;;) {
		ERR_clear_error();
		result = SSL_write(stream->ssl, bytes, (int)size);
		error = flush(stream, deadline_ns);
		if (error != 0) {
			return stream_ended(stream, error);
		}
		if (result > 0) {
			return 0;
		}
		if (await(stream, result, deadline_ns) != 0) {
			return -1;
		}
	}
}

void stream_tls_release(struct stream *stream)
{
	SSL_free(stream->ssl);
	SSL_CTX_free(stream->context);
}
