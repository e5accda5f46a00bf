/* datagram: one UDP socket, one pair, one datagram at a time. */
#define _GNU_SOURCE
#include "harness/gate/datagram.h"
#include "harness/base/clock.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/banned.h"

enum { AT_ONCE = 64 }; /* datagrams moved in one go: others have their turn */

static int bind_to(const struct link *link, const struct address *source, uint16_t port)
{
	struct sockaddr_storage at;
	socklen_t size = address_to_sockaddr(source, port, link->index, &at);
	int fd = socket(at.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), error;

	if (fd < 0) {
		return -errno;
	}
	if ((setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, link->interface,
			(socklen_t)strlen(link->interface)) != 0 &&
	     errno != EPERM) ||
	    bind(fd, (const struct sockaddr *)&at, size) != 0) {
		error = -errno;
		close(fd);
		return error;
	}
	return fd;
}

/* Takes over udp. Returns the child's end. */
static int make_pair(const struct datagram_order *order, int udp, struct datagrams *ret)
{
	int pair[2], error;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0) {
		error = -errno;
		close(udp);
		return error;
	}
	memset(ret, 0, sizeof(*ret));
	ret->used = true;
	ret->udp = udp;
	ret->child = pair[0];
	ret->link = order->link;
	ret->pacer = order->pacer;
	ret->stop = order->stop;
	ret->stop_mark = stop_mark(order->stop);
	ret->tally = order->tally;
	return pair[1];
}

int datagrams_dial(const struct datagram_order *order, const struct dial_request *request,
		   struct datagrams *ret)
{
	struct dial_target target;
	struct sockaddr_storage to;
	socklen_t size;
	int error = dial_target(order->profile, order->link, request, order->monitor, order->tally,
				&target);
	int udp;

	if (error != 0) {
		return error;
	}
	udp = bind_to(order->link, &target.source, 0);
	if (udp < 0) {
		return udp;
	}
	/* from here on the kernel gives us what comes from there alone */
	size = address_to_sockaddr(&target.device, target.port, order->link->index, &to);
	if (connect(udp, (const struct sockaddr *)&to, size) != 0) {
		error = -errno;
		close(udp);
		return error;
	}
	return make_pair(order, udp, ret);
}

int datagrams_listen(const struct datagram_order *order, const struct dial_request *request,
		     struct datagrams *ret)
{
	struct dial_target target;
	int error = dial_listening(order->link, request, order->tally, &target);
	int udp, child;

	if (error != 0) {
		return error;
	}
	udp = bind_to(order->link, &target.source, target.port);
	if (udp < 0) {
		return udp;
	}
	child = make_pair(order, udp, ret);
	ret->listening = child >= 0;
	return child;
}

void datagrams_close(struct datagrams *d)
{
	if (d->used) {
		close(d->udp);
		close(d->child);
		d->used = false;
	}
}

/* One datagram from the network to the child. Returns false where there is
 * none. */
static bool take_in(struct datagrams *d)
{
	uint8_t bytes[65536];
	struct sockaddr_storage from;
	socklen_t size = sizeof(from);
	struct address peer;
	ssize_t got = recvfrom(d->udp, bytes, sizeof(bytes), MSG_DONTWAIT, (struct sockaddr *)&from,
			       &size);

	if (got < 0) {
		if (errno != EAGAIN && errno != EINTR) {
			datagrams_close(d); /* port unreachable, or worse */
		}
		return false;
	}
	if (d->listening) {
		peer = address_from_sockaddr((const struct sockaddr *)&from, NULL);
		if (!address_given(&peer) || link_device_find(d->link, &peer) == NULL) {
			tally_refuse(d->tally, "a datagram of %s is not the device's",
				     address_text(&peer).s);
			return true;
		}
		d->peer = from;
		d->peer_size = size;
	}
	/* nothing would be the end; a child that does not read loses them */
	if (got > 0 && send(d->child, bytes, (size_t)got, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 &&
	    errno != EAGAIN) {
		datagrams_close(d);
	}
	return d->used;
}

/* Takes the child's next datagram and gives it its turn. Returns false where
 * there is none. */
static bool take_next(struct datagrams *d)
{
	ssize_t got = recv(d->child, d->pending, sizeof(d->pending), MSG_DONTWAIT | MSG_TRUNC);

	if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
		return false;
	}
	if (got <= 0) {
		datagrams_close(d);
		return false;
	}
	if ((size_t)got > sizeof(d->pending)) {
		tally_refuse(d->tally, "a datagram of %zd bytes does not fit into a frame", got);
		return true;
	}
	if (d->listening && d->peer_size == 0) {
		tally_refuse(d->tally, "the device has sent nothing yet that could be answered");
		return true;
	}
	d->pending_size = (size_t)got;
	d->due_ns = pacer_reserve(d->pacer, 1);
	return true;
}

/* Sends the pending datagram when it is its turn. Returns false where it is
 * not. */
static bool send_pending(struct datagrams *d)
{
	const struct sockaddr *to = d->listening ? (const struct sockaddr *)&d->peer : NULL;
	ssize_t sent;

	if (clock_ns() < d->due_ns) {
		return false;
	}
	sent = sendto(d->udp, d->pending, d->pending_size, MSG_DONTWAIT | MSG_NOSIGNAL, to,
		      to == NULL ? 0 : d->peer_size);
	if (sent >= 0) {
		tally_sent(d->tally, 1, d->pending_size);
	}
	d->pending_size = 0;
	if (sent < 0 && errno != EAGAIN && errno != ENOBUFS) {
		datagrams_close(d);
	}
	return d->used;
}

size_t datagrams_poll(const struct datagrams *d, struct pollfd *ret)
{
	if (!d->used) {
		return 0;
	}
	ret[0] = (struct pollfd){.fd = d->udp, .events = POLLIN};
	ret[1] = (struct pollfd){.fd = d->child, .events = d->pending_size > 0 ? 0 : POLLIN};
	return DATAGRAM_POLLS;
}

void datagrams_serve(struct datagrams *d)
{
	int i;

	if (d->used && stop_asked(d->stop, d->stop_mark)) {
		datagrams_close(d);
	}
	for (i = 0; i < AT_ONCE && d->used && take_in(d); i++) {
	}
	for (i = 0; i < AT_ONCE && d->used; i++) {
		if (!(d->pending_size > 0 ? send_pending(d) : take_next(d))) {
			break;
		}
	}
}

int64_t datagrams_due(const struct datagrams *d)
{
	return d->used && d->pending_size > 0 ? d->due_ns : -1;
}
