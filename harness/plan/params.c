/* params: gives a probe's or monitor's parameters their values from the
 * settings of a check or profile. */
#include "harness/plan/scope.h"

#include <errno.h>
#include <inttypes.h>
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

static enum outcome give_account(const struct giving *g, const char *text, struct param_value *ret)
{
	bool any = strcmp(text, "disposable") == 0;

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

static enum outcome give(const struct giving *g, const char *text, struct param_value *ret)
{
	ret->name = g->def->name;
	ret->type = g->def->type;
	ret->text = text;
	switch (g->def->type) {
	case PARAM_INT:
		return give_int(g, text, ret);
	case PARAM_BOOL:
		return give_bool(g, text, ret);
	case PARAM_TEXT:
		return OUTCOME_OK;
	case PARAM_SERVICE:
		return give_service(g, text, ret);
	case PARAM_ACCOUNT:
		return give_account(g, text, ret);
	case PARAM_FUNCTION:
		return give_function(g, text, ret);
	}
	BUG("parameter '%s' has type %d", g->def->name, (int)g->def->type);
}

/* Filled from 'for:' when no setting names it. */
static bool comes_with(const struct scope *scope, const struct param_def *def)
{
	return (def->type == PARAM_SERVICE && scope->for_what == FOR_SERVICE) ||
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

static enum outcome give_one(struct giving *g, const struct setting *setting,
			     struct param_value *ret)
{
	struct value value;
	struct text why;
	enum outcome outcome;

	g->place = g->taker->place;
	if (setting == NULL) {
		return give_missing(g, ret);
	}
	g->place.row = setting->row;
	g->place.column = setting->column;
	outcome = variable_expand(g->scope, setting->value, &value, &why);
	if (outcome == OUTCOME_WRONG) {
		mistake_at(g->scope->mistakes, g->place, "%s", why.s);
	}
	if (outcome != OUTCOME_OK) {
		*g->why = why;
		return outcome;
	}
	return give(g, value.text, ret);
}

static enum outcome worse(enum outcome a, enum outcome b)
{
	return a > b ? a : b;
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
