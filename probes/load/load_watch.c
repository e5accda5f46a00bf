/* load_watch: samples taken, and looked at. Contract in load_watch.h. */
#include "probes/load/load_watch.h"

#include "harness/banned.h"

void load_watch_begin(struct load_watch *w, int64_t most_ms)
{
	const struct tolerance *tolerance = &w->function->tolerance;

	w->rule = (struct load_rule){
		.period_ns = w->function->period_ms * NS_PER_MS,
		.gap_ns = tolerance->gap_ms * NS_PER_MS,
		.loss = tolerance->loss,
		.progress = probe_progress(w->run, w->function),
	};
	w->capacity = (size_t)(most_ms / w->function->period_ms + 1000);
	w->samples = probe_alloc(w->run, w->capacity * sizeof(*w->samples));
	w->gaps = probe_alloc(w->run, (w->capacity + 1) * sizeof(*w->gaps));
	/* A little of what was before, for the last progress before the first
	 * window. */
	w->begin_ns = clock_ns() - 10 * w->rule.gap_ns;
}

void load_watch_take(struct load_watch *w)
{
	w->count = probe_samples(w->run, w->function, w->begin_ns, clock_ns(), w->samples,
				 w->capacity);
}

int64_t load_watch_last(const struct load_watch *w)
{
	return w->count > 0 ? w->samples[w->count - 1].done_ns : 0;
}

struct load_view load_watch_view(struct load_watch *w, const struct load_window *window)
{
	return load_view_of(w->samples, w->count, &w->rule, window, w->gaps);
}

struct load_recovery load_watch_back(struct load_watch *w, int64_t load_end_ns)
{
	int64_t hold_ns = 10 * w->rule.period_ns;
	size_t gaps = load_gaps(w->samples, w->count, &w->rule, load_watch_last(w), w->gaps);

	hold_ns = hold_ns > 2 * w->rule.gap_ns ? hold_ns : 2 * w->rule.gap_ns;
	return load_recovery_of(w->gaps, gaps, &w->rule, load_end_ns, hold_ns);
}

int load_watch_not_steady(const struct load_watch *w, const struct load_view *view, enum why why,
			  const char *when)
{
	const char *name = w->function->name;

	if (view->samples == 0) {
		return probe_give_up(w->run, WHY_TESTER_DROPPED,
				     "the monitor of '%s' took no samples", name);
	}
	if (load_view_judge(view, &w->rule) == LOAD_UNSETTLED) {
		return probe_give_up(w->run, WHY_TESTER_DROPPED,
				     "the tester cannot settle whether '%s' is steady %s: "
				     "longest gap between %.0f and %.0f ms where %.0f are "
				     "allowed, %.0f %% of the samples taken",
				     name, when, load_ms(view->least_ns), load_ms(view->most_ns),
				     load_ms(w->rule.gap_ns), 100 * view->sampled);
	}
	return probe_give_up(w->run, why,
			     "'%s' is not steady %s, seen twice: longest gap %.0f ms, %.1f "
			     "%% lost",
			     name, when, load_ms(view->gap_ns), 100 * view->loss);
}
