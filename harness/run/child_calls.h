/*
 * child_calls: the system calls that a check's process, and a monitor's, may make once it is
 * sandboxed. The filter is compiled once a run and entered by each of them: compiling took 0.3 ms
 * of each check.
 */
#ifndef ASSAY_RUN_CHILD_CALLS_H
#define ASSAY_RUN_CHILD_CALLS_H

#include "harness/base/text.h"

/* What talking on given descriptors needs; EPERM (to connect: EINPROGRESS) for all else. */
struct child_calls;

/* Returns the compiled filter, to be freed with child_calls_free(), or NULL with the reason in
 * why. */
struct child_calls *child_calls_new(struct text *why);
/* NULL is fine. */
void child_calls_free(struct child_calls *calls);
/* For this process with all its threads, for good; it has given up new privileges. calls is of this
 * process or of one that it was forked from. Returns 0, or -1 with the reason in why. */
int child_calls_enter(const struct child_calls *calls, struct text *why);

#endif
