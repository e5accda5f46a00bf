/* running: the observations that run now. */
#ifndef ASSAY_RUN_RUNNING_H
#define ASSAY_RUN_RUNNING_H

#include "harness/plan/plan.h"

struct runner;
struct running;

/* Starts the observation; there is a free place. Returns 0, or -1 when the run has to stop. */
int running_start(struct runner *runner, size_t observation);
/* Ends its child, if need be unheard, and frees its place. */
void running_leave(struct running *running);
/* What runs now, for MAX_CHILDREN of them. Returns how many. */
size_t running_now(const struct runner *runner, const struct observation **ret);
size_t running_count(const struct runner *runner);

#endif
