/*
 * snmp_message: BER (X.690) as far as SNMP needs it: definite lengths.
 *
 *  SEQUENCE { version 3,
 *    SEQUENCE { id, max size, flags, security model },
 *    OCTET STRING { SEQUENCE { engine id, boots, time, user, auth, priv } },
 *    SEQUENCE { context engine id, context name, PDU } }
 */
#include "probes/snmp/snmp_message.h"

#include "harness/base/text.h"

#include <string.h>

#include "harness/banned.h"

enum { INTEGER = 0x02, OCTETS = 0x04, SEQUENCE = 0x30, GET = 0xa0, REPORT = 0xa8 };
enum { VERSION_3 = 3, MAX_SIZE = 1472, REPORTABLE = 4, USER_SECURITY = 3 };

/* --- writing: everything is shorter than 128 bytes, one length byte does ----- */

static size_t begin(struct writer *w, uint8_t tag)
{
	writer_u8(w, tag);
	return writer_begin(w, 1);
}

static void write_integer(struct writer *w, uint32_t value)
{
	size_t mark = begin(w, INTEGER);
	int bits = 24;

	/* the shortest form whose first bit is 0: it is not negative */
	while (bits > 0 && value >> (bits - 1) == 0) {
		bits -= 8;
	}
	for (; bits >= 0; bits -= 8) {
		writer_u8(w, (uint8_t)(value >> bits));
	}
	writer_end(w, mark, 1);
}

static void write_octets(struct writer *w, const void *bytes, size_t size)
{
	size_t mark = begin(w, OCTETS);

	writer_bytes(w, bytes, size);
	writer_end(w, mark, 1);
}

static void write_header(struct writer *w, uint32_t message_id)
{
	static const uint8_t flags[] = {REPORTABLE};
	size_t mark = begin(w, SEQUENCE);

	write_integer(w, message_id);
	write_integer(w, MAX_SIZE);
	write_octets(w, flags, sizeof(flags));
	write_integer(w, USER_SECURITY);
	writer_end(w, mark, 1);
}

/* Nobody, of an engine not known yet. */
static void write_security(struct writer *w)
{
	size_t outer = begin(w, OCTETS), inner = begin(w, SEQUENCE);

	write_octets(w, "", 0);
	write_integer(w, 0);
	write_integer(w, 0);
	write_octets(w, "", 0);
	write_octets(w, "", 0);
	write_octets(w, "", 0);
	writer_end(w, inner, 1);
	writer_end(w, outer, 1);
}

/* A request for nothing. */
static void write_request(struct writer *w, uint32_t request_id)
{
	size_t scoped = begin(w, SEQUENCE), pdu, list;

	write_octets(w, "", 0);
	write_octets(w, "", 0);
	pdu = begin(w, GET);
	write_integer(w, request_id);
	write_integer(w, 0);
	write_integer(w, 0);
	list = begin(w, SEQUENCE);
	writer_end(w, list, 1);
	writer_end(w, pdu, 1);
	writer_end(w, scoped, 1);
}

void snmp_discovery_write(struct writer *w, uint32_t message_id)
{
	size_t mark = begin(w, SEQUENCE);

	write_integer(w, VERSION_3);
	write_header(w, message_id);
	write_security(w);
	write_request(w, message_id);
	writer_end(w, mark, 1);
}

/* --- reading ------------------------------------------------------------------- */

/* The content of the next element, which must have this tag; a failed reader
 * otherwise. */
static struct reader enter(struct reader *r, uint8_t tag)
{
	uint8_t seen = reader_u8(r), first = reader_u8(r);
	size_t length = first;

	if (first == 0x81) {
		length = reader_u8(r);
	} else if (first == 0x82) {
		length = reader_be16(r);
	} else if (first >= 0x80) {
		r->failed = true;
	}
	if (seen != tag) {
		r->failed = true;
	}
	return reader_sub(r, length);
}

/* An INTEGER from 0 to 2^31 - 1. */
static uint32_t read_integer(struct reader *r)
{
	struct reader content = enter(r, INTEGER);
	size_t size = reader_left(&content);
	uint64_t value = 0;

	while (reader_left(&content) > 0 && size <= 4) {
		value = value << 8 | reader_u8(&content);
	}
	if (size == 0 || size > 4 || value > 0x7fffffff) {
		r->failed = true;
	}
	return (uint32_t)value;
}

static bool read_security(struct reader *r, struct snmp_engine *engine)
{
	struct reader octets = enter(r, OCTETS), inner = enter(&octets, SEQUENCE);
	struct reader id = enter(&inner, OCTETS);
	const uint8_t *bytes;

	engine->boots = read_integer(&inner);
	engine->time_s = read_integer(&inner);
	engine->id_size = reader_left(&id);
	if (!reader_ok(r) || !reader_ok(&octets) || !reader_ok(&inner) || !reader_ok(&id) ||
	    engine->id_size < 5 || engine->id_size > sizeof(engine->id)) {
		return false;
	}
	bytes = reader_bytes(&id, engine->id_size);
	memcpy(engine->id, bytes, engine->id_size);
	return true;
}

int snmp_report_read(const void *bytes, size_t size, uint32_t message_id, struct snmp_engine *ret)
{
	struct reader all = reader_of(bytes, size), message = enter(&all, SEQUENCE);
	uint32_t version = read_integer(&message), id;
	struct reader header = enter(&message, SEQUENCE), scoped;
	struct snmp_engine engine = {.id_size = 0};
	bool sound;

	id = read_integer(&header);
	if (!reader_ok(&message) || !reader_ok(&header) || version != VERSION_3) {
		return -1;
	}
	sound = read_security(&message, &engine);
	scoped = enter(&message, SEQUENCE);
	(void)enter(&scoped, OCTETS);
	(void)enter(&scoped, OCTETS);
	(void)enter(&scoped, REPORT);
	if (!sound || !reader_ok(&message) || !reader_ok(&scoped)) {
		return -1;
	}
	if (id != message_id) {
		return 1;
	}
	*ret = engine;
	return 0;
}
