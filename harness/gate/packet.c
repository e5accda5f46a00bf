/* packet: sendmmsg on AF_PACKET with PACKET_QDISC_BYPASS. */
#define _GNU_SOURCE
#include "harness/gate/packet.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/banned.h"

int packet_open(const struct link *link)
{
	/* protocol 0: no frame is ever received */
	struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_ifindex = (int)link->index};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), one = 1, error;

	if (fd < 0) {
		return -errno;
	}
	setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof(one));
	if (bind(fd, (const struct sockaddr *)(const void *)&at, sizeof(at)) != 0) {
		error = -errno;
		close(fd);
		return error;
	}
	return fd;
}

int packet_send(int fd, struct iovec *frames, unsigned count)
{
	struct mmsghdr messages[PACKET_BATCH];
	unsigned i;
	int sent;

	memset(messages, 0, count * sizeof(messages[0]));
	for (i = 0; i < count; i++) {
		messages[i].msg_hdr.msg_iov = &frames[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	sent = sendmmsg(fd, messages, count, MSG_DONTWAIT);
	return sent < 0 ? -errno : sent;
}
