/*
 * resolve: who answers for the device's address (RFC 826). The tester asks
 * before it sends anything else and listens on for a second host.
 */
#define _GNU_SOURCE
#include "harness/base/clock.h"
#include "harness/frame/family.h"
#include "harness/gate/link.h"
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

struct answers {
	uint8_t mac[2][6];
	unsigned count; /* different hosts, two are enough */
};

/*
 *  0      2      4  5  6      8           14         18           24
 *  +------+------+--+--+------+-----------+----------+-----------+---------+
 *  | hw   | proto|6 |4 | op   | sender MAC| sender IP| target MAC| target IP
 *  +------+------+--+--+------+-----------+----------+-----------+---------+
 */
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

/* Collects answers until enough hosts have answered or the time is over. */
static void collect(struct watch *watch, struct answers *answers, unsigned enough, int64_t deadline)
{
	struct pollfd wait = {.fd = watch->fd, .events = POLLIN};
	uint8_t mac[6];

	for (;;) {
		while (watch_take(watch, mac)) {
			take_answer(answers, mac);
		}
		if (answers->count >= enough || clock_left_ms(deadline) == 0) {
			return;
		}
		poll(&wait, 1, clock_left_ms(deadline));
	}
}

static int send_request(const struct watch *watch, struct text *why)
{
	const struct link *link = watch->link;
	struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = (int)link->index};
	struct frame_ends ends = link_ends(link);
	struct pattern request;
	ssize_t sent;

	if (pattern_build(family_find("arp-request"), &ends, &request, why) != 0) {
		return -1;
	}
	sent = sendto(watch->fd, request.frame.bytes, request.frame.size, 0,
		      (const struct sockaddr *)(const void *)&to, sizeof(to));
	if (sent < 0) {
		return text_error(why, "cannot send on '%s': %s", link->interface, strerror(errno));
	}
	return 0;
}

static int ask(struct watch *watch, struct answers *answers, struct text *why)
{
	const struct link *link = watch->link;
	int64_t asked_ns = 0, took_ns;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(try_ms) && answers->count == 0; i++) {
		if (send_request(watch, why) != 0) {
			return EXIT_UNAVAILABLE;
		}
		asked_ns = clock_ns();
		collect(watch, answers, 1, asked_ns + try_ms[i] * NS_PER_MS);
	}
	if (answers->count == 0) {
		text_error(why, "nobody answers for %s on '%s': is the device on?",
			   address_text(&link->device).s, link->interface);
		return EXIT_UNAVAILABLE;
	}
	took_ns = clock_ns() - asked_ns;
	collect(watch, answers, 2,
		asked_ns + NS_PER_MS * (i == 1 && took_ns <= AT_ONCE_MS * NS_PER_MS
						? SECOND_HOST_NEAR_MS
						: SECOND_HOST_MS));
	return 0;
}

int link_resolve(const struct profile *profile, struct link *link, struct watch *watch,
		 struct text *why)
{
	struct answers answers = {.count = 0};
	int code = link->raw ? ask(watch, &answers, why) : 0;

	if (code != 0 || !link->raw) {
		return code;
	}
	if (answers.count > 1) {
		text_error(why, "two hosts answer for %s: %s and %s", address_text(&link->device).s,
			   mac_text(answers.mac[0]).s, mac_text(answers.mac[1]).s);
		return EXIT_SET_UP_WRONGLY;
	}
	if (profile->link.mac_given && memcmp(profile->link.mac, answers.mac[0], 6) != 0) {
		text_error(why,
			   "%s is %s, but the profile says %s: another "
			   "device answers",
			   address_text(&link->device).s, mac_text(answers.mac[0]).s,
			   mac_text(profile->link.mac).s);
		return EXIT_SET_UP_WRONGLY;
	}
	memcpy(link->device_mac, answers.mac[0], 6);
	return 0;
}
