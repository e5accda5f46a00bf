/*
 * child_parts: what the files of a child share: child.c starts and releases it,
 * child_process.c is its own side, child_end.c reads what it says and how it ends.
 * Private to them.
 */
#ifndef ASSAY_RUN_CHILD_PARTS_H
#define ASSAY_RUN_CHILD_PARTS_H

#include "harness/base/clock.h"
#include "harness/run/child.h"
#include "harness/run/child_record.h"
#include "harness/run/evidence.h"
#include <sys/types.h>

struct child {
	pid_t pid; /* 0: waited for */
	int pid_fd, report_fd, output_fd, poll_fd;
	struct gate *gate;
	int passes[CHILD_DOORS]; /* of the gate; -1: none */
	int64_t start_ns, deadline_ns;
	unsigned work_s;    /* what it may take beside its waits */
	unsigned longest_s; /* with all of them */
	const struct milestone *resumes;
	struct arena *arena; /* borrowed: the report's */
	struct child_records records;
	struct evidence_store *store;
	struct secrets *secrets;      /* the run's, and what the child makes up: owned */
	struct secret_ration *ration; /* what it may know; freed right after the fork */
	uint8_t *inbox;               /* bytes of the report not yet taken */
	size_t inbox_used;
	size_t output_size;
	bool stopped, timed_out; /* by us; at the deadline */
	bool broken;
	struct text broken_why;
	struct clock_text started;
};

/* The child's ends of its pipes and channels. */
struct ends {
	int report, output; /* -1: none yet */
	int doors[CHILD_DOORS];
	size_t door_count;
};

/* What may lie there of a report that was not taken yet. */
#define INBOX_SIZE (RECORD_HEADER + RECORD_MAX_SIZE + 65536)

/* Lives in the process just forked, as the observation's check. */
_Noreturn void child_main(const struct child *child, const struct child_world *world,
			  const struct observation *observation, const struct ends *ends);
/* Gives the gate its passes back. Returns 0 and what they did, or -1 when the gate is
 * gone. */
int child_dismiss(struct child *child, struct gate_traffic *ret);

#endif
