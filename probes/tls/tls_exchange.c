/* tls_exchange: a ClientHello and what comes back. Contract in
 * tls_exchange.h. */
#include "probes/tls/tls_exchange.h"
#include "harness/base/mark.h"
#include "probes/tls/tls_numbers.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "harness/banned.h"

enum {
	DIAL_MS = 10000, /* includes waiting for a place in the budget */
	/* A small controller may need seconds for its first hello; later answers are
	 * waited for by what the slowest good one has taken. */
	ANSWER_MS = 4000,
	ANSWER_LEAST_MS = 1000,
	ANSWER_TIMES = 10,
	/* A device that was seen to drop what it answers a moment later is asked
	 * no faster than this from then on, twice as slow when that is no cure:
	 * 3.3 and 1.7 connections a second. */
	SLOW_MS = 300,
	SLOWEST_MS = 600,
	/* After so many offers that were dropped each time, that is this device's
	 * way, and nothing of it is settled: the rest is offered once. */
	DROPS_PATIENT = 3,
};

/* Before the second and the third try: a limit of some connections a second
 * has passed by then. */
static const int pause_ms[] = {250, 1100};

/* What one connection showed, before anything is tried again. */
enum once { ONCE_REPLY, ONCE_CLOSED, ONCE_SILENT, ONCE_UNREACHED };

static int64_t answer_ns(const struct tls_talk *talk)
{
	int64_t wait = talk->slowest_ns * ANSWER_TIMES;

	if (talk->slowest_ns == 0 || wait > ANSWER_MS * NS_PER_MS) {
		return ANSWER_MS * NS_PER_MS;
	}
	return wait < ANSWER_LEAST_MS * NS_PER_MS ? ANSWER_LEAST_MS * NS_PER_MS : wait;
}

static enum once read_reply(struct tls_talk *talk, int fd, bool key_exchange, struct tls_reply *ret)
{
	int64_t start = clock_ns(), deadline = start + answer_ns(talk);
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
			if (clock_ns() - start > talk->slowest_ns) {
				talk->slowest_ns = clock_ns() - start;
			}
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

	mark_fill(random, sizeof(random));
	size = tls_hello_write(offer, random, hello, sizeof(hello));
	if (size == 0) {
		BUG("a ClientHello does not fit TLS_HELLO_MAX");
	}
	clock_sleep_until(talk->last_ns + talk->pace_ns);
	fd = probe_dial(talk->run, talk->service, DIAL_MS);
	talk->last_ns = clock_ns();
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

/* What these say is about the offer; others are about names, the hello's form,
 * the tester, or the device's own trouble. */
static bool refuses(uint8_t alert)
{
	enum { HANDSHAKE_FAILURE = 40, PROTOCOL_VERSION = 70, INSUFFICIENT_SECURITY = 71 };

	return alert == HANDSHAKE_FAILURE || alert == PROTOCOL_VERSION ||
	       alert == INSUFFICIENT_SECURITY;
}

static enum tls_outcome judge_reply(const struct tls_offer *offer, const struct tls_reply *reply)
{
	if (reply->answer == TLS_ANSWER_ALERT) {
		return refuses(reply->alert) ? TLS_REFUSED : TLS_DROPPED;
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

static enum tls_outcome outcome_of(const struct tls_offer *offer, enum once once,
				   const struct tls_reply *reply)
{
	switch (once) {
	case ONCE_REPLY:
		return judge_reply(offer, reply);
	case ONCE_CLOSED:
		return TLS_DROPPED;
	case ONCE_SILENT:
		return TLS_SILENT;
	default:
		return TLS_UNREACHED;
	}
}

static bool is_answer(enum tls_outcome outcome)
{
	return outcome == TLS_ACCEPTED || outcome == TLS_REFUSED || outcome == TLS_GARBAGE;
}

/* What is meant for a host with a name, and says so: no use to ask it again. */
static bool wants_a_name(const struct tls_reply *reply)
{
	enum { UNRECOGNIZED_NAME = 112 };

	return reply->answer == TLS_ANSWER_ALERT && reply->alert == UNRECOGNIZED_NAME;
}

/* True if a further try can change what this one showed. */
static bool try_again(const struct tls_talk *talk, enum tls_outcome outcome,
		      const struct tls_reply *reply, size_t tries)
{
	if (is_answer(outcome) || (outcome == TLS_DROPPED && wants_a_name(reply)) ||
	    (outcome == TLS_DROPPED && talk->drops >= DROPS_PATIENT)) {
		return false;
	}
	return tries <= (outcome == TLS_SILENT ? 1 : ARRAY_SIZE(pause_ms));
}

static enum tls_outcome try_once(struct tls_talk *talk, const struct tls_offer *offer,
				 bool key_exchange, struct tls_reply *ret)
{
	enum once once = talk_once(talk, offer, key_exchange, ret);

	note(talk, offer, once, ret);
	return outcome_of(offer, once, ret);
}

/* True if the device takes now what it took before. */
static bool takes_the_good(struct tls_talk *talk)
{
	const struct tls_numbers groups = tls_numbers_groups(NULL);
	const struct tls_offer offer = {
		.version = talk->good.version,
		.suites = &talk->good.suite,
		.suite_count = 1,
		.groups = groups.at,
		.group_count = groups.count,
		.server_name = talk->good.server_name,
		.pad = talk->pad,
	};
	struct tls_reply reply;

	return talk->good.version != 0 && try_once(talk, &offer, false, &reply) == TLS_ACCEPTED;
}

/*
 * Before a further try. What closes, or says nothing, may do so because there were too many
 * connections a moment ago; so may an alert that refuses nothing, but not where the same moment's
 * good offer is accepted. Many servers alert so (internal_error) at each hello of a version
 * that they know and have no suite for.
 */
static void pause_before(struct tls_talk *talk, size_t tries, const struct tls_reply *reply)
{
	if (reply->answer != TLS_ANSWER_ALERT || !takes_the_good(talk)) {
		clock_sleep_until(clock_ns() + pause_ms[tries - 1] * NS_PER_MS);
	}
}

enum tls_outcome tls_exchange(struct tls_talk *talk, const struct tls_offer *wanted,
			      bool key_exchange, struct tls_reply *ret)
{
	struct tls_offer offer = *wanted;
	enum tls_outcome outcome;
	size_t tries = 0;
	bool again;

	offer.pad = talk->pad;
	do {
		outcome = try_once(talk, &offer, key_exchange, ret);
		again = try_again(talk, outcome, ret, ++tries);
		if (again) {
			offer.pad = offer.pad != (outcome == TLS_SILENT);
			pause_before(talk, tries, ret);
		}
	} while (again);
	if (outcome == TLS_ACCEPTED && offer.version < TLS_1_3) {
		talk->good = (struct tls_good){offer.version, ret->suite, offer.server_name};
	}
	if (is_answer(outcome) && tries > 1 && offer.pad == talk->pad) {
		talk->pace_ns = (talk->pace_ns == 0 ? SLOW_MS : SLOWEST_MS) * NS_PER_MS;
	}
	talk->pad = is_answer(outcome) ? offer.pad : talk->pad;
	talk->drops += outcome == TLS_DROPPED;
	return outcome;
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
	case TLS_DROPPED:
		return probe_give_up(talk->run, WHY_CLOSED_EARLY,
				     "the device closed the connection on every %s hello, or sent "
				     "an alert that refuses nothing",
				     name);
	default:
		BUG("outcome %d is a result, not a reason to give up", (int)outcome);
	}
}
