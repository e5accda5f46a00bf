/* family: the rows. */
#include "harness/frame/family.h"
#include "harness/frame/dissect.h"

#include <string.h>

#include "harness/banned.h"

static const uint8_t mss[4] = {2, 4, 0x05, 0xb4}; /* 1460 */

#define SOURCE_PORTS                                                                     \
	{                                                                                \
		FIELD_SOURCE_PORT, FAMILY_IN_TURN, FAMILY_PORT_FIRST, FAMILY_PORTS, NULL \
	}
#define ANY_32_BITS(field)                                          \
	{                                                           \
		field, FAMILY_SCATTERED, 0, UINT64_C(1) << 32, NULL \
	}

static const struct family families[] = {
	{
		.name = "arp-request",
		.summary = "asks everybody who has the device's address (RFC 826)",
		.recipe = {.layers = {FRAME_ETHERNET, FRAME_ARP}},
		.everybody = true,
	},
	{
		.name = "tcp-syn",
		.summary = "asks a TCP service for a connection (RFC 9293) and never goes on",
		.recipe = {.layers = {FRAME_ETHERNET, FRAME_IP, FRAME_TCP},
			   .values = {{FIELD_TCP_FLAGS, TCP_SYN}},
			   .options = mss,
			   .options_size = sizeof(mss)},
		.varied = {SOURCE_PORTS, ANY_32_BITS(FIELD_TCP_SEQUENCE)},
	},
	{
		.name = "udp",
		.summary = "sends a UDP service empty datagrams (RFC 768)",
		.recipe = {.layers = {FRAME_ETHERNET, FRAME_IP, FRAME_UDP}},
		.varied = {SOURCE_PORTS},
	},
	{
		.name = "udp-ipv6",
		.summary = "sends a UDP service empty datagrams over IPv6 (RFC 768, 8200)",
		.recipe = {.layers = {FRAME_ETHERNET, FRAME_IPV6, FRAME_UDP}},
		.varied = {SOURCE_PORTS},
	},
	{
		.name = "icmpv6-echo",
		.summary = "asks the device for echoes over IPv6 (RFC 4443)",
		.recipe = {.layers = {FRAME_ETHERNET, FRAME_IPV6, FRAME_ICMPV6}},
		.varied = {{FIELD_ICMP_NUMBER, FAMILY_IN_TURN, 0, UINT64_C(1) << 16, NULL},
			   {FIELD_ICMP_ID, FAMILY_IN_TURN, 0, UINT64_C(1) << 16, NULL}},
	},
};

const struct family *family_at(size_t i)
{
	return i < ARRAY_SIZE(families) ? &families[i] : NULL;
}

const struct family *family_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(families); i++) {
		if (strcmp(families[i].name, name) == 0) {
			return &families[i];
		}
	}
	return NULL;
}

enum frame_layer family_transport(const struct family *family)
{
	size_t i;

	for (i = 0; i < FRAME_LAYERS; i++) {
		enum frame_layer layer = family->recipe.layers[i];

		if (layer == FRAME_TCP || layer == FRAME_UDP) {
			return layer;
		}
	}
	return FRAME_END;
}

enum address_family family_addresses(const struct family *family)
{
	size_t i;

	for (i = 0; i < FRAME_LAYERS; i++) {
		enum frame_layer layer = family->recipe.layers[i];

		if (layer == FRAME_ARP || layer == FRAME_IPV4) {
			return ADDRESS_IPV4;
		}
		if (layer == FRAME_IPV6) {
			return ADDRESS_IPV6;
		}
	}
	return ADDRESS_NONE;
}

const char *family_name(size_t i)
{
	return i < ARRAY_SIZE(families) ? families[i].name : NULL;
}
