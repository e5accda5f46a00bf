/* load_windows: gaps, losses and recovery from a monitor's samples. */
#include "probes/load/load_windows.h"

#include "harness/banned.h"

double load_ms(int64_t ns)
{
	return (double)ns / (double)NS_PER_MS;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t load_gap_length(const struct load_gap *gap)
{
	return later(0, gap->to_ns - gap->from_ns - gap->late_ns);
}

int64_t load_gap_least(const struct load_gap *gap)
{
	return later(0, gap->still_ns - gap->from_ns - gap->late_ns);
}

int64_t load_gap_most(const struct load_gap *gap)
{
	return later(0, gap->to_ns - gap->before_ns);
}

/*
 * How long, before at_ns, no sample was under way although one should have
 * been. The monitor was free from the end of the sample before, and should have
 * sent at the next period. One period is always granted: a monitor that skips a
 * slot because the device kept it waiting is not late.
 */
static int64_t tester_late(const struct sample *samples, size_t i, int64_t at_ns,
			   const struct load_rule *rule)
{
	int64_t free_ns = samples[0].due_ns;

	if (i > 0) {
		free_ns = later(samples[i - 1].due_ns + rule->period_ns, samples[i - 1].done_ns);
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

/* The moment the sample before number i was sent: what sample i shows first may
 * have happened right after it. */
static int64_t sent_before(const struct sample *samples, size_t i)
{
	return i == 0 ? samples[0].due_ns : samples[i - 1].sent_ns;
}

size_t load_gaps(const struct sample *samples, size_t count, const struct load_rule *rule,
		 int64_t until_ns, struct load_gap *ret)
{
	const struct sample *last = NULL; /* last answered */
	struct load_gap gap = {0};
	size_t found = 0;
	int64_t at_ns;
	size_t i;

	if (count == 0) {
		return 0;
	}
	gap.before_ns = gap.from_ns = gap.still_ns = samples[0].due_ns;
	for (i = 0; i < count && samples[i].done_ns <= until_ns; i++) {
		const struct sample *s = &samples[i];

		gap.late_ns += tester_late(samples, i, s->sent_ns, rule);
		if (is_progress(s, last, rule)) {
			gap.to_ns = s->done_ns;
			gap.ended = true;
			ret[found++] = gap;
			gap = (struct load_gap){
				.before_ns = sent_before(samples, i),
				.from_ns = s->done_ns,
				.still_ns = s->done_ns,
			};
		} else {
			gap.still_ns = s->sent_ns;
		}
		if (s->answered) {
			last = s;
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

static void view_gaps(struct load_view *view, const struct load_gap *gaps, size_t count,
		      const struct load_window *window)
{
	size_t i;

	for (i = 0; i < count; i++) {
		const struct load_gap *gap = &gaps[i];

		if (gap->to_ns <= window->from_ns || gap->from_ns >= window->to_ns) {
			continue;
		}
		view->gap_ns = later(view->gap_ns, load_gap_length(gap));
		view->least_ns = later(view->least_ns, load_gap_least(gap));
		view->most_ns = later(view->most_ns, load_gap_most(gap));
		view->late_ns = later(view->late_ns, gap->late_ns);
	}
}

/* A sample that was not answered; where a value is what counts, only if samples
 * show none for longer than the gap allowed. */
static bool is_lost(const struct sample *samples, size_t count, size_t i,
		    const struct load_rule *rule)
{
	int64_t late_ns = 0;
	size_t next = i + 1;

	if (samples[i].answered || !rule->progress) {
		return !samples[i].answered;
	}
	while (next < count && !samples[next].answered) {
		late_ns += tester_late(samples, next, samples[next].sent_ns, rule);
		next++;
	}
	return samples[next - 1].sent_ns - samples[i].sent_ns - late_ns > rule->gap_ns;
}

/* The periods that a sample stands for: its own, and each that began while it
 * was under way. */
static int64_t slots_of(const struct sample *s, const struct load_rule *rule)
{
	int64_t took_ns = later(1, s->done_ns - s->sent_ns);

	return (took_ns + rule->period_ns - 1) / rule->period_ns;
}

static void view_samples(struct load_view *view, const struct sample *samples, size_t count,
			 const struct load_rule *rule, const struct load_window *window)
{
	size_t i;

	for (i = 0; i < count; i++) {
		const struct sample *s = &samples[i];
		int64_t slots = slots_of(s, rule);

		if (s->due_ns < window->from_ns || s->due_ns >= window->to_ns) {
			continue;
		}
		view->samples++;
		view->slots += slots;
		if (is_lost(samples, count, i, rule)) {
			view->lost += slots;
		}
		if (s->answered) {
			view->answer_ns = later(view->answer_ns, s->done_ns - s->sent_ns);
		}
	}
}

struct load_view load_view_of(const struct sample *samples, size_t count,
			      const struct load_rule *rule, const struct load_window *window,
			      struct load_gap *scratch)
{
	int64_t length_ns = window->to_ns - window->from_ns;
	struct load_view view = {0};
	size_t gaps;

	view_samples(&view, samples, count, rule, window);
	if (view.samples == 0) {
		view.loss = 1;
		view.gap_ns = view.most_ns = view.late_ns = length_ns;
		return view;
	}
	view.loss = (double)view.lost / (double)view.slots;
	view.sampled = (double)view.slots * (double)rule->period_ns /
		       (double)later(rule->period_ns, length_ns);
	gaps = load_gaps(samples, count, rule, window->clip_ns, scratch);
	view_gaps(&view, scratch, gaps, window);
	return view;
}

enum load_judgement load_view_judge(const struct load_view *view, const struct load_rule *rule)
{
	if (view->least_ns > rule->gap_ns) {
		return LOAD_OUTSIDE;
	}
	if (view->samples == 0 || view->sampled < 0.5) {
		return LOAD_UNSETTLED;
	}
	if (view->loss > rule->loss) {
		return LOAD_OUTSIDE;
	}
	return view->most_ns <= rule->gap_ns ? LOAD_WITHIN : LOAD_UNSETTLED;
}

bool load_view_worse(const struct load_view *view, const struct load_view *other,
		     const struct load_rule *rule)
{
	return view->least_ns > other->most_ns + other->most_ns / 2 + 2 * rule->period_ns ||
	       view->loss > 2 * other->loss + 0.01;
}

struct load_recovery load_recovery_of(const struct load_gap *gaps, size_t count,
				      const struct load_rule *rule, int64_t load_end_ns,
				      int64_t hold_ns)
{
	struct load_recovery ret = {.back_ns = load_end_ns};
	size_t i;

	for (i = 0; i < count; i++) {
		if (gaps[i].to_ns <= load_end_ns) {
			continue;
		}
		if (gaps[i].to_ns - gaps[i].from_ns > rule->gap_ns) {
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
