/*
 * neighbour: ARP (RFC 826) and neighbour discovery (RFC 4861, 4.3 and 4.4):
 *
 *  0      1      2        4          8           24
 *  +------+------+--------+----------+-----------+---------------------------+
 *  | type | code | sum    | reserved | target 16 | option: 1 or 2, 1, MAC 6
 *  +------+------+--------+----------+-----------+---------------------------+
 */
#include "harness/gate/neighbour.h"
#include "harness/frame/dissect.h"

#include <string.h>

#include "harness/banned.h"

enum { SOLICITATION = 135, ADVERTISEMENT = 136 };
enum { OPTION_SOURCE_MAC = 1, OPTION_TARGET_MAC = 2 };
enum { HOPS_OF_THE_LINK = 255 }; /* nobody beyond the link can have sent it */

static int ask_ipv4(const struct frame_ends *ends, struct frame *ret, struct text *why)
{
	static const struct frame_recipe recipe = {.layers = {FRAME_ETHERNET, FRAME_ARP}};
	struct frame_ends arp = *ends;

	memset(arp.to_mac, 0xff, sizeof(arp.to_mac));
	return frame_build(&recipe, &arp, ret, why);
}

/* To the solicited-node group of the address (RFC 4291, 2.7.1). */
static int ask_ipv6(const struct frame_ends *ends, struct frame *ret, struct text *why)
{
	static const uint8_t group[13] = {0xff, 2, [11] = 1, [12] = 0xff};
	static const uint8_t group_mac[3] = {0x33, 0x33, 0xff};
	uint8_t payload[16 + 8] = {[16] = OPTION_SOURCE_MAC, [17] = 1};
	struct frame_recipe recipe = {.layers = {FRAME_ETHERNET, FRAME_IPV6, FRAME_ICMPV6},
				      .values = {{FIELD_ICMP_TYPE, SOLICITATION},
						 {FIELD_ICMP_ID, 0},
						 {FIELD_ICMP_NUMBER, 0},
						 {FIELD_IPV6_HOPS, HOPS_OF_THE_LINK}},
				      .payload = payload,
				      .payload_size = sizeof(payload)};
	struct frame_ends to_group = *ends;

	memcpy(payload, ends->to.bytes, 16);
	memcpy(payload + 18, ends->from_mac, 6);
	memcpy(to_group.to.bytes, group, sizeof(group));
	memcpy(to_group.to_mac, group_mac, sizeof(group_mac));
	memcpy(to_group.to_mac + 3, ends->to.bytes + 13, 3);
	return frame_build(&recipe, &to_group, ret, why);
}

int neighbour_ask(const struct link *link, const struct address *address, struct frame *ret,
		  struct text *why)
{
	const struct address *from = link_source_for(link, "", false, address);
	struct frame_ends ends = {.to = *address};

	if (from == NULL) {
		return text_error(why, "interface '%s' has no %s address", link->interface,
				  address_family_word(address->family));
	}
	ends.from = *from;
	memcpy(ends.from_mac, link->source_mac, sizeof(ends.from_mac));
	return address->family == ADDRESS_IPV6 ? ask_ipv6(&ends, ret, why)
					       : ask_ipv4(&ends, ret, why);
}

static int index_of(const struct link *link, const struct address *address)
{
	const struct link_device *device =
		address_given(address) ? link_device_find(link, address) : NULL;

	return device == NULL ? -1 : (int)(device - link->devices);
}

/* An advertisement's target, and the MAC address it gives for it: that of the
 * frame where it has no such option. */
static int read_advertisement(const struct link *link, struct dissected *d, uint8_t ret_mac[6])
{
	const uint8_t *target = reader_bytes(&d->payload, 16), *mac = d->from_mac, *found;
	struct address address;
	unsigned kind, units;

	if (target == NULL || d->code != 0 || d->hops != HOPS_OF_THE_LINK) {
		return -1;
	}
	address = address_from_bytes(ADDRESS_IPV6, target);
	while (reader_left(&d->payload) >= 8) {
		kind = reader_u8(&d->payload);
		units = reader_u8(&d->payload);
		found = reader_bytes(&d->payload, 6);
		if (units == 0) {
			return -1;
		}
		if (kind == OPTION_TARGET_MAC) {
			mac = found;
		}
		reader_skip(&d->payload, (units - 1) * 8u);
	}
	memcpy(ret_mac, mac, 6);
	return index_of(link, &address);
}

int neighbour_read(const struct link *link, const uint8_t *frame, size_t size, uint8_t ret_mac[6])
{
	struct dissected d;

	if (dissect(frame, size, &d) != 0) {
		return -1;
	}
	if (d.network == FRAME_ARP) {
		memcpy(ret_mac, d.sender_mac, 6);
		return index_of(link, &d.from);
	}
	if (d.transport == FRAME_ICMPV6 && d.type == ADVERTISEMENT) {
		return read_advertisement(link, &d, ret_mac);
	}
	return -1;
}
