/*
 * telnet_stream: RFC 854 and 855.
 *
 *   IAC WILL|WONT|DO|DONT option        IAC SB option ... IAC SE
 *   IAC IAC: the byte 255               IAC other: a command of two bytes
 */
#include "probes/telnet/telnet_stream.h"

#include <ctype.h>
#include <string.h>

#include "harness/banned.h"

enum { IAC = 255, DONT = 254, DO = 253, WONT = 252, WILL = 251, SB = 250, SE = 240 };
enum { DATA, COMMAND, OPTION, SUB, SUB_COMMAND };
enum { LINE_MOST = 120 };

static void put_text(struct telnet_stream *s, uint8_t byte)
{
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

/* Copies the last line in small letters, without white space at its end.
 * Returns its length; 0 for none or one too long to be a prompt. */
static size_t last_line(const struct telnet_stream *s, char line[LINE_MOST])
{
	size_t end = s->text_size, start, i;

	while (end > 0 && (s->text[end - 1] == ' ' || s->text[end - 1] == '\r')) {
		end--;
	}
	start = end;
	while (start > 0 && s->text[start - 1] != '\n' && s->text[start - 1] != '\r') {
		start--;
	}
	if (end - start >= LINE_MOST) {
		return 0;
	}
	for (i = start; i < end; i++) {
		line[i - start] = (char)tolower((unsigned char)s->text[i]);
	}
	line[end - start] = '\0';
	return end - start;
}

bool telnet_asks_login(const struct telnet_stream *stream)
{
	static const char *const words[] = {"login", "user", "name", "password", "passcode"};
	char line[LINE_MOST];
	size_t size = last_line(stream, line), i;

	if (size == 0 ||
	    (line[size - 1] != ':' && line[size - 1] != '>' && line[size - 1] != '?')) {
		return false;
	}
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strstr(line, words[i]) != NULL) {
			return true;
		}
	}
	return false;
}

bool telnet_shows_prompt(const struct telnet_stream *stream)
{
	char line[LINE_MOST];
	size_t size = last_line(stream, line);

	return size > 0 && strchr("$#>%", line[size - 1]) != NULL && !telnet_asks_login(stream);
}

bool telnet_is_noise(const struct telnet_stream *stream)
{
	size_t odd = 0, i;

	for (i = 0; i < stream->text_size; i++) {
		unsigned char c = (unsigned char)stream->text[i];

		odd += !isprint(c) && !isspace(c) && c != '\a' && c != '\b' && c != 0x1b;
	}
	return odd * 4 > stream->text_size;
}
