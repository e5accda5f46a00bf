/* params: gives a probe's or monitor's parameters their values from the
 * settings of a check or profile. */
#include "harness/plan/giving.h"

#include <string.h>

#include "harness/banned.h"

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
		return give_value(g, "", ret);
	}
	if (def->fallback == NULL) {
		mistake_at(g->scope->mistakes, g->place, "%s '%s' needs the parameter '%s': %s",
			   g->taker->kind, g->taker->id, def->name, def->meaning);
		return OUTCOME_WRONG;
	}
	return give_value(g, def->fallback, ret);
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
		outcome = worse(outcome, give_among(g, items.at[i]));
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
	return outcome == OUTCOME_OK ? give_value(g, value.text, ret) : outcome;
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
