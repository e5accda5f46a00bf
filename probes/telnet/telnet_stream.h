/*
 * telnet_stream: takes what a Telnet server sends apart into text and
 * negotiation, drops what moves a terminal's cursor, and refuses every option
 * it proposes. It neither reads nor sends.
 */
#ifndef ASSAY_PROBES_TELNET_STREAM_H
#define ASSAY_PROBES_TELNET_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct telnet_stream { /* starts as all zero */
	int state;
	int escape; /* within an escape sequence of a terminal */
	uint8_t verb;
	bool negotiates; /* a command was seen */
	char text[8192]; /* what a person would see; the rest is dropped */
	size_t text_size;
	uint8_t reply[192]; /* refusals to be sent; the caller sets reply_size
	                     * to 0 when it has sent them */
	size_t reply_size;
};

/* Takes the next size bytes from the server. */
void telnet_take(struct telnet_stream *stream, const void *bytes, size_t size);

enum telnet_question { TELNET_ASKS_NOTHING, TELNET_ASKS_NAME, TELNET_ASKS_PASSWORD };
/* What the last line that is not empty asks for, in the words of session_words.h. */
enum telnet_question telnet_asks(const struct telnet_stream *stream);
bool telnet_asks_login(const struct telnet_stream *stream);
/* True if the last line of the text looks like a command prompt, or asks for a
 * setting of the device. */
bool telnet_shows_prompt(const struct telnet_stream *stream);
/* Copies the end of the text, terminated, with a space for what is no character, so that a line's
 * first word begins behind one. Returns out. */
char *telnet_words(const struct telnet_stream *stream, char *out, size_t capacity);
/* True if that line is one word and a colon, with nothing behind it, as some shells show it and
 * hardly a login: "plc:". A hint alone: what tells is what it does with commands. */
bool telnet_shows_word(const struct telnet_stream *stream);
/* Copies that last line, printable. Returns out. */
char *telnet_last_line(const struct telnet_stream *stream, char *out, size_t capacity);
/* True if more than a quarter of the text are bytes that no text has, UTF-8
 * being text. */
bool telnet_is_noise(const struct telnet_stream *stream);

#endif
