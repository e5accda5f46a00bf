/* dial: non-blocking connects and the two budgets that bound them. */
#define _GNU_SOURCE
#include "harness/gate/dial.h"
#include "harness/base/clock.h"
#include "harness/gate/diag.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/banned.h"

enum {
	/* A monitor's reserved places: the connection it uses and one that is
	 * just being closed. */
	MONITOR_PLACES = 2,
	/* The table's rest belongs to monitors: GATE_PASSES of them. */
	CONNECTIONS_MAX = DIAL_CONNECTIONS - MONITOR_PLACES * GATE_PASSES,
	TIMEOUT_MAX_MS = 600 * 1000,
	/* How often the kernel is asked while somebody waits for a place. */
	ASK_EVERY_NS = 2 * 1000 * 1000,
};

void dialler_init(struct dialler *dialler, const struct profile *profile, const struct link *link)
{
	memset(dialler, 0, sizeof(*dialler));
	dialler->profile = profile;
	dialler->link = link;
	dialler->diag = diag_open();
	half_open_init(&dialler->half_open, profile->budget.half_open);
}

void dialler_release(struct dialler *dialler)
{
	half_open_release(&dialler->half_open);
	if (dialler->diag >= 0) {
		close(dialler->diag);
	}
}

/* How many connections the service at this port takes at one time; 0: not limited. */
static int64_t service_clients(const struct dialler *dialler, uint16_t port)
{
	const struct profile *profile = dialler->profile;
	size_t i;

	for (i = 0; i < profile->service_count; i++) {
		if (!profile->services[i].udp && profile->services[i].port == port) {
			return profile->services[i].clients;
		}
	}
	return 0;
}

/*
 * True while the connection takes a place. The device holds its side until it
 * has closed too, so our FIN_WAIT states count; the last two states do not
 * burden it. A monitor's own pass counts only what it has not closed, so that
 * a device that stopped closing is seen by the monitor and not hidden by the
 * budget. Not knowing counts as held: that errs on the device's side.
 */
static bool still_held(const struct dialler *dialler, const struct connection *c)
{
	int state =
		diag_state(dialler->diag, dialler->link->index, &c->local, &c->remote, c->cookie);

	switch (state) {
	case 0:
	case TCP_TIME_WAIT:
	case TCP_CLOSE:
	case TCP_LAST_ACK:
		return false;
	case TCP_FIN_WAIT1:
	case TCP_FIN_WAIT2:
	case TCP_CLOSING:
		return !c->monitor || service_clients(dialler, c->port) > 0;
	default:
		return true;
	}
}

static void forget_closed(struct dialler *dialler)
{
	int64_t now = clock_ns();
	size_t i;

	if (now - dialler->asked_ns < ASK_EVERY_NS) {
		return;
	}
	dialler->asked_ns = now;
	for (i = 0; i < DIAL_CONNECTIONS; i++) {
		struct connection *c = &dialler->connections[i];

		if (c->used && !still_held(dialler, c)) {
			c->used = false;
		}
	}
}

/* Places taken: a monitor's by its own pass, all others together. Handshakes
 * under way are counted as connections, since they will be. */
static int64_t places_taken(const struct dialler *dialler, const struct dialling *dialling)
{
	int64_t taken = dialling->monitor ? 0 : dialler->half_open.dialling;
	size_t i;

	for (i = 0; i < DIAL_CONNECTIONS; i++) {
		const struct connection *c = &dialler->connections[i];

		if (!c->used || c->monitor != dialling->monitor) {
			continue;
		}
		taken += !c->monitor || c->pass == dialling->pass;
	}
	return taken;
}

/* Clients that the service has, monitors and what it has not closed yet among them. */
static int64_t clients_now(const struct dialler *dialler, uint16_t port)
{
	int64_t count = dialler->connecting[port];
	size_t i;

	for (i = 0; i < DIAL_CONNECTIONS; i++) {
		count += dialler->connections[i].used && dialler->connections[i].port == port;
	}
	return count;
}

/* True while the service has as many clients as it takes. */
static bool service_full(struct dialler *dialler, uint16_t port)
{
	int64_t most = service_clients(dialler, port);

	if (most == 0 || clients_now(dialler, port) < most) {
		return false;
	}
	forget_closed(dialler);
	return clients_now(dialler, port) >= most;
}

static struct connection *free_place(struct dialler *dialler)
{
	size_t i;

	for (i = 0; i < DIAL_CONNECTIONS; i++) {
		if (!dialler->connections[i].used) {
			return &dialler->connections[i];
		}
	}
	return NULL;
}

/* Takes a place among the half open where it is true. */
static bool budget_allows(struct dialler *dialler, const struct dialling *dialling)
{
	const struct budget *budget = &dialler->profile->budget;
	int64_t places = dialling->monitor ? MONITOR_PLACES : budget->connections;

	if (service_full(dialler, dialling->port)) {
		return false;
	}
	places = places > CONNECTIONS_MAX ? CONNECTIONS_MAX : places;
	if (places_taken(dialler, dialling) >= places) {
		forget_closed(dialler);
	}
	if (places_taken(dialler, dialling) >= places) {
		return false;
	}
	return dialling->monitor || half_open_dial(&dialler->half_open);
}

static bool port_excluded(const struct device_link *link, uint16_t port)
{
	size_t i;

	for (i = 0; i < link->exclude_count; i++) {
		if (link->exclude_ports[i] == port) {
			return true;
		}
	}
	return false;
}

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

/* The address and source a request names. */
static int find_ends(const struct link *link, const struct dial_request *request, bool monitor,
		     struct tally *tally, struct dial_target *ret)
{
	const struct link_device *device = link_device_find(link, &request->device);
	const struct address *source;
	char name[SOURCE_NAME_SIZE];

	memcpy(name, request->source, sizeof(name));
	name[sizeof(name) - 1] = '\0';
	if (device == NULL) {
		tally_refuse(tally, "that is not an address of the device");
		return -EACCES;
	}
	if (request->port == 0 || request->port > 65535) {
		tally_refuse(tally, "%u is not a port", request->port);
		return -EACCES;
	}
	if (!monitor && strcmp(name, "monitor") == 0) {
		tally_refuse(tally, "the source 'monitor' is for monitors alone");
		return -EACCES;
	}
	source = link_source_for(link, name, monitor, &device->address);
	if (source == NULL) {
		tally_refuse(tally, "the profile has no such source of that family for this check");
		return -EADDRNOTAVAIL;
	}
	ret->source = *source;
	ret->device = device->address;
	ret->port = (uint16_t)request->port;
	return 0;
}

int dial_target(const struct profile *profile, const struct link *link,
		const struct dial_request *request, bool monitor, struct tally *tally,
		struct dial_target *ret)
{
	struct dial_target target;
	int error = find_ends(link, request, monitor, tally, &target);

	if (error == 0 && port_excluded(&profile->link, target.port)) {
		tally_refuse(tally, "port %u is excluded by the profile", target.port);
		error = -EACCES;
	}
	if (error == 0) {
		*ret = target;
	}
	return error;
}

int dial_listening(const struct link *link, const struct dial_request *request, struct tally *tally,
		   struct dial_target *ret)
{
	return find_ends(link, request, false, tally, ret);
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
 * A kernel without the module for sock_diag(7) says 'no such socket' of every
 * socket. If it says so of one that is connected, it is not asked again, and
 * connections count until their pass ends.
 */
static void distrust_diag(struct dialler *dialler, const struct connection *c, int fd)
{
	struct tcp_info info = {.tcpi_state = TCP_CLOSE};
	socklen_t size = sizeof(info);

	if (dialler->diag < 0 || diag_state(dialler->diag, dialler->link->index, &c->local,
					    &c->remote, c->cookie) != 0) {
		return;
	}
	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size);
	if (info.tcpi_state == TCP_ESTABLISHED) {
		close(dialler->diag);
		dialler->diag = -1;
	}
}

/* Remembers the connection, so that it counts until it is closed. */
static void remember(struct dialler *dialler, const struct dialling *dialling)
{
	struct connection *c = free_place(dialler);
	socklen_t size = sizeof(c->local), cookie_size = sizeof(c->cookie);

	if (c == NULL) {
		BUG("a connection was made without a place for it");
	}
	memset(c, 0, sizeof(*c));
	c->used = true;
	c->pass = dialling->pass;
	c->monitor = dialling->monitor;
	c->port = dialling->port;
	getsockname(dialling->fd, (struct sockaddr *)&c->local, &size);
	size = sizeof(c->remote);
	getpeername(dialling->fd, (struct sockaddr *)&c->remote, &size);
	getsockopt(dialling->fd, SOL_SOCKET, SO_COOKIE, &c->cookie, &cookie_size);
	distrust_diag(dialler, c, dialling->fd);
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

static void refuse_place(struct dialler *dialler, const struct dialling *dialling,
			 struct tally *tally)
{
	const struct budget *budget = &dialler->profile->budget;

	if (service_full(dialler, dialling->port)) {
		tally_refuse(tally, "the service at port %u has the %lld clients that it takes",
			     dialling->port, (long long)service_clients(dialler, dialling->port));
		return;
	}
	tally_refuse(tally,
		     "no place for a connection to port %u within the "
		     "budget of %lld open and %lld half open",
		     dialling->port, (long long)budget->connections, (long long)budget->half_open);
}

static int step_waiting(struct dialler *dialler, struct dialling *dialling, struct tally *tally,
			int *ret_result)
{
	int error;

	if (!budget_allows(dialler, dialling)) {
		if (clock_left_ms(dialling->deadline_ns) > 0) {
			return 0;
		}
		refuse_place(dialler, dialling, tally);
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
		remember(dialler, dialling);
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

void dialler_dismiss(struct dialler *dialler, int32_t pass)
{
	size_t i;

	for (i = 0; i < DIAL_CONNECTIONS; i++) {
		struct connection *c = &dialler->connections[i];

		if (c->used && c->pass == pass && (c->monitor || dialler->diag < 0)) {
			c->used = false;
		}
	}
}

void dial_cancel(struct dialler *dialler, struct dialling *dialling)
{
	int fd = dialling->fd;

	end(dialler, dialling);
	if (fd >= 0) {
		close(fd);
	}
}
