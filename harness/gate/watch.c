/* watch: ARP whose sender address is the device's; the kernel filters. */
#define _GNU_SOURCE
#include "harness/gate/watch.h"
#include "harness/base/bytes.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/banned.h"

enum { SNAPLEN = 64 };

static int set_filter(int fd, const char *text)
{
	pcap_t *dead = pcap_open_dead(DLT_EN10MB, SNAPLEN);
	struct bpf_program program;
	struct sock_filter code[64];
	struct sock_fprog filter = {.filter = code};
	unsigned i;
	int error;

	if (dead == NULL) {
		return -1;
	}
	error = pcap_compile(dead, &program, text, 1, PCAP_NETMASK_UNKNOWN);
	pcap_close(dead);
	if (error != 0) {
		return -1;
	}
	if (program.bf_len > ARRAY_SIZE(code)) {
		BUG("the filter '%s' is too long", text);
	}
	for (i = 0; i < program.bf_len; i++) {
		code[i] = (struct sock_filter){program.bf_insns[i].code, program.bf_insns[i].jt,
					       program.bf_insns[i].jf, program.bf_insns[i].k};
	}
	filter.len = (unsigned short)program.bf_len;
	pcap_freecode(&program);
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter));
}

int watch_init(struct watch *watch, const struct link *link, struct text *why)
{
	struct sockaddr_ll at = {.sll_family = AF_PACKET,
				 .sll_protocol = htons(ETH_P_ARP),
				 .sll_ifindex = (int)link->index};
	char filter[64];

	memset(watch, 0, sizeof(*watch));
	watch->link = link;
	watch->fd = -1;
	if (!link->raw) {
		return 0;
	}
	/* protocol 0: nothing is received before the filter is there */
	watch->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	snprintf(filter, sizeof(filter), "arp and arp[14:4] = 0x%08x",
		 ntohl(address_ipv4(&link->device)));
	if (watch->fd < 0 || set_filter(watch->fd, filter) != 0 ||
	    bind(watch->fd, (const struct sockaddr *)(const void *)&at, sizeof(at)) != 0) {
		return text_error(why, "cannot listen for ARP on '%s': %s", link->interface,
				  strerror(errno));
	}
	return 0;
}

/* ARP header: see resolve.c. */
bool watch_take(struct watch *watch, uint8_t ret_mac[6])
{
	uint8_t frame[SNAPLEN];
	struct reader r;
	const uint8_t *mac;
	ssize_t got;

	do {
		got = recv(watch->fd, frame, sizeof(frame), MSG_DONTWAIT);
		if (got < 0) {
			return false;
		}
		r = reader_of(frame, (size_t)got);
		reader_skip(&r, 14 + 8);
		mac = reader_bytes(&r, 6);
	} while (!reader_ok(&r));
	memcpy(ret_mac, mac, 6);
	return true;
}

void watch_narrow(struct watch *watch)
{
	const uint8_t *m = watch->link->device_mac;
	char filter[200];

	if (watch->fd < 0) {
		return;
	}
	snprintf(filter, sizeof(filter),
		 "arp and arp[14:4] = 0x%08x and (arp[8:4] != "
		 "0x%02x%02x%02x%02x or arp[12:2] != 0x%02x%02x)",
		 ntohl(address_ipv4(&watch->link->device)), m[0], m[1], m[2], m[3], m[4], m[5]);
	/* where this fails, the wider filter costs time and loses nothing */
	(void)set_filter(watch->fd, filter);
}

int watch_fd(const struct watch *watch)
{
	return watch->alarmed ? -1 : watch->fd;
}

bool watch_step(struct watch *watch, struct text *ret)
{
	while (watch_fd(watch) >= 0 && watch_take(watch, watch->strange)) {
		if (memcmp(watch->strange, watch->link->device_mac, 6) == 0) {
			continue; /* from before the narrow filter */
		}
		watch->alarmed = true;
		text_error(ret,
			   "another host answers for %s: %s, before it "
			   "was %s",
			   address_text(&watch->link->device).s, mac_text(watch->strange).s,
			   mac_text(watch->link->device_mac).s);
		return true;
	}
	return false;
}
