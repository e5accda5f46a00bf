/* spend: the budgets that are counted over a whole run. */
#ifndef ASSAY_GATE_SPEND_H
#define ASSAY_GATE_SPEND_H

#include "harness/gate/tally.h"
#include "harness/model/profile.h"

struct spend {
	const struct profile *profile;
	int64_t *failed_logins; /* owned: one an account of the profile, and
	                         * the last for everybody else */
	int64_t writes;
};

void spend_init(struct spend *spend, const struct profile *profile);
void spend_release(struct spend *spend);
/* Takes one unit. Returns 0, -EDQUOT (recorded in the tally) or -EINVAL. */
int spend_one(struct spend *spend, uint32_t what, const char *account,
	      struct tally *tally);

#endif
