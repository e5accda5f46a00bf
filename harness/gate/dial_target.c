/* dial_target: whether the two ends that a request names are the device's and the tester's own. */
#define _GNU_SOURCE
#include "harness/gate/dial.h"

#include <errno.h>
#include <string.h>

#include "harness/banned.h"

static bool port_excluded(const struct device_link *link, uint16_t port)
{
	size_t i;

	for (i = 0; i < link->exclude_count; i++) {
		if (link->exclude_ports[i] == port) {
			return true;
		}
	}
	return false;
}

/* The address and source a request names. */
static int find_ends(const struct link *link, const struct dial_request *request, bool monitor,
		     struct tally *tally, struct dial_target *ret)
{
	const struct link_device *device = link_device_find(link, &request->device);
	const struct address *source;
	char name[SOURCE_NAME_SIZE];

	memcpy(name, request->source, sizeof(name));
	name[sizeof(name) - 1] = '\0';
	if (device == NULL) {
		tally_refuse(tally, "that is not an address of the device");
		return -EACCES;
	}
	if (request->port == 0 || request->port > 65535) {
		tally_refuse(tally, "%u is not a port", request->port);
		return -EACCES;
	}
	if (!monitor && strcmp(name, "monitor") == 0) {
		tally_refuse(tally, "the source 'monitor' is for monitors alone");
		return -EACCES;
	}
	source = link_source_for(link, name, monitor, &device->address);
	if (source == NULL) {
		tally_refuse(tally, "the profile has no such source of that family for this check");
		return -EADDRNOTAVAIL;
	}
	ret->source = *source;
	ret->device = device->address;
	ret->port = (uint16_t)request->port;
	return 0;
}

int dial_target(const struct profile *profile, const struct link *link,
		const struct dial_request *request, bool monitor, struct tally *tally,
		struct dial_target *ret)
{
	struct dial_target target;
	int error = find_ends(link, request, monitor, tally, &target);

	if (error == 0 && port_excluded(&profile->link, target.port)) {
		tally_refuse(tally, "port %u is excluded by the profile", target.port);
		error = -EACCES;
	}
	if (error == 0) {
		*ret = target;
	}
	return error;
}

int dial_listening(const struct link *link, const struct dial_request *request, struct tally *tally,
		   struct dial_target *ret)
{
	return find_ends(link, request, false, tally, ret);
}
