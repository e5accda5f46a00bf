/* ftp_session: RFC 959 commands and replies, RFC 4217 TLS. */
#define _DEFAULT_SOURCE /* explicit_bzero */
#include "probes/ftp/ftp_session.h"
#include "probes/ftp/ftp_reply.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/banned.h"

/* Servers hold a refused login back for some seconds. */
enum { DIAL_MS = 3000, REPLY_MS = 8000, LINE_MOST = 512 };

/* Waits for what OpenSSL wants. Returns 0, or -errno. */
static int await(struct ftp_session *s, int result, int64_t deadline_ns)
{
	int wants = SSL_get_error(s->ssl, result);
	struct pollfd wait = {.fd = s->fd, .events = POLLIN};

	if (wants == SSL_ERROR_WANT_WRITE) {
		wait.events = POLLOUT;
	} else if (wants != SSL_ERROR_WANT_READ) {
		return -ECONNRESET;
	}
	return poll(&wait, 1, clock_left_ms(deadline_ns)) > 0 ? 0 : -ETIMEDOUT;
}

static long receive(struct ftp_session *s, void *bytes, int size, int64_t deadline_ns)
{
	int error = 0;
	int got = 0;

	if (s->ssl == NULL) {
		return probe_read(s->run, s->fd, bytes, (size_t)size, deadline_ns);
	}
	while (error == 0) {
		got = SSL_read(s->ssl, bytes, size);
		if (got > 0) {
			return got;
		}
		error = await(s, got, deadline_ns);
	}
	return error;
}

static int transmit(struct ftp_session *s, const char *bytes, int size, int64_t deadline_ns)
{
	int error = 0;
	int sent = 0;

	if (s->ssl == NULL) {
		return probe_write(s->run, s->fd, bytes, (size_t)size, deadline_ns);
	}
	while (error == 0) {
		sent = SSL_write(s->ssl, bytes, size);
		if (sent > 0) {
			return 0;
		}
		error = await(s, sent, deadline_ns);
	}
	return error;
}

static int failed(struct ftp_session *s, long error)
{
	const char *name = s->service->name;

	if (error == -ETIMEDOUT) {
		return probe_give_up(s->run, WHY_NO_ANSWER, "'%s' sent no FTP reply within %d ms",
				     name, REPLY_MS);
	}
	return probe_give_up(s->run, WHY_CLOSED_EARLY,
			     "'%s' closed before its FTP reply was complete", name);
}

static int garbage(struct ftp_session *s)
{
	return probe_give_up(s->run, WHY_GARBAGE, "'%s' does not speak FTP", s->service->name);
}

/* Returns the next reply's code. */
static int reply(struct ftp_session *s)
{
	int64_t deadline_ns = clock_ns() + REPLY_MS * NS_PER_MS;
	struct ftp_reply found = {0};
	long length = ftp_reply_read(s->bytes, s->have, &found);
	long got;

	while (length == 0) {
		if (s->have == sizeof(s->bytes)) {
			return garbage(s);
		}
		got = receive(s, s->bytes + s->have, (int)(sizeof(s->bytes) - s->have),
			      deadline_ns);
		if (got <= 0) {
			return failed(s, got);
		}
		s->have += (size_t)got;
		length = ftp_reply_read(s->bytes, s->have, &found);
	}
	if (length < 0) {
		return garbage(s);
	}
	text_printable(s->text, sizeof(s->text), found.text, found.size);
	probe_note(s->run, "< %d %s", found.code, s->text);
	s->have -= (size_t)length;
	memmove(s->bytes, s->bytes + length, s->have);
	return found.code;
}

int ftp_open(struct ftp_session *s, struct probe_run *run, const struct service *service)
{
	memset(s, 0, sizeof(*s));
	s->run = run;
	s->service = service;
	s->fd = probe_dial(run, service, DIAL_MS);
	if (s->fd < 0) {
		return probe_dial_failed(run, service, s->fd);
	}
	return reply(s);
}

void ftp_close(struct ftp_session *s)
{
	SSL_free(s->ssl);
	SSL_CTX_free(s->context);
	s->ssl = NULL;
	s->context = NULL;
	if (s->fd >= 0) {
		close(s->fd);
		s->fd = -1;
	}
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
	error = transmit(s, line, size, clock_ns() + REPLY_MS * NS_PER_MS);
	explicit_bzero(line, sizeof(line));
	return error != 0 ? failed(s, error) : reply(s);
}

/* Weak certificates and suites are tls.offer's matter: here they must not
 * stand between us and the login. */
static int make_ssl(struct ftp_session *s)
{
	int flags = fcntl(s->fd, F_GETFL);

	s->context = SSL_CTX_new(TLS_client_method());
	if (s->context == NULL) {
		return -1;
	}
	SSL_CTX_set_security_level(s->context, 0);
	SSL_CTX_set_verify(s->context, SSL_VERIFY_NONE, NULL);
	s->ssl = SSL_new(s->context);
	if (s->ssl == NULL || SSL_set_fd(s->ssl, s->fd) != 1) {
		return -1;
	}
	return fcntl(s->fd, F_SETFL, flags | O_NONBLOCK);
}

int ftp_start_tls(struct ftp_session *s)
{
	int64_t deadline_ns = clock_ns() + REPLY_MS * NS_PER_MS;
	int error = 0;
	int result;

	if (make_ssl(s) != 0) {
		BUG("OpenSSL cannot be set up");
	}
	s->have = 0;
	while (error == 0) {
		result = SSL_connect(s->ssl);
		if (result == 1) {
			return 0;
		}
		error = await(s, result, deadline_ns);
	}
	return probe_give_up(s->run, WHY_CANNOT_OFFER,
			     "'%s' grants AUTH TLS, but the handshake failed", s->service->name);
}
