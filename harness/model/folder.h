/* folder: the YAML files of a data folder, in name order. */
#ifndef ASSAY_MODEL_FOLDER_H
#define ASSAY_MODEL_FOLDER_H

#include "harness/base/arena.h"
#include "harness/model/yaml.h"
#include <stddef.h>
#include <stdio.h>

/* Lists the paths of a folder's *.yaml files (not those that begin with a dot),
 * sorted by name. Returns 0, or -1 with the reason printed to errors: no
 * folder, too many files. */
int folder_list(struct arena *arena, const char *folder, FILE *errors, const char *const **ret,
		size_t *ret_count);

/* Collects what the digest over several files needs. */
struct folder_digest {
	const char *lines; /* "digest name\n" of each file; NULL at first */
};
void folder_digest_add(struct folder_digest *digest, const struct yaml_file *file);
/* Writes 64 digits and a zero. */
void folder_digest_end(const struct folder_digest *digest, char ret[65]);

#endif
