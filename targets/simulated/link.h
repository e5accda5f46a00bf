/* link: the veth pair between the caller's network namespace and a target's,
 * set up by iproute2's ip. */
#ifndef ASSAY_TARGETS_LINK_H
#define ASSAY_TARGETS_LINK_H

#include "targets/simulated/table.h"
#include <stdbool.h>
#include <sys/types.h>

/* The caller's side: makes the pair and moves the other end to the namespace
 * of process pid. Returns 0, or -1 with the reason in why. */
int link_make(const struct target_link *link, pid_t pid, struct text *why);
/* The target's side: addresses and brings up its end. */
int link_configure(const struct target_link *link, struct text *why);
/* The caller's side, once the target's end is up: waits until frames pass. */
int link_ready(const struct target_link *link, struct text *why);
/* Takes the target's end off the network, or brings it back. */
int link_switch(bool up, struct text *why);
/* The caller's side: removes what link_make() made, if it is still there. */
void link_remove(const struct target_link *link);
/* Runs a program and waits for it; its last line on stderr is the reason. */
int tool_run(const char *const *arguments, struct text *why);

#endif
