/* login_account: which of a profile's accounts logs in. */
#include "harness/plan/scope.h"

#include <string.h>

#include "harness/banned.h"

const struct account *profile_disposable(const struct profile *profile)
{
	size_t i;

	for (i = 0; i < profile->account_count; i++) {
		if (profile->accounts[i].disposable) {
			return &profile->accounts[i];
		}
	}
	return NULL;
}

static bool meant_for(const struct account *account, const struct service *service)
{
	const char *const *name = account->services;

	while (name != NULL && *name != NULL && strcmp(*name, service->name) != 0) {
		name++;
	}
	return name == NULL || *name != NULL || account->services[0] == NULL;
}

const struct account *delivered_account(const struct profile *profile,
					const struct service *service)
{
	size_t i;

	for (i = 0; i < profile->account_count; i++) {
		if (profile->accounts[i].delivered &&
		    (service == NULL || meant_for(&profile->accounts[i], service))) {
			return &profile->accounts[i];
		}
	}
	return NULL;
}

const struct account *login_account(const struct profile *profile, const struct service *service)
{
	size_t i;

	if (service->account != NULL) {
		return profile_account(profile, service->account);
	}
	for (i = 0; i < profile->account_count; i++) {
		if (profile->accounts[i].disposable && !profile->accounts[i].delivered &&
		    meant_for(&profile->accounts[i], service)) {
			return &profile->accounts[i];
		}
	}
	return NULL;
}
