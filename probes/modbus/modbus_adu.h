/*
 * modbus_adu: the few Modbus/TCP messages that libmodbus cannot make or that a
 * monitor must be able to leave under way: requests out, answers in. Whole
 * sessions go through libmodbus; see modbus_session.h.
 */
#ifndef ASSAY_PROBES_MODBUS_ADU_H
#define ASSAY_PROBES_MODBUS_ADU_H

#include "probes/probe.h"

#define MODBUS_ADU_MOST 260 /* 7 bytes header, 253 bytes PDU */

enum {
	MODBUS_READ_HOLDING = 0x03,
	MODBUS_IDENTIFY = 0x2b, /* with MEI type 14 */
};

struct modbus_request {
	uint8_t bytes[16];
	size_t size;
};

struct modbus_request modbus_read_request(uint16_t transaction, uint8_t unit, uint16_t first,
					  uint16_t count);
/* Basic device identification: vendor, product, revision. */
struct modbus_request modbus_identify_request(uint16_t transaction, uint8_t unit);

struct modbus_answer {
	uint16_t transaction;
	uint8_t unit, function;
	uint8_t exception;  /* 0: none; function is then without bit 7 */
	struct reader data; /* behind the function code, in the caller's bytes */
};

/* Reads one message from the front of size bytes. Returns its length, 0 while
 * it is not yet whole, or -1 if it is no Modbus/TCP message. */
long modbus_answer_read(const void *bytes, size_t size, struct modbus_answer *ret);

/* Reads count registers from an answer to modbus_read_request(). Returns 0 and
 * fills ret, or -1 if it does not hold them. */
int modbus_registers_read(const struct modbus_answer *answer, uint16_t count, uint16_t *ret);
/* Joins the identification objects as "vendor, product, revision". Returns 0,
 * or -1 if the answer holds none. */
int modbus_identity_read(const struct modbus_answer *answer, char *out, size_t capacity);

#endif
