/* load_course: baseline, sham, attack, recovery. */
#include "probes/load/load_course.h"

#include "harness/banned.h"

enum {
	SETTLE_MS = 200, /* between two windows, so that none shows the other's
	                  * end */
	RECOVERY_MOST_S = 120,
	STORM_EXTRA_MS = 5000,    /* what the gate may take beyond a storm's time */
	LOOK_MS = 50,             /* how often recovery is looked at */
	SILENT_MONITOR_MS = 3000, /* without a sample its process is gone */
};

/* --- looking at a window ---------------------------------------------------- */

/* Looks at a window that is over. */
static enum load_judgement look(struct load_course *c, unsigned phase, int64_t clip_ns)
{
	const struct load_phase *p = &c->phases[phase];
	const struct load_window window = {p->from_ns, p->to_ns, clip_ns};

	c->views[phase] = load_watch_view(&c->watch, &window);
	return load_view_judge(&c->views[phase], &c->watch.rule);
}

/* Says that a window is taken again, and what the first one showed. */
static void repeat(struct load_course *c, unsigned phase)
{
	const struct load_view *view = &c->views[phase];

	c->repeats++;
	probe_note(c->run,
		   "the %s window proved nothing and is repeated: longest gap "
		   "%.1f ms (%.1f to %.1f), %.2f %% lost, %.0f %% sampled, "
		   "tester late by %.1f ms, %.0f frames/s",
		   c->phases[phase].name, load_ms(view->gap_ns), load_ms(view->least_ns),
		   load_ms(view->most_ns), 100 * view->loss, 100 * view->sampled,
		   load_ms(view->late_ns), load_course_rate(c, phase));
}

/* --- baseline --------------------------------------------------------------- */

/* Nothing is sent; the samples taken meanwhile are the yardstick. */
static enum load_judgement watch_once(struct load_course *c)
{
	struct load_phase *p = &c->phases[BASELINE];

	p->from_ns = clock_ns();
	p->to_ns = p->from_ns + c->window_ms * NS_PER_MS;
	clock_sleep_until(p->to_ns + SETTLE_MS * NS_PER_MS);
	load_watch_take(&c->watch);
	load_log_phase(&c->log, p);
	return look(c, BASELINE, p->to_ns);
}

static int watch_baseline(struct load_course *c)
{
	enum load_judgement judgement = watch_once(c);
	const struct load_view *view = &c->views[BASELINE];

	if (judgement != LOAD_WITHIN) {
		repeat(c, BASELINE);
		judgement = watch_once(c);
	}
	probe_saw_real(c->run, "baseline_gap_ms", load_ms(view->gap_ns));
	probe_saw_real(c->run, "baseline_loss", view->loss);
	probe_saw_real(c->run, "sampling_floor_ms",
		       load_ms(c->watch.rule.period_ns + view->answer_ns));
	probe_saw_bool(c->run, "baseline_steady", judgement == LOAD_WITHIN);
	return judgement == LOAD_WITHIN ? 0
					: load_watch_not_steady(&c->watch, view, WHY_CONTROL_FAILED,
								"without any load");
}

/* --- sending ------------------------------------------------------------------ */

static int64_t duration_ms(const struct load_course *c, unsigned phase)
{
	return phase == ATTACK ? c->attack_ms : c->window_ms;
}

double load_course_rate(const struct load_course *c, unsigned phase)
{
	const struct storm_result *result = c->results[phase];

	return result == NULL ? 0 : load_source_rate(result, duration_ms(c, phase));
}

bool load_course_held(const struct load_course *c, unsigned phase)
{
	return load_course_rate(c, phase) >= 0.95 * (double)c->source.rate;
}

/* One window under load. Returns 0, or -1 with the run given up. */
static int send_turn(struct load_course *c, unsigned phase)
{
	struct storm_result *result = probe_alloc(c->run, sizeof(*result));
	const struct load_turn turn = {.duration_ms = duration_ms(c, phase),
				       .sham = phase == SHAM || c->sham_only};

	c->phases[phase].from_ns = clock_ns();
	if (load_source_send(c->run, &c->source, &turn, result) != 0) {
		return -1;
	}
	if (result->sent > 0) {
		c->phases[phase].from_ns = result->start_ns;
	}
	c->phases[phase].to_ns = result->sent > 0 ? result->end_ns : clock_ns();
	c->results[phase] = result;
	load_log_phase(&c->log, &c->phases[phase]);
	load_log_storm(&c->log, result);
	if (result->end == STORM_UNWATCHED) {
		return probe_give_up(
			c->run, WHY_UNWATCHED,
			"the %s window was stopped after %.1f s: %s '%s' gave no "
			"sign of life",
			c->phases[phase].name, (double)(result->end_ns - result->start_ns) / 1e9,
			result->runner_missing ? "the run that watches" : "the monitor of",
			c->function->name);
	}
	if (result->end == STORM_INTERRUPTED) {
		return probe_give_up(c->run, WHY_NOT_REACHED, "the %s window was interrupted",
				     c->phases[phase].name);
	}
	return 0;
}

/* --- sham --------------------------------------------------------------------- */

static int sham_once(struct load_course *c, enum load_judgement *ret)
{
	if (send_turn(c, SHAM) != 0) {
		return -1;
	}
	clock_sleep_until(c->phases[SHAM].to_ns + SETTLE_MS * NS_PER_MS);
	load_watch_take(&c->watch);
	*ret = look(c, SHAM, c->phases[SHAM].to_ns);
	if (c->results[SHAM]->end == STORM_TRIPPED) {
		return probe_give_up(c->run, WHY_SHAM_DISTURBED,
				     "'%s' stopped while the load went to "
				     "nobody",
				     c->function->name);
	}
	return 0;
}

static int run_sham(struct load_course *c)
{
	const struct load_view *view = &c->views[SHAM];
	enum load_judgement judgement;

	if (sham_once(c, &judgement) != 0) {
		return -1;
	}
	if (judgement != LOAD_WITHIN || !load_course_held(c, SHAM)) {
		repeat(c, SHAM);
		if (sham_once(c, &judgement) != 0) {
			return -1;
		}
	}
	probe_saw_real(c->run, "sham_gap_ms", load_ms(view->gap_ns));
	probe_saw_real(c->run, "sham_loss", view->loss);
	probe_saw_bool(c->run, "sham_steady", judgement == LOAD_WITHIN);
	if (judgement != LOAD_WITHIN) {
		return load_watch_not_steady(&c->watch, view, WHY_SHAM_DISTURBED,
					     "while the load goes to nobody");
	}
	if (!load_course_held(c, SHAM)) {
		/* Found out before the device is touched. */
		return probe_give_up(
			c->run, WHY_RATE_NOT_HELD, "%.0f %s/s were sent, %lld asked for",
			load_course_rate(c, SHAM), c->source.unit, (long long)c->source.rate);
	}
	return 0;
}

/* --- attack and recovery ------------------------------------------------------ */

/* How long the function may take to be back: as long as the tolerance allows, and
 * the length of a window beyond. */
static double recovery_most_s(const struct essential_function *function, int64_t window_ms)
{
	double most_s = function->tolerance.recover_s + (double)window_ms / 1000;

	return most_s < RECOVERY_MOST_S ? most_s : RECOVERY_MOST_S;
}

int64_t load_course_longest_ms(const struct essential_function *function, int64_t window_ms,
			       int64_t attack_ms)
{
	int64_t recovery_ms = (int64_t)(1000 * recovery_most_s(function, window_ms)) + LOOK_MS;
	int64_t quiet_ms = window_ms + SETTLE_MS;
	int64_t sham_ms = window_ms + STORM_EXTRA_MS + SETTLE_MS;
	int64_t sent_ms = attack_ms + STORM_EXTRA_MS;

	/* baseline, sham, attack with its recovery, each at most twice */
	return 2 * (quiet_ms + sham_ms + sent_ms + recovery_ms);
}

/* Waits until the function is back, or longer than the tolerance allows by the
 * length of a window. */
static void await_recovery(struct load_course *c)
{
	int64_t load_end_ns = c->phases[ATTACK].to_ns;
	double most_s = recovery_most_s(c->function, c->window_ms);
	int64_t end_ns = load_end_ns + (int64_t)(most_s * (double)NS_PER_S);

	do {
		clock_sleep_until(clock_ns() + LOOK_MS * NS_PER_MS);
		load_watch_take(&c->watch);
		c->back = load_watch_back(&c->watch, load_end_ns);
	} while (!c->back.recovered && clock_ns() < end_ns);
	c->phases[RECOVERY].from_ns = load_end_ns;
	c->phases[RECOVERY].to_ns = clock_ns();
	load_log_phase(&c->log, &c->phases[RECOVERY]);
}

static int attack_once(struct load_course *c, enum load_judgement *ret)
{
	if (send_turn(c, ATTACK) != 0) {
		return -1;
	}
	await_recovery(c);
	(void)look(c, RECOVERY, load_watch_last(&c->watch));
	*ret = look(c, ATTACK, load_watch_last(&c->watch));
	return 0;
}

static int run_attack(struct load_course *c)
{
	enum load_judgement judgement;

	if (attack_once(c, &judgement) != 0) {
		return -1;
	}
	if (judgement == LOAD_WITHIN && c->back.recovered &&
	    c->results[ATTACK]->end == STORM_COMPLETE && !load_course_held(c, ATTACK)) {
		repeat(c, ATTACK);
		if (attack_once(c, &judgement) != 0) {
			return -1;
		}
	}
	if (judgement == LOAD_OUTSIDE) {
		return 0; /* what is known is enough */
	}
	if (clock_ns() - load_watch_last(&c->watch) >
	    SILENT_MONITOR_MS * NS_PER_MS + c->watch.rule.period_ns) {
		return probe_give_up(c->run, WHY_TESTER_DROPPED,
				     "the monitor of '%s' stopped sampling", c->function->name);
	}
	if (!c->back.recovered &&
	    load_view_judge(&c->views[RECOVERY], &c->watch.rule) != LOAD_OUTSIDE) {
		return probe_give_up(c->run, WHY_TESTER_DROPPED,
				     "the tester was late by up to %.0f ms "
				     "after the load: whether '%s' is back "
				     "cannot be told",
				     load_ms(c->views[RECOVERY].late_ns), c->function->name);
	}
	return 0;
}

/* --- the whole ---------------------------------------------------------------- */

static void prepare(struct load_course *c)
{
	static const char *const names[PHASES] = {"baseline", "sham", "attack", "recovery"};
	size_t i;

	for (i = 0; i < PHASES; i++) {
		c->phases[i].name = names[i];
	}
	c->watch.run = c->run;
	c->watch.function = c->function;
	load_watch_begin(&c->watch,
			 load_course_longest_ms(c->function, c->window_ms, c->attack_ms));
}

int load_course_run(struct load_course *c)
{
	int ret;

	prepare(c);
	ret = watch_baseline(c);
	if (ret == 0) {
		ret = run_sham(c);
	}
	if (ret == 0) {
		ret = run_attack(c);
	}
	probe_saw_int(c->run, "windows_repeated", c->repeats);
	return ret;
}

void load_course_keep(const struct load_course *c)
{
	load_keep_samples(c->run, c->watch.samples, c->watch.count);
	load_keep_windows(c->run, c->function, &c->log);
}
