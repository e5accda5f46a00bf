/*
 * load_windows: what a monitor's samples say about an essential function in a
 * window of time: the longest time without progress, the share of samples
 * lost, and when the function was back. Pure: it neither waits nor sends.
 *
 * A sample was *due*, was *sent* (later, if the tester's process did not run)
 * and was *done* (later, if the device was slow). Only what lies between sent
 * and done is the device's. So a gap is three numbers: what was measured, the
 * least and the most that it can have been.
 *
 *   sample      A          B          C          D      value  1 1 1 2
 *            sent done  sent done  sent done  sent done
 *                 |                |               |
 *                 from             still           to
 *
 * - Measured: from the sample that showed progress to the next that did,
 *   without the time in which no sample was under way though one was due.
 * - At least: up to when the last sample without progress was sent. In time
 *   that nobody looked at, the function may have gone on.
 * - At most: from when the sample before the progress was sent, with all of the
 *   tester's lateness. In that time, it may have stood still.
 *
 * A window is *within* the rule if even the most is, *outside* if even the
 * least is not; between the two nothing is said. A tester that was late can
 * widen a gap's bounds, and so cost an answer, but never give a wrong one.
 *
 * Loss is a share of time, in periods: a sample stands for every period it
 * waited in. A value that must move on is lost only if none came within the
 * gap allowed: a counter read 15 ms late is not. Periods that the tester
 * missed are neither answered nor lost, but half of them must have a sample.
 */
#ifndef ASSAY_PROBES_LOAD_WINDOWS_H
#define ASSAY_PROBES_LOAD_WINDOWS_H

#include "probes/probe.h"

struct load_rule {
	int64_t period_ns; /* the monitor's */
	int64_t gap_ns;    /* longest time without progress allowed */
	double loss;       /* share of samples that may be lost */
	bool progress;     /* the value must move on; else an answer is enough */
};

/* The time between two progresses. */
struct load_gap {
	int64_t before_ns; /* the progress may be as old as this */
	int64_t from_ns, to_ns;
	int64_t still_ns; /* there was none until here at least */
	int64_t late_ns;  /* of it the tester's own */
	bool ended;       /* false: no progress had come by to_ns */
};

/* Nanoseconds as milliseconds. */
double load_ms(int64_t ns);

/* The three lengths of a gap, never below 0. */
int64_t load_gap_length(const struct load_gap *gap);
int64_t load_gap_least(const struct load_gap *gap);
int64_t load_gap_most(const struct load_gap *gap);

/*
 * Cuts the samples (in order of due_ns) into gaps, up to until_ns. The first
 * begins when the first sample was due. ret has room for count + 1. Returns
 * how many there are; 0 without samples.
 */
size_t load_gaps(const struct sample *samples, size_t count, const struct load_rule *rule,
		 int64_t until_ns, struct load_gap *ret);

/* What one window shows. */
struct load_view {
	size_t samples;    /* due in the window */
	int64_t slots;     /* periods they stand for */
	int64_t lost;      /* of these */
	double loss;       /* lost / slots; 1 without samples */
	double sampled;    /* share of the window's periods with a sample */
	int64_t gap_ns;    /* longest gap that touches the window, */
	int64_t least_ns;  /* what the longest was at least */
	int64_t most_ns;   /* and at most */
	int64_t late_ns;   /* the tester's longest own delay */
	int64_t answer_ns; /* longest time from sent to answered */
};

/* Looks at the window [from_ns, to_ns). A gap that touches it counts whole, but
 * not beyond clip_ns (at least to_ns). samples must begin before the window and
 * reach behind clip_ns as far as there are any. scratch has count + 1 places.
 */
struct load_window {
	int64_t from_ns, to_ns, clip_ns;
};
struct load_view load_view_of(const struct sample *samples, size_t count,
			      const struct load_rule *rule, const struct load_window *window,
			      struct load_gap *scratch);

enum load_judgement { LOAD_UNSETTLED, LOAD_WITHIN, LOAD_OUTSIDE };

enum load_judgement load_view_judge(const struct load_view *view, const struct load_rule *rule);

/* True if one window is so much worse than the other that chance does not
 * explain it: half as long again and two periods more, by the bounds that say
 * the opposite; or twice the loss and one per cent more. */
bool load_view_worse(const struct load_view *view, const struct load_view *other,
		     const struct load_rule *rule);

struct load_recovery {
	bool recovered;
	int64_t back_ns; /* when the function was back, as a time; the load's
	                  * end if it was never away */
};

/* Finds the first moment not before load_end_ns from which on every gap
 * stays within the rule for hold_ns. Time that nobody looked at proves
 * nothing: a gap with the tester's part in it counts whole. */
struct load_recovery load_recovery_of(const struct load_gap *gaps, size_t count,
				      const struct load_rule *rule, int64_t load_end_ns,
				      int64_t hold_ns);

#endif
