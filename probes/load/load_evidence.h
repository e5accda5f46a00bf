/* load_evidence: the samples and windows of a load check as files, for the
 * report's plot and for anybody who wants to look again. */
#ifndef ASSAY_PROBES_LOAD_EVIDENCE_H
#define ASSAY_PROBES_LOAD_EVIDENCE_H

#include "probes/load/load_windows.h"

struct load_phase {
	const char *name; /* "baseline", "sham", "attack", "recovery" */
	int64_t from_ns, to_ns;
};

/* The windows that were taken, in order: the four, and those that proved nothing
 * and were repeated; an attack with its recovery. */
enum { LOAD_PHASES_MOST = 8, LOAD_STORMS_MOST = 4 };
struct load_log {
	struct load_phase phases[LOAD_PHASES_MOST];
	size_t phase_count;
	const struct storm_result *storms[LOAD_STORMS_MOST];
	size_t storm_count;
};

/* Each is called at most as often as a course has windows and storms. */
void load_log_phase(struct load_log *log, const struct load_phase *phase);
/* The result stays the caller's, and is read when the log is kept. */
void load_log_storm(struct load_log *log, const struct storm_result *result);

/* Keeps samples.csv: due_s,sent_s,done_s,answered,value. */
void load_keep_samples(struct probe_run *run, const struct sample *samples, size_t count);
/* Keeps windows.json: function, progress, windows, and the rate of each slice
 * of each storm. */
void load_keep_windows(struct probe_run *run, const struct essential_function *function,
		       const struct load_log *log);

#endif
