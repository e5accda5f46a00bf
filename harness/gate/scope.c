/* scope: Ethernet II, ARP, IPv4 and IPv6 headers, as far as they say who and where.
 */
#define _GNU_SOURCE
#include "harness/gate/scope.h"
#include "harness/base/bytes.h"

#include <netinet/in.h>
#include <string.h>

#include "harness/banned.h"

enum { ETHERTYPE_IPV4 = 0x0800, ETHERTYPE_ARP_ = 0x0806, ETHERTYPE_IPV6_ = 0x86dd };
enum { ECHO_REQUEST = 128, NEIGHBOUR_SOLICITATION = 135 }; /* ICMPv6 */
/* Options that make the device send the packet on to a third host (RFC 791,
 * section 3.1: loose and strict source route). */
enum { OPTION_END = 0, OPTION_NOP = 1, OPTION_LSRR = 131, OPTION_SSRR = 137 };

/* Reads an address; one that is cut off is none. */
static struct address read_address(struct reader *r, enum address_family family)
{
	const uint8_t *bytes = reader_bytes(r, address_size(family));
	struct address none = {.family = ADDRESS_NONE};

	return bytes == NULL ? none : address_from_bytes(family, bytes);
}

static bool ours(const struct scope *scope, const struct address *address)
{
	const struct link *link = scope->link;

	if (scope->source != NULL) {
		return address_given(address) && address_equal(address, scope->source);
	}
	return address_given(address) &&
	       (address_equal(address, &link->source) || link_is_own(link, address));
}

static bool is_devices(const struct scope *scope, const struct address *address)
{
	return address_given(address) && (address_equal(address, &scope->link->device) ||
					  link_device_find(scope->link, address) != NULL);
}

/* RFC 826; r stands at the ARP header. */
static int check_arp(const struct scope *scope, struct reader *r, struct text *why)
{
	uint32_t hardware = reader_be32(r); /* type and protocol */
	uint16_t lengths = reader_be16(r);
	const uint8_t *sender_mac;
	struct address sender, target;

	reader_skip(r, 2);
	sender_mac = reader_bytes(r, 6);
	sender = read_address(r, ADDRESS_IPV4);
	reader_skip(r, 6);
	target = read_address(r, ADDRESS_IPV4);
	if (!reader_ok(r) || hardware != 0x00010800 || lengths != 0x0604) {
		return text_error(why, "not ARP for IPv4 over Ethernet");
	}
	if (memcmp(sender_mac, scope->link->source_mac, 6) != 0 || !ours(scope, &sender)) {
		return text_error(why, "the ARP sender is not the tester");
	}
	if (!is_devices(scope, &target)) {
		return text_error(why, "the ARP target is not the device");
	}
	return 0;
}

static int check_options(const uint8_t *options, size_t size, struct text *why)
{
	struct reader r = reader_of(options, size);
	uint8_t type, length;

	while (reader_left(&r) > 0) {
		type = reader_u8(&r);
		if (type == OPTION_END) {
			return 0;
		}
		if (type == OPTION_NOP) {
			continue;
		}
		length = reader_u8(&r);
		if (type == OPTION_LSRR || type == OPTION_SSRR) {
			return text_error(why, "source routing leads beyond "
					       "the device");
		}
		if (length < 2) {
			return text_error(why, "an IPv4 option has no length");
		}
		reader_skip(&r, length - 2u);
		if (!reader_ok(&r)) {
			return text_error(why, "an IPv4 option is cut off");
		}
	}
	return 0;
}

static int check_port(const struct scope *scope, struct reader *r, struct text *why)
{
	uint16_t port;
	size_t i;

	reader_skip(r, 2);
	port = reader_be16(r);
	if (!reader_ok(r)) {
		return text_error(why, "the frame ends before its ports");
	}
	for (i = 0; i < scope->profile->exclude_count; i++) {
		if (scope->profile->exclude_ports[i] == port) {
			return text_error(why, "port %u is excluded by the profile", port);
		}
	}
	return 0;
}

/*
 * RFC 791; r stands at the IPv4 header.
 *  0       2          4      6            8    9        10        12   16
 *  +-------+----------+------+------------+----+--------+---------+----+----+
 *  |4|ihl..| total    | id   | flags, off.| ttl|protocol| checksum| src| dst
 *  +-------+----------+------+------------+----+--------+---------+----+----+
 */
static int check_ipv4(const struct scope *scope, struct reader *r, struct text *why)
{
	size_t there = reader_left(r), header;
	uint8_t first = reader_u8(r), protocol;
	uint16_t total, fragment;
	struct address source, destination;
	const uint8_t *options;

	reader_skip(r, 1);
	total = reader_be16(r);
	reader_skip(r, 2);
	fragment = reader_be16(r);
	reader_skip(r, 1);
	protocol = reader_u8(r);
	reader_skip(r, 2);
	source = read_address(r, ADDRESS_IPV4);
	destination = read_address(r, ADDRESS_IPV4);
	header = (first & 0x0fu) * 4u;
	if (!reader_ok(r) || first >> 4 != 4 || header < 20 || total < header || total > there) {
		return text_error(why, "the IPv4 header is not sound");
	}
	options = reader_bytes(r, header - 20);
	if (!ours(scope, &source)) {
		return text_error(why, "the source address is not the "
				       "tester's");
	}
	if (!is_devices(scope, &destination)) {
		return text_error(why, "the destination address is not the "
				       "device's");
	}
	if (header > 20 && check_options(options, header - 20, why) != 0) {
		return -1;
	}
	if (protocol == IPPROTO_ICMP) {
		return 0;
	}
	if (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP) {
		return text_error(why, "IP protocol %u is not in scope", protocol);
	}
	/* later fragments cannot overwrite the ports: they start at byte 8 */
	if ((fragment & 0x1fff) != 0) {
		return 0;
	}
	return check_port(scope, r, why);
}

/* RFC 4443, RFC 4861; r stands at the ICMPv6 header. A device takes redirects,
 * router and neighbour advertisements for orders: they are load or damage. */
static int check_icmpv6(struct reader *r, struct text *why)
{
	uint8_t type = reader_u8(r);

	if (!reader_ok(r) || (type != ECHO_REQUEST && type != NEIGHBOUR_SOLICITATION)) {
		return text_error(why, "ICMPv6 of type %u is not in scope", type);
	}
	return 0;
}

/*
 * RFC 8200; r stands at the IPv6 header.
 *  0               4        6      7      8        24
 *  +---------------+--------+------+------+--------+-------------+
 *  | 6, class, flow| length | next | hops | source | destination |
 *  +---------------+--------+------+------+--------+-------------+
 * Extension headers are refused: one can lead on to a third host (routing) or
 * hide the port (fragment), and none is needed.
 */
static int check_ipv6(const struct scope *scope, struct reader *r, struct text *why)
{
	uint32_t first = reader_be32(r);
	size_t length = reader_be16(r);
	uint8_t next = reader_u8(r);
	struct address source, destination;

	reader_skip(r, 1);
	source = read_address(r, ADDRESS_IPV6);
	destination = read_address(r, ADDRESS_IPV6);
	if (!reader_ok(r) || first >> 28 != 6 || length > reader_left(r)) {
		return text_error(why, "the IPv6 header is not sound");
	}
	if (!ours(scope, &source)) {
		return text_error(why, "the source address is not the "
				       "tester's");
	}
	if (!is_devices(scope, &destination)) {
		return text_error(why, "the destination address is not the "
				       "device's");
	}
	if (next == IPPROTO_ICMPV6) {
		return check_icmpv6(r, why);
	}
	if (next != IPPROTO_TCP && next != IPPROTO_UDP) {
		return text_error(why, "IPv6 next header %u is not in scope", next);
	}
	return check_port(scope, r, why);
}

/* Whether this port of a malformed packet is excluded; what is not there is
 * not. */
static int check_port_at(const struct scope *scope, const uint8_t *packet, size_t size, size_t at,
			 struct text *why)
{
	struct reader r = reader_of(packet, size);

	if (at + 4 > size) {
		return 0;
	}
	reader_skip(&r, at);
	return check_port(scope, &r, why);
}

/*
 * A malformed IPv4 packet, r stands at it. What the device could take it for
 * must still be from the tester, for the device and not for an excluded port;
 * and no option may lead on to a third host, whatever the lengths say.
 */
static int check_malformed_ipv4(const struct scope *scope, const struct reader *r, struct text *why)
{
	const uint8_t *packet = r->at;
	size_t size = reader_left(r), header = size > 0 ? (packet[0] & 0x0fu) * 4u : 0, i;
	struct address source, destination;

	if (size < 20) {
		return 0; /* nobody can tell where it should go */
	}
	source = address_from_bytes(ADDRESS_IPV4, packet + 12);
	destination = address_from_bytes(ADDRESS_IPV4, packet + 16);
	if (!ours(scope, &source) || !is_devices(scope, &destination)) {
		return text_error(why, "the IPv4 addresses are not the tester's and the device's");
	}
	for (i = 20; i < size && i < header; i++) {
		if (packet[i] == OPTION_LSRR || packet[i] == OPTION_SSRR) {
			return text_error(why, "source routing leads beyond "
					       "the device");
		}
	}
	if (packet[9] != IPPROTO_TCP && packet[9] != IPPROTO_UDP) {
		return 0;
	}
	if (check_port_at(scope, packet, size, 20, why) != 0) {
		return -1;
	}
	return check_port_at(scope, packet, size, header, why);
}

/* A frame to the device's MAC address, of any EtherType that stays with it. */
static int check_any(const struct scope *scope, uint16_t type, struct reader *r, struct text *why)
{
	switch (type) {
	case ETHERTYPE_ARP_:
		return check_arp(scope, r, why);
	case ETHERTYPE_IPV4:
		return check_malformed_ipv4(scope, r, why);
	case ETHERTYPE_IPV6_:
		return check_ipv6(scope, r, why);
	case 0x8100: /* tags of VLANs: other networks */
	case 0x88a8:
	case 0x9100:
		return text_error(why, "EtherType 0x%04x leads into another network", type);
	default:
		return 0;
	}
}

int scope_check(const struct scope *scope, const uint8_t *frame, size_t size, struct text *why)
{
	static const uint8_t everybody[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	const struct link *link = scope->link;
	struct reader r = reader_of(frame, size);
	const uint8_t *to = reader_bytes(&r, 6);
	const uint8_t *from = reader_bytes(&r, 6);
	uint16_t type = reader_be16(&r);
	bool to_device, to_everybody;

	if (scope->reach == SCOPE_NOTHING) {
		return text_error(why, "this wire receives alone");
	}
	if (!reader_ok(&r) || size > FRAME_MAX) {
		return text_error(why, "a frame of %zu bytes is not Ethernet", size);
	}
	to_device = memcmp(to, link->device_mac, 6) == 0;
	to_everybody = memcmp(to, everybody, 6) == 0;
	if (memcmp(from, link->source_mac, 6) != 0) {
		return text_error(why, "the Ethernet source is not the "
				       "tester's");
	}
	if (!to_device && !(to_everybody && type == ETHERTYPE_ARP_)) {
		return text_error(why, "the Ethernet destination is not the "
				       "device's");
	}
	if (scope->reach == SCOPE_DEVICE) {
		return check_any(scope, type, &r, why);
	}
	if (type == ETHERTYPE_ARP_) {
		return check_arp(scope, &r, why);
	}
	if (type == ETHERTYPE_IPV6_) {
		return check_ipv6(scope, &r, why);
	}
	if (type != ETHERTYPE_IPV4) {
		return text_error(why, "EtherType 0x%04x is not in scope", type);
	}
	return check_ipv4(scope, &r, why);
}
