/*
 * resolve: who answers for the device's addresses. The tester asks
 * before it sends anything else and listens on for a second host.
 */
#define _GNU_SOURCE
#include "harness/base/clock.h"
#include "harness/gate/link.h"
#include "harness/gate/neighbour.h"
#include "harness/gate/watch.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "harness/banned.h"

enum { EXIT_SET_UP_WRONGLY = 2, EXIT_UNAVAILABLE = 3 };
/* Hosts answer within a millisecond; small controllers within tens. */
static const int try_ms[] = {50, 50, 50, 350, 500};
/* How long a second host may take. Where the device itself answers at once,
 * the others on such a link do too; whoever is slower still ends the run the
 * moment it answers: see watch.h. */
enum { AT_ONCE_MS = 1, SECOND_HOST_MS = 60, SECOND_HOST_NEAR_MS = 20 };

struct answers { /* for one address of the device */
	uint8_t mac[2][6];
	unsigned count; /* different hosts, two are enough */
};

struct question {
	struct watch *watch;
	struct link *link;
	struct answers answers[LINK_DEVICES];
};

static void take_answer(struct answers *answers, const uint8_t mac[6])
{
	unsigned i;

	for (i = 0; i < answers->count; i++) {
		if (memcmp(answers->mac[i], mac, 6) == 0) {
			return;
		}
	}
	if (answers->count < 2) {
		memcpy(answers->mac[answers->count++], mac, 6);
	}
}

/* True if so many hosts have answered for each address that can answer. */
static bool enough(const struct question *q, unsigned hosts)
{
	size_t i;

	for (i = 0; i < q->link->device_count; i++) {
		if (q->link->devices[i].on_link && q->answers[i].count < hosts) {
			return false;
		}
	}
	return true;
}

/* Collects answers until enough hosts have answered or the time is over. */
static void collect(struct question *q, unsigned hosts, int64_t deadline)
{
	struct pollfd wait = {.fd = q->watch->fd, .events = POLLIN};
	uint8_t mac[6];
	int which;

	for (;;) {
		for (which = watch_take(q->watch, mac); which >= 0;
		     which = watch_take(q->watch, mac)) {
			take_answer(&q->answers[which], mac);
		}
		if (enough(q, hosts) || clock_left_ms(deadline) == 0) {
			return;
		}
		poll(&wait, 1, clock_left_ms(deadline));
	}
}

/* Asks for every address that nobody has answered for. */
static int send_requests(const struct question *q, struct text *why)
{
	const struct link *link = q->link;
	struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = (int)link->index};
	struct frame frame;
	size_t i;

	for (i = 0; i < link->device_count; i++) {
		if (!link->devices[i].on_link || q->answers[i].count > 0) {
			continue;
		}
		if (neighbour_ask(link, &link->devices[i].address, &frame, why) != 0) {
			return -1;
		}
		if (sendto(q->watch->fd, frame.bytes, frame.size, 0,
			   (const struct sockaddr *)(const void *)&to, sizeof(to)) < 0) {
			return text_error(why, "cannot send on '%s': %s", link->interface,
					  strerror(errno));
		}
	}
	return 0;
}

static int ask(struct question *q, struct text *why)
{
	const struct link *link = q->link;
	int64_t asked_ns = 0, took_ns;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(try_ms) && !enough(q, 1); i++) {
		if (send_requests(q, why) != 0) {
			return EXIT_UNAVAILABLE;
		}
		asked_ns = clock_ns();
		collect(q, 1, asked_ns + try_ms[i] * NS_PER_MS);
	}
	if (q->answers[0].count == 0) {
		text_error(why, "nobody answers for %s on '%s': is the device on?",
			   address_text(&link->device).s, link->interface);
		return EXIT_UNAVAILABLE;
	}
	took_ns = clock_ns() - asked_ns;
	collect(q, 2,
		asked_ns + NS_PER_MS * (i == 1 && took_ns <= AT_ONCE_MS * NS_PER_MS
						? SECOND_HOST_NEAR_MS
						: SECOND_HOST_MS));
	return 0;
}

/* One host has answered for the address, and it is the same as for the first.
 * Returns 0 or the exit code. */
static int look_at_answers(const struct question *q, size_t which, struct text *why)
{
	const struct answers *answers = &q->answers[which], *first = &q->answers[0];
	const struct link *link = q->link;
	struct address_text address = address_text(&link->devices[which].address);

	if (answers->count > 1) {
		text_error(why, "two hosts answer for %s: %s and %s", address.s,
			   mac_text(answers->mac[0]).s, mac_text(answers->mac[1]).s);
		return EXIT_SET_UP_WRONGLY;
	}
	if (answers->count == 1 && memcmp(answers->mac[0], first->mac[0], 6) != 0) {
		text_error(why, "%s is %s, but %s is %s: another device answers", address.s,
			   mac_text(answers->mac[0]).s, address_text(&link->device).s,
			   mac_text(first->mac[0]).s);
		return EXIT_SET_UP_WRONGLY;
	}
	return 0;
}

int link_resolve(const struct profile *profile, struct link *link, struct watch *watch,
		 struct text *why)
{
	struct question q = {.watch = watch, .link = link};
	const uint8_t *mac = q.answers[0].mac[0];
	int code = link->raw ? ask(&q, why) : 0;
	size_t i;

	for (i = 0; i < link->device_count && link->raw && code == 0; i++) {
		code = look_at_answers(&q, i, why);
		link->devices[i].answered = q.answers[i].count > 0;
	}
	if (code != 0 || !link->raw) {
		return code;
	}
	if (profile->link.mac_given && memcmp(profile->link.mac, mac, 6) != 0) {
		text_error(why,
			   "%s is %s, but the profile says %s: another "
			   "device answers",
			   address_text(&link->device).s, mac_text(mac).s,
			   mac_text(profile->link.mac).s);
		return EXIT_SET_UP_WRONGLY;
	}
	memcpy(link->device_mac, mac, 6);
	return 0;
}
