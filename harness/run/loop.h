/*
 * loop: the one place where a run waits: descriptors, timers, and one step that
 * sleeps until the next of them and calls what belongs to it. It knows nothing
 * of what it waits for, and nothing it calls waits itself.
 */
#ifndef ASSAY_RUN_LOOP_H
#define ASSAY_RUN_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOOP_SOURCES 48
#define LOOP_NEVER   INT64_MAX

/* Something to wait for. It stays the caller's, at its place, until it is
 * removed. */
struct loop_source {
	int fd;         /* -1: a timer alone */
	int64_t due_ns; /* CLOCK_MONOTONIC; LOOP_NEVER: no timer */
	bool muted;     /* neither looked at nor called */
	/* Called when fd is readable or hung up, or when due_ns has passed; may
	 * add, remove and change sources, also its own. Returns 0, or -1 to end
	 * the step, and with it the run. */
	int (*ready)(void *argument);
	void *argument; /* the caller's */
};

struct loop {
	struct loop_source *at[LOOP_SOURCES];
	size_t count;
};

/* More than LOOP_SOURCES is a BUG(). */
void loop_add(struct loop *loop, struct loop_source *source);
/* Fine for one that was never added. */
void loop_remove(struct loop *loop, struct loop_source *source);
/* Waits for the next source, and calls each that is ready, in the order in which
 * they were added. Returns 0, or -1 as soon as one of them does. Without
 * anything to wait for it returns at once. */
int loop_step(struct loop *loop);

#endif
