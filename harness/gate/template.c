/* template: the few frames the gate itself makes, built with libnet. */
#define _GNU_SOURCE
#include "harness/gate/template.h"
#include "harness/gate/later.h"

#include <libnet.h>
#include <string.h>

#include "harness/banned.h"

static libnet_t *open_libnet(const struct link *link, struct text *why)
{
	char error[LIBNET_ERRBUF_SIZE] = "";
	libnet_t *net = libnet_init(LIBNET_LINK_ADV, link->interface, error);

	if (net == NULL) {
		text_error(why, "cannot open libnet on '%s': %s", link->interface, error);
	}
	return net;
}

/* Takes the finished frame out of libnet and closes it. */
static int cull(libnet_t *net, bool built, struct template *ret, struct text *why)
{
	uint8_t *frame = NULL;
	uint32_t size = 0;
	int error = 0;

	if (!built || libnet_adv_cull_packet(net, &frame, &size) == -1) {
		error = text_error(why, "libnet cannot build the frame: %s", libnet_geterror(net));
	} else if (size > sizeof(ret->bytes)) {
		error = text_error(why, "libnet built %u bytes", size);
	} else {
		memcpy(ret->bytes, frame, size);
		ret->size = size;
	}
	if (frame != NULL) {
		libnet_adv_free_packet(net, frame);
	}
	later_libnet_destroy(net);
	return error;
}

int template_arp(const struct link *link, struct template *ret, struct text *why)
{
	static const uint8_t nobody[6], everybody[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	libnet_t *net = open_libnet(link, why);
	bool built;

	if (net == NULL) {
		return -1;
	}
	built = libnet_build_arp(ARPHRD_ETHER, ETHERTYPE_IP, 6, 4, ARPOP_REQUEST, link->source_mac,
				 link->source.bytes, nobody, link->device.bytes, NULL, 0, net,
				 0) != -1 &&
		libnet_build_ethernet(everybody, link->source_mac, ETHERTYPE_ARP, NULL, 0, net,
				      0) != -1;
	return cull(net, built, ret, why);
}

int template_syn(const struct link *link, uint16_t from, uint16_t to, struct template *ret,
		 struct text *why)
{
	static const uint8_t mss[4] = {2, 4, 0x05, 0xb4}; /* 1460 */
	libnet_t *net = open_libnet(link, why);
	bool built;

	if (net == NULL) {
		return -1;
	}
	built = libnet_build_tcp_options(mss, sizeof(mss), net, 0) != -1 &&
		libnet_build_tcp(from, to, 1, 0, TH_SYN, 1024, 0, 0, LIBNET_TCP_H + sizeof(mss),
				 NULL, 0, net, 0) != -1 &&
		libnet_build_ipv4(LIBNET_IPV4_H + LIBNET_TCP_H + sizeof(mss), 0, 1, 0, 64,
				  IPPROTO_TCP, 0, address_ipv4(&link->source),
				  address_ipv4(&link->device), NULL, 0, net, 0) != -1 &&
		libnet_build_ethernet(link->device_mac, link->source_mac, ETHERTYPE_IP, NULL, 0,
				      net, 0) != -1;
	return cull(net, built, ret, why);
}
