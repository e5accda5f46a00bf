/*
 * plot: a load check's own evidence (windows.json, samples.csv) -> samples and
 * load on one time axis. A file that is missing, malformed or not the one the
 * journal hashed gives no plot, never a wrong one.
 */
#include "harness/base/digest.h"
#include "harness/judge/judge_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

#define PLOT_POINTS 2000
/* A day of samples at 10 ms, and a line far longer than one of ours. */
#define SAMPLES_MAX (24u * 3600 * 100)
#define SAMPLE_LINE 256

struct points {
	struct plot_point *at;
	size_t count;
};

static char *evidence_file(struct judging *judging, const struct check_result *check,
			   const char *name)
{
	const struct evidence *evidence;
	struct digest digest;
	const char *base;
	char *path;
	size_t i;

	for (i = 0; i < check->evidence_count; i++) {
		evidence = &check->evidence[i];
		base = strrchr(evidence->path, '/');
		base = base == NULL ? evidence->path : base + 1;
		if (strcmp(base, name) != 0) {
			continue;
		}
		path = arena_printf(judging->arena, "%s/%s", judging->input->directory,
				    evidence->path);
		if (digest_file(path, &digest, NULL) == 0 &&
		    strcmp(digest.hex, evidence->sha256) == 0) {
			return path;
		}
	}
	return NULL;
}

/* --- samples ---------------------------------------------------------------- */

/* due_s,sent_s,done_s,answered,value; false for the heading and anything
 * else. */
static bool sample_parse(const char *line, double ret[5])
{
	char *end;
	size_t i;

	for (i = 0; i < 5; i++) {
		ret[i] = strtod(line, &end);
		if (end == line || !isfinite(ret[i])) {
			/* a lost sample has no value */
			if (i != 4 || ret[3] != 0) {
				return false;
			}
			ret[i] = 0;
			return true;
		}
		line = *end == ',' ? end + 1 : end;
	}
	return true;
}

struct tracker {        /* of progress, from sample to sample */
	bool must_move; /* the value itself has to change */
	bool started;
	double last_s, value;
};

/* Milliseconds since the last progress when the sample was there. */
static double track(struct tracker *tracker, const double sample[5])
{
	bool answered = sample[3] != 0;
	double gap;

	if (!tracker->started) {
		tracker->started = true;
		tracker->last_s = sample[2];
		tracker->value = answered ? sample[4] : NAN;
		return 0;
	}
	gap = (sample[2] - tracker->last_s) * 1000;
	if (answered && (!tracker->must_move || sample[4] != tracker->value)) {
		tracker->last_s = sample[2];
		tracker->value = sample[4];
	}
	return gap > 0 ? gap : 0;
}

static bool samples_read(struct arena *arena, const char *path, double origin, bool must_move,
			 struct points *ret)
{
	struct tracker tracker = {.must_move = must_move};
	char line[SAMPLE_LINE];
	double sample[5];
	FILE *file = fopen(path, "r");

	if (file == NULL) {
		return false;
	}
	while (ret->count < SAMPLES_MAX && fgets(line, sizeof(line), file) != NULL) {
		if (sample_parse(line, sample)) {
			*(struct plot_point *)arena_push(arena, &ret->at, &ret->count,
							 sizeof(*ret->at)) = (struct plot_point){
				.t = sample[2] - origin, .value = track(&tracker, sample)};
		}
	}
	fclose(file);
	return ret->count > 0;
}

/* Keeps the greatest of every run of points: a peak is never thinned away. Of a
 * load, a 0 is where it starts or ends, and kept before all. */
static void points_thin(struct points *points, bool load)
{
	size_t i, kept = 0, end, best, from;

	if (points->count <= PLOT_POINTS) {
		return;
	}
	for (i = 0; i < PLOT_POINTS; i++) {
		from = i * points->count / PLOT_POINTS;
		end = (i + 1) * points->count / PLOT_POINTS;
		for (best = from; from < end; from++) {
			if (load && points->at[from].value == 0) {
				best = from;
				break;
			}
			if (points->at[from].value > points->at[best].value) {
				best = from;
			}
		}
		points->at[kept++] = points->at[best];
	}
	points->count = kept;
}

/* --- windows ------------------------------------------------------------------ */

static bool finite_number(const json_t *value, double *ret)
{
	*ret = json_number_value(value);
	return json_is_number(value) && isfinite(*ret);
}

static bool windows_read(struct arena *arena, const json_t *list, struct plot *plot,
			 double *ret_origin)
{
	const json_t *window;
	const char *name;
	double from, to;
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		window = json_array_get(list, i);
		name = record_text(window, "name");
		if (name == NULL || i == ARRAY_SIZE(plot->windows) ||
		    !finite_number(json_object_get(window, "from_s"), &from) ||
		    !finite_number(json_object_get(window, "to_s"), &to)) {
			return false;
		}
		*ret_origin = i == 0 || from < *ret_origin ? from : *ret_origin;
		plot->windows[i].name = arena_strdup(arena, name);
		plot->windows[i].from = from;
		plot->windows[i].to = to;
		plot->window_count++;
	}
	for (i = 0; i < plot->window_count; i++) {
		plot->windows[i].from -= *ret_origin;
		plot->windows[i].to -= *ret_origin;
	}
	return plot->window_count > 0;
}

static struct points rate_read(struct arena *arena, const json_t *list, double origin)
{
	struct points points = {0};
	const json_t *pair;
	double t, rate;
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		pair = json_array_get(list, i);
		if (finite_number(json_array_get(pair, 0), &t) &&
		    finite_number(json_array_get(pair, 1), &rate)) {
			*(struct plot_point *)arena_push(arena, &points.at, &points.count,
							 sizeof(*points.at)) =
				(struct plot_point){t - origin, rate};
		}
	}
	return points;
}

static double tolerance_of(const struct profile *profile, const char *function)
{
	size_t i;

	for (i = 0; function != NULL && i < profile->function_count; i++) {
		if (strcmp(profile->functions[i].name, function) == 0) {
			return (double)profile->functions[i].tolerance.gap_ms;
		}
	}
	return 0;
}

static bool plot_fill(struct judging *judging, const json_t *file, const char *samples,
		      struct plot *plot)
{
	struct arena *arena = judging->arena;
	struct points gap = {0}, rate;
	double origin = 0;

	if (!windows_read(arena, json_object_get(file, "windows"), plot, &origin) ||
	    !samples_read(arena, samples, origin, json_is_true(json_object_get(file, "progress")),
			  &gap)) {
		return false;
	}
	points_thin(&gap, false);
	rate = rate_read(arena, json_object_get(file, "rate"), origin);
	points_thin(&rate, true);
	plot->gap = gap.at;
	plot->gap_count = gap.count;
	plot->rate = rate.at;
	plot->rate_count = rate.count;
	plot->tolerance_ms = tolerance_of(judging->plan->profile, record_text(file, "function"));
	return true;
}

static bool plot_read(struct judging *judging, const struct check_result *check, struct plot *ret)
{
	const char *windows = evidence_file(judging, check, "windows.json");
	const char *samples = evidence_file(judging, check, "samples.csv");
	json_t *file;
	bool filled;

	if (windows == NULL || samples == NULL) {
		return false;
	}
	file = json_load_file(windows, JSON_REJECT_DUPLICATES, NULL);
	if (file == NULL) {
		return false;
	}
	ret->check = check->id;
	ret->title = check->title;
	filled = plot_fill(judging, file, samples, ret);
	json_decref(file);
	return filled;
}

/* Several checks may read one observation: it is drawn once. */
static bool drawn_before(const struct judging *judging, size_t index)
{
	size_t i;

	for (i = 0; i < index; i++) {
		if (judging->plan->checks[i].observation ==
		    judging->plan->checks[index].observation) {
			return true;
		}
	}
	return false;
}

void plots_read(struct judging *judging)
{
	struct results *results = judging->results;
	struct plot *all = NULL;
	struct plot plot;
	size_t i;

	if (judging->input->directory == NULL) {
		return;
	}
	for (i = 0; i < results->check_count; i++) {
		plot = (struct plot){0};
		if (results->checks[i].observation == NULL || drawn_before(judging, i) ||
		    !plot_read(judging, &results->checks[i], &plot)) {
			continue;
		}
		*(struct plot *)arena_push(judging->arena, &all, &results->plot_count,
					   sizeof(plot)) = plot;
	}
	results->plots = all;
}
