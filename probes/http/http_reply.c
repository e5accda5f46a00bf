/* module: web */
/* http_reply: a reply put together. Contract in http_reply.h. */
#include "probes/http/http_reply.h"
#include "harness/base/text.h"

#include <string.h>
#include <strings.h>

#include "harness/banned.h"

enum { PAGE_MOST = 1 << 20 };

void http_receipt_begin(struct http_receipt *receipt)
{
	memset(receipt->reply, 0, sizeof(*receipt->reply));
	receipt->reply->page = arena_alloc(receipt->arena, 1);
}

size_t http_receipt_page(char *bytes, size_t one, size_t size, void *context)
{
	struct http_receipt *receipt = context;
	struct http_reply *reply = receipt->reply;
	size_t room;
	char *larger;

	(void)one;
	if (reply->size + size > PAGE_MOST) {
		receipt->full = true;
		return 0;
	}
	if (reply->size + size > receipt->room) {
		room = 2 * (reply->size + size);
		larger = arena_alloc(receipt->arena, room + 1);
		memcpy(larger, reply->page, reply->size);
		reply->page = larger;
		receipt->room = room;
	}
	memcpy(reply->page + reply->size, bytes, size);
	reply->size += size;
	return size;
}

/* Returns the value if the line is this header, else NULL. */
static const char *header_value(const char *line, size_t size, const char *name, size_t *ret_size)
{
	size_t length = strlen(name);

	if (size <= length || strncasecmp(line, name, length) != 0) {
		return NULL;
	}
	line += length;
	size -= length;
	while (size > 0 && (*line == ' ' || *line == '\t')) {
		line++;
		size--;
	}
	while (size > 0 && (line[size - 1] == '\r' || line[size - 1] == '\n')) {
		size--;
	}
	*ret_size = size;
	return line;
}

/* text/html; charset="utf-8" */
static void take_charset(struct http_reply *reply, const char *value, size_t size)
{
	static const char word[] = "charset=";
	size_t at = 0, length = 0;

	while (at + sizeof(word) < size && strncasecmp(value + at, word, sizeof(word) - 1) != 0) {
		at++;
	}
	at += sizeof(word) - 1;
	at += at < size && value[at] == '"';
	while (at + length < size && length + 1 < sizeof(reply->charset) &&
	       strchr(";\" ", value[at + length]) == NULL) {
		length++;
	}
	if (at < size) {
		memcpy(reply->charset, value + at, length);
		reply->charset[length] = '\0';
	}
}

size_t http_receipt_header(char *line, size_t one, size_t size, void *context)
{
	struct http_receipt *receipt = context;
	struct http_reply *reply = receipt->reply;
	size_t length = 0;
	const char *value = header_value(line, size, "server:", &length);

	(void)one;
	if (value != NULL) {
		text_printable(reply->server, sizeof(reply->server), value, length);
	}
	value = header_value(line, size, "www-authenticate:", &length);
	if (value != NULL) {
		reply->challenge = true;
	}
	value = header_value(line, size, "content-type:", &length);
	if (value != NULL) {
		take_charset(reply, value, length);
	}
	return size;
}

void http_receipt_end(struct http_receipt *receipt)
{
	struct http_reply *reply = receipt->reply;

	html_read(&reply->html, receipt->arena, reply->page, reply->size,
		  reply->charset[0] != '\0' ? reply->charset : NULL);
}

bool http_is_busy(const struct http_reply *reply)
{
	return reply->status == 429 || reply->status == 503;
}
