/* accept: one listening socket, one pair. */
#define _GNU_SOURCE
#include "harness/gate/accept.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/banned.h"

enum { BACKLOG = 8 };

static int listen_at(const struct link *link, const struct dial_target *target)
{
	struct sockaddr_storage at;
	socklen_t size = address_to_sockaddr(&target->source, target->port, link->index, &at);
	int fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1;
	int error;

	if (fd < 0) {
		return -errno;
	}
	/* a port that an earlier check listened at is free again at once */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if ((setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, link->interface,
			(socklen_t)strlen(link->interface)) != 0 &&
	     errno != EPERM) ||
	    bind(fd, (const struct sockaddr *)&at, size) != 0 || listen(fd, BACKLOG) != 0) {
		error = -errno;
		close(fd);
		return error;
	}
	return fd;
}

int acceptor_open(const struct link *link, const struct dial_request *request, struct tally *tally,
		  struct acceptor *ret)
{
	struct dial_target target;
	int error = dial_listening(link, request, tally, &target);
	int pair[2], fd;

	if (error != 0) {
		return error;
	}
	fd = listen_at(link, &target);
	if (fd < 0) {
		return fd;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0) {
		error = -errno;
		close(fd);
		return error;
	}
	*ret = (struct acceptor){
		.used = true, .listener = fd, .child = pair[0], .link = link, .tally = tally};
	return pair[1];
}

void acceptor_close(struct acceptor *a)
{
	if (a->used) {
		close(a->listener);
		close(a->child);
		a->used = false;
	}
}

/* Hands the connection on, or hangs up. */
static void hand_on(struct acceptor *a, int fd, const struct address *peer)
{
	struct message_fds fds = {.fd = {fd}, .count = 1};
	char one = 1;

	if (!address_given(peer) || link_device_find(a->link, peer) == NULL) {
		tally_refuse(a->tally, "a connection of %s is not the device's",
			     address_text(peer).s);
	} else if (a->accepted == ACCEPT_MAX) {
		tally_refuse(a->tally, "the device has connected more than %d times", ACCEPT_MAX);
	} else {
		a->accepted++;
		tally_connection(a->tally, true);
		if (message_post(a->child, &one, sizeof(one), &fds) != 0) {
			acceptor_close(a);
		}
	}
	close(fd);
}

size_t acceptor_poll(const struct acceptor *a, struct pollfd *ret)
{
	if (!a->used) {
		return 0;
	}
	ret[0] = (struct pollfd){.fd = a->listener, .events = POLLIN};
	ret[1] = (struct pollfd){.fd = a->child, .events = POLLIN};
	return ACCEPT_POLLS;
}

void acceptor_serve(struct acceptor *a)
{
	struct sockaddr_storage from;
	struct address peer;
	socklen_t size;
	char byte;
	int fd;

	if (a->used && recv(a->child, &byte, 1, MSG_DONTWAIT) == 0) {
		acceptor_close(a); /* the child has closed its end */
	}
	while (a->used) {
		size = sizeof(from);
		fd = accept4(a->listener, (struct sockaddr *)&from, &size, SOCK_CLOEXEC);
		if (fd < 0) {
			return;
		}
		peer = address_from_sockaddr((const struct sockaddr *)&from, NULL);
		hand_on(a, fd, &peer);
	}
}
