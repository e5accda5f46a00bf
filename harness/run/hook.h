/* hook: one of the profile's shell commands, running. */
#ifndef ASSAY_RUN_HOOK_H
#define ASSAY_RUN_HOOK_H

#include "harness/base/text.h"
#include <stdbool.h>
#include <sys/types.h>

struct hook_process {
	pid_t pid;  /* 0: none runs */
	int pid_fd; /* readable when it has ended */
};

/* Starts the command; its output is added to the file at path. Returns 0, or
 * -1 with the reason in why. */
int hook_start(struct hook_process *hook, const char *command, const char *path, struct text *why);
/* Takes its end, or ends it and all it has started if it still runs. Returns
 * its exit status, or -1 with the reason in why. Fine where none runs. */
int hook_end(struct hook_process *hook, struct text *why);

#endif
