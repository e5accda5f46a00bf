/* shape_test: the tables, the published JSON Schemas and the reference pages
 * say the same. What a schema may say beyond the tables: patterns, and what the
 * items of a list look like that has a reader of its own. */
#include "harness/model/catalogue_shape.h"
#include "harness/model/profile_shape.h"
#include "harness/model/suite_shape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

#define SCHEMAS ASSAY_DATA_DIR "/suites/schema/"
#define DOCS    ASSAY_DATA_DIR "/docs/"

static json_t *schema_of(const struct shape *shape);

static json_t *texts(const char *const *words)
{
	json_t *array = json_array();

	for (; *words != NULL; words++) {
		json_array_append_new(array, json_string(*words));
	}
	return array;
}

static json_t *text_type(const struct field *field)
{
	const char *other = field->flags & FIELD_NUMERAL    ? "number"
			    : field->flags & FIELD_NULLABLE ? "null"
							    : NULL;

	return other != NULL ? json_pack("[s,s]", "string", other) : json_string("string");
}

static bool fallback_fits(const struct field *field)
{
	double value = strtod(field->fallback, NULL);

	return value >= field->min && value <= field->max;
}

static void put_default(const struct field *field, json_t *schema)
{
	json_t *value = NULL;

	if (field->fallback == NULL) {
		return;
	}
	if (field->type == FIELD_INT && fallback_fits(field)) {
		value = json_integer(strtoll(field->fallback, NULL, 10));
	} else if (field->type == FIELD_BOOL) {
		value = json_boolean(strcmp(field->fallback, "true") == 0);
	} else if (field->type == FIELD_TEXT) {
		value = json_string(field->fallback);
	}
	if (value != NULL) {
		json_object_set_new(schema, "default", value);
	}
}

static void put_range(json_t *schema, const char *low, const char *high, const struct field *field)
{
	if (field->max > 0) {
		json_object_set_new(schema, low, json_integer((json_int_t)field->min));
		json_object_set_new(schema, high, json_integer((json_int_t)field->max));
	}
}

static json_t *list_schema(const struct field *field)
{
	json_t *schema = json_pack("{s:s}", "type", "array");

	put_range(schema, "minItems", "maxItems", field);
	if (field->type == FIELD_LIST) {
		json_object_set_new(schema, "items", schema_of(field->shape));
	} else if (field->type == FIELD_TEXTS) {
		json_object_set_new(
			schema, "items",
			json_pack("{s:o,s:i}", "type", text_type(field), "minLength", 1));
		json_object_set_new(schema, "uniqueItems", json_true());
	}
	if (field->words != NULL) {
		json_object_set_new(
			schema, "items",
			json_pack("{s:s,s:o}", "type", "string", "enum", texts(field->words)));
	}
	return schema;
}

static json_t *scalar_schema(const struct field *field)
{
	static const char *const types[] = {[FIELD_INT] = "integer",
					    [FIELD_REAL] = "number",
					    [FIELD_BOOL] = "boolean",
					    [FIELD_WORD] = "string"};
	json_t *schema = json_object();

	if (field->type == FIELD_TEXT) {
		json_object_set_new(schema, "type", text_type(field));
		if (field->words == NULL) {
			json_object_set_new(schema, "minLength", json_integer(1));
		}
	} else {
		json_object_set_new(schema, "type",
				    json_string(field->type == FIELD_OTHER ? field->schema
									   : types[field->type]));
	}
	if (field->words != NULL) {
		json_object_set_new(schema, "enum", texts(field->words));
	}
	if (field->type == FIELD_INT || field->type == FIELD_REAL) {
		put_range(schema, "minimum", "maximum", field);
	}
	return schema;
}

static json_t *field_schema(const struct field *field)
{
	json_t *schema;

	if (field->type == FIELD_MAP) {
		schema = schema_of(field->shape);
	} else if (field->type == FIELD_SETTINGS) {
		schema = json_pack("{s:s,s:{s:[s,s,s,s,s]}}", "type", "object",
				   "additionalProperties", "type", "string", "number", "boolean",
				   "array", "object");
	} else if (field->type == FIELD_LIST || field->type == FIELD_TEXTS ||
		   (field->type == FIELD_OTHER && strcmp(field->schema, "array") == 0)) {
		schema = list_schema(field);
	} else {
		schema = scalar_schema(field);
	}
	json_object_set_new(schema, "description", json_string(field->meaning));
	put_default(field, schema);
	return schema;
}

/* What the table says, as a JSON Schema. */
static json_t *schema_of(const struct shape *shape)
{
	json_t *properties = json_object(), *required = json_array();
	const struct field *field;

	for (field = shape->fields; field->key != NULL; field++) {
		if (field->flags & FIELD_REFUSED) {
			continue;
		}
		json_object_set_new(properties, field->key, field_schema(field));
		if (field->flags & FIELD_REQUIRED) {
			json_array_append_new(required, json_string(field->key));
		}
	}
	return json_pack("{s:s,s:b,s:o,s:o}", "type", "object", "additionalProperties", 0,
			 "required", required, "properties", properties);
}

static bool is_extra(const char *key)
{
	static const char *const extras[] = {
		"$schema", "$id", "title", "pattern", "items", "additionalProperties", NULL};
	int i;

	for (i = 0; extras[i] != NULL; i++) {
		if (strcmp(extras[i], key) == 0) {
			return true;
		}
	}
	return false;
}

/* Returns the number of differences, each printed. */
static int compare(const char *path, const json_t *table, json_t *schema)
{
	char below[512];
	const char *key;
	json_t *value;
	int differences = 0;

	if (!json_is_object(table) || !json_is_object(schema)) {
		if (json_equal(table, schema)) {
			return 0;
		}
		print_error("%s differs\n", path);
		return 1;
	}
	json_object_foreach((json_t *)table, key, value)
	{
		snprintf(below, sizeof(below), "%s/%s", path, key);
		differences += compare(below, value, json_object_get(schema, key));
	}
	json_object_foreach(schema, key, value)
	{
		if (json_object_get(table, key) == NULL && !is_extra(key)) {
			print_error("%s/%s is not in the table\n", path, key);
			differences++;
		}
	}
	return differences;
}

static json_t *wanted(const struct shape *shape, bool list)
{
	json_t *schema = schema_of(shape);

	return list ? json_pack("{s:s,s:o}", "type", "array", "items", schema) : schema;
}

static const struct {
	const char *file;
	const struct shape *shape;
	bool list;
	const char *page;
} pairs[] = {
	{"profile.schema.json", &profile_shape, false, "profile.md"},
	{"answers.schema.json", &answer_shape, true, "profile.md"},
	{"suite.schema.json", &suite_shape, false, "suite.md"},
	{"policy.schema.json", &policy_shape, false, "suite.md"},
	{"catalogue.schema.json", &catalogue_shape, false, "suite.md"},
	{"cra.schema.json", &cra_shape, false, "suite.md"},
};

static void schemas_and_tables_agree(void **state)
{
	json_error_t error;
	int differences = 0;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		char path[512];
		json_t *table = wanted(pairs[i].shape, pairs[i].list), *schema;

		snprintf(path, sizeof(path), "%s%s", SCHEMAS, pairs[i].file);
		schema = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
		assert_non_null(schema);
		differences += compare(pairs[i].file, table, schema);
		json_decref(schema);
		json_decref(table);
	}
	assert_int_equal(differences, 0);
}

/* --- the reference pages --------------------------------------------------- */

static const char *type_words(const struct field *field, char *out, size_t size)
{
	static const char *const words[] = {
		[FIELD_TEXT] = "text",       [FIELD_INT] = "integer",
		[FIELD_REAL] = "number",     [FIELD_BOOL] = "true or false",
		[FIELD_WORD] = "word",       [FIELD_TEXTS] = "list of texts",
		[FIELD_MAP] = "mapping",     [FIELD_LIST] = "list of mappings",
		[FIELD_SETTINGS] = "mapping"};
	int used;

	if (field->type == FIELD_OTHER) {
		snprintf(out, size, "%s",
			 strcmp(field->schema, "array") == 0    ? "list"
			 : strcmp(field->schema, "object") == 0 ? "mapping"
								: "text");
	} else if (field->type == FIELD_INT || field->type == FIELD_REAL) {
		snprintf(out, size, "%s %.0f to %.0f", words[field->type], field->min, field->max);
	} else {
		snprintf(out, size, "%s", words[field->type]);
	}
	if (field->words != NULL) {
		const char *const *word;

		used = (int)strlen(out);
		for (word = field->words; *word != NULL; word++) {
			used += snprintf(out + used, size - (size_t)used, "%s%s",
					 word == field->words ? ": " : ", ", *word);
		}
	}
	return out;
}

static void row_of(const struct field *field, char *out, size_t size)
{
	char type[256];
	const char *without =
		field->flags & FIELD_REQUIRED ? "required"
		: field->fallback != NULL && (field->type != FIELD_INT || fallback_fits(field))
			? field->fallback
			: "none";

	snprintf(out, size, "| `%s` | %s | %s | %s |\n", field->key,
		 type_words(field, type, sizeof(type)), without, field->meaning);
}

static int missing_rows(const struct shape *shape, const char *page)
{
	const struct field *field;
	char row[1024];
	int missing = 0;

	for (field = shape->fields; field->key != NULL; field++) {
		if (field->flags & FIELD_REFUSED) {
			continue;
		}
		row_of(field, row, sizeof(row));
		if (strstr(page, row) == NULL) {
			print_error("not in the page: %s", row);
			missing++;
		}
		if (field->shape != NULL) {
			missing += missing_rows(field->shape, page);
		}
	}
	return missing;
}

static void reference_pages_hold_every_key(void **state)
{
	static char page[1 << 17];
	int missing = 0;
	size_t i, size;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		char path[512];
		FILE *file;

		snprintf(path, sizeof(path), "%s%s", DOCS, pairs[i].page);
		file = fopen(path, "r");
		assert_non_null(file);
		size = fread(page, 1, sizeof(page) - 1, file);
		page[size] = '\0';
		fclose(file);
		missing += missing_rows(pairs[i].shape, page);
	}
	assert_int_equal(missing, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(schemas_and_tables_agree),
		cmocka_unit_test(reference_pages_hold_every_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
