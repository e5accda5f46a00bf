/* link: interface, routes and addresses, from /proc and getifaddrs. */
#define _GNU_SOURCE
#include "harness/gate/link.h"
#include "harness/gate/later.h"

#include <errno.h>
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/banned.h"

enum { EXIT_SET_UP_WRONGLY = 2, EXIT_UNAVAILABLE = 3 };
enum { ROUTE_UP = 1, ROUTE_REJECT = 0x200 }; /* linux/route.h */

static bool default_route_v4(const char *interface)
{
	FILE *file = fopen("/proc/net/route", "re");
	unsigned destination, gateway, flags, mask;
	char line[256], name[16];
	bool found = false;

	if (file == NULL) {
		return false;
	}
	while (!found && fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, "%15s %8X %8X %X %*d %*d %*d %8X", name, &destination, &gateway,
			   &flags, &mask) != 5) {
			continue;
		}
		found = destination == 0 && mask == 0 && (flags & ROUTE_UP) != 0 &&
			(flags & ROUTE_REJECT) == 0 && strcmp(name, interface) == 0;
	}
	fclose(file);
	return found;
}

static bool default_route_v6(const char *interface)
{
	FILE *file = fopen("/proc/net/ipv6_route", "re");
	char line[256], destination[33], name[16];
	unsigned prefix, flags;
	bool found = false;

	if (file == NULL) {
		return false;
	}
	while (!found && fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, "%32s %2X %*32s %*2X %*32s %*8X %*8X %*8X %8X %15s", destination,
			   &prefix, &flags, name) != 4) {
			continue;
		}
		found = prefix == 0 && strspn(destination, "0") == 32 && (flags & ROUTE_UP) != 0 &&
			(flags & ROUTE_REJECT) == 0 && strcmp(name, interface) == 0;
	}
	fclose(file);
	return found;
}

/* Flags and hardware address of the interface. */
static int look_at_interface(struct link *link, bool *ret_ethernet, struct text *why)
{
	struct ifreq request;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	short flags;

	memset(&request, 0, sizeof(request));
	memcpy(request.ifr_name, link->interface, sizeof(link->interface));
	link->index = if_nametoindex(link->interface);
	if (fd < 0 || link->index == 0 || ioctl(fd, SIOCGIFFLAGS, &request) != 0) {
		text_error(why, "no interface '%s' on this machine", link->interface);
		goto failed;
	}
	flags = request.ifr_flags;
	if ((flags & IFF_UP) == 0) {
		text_error(why, "interface '%s' is down", link->interface);
		goto failed;
	}
	if ((flags & IFF_RUNNING) == 0) {
		text_error(why,
			   "interface '%s' has no link: is the cable in "
			   "and the device on?",
			   link->interface);
		goto failed;
	}
	link->loopback = (flags & IFF_LOOPBACK) != 0;
	*ret_ethernet = false;
	if (ioctl(fd, SIOCGIFHWADDR, &request) == 0 &&
	    request.ifr_hwaddr.sa_family == ARPHRD_ETHER) {
		memcpy(link->source_mac, request.ifr_hwaddr.sa_data, 6);
		*ret_ethernet = true;
	}
	close(fd);
	return 0;
failed:
	if (fd >= 0) {
		close(fd);
	}
	return EXIT_UNAVAILABLE;
}

/* How many bits of a netmask are set. */
static unsigned prefix_of(const struct sockaddr *netmask, enum address_family family)
{
	struct sockaddr_storage mask;
	struct address bits;
	unsigned prefix = 0;
	size_t size =
		family == ADDRESS_IPV4 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);

	memset(&mask, 0, sizeof(mask));
	memcpy(&mask, netmask, size);
	mask.ss_family = (sa_family_t)address_socket_family(family);
	bits = address_from_sockaddr((const struct sockaddr *)&mask, NULL);
	while (prefix < 8 * address_size(family) &&
	       (bits.bytes[prefix / 8] >> (7 - prefix % 8) & 1) != 0) {
		prefix++;
	}
	return prefix;
}

struct findings {                   /* among the machine's addresses */
	struct address first, near; /* on the interface; near: in the device's subnet */
	bool source, witness;       /* are there */
	bool self;                  /* the device's address is this machine's own */
};

static void look_at_address(struct link *link, const struct ifaddrs *one, struct findings *found)
{
	struct address own = address_from_sockaddr(one->ifa_addr, NULL);

	if (own.family != link->device.family) {
		return;
	}
	found->self = found->self || address_equal(&own, &link->device);
	if (strcmp(one->ifa_name, link->interface) != 0) {
		return;
	}
	if (address_in_prefix(&own, &link->device, prefix_of(one->ifa_netmask, own.family))) {
		found->near = address_given(&found->near) ? found->near : own;
		link->on_link = true;
	}
	found->first = address_given(&found->first) ? found->first : own;
	found->source = found->source || address_equal(&own, &link->source);
	found->witness = found->witness || address_equal(&own, &link->witness);
}

/* The addresses of the interface against those the profile names. */
static int look_at_addresses(struct link *link, struct text *why)
{
	struct ifaddrs *all = NULL, *one;
	struct findings found = {.self = false};

	if (getifaddrs(&all) != 0) {
		text_error(why, "cannot list addresses: %s", strerror(errno));
		return EXIT_UNAVAILABLE;
	}
	for (one = all; one != NULL; one = one->ifa_next) {
		if (one->ifa_addr != NULL && one->ifa_netmask != NULL) {
			look_at_address(link, one, &found);
		}
	}
	freeifaddrs(all);
	if (found.self && !link->loopback) {
		text_error(why,
			   "%s is an address of this machine, not of a "
			   "device on '%s'",
			   address_text(&link->device).s, link->interface);
		return EXIT_SET_UP_WRONGLY;
	}
	if (address_given(&link->source) && !found.source) {
		text_error(why, "source address %s is not on interface '%s'",
			   address_text(&link->source).s, link->interface);
		return EXIT_SET_UP_WRONGLY;
	}
	if (address_given(&link->witness) && !found.witness) {
		text_error(why, "witness address %s is not on interface '%s'",
			   address_text(&link->witness).s, link->interface);
		return EXIT_SET_UP_WRONGLY;
	}
	if (!address_given(&link->source)) {
		link->source = address_given(&found.near) ? found.near : found.first;
	}
	if (!address_given(&link->source)) {
		text_error(why, "interface '%s' has no %s address", link->interface,
			   address_family_word(link->device.family));
		return EXIT_SET_UP_WRONGLY;
	}
	return 0;
}

/* What may be done with raw sockets here, and if not, why not. */
static void look_at_rights(struct link *link, bool ethernet)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	const char *reason = NULL;

	link->capture = fd >= 0;
	if (link->loopback) {
		reason = "the interface is loopback: it carries no frames";
	} else if (fd < 0) {
		reason = "raw sockets are not granted: run as root, in a "
			 "namespace of your own, or with CAP_NET_RAW";
	} else if (!ethernet) {
		reason = "the interface is not Ethernet";
	} else if (!link->on_link) {
		reason = "the device is behind a router";
	} else if (link->device.family != ADDRESS_IPV4) {
		reason = "raw frames are for IPv4 alone so far";
	}
	if (fd >= 0) {
		later_close(fd);
	}
	link->raw = reason == NULL;
	snprintf(link->raw_reason, sizeof(link->raw_reason), "%s", reason == NULL ? "" : reason);
}

int link_look(const struct profile *profile, struct link *ret, struct text *why)
{
	struct link link;
	bool ethernet = false;
	int code;

	memset(&link, 0, sizeof(link));
	if (profile->link.interface == NULL) {
		text_error(why, "the profile names no interface");
		return EXIT_SET_UP_WRONGLY;
	}
	snprintf(link.interface, sizeof(link.interface), "%s", profile->link.interface);
	link.device = profile->link.address;
	link.source = profile->link.source;
	link.witness = profile->link.witness;
	code = look_at_interface(&link, &ethernet, why);
	if (code != 0) {
		return code;
	}
	if (!link.loopback && !profile->link.default_route_meant &&
	    (default_route_v4(link.interface) || default_route_v6(link.interface))) {
		text_error(why,
			   "interface '%s' carries a default route, so it is "
			   "not a bench of its own: use a separate interface, "
			   "or set 'link: shared: true' if this is meant",
			   link.interface);
		return EXIT_SET_UP_WRONGLY;
	}
	code = look_at_addresses(&link, why);
	if (code != 0) {
		return code;
	}
	look_at_rights(&link, ethernet);
	*ret = link;
	return 0;
}
