/*
 * neighbour: who has an address of the link: the question as a frame, ARP for
 * IPv4 (RFC 826) and neighbour solicitation for IPv6 (RFC 4861), and the reader
 * of what is said about it, asked or not.
 */
#ifndef ASSAY_GATE_NEIGHBOUR_H
#define ASSAY_GATE_NEIGHBOUR_H

#include "harness/frame/frame.h"
#include "harness/gate/link.h"

/* Builds the question for this address of the device. Returns 0, or -1 with the
 * reason in why. */
int neighbour_ask(const struct link *link, const struct address *address, struct frame *ret,
		  struct text *why);
/*
 * Reads a frame that may say who has one of the device's addresses. Returns
 * which of link->devices it speaks of, and the MAC address it names; -1 where it
 * says nothing of the kind.
 */
int neighbour_read(const struct link *link, const uint8_t *frame, size_t size, uint8_t ret_mac[6]);

#endif
