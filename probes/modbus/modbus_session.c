/* modbus_session: libmodbus on a connected descriptor. */
#include "probes/modbus/modbus_session.h"
#include "probes/modbus/modbus_adu.h"

#include <errno.h>
#include <unistd.h>

#include "harness/banned.h"

enum { DIAL_MS = 3000 };

int modbus_session_open(struct modbus_session *session, struct probe_run *run,
			const struct service *service)
{
	int fd = probe_dial(run, service, DIAL_MS);

	if (fd < 0) {
		return probe_dial_failed(run, service, fd);
	}
	/* The address is never used: the connection is there. */
	session->modbus = modbus_new_tcp("127.0.0.1", service->port);
	if (session->modbus == NULL) {
		close(fd);
		BUG("libmodbus: %s", modbus_strerror(errno));
	}
	session->run = run;
	session->service = service;
	session->fd = fd;
	modbus_set_socket(session->modbus, fd);
	modbus_set_slave(session->modbus, (int)service->unit);
	modbus_set_response_timeout(session->modbus, MODBUS_WAIT_MS / 1000, 0);
	return 0;
}

void modbus_session_close(struct modbus_session *session)
{
	if (session->modbus != NULL) {
		modbus_close(session->modbus);
		modbus_free(session->modbus);
		session->modbus = NULL;
	}
}

/* What libmodbus's errno means: an exception, or the end of the run. */
static int failed(struct modbus_session *session, int error)
{
	const char *name = session->service->name;
	int exception = error - MODBUS_ENOBASE;

	if (exception > 0 && exception < MODBUS_EXCEPTION_MAX) {
		return exception;
	}
	if (error == ETIMEDOUT) {
		return probe_give_up(session->run, WHY_NO_ANSWER,
				     "'%s' did not answer a Modbus request "
				     "within %d ms",
				     name, MODBUS_WAIT_MS);
	}
	if (error > MODBUS_ENOBASE) {
		return probe_give_up(session->run, WHY_GARBAGE, "'%s' answered no Modbus: %s", name,
				     modbus_strerror(error));
	}
	return probe_give_up(session->run, WHY_CLOSED_EARLY,
			     "'%s' closed during a Modbus request: %s", name,
			     modbus_strerror(error));
}

int modbus_session_read(struct modbus_session *session, int first, int count, uint16_t *ret)
{
	if (modbus_read_registers(session->modbus, first, count, ret) == count) {
		return 0;
	}
	return failed(session, errno);
}

int modbus_session_write(struct modbus_session *session, int at, uint16_t value)
{
	if (modbus_write_register(session->modbus, at, value) == 1) {
		return 0;
	}
	return failed(session, errno);
}

int modbus_session_write_list(struct modbus_session *session, int at, uint16_t value)
{
	if (modbus_write_registers(session->modbus, at, 1, &value) == 1) {
		return 0;
	}
	return failed(session, errno);
}

int modbus_session_identify(struct modbus_session *session, char *out, size_t capacity)
{
	int64_t deadline = clock_ns() + MODBUS_WAIT_MS * NS_PER_MS;
	struct modbus_request request = modbus_identify_request(1, (uint8_t)session->service->unit);
	struct modbus_answer answer;
	uint8_t bytes[MODBUS_ADU_MOST];
	size_t have = 0;
	long got;

	if (probe_write(session->run, session->fd, request.bytes, request.size, deadline) != 0) {
		return -1;
	}
	while (have < sizeof(bytes)) {
		got = probe_read(session->run, session->fd, bytes + have, sizeof(bytes) - have,
				 deadline);
		if (got <= 0) {
			return -1;
		}
		have += (size_t)got;
		got = modbus_answer_read(bytes, have, &answer);
		if (got != 0) {
			return got < 0 ? -1 : modbus_identity_read(&answer, out, capacity);
		}
	}
	return -1;
}
