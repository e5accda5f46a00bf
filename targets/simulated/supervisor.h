/*
 * supervisor: the first process of a target's namespaces. When it ends, however
 * that happens, the kernel ends everything else in them. It starts the services
 * or the recipe, and ends by itself after the target's lifetime or when its
 * link has gone.
 */
#ifndef ASSAY_TARGETS_SUPERVISOR_H
#define ASSAY_TARGETS_SUPERVISOR_H

#include "targets/simulated/device.h"
#include "targets/simulated/table.h"
#include <sys/types.h>

struct supervisor_order {
	const struct target_def *def;
	struct target_link link;
	struct device device; /* name, address, folder also for a recipe */
	int64_t lifetime_s;
};

/* What both sides say over their channel (SOCK_SEQPACKET). */
struct supervisor_word {
	bool fine; /* else why */
	pid_t pid; /* in the first word */
	struct text why;
};

/*
 * Starts a supervisor, cut off from the caller's session, files and
 * namespaces. Returns the caller's end of the channel: first word: the
 * supervisor's pid, or why there is none; it then waits for a word that its
 * link is there; second word: every service accepts connections, or why not.
 * Returns -1 with the reason in why.
 */
int supervisor_start(const struct supervisor_order *order, struct text *why);
/* Receives a word before the deadline. Returns 0, or -1 with why. */
int supervisor_hear(int channel, struct supervisor_word *ret, int64_t deadline_ns,
		    struct text *why);
int supervisor_tell(int channel, const struct supervisor_word *word);

#endif
