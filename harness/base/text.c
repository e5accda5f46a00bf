/* text: error sentences, and peer bytes made printable. */
#include "harness/base/text.h"

#include <stdarg.h>
#include <stdbool.h>
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

/* Returns the length of the well-formed UTF-8 sequence at bytes (RFC 3629, table in section 4)
 * and its code point, or 0. */
static size_t utf8_take(const uint8_t *bytes, size_t size, uint32_t *ret_code)
{
	static const struct {
		uint8_t first_low, first_high, second_low, second_high, length;
	} rows[] = {
		{0x00, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2},
		{0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
		{0xf4, 0xf4, 0x80, 0x8f, 4},
	};
	size_t row, i, length;

	for (row = 0; row < ARRAY_SIZE(rows); row++) {
		if (bytes[0] >= rows[row].first_low && bytes[0] <= rows[row].first_high) {
			break;
		}
	}
	if (row == ARRAY_SIZE(rows) || rows[row].length > size) {
		return 0;
	}
	length = rows[row].length;
	*ret_code = length == 1 ? bytes[0] : bytes[0] & (0x7fu >> length);
	for (i = 1; i < length; i++) {
		uint8_t low = i == 1 ? rows[row].second_low : 0x80;
		uint8_t high = i == 1 ? rows[row].second_high : 0xbf;

		if (bytes[i] < low || bytes[i] > high) {
			return 0;
		}
		*ret_code = *ret_code << 6 | (bytes[i] & 0x3fu);
	}
	return length;
}

/*
 * What may not be shown as it came, by the classes of Unicode: Cc (controls), Cf (format
 * characters, among them the bidirectional overrides), Zl and Zp (other line ends), Cs
 * (surrogates), Co (private use: a font or terminal decides what it looks like), noncharacters,
 * and what is drawn as nothing (Default_Ignorable_Code_Point). In order, without gaps of meaning:
 * a range ends where the next ordinary character begins.
 */
static bool code_is_unsafe(uint32_t code)
{
	static const struct {
		uint32_t low, high;
	} ranges[] = {
		{0x0000, 0x001f},   {0x007f, 0x009f},    {0x00ad, 0x00ad},   {0x034f, 0x034f},
		{0x0600, 0x0605},   {0x061c, 0x061c},    {0x06dd, 0x06dd},   {0x070f, 0x070f},
		{0x0890, 0x0891},   {0x08e2, 0x08e2},    {0x115f, 0x1160},   {0x17b4, 0x17b5},
		{0x180b, 0x180f},   {0x200b, 0x200f},    {0x2028, 0x202e},   {0x2060, 0x206f},
		{0x3164, 0x3164},   {0xd800, 0xf8ff},    {0xfdd0, 0xfdef},   {0xfe00, 0xfe0f},
		{0xfeff, 0xfeff},   {0xffa0, 0xffa0},    {0xfff0, 0xfffb},   {0x110bd, 0x110bd},
		{0x110cd, 0x110cd}, {0x13430, 0x1343f},  {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a},
		{0xe0000, 0xe0fff}, {0xf0000, 0x10ffff},
	};
	size_t i;

	if ((code & 0xfffe) == 0xfffe) {
		return true; /* the last two of every plane are no characters */
	}
	for (i = 0; i < ARRAY_SIZE(ranges) && code >= ranges[i].low; i++) {
		if (code <= ranges[i].high) {
			return true;
		}
	}
	return false;
}

/* One character, or one byte that belongs to none, as it may be shown. Returns how many bytes of
 * the text it was. shown holds the longest, \u{10ffff}. */
static size_t show_one(const uint8_t *bytes, size_t size, const char *kept, char shown[16])
{
	uint32_t code = 0;
	size_t length = utf8_take(bytes, size, &code);

	if (length == 0) {
		snprintf(shown, 16, "\\x%02x", bytes[0]);
		return 1;
	}
	if (!code_is_unsafe(code) || (code > 0 && code < 0x80 && strchr(kept, (int)code) != NULL)) {
		memcpy(shown, bytes, length);
		shown[length] = '\0';
	} else {
		snprintf(shown, 16, code < 0x80 ? "\\x%02x" : "\\u{%x}", (unsigned)code);
	}
	return length;
}

/* Leaves the controls in kept as they are. Returns how much of out was used. */
static size_t show(char *out, size_t capacity, const uint8_t *from, size_t size, const char *kept)
{
	size_t at = 0, used = 0, length, taken;
	char shown[16];

	if (capacity == 0) {
		BUG("no room for text of the device");
	}
	while (at < size) {
		taken = show_one(from + at, size - at, kept, shown);
		length = strlen(shown);
		if (used + length >= capacity) {
			break;
		}
		memcpy(out + used, shown, length);
		used += length;
		at += taken;
	}
	out[used] = '\0';
	return used;
}

char *text_printable(char *out, size_t capacity, const void *bytes, size_t size)
{
	(void)show(out, capacity, bytes, size, "");
	return out;
}

size_t text_printable_lines(char *out, size_t capacity, const void *bytes, size_t size)
{
	return show(out, capacity, bytes, size, "\n\t");
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
