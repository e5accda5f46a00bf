/*
 * modbus_adu: the few Modbus/TCP messages that assay sends: requests out, answers
 * in. Pure: it sends nothing itself.
 */
#ifndef ASSAY_PROBES_MODBUS_ADU_H
#define ASSAY_PROBES_MODBUS_ADU_H

#include "probes/probe.h"

#define MODBUS_ADU_MOST  260 /* 7 bytes header, 253 bytes PDU */
#define MODBUS_ADU_LEAST 8   /* a function code alone behind the header */

enum modbus_function {
	MODBUS_READ_HOLDING = 3,
	MODBUS_WRITE_SINGLE = 6,
	MODBUS_WRITE_MULTIPLE = 16,
	MODBUS_MASK_WRITE = 22,
	MODBUS_READ_WRITE = 23,
	MODBUS_IDENTIFY = 43, /* with MEI type 14 */
};

struct modbus_pdu { /* function code and data */
	uint8_t bytes[16];
	size_t size;
};

struct modbus_pdu modbus_read_pdu(uint16_t first, uint16_t count);
/* One of the four functions that write holding registers, to write one. */
struct modbus_pdu modbus_write_pdu(enum modbus_function function, uint16_t at, uint16_t value);
/* Basic device identification: vendor, product, revision. */
struct modbus_pdu modbus_identify_pdu(void);

struct modbus_request { /* with its header */
	uint8_t bytes[32];
	size_t size;
};

struct modbus_request modbus_request_of(uint16_t transaction, uint8_t unit,
					const struct modbus_pdu *pdu);

struct modbus_answer {
	uint16_t transaction;
	uint8_t unit, function;
	uint8_t exception;  /* 0: none; function is then without bit 7 */
	struct reader data; /* behind the function code, in the caller's bytes */
};

/* Reads one message from the front of size bytes. Returns its length, 0 while
 * it is not yet whole, or -1 if it is no Modbus/TCP message. */
long modbus_answer_read(const void *bytes, size_t size, struct modbus_answer *ret);

/* Reads count registers from an answer to modbus_read_pdu(). Returns 0 and
 * fills ret, or -1 if it does not hold them. */
int modbus_registers_read(const struct modbus_answer *answer, uint16_t count, uint16_t *ret);
/* Joins the identification objects as "vendor, product, revision". Returns 0,
 * or -1 if the answer holds none. */
int modbus_identity_read(const struct modbus_answer *answer, char *out, size_t capacity);

#endif
