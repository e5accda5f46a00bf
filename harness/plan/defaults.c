/*
 * defaults: what is told beforehand of delivered credentials: how many will be tried, and
 * how many of them the budget of failed logins leaves out. A probe that tries them has the
 * parameters 'delivered' (an account) and 'pairs' ("user:password" each).
 */
#include "harness/plan/builder.h"

#include <inttypes.h>
#include <string.h>

#include "harness/banned.h"

struct user {
	const char *name;
	size_t size, tries;
};

struct tally {
	struct builder *builder;
	struct user *users;
	size_t user_count;
	size_t services, tries;
};

static void add_try(struct tally *tally, const char *name, size_t size)
{
	struct user *user;
	size_t i;

	tally->tries++;
	for (i = 0; i < tally->user_count; i++) {
		user = &tally->users[i];
		if (user->size == size && strncmp(user->name, name, size) == 0) {
			user->tries++;
			return;
		}
	}
	user = arena_push(tally->builder->arena, &tally->users, &tally->user_count, sizeof(*user));
	*user = (struct user){name, size, 1};
}

static const struct param_value *value_of(const struct observation *o, const char *name,
					  enum param_type type)
{
	size_t i;

	for (i = 0; i < o->param_count; i++) {
		if (strcmp(o->params[i].name, name) == 0 && o->params[i].type == type) {
			return &o->params[i];
		}
	}
	return NULL;
}

static void add_observation(struct tally *tally, const struct observation *o)
{
	const struct param_value *delivered = value_of(o, "delivered", PARAM_ACCOUNT);
	const struct param_value *pairs = value_of(o, "pairs", PARAM_LIST);
	size_t i;

	if (o->why != WHY_NONE || delivered == NULL || pairs == NULL) {
		return;
	}
	tally->services++;
	if (delivered->account != NULL) {
		add_try(tally, delivered->account->user, strlen(delivered->account->user));
	}
	for (i = 0; i < pairs->list_count; i++) {
		add_try(tally, pairs->list[i], strcspn(pairs->list[i], ":"));
	}
}

static void note(struct builder *builder, const char *sentence)
{
	*(const char **)arena_push(builder->arena, &builder->notes, &builder->note_count,
				   sizeof(sentence)) = sentence;
}

static bool vendor_known(const struct builder *builder)
{
	const struct suites *suites = builder->input->suites;
	const char *vendor = builder->input->profile->vendor;
	size_t i, j;

	for (i = 0; i < suites->policy_count; i++) {
		for (j = 0; j < suites->policies[i].list_count; j++) {
			if (policy_list_is_of(&suites->policies[i].lists[j], vendor)) {
				return true;
			}
		}
	}
	return false;
}

static void note_vendor(struct builder *builder)
{
	const char *vendor = builder->input->profile->vendor;

	if (vendor == NULL) {
		note(builder, "the profile does not declare 'device.vendor': of delivered "
			      "credentials only those that any device may come with are tried");
	} else if (!vendor_known(builder)) {
		note(builder,
		     arena_printf(builder->arena,
				  "no delivered credentials of vendor '%s' are known: only "
				  "those that any device may come with are tried",
				  vendor));
	}
}

/* What is wrongly tried besides, on declared accounts, comes on top: so "at least". */
static void note_budget(struct tally *tally)
{
	const struct profile *profile = tally->builder->input->profile;
	int64_t allowed = profile->budget.failed_logins, lockout = profile->limits.lockout_attempts;
	size_t i, left = 0;

	if (lockout > 0 && allowed >= lockout) {
		allowed = lockout - 1;
	}
	for (i = 0; i < tally->user_count; i++) {
		if ((int64_t)tally->users[i].tries > allowed) {
			left += tally->users[i].tries - (size_t)allowed;
		}
	}
	if (left > 0) {
		note(tally->builder,
		     arena_printf(
			     tally->builder->arena,
			     "of %zu tries of delivered credentials on %zu service%s the budget "
			     "of %" PRId64 " failed logins a user name leaves out at least %zu: "
			     "what is not found before it is spent stays open (budget-spent)",
			     tally->tries, tally->services, tally->services == 1 ? "" : "s",
			     allowed, left));
	}
}

void builder_note_defaults(struct builder *builder)
{
	struct tally tally = {.builder = builder};
	size_t i;

	for (i = 0; i < builder->observation_count; i++) {
		add_observation(&tally, &builder->observations[i]);
	}
	if (tally.services > 0) {
		note_vendor(builder);
		note_budget(&tally);
	}
}
