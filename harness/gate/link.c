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

struct own { /* an address of the machine */
	struct address address;
	unsigned prefix;
	bool here; /* on the link's interface */
};

enum { OWN_MAX = 64 };

/* Fills own with the machine's addresses. Returns their number or -errno. */
static int list_own(const struct link *link, struct own own[OWN_MAX])
{
	struct ifaddrs *all = NULL, *one;
	int count = 0;

	if (getifaddrs(&all) != 0) {
		return -errno;
	}
	for (one = all; one != NULL && count < OWN_MAX; one = one->ifa_next) {
		struct address address = {.family = ADDRESS_NONE};

		if (one->ifa_addr != NULL && one->ifa_netmask != NULL) {
			address = address_from_sockaddr(one->ifa_addr, NULL);
		}
		if (address_given(&address)) {
			own[count++] =
				(struct own){.address = address,
					     .prefix = prefix_of(one->ifa_netmask, address.family),
					     .here = strcmp(one->ifa_name, link->interface) == 0};
		}
	}
	freeifaddrs(all);
	return count;
}

static void add_device(struct link *link, const struct address *address, const struct own *own,
		       int count)
{
	struct link_device *device = &link->devices[link->device_count];
	int i;

	if (link->device_count > 0 && link_device_find(link, address) != NULL) {
		return;
	}
	link->device_count++;
	device->address = *address;
	for (i = 0; i < count; i++) {
		device->on_link =
			device->on_link ||
			(own[i].here && address_in_prefix(&own[i].address, address, own[i].prefix));
	}
}

/* Returns 0, or the exit code: a source must be an address of the interface. */
static int add_source(struct link *link, const struct source *source, const struct own *own,
		      int count, struct text *why)
{
	bool there = false;
	int i;

	for (i = 0; i < count; i++) {
		there = there || (own[i].here && address_equal(&own[i].address, &source->address));
	}
	if (!there) {
		/* "source address" as the profile's own short form says it */
		text_error(why, "%s address %s is not on interface '%s'",
			   strcmp(source->name, "main") == 0 ? "source" : source->name,
			   address_text(&source->address).s, link->interface);
		return EXIT_SET_UP_WRONGLY;
	}
	link->sources[link->source_count++] = *source;
	return 0;
}

/* The interface's own address for this family: one in the subnet of a device's
 * address first. */
static struct address choose_source(const struct link *link, enum address_family family,
				    const struct own *own, int count)
{
	struct address chosen = {.family = ADDRESS_NONE};
	size_t d;
	int i;

	for (d = 0; d < link->device_count; d++) {
		for (i = 0; i < count && link->devices[d].address.family == family; i++) {
			if (own[i].here && !address_given(&chosen) &&
			    address_in_prefix(&own[i].address, &link->devices[d].address,
					      own[i].prefix)) {
				chosen = own[i].address;
			}
		}
	}
	for (i = 0; i < count; i++) {
		if (own[i].here && own[i].address.family == family && !address_given(&chosen)) {
			chosen = own[i].address;
		}
	}
	return chosen;
}

/* The sources the profile declares, long form and short. */
static int add_declared(struct link *link, const struct profile *profile, const struct own *own,
			int count, struct text *why)
{
	const struct source brief[] = {{"main", profile->link.source},
				       {"witness", profile->link.witness}};
	size_t i;
	int code = 0;

	for (i = 0; i < profile->source_count && code == 0; i++) {
		code = add_source(link, &profile->sources[i], own, count, why);
	}
	for (i = 0; i < ARRAY_SIZE(brief) && code == 0; i++) {
		if (address_given(&brief[i].address) &&
		    link_source(link, brief[i].name, brief[i].address.family) == NULL) {
			code = add_source(link, &brief[i], own, count, why);
		}
	}
	return code;
}

/* Where the profile leaves it to the kernel: a main source for each family. */
static void add_chosen(struct link *link, const struct own *own, int count)
{
	static const enum address_family families[] = {ADDRESS_IPV4, ADDRESS_IPV6};
	struct source chosen = {.name = "main"};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(families); i++) {
		chosen.address = choose_source(link, families[i], own, count);
		if (link_source(link, "main", families[i]) == NULL &&
		    address_given(&chosen.address)) {
			link->sources[link->source_count++] = chosen;
			link->main_chosen = families[i] == ADDRESS_IPV6;
		}
	}
	for (i = 0; i < (size_t)count; i++) {
		if (own[i].here && address_is_link_local(&own[i].address)) {
			link->local = own[i].address;
		}
	}
}

/* The addresses of the interface against those the profile names. */
static int look_at_addresses(struct link *link, const struct profile *profile, struct text *why)
{
	struct own own[OWN_MAX];
	const struct address *first;
	int count = list_own(link, own), code, i;
	size_t d;

	if (count < 0) {
		text_error(why, "cannot list addresses: %s", strerror(-count));
		return EXIT_UNAVAILABLE;
	}
	add_device(link, &profile->link.address, own, count);
	for (d = 0; d < profile->link.ipv6_count; d++) {
		add_device(link, &profile->link.ipv6[d], own, count);
	}
	link->device = link->devices[0].address;
	link->on_link = link->devices[0].on_link;
	for (i = 0; i < count && !link->loopback; i++) {
		if (link_device_find(link, &own[i].address) != NULL) {
			text_error(why,
				   "%s is an address of this machine, not of a "
				   "device on '%s'",
				   address_text(&own[i].address).s, link->interface);
			return EXIT_SET_UP_WRONGLY;
		}
	}
	code = add_declared(link, profile, own, count, why);
	if (code != 0) {
		return code;
	}
	add_chosen(link, own, count);
	first = link_source(link, "main", link->device.family);
	if (first == NULL) {
		text_error(why, "interface '%s' has no %s address", link->interface,
			   address_family_word(link->device.family));
		return EXIT_SET_UP_WRONGLY;
	}
	link->source = *first;
	first = link_source(link, "witness", link->device.family);
	if (first != NULL) {
		link->witness = *first;
	}
	return 0;
}

const struct address *link_source(const struct link *link, const char *name,
				  enum address_family family)
{
	size_t i;

	for (i = 0; i < link->source_count; i++) {
		if (link->sources[i].address.family == family &&
		    strcmp(link->sources[i].name, name) == 0) {
			return &link->sources[i].address;
		}
	}
	return NULL;
}

const struct address *link_source_for(const struct link *link, const char *name, bool monitor,
				      const struct address *device)
{
	static const char *const usual[] = {"monitor", "witness", "main"};
	const struct address *found = NULL;
	size_t i;

	if (name[0] != '\0') {
		return !monitor && strcmp(name, "monitor") == 0
			       ? NULL
			       : link_source(link, name, device->family);
	}
	for (i = monitor ? 0 : 2; i < ARRAY_SIZE(usual) && found == NULL; i++) {
		found = link_source(link, usual[i], device->family);
	}
	if (i == ARRAY_SIZE(usual) && link->main_chosen && address_is_link_local(device) &&
	    address_given(&link->local)) {
		found = &link->local;
	}
	return found;
}

const struct link_device *link_device_find(const struct link *link, const struct address *address)
{
	size_t i;

	if (!address_given(address)) {
		return &link->devices[0];
	}
	for (i = 0; i < link->device_count; i++) {
		if (address_equal(&link->devices[i].address, address)) {
			return &link->devices[i];
		}
	}
	return NULL;
}

bool link_is_own(const struct link *link, const struct address *address)
{
	size_t i;

	if (address_given(&link->local) && address_equal(&link->local, address)) {
		return true;
	}
	for (i = 0; i < link->source_count; i++) {
		if (address_equal(&link->sources[i].address, address)) {
			return true;
		}
	}
	return false;
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
	code = look_at_addresses(&link, profile, why);
	if (code != 0) {
		return code;
	}
	look_at_rights(&link, ethernet);
	*ret = link;
	return 0;
}

bool link_over(const struct link *link, enum address_family family, struct link *ret)
{
	const struct address *source;
	size_t i;

	*ret = *link;
	if (family == ADDRESS_NONE || family == link->device.family) {
		return true;
	}
	for (i = 0; i < link->device_count; i++) {
		const struct link_device *device = &link->devices[i];

		source = link_source_for(link, "", false, &device->address);
		if (device->address.family == family && device->answered && source != NULL) {
			ret->device = device->address;
			ret->source = *source;
			return true;
		}
	}
	return false;
}

struct frame_ends link_ends(const struct link *link)
{
	struct frame_ends ends = {.from = link->source, .to = link->device};

	memcpy(ends.from_mac, link->source_mac, sizeof(ends.from_mac));
	memcpy(ends.to_mac, link->device_mac, sizeof(ends.to_mac));
	return ends;
}
