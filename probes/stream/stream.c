/* stream: what is held, lines, and the ends. Contract in stream.h; TLS is in
 * stream_tls.c. */
#include "probes/stream/stream_tls.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/banned.h"

enum { ROOM_LEAST = 4096 };

static void make_larger(struct stream *stream, size_t room)
{
	uint8_t *larger = realloc(stream->held, room);

	if (larger == NULL) {
		BUG("out of memory");
	}
	stream->held = larger;
	stream->room = room;
}

void stream_init(struct stream *stream, struct probe_run *run, int fd)
{
	*stream = (struct stream){.run = run, .fd = fd};
	make_larger(stream, ROOM_LEAST);
}

void stream_release(struct stream *stream)
{
	stream_tls_release(stream);
	free(stream->held);
	if (stream->fd >= 0) {
		close(stream->fd);
	}
	*stream = (struct stream){.run = stream->run, .fd = -1};
}

int stream_dial(struct stream *stream, struct probe_run *run, const struct service *service,
		int timeout_ms)
{
	int fd = probe_dial(run, service, timeout_ms);

	*stream = (struct stream){.run = run, .fd = -1};
	if (fd < 0) {
		return fd;
	}
	stream_init(stream, run, fd);
	return 0;
}

int stream_ended(struct stream *stream, long error)
{
	if (error == -ETIMEDOUT) {
		stream->end = STREAM_SILENT;
	} else if (error == 0) {
		stream->end = STREAM_EOF;
	} else {
		stream->end = STREAM_RESET;
		snprintf(stream->reason, sizeof(stream->reason), "%s", strerror((int)-error));
	}
	return -1;
}

/* Makes room behind what is held. Returns its size, 0 at the limit. */
static size_t make_room(struct stream *stream)
{
	if (stream->have == stream->room && 2 * stream->room <= STREAM_HELD_MOST) {
		make_larger(stream, 2 * stream->room);
	}
	return stream->room - stream->have;
}

long stream_more(struct stream *stream, int64_t deadline_ns)
{
	size_t room = make_room(stream);
	int64_t start_ns = clock_ns();
	long got;

	if (room == 0) {
		stream->end = STREAM_FULL;
		return -1;
	}
	stream->end = STREAM_WELL;
	if (stream->ssl != NULL) {
		got = stream_tls_read(stream, stream->held + stream->have, room, deadline_ns);
	} else {
		got = probe_read(stream->run, stream->fd, stream->held + stream->have, room,
				 deadline_ns);
		if (got <= 0) {
			got = stream_ended(stream, got);
		}
	}
	stream->waited_ns = clock_ns() - start_ns;
	if (got > 0) {
		stream->have += (size_t)got;
	}
	return got;
}

void stream_take(struct stream *stream, size_t size)
{
	if (size > stream->have) {
		BUG("%zu bytes taken of %zu", size, stream->have);
	}
	stream->have -= size;
	if (stream->have > 0) {
		memmove(stream->held, stream->held + size, stream->have);
	}
}

long stream_read(struct stream *stream, void *bytes, size_t size, int64_t deadline_ns)
{
	if (stream->have == 0 && stream_more(stream, deadline_ns) < 0) {
		return -1;
	}
	size = size < stream->have ? size : stream->have;
	memcpy(bytes, stream->held, size);
	stream_take(stream, size);
	stream->end = STREAM_WELL;
	return (long)size;
}

/* Returns the length up to the line's end, which is at least there, or -1. */
static long line_held(const struct stream *stream)
{
	const uint8_t *end = stream->have > 0 ? memchr(stream->held, '\n', stream->have) : NULL;

	return end == NULL ? -1 : (long)(end - stream->held);
}

long stream_line(struct stream *stream, char *line, size_t capacity, int64_t deadline_ns)
{
	int64_t start_ns = clock_ns();
	long length = line_held(stream);
	size_t size;

	while (length < 0 && stream->have < capacity) {
		if (stream_more(stream, deadline_ns) < 0) {
			stream->waited_ns = clock_ns() - start_ns;
			return -1;
		}
		length = line_held(stream);
	}
	size = length > 0 && stream->held[length - 1] == '\r' ? (size_t)length - 1 : (size_t)length;
	if (length < 0 || size >= capacity) {
		stream->end = STREAM_FULL;
		return -1;
	}
	memcpy(line, stream->held, size);
	line[size] = '\0';
	stream_take(stream, (size_t)length + 1);
	stream->end = STREAM_WELL;
	return (long)size;
}

int stream_write(struct stream *stream, const void *bytes, size_t size, int64_t deadline_ns)
{
	int64_t start_ns = clock_ns();
	int error;

	stream->end = STREAM_WELL;
	if (stream->ssl != NULL) {
		error = stream_tls_write(stream, bytes, size, deadline_ns);
	} else {
		error = probe_write(stream->run, stream->fd, bytes, size, deadline_ns);
		if (error != 0) {
			error = stream_ended(stream, error);
		}
	}
	stream->waited_ns = clock_ns() - start_ns;
	return error;
}

enum why stream_why(const struct stream *stream, const struct service *service, const char *what,
		    struct text *ret)
{
	static const struct {
		enum why why;
		const char *did;
	} rows[] = {
		[STREAM_EOF] = {WHY_CLOSED_EARLY, "closed the connection"},
		[STREAM_RESET] = {WHY_CLOSED_EARLY, "broke the connection"},
		[STREAM_FULL] = {WHY_GARBAGE, "sent more than fits"},
		[STREAM_NOT_TLS] = {WHY_GARBAGE, "answered a TLS hello with no TLS"},
		[STREAM_ALERT] = {WHY_CANNOT_OFFER, "ended TLS with an alert"},
		[STREAM_UNPROVEN] = {WHY_CANNOT_OFFER, "signed with another key than its own"},
		[STREAM_TLS_FAILED] = {WHY_CANNOT_OFFER, "and OpenSSL came to an end"},
	};
	bool reason = stream->reason[0] != '\0';

	if (stream->end == STREAM_WELL) {
		BUG("nothing has ended '%s'", what);
	}
	if (stream->end == STREAM_SILENT) {
		text_error(ret, "'%s' sent no whole %s within %lld ms", service->name, what,
			   (long long)(stream->waited_ns / NS_PER_MS));
		return WHY_NO_ANSWER;
	}
	text_error(ret, "'%s' %s before its %s was complete%s%s", service->name,
		   rows[stream->end].did, what, reason ? ": " : "", stream->reason);
	return rows[stream->end].why;
}

int stream_give_up(struct stream *stream, const struct service *service, const char *what)
{
	struct text sentence;
	enum why why = stream_why(stream, service, what, &sentence);

	return probe_give_up(stream->run, why, "%s", sentence.s);
}
