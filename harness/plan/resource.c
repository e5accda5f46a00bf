/*
 * resource: what an observation holds while it runs. The rules, in order:
 *
 *   device    load, impact of 'stress' and above, or the probe says so: alone
 *   rate      raw frames: the frames a second are one budget
 *   account   every account among the parameters, and those whose user name begins
 *             a "user:password" among its texts; all of them where the probe says
 *             that it tries names of its own
 *   service   to itself, where the probe says that it fills or disturbs it, or
 *             where it may leave traces and has no account to leave them on; else
 *             shared, which counts where the profile limits its clients
 *   source    the address it comes from, where the probe says that it may get it
 *             blocked; the witness, where it is asked
 *
 * A probe without a service of its own uses all those that limit their clients.
 */
#include "harness/plan/scope.h"

#include <string.h>

#include "harness/banned.h"

struct holding { /* of one observation, growing */
	struct arena *arena;
	const struct profile *profile;
	struct resource *at;
	size_t count;
};

static void hold(struct holding *h, struct resource resource)
{
	size_t i;

	for (i = 0; i < h->count; i++) {
		if (strcmp(h->at[i].name, resource.name) == 0) {
			h->at[i].shared &= resource.shared;
			return;
		}
	}
	*(struct resource *)arena_push(h->arena, &h->at, &h->count, sizeof(resource)) = resource;
}

/* Accounts with one user name are one account at the device. */
static void hold_account(struct holding *h, const char *user)
{
	size_t i;

	for (i = 0; i < h->profile->account_count; i++) {
		if (strcmp(h->profile->accounts[i].user, user) == 0) {
			hold(h, (struct resource){
					.kind = RESOURCE_ACCOUNT,
					.name = arena_printf(h->arena, "account:%s",
							     h->profile->accounts[i].name),
				});
			return;
		}
	}
}

/* "user:password": the user's account, if it is a declared one. */
static void hold_named(struct holding *h, const char *text)
{
	size_t i, size = strcspn(text, ":");

	for (i = 0; text[size] == ':' && i < h->profile->account_count; i++) {
		const char *user = h->profile->accounts[i].user;

		if (strlen(user) == size && strncmp(user, text, size) == 0) {
			hold_account(h, user);
			return;
		}
	}
}

static void hold_service(struct holding *h, const struct service *service, bool shared)
{
	if (shared && service->clients == 0) {
		return;
	}
	hold(h, (struct resource){
			.kind = RESOURCE_SERVICE,
			.name = arena_printf(h->arena, "service:%s", service->name),
			.service = service,
			.shared = shared,
		});
}

static void hold_accounts(struct holding *h, const struct probe *probe, const struct params *params)
{
	const char *const *item;
	size_t i;

	for (i = 0; i < params->count; i++) {
		const struct param_value *value = &params->at[i];

		if (value->account != NULL) {
			hold_account(h, value->account->user);
		}
		for (item = value->list; item != NULL && *item != NULL; item++) {
			hold_named(h, *item);
		}
	}
	for (i = 0; (probe->holds & HOLDS_ACCOUNTS) != 0 && i < h->profile->account_count; i++) {
		hold_account(h, h->profile->accounts[i].user);
	}
}

/* Returns true if the parameters name a service. */
static bool hold_services(struct holding *h, const struct probe *probe, const struct params *params)
{
	bool any = false, account = false, alone;
	size_t i;

	for (i = 0; i < params->count; i++) {
		account |= params->at[i].account != NULL;
	}
	alone = (probe->holds & HOLDS_SERVICE) != 0 || (probe->impact > IMPACT_OBSERVE && !account);
	for (i = 0; i < params->count; i++) {
		if (params->at[i].service != NULL) {
			hold_service(h, params->at[i].service, !alone);
			any = true;
		}
	}
	return any;
}

static void hold_all_services(struct holding *h)
{
	size_t i;

	for (i = 0; i < h->profile->service_count; i++) {
		if (!h->profile->services[i].udp) {
			hold_service(h, &h->profile->services[i], true);
		}
	}
}

const struct resource *resources_of(struct arena *arena, const struct profile *profile,
				    const struct probe *probe, const struct params *params,
				    size_t *ret_count)
{
	struct holding h = {.arena = arena, .profile = profile};

	if (probe->impact >= IMPACT_STRESS || (probe->needs & NEEDS_STORM) != 0 ||
	    (probe->holds & HOLDS_DEVICE) != 0) {
		hold(&h, (struct resource){.kind = RESOURCE_DEVICE, .name = "device"});
	}
	hold_accounts(&h, probe, params);
	/* load goes to no service, and its monitor has to go on */
	if (!hold_services(&h, probe, params) && (probe->needs & NEEDS_STORM) == 0) {
		hold_all_services(&h);
	}
	if ((probe->holds & HOLDS_SOURCE) != 0) {
		hold(&h, (struct resource){.kind = RESOURCE_SOURCE, .name = "source:main"});
	}
	if ((probe->needs & (NEEDS_SECOND_SOURCE | NEEDS_WITNESS)) != 0) {
		hold(&h, (struct resource){.kind = RESOURCE_SOURCE, .name = "source:witness"});
	}
	if ((probe->needs & NEEDS_WIRE) != 0) {
		hold(&h, (struct resource){.kind = RESOURCE_RATE, .name = "rate"});
	}
	*ret_count = h.count;
	return h.at;
}

/* --- side by side ------------------------------------------------------------ */

static const struct resource *resource_of(const struct observation *observation,
					  enum resource_kind kind, const char *name)
{
	size_t i;

	for (i = 0; i < observation->hold_count; i++) {
		const struct resource *resource = &observation->holds[i];

		if (resource->kind == kind && (name == NULL || strcmp(resource->name, name) == 0)) {
			return resource;
		}
	}
	return NULL;
}

/* Nothing can run beside what may cost the tester its address. */
static bool stands_alone(const struct observation *observation)
{
	return resource_of(observation, RESOURCE_DEVICE, NULL) != NULL ||
	       resource_of(observation, RESOURCE_SOURCE, "source:main") != NULL;
}

static bool collide(const struct observation *a, const struct observation *b)
{
	size_t i;

	if (stands_alone(a) || stands_alone(b)) {
		return true;
	}
	for (i = 0; i < a->hold_count; i++) {
		const struct resource *mine = &a->holds[i];
		const struct resource *other = resource_of(b, mine->kind, mine->name);

		if (other != NULL && !(mine->shared && other->shared)) {
			return true;
		}
	}
	return false;
}

size_t observations_on(const struct service *service, const struct observation *const *at,
		       size_t count)
{
	size_t i, k, on = 0;

	for (i = 0; i < count; i++) {
		for (k = 0; k < at[i]->hold_count; k++) {
			on += at[i]->holds[k].service == service;
		}
	}
	return on;
}

bool observation_fits(const struct observation *observation,
		      const struct observation *const *beside, size_t side_count)
{
	size_t i;

	for (i = 0; i < side_count; i++) {
		if (collide(observation, beside[i])) {
			return false;
		}
	}
	for (i = 0; i < observation->hold_count; i++) {
		const struct service *service = observation->holds[i].service;

		if (service != NULL && service->clients > 0 &&
		    observations_on(service, beside, side_count) >= (size_t)service->clients) {
			return false;
		}
	}
	return true;
}
