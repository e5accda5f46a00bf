/*
 * probe_run: one execution of a probe or monitor, as its own process sees it.
 * The functions of probe.h work on it; nothing else in the runner does.
 */
#ifndef ASSAY_RUN_PROBE_RUN_H
#define ASSAY_RUN_PROBE_RUN_H

#include "harness/run/child.h"
#include "harness/run/child_record.h"

struct probe_run {
	const struct child_world *world;
	const struct param_def *param_defs;
	const struct param_value *params;
	size_t param_count;
	const struct fact_def *fact_defs; /* NULL for a monitor */
	struct arena *arena;
	struct gate_channel *channel; /* NULL: no door to the device */
	/* For connections that are made at one time; the first is channel. */
	struct gate_channel *doors[CHILD_DOORS];
	size_t door_count;
	int report_fd;                       /* -1: nobody listens (a monitor) */
	int64_t deadline_ns;                 /* as the runner has it: moved on by waits */
	int64_t longest_ns;                  /* and never beyond */
	const struct milestone *resumes;     /* NULL: it begins at the beginning */
	const struct session_driver *driver; /* with its code, of the service; NULL: none needed */
	struct fact *facts;
	size_t fact_count;
	const struct secret_ration *ration; /* NULL: a monitor has none */
	bool gave_up;
	enum why why;
	const char *reason;
};

/* Says one record; a runner that no longer listens has stopped this child, or is about to. */
void probe_say(const struct probe_run *run, enum child_record_type type,
	       const struct record_part *parts, size_t count);
/* The place of a declared fact, new or old; and says what it holds. */
struct fact *probe_fact_place(struct probe_run *run, const char *name, enum fact_type type);
void probe_say_fact(const struct probe_run *run, const struct fact *fact);
/* Sends the giving up and the end. Returns 0 or -1. */
int probe_run_finish(struct probe_run *run, int result);
/* Puts a child of the runner into its place: descriptors keep[0..] become 3,
 * 4, ...; stdin is empty, stdout and stderr go to output; signals of the
 * terminal are for the runner. */
int child_settle(int output, const int *keep, size_t keep_count);

#endif
