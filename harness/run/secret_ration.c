/* secret_ration: takes a child's passwords out of the run's. */
#define _GNU_SOURCE
#include "harness/run/secret_ration.h"
#include "harness/run/secret_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

struct share {
	const struct account *account;
	char password[SECRET_LONGEST], reason[256];
	bool known;
};

struct secret_ration {
	size_t count;
	struct share shares[];
};

static void share_fill(struct share *share, const struct secrets *secrets,
		       const struct account *account)
{
	size_t index = (size_t)(account - secrets->profile->accounts);
	const struct secret *secret;

	while (secrets->base != NULL) {
		secrets = secrets->base;
	}
	if (index >= secrets->profile->account_count) {
		BUG("the account is not one of the profile's");
	}
	secret = &secrets->list[index];
	share->account = account;
	share->known = secret->password != NULL;
	snprintf(share->password, sizeof(share->password), "%s",
		 share->known ? secret->password : "");
	snprintf(share->reason, sizeof(share->reason), "%s", secret->reason);
}

struct secret_ration *secret_ration_new(const struct secrets *secrets,
					const struct param_value *params, size_t count)
{
	struct secret_ration *ration =
		calloc(1, sizeof(*ration) + count * sizeof(ration->shares[0]));
	size_t i;

	if (ration == NULL) {
		BUG("out of memory");
	}
	for (i = 0; i < count; i++) {
		if (params[i].account != NULL) {
			share_fill(&ration->shares[ration->count++], secrets, params[i].account);
		}
	}
	return ration;
}

void secret_ration_free(struct secret_ration *ration)
{
	if (ration == NULL) {
		return;
	}
	explicit_bzero(ration->shares, ration->count * sizeof(ration->shares[0]));
	free(ration);
}

const char *secret_ration_password(const struct secret_ration *ration,
				   const struct account *account, const char **ret_reason)
{
	size_t i;

	for (i = 0; ration != NULL && i < ration->count; i++) {
		const struct share *share = &ration->shares[i];

		if (share->account == account) {
			*ret_reason = share->reason;
			return share->known ? share->password : NULL;
		}
	}
	*ret_reason = "the check does not name the account among its parameters";
	return NULL;
}
