/*
 * unseen: whether a load check that held could have missed what it looked for.
 * The time between two looks of the monitor is the tester's, not the device's,
 * where a sample was due and none was taken. An outage that fits in there may
 * have been.
 */
#include "harness/judge/unseen.h"
#include "harness/judge/load_files.h"

#include <math.h>
#include <string.h>

#include "harness/banned.h"

struct window {
	double from_s, to_s;
};

/* The last load: one that proved nothing was repeated. */
static bool attack_of(const json_t *list, struct window *ret)
{
	bool found = false;
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		const json_t *window = json_array_get(list, i);
		const char *name = record_text(window, "name");

		if (name != NULL && strcmp(name, "attack") == 0) {
			ret->from_s = json_number_value(json_object_get(window, "from_s"));
			ret->to_s = json_number_value(json_object_get(window, "to_s"));
			found = isfinite(ret->from_s) && isfinite(ret->to_s);
		}
	}
	return found;
}

struct hole { /* the longest time between two looks with a sample missed in it */
	double seconds;
	double missed; /* samples, in all of them */
};

/* Nobody looked between the two times, although a sample was due. */
static void hole_add(struct hole *hole, const struct sample_row *before, double next_s,
		     double period_s)
{
	double due_s = before->due_s + period_s;
	double free_s = before->done_s > due_s ? before->done_s : due_s;
	/* a period is granted: a monitor that the device kept waiting skips a slot */
	double unseen_s = next_s - free_s - period_s;

	if (unseen_s <= 0) {
		return;
	}
	hole->missed += floor((next_s - due_s) / period_s + 0.5);
	if (next_s - before->sent_s > hole->seconds) {
		hole->seconds = next_s - before->sent_s;
	}
}

static struct hole hole_of(const struct load_files *files, const struct window *window,
			   double period_s)
{
	struct sample_row none = {.due_s = window->from_s - period_s,
				  .sent_s = window->from_s,
				  .done_s = window->from_s};
	const struct sample_row *before = &none;
	struct hole hole = {0};
	size_t i;

	for (i = 0; i < files->row_count; i++) {
		const struct sample_row *row = &files->rows[i];

		if (row->sent_s > window->from_s && before->sent_s < window->to_s) {
			hole_add(&hole, before, row->sent_s, period_s);
		}
		before = row;
	}
	if (before->sent_s < window->to_s) {
		hole_add(&hole, before, window->to_s, period_s);
	}
	return hole;
}

/* Without the samples themselves: those that the monitor missed in the whole run
 * may all have been due in one go, and during the load. */
static struct hole hole_of_run(const struct results *results,
			       const struct essential_function *function)
{
	struct hole hole = {0};
	size_t i;

	for (i = 0; i < results->monitor_count; i++) {
		if (strcmp(results->monitors[i].function, function->name) == 0) {
			hole.missed = (double)results->monitors[i].missed;
			hole.seconds = hole.missed * (double)function->period_ms / 1000;
		}
	}
	return hole;
}

static const struct essential_function *function_of(const struct observation *observation)
{
	size_t i;

	for (i = 0; i < observation->param_count; i++) {
		if (observation->params[i].function != NULL) {
			return observation->params[i].function;
		}
	}
	return NULL;
}

char *unseen_doubt(struct judging *judging, const struct observation *observation,
		   const struct check_result *check)
{
	const struct essential_function *function = function_of(observation);
	struct load_files files;
	struct window window;
	struct hole hole = {0};

	if (function == NULL || (observation->probe->needs & NEEDS_STORM) == 0) {
		return NULL;
	}
	if (!load_files_read(judging, check, &files)) {
		hole = hole_of_run(judging->results, function);
	} else {
		if (attack_of(json_object_get(files.windows, "windows"), &window)) {
			hole = hole_of(&files, &window, (double)function->period_ms / 1000);
		}
		load_files_release(&files);
	}
	if (hole.seconds * 1000 <= (double)function->tolerance.gap_ms) {
		return NULL;
	}
	return arena_printf(judging->arena,
			    "the tester missed %.0f samples of '%s': %.0f ms may have passed "
			    "between two looks at it, where %lld ms without progress are allowed",
			    hole.missed, function->name, hole.seconds * 1000,
			    (long long)function->tolerance.gap_ms);
}
