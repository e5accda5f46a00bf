/* load_course: baseline, sham, attack, recovery. */
#include "probes/load/load_course.h"

#include <errno.h>
#include <string.h>

#include "harness/banned.h"

enum {
	SETTLE_MS = 200, /* between two windows, so that none shows the other's
	                  * end */
	RECOVERY_MOST_S = 120,
	LOOK_MS = 50,             /* how often recovery is looked at */
	SILENT_MONITOR_MS = 3000, /* without a sample its process is gone */
};

static void copy_samples(struct load_course *c)
{
	c->count = probe_samples(c->run, c->function, c->begin_ns, clock_ns(),
				 c->samples, c->capacity);
}

/* Looks at a window that is over. */
static void look(struct load_course *c, unsigned phase, int64_t clip_ns)
{
	const struct load_phase *p = &c->phases[phase];
	const struct load_window window = {p->from_ns, p->to_ns, clip_ns};

	c->views[phase] =
		load_view_of(c->samples, c->count, &c->rule, &window, c->gaps);
}

static void settle(void)
{
	clock_sleep_until(clock_ns() + SETTLE_MS * NS_PER_MS);
}

/* Nothing is sent; the samples taken meanwhile are the yardstick. */
static int watch_baseline(struct load_course *c)
{
	struct load_phase *p = &c->phases[BASELINE];

	p->from_ns = clock_ns();
	p->to_ns = p->from_ns + c->order.duration_ms * NS_PER_MS;
	clock_sleep_until(p->to_ns);
	settle();
	copy_samples(c);
	look(c, BASELINE, p->to_ns);
	probe_saw_real(c->run, "baseline_gap_ms",
		       load_ms(c->views[BASELINE].gap_ns));
	probe_saw_real(c->run, "baseline_loss", c->views[BASELINE].loss);
	probe_saw_real(
		c->run, "sampling_floor_ms",
		load_ms(c->rule.period_ns + c->views[BASELINE].answer_ns));
	probe_saw_bool(c->run, "baseline_steady",
		       load_view_holds(&c->views[BASELINE], &c->rule));
	if (c->views[BASELINE].samples == 0) {
		return probe_give_up(c->run, WHY_TESTER_DROPPED,
				     "the monitor of '%s' took no samples",
				     c->function->name);
	}
	if (!load_view_holds(&c->views[BASELINE], &c->rule)) {
		return probe_give_up(c->run, WHY_CONTROL_FAILED,
				     "'%s' is not steady without any load: "
				     "longest gap %.0f ms, %.1f %% lost",
				     c->function->name,
				     load_ms(c->views[BASELINE].gap_ns),
				     100 * c->views[BASELINE].loss);
	}
	return 0;
}

static int storm_failed(struct load_course *c, int error)
{
	if (error == -EPERM) {
		return probe_give_up(c->run, WHY_NO_PRIVILEGE,
				     "raw frames are not granted here: no load "
				     "can be sent");
	}
	if (error == -EDQUOT || error == -EACCES) {
		return probe_give_up(c->run, WHY_BUDGET_SPENT,
				     "the profile does not allow %lld frames/s "
				     "for %lld ms",
				     (long long)c->order.frames_per_s,
				     (long long)c->order.duration_ms);
	}
	return probe_give_up(c->run, WHY_TESTER_DROPPED,
			     "the load could not be sent: %s",
			     strerror(-error));
}

/* Frames a second that left, by the lower of what was counted here and at the
 * interface. */
static double rate_of(const struct storm_result *result)
{
	uint64_t sent = result->sent < result->interface_sent
				? result->sent
				: result->interface_sent;
	int64_t ns = result->end_ns - result->start_ns;

	return ns > 0 ? (double)sent * (double)NS_PER_S / (double)ns : 0;
}

/* One window under load. Returns 0, or -1 with the run given up. */
static int send_storm(struct load_course *c, unsigned phase)
{
	struct storm_result *result =
		probe_alloc(c->run, sizeof(*c->results[0]));
	struct storm_order order = c->order;
	int error;

	order.sham = phase == SHAM || c->sham_only;
	c->phases[phase].from_ns = clock_ns();
	error = probe_storm(c->run, &order, result);
	if (error != 0) {
		return storm_failed(c, error);
	}
	c->phases[phase].from_ns = result->start_ns;
	c->phases[phase].to_ns = result->end_ns;
	c->results[phase - SHAM] = result;
	if (result->end == STORM_INTERRUPTED) {
		return probe_give_up(c->run, WHY_NOT_REACHED,
				     "the %s window was interrupted",
				     c->phases[phase].name);
	}
	return 0;
}

static int rate_not_held(struct load_course *c,
			 const struct storm_result *result)
{
	return probe_give_up(c->run, WHY_RATE_NOT_HELD,
			     "%.0f frames/s were sent, %lld asked for",
			     rate_of(result), (long long)c->order.frames_per_s);
}

static bool held(const struct load_course *c, const struct storm_result *result)
{
	return rate_of(result) >= 0.95 * (double)c->order.frames_per_s;
}

static int run_sham(struct load_course *c)
{
	if (send_storm(c, SHAM) != 0) {
		return -1;
	}
	clock_sleep_until(c->phases[SHAM].to_ns + SETTLE_MS * NS_PER_MS);
	copy_samples(c);
	look(c, SHAM, c->phases[SHAM].to_ns);
	probe_saw_real(c->run, "sham_gap_ms", load_ms(c->views[SHAM].gap_ns));
	probe_saw_real(c->run, "sham_loss", c->views[SHAM].loss);
	probe_saw_bool(c->run, "sham_steady",
		       load_view_holds(&c->views[SHAM], &c->rule) &&
			       c->views[SHAM].late_ns <= c->rule.gap_ns);
	if (c->results[0]->end == STORM_TRIPPED) {
		return probe_give_up(c->run, WHY_SHAM_DISTURBED,
				     "'%s' stopped while the load went to "
				     "nobody",
				     c->function->name);
	}
	/* A tester that cannot hold the rate is found out before the device
	 * is touched. */
	return held(c, c->results[0]) ? 0 : rate_not_held(c, c->results[0]);
}

/* Waits until the function is back, or longer than the tolerance allows by the
 * length of a window. */
static void await_recovery(struct load_course *c)
{
	int64_t load_end_ns = c->phases[ATTACK].to_ns;
	double most_s = c->function->tolerance.recover_s +
			(double)c->order.duration_ms / 1000;
	int64_t end_ns, hold_ns = 10 * c->rule.period_ns;
	size_t gaps;

	most_s = most_s < RECOVERY_MOST_S ? most_s : RECOVERY_MOST_S;
	end_ns = load_end_ns + (int64_t)(most_s * (double)NS_PER_S);
	hold_ns = hold_ns > 2 * c->rule.gap_ns ? hold_ns : 2 * c->rule.gap_ns;
	do {
		clock_sleep_until(clock_ns() + LOOK_MS * NS_PER_MS);
		copy_samples(c);
		gaps = load_gaps(c->samples, c->count, &c->rule,
				 c->count > 0 ? c->samples[c->count - 1].done_ns
					      : 0,
				 c->gaps);
		c->back = load_recovery_of(c->gaps, gaps, &c->rule, load_end_ns,
					   hold_ns);
	} while (!c->back.recovered && clock_ns() < end_ns);
	c->phases[RECOVERY].from_ns = load_end_ns;
	c->phases[RECOVERY].to_ns = clock_ns();
}

static int run_attack(struct load_course *c)
{
	const struct storm_result *result;
	int64_t last_ns;

	if (send_storm(c, ATTACK) != 0) {
		return -1;
	}
	await_recovery(c);
	result = c->results[1];
	last_ns = c->count > 0 ? c->samples[c->count - 1].done_ns : 0;
	look(c, RECOVERY, last_ns);
	look(c, ATTACK, last_ns);
	probe_saw_bool(c->run, "stopped_early", result->end == STORM_TRIPPED);
	probe_saw_text(c->run, "stop_reason",
		       result->end == STORM_TRIPPED
			       ? "an essential function showed no progress"
			       : "");
	probe_saw_int(c->run, "rate_asked", c->order.frames_per_s);
	probe_saw_real(c->run, "rate_sent", rate_of(result));
	probe_saw_real(c->run, "rate_held",
		       rate_of(result) / (double)c->order.frames_per_s);
	probe_saw_int(c->run, "interface_sent",
		      (int64_t)result->interface_sent);
	if (clock_ns() - last_ns >
	    SILENT_MONITOR_MS * NS_PER_MS + c->rule.period_ns) {
		return probe_give_up(c->run, WHY_TESTER_DROPPED,
				     "the monitor of '%s' stopped sampling",
				     c->function->name);
	}
	if (result->end == STORM_COMPLETE && !held(c, result)) {
		return rate_not_held(c, result);
	}
	return 0;
}

static void prepare(struct load_course *c)
{
	static const char *const names[PHASES] = {"baseline", "sham", "attack",
						  "recovery"};
	const struct tolerance *tolerance = &c->function->tolerance;
	int64_t most_ms = 4 * c->order.duration_ms + RECOVERY_MOST_S * 1000;
	size_t i;

	c->rule = (struct load_rule){
		.period_ns = c->function->period_ms * NS_PER_MS,
		.gap_ns = tolerance->gap_ms * NS_PER_MS,
		.loss = tolerance->loss,
		.progress = probe_progress(c->run, c->function),
	};
	for (i = 0; i < PHASES; i++) {
		c->phases[i].name = names[i];
	}
	c->capacity = (size_t)(most_ms / c->function->period_ms + 1000);
	c->samples = probe_alloc(c->run, c->capacity * sizeof(*c->samples));
	c->gaps = probe_alloc(c->run, (c->capacity + 1) * sizeof(*c->gaps));
	/* A little of what was before, for the last progress before the first
	 * window. */
	c->begin_ns = clock_ns() - 10 * c->rule.gap_ns;
}

int load_course_run(struct load_course *c)
{
	prepare(c);
	if (watch_baseline(c) != 0 || run_sham(c) != 0) {
		return -1;
	}
	return run_attack(c);
}

void load_course_keep(const struct load_course *c)
{
	const struct storm_result *storms[2];
	struct load_phase phases[PHASES];
	size_t phase_count = 0, storm_count = 0, i;

	for (i = 0; i < PHASES; i++) {
		if (c->phases[i].to_ns != 0) {
			phases[phase_count++] = c->phases[i];
		}
	}
	for (i = 0; i < ARRAY_SIZE(c->results); i++) {
		if (c->results[i] != NULL) {
			storms[storm_count++] = c->results[i];
		}
	}
	load_keep_samples(c->run, c->samples, c->count);
	load_keep_windows(c->run, c->function, phases, phase_count, storms,
			  storm_count);
}
