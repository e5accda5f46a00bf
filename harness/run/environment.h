/* environment: what a run ran on. */
#ifndef ASSAY_RUN_ENVIRONMENT_H
#define ASSAY_RUN_ENVIRONMENT_H

#include <jansson.h>

struct runner;

/* For the record 'run'; the caller's to release. */
json_t *environment_json(const struct runner *runner);

#endif
