/*
 * hold: keeps the tester's own kernel out of a load. Left alone it answers what
 * the device answers (a SYN-ACK with RST, a datagram with ICMP), which gives the
 * device its half-open places back: a flood that is none. A hold has a socket on
 * every source port of the load that is deaf to the device, so that the kernel
 * drops what comes and answers nothing. That takes no right beyond CAP_NET_RAW and
 * touches nobody else's addresses or rules.
 *
 * It lasts beyond the load, so that the device has to recover by itself; when it
 * ends, the kernel answers what the device still repeats with RST, and its places
 * are free.
 *
 * It also watches: SYN-ACKs that the device repeats to some of the ports are half
 * open places kept; a RST of the tester's on any of them spoils the load.
 */
#ifndef ASSAY_GATE_HOLD_H
#define ASSAY_GATE_HOLD_H

#include "harness/gate/link.h"
#include "probes/probe.h"

struct hold;

enum { HOLD_PORTS = 4096 };

/*
 * Holds up to HOLD_PORTS ports of the link's source from FAMILY_PORT_FIRST on, as
 * many as are free and as this hold's share of the limit on descriptors allows,
 * one of so many shares. transport: FRAME_TCP or FRAME_UDP.
 * Returns 0, or -errno with the reason in why where there is not one.
 */
int hold_open(const struct link *link, enum frame_layer transport, unsigned shares,
	      struct hold **ret, struct text *why);
/* The ports that are held, as long as the hold. */
const uint32_t *hold_ports(const struct hold *hold, size_t *ret_count);
/* What has been seen until now; all 0 for NULL. Any thread. */
struct storm_answers hold_answers(const struct hold *hold);
/* Ends it, beside; NULL is fine. */
void hold_close(struct hold *hold);

#endif
