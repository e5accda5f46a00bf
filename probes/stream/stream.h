/*
 * stream: bytes to and from a service over one TCP connection of the gate's, in
 * clear or, from any moment on, inside TLS. Every wait has a deadline, what the
 * peer sent and nobody has taken is held up to a limit, and how the peer ended
 * is told apart. It knows no protocol above TLS.
 */
#ifndef ASSAY_PROBES_STREAM_H
#define ASSAY_PROBES_STREAM_H

#include "probes/probe.h"
#include <openssl/ssl.h>

#define STREAM_HELD_MOST (128 * 1024)

/* How the last call ended. */
enum stream_end {
	STREAM_WELL,
	STREAM_SILENT,     /* the deadline passed; the stream can still be used */
	STREAM_EOF,        /* the peer closed in order: FIN, or TLS close_notify */
	STREAM_RESET,      /* the connection broke: RST, or the way to the peer */
	STREAM_FULL,       /* STREAM_HELD_MOST bytes or the line's bound, nothing whole */
	STREAM_NOT_TLS,    /* the answer to a TLS hello was no TLS record */
	STREAM_ALERT,      /* the peer ended TLS with a fatal alert: see reason */
	STREAM_UNPROVEN,   /* the server's signature does not fit its certificate */
	STREAM_TLS_FAILED, /* OpenSSL could not go on, perhaps its own limit: see reason */
};

struct stream {
	struct probe_run *run;
	int fd; /* the stream's own; -1: none */
	enum stream_end end;
	int64_t waited_ns; /* what the last call took */
	uint8_t *held;     /* received and not taken, have bytes; the stream's own, not NULL */
	size_t have;
	char reason[128]; /* of STREAM_ALERT (its name), STREAM_RESET, STREAM_TLS_FAILED */
	SSL *ssl;         /* NULL: in clear; for looks at certificates and versions */
	/* The rest is stream's own. */
	SSL_CTX *context;
	size_t room;
	bool heard_tls;
};

/* Takes over a connected descriptor of probe_dial(). Whatever follows, end with
 * stream_release(), which closes it; a second release does nothing. */
void stream_init(struct stream *stream, struct probe_run *run, int fd);
void stream_release(struct stream *stream);
/* probe_dial() and stream_init(). Returns 0, or probe_dial()'s -errno with
 * nothing to release (which does no harm either). */
int stream_dial(struct stream *stream, struct probe_run *run, const struct service *service,
		int timeout_ms);

/*
 * The calls below wait until deadline_ns (CLOCK_MONOTONIC) at most. They return
 * what is said and leave STREAM_WELL in end, or -1 with another end.
 */

/* Receives some more behind what is held. Returns the number of new bytes. */
long stream_more(struct stream *stream, int64_t deadline_ns);
/* Forgets the first size bytes held. */
void stream_take(struct stream *stream, size_t size);
/* Takes what is held, or else what comes next, at most size bytes. Returns
 * their number. */
long stream_read(struct stream *stream, void *bytes, size_t size, int64_t deadline_ns);
/* Takes one line that ends with LF. Returns its length without CR and LF; line,
 * of capacity bytes, is terminated, and may hold zeros of the peer's.
 * STREAM_FULL when it does not fit; then, as at every other end, nothing is
 * taken. */
long stream_line(struct stream *stream, char *line, size_t capacity, int64_t deadline_ns);
/* Sends everything. Returns 0. What the peer sent before it hung up can still
 * be read. */
int stream_write(struct stream *stream, const void *bytes, size_t size, int64_t deadline_ns);

/* What the server's certificate must have; without one of these the client also
 * takes suites that show none. */
enum stream_certificate {
	STREAM_CERTIFICATE_NONE, /* not needed */
	STREAM_CERTIFICATE_ANY,
	STREAM_CERTIFICATE_RSA,
	STREAM_CERTIFICATE_ECDSA,
	STREAM_CERTIFICATE_EDDSA,
};

struct stream_tls {
	int highest;             /* TLS1_2_VERSION, ...; 0: the highest OpenSSL has */
	const char *server_name; /* NULL: none is sent */
	enum stream_certificate certificate;
};
/*
 * Goes on inside TLS, as a client that takes any certificate, any suite and any
 * version this OpenSSL still has: what is wrong with them is for the probes of
 * TLS to see. What is held is dropped: it was not protected (the injection of
 * CVE-2011-0411). Returns 0. At another end than STREAM_WELL the connection is
 * spent, but ssl still shows the certificates as far as they came.
 */
int stream_start_tls(struct stream *stream, const struct stream_tls *how, int64_t deadline_ns);

/* What the end means, with a sentence that says it. what names what was waited
 * for: "FTP reply". */
enum why stream_why(const struct stream *stream, const struct service *service, const char *what,
		    struct text *ret);
/* Gives up with the reason that fits the end; what names what was waited for:
 * "FTP reply". Returns -1. */
int stream_give_up(struct stream *stream, const struct service *service, const char *what);

#endif
