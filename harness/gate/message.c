/* message: sendmsg and recvmsg with descriptors and the sender's identity. */
#define _GNU_SOURCE
#include "harness/gate/message.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/banned.h"

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int) * 64) + CMSG_SPACE(sizeof(struct ucred))];
};

static int send_with(int channel, const void *bytes, size_t size, const struct message_fds *fds,
		     int flags)
{
	struct iovec io = {.iov_base = (void *)bytes, .iov_len = size};
	struct msghdr message = {.msg_iov = &io, .msg_iovlen = 1};
	union control control;
	struct cmsghdr *header;
	ssize_t sent;

	/* without descriptors by send(2): a confined child may not sendmsg */
	if (fds == NULL || fds->count == 0) {
		do {
			sent = send(channel, bytes, size, MSG_NOSIGNAL | flags);
		} while (sent < 0 && errno == EINTR);
		return sent < 0 ? -errno : 0;
	}
	memset(&control, 0, sizeof(control));
	message.msg_control = control.bytes;
	message.msg_controllen = CMSG_SPACE(sizeof(int) * fds->count);
	header = CMSG_FIRSTHDR(&message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int) * fds->count);
	memcpy(CMSG_DATA(header), fds->fd, sizeof(int) * fds->count);
	do {
		sent = sendmsg(channel, &message, MSG_NOSIGNAL | flags);
	} while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

int message_send(int channel, const void *bytes, size_t size, const struct message_fds *fds)
{
	return send_with(channel, bytes, size, fds, 0);
}

int message_post(int channel, const void *bytes, size_t size, const struct message_fds *fds)
{
	return send_with(channel, bytes, size, fds, MSG_DONTWAIT);
}

/* Keeps the descriptors that fit into fds and closes all others. */
static void take_fds(const struct cmsghdr *header, struct message_fds *fds)
{
	size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int), i;
	int fd;

	for (i = 0; i < count; i++) {
		memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(fd));
		if (fds->count < MESSAGE_FDS) {
			fds->fd[fds->count++] = fd;
		} else {
			close(fd);
		}
	}
}

ssize_t message_receive(int channel, void *bytes, size_t size, struct message_fds *ret_fds,
			pid_t *ret_pid)
{
	struct iovec io = {.iov_base = bytes, .iov_len = size};
	union control control;
	struct msghdr message = {.msg_iov = &io,
				 .msg_iovlen = 1,
				 .msg_control = control.bytes,
				 .msg_controllen = sizeof(control)};
	struct message_fds fds = {.count = 0};
	struct cmsghdr *header;
	struct ucred sender;
	ssize_t got;

	do {
		got = recvmsg(channel, &message, MSG_CMSG_CLOEXEC | MSG_TRUNC);
	} while (got < 0 && errno == EINTR);
	if (got < 0) {
		return -errno;
	}
	for (header = CMSG_FIRSTHDR(&message); header != NULL;
	     header = CMSG_NXTHDR(&message, header)) {
		if (header->cmsg_level != SOL_SOCKET) {
			continue;
		}
		if (header->cmsg_type == SCM_RIGHTS) {
			take_fds(header, &fds);
		} else if (header->cmsg_type == SCM_CREDENTIALS && ret_pid != NULL) {
			memcpy(&sender, CMSG_DATA(header), sizeof(sender));
			*ret_pid = sender.pid;
		}
	}
	if (ret_fds == NULL) {
		message_fds_close(&fds);
	} else {
		*ret_fds = fds;
	}
	return got;
}

void message_fds_close(struct message_fds *fds)
{
	size_t i;

	for (i = 0; i < fds->count; i++) {
		if (fds->fd[i] >= 0) {
			close(fds->fd[i]);
		}
	}
	fds->count = 0;
}
