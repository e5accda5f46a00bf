/* ftp_session: RFC 959 commands and replies, RFC 4217 TLS. */
#define _DEFAULT_SOURCE /* explicit_bzero */
#include "probes/ftp/ftp_session.h"
#include "probes/ftp/ftp_reply.h"

#include <stdio.h>
#include <string.h>

#include "harness/banned.h"

/* Servers hold a refused login back for some seconds. */
enum { DIAL_MS = 3000, REPLY_MS = 8000, LINE_MOST = 512, REPLY_MOST = 4096 };
enum { SOON = 120, SHUT = 421 };

static int ended(struct ftp_session *ftp, const char *what)
{
	struct text sentence;
	enum why why = stream_why(&ftp->stream, ftp->session->service, what, &sentence);

	return session_failed(ftp->session, why, "%s", sentence.s);
}

static int garbage(struct ftp_session *ftp)
{
	return session_failed(ftp->session, WHY_GARBAGE, "'%s' does not speak FTP",
			      ftp->session->service->name);
}

/* Returns the next reply's code. */
static int reply(struct ftp_session *ftp)
{
	int64_t deadline_ns = clock_ns() + REPLY_MS * NS_PER_MS;
	struct stream *stream = &ftp->stream;
	struct ftp_reply found = {0};
	long length = ftp_reply_read((const char *)stream->held, stream->have, &found);

	while (length == 0) {
		if (stream->have >= REPLY_MOST) {
			return garbage(ftp);
		}
		if (stream_more(stream, deadline_ns) < 0) {
			return ended(ftp, "FTP reply");
		}
		length = ftp_reply_read((const char *)stream->held, stream->have, &found);
	}
	if (length < 0) {
		return garbage(ftp);
	}
	text_printable(ftp->text, sizeof(ftp->text), found.text, found.size);
	probe_note(ftp->session->run, "< %d %s", found.code, ftp->text);
	stream_take(stream, (size_t)length);
	return found.code;
}

bool ftp_implicit_tls(const struct service *service)
{
	return strcmp(service->protocol, "ftps") == 0;
}

static int shake_hands(struct ftp_session *ftp)
{
	const struct stream_tls how = {.server_name = ftp->session->service->server_name};

	if (stream_start_tls(&ftp->stream, &how, clock_ns() + REPLY_MS * NS_PER_MS) == 0) {
		return 1;
	}
	return ended(ftp, "TLS handshake");
}

int ftp_open(struct ftp_session *ftp, struct session *session)
{
	int fd = session_dial(session, DIAL_MS), code;

	*ftp = (struct ftp_session){.session = session, .stream.fd = -1};
	if (fd < 0) {
		return -1;
	}
	stream_init(&ftp->stream, session->run, fd);
	if (ftp_implicit_tls(session->service) && shake_hands(ftp) < 0) {
		return -1;
	}
	code = reply(ftp);
	/* "ready in a minute", and then it is */
	return code == SOON ? reply(ftp) : code;
}

void ftp_close(struct ftp_session *ftp)
{
	if (ftp->session != NULL) {
		stream_release(&ftp->stream);
	}
}

int ftp_command(struct ftp_session *ftp, const char *verb, const char *argument)
{
	char line[LINE_MOST];
	int size = snprintf(line, sizeof(line), "%s%s%s\r\n", verb, argument != NULL ? " " : "",
			    argument != NULL ? argument : "");
	int error;

	if (size < 0 || size >= LINE_MOST) {
		BUG("an FTP command is too long");
	}
	probe_note(ftp->session->run, "> %.*s", size - 2, line);
	error = stream_write(&ftp->stream, line, (size_t)size, clock_ns() + REPLY_MS * NS_PER_MS);
	explicit_bzero(line, sizeof(line));
	return error != 0 ? ended(ftp, "FTP reply") : reply(ftp);
}

/* RFC 4217 has 234 for a granted AUTH; servers with 200 and 334 shake hands as
 * well. */
int ftp_start_tls(struct ftp_session *ftp)
{
	static const char *const names[] = {"TLS", "SSL"};
	int code = 0;
	size_t i;

	if (ftp_implicit_tls(ftp->session->service)) {
		return 1;
	}
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		code = ftp_command(ftp, "AUTH", names[i]);
		if (code < 0) {
			return -1;
		}
		if (code == SHUT) {
			return session_failed(ftp->session, WHY_RATE_LIMITED, "'%s' answers 421 %s",
					      ftp->session->service->name, ftp->text);
		}
		if (code < 400) {
			return shake_hands(ftp);
		}
	}
	return 0;
}
