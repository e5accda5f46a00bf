/* process: how a child process ended, in words. */
#ifndef ASSAY_BASE_PROCESS_H
#define ASSAY_BASE_PROCESS_H

#include "harness/base/text.h"
#include <sys/types.h>

/*
 * Writes "NAME was ended by SIGKILL", "NAME made a system call that it may not
 * (SIGSYS)", "NAME ended with status 3", or "NAME has not ended". Waits a moment
 * for one that is just ending, and leaves it to be waited for.
 */
void process_end(pid_t pid, const char *name, struct text *ret);

#endif
