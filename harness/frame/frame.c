/*
 * frame: puts layers together with libnet. libnet computes no checksum here: it
 * is wrong behind IPv6 extension headers (1.1.6), and 0 for UDP is no checksum;
 * sum.c has them all.
 */
#define _DEFAULT_SOURCE /* libnet.h uses BSD's type names */
#include "harness/frame/sum.h"

#include <libnet.h>
#include <string.h>

#include "harness/banned.h"

enum { ECHO_REQUEST = 8, ECHO_REQUEST_V6 = 128, HOPS = 64, WINDOW = 1024 };
enum { NOT_COMPUTED = 1 }; /* 0 makes libnet compute a checksum */
enum { PROTOCOL_NONE = 59 };

static const struct {
	const char *words;
	uint16_t size;
} layers[] = {
	[FRAME_END] = {"nothing", 0},
#define LAYER(name, size, words) [FRAME_##name] = {words, size},
#include "harness/frame/layer.def"
#undef LAYER
};

/* A frame being made: layers as they are, and how much is behind each. */
struct making {
	const struct frame_recipe *recipe;
	const struct frame_ends *ends;
	libnet_t *net;
	struct frame *frame;
	unsigned at; /* the part being built */
};

const char *frame_layer_words(enum frame_layer layer)
{
	return (size_t)layer < ARRAY_SIZE(layers) ? layers[layer].words : "?";
}

static enum frame_layer layer_at(const struct making *m, unsigned at)
{
	return m->frame->parts[at].layer;
}

/* Bytes from the start of the part being built to the frame's end. */
static uint16_t size_from(const struct making *m)
{
	return (uint16_t)(m->frame->size - m->frame->parts[m->at].at);
}

/* EtherType or protocol number of what is behind the part being built. */
static uint16_t next_number(const struct making *m)
{
	static const uint16_t numbers[] = {
		[FRAME_END] = PROTOCOL_NONE,
		[FRAME_ARP] = ETHERTYPE_ARP,
		[FRAME_IPV4] = ETHERTYPE_IP,
		[FRAME_IPV6] = ETHERTYPE_IPV6,
		[FRAME_HOP_OPTIONS] = 0,
		[FRAME_FRAGMENT] = 44,
		[FRAME_ICMP] = 1,
		[FRAME_ICMPV6] = 58,
		[FRAME_TCP] = 6,
		[FRAME_UDP] = 17,
	};

	return numbers[layer_at(m, m->at + 1)];
}

static int build_ethernet(const struct making *m)
{
	return libnet_build_ethernet(m->ends->to_mac, m->ends->from_mac, next_number(m), NULL, 0,
				     m->net, 0);
}

static int build_arp(const struct making *m)
{
	static const uint8_t nobody[6];

	return libnet_build_arp(ARPHRD_ETHER, ETHERTYPE_IP, 6, 4, ARPOP_REQUEST, m->ends->from_mac,
				m->ends->from.bytes, nobody, m->ends->to.bytes, NULL, 0, m->net, 0);
}

static int build_ipv4(const struct making *m)
{
	return libnet_build_ipv4(size_from(m), 0, 1, IP_DF, HOPS, (uint8_t)next_number(m),
				 NOT_COMPUTED, address_ipv4(&m->ends->from),
				 address_ipv4(&m->ends->to), NULL, 0, m->net, 0);
}

static int build_ipv6(const struct making *m)
{
	struct libnet_in6_addr from, to;

	memcpy(&from, m->ends->from.bytes, sizeof(from));
	memcpy(&to, m->ends->to.bytes, sizeof(to));
	return libnet_build_ipv6(0, 0, (uint16_t)(size_from(m) - LIBNET_IPV6_H),
				 (uint8_t)next_number(m), HOPS, from, to, NULL, 0, m->net, 0);
}

/* RFC 8200, 4.3: next header, length 0, and one PadN option of six bytes. */
static int build_hop_options(const struct making *m)
{
	const uint8_t bytes[8] = {(uint8_t)next_number(m), 0, 1, 4, 0, 0, 0, 0};

	return libnet_build_data(bytes, sizeof(bytes), m->net, 0);
}

/* RFC 8200, 4.5: next header, reserved, offset 0 and no more, identification. */
static int build_fragment(const struct making *m)
{
	const uint8_t bytes[8] = {(uint8_t)next_number(m), 0, 0, 0, 0, 0, 0, 1};

	return libnet_build_data(bytes, sizeof(bytes), m->net, 0);
}

static int build_icmp(const struct making *m)
{
	return libnet_build_icmpv4_echo(ECHO_REQUEST, 0, NOT_COMPUTED, 0, 0, NULL, 0, m->net, 0);
}

static int build_icmpv6(const struct making *m)
{
	return libnet_build_icmpv6_echo(ECHO_REQUEST_V6, 0, NOT_COMPUTED, 0, 0, NULL, 0, m->net, 0);
}

static int build_tcp(const struct making *m)
{
	const struct frame_recipe *recipe = m->recipe;

	if (recipe->options_size > 0 &&
	    libnet_build_tcp_options(recipe->options, (uint32_t)recipe->options_size, m->net, 0) ==
		    -1) {
		return -1;
	}
	return libnet_build_tcp(m->ends->from_port, m->ends->to_port, 1, 0, TH_SYN, WINDOW,
				NOT_COMPUTED, 0, size_from(m), NULL, 0, m->net, 0);
}

static int build_udp(const struct making *m)
{
	return libnet_build_udp(m->ends->from_port, m->ends->to_port, size_from(m), NOT_COMPUTED,
				NULL, 0, m->net, 0);
}

static int build_part(const struct making *m)
{
	static int (*const builders[])(const struct making *) = {
		[FRAME_ETHERNET] = build_ethernet,
		[FRAME_ARP] = build_arp,
		[FRAME_IPV4] = build_ipv4,
		[FRAME_IPV6] = build_ipv6,
		[FRAME_HOP_OPTIONS] = build_hop_options,
		[FRAME_FRAGMENT] = build_fragment,
		[FRAME_ICMP] = build_icmp,
		[FRAME_ICMPV6] = build_icmpv6,
		[FRAME_TCP] = build_tcp,
		[FRAME_UDP] = build_udp,
	};

	return builders[layer_at(m, m->at)](m);
}

/* IP and echo as they are between these two addresses. */
static enum frame_layer resolve(enum frame_layer layer, const struct frame_ends *ends)
{
	bool six = ends->from.family == ADDRESS_IPV6;

	if (layer == FRAME_IP) {
		return six ? FRAME_IPV6 : FRAME_IPV4;
	}
	if (layer == FRAME_ECHO) {
		return six ? FRAME_ICMPV6 : FRAME_ICMP;
	}
	return layer;
}

/* The family of addresses a layer needs; none: any, or none at all. */
static enum address_family family_needed(enum frame_layer layer)
{
	if (layer == FRAME_ARP || layer == FRAME_IPV4) {
		return ADDRESS_IPV4;
	}
	return layer == FRAME_IPV6 ? ADDRESS_IPV6 : ADDRESS_NONE;
}

/* Which layers, and where each begins. */
static int lay_out(struct making *m, struct text *why)
{
	const struct frame_recipe *recipe = m->recipe;
	const struct frame_ends *ends = m->ends;
	struct frame *frame = m->frame;
	enum address_family needed;
	size_t size = 0;
	unsigned i;

	for (i = 0; i < FRAME_LAYERS && recipe->layers[i] != FRAME_END; i++) {
		enum frame_layer layer = resolve(recipe->layers[i], ends);

		needed = family_needed(layer);
		if ((i == 0) != (layer == FRAME_ETHERNET)) {
			return text_error(why, "a frame begins with Ethernet, once");
		}
		if (needed != ADDRESS_NONE &&
		    (ends->from.family != needed || ends->to.family != needed)) {
			return text_error(why, "%s is not between these addresses",
					  frame_layer_words(layer));
		}
		frame->parts[i].layer = layer;
		frame->parts[i].at = (uint16_t)size;
		size += layers[layer].size;
		size += layer == FRAME_TCP ? recipe->options_size : 0;
	}
	size += recipe->payload_size;
	if (i == 0 || size > FRAME_MAX || recipe->options_size > 40 ||
	    recipe->options_size % 4 != 0) {
		return text_error(why, "%u layers of %zu bytes are not a frame", i, size);
	}
	frame->size = size;
	return 0;
}

/* libnet wants the innermost first. */
static int assemble(struct making *m)
{
	const struct frame_recipe *recipe = m->recipe;

	if (recipe->payload_size > 0 &&
	    libnet_build_data(recipe->payload, (uint32_t)recipe->payload_size, m->net, 0) == -1) {
		return -1;
	}
	for (m->at = 0; layer_at(m, m->at) != FRAME_END; m->at++) {
	}
	while (m->at > 0) {
		m->at--;
		if (build_part(m) == -1) {
			return -1;
		}
	}
	return 0;
}

/* Takes the finished frame out of libnet. */
static int take_out(struct making *m, struct text *why)
{
	uint8_t *bytes = NULL;
	uint32_t size = 0;
	int error = 0;

	if (assemble(m) != 0 || libnet_adv_cull_packet(m->net, &bytes, &size) == -1) {
		error = text_error(why, "libnet: %s", libnet_geterror(m->net));
	} else if (size != m->frame->size) {
		error = text_error(why, "libnet built %u bytes, not %zu", size, m->frame->size);
	} else {
		memcpy(m->frame->bytes, bytes, size);
	}
	if (bytes != NULL) {
		libnet_adv_free_packet(m->net, bytes);
	}
	return error;
}

int frame_build(const struct frame_recipe *recipe, const struct frame_ends *ends, struct frame *ret,
		struct text *why)
{
	char error[LIBNET_ERRBUF_SIZE] = "";
	struct frame frame = {.size = 0};
	struct making m = {.recipe = recipe, .ends = ends, .frame = &frame};
	unsigned i;
	int failed;

	if (lay_out(&m, why) != 0) {
		return -1;
	}
	m.net = libnet_init(LIBNET_NONE, NULL, error);
	if (m.net == NULL) {
		return text_error(why, "libnet: %s", error);
	}
	/* LIBNET_NONE opens no socket, but refuses to hand out the frame;
	 * LIBNET_LINK_ADV hands it out, but its initialiser opens a raw
	 * socket. The type only selects how the parts are put together. */
	m.net->injection_type = LIBNET_LINK_ADV;
	failed = take_out(&m, why);
	libnet_destroy(m.net);
	if (failed != 0) {
		return -1;
	}
	for (i = 0; i < FRAME_VALUES && recipe->values[i].field != FIELD_END; i++) {
		if (frame_has(&frame, recipe->values[i].field)) {
			frame_set(&frame, recipe->values[i].field, recipe->values[i].value);
		}
	}
	sum_all(&frame, recipe->wrong);
	*ret = frame;
	return 0;
}
