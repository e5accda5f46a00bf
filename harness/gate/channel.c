/* channel: the child's side: asks the gate and waits for its answer. */
#define _GNU_SOURCE
#include "harness/gate/channel.h"
#include "harness/base/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/banned.h"

enum {
	/* Beyond the time a request takes by itself, the gate answers within
	 * milliseconds; a gate that does not is broken. */
	GRACE_MS = 5000,
};

struct gate_channel *gate_channel_new(int fd)
{
	struct gate_channel *channel = calloc(1, sizeof(*channel));

	if (channel == NULL) {
		BUG("out of memory");
	}
	channel->fd = fd;
	return channel;
}

void gate_channel_free(struct gate_channel *channel)
{
	if (channel == NULL) {
		return;
	}
	if (channel->close_wires != NULL) {
		channel->close_wires(channel);
	}
	close(channel->fd);
	free(channel);
}

struct request channel_request(enum request_kind kind)
{
	struct request request;

	memset(&request, 0, sizeof(request));
	request.magic = REQUEST_MAGIC;
	request.kind = kind;
	return request;
}

int channel_receive(struct gate_channel *channel, int64_t timeout_ms, void *bytes, size_t size,
		    struct message_fds *ret_fds)
{
	struct pollfd ready = {.fd = channel->fd, .events = POLLIN};
	int64_t deadline = clock_ns() + (timeout_ms + GRACE_MS) * NS_PER_MS;
	ssize_t got;
	int seen;

	do {
		seen = poll(&ready, 1, clock_left_ms(deadline));
	} while (seen < 0 && errno == EINTR);
	if (seen <= 0) {
		return -EPIPE;
	}
	got = message_receive(channel->fd, bytes, size, ret_fds, NULL);
	return got == (ssize_t)size ? 0 : -EPIPE;
}

int channel_ask(struct gate_channel *channel, const struct request *request, int64_t timeout_ms,
		struct reply *ret, struct message_fds *ret_fds)
{
	int error = message_send(channel->fd, request, sizeof(*request), NULL);

	ret_fds->count = 0;
	if (error != 0) {
		return -EPIPE;
	}
	return channel_receive(channel, timeout_ms, ret, sizeof(*ret), ret_fds);
}

int gate_dial(struct gate_channel *channel, uint16_t port, bool witness, int timeout_ms)
{
	struct dial_order order = {
		.port = port, .source = witness ? "witness" : NULL, .timeout_ms = timeout_ms};

	return gate_dial_to(channel, &order);
}

/* One request about from where to where, to be answered by a descriptor. */
static int ask_begin(struct gate_channel *channel, enum request_kind kind,
		     const struct dial_order *order)
{
	struct request request = channel_request(kind);

	request.u.dial.device = order->device;
	request.u.dial.port = order->port;
	request.u.dial.timeout_ms = order->timeout_ms;
	if (order->source != NULL && strlen(order->source) >= SOURCE_NAME_SIZE) {
		return -EADDRNOTAVAIL;
	}
	snprintf(request.u.dial.source, SOURCE_NAME_SIZE, "%s",
		 order->source == NULL ? "" : order->source);
	return message_send(channel->fd, &request, sizeof(request), NULL) == 0 ? 0 : -EPIPE;
}

int gate_dial_begin(struct gate_channel *channel, const struct dial_order *order)
{
	return ask_begin(channel, REQUEST_DIAL, order);
}

int gate_dial_end(struct gate_channel *channel, int timeout_ms)
{
	struct message_fds fds = {.count = 0};
	struct reply reply;
	int error = channel_receive(channel, timeout_ms, &reply, sizeof(reply), &fds);

	if (error == 0) {
		error = reply.error;
	}
	if (error == 0 && fds.count != 1) {
		error = -EPIPE;
	}
	if (error != 0) {
		message_fds_close(&fds);
		return error;
	}
	return fds.fd[0];
}

int gate_channel_fd(const struct gate_channel *channel)
{
	return channel->fd;
}

static int ask_end(struct gate_channel *channel, enum request_kind kind,
		   const struct dial_order *order)
{
	int error = ask_begin(channel, kind, order);

	return error != 0 ? error : gate_dial_end(channel, order->timeout_ms);
}

int gate_dial_to(struct gate_channel *channel, const struct dial_order *order)
{
	return ask_end(channel, REQUEST_DIAL, order);
}

int gate_datagrams(struct gate_channel *channel, const struct dial_order *order)
{
	return ask_end(channel, REQUEST_DATAGRAMS, order);
}

int gate_listen(struct gate_channel *channel, const struct dial_order *order)
{
	return ask_end(channel, REQUEST_LISTEN, order);
}

int gate_listen_datagrams(struct gate_channel *channel, const struct dial_order *order)
{
	return ask_end(channel, REQUEST_LISTEN_DATAGRAMS, order);
}

int gate_accept(int listening, int64_t deadline_ns)
{
	struct pollfd ready = {.fd = listening, .events = POLLIN};
	struct message_fds fds = {.count = 0};
	char byte;
	ssize_t got;
	int seen;

	do {
		seen = poll(&ready, 1, clock_left_ms(deadline_ns));
	} while (seen < 0 && errno == EINTR);
	if (seen <= 0) {
		return -ETIMEDOUT;
	}
	got = message_receive(listening, &byte, sizeof(byte), &fds, NULL);
	if (got != 1 || fds.count != 1) {
		message_fds_close(&fds);
		return -EPIPE;
	}
	return fds.fd[0];
}

int gate_link(struct gate_channel *channel, struct wire_facts *ret)
{
	struct request request = channel_request(REQUEST_LINK);
	struct reply reply;
	struct message_fds fds;
	int error = channel_ask(channel, &request, 0, &reply, &fds);

	message_fds_close(&fds);
	error = error != 0 ? error : reply.error;
	if (error == 0) {
		*ret = reply.u.wire.facts;
	}
	return error;
}

int gate_spend(struct gate_channel *channel, enum spending what, const char *account)
{
	struct request request = channel_request(REQUEST_SPEND);
	struct reply reply;
	struct message_fds fds;
	size_t length = account == NULL ? 0 : strlen(account);
	int error;

	if (length >= sizeof(request.u.spend.account)) {
		return -EINVAL;
	}
	request.u.spend.what = what;
	if (length > 0) {
		memcpy(request.u.spend.account, account, length);
	}
	error = channel_ask(channel, &request, 0, &reply, &fds);
	message_fds_close(&fds);
	return error != 0 ? error : reply.error;
}

int gate_storm(struct gate_channel *channel, const struct storm_order *order,
	       struct storm_result *ret)
{
	struct request request = channel_request(REQUEST_STORM);
	struct storm_request *storm = &request.u.storm;
	struct storm_result result;
	struct reply reply;
	struct message_fds fds;
	int error;

	for (; storm->part_count < STORM_PARTS; storm->part_count++) {
		const struct storm_part *part = &order->parts[storm->part_count];
		struct storm_part_request *wanted = &storm->parts[storm->part_count];

		if (part->family == NULL) {
			break;
		}
		snprintf(wanted->family, sizeof(wanted->family), "%s", part->family);
		wanted->port = part->port;
	}
	snprintf(storm->sender, sizeof(storm->sender), "%s",
		 order->sender != NULL ? order->sender : "");
	storm->frames_per_s = order->frames_per_s;
	storm->duration_ms = order->duration_ms;
	storm->sham = order->sham;
	if (order->function != NULL) {
		snprintf(storm->function, sizeof(storm->function), "%s", order->function->name);
	}
	error = channel_ask(channel, &request, order->duration_ms, &reply, &fds);
	message_fds_close(&fds);
	error = error != 0 ? error : reply.error;
	if (error == 0) {
		error = channel_receive(channel, 0, &result, sizeof(result), NULL);
	}
	if (error == 0) {
		*ret = result;
	}
	return error;
}

int gate_storm_answers(struct gate_channel *channel, struct storm_answers *ret)
{
	struct request request = channel_request(REQUEST_STORM_ANSWERS);
	struct reply reply;
	struct message_fds fds;
	int error = channel_ask(channel, &request, 0, &reply, &fds);

	message_fds_close(&fds);
	error = error != 0 ? error : reply.error;
	if (error == 0) {
		*ret = reply.u.answers;
	}
	return error;
}
