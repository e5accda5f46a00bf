/* schema: shape tables as JSON Schema. */
#include "harness/model/schema.h"
#include "harness/base/text.h"
#include "harness/model/profile_value.h"
#include "harness/model/suite_shape.h"

#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

#define ID_PATTERN   "^[a-z0-9_][a-z0-9._-]*$"
#define DATE_PATTERN "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
#define MAC_PATTERN  "^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}$"
#define PATH_PATTERN "^/[^ ]*$"
/* what may stand behind an operator is the fact's type's business */
#define LINE_START "^[ \t]*[a-z0-9_]+[ \t]+("
#define LINE_END   ")[ \t]+[^ \t]"

static const char for_pattern[] =
	"^(login|tls|service ([a-z0-9-]+|\\[ *[a-z0-9-]+( *, *[a-z0-9-]+)* *\\])|function ("
#define VIEW(name, word, what) word "|"
#include "harness/model/view.def"
#undef VIEW
	"any))$";
static const char line_pattern[] = LINE_START
#define OPERATOR(name, word) word "|"
#include "harness/model/operator.def"
#undef OPERATOR
	"is" LINE_END;

/* What a reader takes beyond the field's type: a pattern of the text, or of
 * each text of a list, or further members. */
static const struct {
	field_read *read;
	const char *pattern;
	const char *members; /* JSON */
} takes[] = {
	{field_is_id, ID_PATTERN, NULL},
	{field_is_date, DATE_PATTERN, NULL},
	{field_is_sha256, "^[0-9a-f]{64}$", NULL},
	{read_mac, MAC_PATTERN, NULL},
	{read_ip, "^[0-9A-Fa-f.:]+$", NULL},
	{read_ipv6_list, "^[0-9A-Fa-f.:]+$", NULL},
	{read_public_paths, PATH_PATTERN, NULL},
	{check_url_path, PATH_PATTERN, NULL},
	{check_variable, "^[A-Za-z_][A-Za-z0-9_]*$", NULL},
	{read_for, for_pattern, NULL},
	{read_lines, line_pattern, NULL},
	{read_ports, NULL,
	 "{\"items\": {\"type\": \"integer\", \"minimum\": 1, \"maximum\": 65535}}"},
};

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

static void put_default(const struct field *field, json_t *schema)
{
	json_t *value = NULL;

	if (field->fallback == NULL) {
		return;
	}
	if (field->type == FIELD_INT && field_fallback_fits(field)) {
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
	json_t *items = NULL;

	put_range(schema, "minItems", "maxItems", field);
	if (field->type == FIELD_LIST) {
		items = schema_of(field->shape);
	} else if (field->words != NULL) {
		items = json_pack("{s:s,s:o}", "type", "string", "enum", texts(field->words));
	} else if (field->type == FIELD_TEXTS) {
		items = json_pack("{s:o,s:i}", "type", text_type(field), "minLength", 1);
	} else {
		items = json_pack("{s:s}", "type", "string");
	}
	json_object_set_new(schema, "items", items);
	if (field->type == FIELD_TEXTS) {
		json_object_set_new(schema, "uniqueItems", json_true());
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

/* What the field's reader says beyond the type. */
static void put_reader(const struct field *field, json_t *schema)
{
	json_t *members, *items = json_object_get(schema, "items");
	size_t i;

	for (i = 0; field->read != NULL && i < ARRAY_SIZE(takes); i++) {
		if (takes[i].read != field->read) {
			continue;
		}
		if (takes[i].pattern != NULL) {
			json_object_set_new(items != NULL ? items : schema, "pattern",
					    json_string(takes[i].pattern));
		}
		if (takes[i].members != NULL) {
			members = json_loads(takes[i].members, 0, NULL);
			if (members == NULL) {
				BUG("what '%s' takes is no JSON", field->key);
			}
			json_object_update(schema, members);
			json_decref(members);
		}
	}
}

static bool is_list(const struct field *field)
{
	return field->type == FIELD_LIST || field->type == FIELD_TEXTS ||
	       (field->type == FIELD_OTHER && strcmp(field->schema, "array") == 0);
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
	} else {
		schema = is_list(field) ? list_schema(field) : scalar_schema(field);
	}
	put_reader(field, schema);
	json_object_set_new(schema, "description", json_string(field->meaning));
	put_default(field, schema);
	return schema;
}

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

json_t *schema_of_file(const struct shape *shape, const char *title, bool list)
{
	json_t *file = json_pack("{s:s,s:s}", "$schema", "http://json-schema.org/draft-07/schema#",
				 "title", title);
	json_t *schema = schema_of(shape);

	if (list) {
		schema = json_pack("{s:s,s:o}", "type", "array", "items", schema);
	}
	json_object_update(file, schema);
	json_decref(schema);
	return file;
}
