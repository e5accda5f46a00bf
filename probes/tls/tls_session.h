/*
 * tls_session: a full TLS handshake by OpenSSL at its lowest security level
 * over probe_read() and probe_write(), so that every wait has a deadline. It
 * trusts any certificate: what is wrong with one is for the caller to see.
 */
#ifndef ASSAY_PROBES_TLS_SESSION_H
#define ASSAY_PROBES_TLS_SESSION_H

#include <openssl/ssl.h>

#include "probes/probe.h"

enum tls_session_end {
	TLS_SESSION_UP,
	TLS_SESSION_BAD_PROOF, /* the server's signature does not fit its key */
	TLS_SESSION_FAILED,    /* OpenSSL could not complete: see reason */
	TLS_SESSION_CLOSED,    /* before anything was received */
	TLS_SESSION_SILENT,
	TLS_SESSION_NOT_TLS,
	TLS_SESSION_UNREACHED, /* see dial_error */
};

struct tls_session {
	SSL *ssl; /* holds the peer's certificates as far as they came */
	enum tls_session_end end;
	int dial_error;
	char reason[256]; /* OpenSSL's, of TLS_SESSION_FAILED */
	/* The rest is the session's own. */
	SSL_CTX *context;
	int fd;
};

/* Connects and shakes hands, offering versions up to highest (TLS1_3_VERSION,
 * ...). Release with tls_session_release() whatever the end. */
void tls_session_init(struct tls_session *session, struct probe_run *run,
		      const struct service *service, int highest);
void tls_session_release(struct tls_session *session);

#endif
