/*
 * spend: the budgets that are counted over a whole run, also one that was
 * killed and resumed: a line in the run's ledger comes before the grant.
 */
#ifndef ASSAY_GATE_SPEND_H
#define ASSAY_GATE_SPEND_H

#include "harness/gate/tally.h"
#include "harness/model/profile.h"

#define SPEND_OTHERS 64 /* names the profile does not know that are counted each alone */

struct spend_name {
	char user[128];   /* "": everybody else */
	int64_t failed;   /* in the whole run */
	int64_t in_a_row; /* since the last good login that counts */
};

struct spend {
	const struct profile *profile;
	struct spend_name *names; /* owned: the profile's users, each once, then others as they
				   * come, the last for all that found no place */
	size_t known;             /* the profile's */
	size_t count;             /* in use, without the last */
	int64_t writes;
	int ledger; /* owned; -1: none */
	int copy;   /* owned; -1: none */
};

void spend_init(struct spend *spend, const struct profile *profile);
void spend_release(struct spend *spend);
/* Counts what the ledger holds and writes to it, and to its copy (-1: none), from now on. Returns 0
 * and owns them, or -1: there is one already. */
int spend_ledger(struct spend *spend, int ledger, int copy);
/* Takes one unit; a failed login is that of this user name. No name gets more than the profile's
 * budget, nor as many as lock an account (limits.lockout_attempts), where profile_login_resets()
 * holds: not between two good logins. Returns 0, -EDQUOT (recorded in the tally) or -EINVAL. */
int spend_one(struct spend *spend, uint32_t what, const char *user, struct tally *tally);

#endif
