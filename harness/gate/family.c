/* family: the families of load and how their frames differ. */
#define _GNU_SOURCE
#include "harness/gate/family.h"
#include "harness/gate/capture.h"
#include "harness/gate/gate.h"

#include <string.h>

#include "harness/banned.h"

enum { AT_SOURCE_PORT = 34, AT_SEQUENCE = 38, AT_CHECKSUM = 50 };

static int build_arp(const struct link *link, uint16_t port, struct template *ret, struct text *why)
{
	(void)port;
	return template_arp(link, ret, why);
}

static int build_syn(const struct link *link, uint16_t port, struct template *ret, struct text *why)
{
	return template_syn(link, STORM_PORT_FIRST, port, ret, why);
}

/* Writes one 16-bit field and corrects the checksum by the difference
 * (RFC 1624, equation 3). */
static void patch(uint8_t *frame, size_t at, uint16_t value)
{
	uint32_t old = (uint32_t)frame[at] << 8 | frame[at + 1];
	uint32_t sum = (uint32_t)frame[AT_CHECKSUM] << 8 | frame[AT_CHECKSUM + 1];

	sum = (~sum & 0xffff) + (~old & 0xffff) + value;
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~sum & 0xffff;
	frame[at] = (uint8_t)(value >> 8);
	frame[at + 1] = (uint8_t)value;
	frame[AT_CHECKSUM] = (uint8_t)(sum >> 8);
	frame[AT_CHECKSUM + 1] = (uint8_t)sum;
}

static void vary_syn(uint8_t *frame, uint64_t n)
{
	/* Knuth's multiplier: neighbours are far apart, none repeats soon */
	uint32_t sequence = (uint32_t)n * 2654435761u;

	patch(frame, AT_SOURCE_PORT, (uint16_t)(STORM_PORT_FIRST + n % STORM_PORTS));
	patch(frame, AT_SEQUENCE, (uint16_t)(sequence >> 16));
	patch(frame, AT_SEQUENCE + 2, (uint16_t)sequence);
}

static const struct family families[] = {
	{STORM_ARP_REQUEST, "ARP request", false, build_arp, NULL},
	{STORM_TCP_SYN, "TCP SYN", true, build_syn, vary_syn},
};

const struct family *family_find(uint32_t number)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(families); i++) {
		if (families[i].number == number) {
			return &families[i];
		}
	}
	return NULL;
}

void family_nobody(const struct link *link, uint8_t ret[6])
{
	uint8_t mac[6] = {0x02, 0x61, 0x73, 0x73, 0x61, 0x79};

	while (memcmp(mac, link->device_mac, 6) == 0 || memcmp(mac, link->source_mac, 6) == 0) {
		mac[5]++;
	}
	memcpy(ret, mac, 6);
}
