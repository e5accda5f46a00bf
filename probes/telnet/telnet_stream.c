/*
 * telnet_stream: RFC 854 and 855.
 *
 *   IAC WILL|WONT|DO|DONT option        IAC SB option ... IAC SE
 *   IAC IAC: the byte 255               IAC other: a command of two bytes
 */
#include "probes/telnet/telnet_stream.h"
#include "harness/base/text.h"
#include "probes/session/session_words.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "harness/banned.h"

enum { IAC = 255, DONT = 254, DO = 253, WONT = 252, WILL = 251, SB = 250, SE = 240 };
enum { DATA, COMMAND, OPTION, SUB, SUB_COMMAND };
enum { LINE_MOST = 120 };
enum { ESCAPE = 0x1b, PLAIN = 0, ESCAPED, SEQUENCE };

/* ECMA-48: ESC and one byte, or ESC [ ... and a byte from @ to ~. Returns true
 * for a byte of one. */
static bool take_escape(struct telnet_stream *s, uint8_t byte)
{
	bool inside = s->escape != PLAIN || byte == ESCAPE;

	if (byte == ESCAPE) {
		s->escape = ESCAPED;
	} else if (s->escape == ESCAPED) {
		s->escape = byte == '[' ? SEQUENCE : PLAIN;
	} else if (s->escape == SEQUENCE && byte >= '@' && byte <= '~') {
		s->escape = PLAIN;
	}
	return inside;
}

static void put_text(struct telnet_stream *s, uint8_t byte)
{
	if (take_escape(s, byte)) {
		return;
	}
	if (byte != 0 && s->text_size < sizeof(s->text)) {
		s->text[s->text_size++] = (char)byte;
	}
}

/* RFC 855: refusals are answered to proposals alone, else two sides that
 * refuse would go on for ever. */
static void refuse(struct telnet_stream *s, uint8_t verb, uint8_t option)
{
	if ((verb != DO && verb != WILL) || s->reply_size + 3 > sizeof(s->reply)) {
		return;
	}
	s->reply[s->reply_size++] = IAC;
	s->reply[s->reply_size++] = verb == DO ? WONT : DONT;
	s->reply[s->reply_size++] = option;
}

static void take_command(struct telnet_stream *s, uint8_t byte)
{
	s->state = DATA;
	if (byte == IAC) {
		put_text(s, byte);
		return;
	}
	/* Commands begin at SE; below it is not Telnet. */
	if (byte < SE) {
		return;
	}
	s->negotiates = true;
	s->verb = byte;
	if (byte == SB) {
		s->state = SUB;
	} else if (byte >= WILL) {
		s->state = OPTION;
	}
}

static void take(struct telnet_stream *s, uint8_t byte)
{
	switch (s->state) {
	case DATA:
		if (byte == IAC) {
			s->state = COMMAND;
		} else {
			put_text(s, byte);
		}
		break;
	case COMMAND:
		take_command(s, byte);
		break;
	case OPTION:
		refuse(s, s->verb, byte);
		s->state = DATA;
		break;
	case SUB:
		s->state = byte == IAC ? SUB_COMMAND : SUB;
		break;
	default:
		s->state = byte == SE ? DATA : SUB;
		break;
	}
}

void telnet_take(struct telnet_stream *stream, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	size_t i;

	for (i = 0; i < size; i++) {
		take(stream, at[i]);
	}
}

/* Copies the last line that is not empty, without white space at its end.
 * Returns its length; 0 for none or one too long to be a prompt. */
static size_t last_line(const struct telnet_stream *s, char line[LINE_MOST])
{
	size_t end = s->text_size, start;

	while (end > 0 && strchr(" \t\r\n", s->text[end - 1]) != NULL) {
		end--;
	}
	start = end;
	while (start > 0 && s->text[start - 1] != '\n' && s->text[start - 1] != '\r') {
		start--;
	}
	if (end - start >= LINE_MOST) {
		return 0;
	}
	memcpy(line, s->text + start, end - start);
	line[end - start] = '\0';
	return end - start;
}

char *telnet_last_line(const struct telnet_stream *stream, char *out, size_t capacity)
{
	char line[LINE_MOST];
	size_t size = last_line(stream, line);

	return text_printable(out, capacity, line, size);
}

/* "login>" asks, "login-server>" and "user@plc>" are prompts of shells. */
static bool letters_alone(const char *line, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++) {
		if (!isalpha((unsigned char)line[i]) && line[i] != ' ' &&
		    (unsigned char)line[i] < 0x80) {
			return false;
		}
	}
	return true;
}

/* A question ends like one, or begins like an order. */
static bool is_question(const char *line, size_t size)
{
	static const char *const orders[] = {"enter", "type", "please", "input", "give"};
	char last = line[size - 1];
	size_t i;

	if (strchr("$#%>", last) != NULL) {
		return last == '>' && letters_alone(line, size - 1);
	}
	if (last == ':' || last == '?') {
		return true;
	}
	for (i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		if (strncasecmp(line, orders[i], strlen(orders[i])) == 0) {
			return true;
		}
	}
	return false;
}

enum telnet_question telnet_asks(const struct telnet_stream *stream)
{
	char line[LINE_MOST];
	size_t size = last_line(stream, line);

	if (size == 0 || !is_question(line, size)) {
		return TELNET_ASKS_NOTHING;
	}
	if (words_ask_password(line)) {
		return TELNET_ASKS_PASSWORD;
	}
	return words_ask_name(line) ? TELNET_ASKS_NAME : TELNET_ASKS_NOTHING;
}

bool telnet_asks_login(const struct telnet_stream *stream)
{
	return telnet_asks(stream) != TELNET_ASKS_NOTHING;
}

bool telnet_shows_prompt(const struct telnet_stream *stream)
{
	char line[LINE_MOST];
	size_t size = last_line(stream, line);

	if (size == 0 || telnet_asks_login(stream)) {
		return false;
	}
	return strchr("$#>%", line[size - 1]) != NULL || words_ask_setting(line);
}

char *telnet_words(const struct telnet_stream *stream, char *out, size_t capacity)
{
	size_t size = stream->text_size < capacity ? stream->text_size : capacity - 1, i;

	memcpy(out, stream->text + stream->text_size - size, size);
	for (i = 0; i < size; i++) {
		out[i] = (char)(iscntrl((unsigned char)out[i]) ? ' ' : out[i]);
	}
	out[size] = '\0';
	return out;
}

bool telnet_shows_word(const struct telnet_stream *stream)
{
	char line[LINE_MOST];
	size_t size = last_line(stream, line), i;

	if (size < 2 || line[size - 1] != ':' || stream->text[stream->text_size - 1] != ':' ||
	    telnet_asks_login(stream)) {
		return false;
	}
	for (i = 0; i < size - 1; i++) {
		if (!islower((unsigned char)line[i]) && !isdigit((unsigned char)line[i]) &&
		    strchr("-_./@~", line[i]) == NULL) {
			return false;
		}
	}
	return true;
}

/* Bytes of UTF-8 behind the first: 0 for ASCII, -1 for none of it. */
static int utf8_rest(unsigned char c)
{
	return c < 0x80             ? 0
	       : (c & 0xe0) == 0xc0 ? 1
	       : (c & 0xf0) == 0xe0 ? 2
	       : (c & 0xf8) == 0xf0 ? 3
				    : -1;
}

static bool utf8_whole(const char *at, size_t size, int rest)
{
	int i;

	if ((size_t)rest >= size) {
		return false;
	}
	for (i = 1; i <= rest; i++) {
		if (((unsigned char)at[i] & 0xc0) != 0x80) {
			return false;
		}
	}
	return true;
}

bool telnet_is_noise(const struct telnet_stream *stream)
{
	size_t odd = 0, i = 0;

	while (i < stream->text_size) {
		unsigned char c = (unsigned char)stream->text[i];
		int rest = utf8_rest(c);

		if (rest > 0 && utf8_whole(stream->text + i, stream->text_size - i, rest)) {
			i += (size_t)rest;
		} else {
			odd += !isprint(c) && !isspace(c) && c != '\a' && c != '\b';
		}
		i++;
	}
	return odd * 4 > stream->text_size;
}
