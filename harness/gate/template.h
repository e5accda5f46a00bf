/*
 * template: frames built once with libnet, to be varied in place afterwards.
 * Nothing is sent through libnet: it cannot send fast, and its handle would be
 * one more raw socket.
 */
#ifndef ASSAY_GATE_TEMPLATE_H
#define ASSAY_GATE_TEMPLATE_H

#include "harness/base/text.h"
#include "harness/gate/link.h"
#include <stddef.h>
#include <stdint.h>

struct template
{
	uint8_t bytes[128];
	size_t size;
};

/* ARP: who has the device's address, from the tester's source address. */
int template_arp(const struct link *link, struct template *ret, struct text *why);
/* TCP SYN from the source to the device's port, with an MSS option. */
int template_syn(const struct link *link, uint16_t from, uint16_t to, struct template *ret,
		 struct text *why);

#endif
