/*
 * runner: one run, as its parts share it. The parts, each with a header of its
 * own, know this and only what stands below them: run -> schedule -> recovery ->
 * look, hook -> records, progress, stop. What waits, waits in the loop.
 */
#ifndef ASSAY_RUN_RUNNER_H
#define ASSAY_RUN_RUNNER_H

#include "harness/base/arena.h"
#include "harness/base/digest.h"
#include "harness/gate/gate.h"
#include "harness/run/anchor.h"
#include "harness/run/child.h"
#include "harness/run/confine.h"
#include "harness/run/device_lock.h"
#include "harness/run/journal.h"
#include "harness/run/look.h"
#include "harness/run/loop.h"
#include "harness/run/monitor.h"
#include "harness/run/recovery.h"
#include "harness/run/run.h"
#include "harness/run/stop.h"

#define MAX_CHILDREN PLAN_WIDTH

/* How far one observation has come. */
struct progress_of {
	bool finished; /* complete or gave up: not run again */
	int attempts;  /* records 'begin' so far */
	int tries;     /* of them in this process */
	bool running;
	bool again;  /* killed from outside: worth another try */
	bool unsure; /* gave up since the device was last known to be well */
	bool member; /* of the batch: ran since the last look */
	bool alone;  /* runs by itself, since others could not be told from it */
	enum child_outcome outcome;
	/* The wait that an attempt was in when it was ended from outside; what is
	 * NULL: none. Owned by the run's arena. */
	struct milestone wait;
};

struct running {
	struct runner *runner;
	struct child *child; /* NULL: free */
	struct loop_source source;
	size_t observation;
	struct arena *arena; /* the report's */
	int64_t start_ns;
	unsigned waits; /* of the child, recorded so far */
};

struct runner {
	const struct plan *plan;
	const struct run_options *options;
	struct arena *arena;
	struct journal *journal;
	struct gate *gate;
	struct gate_ability ability;
	struct child_world world;
	enum confinement confinement;      /* of children */
	struct child_calls *calls;         /* owned: the world has it too */
	struct sample_ring **rings;        /* one per function */
	struct monitor_process **monitors; /* one per planned monitor */
	bool *monitor_ended;               /* one per planned monitor: noted already */
	struct progress_of *progress;      /* one per observation */
	struct loop loop;
	struct loop_source signals, notices, tick;
	struct running running[MAX_CHILDREN];
	bool beginning;       /* checks are started to run beside the first look */
	bool batch;           /* what may leave traces has run since the last look */
	int64_t batch_end_ns; /* when it should be over, as far as was estimated */
	int signal_fd;
	int ledger_fd; /* RUN/spent.txt: the gate's, see gate.h */
	int copy_fd;   /* of it outside RUN: anchor.h; -1: none */
	struct anchor anchor;
	struct device_lock lock; /* nobody else runs at the device */
	struct digest plan_file; /* of RUN/plan.json */
	json_t *unrecorded;      /* owned: found when the run was taken up; NULL: none */
	int64_t spent;           /* units, as the journal knows them */
	bool resumed;
	char boot[64]; /* which boot of the tester's machine this is, "" where unknown */
	/* the device */
	struct look first; /* of the whole run, also of earlier parts */
	struct look last;
	bool doubt; /* an observation's end suggests that the device is gone */
	struct looking looking;
	struct recovery recovery;
	struct hook_starter hook_starters[BENCH_HOOKS];
	/* the end */
	enum stop stop;
	struct text stop_reason;
	/* totals for the end's record */
	uint64_t captured, capture_dropped;
	int64_t start_ns;
	int shown; /* columns of the live line */
};

#endif
