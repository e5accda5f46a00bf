/*
 * tls_exchange: one connection, one ClientHello, one answer. It decides what
 * the answer means; which offers to make is the caller's.
 */
#ifndef ASSAY_PROBES_TLS_EXCHANGE_H
#define ASSAY_PROBES_TLS_EXCHANGE_H

#include "probes/probe.h"
#include "probes/tls/tls_hello.h"
#include "probes/tls/tls_reply.h"

struct tls_talk {
	struct probe_run *run;
	const struct service *service;
	const char *server_name;        /* asked for in every hello, or NULL */
	bool name_demanded;             /* unrecognized_name came to a hello without one */
	const struct tls_share *shares; /* that can be sent, see tls_share.h */
	size_t share_count;
	enum { TLS_SHARE_NONE, TLS_SHARE_ALL, TLS_SHARE_ONE } share; /* in TLS 1.3 hellos */
	uint16_t share_group;            /* of TLS_SHARE_ONE: the only group offered */
	int connections;                 /* made so far */
	int drops;                       /* offers that were dropped, see TLS_DROPPED */
	struct tls_good {                /* the last offer accepted of a version before TLS 1.3 */
		uint16_t version, suite; /* 0: there was none */
		const char *server_name;
	} good;
	bool pad;           /* see tls_offer; set when only a padded hello is answered */
	int64_t pace_ns;    /* least time between two connections: it grows when the
	                          * device drops what it answers a moment later */
	int64_t last_ns;    /* when the last connection was made */
	int64_t slowest_ns; /* the longest a good answer has taken; 0: none came */
	int dial_error;     /* of TLS_UNREACHED */
};

enum tls_outcome {
	TLS_ACCEPTED,  /* *ret says what was chosen: one that was offered */
	TLS_REFUSED,   /* the protocol's own refusal: an alert that refuses what a
	                * hello offers (RFC 8446 6.2: handshake_failure,
	                * protocol_version, insufficient_security), or another version
	                * was chosen */
	TLS_DROPPED,   /* closed without a word, or another alert, each time: it says
	                * nothing of what was offered */
	TLS_SILENT,    /* nothing came in time, twice */
	TLS_GARBAGE,   /* not TLS, or a choice that was not offered */
	TLS_UNREACHED, /* no connection, each time */
};

/* Makes the offer and reads the answer. What is no answer is tried again, ever
 * slower; an alert that refuses nothing is tried again at once where the device
 * accepts in between what it had accepted: then no limit of connections sent it.
 * ret->answer is TLS_ANSWER_MORE for a close. */
enum tls_outcome tls_exchange(struct tls_talk *talk, const struct tls_offer *offer,
			      bool key_exchange, struct tls_reply *ret);

/* Gives up with the reason of an outcome that proves nothing. Returns -1. */
int tls_gave_up(struct tls_talk *talk, enum tls_outcome outcome, uint16_t version);

#endif
