/*
 * family: what a load's frames are: a template and what changes from frame to
 * frame. A new family is one entry of the table in family.c.
 */
#ifndef ASSAY_GATE_FAMILY_H
#define ASSAY_GATE_FAMILY_H

#include "harness/gate/link.h"
#include "harness/gate/template.h"

struct family {
	uint32_t number; /* enum storm_family */
	const char *name;
	bool has_port;
	int (*build)(const struct link *link, uint16_t port, struct template *ret,
		     struct text *why);
	/* Makes the template's copy the frame number n; NULL: all alike. The
	 * copy may be that of any earlier frame. */
	void (*vary)(uint8_t *frame, uint64_t n);
};

/* NULL where there is no such family. */
const struct family *family_find(uint32_t number);

/* An Ethernet address nobody has: locally administered, neither the device's
 * nor the tester's. Frames to it cost the tester and the link the same. */
void family_nobody(const struct link *link, uint8_t ret[6]);

#endif
