/* fact: typed values to and from JSON and text. */
#include "harness/model/fact.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "harness/banned.h"

const char *fact_type_word(enum fact_type type)
{
	static const char *const words[] = {
#define FACT_TYPE(name, word) word,
#include "harness/model/fact_type.def"
#undef FACT_TYPE
	};

	return words[type];
}

const struct fact_def *fact_def_find(const struct fact_def *defs, const char *name)
{
	for (; defs != NULL && defs->name != NULL; defs++) {
		if (strcmp(defs->name, name) == 0) {
			return defs;
		}
	}
	return NULL;
}

const struct fact *facts_find(const struct facts *facts, const char *name)
{
	size_t i;

	for (i = 0; i < facts->count; i++) {
		if (strcmp(facts->at[i].name, name) == 0) {
			return &facts->at[i];
		}
	}
	return NULL;
}

/* Device text may hold anything; JSON wants UTF-8. */
static json_t *json_text(const char *text)
{
	char printable[8192];
	json_t *value = json_string(text);

	if (value == NULL) {
		value = json_string(
			text_printable(printable, sizeof(printable), text, strlen(text)));
	}
	return value;
}

json_t *fact_to_json(const struct fact *fact)
{
	json_t *list;
	size_t i;

	switch (fact->type) {
	case FACT_BOOL:
		return json_boolean(fact->yes);
	case FACT_INT:
		return json_integer(fact->number);
	case FACT_REAL:
		return json_real(fact->real);
	case FACT_TEXT:
		return json_text(fact->text);
	case FACT_LIST:
		list = json_array();
		for (i = 0; i < fact->list_count; i++) {
			json_array_append_new(list, json_text(fact->list[i]));
		}
		return list;
	}
	BUG("fact '%s' has type %d", fact->name, (int)fact->type);
}

static int list_from_json(struct arena *arena, const json_t *value, struct fact *ret)
{
	const char **list;
	size_t i, count = json_array_size(value);
	const char *item;

	list = arena_alloc(arena, (count + 1) * sizeof(*list));
	for (i = 0; i < count; i++) {
		item = json_string_value(json_array_get(value, i));
		if (item == NULL) {
			return -1;
		}
		list[i] = arena_strdup(arena, item);
	}
	ret->list = list;
	ret->list_count = count;
	return 0;
}

int fact_from_json(struct arena *arena, const struct fact_def *def, const json_t *value,
		   struct fact *ret, struct text *why)
{
	struct fact fact = {.name = def->name, .type = def->type};
	bool fits = false;

	switch (def->type) {
	case FACT_BOOL:
		fits = json_is_boolean(value);
		fact.yes = json_is_true(value);
		break;
	case FACT_INT:
		fits = json_is_integer(value);
		fact.number = json_integer_value(value);
		break;
	case FACT_REAL:
		fits = json_is_number(value) && isfinite(json_number_value(value));
		fact.real = json_number_value(value);
		break;
	case FACT_TEXT:
		fits = json_is_string(value);
		fact.text = arena_strdup(arena, json_string_value(value));
		break;
	case FACT_LIST:
		fits = json_is_array(value) && list_from_json(arena, value, &fact) == 0;
		break;
	}
	if (!fits) {
		return text_error(why, "fact '%s' is not a value of type %s", def->name,
				  fact_type_word(def->type));
	}
	*ret = fact;
	return 0;
}

char *fact_value_text(struct arena *arena, const struct fact *fact, const char *unit)
{
	const char *gap = unit != NULL && unit[0] != '\0' ? " " : "";
	char *text;
	size_t i;

	unit = unit == NULL ? "" : unit;
	switch (fact->type) {
	case FACT_BOOL:
		return arena_strdup(arena, fact->yes ? "true" : "false");
	case FACT_INT:
		return arena_printf(arena, "%lld%s%s", (long long)fact->number, gap, unit);
	case FACT_REAL:
		return arena_printf(arena, "%.6g%s%s", fact->real, gap, unit);
	case FACT_TEXT:
		return arena_strdup(arena, fact->text);
	case FACT_LIST:
		text = arena_strdup(arena, fact->list_count == 0 ? "none" : "");
		for (i = 0; i < fact->list_count; i++) {
			text = arena_printf(arena, "%s%s%s", text, i > 0 ? ", " : "",
					    fact->list[i]);
		}
		return text;
	}
	BUG("fact '%s' has type %d", fact->name, (int)fact->type);
}
