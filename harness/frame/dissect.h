/*
 * dissect: what a received Ethernet frame says, layer by layer, as far as it is
 * there and sound. It checks no checksum: a NIC may leave them to be filled in.
 */
#ifndef ASSAY_FRAME_DISSECT_H
#define ASSAY_FRAME_DISSECT_H

#include "harness/base/bytes.h"
#include "harness/frame/frame.h"

enum { TCP_FIN = 0x01, TCP_SYN = 0x02, TCP_RST = 0x04, TCP_PSH = 0x08, TCP_ACK = 0x10 };

struct dissected {
	const uint8_t *to_mac, *from_mac; /* inside the frame */
	uint16_t ethertype;
	/* FRAME_ARP, FRAME_IPV4 or FRAME_IPV6; FRAME_END: another EtherType */
	enum frame_layer network;
	struct address from, to; /* of ARP, sender and target */
	uint8_t protocol;        /* behind IPv6 extension headers that are known */
	uint8_t hops;            /* time to live, hop limit */
	bool later_fragment;     /* no transport header in it */
	/* FRAME_TCP, FRAME_UDP, FRAME_ICMP or FRAME_ICMPV6; FRAME_END: another
	 * protocol, a later fragment, or no IP */
	enum frame_layer transport;
	/* each 0 where the transport has none */
	uint16_t from_port, to_port, window;
	uint32_t sequence, acknowledgement;
	uint8_t flags; /* TCP_... */
	uint8_t type, code;
	uint16_t id, number; /* of an echo */
	/* ARP alone */
	uint16_t operation;
	const uint8_t *sender_mac, *target_mac;
	/* What is behind the last header read, within the length that the IP header
	 * states; shorter where the capture cut it. */
	struct reader payload;
};

/*
 * Reads size bytes of a frame. Returns 0, or -1 where a header that it begins is
 * cut off or not sound; *ret is written only on success and points into frame.
 */
int dissect(const void *frame, size_t size, struct dissected *ret);

#endif
