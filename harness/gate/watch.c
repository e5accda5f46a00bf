/* watch: ARP from the device's address and not its MAC; the kernel filters. */
#define _GNU_SOURCE
#include "harness/gate/watch.h"
#include "harness/base/bytes.h"
#include "harness/gate/listen.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "harness/banned.h"

/* A bench with a fault says so a few times, not for ever. */
enum { NOTICES_MAX = 8 };

void watch_init(struct watch *watch, const struct link *link)
{
	const uint8_t *m = link->device_mac;
	char filter[200];
	struct listen_order order = {.interface = link->interface,
				     .filter = filter,
				     .snaplen = 64,
				     .ring = 64 * 1024,
				     .inbound = true};

	memset(watch, 0, sizeof(*watch));
	watch->link = link;
	if (!link->raw) {
		return;
	}
	snprintf(filter, sizeof(filter),
		 "arp and arp[14:4] = 0x%08x and (arp[8:4] != "
		 "0x%02x%02x%02x%02x or arp[12:2] != 0x%02x%02x)",
		 ntohl(link->device.s_addr), m[0], m[1], m[2], m[3], m[4],
		 m[5]);
	watch->handle = listen_open(&order, NULL);
}

int watch_fd(const struct watch *watch)
{
	return watch->handle == NULL ? -1
				     : pcap_get_selectable_fd(watch->handle);
}

/* ARP header: see resolve.c. */
static bool other_mac(const struct pcap_pkthdr *header, const u_char *bytes,
		      uint8_t ret[6])
{
	struct reader r = reader_of(bytes, header->caplen);
	const uint8_t *mac;

	reader_skip(&r, 14 + 8);
	mac = reader_bytes(&r, 6);
	if (!reader_ok(&r)) {
		return false;
	}
	memcpy(ret, mac, 6);
	return true;
}

bool watch_step(struct watch *watch, struct text *ret)
{
	struct pcap_pkthdr *header;
	const u_char *bytes;
	char address[INET_ADDRSTRLEN];
	uint8_t mac[6];

	while (watch->handle != NULL &&
	       pcap_next_ex(watch->handle, &header, &bytes) == 1) {
		if (!other_mac(header, bytes, mac) ||
		    memcmp(mac, watch->last, 6) == 0 ||
		    watch->told >= NOTICES_MAX) {
			continue;
		}
		memcpy(watch->last, mac, 6);
		watch->told++;
		inet_ntop(AF_INET, &watch->link->device, address,
			  sizeof(address));
		text_error(ret,
			   "another host answers for %s: %s, before it "
			   "was %s",
			   address, mac_text(mac).s,
			   mac_text(watch->link->device_mac).s);
		return true;
	}
	return false;
}
