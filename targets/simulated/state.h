/*
 * state: what is known of a running target between two commands: a folder of
 * its own, with its log and keys, and a file naming its first process. Folders
 * are per network namespace of the caller: two of them may hold a target of the
 * same name each.
 */
#ifndef ASSAY_TARGETS_STATE_H
#define ASSAY_TARGETS_STATE_H

#include "harness/base/text.h"
#include <stdbool.h>
#include <sys/types.h>

struct target_state {
	char directory[224]; /* ROOT/NETNS/NAME, mode 0700 */
	int lock;            /* held on it, or -1 */
};

/* Finds, makes and locks the target's folder. Returns 0, or -1 with the reason
 * in why: no folder can be made, another command is at work. */
int target_state_open(struct target_state *state, const char *name, struct text *why);
void target_state_close(struct target_state *state);
/* Removes the folder and all in it, and closes. */
void target_state_remove(struct target_state *state);
/* Removes what targets that ended by themselves left, in all namespaces. */
void target_state_sweep(void);
/* Writes down the target's first process. Returns 0, or -1 with the reason. */
int target_state_write(const struct target_state *state, pid_t pid, struct text *why);
/* Returns a pidfd of the target's first process, or -1 when it is not running.
 * The caller closes it. */
int target_state_process(const struct target_state *state);
/* True if the target of that name is running; takes no lock. */
bool target_state_running(const char *name);
/* Puts the last line of the target's log into line. */
void target_state_log(const struct target_state *state, char *line, size_t capacity);

#endif
