/* watch: notices, during the run, that another host answers for the device's
 * address. */
#ifndef ASSAY_GATE_WATCH_H
#define ASSAY_GATE_WATCH_H

#include "harness/gate/link.h"
#include <pcap/pcap.h>

struct watch {
	const struct link *link;
	pcap_t *handle; /* NULL where raw sockets are not granted */
	unsigned told;  /* notices given so far */
	uint8_t last[6];
};

void watch_init(struct watch *watch, const struct link *link);
/* For poll(2); -1 where there is nothing to watch. */
int watch_fd(const struct watch *watch);
/* Reads what came. Returns true and a sentence when there is a new host. */
bool watch_step(struct watch *watch, struct text *ret);

#endif
