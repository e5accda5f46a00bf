/*
 * results_json: struct results as JSON, member by member. The names are an
 * interface, kept by suites/schema/results.schema.json.
 */
#include "harness/model/results.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

/* Text from the device may be no UTF-8; JSON wants it. */
static json_t *text_json(const char *text)
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
	value = json_string(
		text_printable(printable, 4 * size + 1, text, size));
	free(printable);
	return value;
}

static json_t *real_json(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static void set(json_t *object, const char *name, json_t *value)
{
	json_object_set_new(object, name, value);
}

static void set_text(json_t *object, const char *name, const char *text)
{
	set(object, name, text_json(text));
}

static void set_int(json_t *object, const char *name, int64_t value)
{
	set(object, name, json_integer(value));
}

static json_t *texts_json(const char *const *list)
{
	json_t *array = json_array();

	for (; list != NULL && *list != NULL; list++) {
		json_array_append_new(array, text_json(*list));
	}
	return array;
}

static json_t *counted_json(const char *const *list, size_t count)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < count; i++) {
		json_array_append_new(array, text_json(list[i]));
	}
	return array;
}

/* Ids of checks by their indexes. */
static json_t *check_ids_json(const struct results *results, const int *checks,
			      size_t count)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < count; i++) {
		json_array_append_new(array,
				      text_json(results->checks[checks[i]].id));
	}
	return array;
}

/* --- checks ------------------------------------------------------------------ */

static json_t *facts_json(const struct check_result *check)
{
	json_t *object = json_object();
	size_t i;

	for (i = 0; i < check->facts.count; i++) {
		set(object, check->facts.at[i].name,
		    fact_to_json(&check->facts.at[i]));
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
			set_text(object, def->name, def->unit);
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
		set_text(line, "text", check->lines[i].text);
		set(line, "control", json_boolean(check->lines[i].control));
		set(line, "held",
		    check->lines[i].held < 0
			    ? json_null()
			    : json_boolean(check->lines[i].held));
		set_text(line, "saw", check->lines[i].saw);
		json_array_append_new(array, line);
	}
	return array;
}

static json_t *evidence_json(const struct evidence *evidence, size_t count)
{
	json_t *array = json_array(), *file;
	size_t i;

	for (i = 0; i < count; i++) {
		file = json_object();
		set_text(file, "path", evidence[i].path);
		set_text(file, "sha256", evidence[i].sha256);
		set_int(file, "size", evidence[i].size);
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
	set(object, "met", json_boolean(answer->met));
	set_text(object, "statement", answer->statement);
	set_text(object, "who", answer->who);
	set_text(object, "role", answer->role);
	set_text(object, "when", answer->when);
	set_text(object, "evidence", answer->evidence);
	set_text(object, "evidence_sha256", answer->evidence_sha256);
	set_text(object, "reviewed_by", answer->reviewed_by);
	set_text(object, "valid_until", answer->valid_until);
	return object;
}

static json_t *check_json(const struct check_result *check)
{
	json_t *object = json_object();

	set_text(object, "id", check->id);
	set_text(object, "title", check->title);
	set_text(object, "suite", check->suite);
	set_text(object, "service", check->service);
	set_text(object, "function", check->function);
	set_text(object, "probe", check->probe);
	set_text(object, "observation", check->observation);
	set_text(object, "ask", check->ask);
	set(object, "requirements", texts_json(check->requirements));
	set(object, "cra", texts_json(check->cra));
	set_text(object, "impact", impact_word(check->impact));
	set_text(object, "verdict", verdict_word(check->verdict));
	set_text(object, "why", why_word(check->why));
	set_text(object, "reason", check->reason);
	set(object, "lines", lines_json(check));
	set(object, "facts", facts_json(check));
	set(object, "units", units_json(check));
	set(object, "evidence",
	    evidence_json(check->evidence, check->evidence_count));
	set(object, "answer", answer_json(check->answer));
	set_text(object, "started", check->started);
	set(object, "seconds", real_json(check->seconds));
	set_int(object, "attempts", check->attempts);
	set_text(object, "reproduce", check->reproduce);
	return object;
}

static json_t *checks_json(const struct results *results)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < results->check_count; i++) {
		json_array_append_new(array, check_json(&results->checks[i]));
	}
	return array;
}

/* --- requirements, levels, points --------------------------------------------- */

static const char *settled_word(enum settled settled)
{
	static const char *const words[] = {"not-evaluated", "test", "answer",
					    "declared"};

	return words[settled];
}

static json_t *requirements_json(const struct results *results)
{
	json_t *array = json_array(), *object;
	const struct requirement_result *result;
	size_t i;

	for (i = 0; i < results->requirement_count; i++) {
		result = &results->requirements[i];
		object = json_object();
		set_text(object, "id", result->requirement->id);
		set_text(object, "title", result->requirement->title);
		set_text(object, "kind", result->requirement->kind);
		set_int(object, "fr", result->requirement->fr);
		set_int(object, "sl", result->requirement->lowest_level);
		set_text(object, "verdict", verdict_word(result->verdict));
		set_text(object, "why", why_word(result->why));
		set_text(object, "reason", result->reason);
		set_text(object, "settled", settled_word(result->settled));
		set(object, "checks",
		    check_ids_json(results, result->checks,
				   result->check_count));
		json_array_append_new(array, object);
	}
	return array;
}

static void set_counts(json_t *object, const struct level_count *count)
{
	set_int(object, "selected", count->selected);
	set_int(object, "met", count->met);
	set_int(object, "not_met", count->not_met);
	set_int(object, "not_evaluated", count->not_evaluated);
	set_int(object, "not_applicable", count->not_applicable);
}

static json_t *level_json(const struct level_result *level)
{
	json_t *object = json_object(), *at = json_array(), *row;
	int n;

	set_int(object, "fr", level->fr);
	set_text(object, "name", level->name);
	set_int(object, "proven", level->proven);
	set_int(object, "ceiling", level->ceiling);
	set_int(object, "claim", level->claim);
	set_counts(object, &level->at[4]);
	for (n = 1; n <= 4; n++) {
		row = json_object();
		set_int(row, "level", n);
		set_counts(row, &level->at[n]);
		json_array_append_new(at, row);
	}
	set(object, "at", at);
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

	set_text(object, "name", results->levels[0].name);
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
		set_text(object, "id", result->point->id);
		set_text(object, "ref", result->point->ref);
		set_text(object, "title", result->point->title);
		set_text(object, "verdict", verdict_word(result->verdict));
		set_text(object, "reason", result->reason);
		set_text(object, "coverage", result->point->coverage);
		set_text(object, "gap", result->point->gap);
		set(object, "requirements",
		    texts_json(result->point->requirements));
		set(object, "checks",
		    check_ids_json(results, result->checks,
				   result->check_count));
		set_int(object, "met", result->met);
		set_int(object, "not_met", result->not_met);
		set_int(object, "not_evaluated", result->not_evaluated);
		set_int(object, "not_applicable", result->not_applicable);
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
		set_text(object, "function", monitor->function);
		set_text(object, "monitor", monitor->monitor);
		set_text(object, "view",
			 monitor->view == VIEW_DOWNWARD ? "downward"
							: "upward");
		set_int(object, "samples", monitor->samples);
		set_int(object, "answered", monitor->answered);
		set(object, "worst_gap_ms", real_json(monitor->worst_gap_ms));
		set(object, "evidence",
		    evidence_json(monitor->evidence,
				  monitor->evidence == NULL ? 0 : 1));
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
		json_array_append_new(pair, real_json(points[i].t));
		json_array_append_new(pair, real_json(points[i].value));
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
		set_text(window, "name", plot->windows[i].name);
		set(window, "from", real_json(plot->windows[i].from));
		set(window, "to", real_json(plot->windows[i].to));
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
		set_text(object, "check", plot->check);
		set_text(object, "title", plot->title);
		set(object, "windows", windows_json(plot));
		set(object, "gap_ms", points_json(plot->gap, plot->gap_count));
		set(object, "frames_per_s",
		    points_json(plot->rate, plot->rate_count));
		set(object, "tolerance_ms", real_json(plot->tolerance_ms));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *device_json(const struct profile *profile)
{
	json_t *object = json_object();

	set_text(object, "name", profile->name);
	set_text(object, "component", profile->component);
	set_text(object, "state",
		 profile->state == STATE_FACTORY ? "factory" : "hardened");
	set_text(object, "firmware", profile->firmware);
	set_text(object, "profile_sha256", profile->digest);
	return object;
}

static json_t *tool_json(const struct results *results)
{
	json_t *object = json_object();

	set_text(object, "version", results->tool_version);
	set_text(object, "suites_sha256", results->suites_digest);
	set_text(object, "catalogue", results->catalogue->edition);
	set_text(object, "catalogue_sha256", results->catalogue->digest);
	return object;
}

static json_t *run_json(const struct results *results)
{
	json_t *object = json_object(), *environment = json_object();
	size_t i;

	set_text(object, "started", results->started);
	set_text(object, "ended", results->ended);
	set_text(object, "end_reason", results->end_reason);
	for (i = 0; i < results->environment_count; i++) {
		set_text(environment, results->environment[i].name,
			 results->environment[i].value);
	}
	set(object, "environment", environment);
	set(object, "refusals",
	    counted_json(results->refusals, results->refusal_count));
	set(object, "device_events",
	    counted_json(results->device_events, results->device_event_count));
	return object;
}

static json_t *counts_json(const struct results *results)
{
	json_t *object = json_object();
	int i;

	for (i = 0; i < VERDICT_COUNT; i++) {
		set_int(object, verdict_word((enum verdict)i),
			results->verdict_counts[i]);
	}
	return object;
}

json_t *results_to_json(const struct results *results)
{
	json_t *object = json_object(), *journal = json_object();

	set_text(object, "schema", "assay/results/1");
	set(object, "device", device_json(results->profile));
	set(object, "tool", tool_json(results));
	set(object, "run", run_json(results));
	set_text(journal, "head", results->journal_head);
	set(object, "journal", journal);
	set(object, "counts", counts_json(results));
	set(object, "levels", levels_json(results));
	set(object, "constraints", constraints_json(results));
	set(object, "cra", cra_json(results));
	set(object, "requirements", requirements_json(results));
	set(object, "checks", checks_json(results));
	set(object, "monitors", monitors_json(results));
	set(object, "plots", plots_json(results));
	return object;
}
