/* ring: what the runner's own code needs of a sample ring beyond monitor.h. */
#ifndef ASSAY_RUN_RING_H
#define ASSAY_RUN_RING_H

#include "harness/run/child.h"

#include <stdint.h>

/* Makes the calling process unable to write to the ring, for good. Returns 0
 * or -1. */
int sample_ring_seal(struct sample_ring *ring);
/* Samples ever added. */
uint64_t sample_ring_count(const struct sample_ring *ring);

#endif
