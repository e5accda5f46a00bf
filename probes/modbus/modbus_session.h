/*
 * modbus_session: Modbus/TCP requests to one service, each with its own answer:
 * matched by transaction and function, past stray and late ones, on a new
 * connection where the device closes after each, and waited for by what the
 * device has taken before. libmodbus takes a stray answer for garbage and cannot
 * go on after it.
 */
#ifndef ASSAY_PROBES_MODBUS_SESSION_H
#define ASSAY_PROBES_MODBUS_SESSION_H

#include "probes/modbus/modbus_adu.h"
#include "probes/stream/stream.h"

struct modbus_session {
	struct probe_run *run;
	const struct service *service;
	struct stream stream;
	bool open;
	bool closes_each; /* the device closes after each answer */
	uint16_t transaction;
	int64_t slowest_ns; /* the longest an answer has taken; 0: none came */
};

/* Connects. Returns 0, or -1 with the run given up. Close it in either case. */
int modbus_session_open(struct modbus_session *session, struct probe_run *run,
			const struct service *service);
void modbus_session_close(struct modbus_session *session);

/* Reads count holding registers. Returns 0, the device's exception code, or -1
 * with the run given up. */
int modbus_session_read(struct modbus_session *session, uint16_t first, uint16_t count,
			uint16_t *ret);
/* Writes one holding register with the function: devices protect them apart.
 * Returns as modbus_session_read(). */
int modbus_session_write(struct modbus_session *session, enum modbus_function function, uint16_t at,
			 uint16_t value);
/* Asks for the device's identification. Returns 0 and fills out, or -1 where
 * there is none (the run goes on). */
int modbus_session_identify(struct modbus_session *session, char *out, size_t capacity);

#endif
