/*
 * pcapng: writes one capture file: a section header, one interface, frames,
 * and the interface's statistics at the end (draft-ietf-opsawg-pcapng). It
 * reads nothing and knows nothing of protocols.
 */
#ifndef ASSAY_GATE_PCAPNG_H
#define ASSAY_GATE_PCAPNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pcapng {
	int fd; /* owned */
	uint64_t size, limit;
	uint64_t frames, left_out; /* written; not written for lack of room */
	bool failed;               /* the file could not be written */
	bool has_interface;
	size_t used;
	uint8_t buffer[65536];
};

struct pcapng_interface {
	const char *name;
	const char *filter;
	uint16_t link_type; /* a LINKTYPE_ number */
	uint32_t snaplen;
};

/* Starts a file on fd, which is closed by pcapng_end(). limit: bytes. interface
 * may be NULL where nothing can be captured; comment says what is left out. */
void pcapng_begin(struct pcapng *file, int fd, uint64_t limit, const char *comment,
		  const struct pcapng_interface *interface);
/* stamp_ns: CLOCK_REALTIME. size: as it was on the link; kept: bytes here. */
void pcapng_frame(struct pcapng *file, int64_t stamp_ns, const void *bytes, uint32_t kept,
		  uint32_t size);
/* Writes the statistics and closes. dropped: frames the kernel lost. Returns 0,
 * or -1 when the file is not whole. */
int pcapng_end(struct pcapng *file, uint64_t dropped);

#endif
