/* profile_shape: the tables by which a profile and its answers are read, and
 * reading them from memory. For profile.c, its tests and its fuzz target. */
#ifndef ASSAY_MODEL_PROFILE_SHAPE_H
#define ASSAY_MODEL_PROFILE_SHAPE_H

#include "harness/model/profile.h"
#include "harness/model/shape.h"

extern const struct shape profile_shape; /* of a struct profile_file */
extern const struct shape answer_shape;  /* of a struct answer */

struct profile_file {
	struct profile profile;
	const char *answers; /* name of the answers file, or NULL */
};

/* profile_load() for bytes in memory; path is the name used in messages. */
int profile_parse(const char *path, const char *bytes, size_t size, FILE *errors,
		  struct profile **ret);
/* Reads the parsed answers file into the profile. */
void profile_read_answers(struct yaml_file *file, struct profile *profile);
/* Compares the parts of a profile with each other. root is the profile's. */
void profile_check(struct yaml_file *file, const struct profile *profile);

#endif
