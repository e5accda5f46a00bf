/* spend: failed logins by account, writes in all. */
#include "harness/gate/spend.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

void spend_init(struct spend *spend, const struct profile *profile)
{
	memset(spend, 0, sizeof(*spend));
	spend->profile = profile;
	spend->failed_logins = calloc(profile->account_count + 1,
				      sizeof(*spend->failed_logins));
	if (spend->failed_logins == NULL) {
		BUG("out of memory");
	}
}

void spend_release(struct spend *spend)
{
	free(spend->failed_logins);
	spend->failed_logins = NULL;
}

/* Names the profile does not know share one count: an invented name does not
 * buy another attempt. */
static size_t account_index(const struct profile *profile, const char *name)
{
	size_t i;

	for (i = 0; i < profile->account_count; i++) {
		if (strcmp(profile->accounts[i].name, name) == 0) {
			break;
		}
	}
	return i;
}

int spend_one(struct spend *spend, uint32_t what, const char *account,
	      struct tally *tally)
{
	const struct budget *budget = &spend->profile->budget;
	int64_t *spent, limit;

	switch (what) {
	case SPEND_FAILED_LOGIN:
		spent = &spend->failed_logins[account_index(spend->profile,
							    account)];
		limit = budget->failed_logins;
		break;
	case SPEND_WRITE:
		spent = &spend->writes;
		limit = budget->writes;
		break;
	default:
		tally_refuse(tally, "there is no budget number %u", what);
		return -EINVAL;
	}
	if (*spent >= limit) {
		tally_refuse(tally,
			     what == SPEND_WRITE
				     ? "the budget of %lld writes is spent%s%s"
				     : "the budget of %lld failed logins is "
				       "spent for account '%s'%s",
			     (long long)limit, account, "");
		return -EDQUOT;
	}
	(*spent)++;
	return 0;
}
