/* ring: what the runner's own code needs of a sample ring beyond monitor.h. */
#ifndef ASSAY_RUN_RING_H
#define ASSAY_RUN_RING_H

#include "harness/run/child.h"

#include <stdint.h>

/* Makes the calling process the one that adds to the ring; it was not before
 * in any. All others, and those forked from it, can read alone. Returns 0 or
 * -1 with errno set. */
int sample_ring_open(struct sample_ring *ring);
/* Samples ever added. */
uint64_t sample_ring_count(const struct sample_ring *ring);

#endif
