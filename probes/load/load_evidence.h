/* load_evidence: the samples and windows of a load check as files, for the
 * report's plot and for anybody who wants to look again. */
#ifndef ASSAY_PROBES_LOAD_EVIDENCE_H
#define ASSAY_PROBES_LOAD_EVIDENCE_H

#include "probes/load/load_windows.h"

struct load_phase {
	const char *name; /* "baseline", "sham", "attack", "recovery" */
	int64_t from_ns, to_ns;
};

/* Keeps samples.csv: due_s,sent_s,done_s,answered,value. */
void load_keep_samples(struct probe_run *run, const struct sample *samples,
		       size_t count);
/* Keeps windows.json: function, progress, windows, and the rate of each slice
 * of each storm. */
void load_keep_windows(struct probe_run *run,
		       const struct essential_function *function,
		       const struct load_phase *phases, size_t phase_count,
		       const struct storm_result *const *storms,
		       size_t storm_count);

#endif
