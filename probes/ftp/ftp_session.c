/* ftp_session: RFC 959 commands and replies, RFC 4217 TLS. */
#define _DEFAULT_SOURCE /* explicit_bzero */
#include "probes/ftp/ftp_session.h"
#include "probes/ftp/ftp_reply.h"

#include <stdio.h>
#include <string.h>

#include "harness/banned.h"

/* Servers hold a refused login back for some seconds. */
enum { DIAL_MS = 3000, REPLY_MS = 8000, LINE_MOST = 512, REPLY_MOST = 4096 };

static int garbage(struct ftp_session *s)
{
	return probe_give_up(s->run, WHY_GARBAGE, "'%s' does not speak FTP", s->service->name);
}

/* Returns the next reply's code. */
static int reply(struct ftp_session *s)
{
	int64_t deadline_ns = clock_ns() + REPLY_MS * NS_PER_MS;
	struct stream *stream = &s->stream;
	struct ftp_reply found = {0};
	long length = ftp_reply_read((const char *)stream->held, stream->have, &found);

	while (length == 0) {
		if (stream->have >= REPLY_MOST) {
			return garbage(s);
		}
		if (stream_more(stream, deadline_ns) < 0) {
			return stream_give_up(stream, s->service, "FTP reply");
		}
		length = ftp_reply_read((const char *)stream->held, stream->have, &found);
	}
	if (length < 0) {
		return garbage(s);
	}
	text_printable(s->text, sizeof(s->text), found.text, found.size);
	probe_note(s->run, "< %d %s", found.code, s->text);
	stream_take(stream, (size_t)length);
	return found.code;
}

int ftp_open(struct ftp_session *s, struct probe_run *run, const struct service *service)
{
	int error;

	memset(s, 0, sizeof(*s));
	s->run = run;
	s->service = service;
	error = stream_dial(&s->stream, run, service, DIAL_MS);
	return error != 0 ? probe_dial_failed(run, service, error) : reply(s);
}

void ftp_close(struct ftp_session *s)
{
	stream_release(&s->stream);
}

int ftp_command(struct ftp_session *s, const char *verb, const char *argument)
{
	char line[LINE_MOST];
	int size = snprintf(line, sizeof(line), "%s%s%s\r\n", verb, argument != NULL ? " " : "",
			    argument != NULL ? argument : "");
	int error;

	if (size < 0 || size >= LINE_MOST) {
		BUG("an FTP command is too long");
	}
	probe_note(s->run, "> %.*s", size - 2, line);
	error = stream_write(&s->stream, line, (size_t)size, clock_ns() + REPLY_MS * NS_PER_MS);
	explicit_bzero(line, sizeof(line));
	return error != 0 ? stream_give_up(&s->stream, s->service, "FTP reply") : reply(s);
}

int ftp_start_tls(struct ftp_session *s)
{
	const struct stream_tls how = {.server_name = s->service->server_name};

	if (stream_start_tls(&s->stream, &how, clock_ns() + REPLY_MS * NS_PER_MS) == 0) {
		return 0;
	}
	return stream_give_up(&s->stream, s->service, "TLS handshake after AUTH TLS");
}
