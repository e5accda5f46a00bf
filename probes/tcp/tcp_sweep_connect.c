/*
 * tcp_sweep_connect: the sweep by whole connections, for where raw frames are not
 * granted. One port after the other; a refused connection takes microseconds
 * on loopback, a silent port the whole timeout.
 */
#include "probes/tcp/tcp_sweep.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/banned.h"

enum { CONNECT_MS = 150, RESERVE_MS = 3000 };

/* True if both ends are one: on loopback a connection may, by chance, meet
 * itself. */
static bool met_itself(int fd)
{
	struct sockaddr_storage here, there;
	socklen_t size = sizeof(here), other = sizeof(there);
	struct address own, peer;
	uint16_t own_port, peer_port;

	if (getsockname(fd, (struct sockaddr *)&here, &size) != 0 ||
	    getpeername(fd, (struct sockaddr *)&there, &other) != 0) {
		return false;
	}
	own = address_from_sockaddr((const struct sockaddr *)&here, &own_port);
	peer = address_from_sockaddr((const struct sockaddr *)&there, &peer_port);
	return own_port == peer_port && address_equal(&own, &peer);
}

/* Once accepted is open: many a controller takes one connection at a time and
 * refuses the next. */
static int connect_port(struct tcp_sweep *s, uint16_t port)
{
	struct dial_order order = {
		.device = s->device, .port = port, .source = s->source, .timeout_ms = CONNECT_MS};
	int fd = probe_dial_to(s->run, &order);
	bool own;

	s->frames++;
	if (fd < 0) {
		return fd;
	}
	own = met_itself(fd);
	close(fd);
	return own ? -ECONNREFUSED : 0;
}

static int record(struct tcp_sweep *s, uint16_t port)
{
	int error = connect_port(s, port);

	if (error == 0) {
		s->state[port] = PORT_OPEN;
		s->again[port] = true;
		s->open++;
	} else if (error == -ECONNREFUSED) {
		s->state[port] = PORT_CLOSED;
		s->closed++;
		s->dead = port;
	} else if (error != -ETIMEDOUT && error != -EHOSTUNREACH && error != -ENETUNREACH) {
		/* ours, not the device's: the port was not asked */
		s->unsent++;
		s->error = error;
	}
	return error;
}

static void hold_control(struct tcp_sweep *s)
{
	s->control_held = s->dead >= 0 && connect_port(s, (uint16_t)s->dead) == -ECONNREFUSED;
}

int tcp_sweep_connect(struct tcp_sweep *s)
{
	int64_t end_ns = s->end_ns - RESERVE_MS * NS_PER_MS;
	unsigned port;

	s->dead = -1;
	/* Port 0 cannot be connected to. */
	s->asked -= s->state[0] != PORT_EXCLUDED;
	s->state[0] = PORT_EXCLUDED;
	for (port = 1; port < TCP_PORTS; port++) {
		if (s->state[port] == PORT_EXCLUDED) {
			continue;
		}
		if (clock_ns() > end_ns || s->open > TCP_OPEN_MANY || s->error == -EDQUOT) {
			break;
		}
		record(s, (uint16_t)port);
	}
	if (port < TCP_PORTS && s->open <= TCP_OPEN_MANY) {
		return probe_give_up(s->run, WHY_BUDGET_SPENT,
				     "the connect sweep came to port %u of 65535 in the time "
				     "and budget given; raw frames would be faster",
				     port);
	}
	hold_control(s);
	return 0;
}
