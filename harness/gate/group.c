/* group: one row a group. */
#define _GNU_SOURCE
#include "harness/gate/group.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "harness/banned.h"

static const struct {
	const char *word, *mac;
	uint16_t ethertype, udp_port;
} groups[] = {
#define MULTICAST(name, word, mac, ethertype, port) {word, mac, ethertype, port},
#include "harness/model/multicast.def"
};

bool group_find(uint32_t number, struct link_group *ret)
{
	if (number >= ARRAY_SIZE(groups)) {
		return false;
	}
	*ret = (struct link_group){.word = groups[number].word,
				   .mac = address_of(groups[number].mac),
				   .ethertype = groups[number].ethertype,
				   .udp_port = groups[number].udp_port};
	return true;
}

bool group_allowed(const struct device_link *link, const struct link_group *group)
{
	const char *const *word;

	for (word = link->multicast; word != NULL && *word != NULL; word++) {
		if (strcmp(*word, group->word) == 0) {
			return true;
		}
	}
	return false;
}

void group_filter(const struct link_group *group, const struct link *link, char *ret, size_t size)
{
	char port[40] = "";

	if (group->udp_port != 0) {
		snprintf(port, sizeof(port), " and udp dst port %u", group->udp_port);
	}
	snprintf(ret, size, "ether proto 0x%04x and ether dst %s and ether src %s%s",
		 group->ethertype, address_text(&group->mac).s, mac_text(link->device_mac).s, port);
}

int group_join(const struct link_group *group, const struct link *link, int packet_fd)
{
	struct packet_mreq order = {
		.mr_ifindex = (int)link->index, .mr_type = PACKET_MR_MULTICAST, .mr_alen = 6};

	memcpy(order.mr_address, group->mac.bytes, 6);
	return setsockopt(packet_fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &order, sizeof(order)) != 0
		       ? -errno
		       : 0;
}
