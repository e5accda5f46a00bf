/*
 * results_json: struct results as JSON, member by member. The names are an
 * interface, kept by suites/schema/results.schema.json.
 */
#include "harness/model/results_json.h"

#include "harness/banned.h"

static json_t *counted_json(const char *const *list, size_t count)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < count; i++) {
		json_array_append_new(array, text_to_json(list[i]));
	}
	return array;
}

/* Ids of checks by their indexes. */
static json_t *check_ids_json(const struct results *results, const int *checks, size_t count)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < count; i++) {
		json_array_append_new(array, text_to_json(results->checks[checks[i]].id));
	}
	return array;
}

/* --- requirements, levels, points --------------------------------------------- */

static json_t *requirements_json(const struct results *results)
{
	json_t *array = json_array(), *object;
	const struct requirement_result *result;
	size_t i;

	for (i = 0; i < results->requirement_count; i++) {
		result = &results->requirements[i];
		object = json_object();
		object_set_text(object, "id", result->requirement->id);
		object_set_text(object, "title", result->requirement->title);
		object_set_text(object, "kind", result->requirement->kind);
		object_set_int(object, "fr", result->requirement->fr);
		object_set_int(object, "sl", result->requirement->lowest_level);
		object_set_text(object, "verdict", verdict_word(result->verdict));
		object_set_text(object, "why", why_word(result->why));
		object_set_text(object, "reason", result->reason);
		object_set_text(object, "settled", settled_word(result->settled));
		object_set(object, "checks",
			   check_ids_json(results, result->checks, result->check_count));
		json_array_append_new(array, object);
	}
	return array;
}

static void set_counts(json_t *object, const struct level_count *count)
{
	object_set_int(object, "selected", count->selected);
	object_set_int(object, "met", count->met);
	object_set_int(object, "not_met", count->not_met);
	object_set_int(object, "not_evaluated", count->not_evaluated);
	object_set_int(object, "not_applicable", count->not_applicable);
}

static json_t *level_json(const struct level_result *level)
{
	json_t *object = json_object(), *at = json_array(), *row;
	int n;

	object_set_int(object, "fr", level->fr);
	object_set_text(object, "name", level->name);
	object_set_int(object, "proven", level->proven);
	object_set_int(object, "ceiling", level->ceiling);
	object_set_int(object, "claim", level->claim);
	set_counts(object, &level->at[4]);
	for (n = 1; n <= 4; n++) {
		row = json_object();
		object_set_int(row, "level", n);
		set_counts(row, &level->at[n]);
		json_array_append_new(at, row);
	}
	object_set(object, "at", at);
	return object;
}

static json_t *levels_json(const struct results *results)
{
	json_t *array = json_array();
	int fr;

	for (fr = 1; fr <= 7; fr++) {
		json_array_append_new(array, level_json(&results->levels[fr]));
	}
	return array;
}

static json_t *constraints_json(const struct results *results)
{
	json_t *object = json_object();

	object_set_text(object, "name", results->levels[0].name);
	set_counts(object, &results->levels[0].at[4]);
	return object;
}

static json_t *cra_json(const struct results *results)
{
	json_t *array = json_array(), *object;
	const struct cra_result *result;
	size_t i;

	for (i = 0; i < results->cra_count; i++) {
		result = &results->cra[i];
		object = json_object();
		object_set_text(object, "id", result->point->id);
		object_set_text(object, "ref", result->point->ref);
		object_set_text(object, "title", result->point->title);
		object_set_text(object, "verdict", verdict_word(result->verdict));
		object_set_text(object, "reason", result->reason);
		object_set_text(object, "coverage", result->point->coverage);
		object_set_text(object, "gap", result->point->gap);
		object_set(object, "requirements", texts_to_json(result->point->requirements));
		object_set(object, "checks",
			   check_ids_json(results, result->checks, result->check_count));
		object_set_int(object, "met", result->met);
		object_set_int(object, "not_met", result->not_met);
		object_set_int(object, "not_evaluated", result->not_evaluated);
		object_set_int(object, "not_applicable", result->not_applicable);
		json_array_append_new(array, object);
	}
	return array;
}

/* --- the run -------------------------------------------------------------------- */

static json_t *monitors_json(const struct results *results)
{
	json_t *array = json_array(), *object;
	const struct monitor_result *monitor;
	size_t i;

	for (i = 0; i < results->monitor_count; i++) {
		monitor = &results->monitors[i];
		object = json_object();
		object_set_text(object, "function", monitor->function);
		object_set_text(object, "monitor", monitor->monitor);
		object_set_text(object, "view", view_word(monitor->view));
		object_set_int(object, "samples", monitor->samples);
		object_set_int(object, "answered", monitor->answered);
		object_set_int(object, "missed", monitor->missed);
		object_set(object, "worst_gap_ms", real_to_json(monitor->worst_gap_ms));
		object_set(object, "evidence",
			   evidence_to_json(monitor->evidence, monitor->evidence == NULL ? 0 : 1));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *points_json(const struct plot_point *points, size_t count)
{
	json_t *array = json_array(), *pair;
	size_t i;

	for (i = 0; i < count; i++) {
		pair = json_array();
		json_array_append_new(pair, real_to_json(points[i].t));
		json_array_append_new(pair, real_to_json(points[i].value));
		json_array_append_new(array, pair);
	}
	return array;
}

static json_t *windows_json(const struct plot *plot)
{
	json_t *array = json_array(), *window;
	size_t i;

	for (i = 0; i < plot->window_count; i++) {
		window = json_object();
		object_set_text(window, "name", plot->windows[i].name);
		object_set(window, "from", real_to_json(plot->windows[i].from));
		object_set(window, "to", real_to_json(plot->windows[i].to));
		json_array_append_new(array, window);
	}
	return array;
}

static json_t *plots_json(const struct results *results)
{
	json_t *array = json_array(), *object;
	const struct plot *plot;
	size_t i;

	for (i = 0; i < results->plot_count; i++) {
		plot = &results->plots[i];
		object = json_object();
		object_set_text(object, "check", plot->check);
		object_set_text(object, "title", plot->title);
		object_set(object, "windows", windows_json(plot));
		object_set(object, "gap_ms", points_json(plot->gap, plot->gap_count));
		object_set(object, "frames_per_s", points_json(plot->rate, plot->rate_count));
		object_set(object, "tolerance_ms", real_to_json(plot->tolerance_ms));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *device_json(const struct profile *profile)
{
	json_t *object = json_object();

	object_set_text(object, "name", profile->name);
	object_set_text(object, "component", profile->component);
	object_set_text(object, "state", state_word(profile->state));
	object_set_text(object, "firmware", profile->firmware);
	object_set_text(object, "profile_sha256", profile->digest);
	return object;
}

static json_t *tool_json(const struct results *results)
{
	json_t *object = json_object();

	object_set_text(object, "version", results->tool_version);
	object_set_text(object, "suites_sha256", results->suites_digest);
	object_set_text(object, "policies", results->policies);
	object_set_text(object, "catalogue", results->catalogue->edition);
	object_set_text(object, "catalogue_sha256", results->catalogue->digest);
	return object;
}

static json_t *run_json(const struct results *results)
{
	json_t *object = json_object(), *environment = json_object();
	size_t i;

	object_set_text(object, "started", results->started);
	object_set_text(object, "ended", results->ended);
	object_set_text(object, "end_reason", results->end_reason);
	for (i = 0; i < results->environment_count; i++) {
		object_set_text(environment, results->environment[i].name,
				results->environment[i].value);
	}
	object_set(object, "environment", environment);
	object_set(object, "refusals", counted_json(results->refusals, results->refusal_count));
	object_set(object, "device_events",
		   counted_json(results->device_events, results->device_event_count));
	return object;
}

static json_t *counts_json(const struct results *results)
{
	json_t *object = json_object();
	int i;

	for (i = 0; i < VERDICT_COUNT; i++) {
		object_set_int(object, verdict_word((enum verdict)i), results->verdict_counts[i]);
	}
	return object;
}

static json_t *uncovered_json(const struct results *results)
{
	json_t *array = json_array(), *object;
	size_t i;

	for (i = 0; i < results->uncovered_count; i++) {
		object = json_object();
		object_set_text(object, "service", results->uncovered[i].service);
		object_set_text(object, "protocol", results->uncovered[i].protocol);
		object_set_text(object, "reason", results->uncovered[i].reason);
		json_array_append_new(array, object);
	}
	return array;
}

json_t *results_to_json(const struct results *results)
{
	json_t *object = json_object(), *journal = json_object();

	object_set_text(object, "schema", "assay/results/1");
	object_set(object, "device", device_json(results->profile));
	object_set(object, "tool", tool_json(results));
	object_set(object, "run", run_json(results));
	object_set_text(journal, "head", results->journal_head);
	object_set(object, "journal", journal);
	object_set(object, "counts", counts_json(results));
	object_set(object, "uncovered", uncovered_json(results));
	object_set(object, "levels", levels_json(results));
	object_set(object, "constraints", constraints_json(results));
	object_set(object, "cra", cra_json(results));
	object_set(object, "requirements", requirements_json(results));
	object_set(object, "checks", checks_to_json(results));
	object_set(object, "monitors", monitors_json(results));
	object_set(object, "plots", plots_json(results));
	return object;
}
