/*
 * runner: what the parts of one run share: the run itself, the schedule, the
 * looks at the device, the journal's records, the progress display.
 */
#ifndef ASSAY_RUN_RUNNER_H
#define ASSAY_RUN_RUNNER_H

#include "harness/base/arena.h"
#include "harness/gate/gate.h"
#include "harness/run/child.h"
#include "harness/run/journal.h"
#include "harness/run/monitor.h"
#include "harness/run/run.h"

#define MAX_CHILDREN    4
#define QUARANTINE_NAME "quarantined"

/* How far one observation has come. */
struct progress_of {
	bool finished; /* complete or gave up: not run again */
	int attempts;  /* records 'begin' so far */
	int tries;     /* of them in this process */
	bool running;
	bool again;  /* killed from outside: worth another try */
	bool unsure; /* gave up since the device was last known to be well */
	enum child_outcome outcome;
};

/* One look at the device. Texts belong to the run's arena. */
struct look {
	bool known;  /* false: nothing seen yet, or not since something
	                    * may have changed */
	bool broken; /* the look itself failed */
	const char *reason;
	size_t up, down;  /* declared services that accept, that do not */
	json_t *up_names; /* owned */
	json_t *identity; /* owned: mac, ssh_host_key, ssh_banner as seen */
};

struct running {
	struct child *child; /* NULL: free */
	size_t observation;
	struct arena *arena; /* the report's */
	int64_t start_ns;
};

enum stop { STOP_NONE, STOP_INTERRUPTED, STOP_DEVICE_LOST, STOP_BENCH_LOST };

struct runner {
	const struct plan *plan;
	const struct run_options *options;
	struct arena *arena;
	struct journal *journal;
	struct gate *gate;
	struct gate_ability ability;
	struct child_world world;
	struct sample_ring **rings;        /* one per function */
	struct monitor_process **monitors; /* one per planned monitor */
	bool *monitor_ended;               /* one per planned monitor: noted already */
	struct progress_of *progress;      /* one per observation */
	struct running running[MAX_CHILDREN];
	struct child *looking; /* the look's child, or NULL */
	int signal_fd;
	int ledger_fd; /* RUN/spent.txt: the gate's, see gate.h */
	int64_t spent; /* units, as the journal knows them */
	bool resumed;
	/* the device */
	struct look first; /* of the whole run, also of earlier parts */
	struct look last;
	bool doubt; /* an observation's end suggests that the device is gone */
	int looks;  /* so far in this process */
	/* the end */
	enum stop stop;
	struct text stop_reason;
	/* totals for the end's record */
	uint64_t captured, capture_dropped;
	int64_t start_ns;
	int shown; /* columns of the live line */
};

/* Wants the run to end; the first reason stays. Always returns -1. */
int runner_stop(struct runner *runner, enum stop stop, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* --- run_folder.c ------------------------------------------------------------ */

/*
 * Makes or takes up the run's folder: journal, ledger, and everything that
 * judging it later needs: profile, plan, answers and their evidence. Returns 0,
 * or the exit code with the reason in why.
 */
int run_folder_open(struct runner *runner, struct text *why);

/* --- schedule.c ------------------------------------------------------------ */

/*
 * Starts, in a fresh run without raw frames, what only observes: it runs beside
 * the first look at the device, and nothing it says is taken before that look
 * is well. A run that goes on must first know that it is the same device.
 * Returns 0, or -1 when the run has to stop.
 */
int schedule_begin(struct runner *runner);
/* Runs everything that is left. Returns 0, or -1 when the run has to stop. */
int schedule_run(struct runner *runner);
/* Waits for the next event at most until the deadline and handles it: signals,
 * the gate. Returns 0, or -1 when the run has to stop. */
int schedule_wait(struct runner *runner, int64_t deadline_ns);
/* Nothing can be measured any more. Always returns -1. */
int schedule_gate_gone(struct runner *runner);

/* --- recovery.c -------------------------------------------------------------- */

/* The first look of this process. Returns 0, or -1 when the run has to stop. */
int device_first_look(struct runner *runner);
/* Before and after what may leave traces: looks unless the last look still
 * counts, and recovers the device if need be. */
int device_check(struct runner *runner);
/*
 * Another device answers, or this one is no longer what it was. Nothing more
 * is done to it, in this run and in later ones of this folder, until a person
 * has looked at it and deletes the file. look may be NULL. Returns -1.
 */
int device_quarantine(struct runner *runner, const char *reason, const struct look *look);
/* What follows may change the device: the last look counts no more. */
void device_touched(struct runner *runner);
void look_release(struct look *look);

/* --- look.c ------------------------------------------------------------------ */

/* Looks at the device once. Returns 0 and the look, or -1 when the run has to
 * stop. */
int look_take(struct runner *runner, struct look *ret);
/* Compares with how the device was at first. Returns WHY_NONE, or what is
 * wrong with the sentence in why. */
enum why look_compare(const struct look *first, const struct look *now, struct text *why);

/* --- hook.c ------------------------------------------------------------------ */

/* Runs a shell command of the profile; its output is kept as RUN/path. Returns
 * its exit status, or -1 with the reason in why. The command is ended at the
 * deadline, or as soon as abort_fd is readable. */
int hook_run(const char *command, const char *path, int64_t deadline_ns, int abort_fd,
	     struct text *why);

/* --- records.c --------------------------------------------------------------- */

int record_run(struct runner *runner);
int record_begin(struct runner *runner, size_t observation);
int record_observation(struct runner *runner, size_t observation,
		       const struct child_report *report);
int record_refused(struct runner *runner, const char *observation, const char *what);
int record_device(struct runner *runner, const char *state, enum why why, const char *reason,
		  const struct look *look);
int record_monitors(struct runner *runner);
int record_note(struct runner *runner, const char *text);
int record_end(struct runner *runner);
/* Takes over what an earlier part of the run has done. Returns 0, or -1 with
 * the reason in why. */
int records_resume(struct runner *runner, struct text *why);

/* --- environment.c ------------------------------------------------------------ */

/* What the run ran on, for the record 'run'. */
json_t *environment_json(const struct runner *runner);

/* --- progress.c --------------------------------------------------------------- */

void progress_begin(struct runner *runner, size_t observation);
void progress_end(struct runner *runner, size_t observation, const struct child_report *report);
void progress_event(struct runner *runner, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Redraws the live line. */
void progress_tick(struct runner *runner);
void progress_clear(struct runner *runner);

#endif
