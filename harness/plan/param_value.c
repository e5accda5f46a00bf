/* param_value: what a text means for a parameter of each type. */
#include "harness/plan/giving.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

static enum outcome wrong(const struct giving *g, const char *text, const char *wanted)
{
	mistake_at(g->scope->mistakes, g->place, "parameter '%s' of %s '%s' is %s, not '%s'",
		   g->def->name, g->taker->kind, g->taker->id, wanted, text);
	return OUTCOME_WRONG;
}

static enum outcome give_int(const struct giving *g, const char *text, struct param_value *ret)
{
	const struct param_def *def = g->def;
	bool ranged = def->min != 0 || def->max != 0;
	char *end = NULL;
	struct text range;
	long long number;

	errno = 0;
	number = strtoll(text, &end, 10);
	if (end == text || *end != '\0' || errno != 0) {
		return wrong(g, text, "a whole number");
	}
	if (ranged && (number < def->min || number > def->max)) {
		text_error(&range, "from %" PRId64 " to %" PRId64, def->min, def->max);
		return wrong(g, text, range.s);
	}
	ret->number = number;
	/* '007' is 7, also in ids */
	ret->text = arena_printf(g->scope->arena, "%lld", number);
	return OUTCOME_OK;
}

static enum outcome give_bool(const struct giving *g, const char *text, struct param_value *ret)
{
	ret->yes = strcmp(text, "true") == 0;
	if (!ret->yes && strcmp(text, "false") != 0) {
		return wrong(g, text, "true or false");
	}
	return OUTCOME_OK;
}

static enum outcome give_service(const struct giving *g, const char *text, struct param_value *ret)
{
	ret->service =
		text[0] == '\0' ? g->scope->service : profile_service(g->scope->profile, text);
	if (ret->service != NULL) {
		ret->text = ret->service->name;
	} else if (text[0] != '\0') {
		return wrong(g, text, "the name of a declared service");
	}
	return OUTCOME_OK;
}

static enum outcome give_function(const struct giving *g, const char *text, struct param_value *ret)
{
	ret->function =
		text[0] == '\0' ? g->scope->function : profile_function(g->scope->profile, text);
	if (ret->function != NULL) {
		ret->text = ret->function->name;
	} else if (text[0] != '\0') {
		return wrong(g, text, "the name of a declared essential function");
	}
	return OUTCOME_OK;
}

/* The account of 'for: login'. */
static enum outcome give_login(const struct giving *g, struct param_value *ret)
{
	const struct service *service = g->scope->service;

	if (service == NULL) {
		return OUTCOME_OK; /* the check is looked at for mistakes alone */
	}
	ret->account = login_account(g->scope->profile, service);
	if (ret->account == NULL) {
		text_error(g->why,
			   "the profile declares no account for service '%s': neither 'account' "
			   "there nor one that may be locked out ('disposable: true')",
			   service->name);
		return OUTCOME_UNDECLARED;
	}
	ret->text = ret->account->name;
	return OUTCOME_OK;
}

static enum outcome give_account(const struct giving *g, const char *text, struct param_value *ret)
{
	const struct profile *profile = g->scope->profile;
	bool any = strcmp(text, "disposable") == 0;

	if (text[0] == '\0' && g->scope->for_what == FOR_LOGIN) {
		return give_login(g, ret);
	}
	if (text[0] == '\0') {
		return OUTCOME_OK;
	}
	ret->account = profile_account(profile, text);
	if (ret->account == NULL && strcmp(text, "delivered") == 0) {
		ret->account = delivered_account(profile, g->scope->service);
		ret->text = ret->account == NULL ? text : ret->account->name;
		return OUTCOME_OK; /* a profile need not have one */
	}
	if (ret->account == NULL && any) {
		ret->account = profile_disposable(g->scope->profile);
	}
	if (ret->account == NULL && any) {
		text_error(g->why, "the profile declares no account that may "
				   "be locked out ('disposable: true')");
		return OUTCOME_UNDECLARED;
	}
	if (ret->account == NULL) {
		return wrong(g, text, "the name of a declared account");
	}
	ret->text = ret->account->name;
	return OUTCOME_OK;
}

static const char *joined(struct arena *arena, const struct items *items)
{
	char *text = arena_strdup(arena, "");
	size_t i;

	for (i = 0; i < items->count; i++) {
		text = arena_printf(arena, "%s%s%s", text, i == 0 ? "" : ", ", items->at[i]);
	}
	return text;
}

void give_items(const struct giving *g, struct items *items, struct param_value *ret)
{
	struct arena *arena = g->scope->arena;

	ret->text = joined(arena, items);
	ret->list_count = items->count;
	/* NULL ends it, also where it is empty */
	(void)arena_push(arena, &items->at, &items->count, sizeof(*items->at));
	ret->list = items->at;
}

void add_value(const struct giving *g, struct items *items, const struct value *value)
{
	const char *const one[2] = {value->text[0] != '\0' ? value->text : NULL, NULL};
	const char *const *item = value->list != NULL ? value->list : one;

	for (; *item != NULL; item++) {
		*(const char **)arena_push(g->scope->arena, &items->at, &items->count,
					   sizeof(*item)) = *item;
	}
}

enum outcome give_among(const struct giving *g, const char *text)
{
	struct text wanted = {.s = "one of"};
	size_t i, used = strlen(wanted.s);
	const char *one;

	if (g->def->one_of == NULL) {
		return OUTCOME_OK;
	}
	for (i = 0; used < sizeof(wanted.s); i++) {
		one = g->def->one_of(i);
		if (one == NULL) {
			break;
		}
		if (strcmp(one, text) == 0) {
			return OUTCOME_OK;
		}
		used += (size_t)snprintf(wanted.s + used, sizeof(wanted.s) - used, "%s %s",
					 i == 0 ? "" : ",", one);
	}
	return wrong(g, text, wanted.s);
}

enum outcome give_value(const struct giving *g, const char *text, struct param_value *ret)
{
	struct items items = {0};

	ret->name = g->def->name;
	ret->type = g->def->type;
	ret->text = text;
	switch (g->def->type) {
	case PARAM_INT:
		return give_int(g, text, ret);
	case PARAM_BOOL:
		return give_bool(g, text, ret);
	case PARAM_TEXT:
		return give_among(g, text);
	case PARAM_SERVICE:
		return give_service(g, text, ret);
	case PARAM_ACCOUNT:
		return give_account(g, text, ret);
	case PARAM_FUNCTION:
		return give_function(g, text, ret);
	case PARAM_LIST:
		add_value(g, &items, &(struct value){.text = text});
		give_items(g, &items, ret);
		return OUTCOME_OK;
	case PARAM_STEPS:
		return OUTCOME_OK;
	}
	BUG("parameter '%s' has type %d", g->def->name, (int)g->def->type);
}
