/* line: a suite's line, 'fact operator value', resolved against the
 * facts its probe may report. */
#include "harness/plan/scope.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

struct resolving { /* one line being resolved */
	const struct scope *scope;
	const struct line *line;
	const struct fact_def *def;
	struct text *why;
	struct legacy *legacy; /* of all its items */
	size_t legacy_count;
};

static enum outcome wrong(const struct resolving *r, const char *text)
{
	struct place place = {r->line->file, r->line->row, r->line->column};

	mistake_at(r->scope->mistakes, place, "'%s' cannot be compared with fact '%s' of type %s",
		   text, r->def->name, fact_type_word(r->def->type));
	return OUTCOME_WRONG;
}

/* Which operators make sense for which type of fact. */
static bool operator_fits(enum operator op, enum fact_type type)
{
	switch (op) {
	case OP_IS:
	case OP_IS_NOT:
		return type == FACT_BOOL || type == FACT_INT || type == FACT_TEXT;
	case OP_AT_LEAST:
	case OP_AT_MOST:
		return type == FACT_INT || type == FACT_REAL || type == FACT_LIST;
	case OP_INCLUDES:
	case OP_EXCLUDES:
	case OP_SUBSET_OF:
		return type == FACT_LIST;
	case OP_COUNT:
		break;
	}
	return false;
}

static enum outcome expand(const struct resolving *r, const char *written, struct value *ret)
{
	struct place place = {r->line->file, r->line->row, r->line->column};
	struct text why;
	enum outcome outcome = variable_expand(r->scope, written, ret, &why);

	if (outcome == OUTCOME_WRONG) {
		mistake_at(r->scope->mistakes, place, "%s", why.s);
	} else if (outcome == OUTCOME_UNDECLARED) {
		*r->why = why;
	}
	return outcome;
}

static enum outcome scalar(const struct resolving *r, const char *text, struct fact *ret)
{
	char *end = NULL;

	errno = 0;
	switch (ret->type) {
	case FACT_BOOL:
		ret->yes = strcmp(text, "true") == 0;
		if (!ret->yes && strcmp(text, "false") != 0) {
			return wrong(r, text);
		}
		return OUTCOME_OK;
	case FACT_INT:
		ret->number = strtoll(text, &end, 10);
		break;
	case FACT_REAL:
		ret->real = strtod(text, &end);
		break;
	case FACT_TEXT:
		ret->text = text;
		return OUTCOME_OK;
	case FACT_LIST:
		BUG("a list is no scalar");
	}
	if (end == text || *end != '\0' || errno != 0 ||
	    (ret->type == FACT_REAL && !isfinite(ret->real))) {
		return wrong(r, text);
	}
	return OUTCOME_OK;
}

/* Adds an item, or all of it where it is one whole list variable. */
static enum outcome list_add(struct resolving *r, const char *written, struct fact *ret,
			     const char ***items)
{
	const char *const *item;
	const char **slot;
	struct value value;
	enum outcome outcome = expand(r, written, &value);
	const char *one[2] = {NULL, NULL};
	size_t i;

	if (outcome != OUTCOME_OK) {
		return outcome;
	}
	one[0] = value.text;
	for (item = value.list != NULL ? value.list : one; *item != NULL; item++) {
		slot = arena_push(r->scope->arena, items, &ret->list_count, sizeof(*slot));
		*slot = *item;
	}
	for (i = 0; i < value.legacy_count; i++) {
		*(struct legacy *)arena_push(r->scope->arena, &r->legacy, &r->legacy_count,
					     sizeof(*r->legacy)) = value.legacy[i];
	}
	return OUTCOME_OK;
}

static enum outcome list(struct resolving *r, struct fact *ret)
{
	const char *const one[2] = {r->line->value, NULL};
	const char *const *item = r->line->list != NULL ? r->line->list : one;
	const char **items = NULL;
	enum outcome outcome;

	for (; *item != NULL; item++) {
		outcome = list_add(r, *item, ret, &items);
		if (outcome != OUTCOME_OK) {
			return outcome;
		}
	}
	if (items == NULL) {
		items = arena_alloc(r->scope->arena, sizeof(*items));
	}
	ret->list = items;
	return OUTCOME_OK;
}

/* The names of the policies' lists that the line consists of, "a, b"; NULL where
 * it has an item of its own. */
static const char *policies(const struct resolving *r)
{
	const char *const one[2] = {r->line->value, NULL};
	const char *const *item = r->line->list != NULL ? r->line->list : one;
	const char *names = NULL;
	struct value written;

	for (; *item != NULL; item++) {
		written = (struct value){0};
		variable_expand(r->scope, *item, &written, NULL);
		if (written.policy == NULL) {
			return NULL;
		}
		names = names == NULL
				? written.policy
				: arena_printf(r->scope->arena, "%s, %s", names, written.policy);
	}
	return names;
}

/* Long lists come from policies: their name and date say more than they do. */
static const char *list_text(const struct resolving *r, const struct fact *value)
{
	struct arena *arena = r->scope->arena;
	const char *names = policies(r);

	if (names != NULL) {
		return arena_printf(arena, "%s %s %s", r->def->name, operator_word(r->line->op),
				    names);
	}
	return arena_printf(arena, "%s %s [%s]", r->def->name, operator_word(r->line->op),
			    value->list_count == 0 ? "" : fact_value_text(arena, value, NULL));
}

static enum outcome read_list(struct resolving *r, struct expectation *ret)
{
	enum outcome outcome = list(r, &ret->value);

	/* everything includes nothing: a line that would always hold */
	if (outcome == OUTCOME_OK && r->line->op == OP_INCLUDES && ret->value.list_count == 0) {
		text_error(r->why, "the profile declares nothing that '%s' would have to include",
			   r->def->name);
		return OUTCOME_UNDECLARED;
	}
	if (outcome == OUTCOME_OK) {
		ret->text = list_text(r, &ret->value);
		ret->legacy = r->legacy;
		ret->legacy_count = r->legacy_count;
	}
	return outcome;
}

static bool is_legacy(const struct value *value, const char *text)
{
	size_t i;

	for (i = 0; i < value->legacy_count; i++) {
		if (strcmp(value->legacy[i].value, text) == 0) {
			return true;
		}
	}
	return false;
}

/* The least of a policy's sizes, of all or of those that are not legacy; for 'at-most'
 * the greatest. NULL: it has none. */
static const char *least(const struct resolving *r, const struct value *value, bool legacy)
{
	const char *const *item = value->list, *found = NULL;
	double sign = r->line->op == OP_AT_MOST ? -1 : 1;

	for (; *item != NULL; item++) {
		if ((legacy || !is_legacy(value, *item)) &&
		    (found == NULL || sign * strtod(*item, NULL) < sign * strtod(found, NULL))) {
			found = *item;
		}
	}
	return found;
}

/* Sizes of a policy: what is forbidden lies beyond all others, and what is legacy
 * beyond those that are allowed. */
static void read_sizes(const struct resolving *r, struct value *value, struct expectation *ret)
{
	const char *allowed = least(r, value, false), *taken = least(r, value, true);
	struct legacy *legacy;

	if (value->policy == NULL || value->list == NULL || taken == NULL) {
		return;
	}
	value->text = taken;
	if (allowed == NULL || strcmp(allowed, taken) == 0) {
		return;
	}
	legacy = arena_alloc(r->scope->arena, sizeof(*legacy));
	*legacy = (struct legacy){allowed, value->legacy[0].source};
	ret->legacy = legacy;
	ret->legacy_count = 1;
}

static enum outcome read_scalar(const struct resolving *r, struct expectation *ret)
{
	struct value value;
	enum outcome outcome;

	if (r->line->value == NULL) {
		return wrong(r, "a list");
	}
	outcome = expand(r, r->line->value, &value);
	if (outcome != OUTCOME_OK) {
		return outcome;
	}
	if (value.list != NULL) {
		read_sizes(r, &value, ret);
	}
	ret->text = arena_printf(r->scope->arena, "%s %s %s", r->def->name,
				 operator_word(r->line->op), value.text);
	return scalar(r, value.text, &ret->value);
}

static enum outcome line_resolve(const struct scope *scope, const struct probe *probe,
				 const struct line *line, struct expectation *ret, struct text *why)
{
	struct place place = {line->file, line->row, line->column};
	struct resolving resolving = {.scope = scope, .line = line, .why = why};
	const struct fact_def *def = fact_def_find(probe->facts, line->fact);

	if (def == NULL) {
		mistake_at(scope->mistakes, place, "probe '%s' reports no fact '%s'", probe->id,
			   line->fact);
		return OUTCOME_WRONG;
	}
	if (!operator_fits(line->op, def->type)) {
		mistake_at(scope->mistakes, place, "'%s' does not fit fact '%s' of type %s",
			   operator_word(line->op), def->name, fact_type_word(def->type));
		return OUTCOME_WRONG;
	}
	resolving.def = def;
	*ret = (struct expectation){
		.def = def, .op = line->op, .value = {.name = def->name, .type = def->type}};
	if (line->op == OP_AT_LEAST || line->op == OP_AT_MOST) { /* each item is one number */
		ret->value.type = def->type == FACT_LIST ? FACT_REAL : def->type;
		return read_scalar(&resolving, ret);
	}
	return def->type == FACT_LIST ? read_list(&resolving, ret) : read_scalar(&resolving, ret);
}

enum outcome expectations_resolve(const struct scope *scope, const struct probe *probe,
				  const struct line *lines, size_t count,
				  const struct expectation **ret, struct text *why)
{
	struct expectation *expectations =
		arena_alloc(scope->arena, (count + 1) * sizeof(*expectations));
	enum outcome worst = OUTCOME_OK, outcome;
	size_t i;

	for (i = 0; i < count; i++) {
		outcome = line_resolve(scope, probe, &lines[i], &expectations[i], why);
		worst = outcome > worst ? outcome : worst;
	}
	if (worst == OUTCOME_OK) {
		*ret = expectations;
	}
	return worst;
}
