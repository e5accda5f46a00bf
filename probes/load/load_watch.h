/*
 * load_watch: the samples of the function that is watched through a whole course, and
 * what a part of them shows. It neither waits nor sends.
 */
#ifndef ASSAY_PROBES_LOAD_WATCH_H
#define ASSAY_PROBES_LOAD_WATCH_H

#include "probes/load/load_windows.h"

struct load_watch {
	/* set by the caller */
	struct probe_run *run;
	const struct essential_function *function;

	struct load_rule rule; /* of the function's tolerance */
	int64_t begin_ns;
	struct sample *samples; /* since begin_ns; they belong to the run */
	size_t count, capacity;
	struct load_gap *gaps;
};

/* Begins, with room for the samples of this time. */
void load_watch_begin(struct load_watch *w, int64_t most_ms);
/* Takes the samples up to now. */
void load_watch_take(struct load_watch *w);
/* When the last sample taken was done; 0 without any. */
int64_t load_watch_last(const struct load_watch *w);

struct load_view load_watch_view(struct load_watch *w, const struct load_window *window);
/* Whether the function is back after a load, by what was taken so far: it holds for ten
 * periods, and twice the longest gap allowed. */
struct load_recovery load_watch_back(struct load_watch *w, int64_t load_end_ns);

/* Gives the run up by what a window showed that had to be steady, and was not: with why
 * where the function was not, else because the tester cannot tell. Returns -1. */
int load_watch_not_steady(const struct load_watch *w, const struct load_view *view, enum why why,
			  const char *when);

#endif
