/* dialler: which connections the device has, and whether it may have one more: the budgets that
 * bound them, and the clients that a service takes. */
#define _GNU_SOURCE
#include "harness/gate/dialler.h"
#include "harness/base/clock.h"
#include "harness/gate/diag.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
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
	/* How often the kernel is asked while somebody waits for a place, and for who comes
	 * anew: a check that closes a connection and makes the next one finds its place free. */
	ASK_EVERY_NS = 2 * 1000 * 1000,
	ASK_ANEW_NS = 200 * 1000,
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

static void forget_closed(struct dialler *dialler, const struct dialling *dialling)
{
	int64_t now = clock_ns();
	size_t i;

	if (now - dialler->asked_ns < (dialling->waits ? ASK_EVERY_NS : ASK_ANEW_NS)) {
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
static bool service_full(struct dialler *dialler, const struct dialling *dialling)
{
	uint16_t port = dialling->port;
	int64_t most = service_clients(dialler, port);

	if (most == 0 || clients_now(dialler, port) < most) {
		return false;
	}
	forget_closed(dialler, dialling);
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

bool dialler_allows(struct dialler *dialler, const struct dialling *dialling)
{
	const struct budget *budget = &dialler->profile->budget;
	int64_t places = dialling->monitor ? MONITOR_PLACES : budget->connections;

	if (service_full(dialler, dialling)) {
		return false;
	}
	places = places > CONNECTIONS_MAX ? CONNECTIONS_MAX : places;
	if (places_taken(dialler, dialling) >= places) {
		forget_closed(dialler, dialling);
	}
	if (places_taken(dialler, dialling) >= places) {
		return false;
	}
	return dialling->monitor || half_open_dial(&dialler->half_open);
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

void dialler_remember(struct dialler *dialler, const struct dialling *dialling)
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

void dialler_refuse(struct dialler *dialler, const struct dialling *dialling, struct tally *tally)
{
	const struct budget *budget = &dialler->profile->budget;

	if (service_full(dialler, dialling)) {
		tally_refuse(tally, "the service at port %u has the %lld clients that it takes",
			     dialling->port, (long long)service_clients(dialler, dialling->port));
		return;
	}
	tally_refuse(tally,
		     "no place for a connection to port %u within the "
		     "budget of %lld open and %lld half open",
		     dialling->port, (long long)budget->connections, (long long)budget->half_open);
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
