/*
 * key_table: a shape's table as the tables of a reference page: one for the
 * mapping, one for each mapping in it.
 */
#ifndef ASSAY_MODEL_KEY_TABLE_H
#define ASSAY_MODEL_KEY_TABLE_H

#include "harness/model/shape.h"
#include <stdio.h>

/* Writes Markdown: a heading and a table of key, type, default and meaning. */
void key_table_print(const struct shape *shape, FILE *out);

#endif
