/*
 * tcp_frame: SYN out (RFC 9293, built once by libnet), SYN+ACK or RST in.
 *
 *  Ethernet   IPv4                          TCP
 *  0       14                            34 source  36 dest  38 sequence
 *  | dst src type | 26 source  30 dest    | 42 ack  46 off|flags  50 checksum |
 */
#define _DEFAULT_SOURCE /* libnet.h uses BSD's type names */
#include "probes/tcp/tcp_frame.h"

#include <libnet.h>
#include <string.h>

#include "harness/banned.h"

enum { AT_TCP = 34, AT_PORT = 36, AT_SEQUENCE = 38, AT_SUM = 50 };
enum { FLAG_SYN = 0x02, FLAG_RST = 0x04, FLAG_ACK = 0x10 };

/* A keyed mix of 32 bits; enough that nobody but the device knows it. */
static uint32_t cookie(const struct tcp_syn *syn, uint16_t port)
{
	uint32_t x = (uint32_t)port * 0x9e3779b1u ^ syn->secret;

	x = (x ^ x >> 16) * 0x85ebca6bu;
	x = (x ^ x >> 13) * 0xc2b2ae35u;
	return x ^ x >> 16;
}

static void put_be16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static uint32_t sum_words(const uint8_t *at, size_t size)
{
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i + 1 < size; i += 2) {
		sum += (uint32_t)at[i] << 8 | at[i + 1];
	}
	return sum;
}

/* Everything of the pseudo header and segment that stays the same. */
static void prepare_sum(struct tcp_syn *syn)
{
	uint8_t *f = syn->frame;

	memset(f + AT_PORT, 0, 6);
	memset(f + AT_SUM, 0, 2);
	syn->sum = sum_words(f + 26, 8) + IPPROTO_TCP + TCP_SYN_SIZE - AT_TCP +
		   sum_words(f + AT_TCP, TCP_SYN_SIZE - AT_TCP);
}

static int build(libnet_t *l, const struct wire_facts *facts)
{
	static const uint8_t mss[4] = {2, 4, 0x05, 0xb4};

	if (libnet_build_tcp_options(mss, sizeof(mss), l, 0) < 0 ||
	    libnet_build_tcp(facts->port, 0, 0, 0, TH_SYN, 1024, 0, 0, 24, NULL, 0, l, 0) < 0 ||
	    libnet_build_ipv4(44, 0, 0, IP_DF, 64, IPPROTO_TCP, 0, address_ipv4(&facts->source),
			      address_ipv4(&facts->device), NULL, 0, l, 0) < 0) {
		return -1;
	}
	return libnet_build_ethernet(facts->device_mac, facts->source_mac, ETHERTYPE_IP, NULL, 0, l,
				     0) < 0
		       ? -1
		       : 0;
}

static int build_frame(struct tcp_syn *syn, const struct wire_facts *facts, struct text *why)
{
	char error[LIBNET_ERRBUF_SIZE] = "";
	libnet_t *l = libnet_init(LIBNET_NONE, NULL, error);
	uint8_t *bytes = NULL;
	uint32_t size = 0;
	int ret = -1;

	if (l == NULL) {
		return text_error(why, "libnet: %s", error);
	}
	/* LIBNET_NONE opens no socket, but refuses to hand out the frame;
	 * LIBNET_LINK_ADV hands it out, but its initialiser opens a raw
	 * socket. The type only selects how the parts are put together. */
	l->injection_type = LIBNET_LINK_ADV;
	if (build(l, facts) != 0 || libnet_adv_cull_packet(l, &bytes, &size) < 0) {
		text_error(why, "libnet: %s", libnet_geterror(l));
	} else if (size != TCP_SYN_SIZE) {
		text_error(why, "libnet built %u bytes, not %d", size, TCP_SYN_SIZE);
	} else {
		memcpy(syn->frame, bytes, TCP_SYN_SIZE);
		ret = 0;
	}
	if (bytes != NULL) {
		libnet_adv_free_packet(l, bytes);
	}
	libnet_destroy(l);
	return ret;
}

int tcp_syn_build(struct tcp_syn *syn, const struct wire_facts *facts, uint32_t secret,
		  struct text *why)
{
	memset(syn, 0, sizeof(*syn));
	if (build_frame(syn, facts, why) != 0) {
		return -1;
	}
	syn->secret = secret;
	syn->source_port = facts->port;
	syn->source = ntohl(address_ipv4(&facts->source));
	syn->device = ntohl(address_ipv4(&facts->device));
	prepare_sum(syn);
	tcp_syn_aim(syn, 0);
	return 0;
}

void tcp_syn_aim(struct tcp_syn *syn, uint16_t port)
{
	uint32_t sequence = cookie(syn, port);
	uint32_t sum = syn->sum + port + (sequence >> 16) + (sequence & 0xffff);

	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	put_be16(syn->frame + AT_PORT, port);
	put_be16(syn->frame + AT_SEQUENCE, sequence >> 16);
	put_be16(syn->frame + AT_SEQUENCE + 2, sequence);
	put_be16(syn->frame + AT_SUM, ~sum);
}

/* Returns the segment inside an Ethernet frame from the device to us. */
static struct reader segment_of(const struct tcp_syn *syn, const void *frame, size_t size)
{
	struct reader r = reader_of(frame, size);
	unsigned version, header, total;
	bool ours;

	reader_skip(&r, 12);
	ours = reader_be16(&r) == ETHERTYPE_IP;
	version = reader_u8(&r);
	header = (version & 0x0f) * 4;
	reader_skip(&r, 1);
	total = reader_be16(&r);
	reader_skip(&r, 2);
	ours = ours && (reader_be16(&r) & 0x3fff) == 0; /* no fragment */
	reader_skip(&r, 1);
	ours = ours && reader_u8(&r) == IPPROTO_TCP;
	reader_skip(&r, 2);
	ours = ours && reader_be32(&r) == syn->device;
	ours = ours && reader_be32(&r) == syn->source;
	if (!ours || version >> 4 != 4 || header < 20 || total < header) {
		return reader_of(NULL, 0);
	}
	reader_skip(&r, header - 20);
	return reader_sub(&r, total - header);
}

enum tcp_answer tcp_answer_read(const struct tcp_syn *syn, const void *frame, size_t size,
				uint16_t *ret_port)
{
	struct reader r = segment_of(syn, frame, size);
	uint16_t port = reader_be16(&r);
	bool ours = reader_be16(&r) == syn->source_port;
	uint32_t ack;
	uint8_t flags;

	reader_skip(&r, 4);
	ack = reader_be32(&r);
	reader_skip(&r, 1);
	flags = reader_u8(&r);
	if (!reader_ok(&r) || !ours || ack != cookie(syn, port) + 1) {
		return TCP_ANSWER_NONE;
	}
	*ret_port = port;
	if ((flags & FLAG_RST) != 0) {
		return (flags & FLAG_ACK) != 0 ? TCP_ANSWER_CLOSED : TCP_ANSWER_NONE;
	}
	return (flags & (FLAG_SYN | FLAG_ACK)) == (FLAG_SYN | FLAG_ACK) ? TCP_ANSWER_OPEN
									: TCP_ANSWER_NONE;
}
