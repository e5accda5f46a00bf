/* watch: ARP and neighbour advertisements that speak for the device's addresses;
 * the kernel filters. */
#define _GNU_SOURCE
#include "harness/gate/watch.h"
#include "harness/gate/neighbour.h"

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

enum { SNAPLEN = 256, FILTER_SIZE = 2048 };

static int set_filter(int fd, const char *text)
{
	pcap_t *dead = pcap_open_dead(DLT_EN10MB, SNAPLEN);
	struct bpf_program program;
	struct sock_filter code[512];
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

/* What speaks for one address of the device, as a pcap-filter(7); not if it
 * comes from the MAC address that is not minded. Returns its length. */
static int write_one(char *text, size_t size, const struct address *address,
		     const uint8_t *unminded)
{
	const uint8_t *b = address->bytes, *m = unminded;
	int length;

	if (address->family == ADDRESS_IPV4) {
		length = snprintf(text, size, "(arp and arp[14:4] = 0x%08x",
				  ntohl(address_ipv4(address)));
	} else {
		length = snprintf(text, size,
				  "(icmp6 and ip6[40] = 136 and ip6[48:4] = 0x%02x%02x%02x%02x and "
				  "ip6[52:4] = 0x%02x%02x%02x%02x and ip6[56:4] = "
				  "0x%02x%02x%02x%02x and ip6[60:4] = 0x%02x%02x%02x%02x",
				  b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10],
				  b[11], b[12], b[13], b[14], b[15]);
	}
	if (m != NULL && address->family == ADDRESS_IPV4) {
		length += snprintf(text + length, size - (size_t)length,
				   " and (arp[8:4] != 0x%02x%02x%02x%02x or arp[12:2] != "
				   "0x%02x%02x)",
				   m[0], m[1], m[2], m[3], m[4], m[5]);
	}
	return length + snprintf(text + length, size - (size_t)length, ")");
}

static void write_filter(const struct link *link, const uint8_t *unminded, char text[FILTER_SIZE])
{
	size_t at = 0, i;

	for (i = 0; i < link->device_count; i++) {
		at += (size_t)snprintf(text + at, FILTER_SIZE - at, "%s", i > 0 ? " or " : "");
		at += (size_t)write_one(text + at, FILTER_SIZE - at, &link->devices[i].address,
					unminded);
	}
}

/* One protocol where that is enough: the kernel then runs the filter over
 * nothing else. */
static uint16_t protocol_of(const struct link *link)
{
	size_t i;

	for (i = 0; i < link->device_count; i++) {
		if (link->devices[i].address.family != ADDRESS_IPV4) {
			return ETH_P_ALL;
		}
	}
	return ETH_P_ARP;
}

int watch_init(struct watch *watch, const struct link *link, struct text *why)
{
	struct sockaddr_ll at = {.sll_family = AF_PACKET,
				 .sll_protocol = htons(protocol_of(link)),
				 .sll_ifindex = (int)link->index};
	char filter[FILTER_SIZE] = "";
	int one = 1;

	memset(watch, 0, sizeof(*watch));
	watch->link = link;
	watch->fd = -1;
	if (!link->raw) {
		return 0;
	}
	/* protocol 0: nothing is received before the filter is there */
	watch->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	write_filter(link, NULL, filter);
	if (watch->fd < 0 || set_filter(watch->fd, filter) != 0 ||
	    setsockopt(watch->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)) != 0 ||
	    bind(watch->fd, (const struct sockaddr *)(const void *)&at, sizeof(at)) != 0) {
		return text_error(why, "cannot listen for neighbours on '%s': %s", link->interface,
				  strerror(errno));
	}
	return 0;
}

int watch_take(struct watch *watch, uint8_t ret_mac[6])
{
	uint8_t frame[SNAPLEN];
	ssize_t got;
	int which;

	do {
		got = recv(watch->fd, frame, sizeof(frame), MSG_DONTWAIT);
		if (got < 0) {
			return -1;
		}
		which = neighbour_read(watch->link, frame, (size_t)got, ret_mac);
	} while (which < 0);
	return which;
}

void watch_narrow(struct watch *watch)
{
	char filter[FILTER_SIZE] = "";

	if (watch->fd < 0) {
		return;
	}
	write_filter(watch->link, watch->link->device_mac, filter);
	/* where this fails, the wider filter costs time and loses nothing */
	(void)set_filter(watch->fd, filter);
}

int watch_fd(const struct watch *watch)
{
	return watch->alarmed ? -1 : watch->fd;
}

bool watch_step(struct watch *watch, struct text *ret)
{
	int which;

	while (watch_fd(watch) >= 0) {
		which = watch_take(watch, watch->strange);
		if (which < 0) {
			break;
		}
		if (memcmp(watch->strange, watch->link->device_mac, 6) == 0) {
			continue; /* from before the narrow filter */
		}
		watch->alarmed = true;
		text_error(ret,
			   "another host answers for %s: %s, before it "
			   "was %s",
			   address_text(&watch->link->devices[which].address).s,
			   mac_text(watch->strange).s, mac_text(watch->link->device_mac).s);
		return true;
	}
	return false;
}
