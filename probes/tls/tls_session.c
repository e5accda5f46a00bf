/* tls_session: OpenSSL between two memory buffers, the probe's doors beyond
 * them. Contract in tls_session.h. */
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "probes/tls/tls_session.h"

#include "harness/banned.h"

enum {
	DIAL_MS = 10000,
	/* A small controller may need seconds for an RSA signature. */
	HANDSHAKE_MS = 15000,
};

static int trust_any(int ok, X509_STORE_CTX *store)
{
	(void)ok;
	(void)store;
	return 1;
}

/* Everything this OpenSSL can do that shows a certificate, however weak. */
static SSL_CTX *context_new(int highest)
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
	    SSL_CTX_set_max_proto_version(context, highest) != 1 ||
	    SSL_CTX_set_cipher_list(context, "ALL:COMPLEMENTOFALL:!aNULL:!PSK:!SRP:"
					     "@SECLEVEL=0") != 1) {
		SSL_CTX_free(context);
		return NULL;
	}
	return context;
}

/* Moves what OpenSSL wrote to the device. */
static int flush_out(struct tls_session *session, struct probe_run *run, int64_t deadline)
{
	char bytes[4096];
	int size, rc = 0;

	while (rc == 0) {
		size = BIO_read(SSL_get_wbio(session->ssl), bytes, sizeof(bytes));
		if (size <= 0) {
			return 0;
		}
		rc = probe_write(run, session->fd, bytes, (size_t)size, deadline);
	}
	return rc;
}

/* The server's first record decides whether it speaks TLS at all. */
static bool looks_like_tls(const uint8_t *bytes, long size)
{
	return bytes[0] >= 20 && bytes[0] <= 22 && (size < 2 || bytes[1] == 3);
}

/* Why OpenSSL gave up. */
static enum tls_session_end failed(struct tls_session *session)
{
	unsigned long error = ERR_peek_error();

	snprintf(session->reason, sizeof(session->reason), "%s",
		 error != 0 ? ERR_reason_error_string(error) : "the connection ended");
	if (ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) == SSL_R_BAD_SIGNATURE) {
		return TLS_SESSION_BAD_PROOF;
	}
	return TLS_SESSION_FAILED;
}

static enum tls_session_end shake_hands(struct tls_session *session, struct probe_run *run)
{
	int64_t deadline = clock_ns() + HANDSHAKE_MS * NS_PER_MS;
	bool heard = false;
	uint8_t bytes[4096];
	long got;
	int rc;

	for (;;) {
		ERR_clear_error();
		rc = SSL_do_handshake(session->ssl);
		if (flush_out(session, run, deadline) != 0 && rc == 1) {
			return failed(session);
		}
		if (rc == 1) {
			return TLS_SESSION_UP;
		}
		if (SSL_get_error(session->ssl, rc) != SSL_ERROR_WANT_READ) {
			return failed(session);
		}
		got = probe_read(run, session->fd, bytes, sizeof(bytes), deadline);
		if (got == -ETIMEDOUT) {
			return TLS_SESSION_SILENT;
		}
		if (got <= 0) {
			return heard ? failed(session) : TLS_SESSION_CLOSED;
		}
		if (!heard && !looks_like_tls(bytes, got)) {
			return TLS_SESSION_NOT_TLS;
		}
		heard = true;
		BIO_write(SSL_get_rbio(session->ssl), bytes, (int)got);
	}
}

static bool ssl_prepare(struct tls_session *session, const struct service *service, int highest)
{
	BIO *in = NULL, *out = NULL;

	session->context = context_new(highest);
	if (session->context == NULL) {
		return false;
	}
	session->ssl = SSL_new(session->context);
	in = BIO_new(BIO_s_mem());
	out = BIO_new(BIO_s_mem());
	if (session->ssl == NULL || in == NULL || out == NULL) {
		BIO_free(in);
		BIO_free(out);
		return false;
	}
	BIO_set_mem_eof_return(in, -1);
	SSL_set_bio(session->ssl, in, out);
	SSL_set_connect_state(session->ssl);
	if (service->server_name != NULL) {
		return SSL_set_tlsext_host_name(session->ssl, service->server_name) == 1;
	}
	return true;
}

void tls_session_init(struct tls_session *session, struct probe_run *run,
		      const struct service *service, int highest)
{
	*session = (struct tls_session){.fd = -1};
	if (!ssl_prepare(session, service, highest)) {
		session->end = failed(session);
		return;
	}
	session->fd = probe_dial(run, service, DIAL_MS);
	if (session->fd < 0) {
		session->dial_error = session->fd;
		session->end = TLS_SESSION_UNREACHED;
		return;
	}
	session->end = shake_hands(session, run);
}

void tls_session_release(struct tls_session *session)
{
	SSL_free(session->ssl);
	SSL_CTX_free(session->context);
	if (session->fd >= 0) {
		close(session->fd);
	}
	*session = (struct tls_session){.fd = -1};
}
