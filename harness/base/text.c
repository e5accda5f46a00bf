/* text: error sentences, and peer bytes made printable. */
#include "harness/base/text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

int text_error(struct text *why, const char *format, ...)
{
	va_list arguments;

	if (why != NULL) {
		va_start(arguments, format);
		vsnprintf(why->s, sizeof(why->s), format, arguments);
		va_end(arguments);
	}
	return -1;
}

int text_prefix(struct text *why, const char *format, ...)
{
	va_list arguments;
	struct text old;
	size_t used;

	if (why == NULL) {
		return -1;
	}
	old = *why;
	va_start(arguments, format);
	vsnprintf(why->s, sizeof(why->s), format, arguments);
	va_end(arguments);
	used = strlen(why->s);
	snprintf(why->s + used, sizeof(why->s) - used, ": %s", old.s);
	return -1;
}

/* Returns the length of the well-formed UTF-8 sequence at bytes (RFC 3629,
 * table in section 4) that is not a control character, or 0. */
static size_t utf8_length(const uint8_t *bytes, size_t size)
{
	static const struct {
		uint8_t first_low, first_high, second_low, second_high, length;
	} rows[] = {
		{0x20, 0x7e, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2},
		{0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
		{0xf4, 0xf4, 0x80, 0x8f, 4},
	};
	size_t row, i;

	for (row = 0; row < ARRAY_SIZE(rows); row++) {
		if (bytes[0] >= rows[row].first_low && bytes[0] <= rows[row].first_high) {
			break;
		}
	}
	if (row == ARRAY_SIZE(rows) || rows[row].length > size) {
		return 0;
	}
	if (rows[row].length == 1) {
		return 1;
	}
	if (bytes[1] < rows[row].second_low || bytes[1] > rows[row].second_high) {
		return 0;
	}
	for (i = 2; i < rows[row].length; i++) {
		if ((bytes[i] & 0xc0) != 0x80) {
			return 0;
		}
	}
	/* U+0080 to U+009F are control characters too */
	if (bytes[0] == 0xc2 && bytes[1] < 0xa0) {
		return 0;
	}
	/* U+FFFE and U+FFFF are not characters; XML refuses them */
	if (bytes[0] == 0xef && bytes[1] == 0xbf && bytes[2] >= 0xbe) {
		return 0;
	}
	return rows[row].length;
}

char *text_printable(char *out, size_t capacity, const void *bytes, size_t size)
{
	const uint8_t *from = bytes;
	size_t at = 0, used = 0, length;

	if (capacity == 0) {
		BUG("text_printable without room");
	}
	while (at < size) {
		length = utf8_length(from + at, size - at);
		if (length > 0) {
			if (used + length >= capacity) {
				break;
			}
			memcpy(out + used, from + at, length);
			used += length;
			at += length;
			continue;
		}
		if (used + 4 >= capacity) {
			break;
		}
		snprintf(out + used, 5, "\\x%02x", from[at]);
		used += 4;
		at++;
	}
	out[used] = '\0';
	return out;
}

void text_bug(const char *file, int line, const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "assay: BUG at %s:%d: ", file, line);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	abort();
}
