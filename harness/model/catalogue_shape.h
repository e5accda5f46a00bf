/* catalogue_shape: the tables by which a catalogue's files are read. For
 * catalogue.c and its tests. */
#ifndef ASSAY_MODEL_CATALOGUE_SHAPE_H
#define ASSAY_MODEL_CATALOGUE_SHAPE_H

#include "harness/model/catalogue.h"
#include "harness/model/shape.h"

extern const struct shape catalogue_shape; /* of a struct catalogue */
extern const struct shape cra_shape;       /* of a struct cra_file */

struct cra_file {
	const char *act;
	const char *crosswalk; /* edition of the requirements it names */
	const struct cra_point *points;
	size_t count;
};

/* Compares the parts of a catalogue's file with each other. */
void catalogue_check(struct yaml_file *file, const struct catalogue *catalogue);
/* Finds what a CRA file says about requirements that do not exist. */
void cra_check(struct yaml_file *file, const struct catalogue *catalogue);

#endif
