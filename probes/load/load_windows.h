/*
 * load_windows: what a monitor's samples say about an essential function in a
 * window of time: the longest time without progress, the share of samples
 * lost, and when the function was back. Pure: it neither waits nor sends.
 *
 * Three clocks are kept apart. A sample was *due*, was *sent* (later, if the
 * tester's process did not run) and was *done* (later, if the device was
 * slow). Only the last is the device's: time in which no sample was under way
 * because the tester was late is taken out of every gap.
 */
#ifndef ASSAY_PROBES_LOAD_WINDOWS_H
#define ASSAY_PROBES_LOAD_WINDOWS_H

#include "probes/probe.h"

struct load_rule {
	int64_t period_ns; /* the monitor's */
	int64_t gap_ns;    /* longest time without progress allowed */
	double loss;       /* share of samples that may be lost */
	bool progress; /* the value must move on; else an answer is enough */
};

/* The time between two progresses. */
struct load_gap {
	int64_t from_ns, to_ns;
	int64_t late_ns; /* of it the tester's own */
	bool ended;      /* false: no progress had come by to_ns */
};

/* Nanoseconds as milliseconds. */
double load_ms(int64_t ns);

/* to_ns - from_ns without the tester's share, never below 0. */
int64_t load_gap_length(const struct load_gap *gap);

/*
 * Cuts the samples (in order of due_ns) into gaps, up to until_ns. The first
 * begins when the first sample was due. ret has room for count + 1. Returns
 * how many there are; 0 without samples.
 */
size_t load_gaps(const struct sample *samples, size_t count,
		 const struct load_rule *rule, int64_t until_ns,
		 struct load_gap *ret);

/* What one window shows. */
struct load_view {
	size_t samples, lost; /* due in the window; of them not answered */
	double loss;          /* lost / samples; 1 without samples */
	int64_t gap_ns;       /* longest gap that touches the window */
	int64_t late_ns;      /* the tester's longest own delay */
	int64_t answer_ns;    /* longest time from due to answered */
};

/* Looks at the window [from_ns, to_ns). A gap that touches it counts whole, but
 * not beyond clip_ns (at least to_ns). samples must begin before the window and
 * reach behind clip_ns as far as there are any. scratch has count + 1 places.
 */
struct load_window {
	int64_t from_ns, to_ns, clip_ns;
};
struct load_view load_view_of(const struct sample *samples, size_t count,
			      const struct load_rule *rule,
			      const struct load_window *window,
			      struct load_gap *scratch);

/* True if gap and loss are within the rule. */
bool load_view_holds(const struct load_view *view,
		     const struct load_rule *rule);

struct load_recovery {
	bool recovered;
	int64_t back_ns; /* when the function was back, as a time; the load's
	                  * end if it was never away */
};

/* Finds the first moment not before load_end_ns from which on every gap
 * stays within the rule for hold_ns. */
struct load_recovery load_recovery_of(const struct load_gap *gaps, size_t count,
				      const struct load_rule *rule,
				      int64_t load_end_ns, int64_t hold_ns);

#endif
