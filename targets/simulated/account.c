/* account: who may log in to a simulated device, and its lockout. */
#include "harness/base/clock.h"
#include "targets/simulated/device.h"
#include <string.h>
#include <strings.h>

#include "harness/banned.h"

/* The device's own secrets, also in targets/profiles/secret/: it lives in a
 * network namespace that nobody else reaches. */
static const struct {
	const char *user, *secret;
} accounts[ACCOUNT_COUNT] = {
	[ACCOUNT_ADMIN] = {"admin", "Quiet-Valve-93-Turbine"},
	[ACCOUNT_PROBE] = {"probe", "Brass-Gauge-41-Lantern"},
};

const char *account_secret(const struct traits *traits, enum account_kind account)
{
	if (account == ACCOUNT_ADMIN && traits->value[TRAIT_DEFAULT_PASSWORD])
		return "admin";
	return accounts[account].secret;
}

#define CRYPT_LENGTH 8 /* what crypt(3) of the DES kind looks at */

static bool password_same(const struct device *device, const char *right, const char *password)
{
	switch (device_trait(device, TRAIT_COMPARE)) {
	case COMPARE_ANY_CASE:
		return strcasecmp(right, password) == 0;
	case COMPARE_FIRST_8:
		return strncmp(right, password, CRYPT_LENGTH) == 0;
	case COMPARE_BEGINS:
		return strncmp(right, password, strlen(right)) == 0;
	default:
		return strcmp(right, password) == 0;
	}
}

static bool password_right(const struct device *device, enum account_kind account,
			   const char *password)
{
	if (device_trait(device, TRAIT_ANY_PASSWORD))
		return true;
	if (*password == '\0')
		return device_trait(device, TRAIT_EMPTY_PASSWORD) != 0;
	return password_same(device, account_secret(&device->traits, account), password);
}

/* Failures in a row block the account; while it is blocked the right password
 * is wrong too, and attempts do not prolong the block. */
static bool account_judge(const struct device *device, enum account_kind account,
			  const char *password)
{
	int64_t most = device_trait(device, TRAIT_LOCKOUT);
	int64_t seconds = device_trait(device, TRAIT_LOCKOUT_FOR);
	atomic_llong *failures = &device->shared->account[account].failures;
	atomic_llong *until = &device->shared->account[account].blocked_until;

	if (clock_ns() < atomic_load(until))
		return false;
	if (password_right(device, account, password)) {
		atomic_store(failures, 0);
		return true;
	}
	if (atomic_fetch_add(failures, 1) + 1 >= most && most > 0) {
		atomic_store(until, clock_ns() + seconds * NS_PER_S);
		atomic_store(failures, 0);
	}
	return false;
}

bool account_login(const struct device *device, const char *user, const char *password)
{
	for (int i = 0; i < ACCOUNT_COUNT; i++)
		if (strcmp(accounts[i].user, user) == 0)
			return account_judge(device, (enum account_kind)i, password);
	for (int i = 0; device_trait(device, TRAIT_ANY_USER) && i < ACCOUNT_COUNT; i++)
		if (strcmp(account_secret(&device->traits, (enum account_kind)i), password) == 0)
			return true;
	return false;
}
