/*
 * resolve: who answers for the device's address (RFC 826). The tester asks
 * before it sends anything else and listens on for a second host.
 */
#define _GNU_SOURCE
#include "harness/base/bytes.h"
#include "harness/base/clock.h"
#include "harness/gate/later.h"
#include "harness/gate/link.h"
#include "harness/gate/listen.h"
#include "harness/gate/template.h"

#include <arpa/inet.h>
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
enum { SECOND_HOST_MS = 60 };

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
static void take_answer(u_char *user, const struct pcap_pkthdr *header,
			const u_char *bytes)
{
	struct answers *answers = (struct answers *)(void *)user;
	struct reader r = reader_of(bytes, header->caplen);
	const uint8_t *mac;
	unsigned i;

	reader_skip(&r, 14 + 8);
	mac = reader_bytes(&r, 6);
	if (!reader_ok(&r)) {
		return;
	}
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
static void collect(pcap_t *handle, struct answers *answers, unsigned enough,
		    int64_t deadline)
{
	struct pollfd wait = {.fd = pcap_get_selectable_fd(handle),
			      .events = POLLIN};

	for (;;) {
		pcap_dispatch(handle, 64, take_answer,
			      (u_char *)(void *)answers);
		if (answers->count >= enough || clock_left_ms(deadline) == 0) {
			return;
		}
		poll(&wait, 1, clock_left_ms(deadline));
	}
}

static int send_request(const struct link *link, struct text *why)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET,
				 .sll_ifindex = (int)link->index};
	struct template frame;
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	ssize_t sent = -1;

	if (fd >= 0 && template_arp(link, &frame, why) == 0) {
		sent = sendto(fd, frame.bytes, frame.size, 0,
			      (const struct sockaddr *)(const void *)&to,
			      sizeof(to));
		if (sent < 0) {
			text_error(why, "cannot send on '%s': %s",
				   link->interface, strerror(errno));
		}
	}
	if (fd >= 0) {
		later_close(fd);
	}
	return sent < 0 ? -1 : 0;
}

static int ask(const struct link *link, struct answers *answers,
	       struct text *why)
{
	char filter[96], address[INET_ADDRSTRLEN];
	struct listen_order order = {.interface = link->interface,
				     .filter = filter,
				     .snaplen = 64,
				     .ring = 64 * 1024,
				     .inbound = true};
	pcap_t *handle;
	int error = 0;
	size_t i;

	inet_ntop(AF_INET, &link->device, address, sizeof(address));
	snprintf(filter, sizeof(filter), "arp and arp[14:4] = 0x%08x",
		 ntohl(link->device.s_addr));
	handle = listen_open(&order, why);
	if (handle == NULL) {
		return EXIT_UNAVAILABLE;
	}
	for (i = 0; i < ARRAY_SIZE(try_ms) && answers->count == 0; i++) {
		error = send_request(link, why);
		if (error != 0) {
			break;
		}
		collect(handle, answers, 1, clock_ns() + try_ms[i] * NS_PER_MS);
	}
	if (answers->count > 0) {
		collect(handle, answers, 2,
			clock_ns() + SECOND_HOST_MS * NS_PER_MS);
	} else if (error == 0) {
		error = text_error(why,
				   "nobody answers for %s on '%s': is "
				   "the device on?",
				   address, link->interface);
	}
	later_pcap_close(handle);
	return error == 0 ? 0 : EXIT_UNAVAILABLE;
}

int link_resolve(const struct profile *profile, struct link *link,
		 struct text *why)
{
	struct answers answers = {.count = 0};
	char address[INET_ADDRSTRLEN];
	int code = ask(link, &answers, why);

	if (code != 0) {
		return code;
	}
	inet_ntop(AF_INET, &link->device, address, sizeof(address));
	if (answers.count > 1) {
		text_error(why, "two hosts answer for %s: %s and %s", address,
			   mac_text(answers.mac[0]).s,
			   mac_text(answers.mac[1]).s);
		return EXIT_SET_UP_WRONGLY;
	}
	if (profile->link.mac_given &&
	    memcmp(profile->link.mac, answers.mac[0], 6) != 0) {
		text_error(why,
			   "%s is %s, but the profile says %s: another "
			   "device answers",
			   address, mac_text(answers.mac[0]).s,
			   mac_text(profile->link.mac).s);
		return EXIT_SET_UP_WRONGLY;
	}
	memcpy(link->device_mac, answers.mac[0], 6);
	return 0;
}
