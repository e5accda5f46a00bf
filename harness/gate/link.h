/*
 * link: the bench's side of the cable: which interface, which addresses, and
 * whether it is safe to send the first frame. It decides nothing about checks.
 */
#ifndef ASSAY_GATE_LINK_H
#define ASSAY_GATE_LINK_H

#include "harness/base/text.h"
#include "harness/model/profile.h"
#include <stdbool.h>
#include <stdint.h>

struct link {
	char interface[16];
	unsigned index;
	bool loopback;
	bool on_link; /* the device is in the interface's own subnet */
	bool capture; /* frames may be captured */
	bool raw;     /* frames may be sent */
	char raw_reason[160];
	struct address source, witness, device; /* no witness: none */
	uint8_t source_mac[6], device_mac[6];
};

/*
 * Looks at the link and sends nothing. Returns 0, or the exit code (2: the
 * bench is set up wrongly, 3: device or bench unavailable) with the reason in
 * why.
 */
int link_look(const struct profile *profile, struct link *ret, struct text *why);

struct watch;
/* Where raw frames are possible: asks who has the device's address; fills
 * device_mac. Returns as link_look(). */
int link_resolve(const struct profile *profile, struct link *link, struct watch *watch,
		 struct text *why);

#endif
