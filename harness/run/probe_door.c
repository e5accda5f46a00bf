/* probe_door: the part of probe.h that reaches for the device, always through
 * the gate, and for the monitors' samples. */
#define _GNU_SOURCE
#include "harness/run/monitor.h"
#include "harness/run/probe_run.h"
#include "probes/registry.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/banned.h"

static int dial(struct probe_run *run, uint16_t port, bool witness, int timeout_ms)
{
	if (run->channel == NULL) {
		return -EACCES;
	}
	return gate_dial(run->channel, port, witness, timeout_ms);
}

int probe_dial(struct probe_run *run, const struct service *service, int timeout_ms)
{
	return dial(run, service->port, false, timeout_ms);
}

int probe_dial_port(struct probe_run *run, uint16_t port, int timeout_ms)
{
	return dial(run, port, false, timeout_ms);
}

int probe_dial_witness(struct probe_run *run, uint16_t port, int timeout_ms)
{
	if (profile_source(run->world->profile, "witness",
			   run->world->profile->link.address.family) == NULL) {
		return -EADDRNOTAVAIL;
	}
	return dial(run, port, true, timeout_ms);
}

int probe_datagrams(struct probe_run *run, const struct dial_order *order)
{
	return run->channel == NULL ? -EACCES : gate_datagrams(run->channel, order);
}

int probe_listen(struct probe_run *run, const struct dial_order *order)
{
	return run->channel == NULL ? -EACCES : gate_listen(run->channel, order);
}

int probe_listen_datagrams(struct probe_run *run, const struct dial_order *order)
{
	return run->channel == NULL ? -EACCES : gate_listen_datagrams(run->channel, order);
}

int probe_accept(struct probe_run *run, int listening, int64_t deadline_ns)
{
	return gate_accept(listening,
			   deadline_ns < run->deadline_ns ? deadline_ns : run->deadline_ns);
}

int probe_dial_to(struct probe_run *run, const struct dial_order *order)
{
	return run->channel == NULL ? -EACCES : gate_dial_to(run->channel, order);
}

enum why probe_dial_why(int error, const char **ret_sentence)
{
	static const struct {
		int error;
		enum why why;
		const char *sentence;
	} rows[] = {
		{-ECONNREFUSED, WHY_CONNECT_FAILED, "the device refuses connections"},
		{-ETIMEDOUT, WHY_CONNECT_FAILED, "nothing answers"},
		{-EHOSTUNREACH, WHY_DEVICE_LOST, "the device's address does not answer"},
		{-EACCES, WHY_NOT_DECLARED, "the profile does not allow this connection"},
		{-EDQUOT, WHY_BUDGET_SPENT, "the budget has no place for another connection"},
		{-EADDRNOTAVAIL, WHY_NOT_DECLARED, "the profile has no second source address"},
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].error == error) {
			*ret_sentence = rows[i].sentence;
			return rows[i].why;
		}
	}
	*ret_sentence = strerror(-error);
	return WHY_CONNECT_FAILED;
}

int probe_dial_failed(struct probe_run *run, const struct service *service, int error)
{
	const char *name = service == NULL ? "the port" : service->name;
	unsigned port = service == NULL ? 0 : service->port;
	const char *sentence = NULL;
	enum why why = probe_dial_why(error, &sentence);

	return probe_give_up(run, why, "'%s' (port %u): %s", name, port, sentence);
}

/* Waits until the descriptor is ready. Returns 0 or -errno. */
static int wait_for(int fd, short events, int64_t deadline_ns)
{
	struct pollfd entry = {.fd = fd, .events = events};
	int ready;

	do {
		ready = poll(&entry, 1, clock_left_ms(deadline_ns));
	} while (ready < 0 && errno == EINTR);
	if (ready < 0) {
		return -errno;
	}
	return ready == 0 ? -ETIMEDOUT : 0;
}

long probe_read(struct probe_run *run, int fd, void *bytes, size_t size, int64_t deadline_ns)
{
	ssize_t got;
	int error;

	if (deadline_ns > run->deadline_ns) {
		deadline_ns = run->deadline_ns;
	}
	for (;;) {
		got = recv(fd, bytes, size, MSG_DONTWAIT);
		if (got >= 0) {
			return got;
		}
		if (errno != EAGAIN && errno != EINTR) {
			return -errno;
		}
		error = wait_for(fd, POLLIN, deadline_ns);
		if (error != 0) {
			return error;
		}
	}
}

int probe_write(struct probe_run *run, int fd, const void *bytes, size_t size, int64_t deadline_ns)
{
	const uint8_t *at = bytes;
	ssize_t wrote;
	int error;

	if (deadline_ns > run->deadline_ns) {
		deadline_ns = run->deadline_ns;
	}
	while (size > 0) {
		wrote = send(fd, at, size, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (wrote >= 0) {
			at += wrote;
			size -= (size_t)wrote;
			continue;
		}
		if (errno != EAGAIN && errno != EINTR) {
			return -errno;
		}
		error = wait_for(fd, POLLOUT, deadline_ns);
		if (error != 0) {
			return error;
		}
	}
	return 0;
}

int probe_spend(struct probe_run *run, enum spending what, const char *user)
{
	return run->channel == NULL ? -EDQUOT : gate_spend(run->channel, what, user);
}

int probe_link(struct probe_run *run, struct wire_facts *ret)
{
	return run->channel == NULL ? -EPERM : gate_link(run->channel, ret);
}

struct probe_wire *probe_wire(struct probe_run *run, enum wire_kind kind,
			      struct wire_facts *ret_facts, int *ret_error)
{
	if (run->channel == NULL) {
		*ret_error = -EPERM;
		return NULL;
	}
	return gate_wire(run->channel, kind, ret_facts, ret_error);
}

struct probe_wire *probe_wire_to(struct probe_run *run, const struct wire_target *target,
				 struct wire_facts *ret_facts, int *ret_error)
{
	if (run->channel == NULL) {
		*ret_error = -EPERM;
		return NULL;
	}
	return gate_wire_to(run->channel, target, ret_facts, ret_error);
}

int probe_storm(struct probe_run *run, const struct storm_order *order, struct storm_result *ret)
{
	if (run->channel == NULL) {
		return -EPERM;
	}
	return gate_storm(run->channel, order, ret);
}

int probe_storm_answers(struct probe_run *run, struct storm_answers *ret)
{
	if (run->channel == NULL) {
		return -EPERM;
	}
	return gate_storm_answers(run->channel, ret);
}

/* Returns the number of the profile's essential function. */
static size_t function_number(const struct probe_run *run,
			      const struct essential_function *function)
{
	const struct profile *profile = run->world->profile;
	size_t i;

	for (i = 0; i < profile->function_count; i++) {
		if (&profile->functions[i] == function) {
			return i;
		}
	}
	BUG("the function is not one of the profile's");
}

size_t probe_samples(struct probe_run *run, const struct essential_function *function,
		     int64_t from_ns, int64_t to_ns, struct sample *ret, size_t capacity)
{
	size_t number = function_number(run, function);

	if (run->world->rings == NULL || run->world->rings[number] == NULL) {
		return 0;
	}
	return sample_ring_copy(run->world->rings[number], from_ns, to_ns, ret, capacity);
}

bool probe_progress(const struct probe_run *run, const struct essential_function *function)
{
	const struct monitor *monitor = monitor_find(function->watch);

	(void)run;
	return monitor != NULL && monitor->progress;
}
