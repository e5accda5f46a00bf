/*
 * telnet_stream: takes what a Telnet server sends apart into text and
 * negotiation, and refuses every option it proposes. It neither reads nor
 * sends.
 */
#ifndef ASSAY_PROBES_TELNET_STREAM_H
#define ASSAY_PROBES_TELNET_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct telnet_stream { /* starts as all zero */
	int state;
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

/* True if the last line of the text asks for a name or a password. */
bool telnet_asks_login(const struct telnet_stream *stream);
/* True if the last line of the text looks like a command prompt. */
bool telnet_shows_prompt(const struct telnet_stream *stream);
/* True if more than a quarter of the text are bytes that no text has. */
bool telnet_is_noise(const struct telnet_stream *stream);

#endif
