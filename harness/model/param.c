/* param: resolved values as JSON. */
#include "harness/model/param.h"

#include "harness/banned.h"

static json_t *value_to_json(const struct param_value *value)
{
	switch (value->type) {
	case PARAM_INT:
		return json_integer(value->number);
	case PARAM_BOOL:
		return json_boolean(value->yes);
	case PARAM_TEXT:
	case PARAM_SERVICE:
	case PARAM_ACCOUNT:
	case PARAM_FUNCTION:
		break;
	}
	return json_string(value->text);
}

json_t *params_to_json(const struct param_value *values, size_t count)
{
	json_t *object = json_object();
	size_t i;

	for (i = 0; i < count; i++) {
		json_object_set_new(object, values[i].name, value_to_json(&values[i]));
	}
	return object;
}
