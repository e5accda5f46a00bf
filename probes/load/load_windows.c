/* load_windows: gaps, losses and recovery from a monitor's samples. */
#include "probes/load/load_windows.h"

#include "harness/banned.h"

double load_ms(int64_t ns)
{
	return (double)ns / (double)NS_PER_MS;
}

int64_t load_gap_length(const struct load_gap *gap)
{
	int64_t length = gap->to_ns - gap->from_ns - gap->late_ns;

	return length > 0 ? length : 0;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/*
 * How long, before at_ns, no sample was under way although one should have
 * been. The monitor was free from the end of the sample before, and should have
 * sent at the next period. One period is always granted: a monitor that skips a
 * slot because the device kept it waiting is not late.
 */
static int64_t tester_late(const struct sample *samples, size_t i,
			   int64_t at_ns, const struct load_rule *rule)
{
	int64_t free_ns = samples[0].due_ns;

	if (i > 0) {
		free_ns = later(samples[i - 1].due_ns + rule->period_ns,
				samples[i - 1].done_ns);
	}
	return later(0, at_ns - free_ns - rule->period_ns);
}

static bool is_progress(const struct sample *sample, const struct sample *last,
			const struct load_rule *rule)
{
	if (!sample->answered) {
		return false;
	}
	/* Equal bits are what a frozen counter shows; not a tolerance. */
	return !rule->progress || last == NULL || sample->value < last->value ||
	       sample->value > last->value;
}

size_t load_gaps(const struct sample *samples, size_t count,
		 const struct load_rule *rule, int64_t until_ns,
		 struct load_gap *ret)
{
	const struct sample *last = NULL; /* last answered */
	struct load_gap gap = {0};
	size_t found = 0;
	int64_t at_ns;
	size_t i;

	if (count == 0) {
		return 0;
	}
	gap.from_ns = samples[0].due_ns;
	for (i = 0; i < count; i++) {
		if (samples[i].done_ns > until_ns) {
			break;
		}
		gap.late_ns +=
			tester_late(samples, i, samples[i].sent_ns, rule);
		if (is_progress(&samples[i], last, rule)) {
			gap.to_ns = samples[i].done_ns;
			gap.ended = true;
			ret[found++] = gap;
			gap = (struct load_gap){.from_ns = samples[i].done_ns};
		}
		if (samples[i].answered) {
			last = &samples[i];
		}
	}
	if (gap.from_ns >= until_ns) {
		return found;
	}
	/* What is left is open: a sample is still under way (the device's
	 * time), or none was taken any more (the tester's). */
	gap.to_ns = until_ns;
	at_ns = i < count ? earlier(samples[i].sent_ns, until_ns) : until_ns;
	gap.late_ns += tester_late(samples, i, at_ns, rule);
	ret[found++] = gap;
	return found;
}

static void view_gaps(struct load_view *view, const struct load_gap *gaps,
		      size_t count, const struct load_window *window)
{
	size_t i;

	for (i = 0; i < count; i++) {
		int64_t length = load_gap_length(&gaps[i]);

		if (gaps[i].to_ns <= window->from_ns ||
		    gaps[i].from_ns >= window->to_ns) {
			continue;
		}
		view->gap_ns = later(view->gap_ns, length);
		view->late_ns = later(view->late_ns, gaps[i].late_ns);
	}
}

/*
 * A sample that was not answered. Not, where it was sent so late that its time
 * was over: the tester's fault. Not, where a value is what counts and one came
 * within the gap allowed: a counter read 12 ms late is not lost.
 */
static bool is_lost(const struct sample *samples, size_t count, size_t i,
		    const struct load_rule *rule)
{
	const struct sample *s = &samples[i];
	size_t k;

	if (s->answered || s->sent_ns - s->due_ns >= rule->period_ns) {
		return false;
	}
	for (k = i + 1; rule->progress && k < count; k++) {
		if (samples[k].answered) {
			return samples[k].done_ns - s->due_ns > rule->gap_ns;
		}
	}
	return true;
}

struct load_view load_view_of(const struct sample *samples, size_t count,
			      const struct load_rule *rule,
			      const struct load_window *window,
			      struct load_gap *scratch)
{
	struct load_view view = {0};
	size_t gaps, i;

	for (i = 0; i < count; i++) {
		const struct sample *s = &samples[i];

		if (s->due_ns < window->from_ns || s->due_ns >= window->to_ns) {
			continue;
		}
		view.samples++;
		view.lost += is_lost(samples, count, i, rule);
		if (s->answered) {
			view.answer_ns =
				later(view.answer_ns, s->done_ns - s->due_ns);
		}
	}
	if (view.samples == 0) {
		view.loss = 1;
		view.gap_ns = window->to_ns - window->from_ns;
		view.late_ns = view.gap_ns;
		return view;
	}
	view.loss = (double)view.lost / (double)view.samples;
	gaps = load_gaps(samples, count, rule, window->clip_ns, scratch);
	view_gaps(&view, scratch, gaps, window);
	return view;
}

bool load_view_holds(const struct load_view *view, const struct load_rule *rule)
{
	return view->samples > 0 && view->gap_ns <= rule->gap_ns &&
	       view->loss <= rule->loss;
}

struct load_recovery load_recovery_of(const struct load_gap *gaps, size_t count,
				      const struct load_rule *rule,
				      int64_t load_end_ns, int64_t hold_ns)
{
	struct load_recovery ret = {.back_ns = load_end_ns};
	size_t i;

	for (i = 0; i < count; i++) {
		if (gaps[i].to_ns <= load_end_ns) {
			continue;
		}
		if (load_gap_length(&gaps[i]) > rule->gap_ns) {
			if (!gaps[i].ended) {
				return ret;
			}
			ret.back_ns = gaps[i].to_ns;
		}
		if (gaps[i].to_ns - ret.back_ns >= hold_ns) {
			ret.recovered = true;
			return ret;
		}
	}
	return ret;
}
