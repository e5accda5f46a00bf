/*
 * schedule: which observation runs when. Raw frames first, then what only
 * observes; then everything else by its impact, with a look at the device
 * before and after.
 */
#ifndef ASSAY_RUN_SCHEDULE_H
#define ASSAY_RUN_SCHEDULE_H

#include <stdbool.h>

struct runner;

/*
 * Starts, in a fresh run without raw frames, what only observes: it runs beside
 * the first look at the device, and nothing it says is taken before that look
 * is well. A run that goes on must first know that it is the same device.
 * Returns 0, or -1 when the run has to stop.
 */
int schedule_begin(struct runner *runner);
/* Starts what may start now, or asks for a look at the device. *ret_done: there
 * is nothing left to do. Never waits. Returns 0, or -1 when the run has to stop. */
int schedule_advance(struct runner *runner, bool *ret_done);
/* Ends every child, unheard. */
void schedule_leave(struct runner *runner);

#endif
