/* results_check_json: checks, with their facts and evidence, as JSON. */
#include "harness/model/results_json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

/* Text from the device may be no UTF-8; JSON wants it. */
json_t *text_to_json(const char *text)
{
	json_t *value;
	size_t size;
	char *printable;

	if (text == NULL) {
		return json_null();
	}
	value = json_string(text);
	if (value != NULL) {
		return value;
	}
	size = strlen(text);
	printable = malloc(4 * size + 1);
	if (printable == NULL) {
		return json_null();
	}
	value = json_string(text_printable(printable, 4 * size + 1, text, size));
	free(printable);
	return value;
}

json_t *real_to_json(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

void object_set(json_t *object, const char *name, json_t *value)
{
	json_object_set_new(object, name, value);
}

void object_set_text(json_t *object, const char *name, const char *text)
{
	object_set(object, name, text_to_json(text));
}

void object_set_int(json_t *object, const char *name, int64_t value)
{
	object_set(object, name, json_integer(value));
}

json_t *texts_to_json(const char *const *list)
{
	json_t *array = json_array();

	for (; list != NULL && *list != NULL; list++) {
		json_array_append_new(array, text_to_json(*list));
	}
	return array;
}

static json_t *facts_json(const struct check_result *check)
{
	json_t *object = json_object();
	size_t i;

	for (i = 0; i < check->facts.count; i++) {
		object_set(object, check->facts.at[i].name, fact_to_json(&check->facts.at[i]));
	}
	return object;
}

/* Only of facts that were seen and have a unit. */
static json_t *units_json(const struct check_result *check)
{
	json_t *object = json_object();
	const struct fact_def *def;
	size_t i;

	for (i = 0; i < check->facts.count; i++) {
		def = fact_def_find(check->fact_defs, check->facts.at[i].name);
		if (def != NULL && def->unit != NULL && def->unit[0] != '\0') {
			object_set_text(object, def->name, def->unit);
		}
	}
	return object;
}

static json_t *lines_json(const struct check_result *check)
{
	json_t *array = json_array(), *line;
	size_t i;

	for (i = 0; i < check->line_count; i++) {
		line = json_object();
		object_set_text(line, "text", check->lines[i].text);
		object_set_text(line, "role", line_role_word(check->lines[i].role));
		object_set(line, "held",
			   check->lines[i].held < 0 ? json_null()
						    : json_boolean(check->lines[i].held));
		object_set_text(line, "saw", check->lines[i].saw);
		json_array_append_new(array, line);
	}
	return array;
}

json_t *evidence_to_json(const struct evidence *evidence, size_t count)
{
	json_t *array = json_array(), *file;
	size_t i;

	for (i = 0; i < count; i++) {
		file = json_object();
		object_set_text(file, "path", evidence[i].path);
		object_set_text(file, "sha256", evidence[i].sha256);
		object_set_int(file, "size", evidence[i].size);
		json_array_append_new(array, file);
	}
	return array;
}

static json_t *answer_json(const struct answer *answer)
{
	json_t *object;

	if (answer == NULL) {
		return json_null();
	}
	object = json_object();
	object_set(object, "met", json_boolean(answer->met));
	object_set_text(object, "statement", answer->statement);
	object_set_text(object, "who", answer->who);
	object_set_text(object, "role", answer->role);
	object_set_text(object, "when", answer->when);
	object_set_text(object, "evidence", answer->evidence);
	object_set_text(object, "evidence_sha256", answer->evidence_sha256);
	object_set_text(object, "reviewed_by", answer->reviewed_by);
	object_set_text(object, "valid_until", answer->valid_until);
	return object;
}

static json_t *figures_json(const struct check_figures *figures)
{
	json_t *object;

	if (figures == NULL) {
		return json_null();
	}
	object = json_object();
	object_set_int(object, "planted", figures->planted);
	object_set_int(object, "found", figures->found);
	object_set_int(object, "clean", figures->clean);
	object_set_int(object, "false", figures->wrong);
	return object;
}

static json_t *check_json(const struct check_result *check)
{
	json_t *object = json_object();

	object_set_text(object, "id", check->id);
	object_set_text(object, "title", check->title);
	object_set_text(object, "suite", check->suite);
	object_set_text(object, "service", check->service);
	object_set_text(object, "function", check->function);
	object_set_text(object, "probe", check->probe);
	object_set_text(object, "observation", check->observation);
	object_set_text(object, "ask", check->ask);
	object_set(object, "requirements", texts_to_json(check->requirements));
	object_set(object, "cra", texts_to_json(check->cra));
	object_set_text(object, "impact", impact_word(check->impact));
	object_set_text(object, "verdict", verdict_word(check->verdict));
	object_set_text(object, "why", why_word(check->why));
	object_set_text(object, "reason", check->reason);
	object_set_text(object, "note", check->note);
	object_set(object, "lines", lines_json(check));
	object_set(object, "facts", facts_json(check));
	object_set(object, "units", units_json(check));
	object_set(object, "evidence", evidence_to_json(check->evidence, check->evidence_count));
	object_set(object, "answer", answer_json(check->answer));
	object_set_text(object, "started", check->started);
	object_set(object, "seconds", real_to_json(check->seconds));
	object_set_int(object, "attempts", check->attempts);
	object_set_text(object, "reproduce", check->reproduce);
	object_set(object, "validation", figures_json(check->figures));
	return object;
}

json_t *checks_to_json(const struct results *results)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < results->check_count; i++) {
		json_array_append_new(array, check_json(&results->checks[i]));
	}
	return array;
}
