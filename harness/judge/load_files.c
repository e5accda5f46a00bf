/* load_files: what a load check kept about its windows and samples, read only if
 * it is what the journal hashed. */
#include "harness/judge/load_files.h"
#include "harness/base/digest.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

/* A day of samples at 10 ms, and a line far longer than one of ours. */
#define SAMPLES_MAX (24u * 3600 * 100)
#define SAMPLE_LINE 256

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

/* due_s,sent_s,done_s,answered,value; false for the heading and anything
 * else. */
static bool row_parse(const char *line, struct sample_row *ret)
{
	double values[5];
	char *end;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(values); i++) {
		values[i] = strtod(line, &end);
		if (end == line || !isfinite(values[i])) {
			/* a lost sample has no value */
			if (i != 4 || values[3] != 0) {
				return false;
			}
			values[i] = 0;
			break;
		}
		line = *end == ',' ? end + 1 : end;
	}
	*ret = (struct sample_row){.due_s = values[0],
				   .sent_s = values[1],
				   .done_s = values[2],
				   .answered = values[3] != 0,
				   .value = values[4]};
	return true;
}

static bool rows_read(struct arena *arena, const char *path, struct load_files *ret)
{
	char line[SAMPLE_LINE];
	struct sample_row row;
	FILE *file = fopen(path, "r");

	if (file == NULL) {
		return false;
	}
	while (ret->row_count < SAMPLES_MAX && fgets(line, sizeof(line), file) != NULL) {
		if (row_parse(line, &row)) {
			*(struct sample_row *)arena_push(arena, &ret->rows, &ret->row_count,
							 sizeof(row)) = row;
		}
	}
	fclose(file);
	return ret->row_count > 0;
}

bool load_files_read(struct judging *judging, const struct check_result *check,
		     struct load_files *ret)
{
	struct load_files files = {0};
	const char *windows, *samples;

	if (judging->input->directory == NULL) {
		return false;
	}
	windows = evidence_file(judging, check, "windows.json");
	samples = evidence_file(judging, check, "samples.csv");
	if (windows == NULL || samples == NULL || !rows_read(judging->arena, samples, &files)) {
		return false;
	}
	files.windows = json_load_file(windows, JSON_REJECT_DUPLICATES, NULL);
	if (files.windows == NULL) {
		return false;
	}
	*ret = files;
	return true;
}

void load_files_release(struct load_files *files)
{
	json_decref(files->windows);
	files->windows = NULL;
}
