/*
 * family: the families of load. Each is one row of the table in family.c: which
 * layers its frames have, which of their fields vary over which values, and which
 * checksum is wrong on purpose. A row is all that a new family takes.
 */
#ifndef ASSAY_FRAME_FAMILY_H
#define ASSAY_FRAME_FAMILY_H

#include "harness/frame/frame.h"

enum {
	FAMILY_VARIED = 4, /* fields that vary */
	FAMILY_NAME = 32,  /* bytes of a name, with the zero */
	/* The source ports of all load: no wire and no dial uses them. */
	FAMILY_PORT_FIRST = 20000,
	FAMILY_PORTS = 8000,
};

enum family_order {
	FAMILY_IN_TURN,   /* one after the other; a later field moves on when an
	                   * earlier one has been through */
	FAMILY_SCATTERED, /* neighbours far apart, none repeats soon */
};

/* The values a field takes: count of them, at most 2^32, from first on or those of
 * a list. */
struct family_varied {
	enum frame_field field;
	enum family_order order;
	uint64_t first, count;
	const uint32_t *list; /* NULL: a range; borrowed */
};

struct family {
	const char *name; /* "tcp-syn": the value of a check's parameter */
	const char *summary;
	struct frame_recipe recipe;
	struct family_varied varied[FAMILY_VARIED]; /* ends with FIELD_END */
	bool everybody;                             /* sent to the Ethernet broadcast address */
};

/* The row's number i, NULL past the end. */
const struct family *family_at(size_t i);
/* NULL where there is no such family. */
const struct family *family_find(const char *name);
/* FRAME_TCP or FRAME_UDP where its frames go to a port, else FRAME_END. */
enum frame_layer family_transport(const struct family *family);
/* The addresses that its frames need; ADDRESS_NONE: IPv4 or IPv6, as the device's first address
 * is. */
enum address_family family_addresses(const struct family *family);
/* The name of row number i, NULL past the end. */
const char *family_name(size_t i);

/* A family between two hosts: the first frame, and where it varies. */
struct pattern {
	const struct family *family;
	struct frame frame;
	struct family_varied varied[FAMILY_VARIED];
	struct frame_slot slots[FAMILY_VARIED];
	size_t varied_count;
};

/*
 * Builds the pattern; ends.to_mac is passed over where the family goes to
 * everybody. Returns 0, or -1 with the reason in why: there is no such frame
 * between these hosts.
 */
int pattern_build(const struct family *family, const struct frame_ends *ends, struct pattern *ret,
		  struct text *why);
/* Gives a field of the pattern these values instead, at least one, borrowed; a
 * field that it does not vary stays as it is. */
void pattern_limit(struct pattern *pattern, enum frame_field field, const uint32_t *list,
		   size_t count);
/* Writes frame number n into bytes, which have the room of pattern->frame.size. */
void pattern_write(const struct pattern *pattern, uint64_t n, uint8_t *bytes);
/*
 * How many frames differ in a field that says who or where (see field.def); 0:
 * more than PATTERN_BOUND_MOST. pattern_write_bound() writes the n-th of them:
 * what holds for each of these holds for every frame.
 */
enum { PATTERN_BOUND_MOST = 65536 };
uint64_t pattern_bound(const struct pattern *pattern);
void pattern_write_bound(const struct pattern *pattern, uint64_t n, uint8_t *bytes);

#endif
