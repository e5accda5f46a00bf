/* load_order: families, ports and rate of a load. Contract in load_order.h. */
#include "probes/load/load_order.h"
#include "harness/frame/family.h"

#include "harness/banned.h"

static uint16_t first_port(const struct profile *profile, bool udp)
{
	size_t i;

	for (i = 0; i < profile->service_count; i++) {
		if (profile->services[i].udp == udp) {
			return profile->services[i].port;
		}
	}
	return 0;
}

static int addresses_declared(struct probe_run *run, const struct family *family)
{
	enum address_family addresses = family_addresses(family);
	const char *word = addresses == ADDRESS_IPV6 ? "ipv6" : "ipv4";

	if (addresses == ADDRESS_NONE || profile_address(probe_profile(run), word) != NULL) {
		return 0;
	}
	return probe_give_up(run, WHY_NOT_DECLARED,
			     "the profile declares no %s address of the device for load '%s'",
			     address_family_word(addresses), family->name);
}

static int fill_part(struct probe_run *run, const char *name, struct storm_part *ret)
{
	const struct family *family = family_find(name);
	enum frame_layer transport;

	if (family == NULL) {
		BUG("there is no load family '%s'", name);
	}
	if (addresses_declared(run, family) != 0) {
		return -1;
	}
	transport = family_transport(family);
	ret->family = family->name;
	ret->port = transport == FRAME_END ? 0 : (uint16_t)probe_int(run, "port");
	if (transport != FRAME_END && ret->port == 0) {
		ret->port = first_port(probe_profile(run), transport == FRAME_UDP);
		if (ret->port == 0) {
			return probe_give_up(run, WHY_NOT_DECLARED,
					     "the profile declares no %s service",
					     frame_layer_words(transport));
		}
	}
	return 0;
}

static int fill_parts(struct probe_run *run, struct storm_order *order)
{
	const char *const *names = probe_list(run, "family");
	size_t i;

	for (i = 0; names[i] != NULL; i++) {
		if (i == STORM_PARTS) {
			return probe_give_up(run, WHY_CANNOT_OFFER,
					     "a load mixes at most %d families", STORM_PARTS);
		}
		if (fill_part(run, names[i], &order->parts[i]) != 0) {
			return -1;
		}
	}
	return 0;
}

int load_order_fill(struct probe_run *run, struct storm_order *order)
{
	const struct profile *profile = probe_profile(run);

	order->frames_per_s = probe_int(run, "frames_per_s");
	if (order->frames_per_s == 0) {
		order->frames_per_s = profile->budget.load_frames_per_s;
	}
	return fill_parts(run, order);
}
