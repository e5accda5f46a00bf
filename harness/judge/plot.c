/*
 * plot: a load check's own evidence (windows.json, samples.csv) -> samples and
 * load on one time axis. Files that cannot be read give no plot, never a wrong
 * one.
 */
#include "harness/judge/load_files.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

#define PLOT_POINTS 2000

struct points {
	struct plot_point *at;
	size_t count;
};

struct tracker {        /* of progress, from sample to sample */
	bool must_move; /* the value itself has to change */
	bool started;
	double last_s, value;
};

/* Milliseconds since the last progress when the sample was there. */
static double track(struct tracker *tracker, const struct sample_row *row)
{
	double gap;

	if (!tracker->started) {
		tracker->started = true;
		tracker->last_s = row->done_s;
		tracker->value = row->answered ? row->value : NAN;
		return 0;
	}
	gap = (row->done_s - tracker->last_s) * 1000;
	if (row->answered && (!tracker->must_move || row->value != tracker->value)) {
		tracker->last_s = row->done_s;
		tracker->value = row->value;
	}
	return gap > 0 ? gap : 0;
}

static struct points gaps_of(struct arena *arena, const struct load_files *files, double origin)
{
	struct tracker tracker = {
		.must_move = json_is_true(json_object_get(files->windows, "progress"))};
	struct points points = {
		.at = arena_alloc(arena, files->row_count * sizeof(struct plot_point)),
		.count = files->row_count,
	};
	size_t i;

	for (i = 0; i < files->row_count; i++) {
		points.at[i] = (struct plot_point){.t = files->rows[i].done_s - origin,
						   .value = track(&tracker, &files->rows[i])};
	}
	return points;
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

static bool plot_fill(struct judging *judging, const struct load_files *files, struct plot *plot)
{
	struct arena *arena = judging->arena;
	const json_t *file = files->windows;
	struct points gap, rate;
	double origin = 0;

	if (!windows_read(arena, json_object_get(file, "windows"), plot, &origin)) {
		return false;
	}
	gap = gaps_of(arena, files, origin);
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
	struct load_files files;
	bool filled;

	if (!load_files_read(judging, check, &files)) {
		return false;
	}
	ret->check = check->id;
	ret->title = check->title;
	filled = plot_fill(judging, &files, ret);
	load_files_release(&files);
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
