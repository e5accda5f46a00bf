/* table: the targets there are, and where each stands on the network. */
#ifndef ASSAY_TARGETS_TABLE_H
#define ASSAY_TARGETS_TABLE_H

#include "targets/simulated/trait.h"
#include <stdint.h>

struct target_def {
	const char *name;
	const char *summary;
	unsigned number;    /* of its network; see target_link_of() */
	const char *recipe; /* folder below targets/real/; NULL: simulated */
	enum temper temper; /* of a simulated one */
	uint16_t ports[4];  /* a recipe's; 0 ends */
};

extern const struct target_def target_table[]; /* a NULL name ends */
/* Returns the target of that name, or NULL. */
const struct target_def *target_find(const char *name);

/* The tester's end stays with the caller, the device's end is 'eth0' in the
 * target. Fixed, so that a profile can name them. */
struct target_link {
	char interface[16];                        /* tester's: "assay1" */
	char address[16], tester[16], witness[16]; /* 10.213.N.2, .1, .9 */
	char device_mac[18], tester_mac[18];
};

struct target_link target_link_of(const struct target_def *def);

#endif
