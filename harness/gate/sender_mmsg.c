/* sender_mmsg: sendmmsg on AF_PACKET: every Ethernet interface can. */
#define _GNU_SOURCE
#include "harness/gate/later.h"
#include "harness/gate/packet.h"
#include "harness/gate/sender.h"

#include <errno.h>
#include <stdlib.h>

#include "harness/banned.h"

struct mmsg {
	int fd;
	unsigned at, count; /* of what is queued, the next and one past the last */
	struct iovec io[SENDER_BATCH];
	uint8_t frames[SENDER_BATCH][FRAME_MAX];
};

static int open_mmsg(const struct link *link, void **ret)
{
	struct mmsg *mmsg = calloc(1, sizeof(*mmsg));
	unsigned i;
	int fd;

	if (mmsg == NULL) {
		BUG("out of memory");
	}
	fd = packet_open(link);
	if (fd < 0) {
		free(mmsg);
		return fd;
	}
	mmsg->fd = fd;
	for (i = 0; i < SENDER_BATCH; i++) {
		mmsg->io[i].iov_base = mmsg->frames[i];
	}
	*ret = mmsg;
	return 0;
}

static unsigned places_mmsg(void *state, uint8_t **ret, unsigned count)
{
	struct mmsg *mmsg = state;
	unsigned i;

	if (mmsg->at < mmsg->count) {
		return 0;
	}
	for (i = 0; i < count; i++) {
		ret[i] = mmsg->frames[i];
	}
	return count;
}

static void queue_mmsg(void *state, const size_t *sizes, unsigned count)
{
	struct mmsg *mmsg = state;
	unsigned i;

	for (i = 0; i < count; i++) {
		mmsg->io[i].iov_len = sizes[i];
	}
	mmsg->at = 0;
	mmsg->count = count;
}

static int push_mmsg(void *state)
{
	struct mmsg *mmsg = state;
	int sent = packet_send(mmsg->fd, &mmsg->io[mmsg->at], mmsg->count - mmsg->at);

	if (sent > 0) {
		mmsg->at += (unsigned)sent;
	} else if (sent != -ENOBUFS && sent != -EAGAIN) {
		mmsg->at++;
	}
	return sent;
}

static void close_mmsg(void *state)
{
	struct mmsg *mmsg = state;

	later_close(mmsg->fd);
	free(mmsg);
}

const struct sender_ops sender_mmsg = {
	.name = "sendmmsg",
	.open = open_mmsg,
	.places = places_mmsg,
	.queue = queue_mmsg,
	.push = push_mmsg,
	.close = close_mmsg,
};
