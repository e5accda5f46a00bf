/*
 * modbus_adu: MODBUS Application Protocol V1.1b3 over MODBUS Messaging on
 * TCP/IP V1.0b.
 *
 *  0             2          4        6      7
 *  | transaction | protocol | length | unit | function | data ...
 *                  (0)        (unit and what follows)
 */
#include "probes/modbus/modbus_adu.h"

#include <string.h>

#include "harness/banned.h"

enum { LENGTH_LEAST = 2, LENGTH_MOST = 254, MEI_IDENTIFY = 14, BASIC = 1 };

static struct modbus_pdu pdu_of(const uint16_t *words, size_t count, uint8_t function)
{
	struct modbus_pdu pdu = {.size = 0};
	struct writer w = writer_of(pdu.bytes, sizeof(pdu.bytes));
	size_t i;

	writer_u8(&w, function);
	for (i = 0; i < count; i++) {
		writer_be16(&w, words[i]);
	}
	pdu.size = w.size;
	return pdu;
}

struct modbus_pdu modbus_read_pdu(uint16_t first, uint16_t count)
{
	const uint16_t words[] = {first, count};

	return pdu_of(words, ARRAY_SIZE(words), MODBUS_READ_HOLDING);
}

struct modbus_pdu modbus_write_pdu(enum modbus_function function, uint16_t at, uint16_t value)
{
	const uint16_t single[] = {at, value};
	const uint16_t mask[] = {at, 0, value}; /* (old AND 0) OR value */
	struct modbus_pdu pdu = {.size = 0};
	struct writer w = writer_of(pdu.bytes, sizeof(pdu.bytes));

	switch (function) {
	case MODBUS_WRITE_SINGLE:
		return pdu_of(single, ARRAY_SIZE(single), MODBUS_WRITE_SINGLE);
	case MODBUS_MASK_WRITE:
		return pdu_of(mask, ARRAY_SIZE(mask), MODBUS_MASK_WRITE);
	case MODBUS_WRITE_MULTIPLE:
	case MODBUS_READ_WRITE:
		break;
	default:
		BUG("function %d writes no register", (int)function);
	}
	writer_u8(&w, (uint8_t)function);
	if (function == MODBUS_READ_WRITE) { /* what to read comes first */
		writer_be16(&w, at);
		writer_be16(&w, 1);
	}
	writer_be16(&w, at);
	writer_be16(&w, 1);
	writer_u8(&w, 2);
	writer_be16(&w, value);
	pdu.size = w.size;
	return pdu;
}

struct modbus_pdu modbus_identify_pdu(void)
{
	/* from the first object on */
	return (struct modbus_pdu){.bytes = {MODBUS_IDENTIFY, MEI_IDENTIFY, BASIC, 0}, .size = 4};
}

struct modbus_request modbus_request_of(uint16_t transaction, uint8_t unit,
					const struct modbus_pdu *pdu)
{
	struct modbus_request request = {.size = 0};
	struct writer w = writer_of(request.bytes, sizeof(request.bytes));
	size_t mark;

	writer_be16(&w, transaction);
	writer_be16(&w, 0);
	mark = writer_begin(&w, 2);
	writer_u8(&w, unit);
	writer_bytes(&w, pdu->bytes, pdu->size);
	writer_end(&w, mark, 2);
	if (!writer_ok(&w)) {
		BUG("a Modbus request does not fit");
	}
	request.size = w.size;
	return request;
}

long modbus_answer_read(const void *bytes, size_t size, struct modbus_answer *ret)
{
	struct reader r = reader_of(bytes, size);
	struct modbus_answer answer = {.exception = 0};
	uint16_t protocol, length;

	answer.transaction = reader_be16(&r);
	protocol = reader_be16(&r);
	if (reader_ok(&r) && protocol != 0) {
		return -1;
	}
	length = reader_be16(&r);
	if (reader_ok(&r) && (length < LENGTH_LEAST || length > LENGTH_MOST)) {
		return -1;
	}
	r = reader_sub(&r, length);
	answer.unit = reader_u8(&r);
	answer.function = reader_u8(&r);
	if ((answer.function & 0x80) != 0) {
		answer.function &= 0x7f;
		answer.exception = reader_u8(&r);
		if (length != 3 && reader_ok(&r)) {
			return -1;
		}
	}
	if (!reader_ok(&r)) {
		/* Only a whole message may be judged too short. */
		return size >= 6u + length && size >= 6 ? -1 : 0;
	}
	answer.data = r;
	*ret = answer;
	return 6 + (long)length;
}

int modbus_registers_read(const struct modbus_answer *answer, uint16_t count, uint16_t *ret)
{
	struct reader r = answer->data;
	uint16_t i;

	if (answer->function != MODBUS_READ_HOLDING || answer->exception != 0 ||
	    reader_u8(&r) != count * 2 || reader_left(&r) != count * 2u) {
		return -1;
	}
	for (i = 0; i < count; i++) {
		ret[i] = reader_be16(&r);
	}
	return 0;
}

int modbus_identity_read(const struct modbus_answer *answer, char *out, size_t capacity)
{
	struct reader r = answer->data;
	char joined[MODBUS_ADU_MOST];
	struct writer w = writer_of(joined, sizeof(joined));
	unsigned objects, i;

	if (answer->function != MODBUS_IDENTIFY || answer->exception != 0 ||
	    reader_u8(&r) != MEI_IDENTIFY) {
		return -1;
	}
	reader_skip(&r, 4); /* code, conformity, more follows, next object */
	objects = reader_u8(&r);
	for (i = 0; i < objects && reader_ok(&r); i++) {
		const uint8_t *text;
		uint8_t size;

		reader_skip(&r, 1);
		size = reader_u8(&r);
		text = reader_bytes(&r, size);
		if (text != NULL) {
			writer_bytes(&w, ", ", i > 0 ? 2 : 0);
			writer_bytes(&w, text, size);
		}
	}
	if (!reader_ok(&r) || objects == 0 || !writer_ok(&w)) {
		return -1;
	}
	text_printable(out, capacity, joined, w.size);
	return 0;
}
