/*
 * filter: an allow list of system calls (seccomp(2)). A call that is not on it
 * ends the process by SIGSYS: what makes one is no longer this program.
 */
#ifndef ASSAY_BASE_FILTER_H
#define ASSAY_BASE_FILTER_H

#include "harness/base/text.h"
#include <stddef.h>
#include <stdint.h>

/* A call that may be made when one argument, under a mask, has a value; mask 0:
 * whatever its arguments. Several rows of one call are alternatives. */
struct filter_row {
	int call; /* SCMP_SYS(...) */
	unsigned argument;
	uint64_t mask, value;
};

/*
 * For this process with all its threads, for good; the process has given up new
 * privileges. Allowed besides: abort(3). A new process can never be made, and a
 * new thread where the rows have clone(2) with CLONE_THREAD (clone3(2) says
 * ENOSYS, since its flags cannot be looked at). Returns 0, or -1 with the reason
 * in why.
 */
int filter_enter(const struct filter_row *rows, size_t count, struct text *why);

#endif
