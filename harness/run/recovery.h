/*
 * recovery: follows the device's state through a run: alive, suspect,
 * recovering, verified, lost or quarantined. It asks for looks, waits, and
 * calls the hooks that restart it, all of it from the loop: who wants to
 * know asks and comes back when device_busy() is over.
 */
#ifndef ASSAY_RUN_RECOVERY_H
#define ASSAY_RUN_RECOVERY_H

#include "harness/base/text.h"
#include "harness/model/verdict.h"
#include "harness/run/bench_hook.h"
#include "harness/run/look.h"
#include "harness/run/loop.h"

#define QUARANTINE_NAME "quarantined"

struct runner;

enum recovery_phase {
	RECOVERY_RESTS,
	RECOVERY_LOOKS, /* nothing is wrong so far */
	RECOVERY_WAITS, /* for the device, looking once a second */
	RECOVERY_HOOK,  /* the hook reset or power_cycle runs */
};

struct recovery {
	enum recovery_phase phase;
	struct text reason;  /* why it is suspect */
	int64_t deadline_ns; /* of waiting */
	size_t steps;        /* of the hooks that restart it, those passed already */
	bool blocked;        /* it is there for others: the tester waits to be let in */
	int64_t pause_ns;    /* between two looks while it waits */
	struct loop_source timer;
	struct bench_hook hook;    /* reset or power_cycle */
	struct bench_hook console; /* nobody waits for it */
	/* The device was not itself at the last look that was asked for, and is
	 * again. Whoever scheduled what ran meanwhile reads and clears it. */
	enum why trouble;
	bool slow; /* the device blocks who is too fast: one check at a time */
};

/* The first look of this process. Returns 0, or -1 when the run has to stop. */
int device_first_look(struct runner *runner);
/* Before and after what may leave traces: looks unless the last look still
 * counts, and recovers the device if need be. Returns as soon as that has begun:
 * 0, or -1 when the run has to stop. */
int device_ask(struct runner *runner);
/* What was asked for is under way. */
bool device_busy(const struct runner *runner);
/* What follows may change the device: the last look counts no more. */
void device_touched(struct runner *runner);
/*
 * Another device answers, or this one is no longer what it was. Nothing more
 * is done to it, in this run and in later ones of this folder, until a person
 * has looked at it and deletes the file. look may be NULL. Returns -1.
 */
int device_quarantine(struct runner *runner, const char *reason, const struct look *look);
/* Ends what is under way. */
void device_leave(struct runner *runner);

#endif
