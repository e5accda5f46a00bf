/*
 * listen: libpcap handles as the gate needs them: non-blocking, opened by the
 * process and thread that reads them, with a filter set before the first
 * frame is looked at.
 */
#ifndef ASSAY_GATE_LISTEN_H
#define ASSAY_GATE_LISTEN_H

#include "harness/base/text.h"
#include <pcap/pcap.h>
#include <stdbool.h>

struct listen_order {
	const char *interface;
	const char *filter; /* pcap-filter(7) */
	int snaplen;
	int ring;       /* bytes */
	int timeout_ms; /* how long frames may be held back; 0: at once */
	bool inbound;   /* only frames from outside */
};

/* Returns the handle (close with pcap_close()) or NULL with the reason. */
pcap_t *listen_open(const struct listen_order *order, struct text *why);

#endif
