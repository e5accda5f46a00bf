/*
 * tcp_frame: the one SYN frame of a sweep, changed in place from port to port,
 * and what of the frames that come back is an answer to it. It keeps no state
 * per port: the sequence number is a keyed cookie, so an answer proves itself.
 */
#ifndef ASSAY_PROBES_TCP_FRAME_H
#define ASSAY_PROBES_TCP_FRAME_H

#include "harness/frame/dissect.h"
#include "probes/probe.h"

struct tcp_syn {
	struct frame frame;
	struct frame_slot port, sequence;
	uint32_t secret; /* key of the cookie */
	uint16_t source_port;
	struct address source, device;
};

/* Builds the frame. Returns 0, or -1 with the reason in why. */
int tcp_syn_build(struct tcp_syn *syn, const struct wire_facts *facts, uint32_t secret,
		  struct text *why);
/* Turns it into a SYN to this port, checksum and all. */
void tcp_syn_aim(struct tcp_syn *syn, uint16_t port);
/* A segment of no connection, to this port: whoever gets it answers with a RST, open or not. Such a
 * RST is no answer of enum tcp_answer. */
void tcp_syn_make_ack(const struct tcp_syn *syn, uint16_t port, struct frame *ret);

enum tcp_answer {
	TCP_ANSWER_NONE,   /* not an answer to one of our SYNs */
	TCP_ANSWER_OPEN,   /* SYN and ACK */
	TCP_ANSWER_CLOSED, /* RST and ACK */
};

/* What this received frame says, and about which port. */
enum tcp_answer tcp_answer_read(const struct tcp_syn *syn, const void *frame, size_t size,
				uint16_t *ret_port);

#endif
