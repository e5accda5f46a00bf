/* icmp_frame: an ICMP echo request as a whole frame, and the reader of its
 * reply. */
#ifndef ASSAY_PROBES_ICMP_FRAME_H
#define ASSAY_PROBES_ICMP_FRAME_H

#include "probes/probe.h"

#define ICMP_ECHO_SIZE 60 /* Ethernet 14, IPv4 20, ICMP 8, data 18 */

struct icmp_echo {
	uint8_t bytes[ICMP_ECHO_SIZE];
	uint16_t id, sequence;
};

/* Builds the frame. Returns 0, or -1 with the reason in why. */
int icmp_echo_build(struct icmp_echo *echo, const struct wire_facts *facts, uint16_t id,
		    uint16_t sequence, struct text *why);
/* True if this received frame is the device's reply to it. */
bool icmp_reply_matches(const struct icmp_echo *echo, const struct wire_facts *facts,
			const void *frame, size_t size);

#endif
