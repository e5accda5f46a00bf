/*
 * tcp_frame: the one SYN frame of a sweep, patched in place from port to port,
 * and the reader of what comes back. It keeps no state per port: the sequence
 * number is a keyed cookie, so an answer proves itself.
 */
#ifndef ASSAY_PROBES_TCP_FRAME_H
#define ASSAY_PROBES_TCP_FRAME_H

#include "probes/probe.h"

#define TCP_SYN_SIZE 58 /* Ethernet 14, IPv4 20, TCP 20, MSS option 4 */

struct tcp_syn {
	uint8_t frame[TCP_SYN_SIZE];
	uint32_t sum;    /* of the TCP segment without port and sequence */
	uint32_t secret; /* key of the cookie */
	uint16_t source_port;
	uint32_t source, device; /* addresses as read from a frame */
};

/* Builds the frame. Returns 0, or -1 with the reason in why. */
int tcp_syn_build(struct tcp_syn *syn, const struct wire_facts *facts, uint32_t secret,
		  struct text *why);
/* Turns it into a SYN to this port, checksum and all. */
void tcp_syn_aim(struct tcp_syn *syn, uint16_t port);

enum tcp_answer {
	TCP_ANSWER_NONE,   /* not an answer to one of our SYNs */
	TCP_ANSWER_OPEN,   /* SYN and ACK */
	TCP_ANSWER_CLOSED, /* RST and ACK */
};

/* What this received frame says, and about which port. */
enum tcp_answer tcp_answer_read(const struct tcp_syn *syn, const void *frame, size_t size,
				uint16_t *ret_port);

#endif
