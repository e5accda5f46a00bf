/*
 * sandbox: takes everything from a child that its work does not need.
 */
#ifndef ASSAY_RUN_SANDBOX_H
#define ASSAY_RUN_SANDBOX_H

#include "harness/base/text.h"
#include <stddef.h>

struct child_calls;

struct sandbox_limits {
	unsigned cpu_seconds;
	size_t file_bytes; /* what may be written to files already open: 0 for a check, a monitor
			    * writes its samples to one */
	const struct child_calls *calls; /* the run's; NULL: compiled here */
	/* Called when privileges are dropped and before limits and filter: the
	 * last moment to start a thread, which gets both. Returns 0. May be
	 * NULL. */
	int (*begin)(void *argument);
	void *argument;
};

/*
 * Sets libraries up that read files at their first use, which a sandboxed process cannot. The
 * runner does it once and its children have it; where it was done already it costs nothing.
 */
void sandbox_prepare(void);
/*
 * Limits the calling process for good: no new privileges, no capabilities,
 * user nobody where that is possible, resource limits (address space, CPU
 * seconds, file size, processes 0, descriptors), dies with its parent, no
 * file system where the machine can take it away (confine.h), and a seccomp
 * filter that lets through what talking on given descriptors needs and
 * answers EPERM (to connect: EINPROGRESS) to everything else: no socket,
 * connect, bind, no sendmsg, no sendto with an address, no open for writing, no
 * exec, no ptrace. Returns 0, or -1 with the reason in why: the caller must not
 * go on.
 */
int sandbox_enter(const struct sandbox_limits *limits, struct text *why);

#endif
