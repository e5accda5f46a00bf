/*
 * syslog_line: "<" priority ">" and then "1 " in RFC 5424, 6.2; facility times
 * eight plus severity. In a stream "LENGTH SP line" or "line LF" (RFC 6587, 3.4).
 */
#include "probes/syslog/syslog_line.h"
#include "harness/base/bytes.h"

#include <string.h>

#include "harness/banned.h"

enum { PRIORITY_MOST = 191, DIGITS_MOST = 6 };

/* At most most digits, ended by this byte. Returns the number, or -1. */
static int read_number(struct reader *r, unsigned most, uint8_t end)
{
	unsigned count, value = 0;
	uint8_t byte;

	for (count = 0; count <= most; count++) {
		byte = reader_u8(r);
		if (!reader_ok(r)) {
			return -1;
		}
		if (byte == end) {
			return count == 0 ? -1 : (int)value;
		}
		if (byte < '0' || byte > '9') {
			return -1;
		}
		value = value * 10 + (byte - '0');
	}
	return -1;
}

int syslog_line_read(const void *bytes, size_t size, struct syslog_line *ret)
{
	struct reader r = reader_of(bytes, size);
	uint8_t first = reader_u8(&r);
	int priority = read_number(&r, 3, '>');

	if (first != '<' || priority < 0 || priority > PRIORITY_MOST) {
		return -1;
	}
	ret->facility = (unsigned)priority / 8;
	ret->severity = (unsigned)priority % 8;
	ret->text = (const char *)r.at;
	ret->size = reader_left(&r);
	ret->format =
		ret->size >= 2 && memcmp(ret->text, "1 ", 2) == 0 ? SYSLOG_RFC5424 : SYSLOG_RFC3164;
	return 0;
}

size_t syslog_frame_read(const void *bytes, size_t size, const char **ret_line, size_t *ret_size)
{
	struct reader r = reader_of(bytes, size);
	const uint8_t *start = bytes, *end;
	int length = read_number(&r, DIGITS_MOST, ' ');

	if (length > 0) {
		if ((size_t)length > reader_left(&r)) {
			return 0;
		}
		*ret_line = (const char *)r.at;
		*ret_size = (size_t)length;
		return (size_t)(r.at - start) + (size_t)length;
	}
	end = size == 0 ? NULL : memchr(bytes, '\n', size);
	if (end == NULL) {
		return 0;
	}
	*ret_line = bytes;
	*ret_size = (size_t)(end - start);
	return *ret_size + 1;
}
