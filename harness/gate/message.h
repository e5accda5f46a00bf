/*
 * message: what travels between the gate, the runner and the children: one
 * fixed-size structure a request and a reply over SOCK_SEQPACKET, descriptors
 * beside it. It knows nothing of what the requests mean.
 */
#ifndef ASSAY_GATE_MESSAGE_H
#define ASSAY_GATE_MESSAGE_H

#include "harness/gate/gate.h"
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum request_kind {
	REQUEST_ADMIT,     /* control channel; descriptors: channel, capture */
	REQUEST_DISMISS,   /* control channel */
	REQUEST_STOP_LOAD, /* control channel */
	REQUEST_LEDGER,    /* control channel; descriptor: the file */
	REQUEST_GO,        /* control channel, once, before all others */
	REQUEST_DIAL,
	REQUEST_SPEND,
	REQUEST_WIRE,
	REQUEST_LINK,
	REQUEST_STORM,
	REQUEST_STORM_ANSWERS,
	REQUEST_DATAGRAMS,        /* u.dial */
	REQUEST_LISTEN,           /* u.dial: connections from the device */
	REQUEST_LISTEN_DATAGRAMS, /* u.dial */
	REQUEST_RELAY,            /* reserved */
};

enum { SOURCE_NAME_SIZE = 64 };

#define REQUEST_MAGIC 0x61677431u /* "agt1" */

/* Integers only in what a child sends: any bit pattern is a valid value. */
struct dial_request {
	struct address device;         /* one of the device's; none: the first */
	char source[SOURCE_NAME_SIZE]; /* name of one of the tester's; "": the usual */
	uint32_t port;
	int32_t timeout_ms;
};

struct spend_request {
	uint32_t what;
	char account[128]; /* "" where there is none */
};

struct wire_request {
	uint32_t kind;                 /* enum wire_kind, unchecked */
	struct address device;         /* one of the device's; none: the first */
	uint32_t group;                /* enum multicast_group, unchecked */
	char source[SOURCE_NAME_SIZE]; /* as in dial_request */
};

struct storm_part_request {
	char family[32]; /* name of a load family */
	uint32_t port;
};

struct storm_request {
	struct storm_part_request parts[STORM_PARTS];
	uint32_t part_count;
	char sender[16]; /* "": the fastest */
	int64_t frames_per_s;
	int64_t duration_ms;
	uint32_t sham;
	char function[128]; /* "": any */
};

struct request {
	uint32_t magic;
	uint32_t kind;
	union {
		struct gate_pass pass;
		int32_t number;
		struct dial_request dial;
		struct spend_request spend;
		struct wire_request wire;
		struct storm_request storm;
	} u;
};

struct wire_reply {
	struct wire_facts facts;
	uint64_t memory; /* bytes of the mapping sent along */
};

struct reply {
	int32_t error;  /* 0 or -errno */
	int32_t number; /* of the pass */
	union {
		struct gate_traffic traffic;
		struct wire_reply wire;
		struct storm_answers answers;
		char why[512];
	} u;
};

/* What the gate says once, before it serves. */
struct greeting {
	int32_t exit; /* 0: it serves */
	struct gate_ability ability;
	char why[512];
};

#define MESSAGE_FDS 3

struct message_fds {
	int fd[MESSAGE_FDS];
	size_t count;
};

/* Sends one message. Returns 0 or -errno; never raises SIGPIPE. */
int message_send(int channel, const void *bytes, size_t size, const struct message_fds *fds);
/*
 * The same and never waits: what the gate sends with. The channel's own buffer
 * is the bound of what the other side may leave unread, some hundred replies
 * where one at a time is asked for: then it is -EAGAIN, and that side is to be
 * dropped.
 */
int message_post(int channel, const void *bytes, size_t size, const struct message_fds *fds);
/*
 * Receives one message into bytes. *ret_fds gets the descriptors that came
 * along (CLOEXEC, the caller's), closed here where it is NULL. *ret_pid gets
 * the sender's process where the channel has SO_PASSCRED; may be NULL. Returns
 * the message's size, also where it was larger than the buffer, 0 when the
 * other side is gone, or -errno.
 */
ssize_t message_receive(int channel, void *bytes, size_t size, struct message_fds *ret_fds,
			pid_t *ret_pid);
void message_fds_close(struct message_fds *fds);

#endif
