/* tls_exchange: a ClientHello and what comes back. Contract in
 * tls_exchange.h. */
#include "probes/tls/tls_exchange.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "harness/banned.h"

enum {
	DIAL_MS = 10000,  /* includes waiting for a place in the budget */
	ANSWER_MS = 4000, /* a small controller may need a second for a hello */
	PAUSE_MS = 250,   /* before the second try */
};

/* What one connection showed, before anything is tried again. */
enum once { ONCE_REPLY, ONCE_CLOSED, ONCE_SILENT, ONCE_UNREACHED };

static void fill_random(uint8_t out[TLS_HELLO_RANDOM])
{
	if (getrandom(out, TLS_HELLO_RANDOM, GRND_NONBLOCK) != TLS_HELLO_RANDOM) {
		memset(out, (int)(clock_ns() & 0xFF), TLS_HELLO_RANDOM);
	}
}

static enum once read_reply(struct tls_talk *talk, int fd, bool key_exchange, struct tls_reply *ret)
{
	int64_t deadline = clock_ns() + ANSWER_MS * NS_PER_MS;
	uint8_t bytes[TLS_REPLY_MAX + 1];
	size_t size = 0;
	long got;

	for (;;) {
		got = probe_read(talk->run, fd, bytes + size, sizeof(bytes) - size, deadline);
		if (got == -ETIMEDOUT) {
			return ONCE_SILENT;
		}
		if (got <= 0) {
			return ONCE_CLOSED;
		}
		size += (size_t)got;
		*ret = tls_reply_read(bytes, size, key_exchange);
		if (ret->answer != TLS_ANSWER_MORE) {
			return ONCE_REPLY;
		}
	}
}

static enum once talk_once(struct tls_talk *talk, const struct tls_offer *offer, bool key_exchange,
			   struct tls_reply *ret)
{
	uint8_t random[TLS_HELLO_RANDOM], hello[TLS_HELLO_MAX];
	enum once once = ONCE_CLOSED;
	size_t size;
	int fd;

	fill_random(random);
	size = tls_hello_write(offer, random, hello, sizeof(hello));
	if (size == 0) {
		BUG("a ClientHello does not fit TLS_HELLO_MAX");
	}
	fd = probe_dial(talk->run, talk->service, DIAL_MS);
	if (fd < 0) {
		talk->dial_error = fd;
		return ONCE_UNREACHED;
	}
	talk->connections++;
	*ret = (struct tls_reply){.answer = TLS_ANSWER_MORE};
	if (probe_write(talk->run, fd, hello, size, clock_ns() + ANSWER_MS * NS_PER_MS) == 0) {
		once = read_reply(talk, fd, key_exchange, ret);
	}
	close(fd);
	return once;
}

static bool was_offered(const struct tls_offer *offer, uint16_t suite)
{
	size_t i;

	for (i = 0; i < offer->suite_count; i++) {
		if (offer->suites[i] == suite) {
			return true;
		}
	}
	return false;
}

static enum tls_outcome judge_reply(const struct tls_offer *offer, const struct tls_reply *reply)
{
	if (reply->answer == TLS_ANSWER_ALERT) {
		return TLS_REFUSED;
	}
	if (reply->answer != TLS_ANSWER_HELLO || reply->version > offer->version) {
		return TLS_GARBAGE;
	}
	if (reply->version != offer->version) {
		return TLS_REFUSED;
	}
	return was_offered(offer, reply->suite) ? TLS_ACCEPTED : TLS_GARBAGE;
}

static void note(struct tls_talk *talk, const struct tls_offer *offer, enum once once,
		 const struct tls_reply *reply)
{
	static const char *const words[] = {"", "closed", "no answer", "no connection"};
	const char *version = tls_version_name(offer->version);
	const char *suite = tls_suite_name(reply->suite);
	const char *group = tls_group_name(reply->group);

	if (once != ONCE_REPLY) {
		probe_note(talk->run, "%s, %zu suites, %zu groups: %s", version, offer->suite_count,
			   offer->group_count, words[once]);
	} else if (reply->answer == TLS_ANSWER_ALERT) {
		probe_note(talk->run, "%s, %zu suites, %zu groups: alert %d %s", version,
			   offer->suite_count, offer->group_count, reply->alert,
			   tls_alert_name(reply->alert));
	} else if (reply->answer == TLS_ANSWER_HELLO) {
		probe_note(talk->run, "%s, %zu suites, %zu groups: %s 0x%04X %s%s%s", version,
			   offer->suite_count, offer->group_count, tls_version_name(reply->version),
			   reply->suite, suite != NULL ? suite : "not a known suite",
			   group != NULL ? " " : "", group != NULL ? group : "");
	} else {
		probe_note(talk->run, "%s, %zu suites, %zu groups: not TLS", version,
			   offer->suite_count, offer->group_count);
	}
}

enum tls_outcome tls_exchange(struct tls_talk *talk, const struct tls_offer *offer,
			      bool key_exchange, struct tls_reply *ret)
{
	enum once once = talk_once(talk, offer, key_exchange, ret);

	note(talk, offer, once, ret);
	if (once != ONCE_REPLY) {
		clock_sleep_until(clock_ns() + PAUSE_MS * NS_PER_MS);
		once = talk_once(talk, offer, key_exchange, ret);
		note(talk, offer, once, ret);
	}
	switch (once) {
	case ONCE_REPLY:
		return judge_reply(offer, ret);
	case ONCE_CLOSED:
		talk->bare_closes++;
		return TLS_REFUSED;
	case ONCE_SILENT:
		return TLS_SILENT;
	default:
		return TLS_UNREACHED;
	}
}

int tls_gave_up(struct tls_talk *talk, enum tls_outcome outcome, uint16_t version)
{
	const char *name = tls_version_name(version);

	switch (outcome) {
	case TLS_UNREACHED:
		return probe_dial_failed(talk->run, talk->service, talk->dial_error);
	case TLS_SILENT:
		return probe_give_up(talk->run, WHY_NO_ANSWER,
				     "no answer to a %s hello within %d s, "
				     "twice",
				     name, ANSWER_MS / 1000);
	case TLS_GARBAGE:
		return probe_give_up(talk->run, WHY_GARBAGE,
				     "the answer to a %s hello was not TLS, or "
				     "chose what was not offered",
				     name);
	default:
		BUG("outcome %d is a result, not a reason to give up", (int)outcome);
	}
}
