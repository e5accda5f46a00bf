/* mistake: what is wrong in a suite or profile, told with its place. */
#ifndef ASSAY_PLAN_MISTAKE_H
#define ASSAY_PLAN_MISTAKE_H

#include "harness/base/arena.h"
#include "harness/model/yaml.h"
#include <stddef.h>
#include <stdio.h>

struct mistakes {
	struct arena *arena; /* borrowed */
	FILE *errors;        /* borrowed */
	size_t count;
	struct yaml_file *file; /* the file last spoken of, or NULL */
};

struct place {
	const char *file;
	int row, column; /* from 1 */
};

/* Prints 'file:row:column: sentence', the line and a caret, and counts. */
void mistake_at(struct mistakes *mistakes, struct place place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
