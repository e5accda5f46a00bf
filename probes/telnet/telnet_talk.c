/* telnet_talk: turns of listening and typing. Contract in telnet_talk.h. */
#define _DEFAULT_SOURCE /* explicit_bzero */
#include "probes/telnet/telnet_talk.h"
#include "probes/session/session_words.h"

#include <stdio.h>
#include <string.h>

#include "harness/banned.h"

enum { QUIET_MS = 1000, PROMPT_QUIET_MS = 300, RETURNS_MOST = 2, SEND_MS = 2000, LINE_MOST = 160 };

void telnet_begin(struct telnet_talk *talk, struct probe_run *run, int fd)
{
	memset(talk, 0, sizeof(*talk));
	stream_init(&talk->line, run, fd);
}

void telnet_end(struct telnet_talk *talk)
{
	if (talk->line.run != NULL) {
		stream_release(&talk->line);
	}
	explicit_bzero(talk->typed, sizeof(talk->typed));
}

/* Servers send back what is typed. */
static void drop_echo(struct telnet_talk *talk)
{
	struct telnet_stream *said = &talk->said;
	size_t size = strlen(talk->typed);

	if (size > 0 && said->text_size >= size && memcmp(said->text, talk->typed, size) == 0) {
		said->text_size -= size;
		memmove(said->text, said->text + size, said->text_size);
		talk->typed[0] = '\0';
	}
}

static bool said_something(const struct telnet_talk *talk)
{
	size_t i;

	for (i = 0; i < talk->said.text_size; i++) {
		if (strchr(" \t\r\n", talk->said.text[i]) == NULL) {
			return true;
		}
	}
	return false;
}

void telnet_listen(struct telnet_talk *talk)
{
	int64_t most_ns = clock_ns() + TELNET_SPEAK_MS * NS_PER_MS, until_ns;
	uint8_t bytes[1024];
	int quiet_ms;
	long got;

	while (clock_ns() < most_ns && !telnet_asks_login(&talk->said)) {
		quiet_ms = telnet_shows_prompt(&talk->said) ? PROMPT_QUIET_MS : QUIET_MS;
		until_ns = clock_ns() + quiet_ms * NS_PER_MS;
		got = stream_read(&talk->line, bytes, sizeof(bytes),
				  said_something(talk) ? until_ns : most_ns);
		if (got < 0) {
			talk->ended = talk->line.end != STREAM_SILENT;
			return;
		}
		telnet_take(&talk->said, bytes, (size_t)got);
		drop_echo(talk);
		if (stream_write(&talk->line, talk->said.reply, talk->said.reply_size, most_ns) !=
		    0) {
			return;
		}
		talk->said.reply_size = 0;
	}
}

int telnet_type(struct telnet_talk *talk, const char *text)
{
	char line[sizeof(talk->typed) + 2];
	int size = snprintf(line, sizeof(line), "%s\r\n", text), error;

	talk->said.text_size = 0;
	snprintf(talk->typed, sizeof(talk->typed), "%s", text);
	error = stream_write(&talk->line, line, (size_t)size, clock_ns() + SEND_MS * NS_PER_MS);
	explicit_bzero(line, sizeof(line));
	if (error != 0) {
		talk->ended = true;
		return -1;
	}
	telnet_listen(talk);
	return 0;
}

static bool says_refused(const struct telnet_talk *talk)
{
	char text[1024];

	return words_say_refused(telnet_words(&talk->said, text, sizeof(text)));
}

/*
 * A prompt that is a word of no language of logins: a login for names asks something else after
 * a name, and one for passwords refuses in words, slows down or hangs up. What shows the same
 * word again after every line takes the lines for commands.
 */
static bool repeats_its_word(struct telnet_talk *talk)
{
	static const char *const lines[] = {"", "?", "", "help"};
	char first[LINE_MOST], now[LINE_MOST];
	size_t i;

	telnet_last_line(&talk->said, first, sizeof(first));
	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		if (telnet_type(talk, lines[i]) != 0 || talk->ended ||
		    !telnet_shows_word(&talk->said) || says_refused(talk) ||
		    strcmp(first, telnet_last_line(&talk->said, now, sizeof(now))) != 0) {
			return false;
		}
	}
	return true;
}

bool telnet_answers_commands(struct telnet_talk *talk)
{
	unsigned i;

	if (telnet_shows_word(&talk->said)) {
		return repeats_its_word(talk);
	}
	for (i = 0; i < RETURNS_MOST && !talk->ended; i++) {
		if (telnet_type(talk, "") != 0 || telnet_asks_login(&talk->said)) {
			return false;
		}
		if (telnet_shows_prompt(&talk->said)) {
			return true;
		}
	}
	return false;
}
