/* calls: the system calls that the gate may make once it serves. */
#ifndef ASSAY_GATE_CALLS_H
#define ASSAY_GATE_CALLS_H

#include "harness/base/text.h"

/*
 * For good: sockets of the families that doors need, memory without execution,
 * threads, time, reading files, writing to what is open. No other process, no
 * file opened for writing, no program, no change of user or mounts. Returns 0,
 * or -1 with the reason in why.
 */
int calls_enter(struct text *why);

#endif
