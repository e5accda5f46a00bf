/*
 * tls_exchange: one connection, one ClientHello, one answer. It decides what
 * the answer means; which offers to make is the caller's.
 */
#ifndef ASSAY_PROBES_TLS_EXCHANGE_H
#define ASSAY_PROBES_TLS_EXCHANGE_H

#include "probes/probe.h"
#include "probes/tls/tls_hello.h"

struct tls_talk {
	struct probe_run *run;
	const struct service *service;
	int connections; /* made so far */
	int bare_closes; /* refusals without a word, which prove less */
	bool share;      /* TLS 1.3 needs a share: see tls_offer */
	int dial_error;  /* of TLS_UNREACHED */
};

enum tls_outcome {
	TLS_ACCEPTED,  /* *ret says what was chosen: one that was offered */
	TLS_REFUSED,   /* an alert, a close, or another version was chosen */
	TLS_SILENT,    /* nothing came in time, twice */
	TLS_GARBAGE,   /* not TLS, or a choice that was not offered */
	TLS_UNREACHED, /* no connection, twice */
};

/* Makes the offer and reads the answer; silence, a failed connection and a
 * close without a word are tried once more. ret->answer is TLS_ANSWER_MORE for
 * a close. */
enum tls_outcome tls_exchange(struct tls_talk *talk, const struct tls_offer *offer,
			      bool key_exchange, struct tls_reply *ret);

/* Gives up with the reason of an outcome that proves nothing. Returns -1. */
int tls_gave_up(struct tls_talk *talk, enum tls_outcome outcome, uint16_t version);

#endif
