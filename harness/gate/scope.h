/*
 * scope: whether one Ethernet frame may leave: from the tester, to the device,
 * to a port the profile does not exclude, in a protocol the gate understands.
 * What it cannot read it refuses.
 */
#ifndef ASSAY_GATE_SCOPE_H
#define ASSAY_GATE_SCOPE_H

#include "harness/base/text.h"
#include "harness/frame/frame.h"
#include "harness/gate/link.h"
#include <stddef.h>
#include <stdint.h>

/* How much of a frame must be in order. */
enum scope_reach {
	SCOPE_IP,      /* to the device's IP addresses: every header that is there */
	SCOPE_DEVICE,  /* to its MAC address: whatever it cannot send on to others */
	SCOPE_NOTHING, /* nothing may leave */
};

struct scope {
	const struct link *link;
	const struct device_link *profile;
	enum scope_reach reach;
	/* The one address of the tester's that frames may come from, whatever their family; NULL:
	 * any of them. */
	const struct address *source;
};

/* Returns 0 when the frame may leave, or -1 with the reason in why. */
int scope_check(const struct scope *scope, const uint8_t *frame, size_t size, struct text *why);

#endif
