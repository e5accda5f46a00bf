/* load: families, ports and the proof of scope. */
#define _GNU_SOURCE
#include "harness/gate/load.h"

#include <errno.h>
#include <string.h>

#include "harness/banned.h"

static bool port_declared(const struct profile *profile, uint32_t port, bool udp)
{
	size_t i;

	for (i = 0; i < profile->service_count; i++) {
		if (profile->services[i].udp == udp && profile->services[i].port == port) {
			return true;
		}
	}
	return false;
}

/* The name as a text that ends. */
static struct text name_of(const struct storm_part_request *part)
{
	struct text name;

	text_error(&name, "%.*s", FAMILY_NAME - 1, part->family);
	return name;
}

static int part_allowed(const struct storm_part_request *part, const struct profile *profile,
			struct text *why)
{
	const struct family *family = family_find(name_of(part).s);
	enum frame_layer transport;

	if (family == NULL) {
		text_error(why, "there is no load family '%.*s'", FAMILY_NAME - 1, part->family);
		return -EINVAL;
	}
	transport = family_transport(family);
	if (transport != FRAME_END && !port_declared(profile, part->port, transport == FRAME_UDP)) {
		text_error(why, "%s port %u is not a service the profile declares",
			   frame_layer_words(transport), part->port);
		return -EACCES;
	}
	return 0;
}

int load_allowed(const struct storm_request *request, const struct profile *profile,
		 struct text *why)
{
	int error = 0;
	size_t i;

	if (request->part_count < 1 || request->part_count > STORM_PARTS) {
		text_error(why, "a load mixes 1 to %d families, not %u", STORM_PARTS,
			   request->part_count);
		return -EINVAL;
	}
	for (i = 0; i < request->part_count && error == 0; i++) {
		error = part_allowed(&request->parts[i], profile, why);
	}
	return error;
}

int load_prove(const struct pattern *pattern, const struct scope *scope, struct text *why)
{
	uint64_t count = pattern_bound(pattern), n;
	uint8_t bytes[FRAME_MAX];

	if (count == 0) {
		text_error(why, "its fields say who and where in more than %d ways",
			   PATTERN_BOUND_MOST);
		return -EACCES;
	}
	for (n = 0; n < count; n++) {
		pattern_write_bound(pattern, n, bytes);
		if (scope_check(scope, bytes, pattern->frame.size, why) != 0) {
			return -EACCES;
		}
	}
	return 0;
}

int load_make(const struct storm_request *request, const struct scope *scope, struct load *ret,
	      struct text *why)
{
	size_t i;
	int error;

	memset(ret, 0, sizeof(*ret));
	for (i = 0; i < request->part_count; i++) {
		const struct storm_part_request *part = &request->parts[i];
		const struct family *family = family_find(name_of(part).s);
		struct pattern *pattern = &ret->patterns[i];
		struct frame_ends ends;
		struct link link;

		if (!link_over(scope->link, family_addresses(family), &link)) {
			text_error(why, "no %s address of the device answers on the link",
				   address_family_word(family_addresses(family)));
			return -EADDRNOTAVAIL;
		}
		ends = link_ends(&link);
		ends.from_port = FAMILY_PORT_FIRST;
		ends.to_port = (uint16_t)part->port;
		if (pattern_build(family, &ends, pattern, why) != 0) {
			return -EIO;
		}
		error = load_prove(pattern, scope, why);
		if (error != 0) {
			return error;
		}
		if (ret->longest < pattern->frame.size) {
			ret->longest = pattern->frame.size;
		}
		ret->count++;
	}
	return 0;
}

void load_divert(struct load *load, const struct link *link)
{
	uint8_t nobody[6] = {0x02, 0x61, 0x73, 0x73, 0x61, 0x79};
	size_t i;

	while (memcmp(nobody, link->device_mac, 6) == 0 ||
	       memcmp(nobody, link->source_mac, 6) == 0) {
		nobody[5]++;
	}
	for (i = 0; i < load->count; i++) {
		memcpy(load->patterns[i].frame.bytes, nobody, sizeof(nobody));
	}
}

static bool is_of(const struct pattern *pattern, enum frame_layer transport, enum frame_layer ip)
{
	size_t i = 0;

	while (pattern->frame.parts[i].layer != FRAME_END && pattern->frame.parts[i].layer != ip) {
		i++;
	}
	return pattern->frame.parts[i].layer == ip &&
	       family_transport(pattern->family) == transport;
}

bool load_has(const struct load *load, enum frame_layer transport, enum frame_layer ip)
{
	size_t i;

	for (i = 0; i < load->count; i++) {
		if (is_of(&load->patterns[i], transport, ip)) {
			return true;
		}
	}
	return false;
}

void load_limit(struct load *load, enum frame_layer transport, enum frame_layer ip,
		const struct load_ports *ports)
{
	size_t i;

	for (i = 0; i < load->count; i++) {
		if (is_of(&load->patterns[i], transport, ip)) {
			pattern_limit(&load->patterns[i], FIELD_SOURCE_PORT, ports->at,
				      ports->count);
		}
	}
}

size_t load_write(const struct load *load, uint64_t n, uint8_t *bytes)
{
	const struct pattern *pattern = load->patterns;

	/* divisions were 5 of the 16 ns that a SYN took here */
	if (load->count > 1) {
		pattern += n % load->count;
		n /= load->count;
	}
	pattern_write(pattern, n, bytes);
	return pattern->frame.size;
}
