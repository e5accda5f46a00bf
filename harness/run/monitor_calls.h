/* monitor_calls: the system calls that a monitor may make. */
#ifndef ASSAY_RUN_MONITOR_CALLS_H
#define ASSAY_RUN_MONITOR_CALLS_H

#include "harness/base/text.h"

/*
 * For good, on top of the sandbox, which follows: what talking on given
 * descriptors, writing samples and entering the sandbox need. Opens nothing,
 * makes no socket, thread or process: what a sandboxed check is refused ends a
 * monitor by SIGSYS. Returns 0, or -1 with the reason in why.
 */
int monitor_calls_enter(struct text *why);

#endif
