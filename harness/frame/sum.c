/* sum: one's complement sums over headers, segments and pseudo headers. */
#include "harness/frame/sum.h"

#include "harness/banned.h"

enum { IPV4_SUM_AT = 10, ICMP_SUM_AT = 2, TCP_SUM_AT = 16, UDP_SUM_AT = 6 };
enum { OFF_PURPOSE = 0x0101 };

uint16_t sum_at(const struct frame_part *part)
{
	static const struct {
		enum frame_layer layer;
		uint16_t at;
	} sums[] = {
		{FRAME_IPV4, IPV4_SUM_AT}, {FRAME_ICMP, ICMP_SUM_AT}, {FRAME_ICMPV6, ICMP_SUM_AT},
		{FRAME_TCP, TCP_SUM_AT},   {FRAME_UDP, UDP_SUM_AT},
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sums); i++) {
		if (sums[i].layer == part->layer) {
			return (uint16_t)(part->at + sums[i].at);
		}
	}
	return 0;
}

bool sum_covers_addresses(const struct frame_part *part)
{
	return part->layer == FRAME_TCP || part->layer == FRAME_UDP || part->layer == FRAME_ICMPV6;
}

static uint32_t add_words(uint32_t sum, const uint8_t *at, size_t size)
{
	size_t i;

	for (i = 0; i + 1 < size; i += 2) {
		sum += (uint32_t)at[i] << 8 | at[i + 1];
	}
	if (i < size) {
		sum += (uint32_t)at[i] << 8;
	}
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* Addresses, length and protocol; the IP header is the nearest one outside. */
static uint32_t pseudo_header(const struct frame *frame, const struct frame_part *part, size_t size)
{
	static const uint8_t protocols[] = {[FRAME_TCP] = 6, [FRAME_UDP] = 17, [FRAME_ICMPV6] = 58};
	const struct frame_part *ip = part;
	uint32_t sum = (uint32_t)size + protocols[part->layer];

	while (ip > frame->parts) {
		ip--;
		if (ip->layer == FRAME_IPV4) {
			return add_words(sum, frame->bytes + ip->at + 12, 8);
		}
		if (ip->layer == FRAME_IPV6) {
			return add_words(sum, frame->bytes + ip->at + 8, 32);
		}
	}
	return sum;
}

void sum_all(struct frame *frame, enum frame_layer wrong)
{
	const struct frame_part *part;

	for (part = frame->parts; part->layer != FRAME_END; part++) {
		size_t size = frame->size - part->at;
		uint16_t at = sum_at(part), value;
		uint32_t sum = 0;

		if (at == 0) {
			continue;
		}
		frame->bytes[at] = frame->bytes[at + 1] = 0;
		if (part->layer == FRAME_IPV4) {
			size = part[1].layer == FRAME_END ? size : (size_t)(part[1].at - part->at);
		}
		if (sum_covers_addresses(part)) {
			sum = pseudo_header(frame, part, size);
		}
		value = (uint16_t)~fold(add_words(sum, frame->bytes + part->at, size));
		if (part->layer == wrong) {
			value = fold((uint32_t)value + OFF_PURPOSE);
		}
		if (part->layer == FRAME_UDP && value == 0) {
			value = 0xffff;
		}
		frame->bytes[at] = (uint8_t)(value >> 8);
		frame->bytes[at + 1] = (uint8_t)value;
	}
}
