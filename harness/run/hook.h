/*
 * hook: one of the profile's shell commands, running. The command is the word of the person who
 * started the run, and may need what that person has; the runner gives its own rights up. So a
 * small process is made before, which keeps them, knows this one command, and is told to start or
 * to end it: it takes no other word, and reads nothing of the device.
 */
#ifndef ASSAY_RUN_HOOK_H
#define ASSAY_RUN_HOOK_H

#include "harness/base/text.h"
#include <stdbool.h>
#include <sys/types.h>

/* The process that starts a command. Ends with the one that made it; a command that runs then is
 * left to its end. */
struct hook_starter {
	const char *command; /* borrowed; NULL: there is none */
	int fd;
};
/* Forks it for the command; NULL: none is made. Returns 0 or -1 with why. */
int hook_starter_new(struct hook_starter *starter, const char *command, struct text *why);
void hook_starter_release(struct hook_starter *starter);

struct hook_process { /* zeroed: none runs */
	bool runs;
	int fd; /* the starter's; readable when the command has ended */
};

/* Starts the command; its output is added to the file at path. Returns 0, or
 * -1 with the reason in why. */
int hook_start(struct hook_process *hook, const struct hook_starter *starter, const char *path,
	       struct text *why);
/* Takes its end, or ends it and all it has started if it still runs. Returns
 * its exit status, or -1 with the reason in why. Fine where none runs. */
int hook_end(struct hook_process *hook, struct text *why);

#endif
