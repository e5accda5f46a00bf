/*
 * icmp_frame: RFC 792 echo.
 *
 *  14 IPv4   34 ICMP: | type 8, 0 | code | checksum | id | sequence | data
 */
#define _DEFAULT_SOURCE /* libnet.h uses BSD's type names */
#include "probes/monitors/icmp_frame.h"

#include <libnet.h>
#include <string.h>

#include "harness/banned.h"

static int build(libnet_t *l, const struct wire_facts *facts, uint16_t id, uint16_t sequence)
{
	static const uint8_t data[18];

	if (libnet_build_icmpv4_echo(ICMP_ECHO, 0, 0, id, sequence, data, sizeof(data), l, 0) < 0 ||
	    libnet_build_ipv4(ICMP_ECHO_SIZE - 14, 0, id, 0, 64, IPPROTO_ICMP, 0,
			      address_ipv4(&facts->source), address_ipv4(&facts->device), NULL, 0,
			      l, 0) < 0) {
		return -1;
	}
	return libnet_build_ethernet(facts->device_mac, facts->source_mac, ETHERTYPE_IP, NULL, 0, l,
				     0) < 0
		       ? -1
		       : 0;
}

int icmp_echo_build(struct icmp_echo *echo, const struct wire_facts *facts, uint16_t id,
		    uint16_t sequence, struct text *why)
{
	char error[LIBNET_ERRBUF_SIZE] = "";
	libnet_t *l = libnet_init(LIBNET_NONE, NULL, error);
	uint8_t *bytes = NULL;
	uint32_t size = 0;
	int ret = 0;

	if (l == NULL) {
		return text_error(why, "libnet: %s", error);
	}
	/* As in tcp_frame.c: no socket, but the whole frame. */
	l->injection_type = LIBNET_LINK_ADV;
	if (build(l, facts, id, sequence) != 0 || libnet_adv_cull_packet(l, &bytes, &size) < 0 ||
	    size != ICMP_ECHO_SIZE) {
		ret = text_error(why, "libnet: %s", libnet_geterror(l));
	} else {
		memcpy(echo->bytes, bytes, ICMP_ECHO_SIZE);
		echo->id = id;
		echo->sequence = sequence;
	}
	if (bytes != NULL) {
		libnet_adv_free_packet(l, bytes);
	}
	libnet_destroy(l);
	return ret;
}

bool icmp_reply_matches(const struct icmp_echo *echo, const struct wire_facts *facts,
			const void *frame, size_t size)
{
	struct reader r = reader_of(frame, size);
	uint8_t version;
	bool ours;

	reader_skip(&r, 12);
	ours = reader_be16(&r) == ETHERTYPE_IP;
	version = reader_u8(&r);
	reader_skip(&r, 8);
	ours = reader_u8(&r) == IPPROTO_ICMP && ours;
	reader_skip(&r, 2);
	ours = reader_be32(&r) == ntohl(address_ipv4(&facts->device)) && ours;
	ours = reader_be32(&r) == ntohl(address_ipv4(&facts->source)) && ours;
	if (version >> 4 != 4 || (version & 0x0f) < 5) {
		return false;
	}
	reader_skip(&r, (version & 0x0f) * 4u - 20);
	ours = reader_u8(&r) == ICMP_ECHOREPLY && ours;
	reader_skip(&r, 3);
	ours = reader_be16(&r) == echo->id && ours;
	ours = reader_be16(&r) == echo->sequence && ours;
	return ours && reader_ok(&r);
}
