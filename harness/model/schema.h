/*
 * schema: a shape's table as a JSON Schema (draft 07), for editors and other
 * programs. What a reader of its own takes stands in a table of schema.c.
 */
#ifndef ASSAY_MODEL_SCHEMA_H
#define ASSAY_MODEL_SCHEMA_H

#include "harness/model/shape.h"
#include <jansson.h>

/* The schema of a whole file: a mapping of this shape, or a list of such.
 * Members stand in the table's order. The caller owns the reference. */
json_t *schema_of_file(const struct shape *shape, const char *title, bool list);

#endif
