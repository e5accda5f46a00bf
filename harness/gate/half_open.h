/*
 * half_open: how many connections are begun and not finished, whoever began
 * them: handshakes of connect(2) and every SYN that leaves through a wire.
 *
 * A SYN counts at its port from its sending until the device answers: by RST
 * it refused, and a SYN+ACK is reset by the tester's kernel in the same instant
 * (a wire's port is reserved and does not listen). A device that opened a
 * connection answers, so a SYN that is unanswered for a second, the first
 * retransmission timeout of TCP (RFC 6298, 2.1), has been dropped and counts no
 * more.
 *
 * At one port no more than the budget count; at all ports that have ever
 * answered with SYN+ACK, and all handshakes of connect(2), together no more
 * than the budget. Ports that never accepted do not count against each other:
 * only an open port can hold what is half open, and a sweep of 65,536 ports
 * that say nothing would take days. Load has its own budget and does not count
 * here.
 */
#ifndef ASSAY_GATE_HALF_OPEN_H
#define ASSAY_GATE_HALF_OPEN_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct half_open_count {
	int64_t waiting, since_ns; /* since_ns: of the newest */
};

struct half_open { /* one a gate; thread-safe */
	pthread_mutex_t lock;
	int64_t limit;
	int64_t dialling;
	struct half_open_count known; /* at all ports known to be open */
	struct half_open_count ports[65536];
	bool open[65536];
};

void half_open_init(struct half_open *half_open, int64_t limit);
void half_open_release(struct half_open *half_open);

/* True if a handshake of connect(2) may begin; it is then counted until
 * half_open_dialled(). */
bool half_open_dial(struct half_open *half_open);
void half_open_dialled(struct half_open *half_open);

/* Looks at a frame that is about to leave. True if it may: it begins nothing,
 * or there is room, and it is counted. A TCP frame whose flags cannot be read
 * (a fragment, IPv6 extension headers) counts as a SYN. */
bool half_open_frame(struct half_open *half_open, const uint8_t *frame, size_t size);
/* Looks at a frame that came from the device. */
void half_open_answer(struct half_open *half_open, const uint8_t *frame, size_t size);

#endif
