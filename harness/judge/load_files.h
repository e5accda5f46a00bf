/*
 * load_files: windows.json and samples.csv of a load check's evidence. A file
 * that is missing, malformed or not the one the journal hashed is not read.
 */
#ifndef ASSAY_JUDGE_LOAD_FILES_H
#define ASSAY_JUDGE_LOAD_FILES_H

#include "harness/judge/judge_parts.h"

struct sample_row { /* seconds of the tester's clock */
	double due_s, sent_s, done_s;
	bool answered;
	double value;
};

struct load_files {
	json_t *windows;         /* owned: {function, progress, windows[], rate[]} */
	struct sample_row *rows; /* of the arena, as they were taken */
	size_t row_count;        /* more than 0 */
};

/* Returns false where there is nothing to read; else release it. */
bool load_files_read(struct judging *judging, const struct check_result *check,
		     struct load_files *ret);
void load_files_release(struct load_files *files);

#endif
