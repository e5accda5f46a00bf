/*
 * target: devices to practise on and to test against, each in network, process
 * and mount namespaces of its own: simulated controllers made of traits, and
 * real servers started by a recipe below targets/real/. A target is joined to
 * the caller's network namespace by one veth pair and has no other way out.
 */
#ifndef ASSAY_TARGETS_TARGET_H
#define ASSAY_TARGETS_TARGET_H

#include "harness/base/text.h"
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct target_options {
	const char *const *traits; /* 'word=value', NULL ends; NULL: none */
	int64_t lifetime_s;        /* it ends by itself after this; 0: 8 h */
	FILE *out;                 /* what is up, its profile, the next command; NULL: quiet */
};

/* One line per target: name, state, interface, address, what it is. Returns 0,
 * or -1 when out cannot be written. */
int target_list(FILE *out);
/* One line per trait of the simulated devices. */
void target_traits(FILE *out);
/*
 * Starts the target and returns when every service accepts connections, or
 * fails with what did not come up. Starting a target that is up is an error;
 * the remains of one that crashed are removed. Returns 0, or -1 with the reason
 * in why. The target outlives the caller.
 */
int target_up(const char *name, const struct target_options *options, struct text *why);
/* Ends the target and removes all it left. Returns 0, or -1 with the reason
 * in why: it is not up, or would not end. */
int target_down(const char *name, struct text *why);

#endif
