/*
 * sender: sends whole Ethernet frames in batches, by the fastest way that the
 * interface has: AF_XDP in copy mode, or sendmmsg on AF_PACKET. Frames are
 * written where the sender has its places, queued, and pushed until the kernel
 * has taken them. One thread a sender.
 */
#ifndef ASSAY_GATE_SENDER_H
#define ASSAY_GATE_SENDER_H

#include "harness/gate/link.h"
#include <stddef.h>
#include <stdint.h>

enum { SENDER_BATCH = 64 };

struct sender_ops {
	const char *name; /* "af-xdp", "sendmmsg" */
	/* Returns 0 and the sender's own state, or -errno: not possible here. */
	int (*open)(const struct link *link, void **ret);
	/* As sender_places(), sender_queue(), sender_push() below. */
	unsigned (*places)(void *state, uint8_t **ret, unsigned count);
	void (*queue)(void *state, const size_t *sizes, unsigned count);
	int (*push)(void *state);
	/* Does not wait; what is queued is not sent any more. */
	void (*close)(void *state);
};

extern const struct sender_ops sender_xdp, sender_mmsg;

struct sender {
	const struct sender_ops *ops;
	void *state;
};

/* Opens the sender of that name, or with NULL or "" the first that the
 * interface can, fastest first. Returns 0 or -errno; -EINVAL: no such name. */
int sender_open(const struct link *link, const char *name, struct sender *ret);
/* True if there is a sender of that name, or it is "". */
bool sender_known(const char *name);
/*
 * Points ret at up to count (at most SENDER_BATCH) places of FRAME_MAX bytes.
 * Returns how many there are: fewer, or none, while the kernel still has the
 * others. They are valid until they are queued or asked for again.
 */
unsigned sender_places(struct sender *sender, uint8_t **ret, unsigned count);
/* The first count of the places hold frames of these sizes now. */
void sender_queue(struct sender *sender, const size_t *sizes, unsigned count);
/*
 * Gives queued frames to the kernel, in order. Returns how many it took, or
 * -errno when it took none: -ENOBUFS and -EAGAIN mean that the interface's queue
 * is full, after any other the frame that was next is no longer queued.
 */
int sender_push(struct sender *sender);
/* What is queued is not sent any more. */
void sender_close(struct sender *sender);

#endif
