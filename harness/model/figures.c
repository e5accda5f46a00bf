/* figures: reads validation.json. */
#include "harness/model/figures.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/banned.h"

struct figures {
	const struct row {
		const char *check;
		struct check_figures figures;
	} * rows;
	size_t count;
};

/* A count, or -1. */
static int64_t count_of(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return json_is_integer(value) && json_integer_value(value) >= 0 ? json_integer_value(value)
									: -1;
}

static int row_read(const json_t *object, struct check_figures *ret)
{
	*ret = (struct check_figures){
		.planted = count_of(object, "planted"),
		.found = count_of(object, "found"),
		.clean = count_of(object, "clean"),
		.wrong = count_of(object, "false"),
	};
	return ret->planted < 0 || ret->found < 0 || ret->clean < 0 || ret->wrong < 0 ||
			       ret->found > ret->planted || ret->wrong > ret->clean
		       ? -1
		       : 0;
}

static int rows_read(struct arena *arena, json_t *checks, struct figures *figures, struct text *why)
{
	struct row *rows = NULL, *row;
	const char *name;
	json_t *value;

	json_object_foreach(checks, name, value)
	{
		row = arena_push(arena, &rows, &figures->count, sizeof(*row));
		row->check = arena_strdup(arena, name);
		if (row_read(value, &row->figures) != 0) {
			return text_error(why, "the figures of '%s' are none", name);
		}
	}
	figures->rows = rows;
	return 0;
}

int figures_load(struct arena *arena, const char *data_dir, const struct figures **ret,
		 struct text *why)
{
	const char *path = arena_printf(arena, "%s/" FIGURES_FILE, data_dir);
	struct figures *figures = arena_alloc(arena, sizeof(*figures));
	json_error_t error;
	json_t *root, *checks;
	int rc = -1;

	if (access(path, F_OK) != 0) {
		*ret = NULL;
		return 0;
	}
	root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	checks = json_object_get(root, "checks");
	if (root == NULL) {
		text_error(why, "cannot read '%s': %s", path, error.text);
	} else if (!json_is_object(checks)) {
		text_error(why, "'%s' has no figures of checks", path);
	} else {
		rc = rows_read(arena, checks, figures, why);
	}
	json_decref(root);
	if (rc == 0) {
		*ret = figures;
	}
	return rc;
}

const struct check_figures *figures_of(const struct figures *figures, const char *check)
{
	size_t i;

	for (i = 0; figures != NULL && i < figures->count; i++) {
		if (strcmp(figures->rows[i].check, check) == 0) {
			return &figures->rows[i].figures;
		}
	}
	return NULL;
}

struct text figures_sentence(const struct check_figures *figures)
{
	struct text text;

	snprintf(text.s, sizeof(text.s),
		 "found %" PRId64 " of %" PRId64 " planted, %" PRId64 " of %" PRId64 " false",
		 figures->found, figures->planted, figures->wrong, figures->clean);
	return text;
}
