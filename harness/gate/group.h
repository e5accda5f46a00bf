/* group: the multicast groups of harness/model/multicast.def, as frames to them
 * look. */
#ifndef ASSAY_GATE_GROUP_H
#define ASSAY_GATE_GROUP_H

#include "harness/gate/link.h"

struct link_group {
	const char *word; /* as in the profile: "lldp" */
	struct address mac;
	uint16_t ethertype;
	uint16_t udp_port; /* 0: not over UDP */
};

/* The group of this number (enum multicast_group), or false. */
bool group_find(uint32_t number, struct link_group *ret);
/* True if the profile allows to listen to it. */
bool group_allowed(const struct device_link *link, const struct link_group *group);
/* What the device says to the group, as a pcap-filter(7). */
void group_filter(const struct link_group *group, const struct link *link, char *ret, size_t size);
/* Lets the interface take frames to the group while the packet socket is open.
 * Returns 0 or -errno. */
int group_join(const struct link_group *group, const struct link *link, int packet_fd);

#endif
