/*
 * ftp_reply: RFC 959, 4.2.
 *
 *   220 text CRLF                     one line
 *   220-text CRLF ... 220 text CRLF   several: to the line that begins with
 *                                     the same code and a space
 */
#include "probes/ftp/ftp_reply.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "harness/banned.h"

enum { CODE_SIZE = 4 }; /* three digits and ' ' or '-' */

/* Returns the code of a line that begins with one, else -1. */
static int code_of(const char *line, size_t size)
{
	if (size < 3 || line[0] < '1' || line[0] > '5' || !isdigit((unsigned char)line[1]) ||
	    !isdigit((unsigned char)line[2])) {
		return -1;
	}
	return (line[0] - '0') * 100 + (line[1] - '0') * 10 + line[2] - '0';
}

/* True if this line ends a reply with this code. */
static bool ends(const char *line, size_t size, int code)
{
	return code_of(line, size) == code && (size == 3 || line[3] == ' ');
}

long ftp_reply_read(const char *bytes, size_t size, struct ftp_reply *ret)
{
	const char *end = memchr(bytes, '\n', size);
	size_t length = end != NULL ? (size_t)(end - bytes) : size;
	size_t at = 0;
	int code = code_of(bytes, length);

	if (code < 0 && (end != NULL || size >= 3)) {
		return -1;
	}
	if (end == NULL) {
		return 0;
	}
	length -= length > 0 && bytes[length - 1] == '\r';
	ret->code = code;
	ret->text = bytes + (length < CODE_SIZE ? length : CODE_SIZE);
	ret->size = length < CODE_SIZE ? 0 : length - CODE_SIZE;
	if (length > 3 && bytes[3] != '-' && bytes[3] != ' ') {
		return -1;
	}
	if (length <= 3 || bytes[3] == ' ') {
		return end - bytes + 1;
	}
	for (;;) {
		at = (size_t)(end - bytes) + 1;
		end = memchr(bytes + at, '\n', size - at);
		if (end == NULL) {
			return 0;
		}
		length = (size_t)(end - bytes) - at;
		length -= length > 0 && bytes[at + length - 1] == '\r';
		if (ends(bytes + at, length, code)) {
			return end - bytes + 1;
		}
	}
}
