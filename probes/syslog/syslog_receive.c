/* syslog_receive: whether the device's syslog comes to the tester. */
#include "probes/probe.h"
#include "probes/syslog/syslog_line.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/banned.h"

enum { BYTES_MAX = 65536 };

struct reception {
	struct probe_run *run;
	int64_t end_ns;
	uint8_t *bytes;
	size_t size;
	unsigned other; /* things that are no syslog */
};

static const char *const transports[] = {"udp", "tcp"};

static const char *transport_word(size_t i)
{
	return i < ARRAY_SIZE(transports) ? transports[i] : NULL;
}

/* Reports the line. Returns false where it is none. */
static bool saw_line(struct reception *r, const void *bytes, size_t size)
{
	struct syslog_line line;
	char text[1024];

	if (syslog_line_read(bytes, size, &line) != 0) {
		r->other++;
		return false;
	}
	probe_saw_bool(r->run, "received", true);
	probe_saw_text(r->run, "format", line.format == SYSLOG_RFC5424 ? "RFC 5424" : "RFC 3164");
	probe_saw_int(r->run, "facility", line.facility);
	probe_saw_int(r->run, "severity", line.severity);
	probe_saw_text(r->run, "line", text_printable(text, sizeof(text), line.text, line.size));
	probe_keep(r->run, "line.txt", bytes, size);
	return true;
}

static int nothing_came(struct reception *r)
{
	int64_t seconds = probe_int(r->run, "wait_s");

	if (r->other > 0) {
		return probe_give_up(r->run, WHY_GARBAGE, "what the device sent is no syslog");
	}
	return probe_give_up(r->run, WHY_NO_ANSWER, "the device sent no line in %lld s",
			     (long long)seconds);
}

static int cannot_listen(struct reception *r, int error)
{
	return probe_give_up(r->run, WHY_NO_PRIVILEGE, "cannot listen at port %lld: %s",
			     (long long)probe_int(r->run, "port"), strerror(-error));
}

/* Each datagram is a line (RFC 5426, 3.1). */
static int by_datagrams(struct reception *r, const struct dial_order *order)
{
	int fd = probe_listen_datagrams(r->run, order);
	long size;
	bool line = false;

	if (fd < 0) {
		return cannot_listen(r, fd);
	}
	do {
		size = probe_read(r->run, fd, r->bytes, BYTES_MAX, r->end_ns);
		line = size > 0 && saw_line(r, r->bytes, (size_t)size);
	} while (size > 0 && !line);
	close(fd);
	return line ? 0 : nothing_came(r);
}

/* Reads one connection until a line is there. Returns whether one was. */
static bool read_stream(struct reception *r, int fd)
{
	const char *line = NULL;
	size_t length = 0, taken = 0;
	bool seen = false;
	long got;

	r->size = 0;
	while (!seen && r->size < BYTES_MAX) {
		got = probe_read(r->run, fd, r->bytes + r->size, BYTES_MAX - r->size, r->end_ns);
		if (got <= 0) {
			break;
		}
		r->size += (size_t)got;
		for (;;) {
			taken = syslog_frame_read(r->bytes, r->size, &line, &length);
			if (taken == 0 || saw_line(r, line, length)) {
				break;
			}
			memmove(r->bytes, r->bytes + taken, r->size - taken);
			r->size -= taken;
		}
		seen = taken > 0;
	}
	/* what never became a line */
	r->other += !seen && r->size > 0;
	return seen;
}

static int by_connections(struct reception *r, const struct dial_order *order)
{
	int listening = probe_listen(r->run, order), fd;
	unsigned connections = 0;
	bool line = false;

	if (listening < 0) {
		return cannot_listen(r, listening);
	}
	while (!line) {
		fd = probe_accept(r->run, listening, r->end_ns);
		if (fd < 0) {
			break;
		}
		connections++;
		line = read_stream(r, fd);
		close(fd);
	}
	close(listening);
	if (!line && r->other == 0 && connections > 0) {
		return probe_give_up(r->run, WHY_CLOSED_EARLY,
				     "the device connected %u times and sent no line", connections);
	}
	return line ? 0 : nothing_came(r);
}

static int observe(struct probe_run *run)
{
	struct dial_order order = {.port = (uint16_t)probe_int(run, "port")};
	struct reception r = {.run = run};

	r.end_ns = clock_ns() + probe_int(run, "wait_s") * NS_PER_S;
	r.bytes = probe_alloc(run, BYTES_MAX);
	return strcmp(probe_text(run, "transport"), "tcp") == 0 ? by_connections(&r, &order)
								: by_datagrams(&r, &order);
}

static const struct param_def params[] = {
	{.name = "transport",
	 .type = PARAM_TEXT,
	 .meaning = "how the device sends",
	 .fallback = "udp",
	 .one_of = transport_word},
	{.name = "port",
	 .type = PARAM_INT,
	 .meaning = "the tester's port that the device sends to",
	 .fallback = "514",
	 .min = 1,
	 .max = 65535},
	{.name = "wait_s",
	 .type = PARAM_INT,
	 .meaning = "how long a line is waited for, in seconds",
	 .fallback = "10",
	 .min = 1,
	 .max = 3600},
	{0},
};

static const struct fact_def facts[] = {
	{"received", FACT_BOOL, "", "a line of syslog came from the device"},
	{"format", FACT_TEXT, "", "RFC 5424 or RFC 3164"},
	{"facility", FACT_INT, "", "its facility, 0 to 23"},
	{"severity", FACT_INT, "", "its severity, 0 to 7"},
	{"line", FACT_TEXT, "", "what it says"},
	{0},
};

static unsigned seconds(const struct param_value *values, size_t count)
{
	return (unsigned)param_find(values, count, "wait_s")->number;
}

static unsigned longest(const struct param_value *values, size_t count)
{
	return seconds(values, count) + 5;
}

const struct probe probe_syslog_receive = {
	.id = "syslog.receive",
	.summary = "takes one line of syslog from the device",
	.source = "RFC 5424, RFC 5426, RFC 6587",
	.impact = IMPACT_OBSERVE,
	.needs = NEEDS_LISTEN,
	.timeout_s = 30,
	.params = params,
	.facts = facts,
	.seconds = seconds,
	.longest = longest,
	.observe = observe,
};
