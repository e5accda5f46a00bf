/*
 * dissect: Ethernet II, then ARP (RFC 826), IPv4 (RFC 791) or IPv6 with its
 * extension headers (RFC 8200), then ICMP, ICMPv6, TCP or UDP.
 *
 *  Ethernet  | to 6 | from 6 | type 2 |
 *  ARP       | hw 2 | proto 2 | 6 | 4 | operation 2 | sender 6+4 | target 6+4 |
 *  IPv4      | 4,ihl | tos | length 2 | id 2 | flags,offset 2 | ttl | protocol | sum 2 |
 *            | from 4 | to 4 | options |
 *  IPv6      | 6,class,flow 4 | length 2 | next | hops | from 16 | to 16 |
 */
#include "harness/frame/dissect.h"

#include "harness/banned.h"

enum { TYPE_IPV4 = 0x0800, TYPE_ARP = 0x0806, TYPE_IPV6 = 0x86dd };
enum {
	NEXT_HOP_BY_HOP = 0,
	NEXT_ICMP = 1,
	NEXT_TCP = 6,
	NEXT_UDP = 17,
	NEXT_ROUTING = 43,
	NEXT_FRAGMENT = 44,
	NEXT_ICMPV6 = 58,
	NEXT_DESTINATION = 60,
};
enum { EXTENSIONS_MOST = 8 };

static struct address address_at(struct reader *r, enum address_family family)
{
	const uint8_t *bytes = reader_bytes(r, address_size(family));

	return bytes == NULL ? (struct address){0} : address_from_bytes(family, bytes);
}

/* What is left, but not more than a header says. */
static struct reader within(struct reader *r, size_t size)
{
	return reader_sub(r, size < reader_left(r) ? size : reader_left(r));
}

static int read_arp(struct reader *r, struct dissected *d)
{
	bool sound = reader_be32(r) == 0x00010800;

	sound = reader_be16(r) == 0x0604 && sound;
	d->operation = reader_be16(r);
	d->sender_mac = reader_bytes(r, 6);
	d->from = address_at(r, ADDRESS_IPV4);
	d->target_mac = reader_bytes(r, 6);
	d->to = address_at(r, ADDRESS_IPV4);
	d->payload = *r;
	return sound && reader_ok(r) ? 0 : -1;
}

static void read_icmp(struct reader *r, struct dissected *d)
{
	d->type = reader_u8(r);
	d->code = reader_u8(r);
	reader_skip(r, 2);
	d->id = reader_be16(r);
	d->number = reader_be16(r);
}

static void read_udp(struct reader *r, struct dissected *d)
{
	d->from_port = reader_be16(r);
	d->to_port = reader_be16(r);
	reader_skip(r, 4);
}

static void read_tcp(struct reader *r, struct dissected *d)
{
	unsigned header;

	d->from_port = reader_be16(r);
	d->to_port = reader_be16(r);
	d->sequence = reader_be32(r);
	d->acknowledgement = reader_be32(r);
	header = (reader_u8(r) >> 4) * 4u;
	d->flags = reader_u8(r);
	d->window = reader_be16(r);
	reader_skip(r, 4);
	if (header < 20) {
		r->failed = true;
		return;
	}
	reader_skip(r, header - 20);
}

static int read_transport(struct reader *r, struct dissected *d)
{
	static const struct {
		uint8_t protocol;
		enum frame_layer network, layer;
		void (*read)(struct reader *r, struct dissected *d);
	} table[] = {
		{NEXT_ICMP, FRAME_IPV4, FRAME_ICMP, read_icmp},
		{NEXT_ICMPV6, FRAME_IPV6, FRAME_ICMPV6, read_icmp},
		{NEXT_TCP, FRAME_END, FRAME_TCP, read_tcp},
		{NEXT_UDP, FRAME_END, FRAME_UDP, read_udp},
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table) && !d->later_fragment; i++) {
		if (table[i].protocol == d->protocol &&
		    (table[i].network == FRAME_END || table[i].network == d->network)) {
			d->transport = table[i].layer;
			table[i].read(r, d);
			break;
		}
	}
	d->payload = *r;
	return reader_ok(r) ? 0 : -1;
}

static int read_ipv4(struct reader *r, struct dissected *d)
{
	uint8_t first = reader_u8(r);
	unsigned header = (first & 0x0fu) * 4, total;
	struct reader inside;

	reader_skip(r, 1);
	total = reader_be16(r);
	reader_skip(r, 2);
	d->later_fragment = (reader_be16(r) & 0x1fff) != 0;
	d->hops = reader_u8(r);
	d->protocol = reader_u8(r);
	reader_skip(r, 2);
	d->from = address_at(r, ADDRESS_IPV4);
	d->to = address_at(r, ADDRESS_IPV4);
	if (!reader_ok(r) || first >> 4 != 4 || header < 20 || total < header) {
		return -1;
	}
	inside = within(r, total - 20);
	reader_skip(&inside, header - 20);
	return read_transport(&inside, d);
}

/* Steps over one extension header. Returns false where next is none. */
static bool step_over(struct reader *r, struct dissected *d)
{
	uint8_t kind = d->protocol;
	unsigned units;

	if (kind != NEXT_HOP_BY_HOP && kind != NEXT_ROUTING && kind != NEXT_FRAGMENT &&
	    kind != NEXT_DESTINATION) {
		return false;
	}
	d->protocol = reader_u8(r);
	units = reader_u8(r);
	if (kind == NEXT_FRAGMENT) {
		d->later_fragment = d->later_fragment || (reader_be16(r) & 0xfff8) != 0;
		reader_skip(r, 4);
	} else {
		reader_skip(r, units * 8 + 6);
	}
	return reader_ok(r) && !d->later_fragment;
}

static int read_ipv6(struct reader *r, struct dissected *d)
{
	bool sound = reader_be32(r) >> 28 == 6;
	size_t length = reader_be16(r);
	struct reader inside;
	unsigned count = 0;

	d->protocol = reader_u8(r);
	d->hops = reader_u8(r);
	d->from = address_at(r, ADDRESS_IPV6);
	d->to = address_at(r, ADDRESS_IPV6);
	if (!sound || !reader_ok(r)) {
		return -1;
	}
	inside = within(r, length);
	while (count < EXTENSIONS_MOST && step_over(&inside, d)) {
		count++;
	}
	return read_transport(&inside, d);
}

int dissect(const void *frame, size_t size, struct dissected *ret)
{
	static const struct {
		uint16_t type;
		enum frame_layer layer;
		int (*read)(struct reader *r, struct dissected *d);
	} table[] = {
		{TYPE_ARP, FRAME_ARP, read_arp},
		{TYPE_IPV4, FRAME_IPV4, read_ipv4},
		{TYPE_IPV6, FRAME_IPV6, read_ipv6},
	};
	struct dissected d = {.network = FRAME_END};
	struct reader r = reader_of(frame, size);
	size_t i;

	d.to_mac = reader_bytes(&r, 6);
	d.from_mac = reader_bytes(&r, 6);
	d.ethertype = reader_be16(&r);
	d.payload = r;
	if (!reader_ok(&r)) {
		return -1;
	}
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		if (table[i].type == d.ethertype) {
			d.network = table[i].layer;
			if (table[i].read(&r, &d) != 0) {
				return -1;
			}
		}
	}
	*ret = d;
	return 0;
}
