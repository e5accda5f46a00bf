/*
 * monitor: watches one essential function from a process of its own, for the
 * whole run, on the same monotonic clock as any load.
 */
#ifndef ASSAY_RUN_MONITOR_H
#define ASSAY_RUN_MONITOR_H

#include "harness/gate/gate.h"
#include "harness/model/profile.h"
#include "harness/run/child.h"
#include "probes/probe.h"

struct sample_ring *sample_ring_new(void); /* before any fork */
void sample_ring_free(struct sample_ring *ring);
/* In the process that sample_ring_open() made the writer. */
void sample_ring_add(struct sample_ring *ring, const struct sample *sample);
/* As probe_samples(). */
size_t sample_ring_copy(const struct sample_ring *ring, int64_t from_ns, int64_t to_ns,
			struct sample *ret, size_t capacity);

struct monitor_process;
/*
 * Starts the monitor of function number index. It writes its samples to the
 * ring and, as CSV (due_s,sent_s,done_s,answered,value), to
 * RUN/evidence/monitor-<name>/samples.csv, and keeps the tripwire set
 * while the function shows no progress for longer than its tripwire_ms. Returns NULL with the reason
 * in why.
 */
struct monitor_process *monitor_start(const struct child_world *world,
				      const struct monitor *monitor,
				      const struct param_value *params, size_t param_count,
				      size_t index, struct gate *gate, struct text *why);
/* Totals so far; see results.h. */
struct monitor_totals {
	int64_t samples, answered;
	int64_t missed;      /* slots the tester let pass: they leave no sample */
	int64_t given_way;   /* slots missed by agreement: a check had the service */
	double worst_gap_ms; /* longest time without progress */
	int64_t last_progress_ns;
	bool running;
};
struct monitor_totals monitor_totals(const struct monitor_process *monitor);
/* How its process ended, while it is not halted: "its process was ended by
 * SIGKILL". */
void monitor_end(const struct monitor_process *monitor, struct text *ret);
/* Whether it keeps off its service, so that a check has it to itself. It gives its
 * connection back within some ten milliseconds; the slots until it may go on are
 * neither samples nor losses. */
void monitor_give_way(struct monitor_process *monitor, bool gives);
bool monitor_gives_way(const struct monitor_process *monitor);
/* Its samples' file, relative to the run directory; owned by the monitor. */
const char *monitor_evidence(const struct monitor_process *monitor);
/* Ends its process and waits for it; totals and evidence stay readable. */
void monitor_halt(struct monitor_process *monitor);
/* The same, and releases it. NULL is fine. */
void monitor_stop(struct monitor_process *monitor);

#endif
