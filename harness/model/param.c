/* param: words of the types, and resolved values as JSON. */
#include "harness/model/param.h"

#include <string.h>

#include "harness/banned.h"

const char *param_type_word(enum param_type type)
{
	static const char *const words[] = {
#define PARAM_TYPE(name, word) word,
#include "harness/model/param_type.def"
#undef PARAM_TYPE
	};

	return words[type];
}

static json_t *list_to_json(const struct param_value *value)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < value->list_count; i++) {
		json_array_append_new(array, json_string(value->list[i]));
	}
	return array;
}

static json_t *steps_to_json(const struct param_value *value)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < value->step_count; i++) {
		json_array_append_new(array,
				      params_to_json(value->steps[i].at, value->steps[i].count));
	}
	return array;
}

json_t *param_to_json(const struct param_value *value)
{
	switch (value->type) {
	case PARAM_INT:
		return json_integer(value->number);
	case PARAM_BOOL:
		return json_boolean(value->yes);
	case PARAM_LIST:
		return list_to_json(value);
	case PARAM_STEPS:
		return steps_to_json(value);
	case PARAM_TEXT:
	case PARAM_SERVICE:
	case PARAM_ACCOUNT:
	case PARAM_FUNCTION:
		break;
	}
	return json_string(value->text);
}

const struct param_value *param_find(const struct param_value *values, size_t count,
				     const char *name)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (strcmp(values[i].name, name) == 0) {
			return &values[i];
		}
	}
	return NULL;
}

json_t *params_to_json(const struct param_value *values, size_t count)
{
	json_t *object = json_object();
	size_t i;

	for (i = 0; i < count; i++) {
		json_object_set_new(object, values[i].name, param_to_json(&values[i]));
	}
	return object;
}
