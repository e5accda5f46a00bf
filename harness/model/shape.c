/* shape: reads a mapping by its table. */
#include "harness/model/shape.h"
#include "harness/base/text.h"
#include "harness/model/param.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

#define MAX_FIELDS   40
#define MAX_SETTINGS 64
#define MAX_ITEMS    4096

static void *place_of(const struct field *field, void *structure)
{
	return (char *)structure + field->offset;
}

/* "'tcp' must be X, not 'abc'", without the value where it may be a secret. */
static int wrong(struct yaml_file *file, const struct field *field, const struct yaml_node *node,
		 const char *wanted)
{
	if (node->kind != YAML_SCALAR) {
		return yaml_mistake(file, node, "'%s' must be %s, not a %s", field->key, wanted,
				    node->kind == YAML_MAPPING ? "mapping" : "list");
	}
	if (yaml_is_null(node)) {
		return yaml_mistake(file, node->key != NULL ? node->key : node,
				    "'%s' has no value; it must be %s", field->key, wanted);
	}
	if (field->flags & FIELD_SECRET) {
		return yaml_mistake(file, node, "'%s' must be %s", field->key, wanted);
	}
	return yaml_mistake(file, node, "'%s' must be %s, not '%s'", field->key, wanted,
			    yaml_quote(node->text).s);
}

static void store_int(const struct field *field, void *structure, int64_t value)
{
	void *place = place_of(field, structure);

	if (field->size == sizeof(int64_t)) {
		*(int64_t *)place = value;
	} else if (field->size == sizeof(int)) {
		*(int *)place = (int)value;
	} else if (field->size == sizeof(uint16_t)) {
		*(uint16_t *)place = (uint16_t)value;
	} else {
		BUG("field '%s' has no integer size", field->key);
	}
}

static int read_int(const struct field *field, struct yaml_file *file, const struct yaml_node *node,
		    void *structure)
{
	char wanted[96];
	char *end = NULL;
	intmax_t value;
	bool fits;

	errno = 0;
	value = node->kind == YAML_SCALAR && node->plain ? strtoimax(node->text, &end, 10) : 0;
	fits = end != NULL && end != node->text && *end == '\0' && errno == 0 &&
	       node->text[0] != '+' && (double)value >= field->min && (double)value <= field->max;
	if (!fits) {
		snprintf(wanted, sizeof(wanted), "an integer from %.0f to %.0f", field->min,
			 field->max);
		return wrong(file, field, node, wanted);
	}
	store_int(field, structure, value);
	return 0;
}

static int read_real(const struct field *field, struct yaml_file *file,
		     const struct yaml_node *node, void *structure)
{
	char wanted[96];
	double value = yaml_is_number(node) ? strtod(node->text, NULL) : NAN;

	if (!(value >= field->min && value <= field->max)) {
		snprintf(wanted, sizeof(wanted), "a number from %g to %g", field->min, field->max);
		return wrong(file, field, node, wanted);
	}
	*(double *)place_of(field, structure) = value;
	return 0;
}

static int read_bool(const struct field *field, struct yaml_file *file,
		     const struct yaml_node *node, void *structure)
{
	if (!yaml_is_bool(node)) {
		return wrong(file, field, node, "true or false");
	}
	*(bool *)place_of(field, structure) = strcmp(node->text, "true") == 0;
	return 0;
}

/* "one of observe, touch, stress" */
static const char *choice(struct yaml_file *file, const char *const *words)
{
	const char *all = arena_printf(file->arena, "one of %s", *words);

	for (words++; *words != NULL; words++) {
		all = arena_printf(file->arena, "%s, %s", all, *words);
	}
	return all;
}

static int word_index(const char *const *words, const struct yaml_node *node)
{
	int i;

	if (node->kind != YAML_SCALAR) {
		return -1;
	}
	for (i = 0; words[i] != NULL; i++) {
		if (strcmp(words[i], node->text) == 0) {
			return i;
		}
	}
	return -1;
}

static int read_word(const struct field *field, struct yaml_file *file,
		     const struct yaml_node *node, void *structure)
{
	int index = word_index(field->words, node);

	if (index < 0) {
		return wrong(file, field, node, choice(file, field->words));
	}
	store_int(field, structure, index);
	return 0;
}

static bool is_text(const struct field *field, const struct yaml_node *node)
{
	if (node->kind != YAML_SCALAR || node->text[0] == '\0' || yaml_is_null(node) ||
	    yaml_is_bool(node)) {
		return false;
	}
	return (field->flags & FIELD_NUMERAL) || !yaml_is_number(node);
}

static int read_text(const struct field *field, struct yaml_file *file,
		     const struct yaml_node *node, void *structure)
{
	if (!is_text(field, node)) {
		return wrong(file, field, node,
			     yaml_is_number(node) || yaml_is_bool(node) ? "text (put it in quotes)"
									: "text");
	}
	if (field->words != NULL && word_index(field->words, node) < 0) {
		return wrong(file, field, node, choice(file, field->words));
	}
	if (field->read != NULL && field->read(file, node, NULL) != 0) {
		return -1;
	}
	*(const char **)place_of(field, structure) = node->text;
	return 0;
}

static bool listed_before(const struct yaml_node *list, const struct yaml_node *item)
{
	const struct yaml_node *other;

	for (other = list->first; other != item; other = other->next) {
		if (other->text != NULL && strcmp(other->text, item->text) == 0) {
			return true;
		}
	}
	return false;
}

static int is_list(const struct field *field, struct yaml_file *file, const struct yaml_node *node)
{
	size_t least = field->max > 0 ? (size_t)field->min : 0;
	size_t most = field->max > 0 ? (size_t)field->max : MAX_ITEMS;

	if (node->kind != YAML_SEQUENCE) {
		return wrong(file, field, node, "a list");
	}
	if (node->count < least || node->count > most) {
		return yaml_mistake(file, node, "'%s' must have %zu to %zu items, not %zu",
				    field->key, least, most, node->count);
	}
	return 0;
}

static int read_texts(const struct field *field, struct yaml_file *file,
		      const struct yaml_node *node, void *structure)
{
	const struct yaml_node *item;
	const char **texts;
	size_t count = 0;
	int result = 0;

	if (is_list(field, file, node) != 0) {
		return -1;
	}
	texts = arena_alloc(file->arena, (node->count + 1) * sizeof(*texts));
	for (item = node->first; item != NULL; item = item->next) {
		if (!is_text(field, item)) {
			result = yaml_mistake(file, item, "each of '%s' must be text", field->key);
		} else if (listed_before(node, item)) {
			result = yaml_mistake(file, item, "'%s' is listed twice",
					      yaml_quote(item->text).s);
		} else if (field->words != NULL && word_index(field->words, item) < 0) {
			result = wrong(file, field, item, choice(file, field->words));
		} else if (field->read != NULL && field->read(file, item, NULL) != 0) {
			result = -1;
		} else {
			texts[count++] = item->text;
		}
	}
	*(const char *const **)place_of(field, structure) = texts;
	return result;
}

void *shape_read_list(const struct shape *shape, struct yaml_file *file,
		      const struct yaml_node *node)
{
	const struct yaml_node *item;
	char *items = arena_alloc(file->arena, (node->count + 1) * shape->size);
	char *at = items;

	for (item = node->first; item != NULL; item = item->next) {
		shape_read(shape, file, item, at);
		at += shape->size;
	}
	return items;
}

static int read_list(const struct field *field, struct yaml_file *file,
		     const struct yaml_node *node, void *structure)
{
	if (is_list(field, file, node) != 0) {
		return -1;
	}
	*(void **)place_of(field, structure) = shape_read_list(field->shape, file, node);
	*(size_t *)((char *)structure + field->count_offset) = node->count;
	return 0;
}

static int duplicate(struct yaml_file *file, const struct yaml_node *key)
{
	return yaml_mistake(file, key, "key '%s' appears twice", yaml_quote(key->text).s);
}

static bool key_before(const struct yaml_node *mapping, const struct yaml_node *node)
{
	return yaml_get(mapping, node->key->text) != node;
}

static const struct setting *settings_of(struct yaml_file *file, const struct yaml_node *node,
					 const char *what, size_t *ret_count);

static void read_setting(struct yaml_file *file, const struct yaml_node *node, const char *what,
			 struct setting *ret)
{
	*ret = (struct setting){.name = node->key == NULL ? NULL : node->key->text,
				.row = node->row,
				.column = node->column};
	if (node->kind == YAML_SCALAR) {
		ret->value = node->text;
		if (yaml_is_null(node)) {
			yaml_mistake(file, node, "'%s' has no value", what);
		}
		return;
	}
	ret->kind = node->kind == YAML_MAPPING ? SETTING_MAP : SETTING_LIST;
	ret->at = settings_of(file, node, what, &ret->count);
}

/* The values of a mapping or the items of a list. */
static const struct setting *settings_of(struct yaml_file *file, const struct yaml_node *node,
					 const char *what, size_t *ret_count)
{
	size_t most = node->kind == YAML_MAPPING ? MAX_SETTINGS : MAX_ITEMS, count = 0;
	const struct yaml_node *value;
	struct setting *settings;

	*ret_count = 0;
	if (node->count > most) {
		yaml_mistake(file, node, "'%s' has more than %zu entries", what, most);
		return NULL;
	}
	settings = arena_alloc(file->arena, (node->count + 1) * sizeof(*settings));
	for (value = node->first; value != NULL; value = value->next) {
		if (value->key != NULL && key_before(node, value)) {
			duplicate(file, value->key);
			continue;
		}
		read_setting(file, value,
			     value->key == NULL ? what : yaml_quote(value->key->text).s,
			     &settings[count++]);
	}
	*ret_count = count;
	return settings;
}

static int read_settings(const struct field *field, struct yaml_file *file,
			 const struct yaml_node *node, void *structure)
{
	size_t *count = (size_t *)((char *)structure + field->count_offset);

	if (node->kind != YAML_MAPPING) {
		return wrong(file, field, node, "a mapping (key: value)");
	}
	*(const struct setting **)place_of(field, structure) =
		settings_of(file, node, field->key, count);
	return 0;
}

static void read_field(const struct field *field, struct yaml_file *file,
		       const struct yaml_node *node, void *structure)
{
	static int (*const readers[])(const struct field *, struct yaml_file *,
				      const struct yaml_node *, void *) = {
		[FIELD_TEXT] = read_text, [FIELD_INT] = read_int,
		[FIELD_REAL] = read_real, [FIELD_BOOL] = read_bool,
		[FIELD_WORD] = read_word, [FIELD_TEXTS] = read_texts,
		[FIELD_LIST] = read_list, [FIELD_SETTINGS] = read_settings,
	};

	if (field->flags & FIELD_SECRET) {
		yaml_hide(file, node->key->row, node->end_row);
	}
	if ((field->flags & FIELD_NULLABLE) && yaml_is_null(node)) {
		return;
	}
	if (field->type == FIELD_OTHER) {
		field->read(file, node, place_of(field, structure));
	} else if (field->type == FIELD_MAP) {
		shape_read(field->shape, file, node, place_of(field, structure));
	} else {
		readers[field->type](field, file, node, structure);
	}
}

bool field_fallback_fits(const struct field *field)
{
	double value = strtod(field->fallback, NULL);

	return value >= field->min && value <= field->max;
}

static const struct field *field_find(const struct shape *shape, const char *key)
{
	const struct field *field;

	for (field = shape->fields; field->key != NULL; field++) {
		if (strcmp(field->key, key) == 0) {
			return field;
		}
	}
	return NULL;
}

static void unknown_key(const struct shape *shape, struct yaml_file *file,
			const struct yaml_node *key)
{
	const char *words[MAX_FIELDS + 1] = {NULL};
	const struct field *field;
	const char *nearest;
	size_t count = 0;

	for (field = shape->fields; field->key != NULL; field++) {
		if (!(field->flags & FIELD_REFUSED)) {
			words[count++] = field->key;
		}
	}
	nearest = yaml_nearest(key->text, words);
	if (nearest != NULL) {
		yaml_mistake(file, key, "unknown key '%s' (did you mean '%s'?)",
			     yaml_quote(key->text).s, nearest);
	} else {
		yaml_mistake(file, key, "unknown key '%s' in %s", yaml_quote(key->text).s,
			     shape->name);
	}
}

/* Stores the fallback as if it had been written. Its text is ours: a mistake
 * in it is a bug. */
static void read_fallback(const struct field *field, struct yaml_file *file, void *structure)
{
	struct yaml_node node = {
		.kind = YAML_SCALAR, .row = 1, .column = 1, .text = field->fallback, .plain = true};
	int before = file->mistakes;
	struct field bare = *field;

	if (field->type == FIELD_INT) {
		/* -1 says 'none' where it is outside the range */
		store_int(field, structure, strtoimax(field->fallback, NULL, 10));
		return;
	}
	bare.read = NULL;
	bare.flags = FIELD_NUMERAL;
	node.key = &node;
	read_field(&bare, file, &node, structure);
	if (file->mistakes != before) {
		BUG("the fallback of '%s' does not fit", field->key);
	}
}

/* Hides what may be a secret before the first message could show it. */
static void hide_unknown(const struct shape *shape, struct yaml_file *file,
			 const struct yaml_node *node)
{
	const struct yaml_node *value;
	const struct field *field;

	if (node->kind != YAML_MAPPING) {
		yaml_hide(file, node->row, node->end_row);
		return;
	}
	for (value = node->first; value != NULL; value = value->next) {
		field = field_find(shape, value->key->text);
		if (field == NULL || (field->flags & FIELD_SECRET)) {
			yaml_hide(file, value->key->row, value->end_row);
		}
	}
}

/* Gives every field its fallback, also inside mappings not given. A list of
 * texts is then empty, not NULL. */
static void read_fallbacks(const struct shape *shape, struct yaml_file *file, void *structure)
{
	static const char *const nothing[] = {NULL};
	const struct field *field;

	for (field = shape->fields; field->key != NULL; field++) {
		if (field->fallback != NULL) {
			read_fallback(field, file, structure);
		} else if (field->type == FIELD_TEXTS) {
			*(const char *const **)place_of(field, structure) = nothing;
		} else if (field->type == FIELD_MAP) {
			read_fallbacks(field->shape, file, place_of(field, structure));
		}
	}
}

static void need_required(const struct shape *shape, struct yaml_file *file,
			  const struct yaml_node *node, const bool *seen)
{
	const struct field *field;

	for (field = shape->fields; field->key != NULL; field++) {
		if (!seen[field - shape->fields] && (field->flags & FIELD_REQUIRED)) {
			yaml_mistake(file, node, "%s lacks '%s': %s", shape->name, field->key,
				     field->meaning);
		}
	}
}

void shape_read(const struct shape *shape, struct yaml_file *file, const struct yaml_node *node,
		void *structure)
{
	bool seen[MAX_FIELDS] = {false};
	const struct yaml_node *value;
	const struct field *field;
	int before = file->mistakes;

	if (shape->secret) {
		hide_unknown(shape, file, node);
	}
	if (node->kind != YAML_MAPPING) {
		yaml_mistake(file, node, "%s must be a mapping (key: value), not %s", shape->name,
			     node->kind == YAML_SEQUENCE ? "a list" : "text");
		return;
	}
	read_fallbacks(shape, file, structure);
	for (value = node->first; value != NULL; value = value->next) {
		field = field_find(shape, value->key->text);
		if (field == NULL) {
			unknown_key(shape, file, value->key);
		} else if (seen[field - shape->fields]) {
			duplicate(file, value->key);
		} else {
			seen[field - shape->fields] = true;
			read_field(field, file, value, structure);
		}
	}
	need_required(shape, file, node, seen);
	if (shape->check != NULL && file->mistakes == before) {
		shape->check(file, node, structure);
	}
}
