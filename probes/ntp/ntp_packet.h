/* ntp_packet: questions to an NTP server, and what its answers are. */
#ifndef ASSAY_PROBES_NTP_PACKET_H
#define ASSAY_PROBES_NTP_PACKET_H

#include "harness/base/bytes.h"

enum ntp_question {
	NTP_TIME,    /* mode 3, RFC 5905: what time is it */
	NTP_CONTROL, /* mode 6, RFC 9327: read the server's variables */
	NTP_PRIVATE, /* mode 7, of ntpd alone: list who has asked lately */
};

enum { NTP_QUESTION_MOST = 48 };

/* Writes the question; the answer to it is known by the mark. */
void ntp_question_write(struct writer *w, enum ntp_question question, uint64_t mark);

enum ntp_answer {
	NTP_DATA,    /* it is answered */
	NTP_REFUSED, /* the server says that it does not: an error, or a kiss (DENY, RSTR) */
	NTP_SLOWER,  /* the kiss RATE: asked too often */
	NTP_OTHER,   /* an answer of NTP, to something else */
	NTP_GARBAGE, /* no answer of NTP */
};

struct ntp_seen {
	unsigned version; /* 1 to 7, as the answer has it */
	unsigned stratum; /* of NTP_TIME; 0: not synchronised, 1 to 255 */
};

/* What the datagram is to who has asked that. *ret is filled for NTP_DATA. */
enum ntp_answer ntp_answer_read(const uint8_t *bytes, size_t size, enum ntp_question question,
				uint64_t mark, struct ntp_seen *ret);

#endif
