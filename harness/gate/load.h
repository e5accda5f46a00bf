/*
 * load: what one load consists of: the patterns of the families it mixes, each
 * proven to stay in scope before the first frame, whatever values its fields
 * take. It sends nothing.
 */
#ifndef ASSAY_GATE_LOAD_H
#define ASSAY_GATE_LOAD_H

#include "harness/frame/family.h"
#include "harness/gate/message.h"
#include "harness/gate/scope.h"

struct load {
	struct pattern patterns[STORM_PARTS];
	size_t count;   /* frame n is one of pattern n % count */
	size_t longest; /* bytes of the longest frame */
};

/* Whether there are such families, and their ports are declared services.
 * Returns 0, or -errno with the reason in why. */
int load_allowed(const struct storm_request *request, const struct profile *profile,
		 struct text *why);
/*
 * Builds what load_allowed() let pass. Returns 0, or -errno with the reason in
 * why: a frame cannot be built, or may leave the scope.
 */
int load_make(const struct storm_request *request, const struct scope *scope, struct load *ret,
	      struct text *why);
/* Looks at the frames with every value of every field that says who or where, in
 * every combination. Returns 0, or -EACCES with the reason in why: one of them
 * may not leave, or they are too many to look at. */
int load_prove(const struct pattern *pattern, const struct scope *scope, struct text *why);
/* Lets all frames go to an Ethernet address nobody has: locally administered,
 * neither the device's nor the tester's. They cost tester and link the same. */
void load_divert(struct load *load, const struct link *link);
/* True if some of its frames are of that transport over that FRAME_IPV4 or FRAME_IPV6. */
bool load_has(const struct load *load, enum frame_layer transport, enum frame_layer ip);

struct load_ports {
	const uint32_t *at;
	size_t count;
};

/* Lets those of its frames come from these ports alone, which stay the caller's. */
void load_limit(struct load *load, enum frame_layer transport, enum frame_layer ip,
		const struct load_ports *ports);
/* Writes frame number n into bytes, which have room for the longest. Returns
 * its size. */
size_t load_write(const struct load *load, uint64_t n, uint8_t *bytes);

#endif
