/* packet: an AF_PACKET socket that sends whole Ethernet frames in batches. */
#ifndef ASSAY_GATE_PACKET_H
#define ASSAY_GATE_PACKET_H

#include "harness/gate/link.h"
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

enum { PACKET_BATCH = 64 };

/* Returns a descriptor bound to the link, past the queueing discipline, or
 * -errno. It receives nothing. */
int packet_open(const struct link *link);
/*
 * Sends the frames in order, at most PACKET_BATCH. Returns how many the kernel
 * took before the first that it did not, or -errno when it took none:
 * -ENOBUFS and -EAGAIN mean that the interface's queue is full.
 */
int packet_send(int fd, struct iovec *frames, unsigned count);

#endif
