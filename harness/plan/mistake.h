/* mistake: what is wrong in a suite or profile, told with its place. */
#ifndef ASSAY_PLAN_MISTAKE_H
#define ASSAY_PLAN_MISTAKE_H

#include "harness/base/arena.h"
#include <stddef.h>
#include <stdio.h>

struct mistakes {
	struct arena *arena;
	FILE *errors; /* borrowed */
	size_t count;
	struct yaml_file **files; /* read again to show their lines */
	size_t file_count;
};

struct place {
	const char *file;
	int row, column; /* from 1 */
};

/* Prints 'file:row:column: sentence', the line and a caret, and counts. */
void mistake_at(struct mistakes *mistakes, struct place place,
		const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
