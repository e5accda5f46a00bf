/* dial: non-blocking connects. */
#define _GNU_SOURCE
#include "harness/gate/dial.h"
#include "harness/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/banned.h"

enum { TIMEOUT_MAX_MS = 600 * 1000 };

/* Opens a socket bound to the source and starts connecting. */
static int start_connect(const struct dialler *dialler, struct dialling *dialling)
{
	const struct link *link = dialler->link;
	const char *interface = link->interface;
	struct sockaddr_storage from, to;
	socklen_t from_size = address_to_sockaddr(&dialling->source, 0, link->index, &from);
	socklen_t to_size =
		address_to_sockaddr(&dialling->device, dialling->port, link->index, &to);
	int one = 1, fd, error;

	fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		return -errno;
	}
	/* the port is then chosen at connect() for this one peer: no port is
	 * used up by a neighbour's TIME_WAIT */
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
	/* 40 ms of Nagle and delayed ACK would be measured as the device's */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t)strlen(interface)) !=
		    0 &&
	    errno != EPERM) {
		goto failed;
	}
	if (bind(fd, (const struct sockaddr *)&from, from_size) != 0) {
		goto failed;
	}
	if (connect(fd, (const struct sockaddr *)&to, to_size) != 0 && errno != EINPROGRESS) {
		goto failed;
	}
	dialling->fd = fd;
	return 0;
failed:
	error = -errno;
	close(fd);
	return error;
}

int dial_begin(struct dialler *dialler, const struct dial_request *request, bool monitor,
	       struct tally *tally, struct dialling *ret)
{
	struct dialling dialling = {
		.state = DIAL_WAITING, .fd = -1, .pass = ret->pass, .monitor = monitor};
	int64_t timeout = request->timeout_ms;
	struct dial_target target;
	int error = dial_target(dialler->profile, dialler->link, request, monitor, tally, &target);

	if (error != 0) {
		return error;
	}
	dialling.source = target.source;
	dialling.device = target.device;
	dialling.port = target.port;
	timeout = timeout < 0 ? 0 : timeout;
	timeout = timeout > TIMEOUT_MAX_MS ? TIMEOUT_MAX_MS : timeout;
	dialling.deadline_ns = clock_ns() + timeout * NS_PER_MS;
	*ret = dialling;
	return 0;
}

/*
 * Connecting to a port of one's own address can meet itself: the kernel picks
 * the same source port and the two SYNs cross (RFC 9293, 3.5). Nobody else
 * answered.
 */
static bool met_itself(int fd)
{
	struct sockaddr_storage local = {0}, remote = {0};
	socklen_t size = sizeof(local);
	struct address from, to;
	uint16_t from_port, to_port;

	getsockname(fd, (struct sockaddr *)&local, &size);
	size = sizeof(remote);
	getpeername(fd, (struct sockaddr *)&remote, &size);
	from = address_from_sockaddr((const struct sockaddr *)&local, &from_port);
	to = address_from_sockaddr((const struct sockaddr *)&remote, &to_port);
	return from_port == to_port && address_equal(&from, &to);
}

static void end(struct dialler *dialler, struct dialling *dialling)
{
	if (dialling->state == DIAL_CONNECTING) {
		dialler->connecting[dialling->port]--;
		if (!dialling->monitor) {
			half_open_dialled(&dialler->half_open);
		}
	}
	dialling->state = DIAL_IDLE;
	dialling->fd = -1;
}

static int step_waiting(struct dialler *dialler, struct dialling *dialling, struct tally *tally,
			int *ret_result)
{
	int error;

	if (!dialler_allows(dialler, dialling)) {
		dialling->waits = true;
		if (clock_left_ms(dialling->deadline_ns) > 0) {
			return 0;
		}
		dialler_refuse(dialler, dialling, tally);
		end(dialler, dialling);
		*ret_result = -EDQUOT;
		return 1;
	}
	dialling->state = DIAL_CONNECTING;
	dialler->connecting[dialling->port]++;
	error = start_connect(dialler, dialling);
	if (error != 0) {
		tally_connection(tally, false);
		end(dialler, dialling);
		*ret_result = error;
		return 1;
	}
	return 0;
}

static int step_connecting(struct dialler *dialler, struct dialling *dialling, struct tally *tally,
			   int *ret_result)
{
	struct pollfd ready = {.fd = dialling->fd, .events = POLLOUT};
	socklen_t size = sizeof(int);
	int error = 0, fd = dialling->fd;

	if (poll(&ready, 1, 0) == 0) {
		if (clock_left_ms(dialling->deadline_ns) > 0) {
			return 0;
		}
		error = ETIMEDOUT;
	} else {
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
		error = error == 0 && met_itself(fd) ? ECONNREFUSED : error;
	}
	tally_connection(tally, error == 0);
	if (error == 0) {
		dialler_remember(dialler, dialling);
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	} else {
		close(fd);
	}
	end(dialler, dialling);
	*ret_result = error == 0 ? fd : -error;
	return 1;
}

int dial_step(struct dialler *dialler, struct dialling *dialling, struct tally *tally,
	      int *ret_result)
{
	if (dialling->state == DIAL_WAITING &&
	    step_waiting(dialler, dialling, tally, ret_result) != 0) {
		return 1;
	}
	if (dialling->state == DIAL_CONNECTING) {
		return step_connecting(dialler, dialling, tally, ret_result);
	}
	return 0;
}

void dial_cancel(struct dialler *dialler, struct dialling *dialling)
{
	int fd = dialling->fd;

	end(dialler, dialling);
	if (fd >= 0) {
		close(fd);
	}
}
