/*
 * link: the bench's side of the cable: which interface, which addresses, and
 * whether it is safe to send the first frame. It decides nothing about checks.
 */
#ifndef ASSAY_GATE_LINK_H
#define ASSAY_GATE_LINK_H

#include "harness/base/text.h"
#include "harness/frame/frame.h"
#include "harness/model/profile.h"
#include <stdbool.h>
#include <stdint.h>

enum { LINK_DEVICES = 9, LINK_SOURCES = 20 };

struct link {
	char interface[16];
	unsigned index;
	bool loopback;
	bool on_link; /* 'device' is in the interface's own subnet */
	bool capture; /* frames may be captured */
	bool raw;     /* frames may be sent */
	char raw_reason[160];
	struct address source, witness, device; /* of the device's first family */
	uint8_t source_mac[6], device_mac[6];
	/* All addresses of the device, the first as 'device'. */
	struct link_device {
		struct address address;
		bool on_link;  /* in one of the interface's own subnets */
		bool answered; /* somebody, and the device alone, answers for it */
	} devices[LINK_DEVICES];
	size_t device_count;
	/* The tester's addresses; names belong to the profile. "main" is there
	 * for each family that the device has. */
	struct source sources[LINK_SOURCES];
	size_t source_count;
	bool main_chosen;     /* the IPv6 one was not declared */
	struct address local; /* its address of the link alone (fe80::...), or none */
};

/* The tester's address of this name and family, or NULL. */
const struct address *link_source(const struct link *link, const char *name,
				  enum address_family family);
/*
 * Where a pass sends from. name: "" for its usual source, which is "main"; a
 * monitor's is "monitor", or where there is none "witness", so that what
 * blocks a measurement blocks no monitor. To an address of the link alone it is
 * the tester's own such address, unless the profile says otherwise. Returns NULL
 * where there is none of the device's family, or where a check asks for the
 * monitors' own.
 */
const struct address *link_source_for(const struct link *link, const char *name, bool monitor,
				      const struct address *device);
/* The device's address in the link, or NULL if it is not the device's. None
 * given: the first. */
const struct link_device *link_device_find(const struct link *link, const struct address *address);
/* True if the tester has this address on the link. */
bool link_is_own(const struct link *link, const struct address *address);

/*
 * Looks at the link and sends nothing. Returns 0, or the exit code (2: the
 * bench is set up wrongly, 3: device or bench unavailable) with the reason in
 * why.
 */
int link_look(const struct profile *profile, struct link *ret, struct text *why);

struct watch;
/* Where raw frames are possible: asks who has the device's address; fills
 * device_mac. Returns as link_look(). */
int link_resolve(const struct profile *profile, struct link *link, struct watch *watch,
		 struct text *why);

/*
 * The link as it is for one family of addresses: source and device are of it; ADDRESS_NONE: as it
 * is. Returns false where the device has no such address that answers on the link, or the tester
 * none to ask it from.
 */
bool link_over(const struct link *link, enum address_family family, struct link *ret);

/* From the tester to the device, without ports. */
struct frame_ends link_ends(const struct link *link);

#endif
