/* suite_shape: the table by which suites are read, and the
 * grammar of a line. For suite.c, its tests and its fuzz target. */
#ifndef ASSAY_MODEL_SUITE_SHAPE_H
#define ASSAY_MODEL_SUITE_SHAPE_H

#include "harness/model/shape.h"
#include "harness/model/suite.h"

extern const struct shape suite_shape; /* of a struct suite_file */

struct suite_file {
	const char *name;
	const char *catalogue; /* edition */
	struct check *checks;
	size_t count;
};

/* Reads 'fact operator value' from a scalar node. Returns 0, or -1 after the
 * mistake was reported. */
int line_read(struct yaml_file *file, const struct yaml_node *node, struct line *ret);
/* Reads a list of lines into the place of a check's given, complete or expect,
 * whose count follows the pointer. */
field_read read_lines;
field_read read_for; /* of struct check: for_what, for_protocol, for_view */
/* Compares a suite with the catalogue. */
void suite_check(struct yaml_file *file, const struct suite_file *suite,
		 const struct catalogue *catalogue);

#endif
