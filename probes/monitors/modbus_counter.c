/*
 * modbus_counter: a holding register that the control program keeps counting
 * up, read over one lasting connection.
 *
 * A request that is not answered by the sample's deadline stays under way: a
 * device that stops for two seconds answers it when it goes on, and the stop is
 * measured to the sample. Only when the device has been silent for longer than
 * any function tolerates is the connection made anew.
 *
 * At first some samples read more often than once: a register that counts reads
 * would say that the program goes on when it stands still (counter_reads.h).
 */
#include "probes/modbus/modbus_adu.h"
#include "probes/monitors/counter_reads.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "harness/banned.h"

enum { PATIENCE_LEAST_MS = 300, PATIENCE_MOST_MS = 5000 };

struct counter {
	int fd; /* -1: not connected */
	bool waiting;
	uint16_t transaction;
	int64_t asked_ns, patience_ns;
	struct counter_reads reads;
	uint8_t bytes[MODBUS_ADU_MOST];
	size_t have;
};

static struct counter *counter_new(struct probe_run *run)
{
	const struct profile *profile = probe_profile(run);
	struct counter *c = probe_alloc(run, sizeof(*c));
	int64_t ms = PATIENCE_LEAST_MS;
	size_t i;

	for (i = 0; i < profile->function_count; i++) {
		int64_t gap_ms = profile->functions[i].tolerance.gap_ms;

		ms = gap_ms > ms ? gap_ms : ms;
	}
	c->fd = -1;
	c->patience_ns = (ms < PATIENCE_MOST_MS ? ms : PATIENCE_MOST_MS) * NS_PER_MS;
	return c;
}

static int hang_up(struct counter *c)
{
	close(c->fd);
	c->fd = -1;
	c->waiting = false;
	return -1;
}

static int ask(struct probe_run *run, struct counter *c, int64_t deadline_ns)
{
	const struct service *service = probe_service(run, "service");
	const struct modbus_pdu pdu = modbus_read_pdu((uint16_t)probe_int(run, "register"), 1);
	struct modbus_request request =
		modbus_request_of(++c->transaction, (uint8_t)service->unit, &pdu);

	if (c->fd < 0) {
		int ms = clock_left_ms(deadline_ns);
		int fd = probe_dial(run, service, ms > 0 ? ms : 1);

		if (fd < 0) {
			return -1;
		}
		c->fd = fd;
	}
	c->have = 0;
	c->asked_ns = clock_ns();
	if (probe_write(run, c->fd, request.bytes, request.size, deadline_ns) != 0) {
		return hang_up(c);
	}
	c->waiting = true;
	return 0;
}

/* Returns 1 with the value, 0 while the answer is not whole, -1 for none. Answers
 * to earlier requests, and repeated ones, are passed over; what follows the answer
 * is dropped with the next request. */
static int take(struct counter *c, uint16_t *ret)
{
	struct modbus_answer answer;
	long size;

	while ((size = modbus_answer_read(c->bytes, c->have, &answer)) > 0) {
		if (answer.transaction == c->transaction) {
			c->waiting = false;
			return modbus_registers_read(&answer, 1, ret) == 0 ? 1 : -1;
		}
		c->have -= (size_t)size;
		memmove(c->bytes, c->bytes + size, c->have);
	}
	return size == 0 && c->have < sizeof(c->bytes) ? 0 : hang_up(c);
}

/* One read, or the rest of one. Returns 0 and the value, or -1. */
static int read_once(struct probe_run *run, struct counter *c, int64_t deadline_ns, uint16_t *ret)
{
	int taken = 0;

	if (!c->waiting && ask(run, c, deadline_ns) != 0) {
		return -1;
	}
	while (taken == 0) {
		long got = probe_read(run, c->fd, c->bytes + c->have, sizeof(c->bytes) - c->have,
				      deadline_ns);

		if (got == -ETIMEDOUT && clock_ns() - c->asked_ns < c->patience_ns) {
			return -1;
		}
		if (got <= 0) {
			return hang_up(c);
		}
		c->have += (size_t)got;
		taken = take(c, ret);
	}
	return taken > 0 ? 0 : -1;
}

static int sample(struct probe_run *run, void **state, int64_t deadline_ns, double *ret_value)
{
	struct counter *c = *state != NULL ? *state : counter_new(run);
	unsigned reads, most = 1 + counter_reads_extra(&c->reads);
	uint16_t value = 0;

	*state = c;
	for (reads = 0; reads < most && read_once(run, c, deadline_ns, &value) == 0; reads++) {
		*ret_value = value;
	}
	if (reads < most) {
		counter_reads_lost(&c->reads);
		return reads > 0 ? 0 : -1;
	}
	*ret_value = counter_reads_take(&c->reads, clock_ns(), value, reads);
	return 0;
}

static void give_back(struct probe_run *run, void *state)
{
	struct counter *c = state;

	(void)run;
	if (c->fd >= 0) {
		(void)hang_up(c);
	}
}

static const struct param_def params[] = {
	{"service", PARAM_SERVICE, "Modbus/TCP service", NULL, 0, 0},
	{"register", PARAM_INT, "holding register that counts", NULL, 0, 65535},
	{0},
};

const struct monitor monitor_modbus_counter = {
	.id = "modbus.counter",
	.summary = "a register that the control program counts up",
	.source = "MODBUS Application Protocol V1.1b3",
	.params = params,
	.meaning = "value of the register",
	.unit = "",
	.progress = true,
	.sample = sample,
	.release = give_back,
};
