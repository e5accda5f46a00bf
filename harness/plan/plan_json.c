/* plan_json: the plan as JSON, members in a fixed order. */
#include "harness/plan/plan.h"

#include "harness/banned.h"

static json_t *text_or_null(const char *text)
{
	return text == NULL ? json_null() : json_string(text);
}

static json_t *holds_json(const struct observation *o)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < o->hold_count; i++) {
		json_array_append_new(array, json_pack("{s:s,s:b}", "name", o->holds[i].name,
						       "shared", o->holds[i].shared));
	}
	return array;
}

static json_t *observation_json(const struct observation *o)
{
	json_t *object = json_object();

	json_object_set_new(object, "id", json_string(o->id));
	json_object_set_new(object, "probe", json_string(o->probe->id));
	json_object_set_new(object, "impact", json_string(impact_word(o->probe->impact)));
	json_object_set_new(object, "target", json_string(o->target));
	json_object_set_new(object, "params", params_to_json(o->params, o->param_count));
	json_object_set_new(object, "seconds", json_integer(o->seconds));
	json_object_set_new(object, "longest", json_integer(observation_longest(o)));
	json_object_set_new(object, "holds", holds_json(o));
	json_object_set_new(object, "why", json_string(why_word(o->why)));
	json_object_set_new(object, "reason", text_or_null(o->reason));
	return object;
}

static json_t *lines_json(const struct expectation *lines, size_t count)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < count; i++) {
		json_array_append_new(array, json_string(lines[i].text));
	}
	return array;
}

static json_t *texts_json(const char *const *texts)
{
	json_t *array = json_array();

	for (; texts != NULL && *texts != NULL; texts++) {
		json_array_append_new(array, json_string(*texts));
	}
	return array;
}

static json_t *check_json(const struct plan *plan, const struct planned_check *c)
{
	json_t *object = json_object();
	const char *observation = c->observation < 0 ? NULL : plan->observations[c->observation].id;

	json_object_set_new(object, "id", json_string(c->id));
	json_object_set_new(object, "suite", json_string(c->check->suite));
	json_object_set_new(object, "title", text_or_null(c->check->title));
	json_object_set_new(object, "requirements", texts_json(c->check->requirements));
	json_object_set_new(object, "cra", texts_json(c->check->cra));
	json_object_set_new(object, "service", text_or_null(c->service ? c->service->name : NULL));
	json_object_set_new(object, "function",
			    text_or_null(c->function ? c->function->name : NULL));
	json_object_set_new(object, "observation", text_or_null(observation));
	json_object_set_new(object, "ask", text_or_null(c->check->ask));
	json_object_set_new(object, "answered", json_boolean(c->answer != NULL));
	json_object_set_new(object, "given", lines_json(c->given, c->given_count));
	json_object_set_new(object, "complete", lines_json(c->complete, c->complete_count));
	json_object_set_new(object, "expect", lines_json(c->expect, c->expect_count));
	json_object_set_new(object, "not_applicable", json_boolean(c->not_applicable));
	json_object_set_new(object, "why", json_string(why_word(c->why)));
	json_object_set_new(object, "reason", text_or_null(c->reason));
	return object;
}

static json_t *monitor_json(const struct planned_monitor *m)
{
	json_t *object = json_object();

	json_object_set_new(object, "function", json_string(m->function->name));
	json_object_set_new(object, "monitor", json_string(m->monitor->id));
	json_object_set_new(object, "params", params_to_json(m->params, m->param_count));
	json_object_set_new(object, "period_ms", json_integer(m->function->period_ms));
	return object;
}

static json_t *uncovered_json(const struct uncovered *uncovered)
{
	json_t *object = json_object();

	json_object_set_new(object, "service", json_string(uncovered->service->name));
	json_object_set_new(object, "protocol", json_string(uncovered->service->protocol));
	json_object_set_new(object, "reason", json_string(uncovered->sentence));
	return object;
}

json_t *plan_to_json(const struct plan *plan)
{
	json_t *root = json_object();
	json_t *observations = json_array();
	json_t *checks = json_array();
	json_t *monitors = json_array();
	json_t *uncovered = json_array();
	json_t *notes = json_array();
	size_t i;

	for (i = 0; i < plan->observation_count; i++) {
		json_array_append_new(observations, observation_json(&plan->observations[i]));
	}
	for (i = 0; i < plan->check_count; i++) {
		json_array_append_new(checks, check_json(plan, &plan->checks[i]));
	}
	for (i = 0; i < plan->monitor_count; i++) {
		json_array_append_new(monitors, monitor_json(&plan->monitors[i]));
	}
	for (i = 0; i < plan->uncovered_count; i++) {
		json_array_append_new(uncovered, uncovered_json(&plan->uncovered[i]));
	}
	for (i = 0; i < plan->note_count; i++) {
		json_array_append_new(notes, json_string(plan->notes[i]));
	}
	json_object_set_new(root, "schema", json_string("assay-plan-1"));
	json_object_set_new(root, "digest", json_string(plan->digest));
	json_object_set_new(root, "device", text_or_null(plan->profile->name));
	json_object_set_new(root, "edition", text_or_null(plan->catalogue->edition));
	json_object_set_new(root, "seconds", json_integer(plan->seconds));
	json_object_set_new(root, "only", texts_json(plan->only));
	json_object_set_new(root, "sham_only", json_boolean(plan->sham_only));
	json_object_set_new(root, "observations", observations);
	json_object_set_new(root, "checks", checks);
	json_object_set_new(root, "monitors", monitors);
	json_object_set_new(root, "uncovered", uncovered);
	json_object_set_new(root, "notes", notes);
	return root;
}
