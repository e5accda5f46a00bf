/* tcp_frame: SYN out (RFC 9293), SYN+ACK or RST in. */
#include "probes/tcp/tcp_frame.h"

#include <string.h>

#include "harness/banned.h"

/* A keyed mix of 32 bits; enough that nobody but the device knows it. */
static uint32_t cookie(const struct tcp_syn *syn, uint16_t port)
{
	uint32_t x = (uint32_t)port * 0x9e3779b1u ^ syn->secret;

	x = (x ^ x >> 16) * 0x85ebca6bu;
	x = (x ^ x >> 13) * 0xc2b2ae35u;
	return x ^ x >> 16;
}

int tcp_syn_build(struct tcp_syn *syn, const struct wire_facts *facts, uint32_t secret,
		  struct text *why)
{
	/* RFC 9293, 2018, 7323, as a usual system sends them: filters drop what asks otherwise */
	static const uint8_t options[20] = {2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0, 0,
					    1, 0, 0,    0,    0, 0, 1, 3,  3, 7};
	static const struct frame_recipe recipe = {
		.layers = {FRAME_ETHERNET, FRAME_IP, FRAME_TCP},
		.options = options,
		.options_size = sizeof(options),
	};
	struct frame_ends ends = {
		.from = facts->source,
		.to = facts->device,
		.from_port = facts->port,
	};

	memcpy(ends.from_mac, facts->source_mac, sizeof(ends.from_mac));
	memcpy(ends.to_mac, facts->device_mac, sizeof(ends.to_mac));
	memset(syn, 0, sizeof(*syn));
	if (frame_build(&recipe, &ends, &syn->frame, why) != 0) {
		return -1;
	}
	syn->port = frame_slot(&syn->frame, FIELD_TARGET_PORT);
	syn->sequence = frame_slot(&syn->frame, FIELD_TCP_SEQUENCE);
	syn->secret = secret;
	syn->source_port = facts->port;
	syn->source = ends.from;
	syn->device = ends.to;
	tcp_syn_aim(syn, 0);
	return 0;
}

void tcp_syn_aim(struct tcp_syn *syn, uint16_t port)
{
	frame_slot_put(&syn->port, syn->frame.bytes, port);
	frame_slot_put(&syn->sequence, syn->frame.bytes, cookie(syn, port));
}

void tcp_syn_make_ack(const struct tcp_syn *syn, uint16_t port, struct frame *ret)
{
	*ret = syn->frame;
	frame_set(ret, FIELD_TARGET_PORT, port);
	frame_set(ret, FIELD_TCP_FLAGS, TCP_ACK);
	frame_set(ret, FIELD_TCP_ACKNOWLEDGEMENT, ~syn->secret);
}

enum tcp_answer tcp_answer_read(const struct tcp_syn *syn, const void *frame, size_t size,
				uint16_t *ret_port)
{
	struct dissected d;

	if (dissect(frame, size, &d) != 0 || d.transport != FRAME_TCP ||
	    !address_equal(&d.from, &syn->device) || !address_equal(&d.to, &syn->source) ||
	    d.to_port != syn->source_port ||
	    d.acknowledgement != (uint32_t)(cookie(syn, d.from_port) + 1)) {
		return TCP_ANSWER_NONE;
	}
	*ret_port = d.from_port;
	if ((d.flags & TCP_RST) != 0) {
		return (d.flags & TCP_ACK) != 0 ? TCP_ANSWER_CLOSED : TCP_ANSWER_NONE;
	}
	return (d.flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK) ? TCP_ANSWER_OPEN
								      : TCP_ANSWER_NONE;
}
