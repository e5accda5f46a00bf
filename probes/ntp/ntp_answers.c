/* ntp_answers: what an NTP server answers to whoever asks: the time, its variables, its clients. */
#include "harness/base/mark.h"
#include "probes/ntp/ntp_packet.h"
#include "probes/probe.h"

#include <string.h>
#include <unistd.h>

#include "harness/banned.h"

/* Servers that limit let one packet in two seconds pass (ntpd: 'discard minimum', 2 s). */
enum { TRIES = 2, TRY_MS = 2100, ANSWER_MAX = 1472, ANSWERS_MOST = 200 };

struct exchange {
	struct probe_run *run;
	int fd;
	bool closed;  /* the device says that the port is closed */
	bool garbage; /* something came that is no answer of NTP */
	bool slower;  /* it was asked too often */
};

/* What came to one question. */
struct outcome {
	bool data, refused;
	struct ntp_seen seen;
	size_t bytes; /* of all answers with data */
};

static uint64_t new_mark(void)
{
	uint64_t mark = 0;

	mark_fill(&mark, sizeof(mark));
	return mark | 1;
}

/* Takes what comes until the deadline: one answer may be many datagrams. */
static void listen_to(struct exchange *x, enum ntp_question question, uint64_t mark,
		      struct outcome *ret)
{
	int64_t deadline_ns = clock_ns() + TRY_MS * NS_PER_MS;
	uint8_t bytes[ANSWER_MAX];
	unsigned answers;
	long size;

	for (answers = 0; answers < ANSWERS_MOST; answers++) {
		size = probe_read(x->run, x->fd, bytes, sizeof(bytes), deadline_ns);
		x->closed = x->closed || size == 0;
		if (size <= 0) {
			return;
		}
		switch (ntp_answer_read(bytes, (size_t)size, question, mark, &ret->seen)) {
		case NTP_DATA:
			ret->data = true;
			ret->bytes += (size_t)size;
			if (question == NTP_TIME) {
				return; /* it is one */
			}
			probe_keep(x->run, question == NTP_CONTROL ? "control.bin" : "private.bin",
				   bytes, (size_t)size);
			break;
		case NTP_REFUSED:
			ret->refused = true;
			return;
		case NTP_SLOWER:
			x->slower = true;
			break;
		case NTP_OTHER:
			break;
		case NTP_GARBAGE:
			x->garbage = true;
			break;
		}
	}
}

/* A datagram may be lost. */
static struct outcome ask(struct exchange *x, enum ntp_question question)
{
	uint8_t bytes[NTP_QUESTION_MOST];
	struct outcome outcome = {.data = false};
	int i;

	for (i = 0; i < TRIES && !outcome.data && !outcome.refused && !x->closed; i++) {
		struct writer w = writer_of(bytes, sizeof(bytes));
		uint64_t mark = new_mark();

		ntp_question_write(&w, question, mark);
		if (!writer_ok(&w)) {
			BUG("the question does not fit");
		}
		x->closed = probe_write(x->run, x->fd, bytes, w.size,
					clock_ns() + TRY_MS * NS_PER_MS) != 0;
		if (!x->closed) {
			listen_to(x, question, mark, &outcome);
		}
	}
	return outcome;
}

/* What was answered is reported as soon as it is seen. */
static struct outcome ask_beyond_time(struct exchange *x, enum ntp_question question,
				      const char *fact, const char *bytes_fact)
{
	struct outcome outcome = ask(x, question);

	if (outcome.data) {
		probe_saw_bool(x->run, fact, true);
		probe_saw_int(x->run, bytes_fact, (int64_t)outcome.bytes);
	}
	return outcome;
}

/* Why nothing is proven by silence. */
static int nothing_proven(const struct exchange *x, bool before)
{
	if (x->closed) {
		return probe_give_up(x->run, WHY_CONNECT_FAILED,
				     "the device says that the port is closed");
	}
	if (x->slower) {
		return probe_give_up(x->run, WHY_RATE_LIMITED,
				     "the server says that it is asked too often (RATE)");
	}
	if (before) {
		return probe_give_up(x->run, WHY_CONTROL_FAILED,
				     "it told the time before the other questions and not after");
	}
	if (x->garbage) {
		return probe_give_up(x->run, WHY_GARBAGE, "what came back is no answer of NTP");
	}
	return probe_give_up(x->run, WHY_NO_ANSWER, "no answer came to %d requests for the time",
			     TRIES);
}

static int converse(struct exchange *x)
{
	struct outcome time = ask(x, NTP_TIME), control, private, after;

	if (time.data) {
		probe_saw_bool(x->run, "time", true);
		probe_saw_int(x->run, "version", time.seen.version);
		probe_saw_int(x->run, "stratum", time.seen.stratum);
	}
	if (x->closed) {
		return nothing_proven(x, false);
	}
	control = ask_beyond_time(x, NTP_CONTROL, "control", "control_bytes");
	private = ask_beyond_time(x, NTP_PRIVATE, "private", "private_bytes");
	if (control.data && private.data) {
		return 0;
	}
	/* silence counts only where the server was there before and after */
	after = time.data ? ask(x, NTP_TIME) : time;
	if (!after.data) {
		return nothing_proven(x, time.data);
	}
	if (!control.data) {
		probe_saw_bool(x->run, "control", false);
	}
	if (!private.data) {
		probe_saw_bool(x->run, "private", false);
	}
	return 0;
}

static int observe(struct probe_run *run)
{
	const struct service *service = probe_service(run, "service");
	struct dial_order order = {.port = service->port};
	struct exchange x = {.run = run};
	int result;

	if (!service->udp) {
		return probe_give_up(run, WHY_NOT_DECLARED, "'%s' is not declared as UDP",
				     service->name);
	}
	x.fd = probe_datagrams(run, &order);
	if (x.fd < 0) {
		return probe_dial_failed(run, service, x.fd);
	}
	result = converse(&x);
	close(x.fd);
	return result;
}

static unsigned seconds(const struct param_value *values, size_t count)
{
	(void)values;
	(void)count;
	return 2 * TRIES * TRY_MS / 1000 + 2;
}

static const struct param_def params[] = {
	{.name = "service", .type = PARAM_SERVICE, .meaning = "NTP service"},
	{0},
};

static const struct fact_def facts[] = {
	{"time", FACT_BOOL, "", "it told the time to whoever asks (mode 3)"},
	{"version", FACT_INT, "", "version of NTP that it answered with"},
	{"stratum", FACT_INT, "", "its distance from a clock; 0: not synchronised"},
	{"control", FACT_BOOL, "", "it told its variables to whoever asks (mode 6)"},
	{"control_bytes", FACT_INT, "B", "size of its answer to that question of 12 bytes"},
	{"private", FACT_BOOL, "", "it told its clients to whoever asks (mode 7)"},
	{"private_bytes", FACT_INT, "B", "size of its answer to that question of 8 bytes"},
	{0},
};

const struct probe probe_ntp_answers = {
	.id = "ntp.answers",
	.summary = "asks an NTP server for the time, its variables and its clients",
	.source = "RFC 5905, RFC 9327",
	.impact = IMPACT_OBSERVE,
	.timeout_s = 60,
	.params = params,
	.facts = facts,
	.seconds = seconds,
	.observe = observe,
};
