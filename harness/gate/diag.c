/* diag: one inet_diag request, one answer. */
#define _GNU_SOURCE
#include "harness/gate/diag.h"
#include "harness/base/address.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "harness/banned.h"

struct question {
	struct nlmsghdr header;
	struct inet_diag_req_v2 request;
};

int diag_open(void)
{
	struct timeval patience = {.tv_sec = 1};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

	if (fd < 0) {
		return -errno;
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

static struct question question_for(unsigned interface, const struct sockaddr_storage *local,
				    const struct sockaddr_storage *remote, uint64_t cookie)
{
	struct question question;
	struct inet_diag_sockid *id = &question.request.id;
	struct address from, to;
	uint16_t from_port, to_port;

	memset(&question, 0, sizeof(question));
	question.header.nlmsg_len = sizeof(question);
	question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
	question.header.nlmsg_flags = NLM_F_REQUEST;
	question.request.sdiag_family = (uint8_t)local->ss_family;
	question.request.sdiag_protocol = IPPROTO_TCP;
	question.request.idiag_states = ~0u;
	id->idiag_if = interface;
	from = address_from_sockaddr((const struct sockaddr *)local, &from_port);
	to = address_from_sockaddr((const struct sockaddr *)remote, &to_port);
	id->idiag_sport = htons(from_port);
	id->idiag_dport = htons(to_port);
	memcpy(id->idiag_src, from.bytes, sizeof(id->idiag_src));
	memcpy(id->idiag_dst, to.bytes, sizeof(id->idiag_dst));
	id->idiag_cookie[0] = (uint32_t)cookie;
	id->idiag_cookie[1] = (uint32_t)(cookie >> 32);
	return question;
}

int diag_state(int diag, unsigned interface, const struct sockaddr_storage *local,
	       const struct sockaddr_storage *remote, uint64_t cookie)
{
	struct question question = question_for(interface, local, remote, cookie);
	union {
		struct nlmsghdr header;
		char bytes[4096];
	} answer;
	const struct inet_diag_msg *message;
	const struct nlmsgerr *error;
	ssize_t got;

	if (diag < 0) {
		return -EOPNOTSUPP;
	}
	if (send(diag, &question, sizeof(question), 0) < 0) {
		return -errno;
	}
	got = recv(diag, &answer, sizeof(answer), 0);
	if (got < (ssize_t)sizeof(answer.header)) {
		return got < 0 ? -errno : -EBADMSG;
	}
	if (answer.header.nlmsg_type == NLMSG_ERROR) {
		error = NLMSG_DATA(&answer.header);
		/* ESTALE: the ports belong to another socket by now */
		return error->error == -ENOENT || error->error == -ESTALE ? 0 : error->error;
	}
	if (got < (ssize_t)NLMSG_LENGTH(sizeof(*message))) {
		return -EBADMSG;
	}
	message = NLMSG_DATA(&answer.header);
	return message->idiag_state;
}
