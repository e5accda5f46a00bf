/*
 * sampling: what happens in a monitor's process: a sample at every period, to
 * the ring, to a CSV file, and to the counts that the runner reads.
 */
#ifndef ASSAY_RUN_SAMPLING_H
#define ASSAY_RUN_SAMPLING_H

#include "harness/gate/pulse.h"
#include "harness/run/probe_run.h"
#include <stdatomic.h>

/* What the monitor's process tells the runner, and it alone writes. */
struct counts {
	_Atomic int64_t samples, answered, missed, given_way;
	_Atomic int64_t worst_gap_ns, last_progress_ns;
};

/* What the runner tells the monitor, and it alone writes. */
struct orders {
	_Atomic bool stop, give_way;
};

/* All the process needs while it samples. */
struct sampling {
	struct probe_run run;
	const struct monitor *monitor;
	const struct essential_function *function;
	struct sample_ring *ring;
	struct counts *counts;
	const struct orders *orders;
	struct pulse *pulse; /* NULL where no gate is */
	struct pulse_beater beater;
	int csv_fd;
	char buffer[32768];
	size_t buffered;
	int64_t flushed_ns;
	double last_value;
	bool seen; /* last_value holds an answer */
	bool away; /* it gives way to a check */
};

/* Confines the process and samples until the runner orders its end. The CSV file
 * is descriptor 3, the gate's channel 4 where there is one. Returns the exit
 * status. */
int sampling_live(struct sampling *s, bool channel);

#endif
