/*
 * child: one process per observation. The parent's side starts it, reads its
 * report and stops it at its deadline; the child's side is the implementation
 * of probe.h.
 */
#ifndef ASSAY_RUN_CHILD_H
#define ASSAY_RUN_CHILD_H

#include "harness/base/arena.h"
#include "harness/base/text.h"
#include "harness/gate/gate.h"
#include "harness/model/journal_word.h"
#include "harness/plan/plan.h"

/* Samples of one essential function: a ring in shared memory, written by its
 * monitor's process, read by load checks and the runner. */
struct sample_ring;
struct secrets;
struct child_calls;

/* What a child needs from the run; the same for all. */
struct child_world {
	const struct profile *profile;
	const char *run_directory;
	const struct secrets *secrets;    /* the profile's; NULL: each child has them read */
	struct sample_ring *const *rings; /* one per essential function */
	const struct child_calls *calls;  /* compiled once; NULL: each child does */
};

/* What came of it; everything belongs to the arena given to child_new(). */
struct child_report {
	enum child_outcome outcome;
	enum why why;
	const char *reason;
	int signal; /* that ended it, 0 for none; SIGKILL that was not ours is
	             * worth another attempt */
	/* What it had seen; of one that did not come to its own end, evidence of
	 * how far it came and nothing more. */
	struct facts facts;
	const struct evidence *evidence; /* results.h */
	size_t evidence_count;
	const char *started; /* RFC 3339 */
	double seconds;
	struct gate_traffic traffic;
	bool gate_gone;            /* the gate ended before the child did: what it saw
	                 * may be the gate's end; the report proves nothing */
	const char *storage_error; /* the evidence could not be kept: the run
	                            * cannot go on; else NULL */
};

struct child;

#define CHILD_DOORS 4

/* A wait that was begun, and what was seen before it. */
struct milestone {
	const char *what;
	int64_t until_ns; /* CLOCK_MONOTONIC */
	struct facts facts;
};

/* What a child is started for. */
struct child_order {
	const struct observation *observation;
	/* An earlier attempt was ended from outside in this wait: the probe may
	 * go on in it, see probe_resumed(). NULL: there is none. */
	const struct milestone *resumes;
	/* Connections that it may be making at one time, CHILD_DOORS at most; 0:
	 * one, as every probe that does not ask for more. */
	size_t doors;
	int attempt;  /* from 1 */
	bool capture; /* keep the traffic as capture.pcapng */
};

/*
 * Forks the observation's child with its gate channel (none when gate is
 * NULL). Its evidence goes to RUN/evidence/<observation id>/, that of a later
 * attempt to a folder attempt-N in it. world, order->observation and arena must
 * stay valid until child_free(). Returns NULL with the reason in why.
 */
struct child *child_start(const struct child_world *world, const struct child_order *order,
			  struct gate *gate, struct arena *arena, struct text *why);
/* For poll(2): readable means child_step() has something to do. */
int child_fd(const struct child *child);
/* When the child must be stopped; moves on while it waits for something that it
 * has declared. */
int64_t child_deadline(const struct child *child);
/* The wait it is in: until_ns and what for; until_ns is 0 where it is in none.
 * Returns the number of waits it has declared so far. Valid until the next
 * child_step(). */
unsigned child_milestone(const struct child *child, struct milestone *ret);
/* Reads what is there, enforces the deadline. Returns 1 when the child has
 * ended and *ret is filled, else 0. */
int child_step(struct child *child, struct child_report *ret);
/* Stops it now; child_step() then reports its end. */
void child_kill(struct child *child);
/* Stops it if it still runs, and waits for it. NULL is fine. */
void child_free(struct child *child);

/*
 * Runs an observation to its end in the calling process's child and returns
 * its report: what tests use.
 */
int child_run(const struct child_world *world, const struct observation *observation,
	      struct gate *gate, struct arena *arena, struct child_report *ret, struct text *why);

#endif
