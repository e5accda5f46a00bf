/* params: gives a probe's or monitor's parameters their values from the
 * settings of a check or profile. */
#include "harness/plan/scope.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

struct giving { /* one parameter being given its value */
	const struct scope *scope;
	const struct taker *taker;
	const struct param_def *def;
	struct place place;
	struct text *why;
};

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

const struct account *login_account(const struct profile *profile, const struct service *service)
{
	size_t i;

	if (service->account != NULL) {
		return profile_account(profile, service->account);
	}
	for (i = 0; i < profile->account_count; i++) {
		if (profile->accounts[i].disposable && meant_for(&profile->accounts[i], service)) {
			return &profile->accounts[i];
		}
	}
	return NULL;
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
	bool any = strcmp(text, "disposable") == 0;

	if (text[0] == '\0' && g->scope->for_what == FOR_LOGIN) {
		return give_login(g, ret);
	}
	if (text[0] == '\0') {
		return OUTCOME_OK;
	}
	ret->account = profile_account(g->scope->profile, text);
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

/* --- lists and steps --------------------------------------------------------- */

struct items { /* of a list */
	const char **at;
	size_t count;
};

static const char *joined(struct arena *arena, const struct items *items)
{
	char *text = arena_strdup(arena, "");
	size_t i;

	for (i = 0; i < items->count; i++) {
		text = arena_printf(arena, "%s%s%s", text, i == 0 ? "" : ", ", items->at[i]);
	}
	return text;
}

static void give_items(const struct giving *g, struct items *items, struct param_value *ret)
{
	struct arena *arena = g->scope->arena;

	ret->text = joined(arena, items);
	ret->list_count = items->count;
	/* NULL ends it, also where it is empty */
	(void)arena_push(arena, &items->at, &items->count, sizeof(*items->at));
	ret->list = items->at;
}

/* One item, or all of it where it is one whole list variable; an empty text is
 * none. */
static void add_value(const struct giving *g, struct items *items, const struct value *value)
{
	const char *const one[2] = {value->text[0] != '\0' ? value->text : NULL, NULL};
	const char *const *item = value->list != NULL ? value->list : one;

	for (; *item != NULL; item++) {
		*(const char **)arena_push(g->scope->arena, &items->at, &items->count,
					   sizeof(*item)) = *item;
	}
}

/* Whether the text is one of those the parameter may have. */
static enum outcome among(const struct giving *g, const char *text)
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

static enum outcome give(const struct giving *g, const char *text, struct param_value *ret)
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
		return among(g, text);
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

/* Filled from 'for:' when no setting names it. */
static bool comes_with(const struct scope *scope, const struct param_def *def)
{
	return (def->type == PARAM_SERVICE &&
		(scope->for_what == FOR_SERVICE || scope->for_what == FOR_TLS ||
		 scope->for_what == FOR_LOGIN)) ||
	       (def->type == PARAM_ACCOUNT && scope->for_what == FOR_LOGIN) ||
	       (def->type == PARAM_FUNCTION && scope->for_what == FOR_FUNCTION);
}

static enum outcome give_missing(const struct giving *g, struct param_value *ret)
{
	const struct param_def *def = g->def;

	if (comes_with(g->scope, def)) {
		return give(g, "", ret);
	}
	if (def->fallback == NULL) {
		mistake_at(g->scope->mistakes, g->place, "%s '%s' needs the parameter '%s': %s",
			   g->taker->kind, g->taker->id, def->name, def->meaning);
		return OUTCOME_WRONG;
	}
	return give(g, def->fallback, ret);
}

static const struct setting *setting_find(const struct setting *with, size_t count,
					  const char *name)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (strcmp(with[i].name, name) == 0) {
			return &with[i];
		}
	}
	return NULL;
}

static enum outcome worse(enum outcome a, enum outcome b)
{
	return a > b ? a : b;
}

/* The written text with its variables replaced. */
static enum outcome expand(const struct giving *g, const struct setting *setting, struct value *ret)
{
	struct place place = {g->taker->place.file, setting->row, setting->column};
	struct text why;
	enum outcome outcome = variable_expand(g->scope, setting->value, ret, &why);

	if (outcome == OUTCOME_WRONG) {
		mistake_at(g->scope->mistakes, place, "%s", why.s);
	}
	if (outcome != OUTCOME_OK) {
		*g->why = why;
	}
	return outcome;
}

static enum outcome wrong_kind(const struct giving *g, const struct setting *setting,
			       const char *wanted)
{
	static const char *const kinds[] = {[SETTING_TEXT] = "one value",
					    [SETTING_LIST] = "a list",
					    [SETTING_MAP] = "a mapping"};
	struct place place = {g->taker->place.file, setting->row, setting->column};

	mistake_at(g->scope->mistakes, place, "parameter '%s' of %s '%s' must be %s, not %s",
		   g->def->name, g->taker->kind, g->taker->id, wanted, kinds[setting->kind]);
	return OUTCOME_WRONG;
}

static enum outcome add_setting(const struct giving *g, struct items *items,
				const struct setting *setting)
{
	struct value value;
	enum outcome outcome;

	if (setting->kind != SETTING_TEXT) {
		return wrong_kind(g, setting, "a list of texts");
	}
	outcome = expand(g, setting, &value);
	if (outcome == OUTCOME_OK) {
		add_value(g, items, &value);
	}
	return outcome;
}

static enum outcome give_list(const struct giving *g, const struct setting *setting,
			      struct param_value *ret)
{
	bool one = setting->kind == SETTING_TEXT;
	const struct setting *item = one ? setting : setting->at;
	size_t i, count = one ? 1 : setting->count;
	enum outcome outcome = OUTCOME_OK;
	struct items items = {0};

	if (setting->kind == SETTING_MAP) {
		return wrong_kind(g, setting, "a list of texts");
	}
	for (i = 0; i < count; i++) {
		outcome = worse(outcome, add_setting(g, &items, &item[i]));
	}
	for (i = 0; i < items.count; i++) {
		outcome = worse(outcome, among(g, items.at[i]));
	}
	if (outcome == OUTCOME_OK) {
		give_items(g, &items, ret);
	}
	return outcome;
}

static enum outcome give_step(const struct giving *g, const struct setting *setting,
			      struct param_step *ret)
{
	struct taker step = {"a step of",
			     g->def->name,
			     g->def->fields,
			     {g->taker->place.file, setting->row, setting->column}};
	struct params params = {0};
	enum outcome outcome;

	if (setting->kind != SETTING_MAP) {
		return wrong_kind(g, setting, "a list of mappings (key: value)");
	}
	outcome = params_resolve(g->scope, &step, setting->at, setting->count, &params, g->why);
	*ret = (struct param_step){params.at, params.count};
	return outcome;
}

static enum outcome give_steps(const struct giving *g, const struct setting *setting,
			       struct param_value *ret)
{
	struct param_step *steps;
	enum outcome outcome = OUTCOME_OK;
	size_t i;

	if (setting->kind != SETTING_LIST) {
		return wrong_kind(g, setting, "a list of mappings (key: value)");
	}
	steps = arena_alloc(g->scope->arena, (setting->count + 1) * sizeof(*steps));
	for (i = 0; i < setting->count; i++) {
		outcome = worse(outcome, give_step(g, &setting->at[i], &steps[i]));
	}
	ret->steps = steps;
	ret->step_count = setting->count;
	ret->text = arena_printf(g->scope->arena, "%zu steps", setting->count);
	return outcome;
}

static enum outcome give_text(const struct giving *g, const struct setting *setting,
			      struct param_value *ret)
{
	struct value value;
	enum outcome outcome;

	if (setting->kind != SETTING_TEXT) {
		return wrong_kind(g, setting, "one value");
	}
	outcome = expand(g, setting, &value);
	return outcome == OUTCOME_OK ? give(g, value.text, ret) : outcome;
}

static enum outcome give_one(struct giving *g, const struct setting *setting,
			     struct param_value *ret)
{
	g->place = g->taker->place;
	if (setting == NULL) {
		return give_missing(g, ret);
	}
	g->place.row = setting->row;
	g->place.column = setting->column;
	ret->name = g->def->name;
	ret->type = g->def->type;
	switch (g->def->type) {
	case PARAM_LIST:
		return give_list(g, setting, ret);
	case PARAM_STEPS:
		return give_steps(g, setting, ret);
	default:
		return give_text(g, setting, ret);
	}
}

static enum outcome settings_known(const struct scope *scope, const struct taker *taker,
				   const struct setting *with, size_t count)
{
	enum outcome outcome = OUTCOME_OK;
	size_t i, j;

	for (i = 0; i < count; i++) {
		const struct param_def *def = taker->params;
		struct place place = {taker->place.file, with[i].row, with[i].column};

		for (j = 0; def != NULL && def[j].name != NULL; j++) {
			if (strcmp(def[j].name, with[i].name) == 0) {
				break;
			}
		}
		if (def == NULL || def[j].name == NULL) {
			mistake_at(scope->mistakes, place, "%s '%s' has no parameter '%s'",
				   taker->kind, taker->id, with[i].name);
			outcome = OUTCOME_WRONG;
		}
	}
	return outcome;
}

enum outcome params_resolve(const struct scope *scope, const struct taker *taker,
			    const struct setting *with, size_t with_count, struct params *ret,
			    struct text *why)
{
	enum outcome outcome = settings_known(scope, taker, with, with_count);
	struct giving giving = {.scope = scope, .taker = taker, .why = why};
	struct param_value *values;
	size_t i, count = 0;

	while (taker->params != NULL && taker->params[count].name != NULL) {
		count++;
	}
	values = arena_alloc(scope->arena, (count + 1) * sizeof(*values));
	for (i = 0; i < count; i++) {
		giving.def = &taker->params[i];
		outcome = worse(outcome,
				give_one(&giving, setting_find(with, with_count, giving.def->name),
					 &values[i]));
	}
	if (outcome == OUTCOME_OK) {
		*ret = (struct params){values, count};
	}
	return outcome;
}
