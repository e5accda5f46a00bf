/*
 * ntp_packet: RFC 5905, 7.3, and RFC 9327, 2; mode 7 as ntpd's ntp_request.h has it.
 *
 *   mode 3, 4: |leap 2, version 3, mode 3|stratum|poll|precision| delay 4 | dispersion 4 |
 *              | reference id 4 | reference time 8 | origin time 8 | receive 8 | transmit 8 |
 *   mode 6:    |0 2, version 3, mode 3|response 1, error 1, more 1, operation 5| sequence 2 |
 *              | status 2 | association 2 | offset 2 | count 2 | data |
 *   mode 7:    |response 1, more 1, version 3, mode 3|auth 1, sequence 7|implementation|request|
 *              | error 4, items 12 | zero 4, size of an item 12 | data |
 */
#include "probes/ntp/ntp_packet.h"

#include <string.h>

#include "harness/banned.h"

enum { MODE_CLIENT = 3, MODE_SERVER = 4, MODE_CONTROL = 6, MODE_PRIVATE = 7 };
enum { VERSION_TIME = 4, VERSION_OLD = 2 };
enum { READ_VARIABLES = 2, RESPONSE = 0x80, FAILED = 0x40 };
enum { IMPLEMENTATION = 3, LIST_CLIENTS = 42 };

static void zeros(struct writer *w, size_t count)
{
	while (count-- > 0) {
		writer_u8(w, 0);
	}
}

static void write_64(struct writer *w, uint64_t value)
{
	writer_be32(w, (uint32_t)(value >> 32));
	writer_be32(w, (uint32_t)value);
}

void ntp_question_write(struct writer *w, enum ntp_question question, uint64_t mark)
{
	switch (question) {
	case NTP_TIME:
		writer_u8(w, VERSION_TIME << 3 | MODE_CLIENT);
		zeros(w, 39);
		write_64(w, mark);
		break;
	case NTP_CONTROL:
		writer_u8(w, VERSION_OLD << 3 | MODE_CONTROL);
		writer_u8(w, READ_VARIABLES);
		writer_be16(w, (uint16_t)mark);
		zeros(w, 8);
		break;
	case NTP_PRIVATE:
		writer_u8(w, VERSION_OLD << 3 | MODE_PRIVATE);
		writer_u8(w, 0);
		writer_u8(w, IMPLEMENTATION);
		writer_u8(w, LIST_CLIENTS);
		zeros(w, 4);
		break;
	}
}

/* RFC 5905, 7.4: of the kisses these two say that it will not answer. */
static enum ntp_answer kiss(uint32_t code)
{
	switch (code) {
	case 0x52415445: /* RATE */
		return NTP_SLOWER;
	case 0x44454e59: /* DENY */
	case 0x52535452: /* RSTR */
		return NTP_REFUSED;
	default: /* INIT, STEP: it has no time yet */
		return NTP_DATA;
	}
}

static enum ntp_answer read_time(struct reader *r, uint64_t mark, struct ntp_seen *seen)
{
	uint32_t reference;
	uint64_t origin;

	seen->stratum = reader_u8(r);
	reader_skip(r, 10);
	reference = reader_be32(r);
	reader_skip(r, 8);
	origin = reader_be64(r);
	reader_skip(r, 16);
	if (!reader_ok(r)) {
		return NTP_GARBAGE;
	}
	if (origin != mark) {
		return NTP_OTHER;
	}
	return seen->stratum == 0 ? kiss(reference) : NTP_DATA;
}

static enum ntp_answer read_control(struct reader *r, uint64_t mark)
{
	uint8_t flags = reader_u8(r);
	uint16_t sequence = reader_be16(r), count;

	reader_skip(r, 6);
	count = reader_be16(r);
	reader_skip(r, count);
	if (!reader_ok(r)) {
		return NTP_GARBAGE;
	}
	if ((flags & RESPONSE) == 0 || (flags & 0x1f) != READ_VARIABLES ||
	    sequence != (uint16_t)mark) {
		return NTP_OTHER;
	}
	return (flags & FAILED) != 0 ? NTP_REFUSED : NTP_DATA;
}

static enum ntp_answer read_private(struct reader *r, uint8_t first)
{
	uint8_t implementation, request;
	uint16_t items, size;

	reader_skip(r, 1);
	implementation = reader_u8(r);
	request = reader_u8(r);
	items = reader_be16(r);
	size = reader_be16(r);
	reader_skip(r, (size_t)(items & 0xfff) * (size & 0xfff));
	if (!reader_ok(r)) {
		return NTP_GARBAGE;
	}
	if ((first & RESPONSE) == 0 || implementation != IMPLEMENTATION ||
	    request != LIST_CLIENTS) {
		return NTP_OTHER;
	}
	return items >> 12 != 0 ? NTP_REFUSED : NTP_DATA;
}

enum ntp_answer ntp_answer_read(const uint8_t *bytes, size_t size, enum ntp_question question,
				uint64_t mark, struct ntp_seen *ret)
{
	static const uint8_t modes[] = {[NTP_TIME] = MODE_SERVER,
					[NTP_CONTROL] = MODE_CONTROL,
					[NTP_PRIVATE] = MODE_PRIVATE};
	struct reader r = reader_of(bytes, size);
	uint8_t first = reader_u8(&r), mode = first & 7;
	struct ntp_seen seen = {.version = first >> 3 & 7};
	enum ntp_answer answer;

	if (!reader_ok(&r) || seen.version == 0) {
		return NTP_GARBAGE;
	}
	if (mode != modes[question]) {
		return mode == MODE_SERVER || mode == MODE_CONTROL || mode == MODE_PRIVATE
			       ? NTP_OTHER
			       : NTP_GARBAGE;
	}
	if (question == NTP_TIME) {
		answer = read_time(&r, mark, &seen);
	} else if (question == NTP_CONTROL) {
		answer = read_control(&r, mark);
	} else {
		answer = read_private(&r, first);
	}
	if (answer == NTP_DATA) {
		*ret = seen;
	}
	return answer;
}
