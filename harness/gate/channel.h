/* channel: what the child's doors share: one request, one answer. */
#ifndef ASSAY_GATE_CHANNEL_H
#define ASSAY_GATE_CHANNEL_H

#include "harness/gate/message.h"

struct gate_channel {
	int fd;
	struct probe_wire *wires; /* newest first */
	/* Set with the first wire: closes the child's ends of all. */
	void (*close_wires)(struct gate_channel *channel);
};

/* A zeroed request of this kind. */
struct request channel_request(enum request_kind kind);
/*
 * Sends the request and waits for the reply: timeout_ms is what the request
 * itself may take. Returns 0, or -EPIPE when the gate is gone. *ret_fds is the
 * caller's to close, empty on failure.
 */
int channel_ask(struct gate_channel *channel, const struct request *request, int64_t timeout_ms,
		struct reply *ret, struct message_fds *ret_fds);
/* Waits for one more message of exactly this size. */
int channel_receive(struct gate_channel *channel, int64_t timeout_ms, void *bytes, size_t size,
		    struct message_fds *ret_fds);

#endif
