/* sum: the Internet checksums of a whole frame (RFC 1071; RFC 8200, 8.1). */
#ifndef ASSAY_FRAME_SUM_H
#define ASSAY_FRAME_SUM_H

#include "harness/frame/frame.h"

/* First byte of the layer's checksum, 0 where it has none. */
uint16_t sum_at(const struct frame_part *part);
/* True if a part's checksum also covers the addresses of the IP header. */
bool sum_covers_addresses(const struct frame_part *part);
/* Computes every checksum of the frame; that of the layer wrong gets 0x0101
 * more. FRAME_END: none is wrong. */
void sum_all(struct frame *frame, enum frame_layer wrong);

#endif
