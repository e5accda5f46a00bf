/*
 * modbus_session: one libmodbus session on a connection from the gate, for the
 * probes of this family.
 */
#ifndef ASSAY_PROBES_MODBUS_SESSION_H
#define ASSAY_PROBES_MODBUS_SESSION_H

#include "probes/probe.h"
#include <modbus.h>

#define MODBUS_WAIT_MS 1000 /* for one answer */

struct modbus_session {
	struct probe_run *run;
	const struct service *service;
	modbus_t *modbus;
	int fd;
};

/* Connects. Returns 0, or -1 with the run given up. */
int modbus_session_open(struct modbus_session *session, struct probe_run *run,
			const struct service *service);
void modbus_session_close(struct modbus_session *session);

/* Reads count holding registers. Returns 0, the device's exception code, or -1
 * with the run given up. */
int modbus_session_read(struct modbus_session *session, int first, int count, uint16_t *ret);
/* Write one holding register, with function 6 or as a list of one with function
 * 16: devices protect them apart. Return as modbus_session_read(). */
int modbus_session_write(struct modbus_session *session, int at, uint16_t value);
int modbus_session_write_list(struct modbus_session *session, int at, uint16_t value);
/* Asks for the device's identification. Returns 0 and fills out, or -1 where
 * there is none (the run goes on, the connection is spent). */
int modbus_session_identify(struct modbus_session *session, char *out, size_t capacity);

#endif
