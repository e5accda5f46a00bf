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

#define DIALS_MOST_MS 1000

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

/* Dials under way, one a door. */
struct dials {
	struct probe_run *run;
	const struct dial_order *orders;
	size_t count, next;
	size_t at[CHILD_DOORS]; /* which order; count: the door is free */
	void (*done)(void *argument, size_t number, int fd);
	void *argument;
};

/* Starts as many as there are free doors for. Returns how many are under way. */
static size_t dials_begin(struct dials *dials)
{
	size_t i, busy = 0;
	int error;

	for (i = 0; i < dials->run->door_count; i++) {
		while (dials->at[i] == dials->count && dials->next < dials->count) {
			dials->at[i] = dials->next++;
			error = gate_dial_begin(dials->run->doors[i], &dials->orders[dials->at[i]]);
			if (error != 0) {
				dials->done(dials->argument, dials->at[i], error);
				dials->at[i] = dials->count;
			}
		}
		busy += dials->at[i] < dials->count;
	}
	return busy;
}

/* Waits until one is settled, and takes all that are. */
static void dials_take(struct dials *dials)
{
	struct pollfd entries[CHILD_DOORS];
	size_t i, doors = dials->run->door_count, number;

	for (i = 0; i < doors; i++) {
		entries[i] = (struct pollfd){.fd = dials->at[i] < dials->count
							   ? gate_channel_fd(dials->run->doors[i])
							   : -1,
					     .events = POLLIN};
	}
	/* the gate answers each by its own deadline; one that does not is broken,
	 * and gate_dial_end() says so after its grace */
	(void)poll(entries, (nfds_t)doors, DIALS_MOST_MS);
	for (i = 0; i < doors; i++) {
		number = dials->at[i];
		if (number < dials->count && entries[i].revents != 0) {
			dials->at[i] = dials->count;
			dials->done(dials->argument, number,
				    gate_dial_end(dials->run->doors[i],
						  dials->orders[number].timeout_ms));
		}
	}
}

void probe_dial_all(struct probe_run *run, const struct dial_order *orders, size_t count,
		    void (*done)(void *argument, size_t number, int fd), void *argument)
{
	struct dials dials = {
		.run = run, .orders = orders, .count = count, .done = done, .argument = argument};
	int64_t deadline = run->deadline_ns;
	size_t i;

	for (i = 0; i < CHILD_DOORS; i++) {
		dials.at[i] = count;
	}
	if (run->door_count == 0) {
		for (i = 0; i < count; i++) {
			done(argument, i, -EACCES);
		}
		return;
	}
	while (dials_begin(&dials) > 0 && clock_ns() < deadline) {
		dials_take(&dials);
	}
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
