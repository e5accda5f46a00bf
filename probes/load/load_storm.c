/* load_storm: does an essential function go on while the device is under load;
 * the four windows are in load_course.h. */
#include "harness/frame/family.h"
#include "probes/load/load_course.h"
#include "probes/load/load_order.h"

#include <string.h>

#include "harness/banned.h"

enum {
	WINDOW_LEAST_MS = 2000,
	WINDOW_MOST_MS = 60000,
	LEAST_S = 30,
	ATTACK_MOST_S = 300,
	HALF_OPEN_MS = 7000, /* after the load; part of LEAST_S */
	LOOK_MS = 50,
};

/* The shortest window that proves something: time for the rate to hold, for
 * several gaps that are not allowed, and for sixty samples. */
static int64_t window_for(const struct essential_function *function)
{
	int64_t ms = WINDOW_LEAST_MS;

	if (ms < 3 * function->tolerance.gap_ms) {
		ms = 3 * function->tolerance.gap_ms;
	}
	if (ms < 60 * function->period_ms) {
		ms = 60 * function->period_ms;
	}
	return ms < WINDOW_MOST_MS ? ms : WINDOW_MOST_MS;
}

static int64_t window_ms(const struct essential_function *function, int64_t given_ms)
{
	return given_ms > 0 ? given_ms : window_for(function);
}

/* A device that gives in after a while must not pass by a short window. */
static int64_t attack_ms(int64_t window, int64_t given_s)
{
	int64_t ms = (given_s < ATTACK_MOST_S ? given_s : ATTACK_MOST_S) * 1000;

	return ms > window ? ms : window;
}

static void saw_rate(struct load_course *c)
{
	const struct storm_result *result = c->results[ATTACK];
	double rate = load_course_rate(c, ATTACK);
	uint32_t i, most = 0;

	for (i = 0; i < result->slice_count && i < ARRAY_SIZE(result->slices); i++) {
		most = result->slices[i] > most ? result->slices[i] : most;
	}
	probe_saw_int(c->run, "rate_asked", c->source.rate);
	probe_saw_real(c->run, "rate_sent", rate);
	probe_saw_real(c->run, "rate_held", rate / (double)c->source.rate);
	probe_saw_real(c->run, "rate_peak",
		       result->slice_ms == 0 ? 0 : (double)most * 1000 / result->slice_ms);
	probe_saw_int(c->run, "interface_sent", (int64_t)result->interface_sent);
	probe_saw_bool(c->run, "stopped_early", result->end == STORM_TRIPPED);
	probe_saw_text(c->run, "stop_reason",
		       result->end == STORM_TRIPPED ? "an essential function showed no progress"
						    : "");
}

static void saw_recovery(struct load_course *c)
{
	int64_t waited_ns = c->phases[RECOVERY].to_ns - c->phases[ATTACK].to_ns;
	int64_t outage_ns = c->views[ATTACK].gap_ns;

	if (outage_ns < c->views[RECOVERY].gap_ns) {
		outage_ns = c->views[RECOVERY].gap_ns;
	}
	if (c->back.recovered) {
		waited_ns = c->back.back_ns - c->phases[ATTACK].to_ns;
	}
	probe_saw_bool(c->run, "recovered", c->back.recovered);
	probe_saw_real(c->run, "recover_s", load_ms(waited_ns) / 1000);
	probe_saw_real(c->run, "outage_s", load_ms(outage_ns) / 1000);
}

/* What the attack did, beside what the sham did. */
static void saw_attack(struct load_course *c)
{
	const struct load_view *attack = &c->views[ATTACK];
	enum load_judgement judgement = load_view_judge(attack, &c->watch.rule);
	bool failed = judgement == LOAD_OUTSIDE || !c->back.recovered;

	probe_saw_real(c->run, "attack_gap_ms", load_ms(attack->gap_ns));
	probe_saw_real(c->run, "attack_gap_least_ms", load_ms(attack->least_ns));
	probe_saw_real(c->run, "attack_gap_most_ms", load_ms(attack->most_ns));
	probe_saw_real(c->run, "attack_loss", attack->loss);
	probe_saw_real(c->run, "tester_late_ms", load_ms(attack->late_ns));
	probe_saw_bool(c->run, "attack_settled", judgement != LOAD_UNSETTLED);
	probe_saw_bool(c->run, "attack_like_sham",
		       judgement != LOAD_WITHIN &&
			       !load_view_worse(attack, &c->views[SHAM], &c->watch.rule));
	probe_saw_bool(c->run, "rate_held_or_failed", failed || load_course_held(c, ATTACK));
	saw_rate(c);
	saw_recovery(c);
}

/* True if the load asks for TCP connections of the device. */
static bool asks_tcp(const struct load_course *c)
{
	const struct storm_order *order = c->source.context;
	size_t i;

	for (i = 0; i < STORM_PARTS && order->parts[i].family != NULL; i++) {
		if (family_transport(family_find(order->parts[i].family)) == FRAME_TCP) {
			return !c->sham_only;
		}
	}
	return false;
}

/* Waits until the device has shown that it keeps a half-open place: it sends its
 * SYN-ACK again, after 1 s, or 3 s, or, on old stacks, 6 s. */
static void saw_half_open(struct load_course *c)
{
	int64_t end_ns = c->phases[ATTACK].to_ns + HALF_OPEN_MS * NS_PER_MS;
	struct storm_answers answers = {0};

	if (!asks_tcp(c)) {
		return;
	}
	while (probe_storm_answers(c->run, &answers) == 0 && answers.kept == 0 &&
	       clock_ns() < end_ns) {
		clock_sleep_until(clock_ns() + LOOK_MS * NS_PER_MS);
	}
	probe_saw_int(c->run, "syn_acks", (int64_t)answers.syn_acks);
	probe_saw_int(c->run, "syn_acks_repeated", (int64_t)answers.repeated);
	probe_saw_int(c->run, "tester_resets", (int64_t)answers.resets);
	probe_saw_bool(c->run, "half_open_kept", answers.kept > 0 && answers.resets == 0);
}

static int send_frames(struct probe_run *run, void *context, const struct load_turn *turn,
		       struct storm_result *ret)
{
	struct storm_order order = *(const struct storm_order *)context;

	order.duration_ms = turn->duration_ms;
	order.sham = turn->sham;
	return probe_storm(run, &order, ret);
}

static int observe(struct probe_run *run)
{
	struct load_course *course = probe_alloc(run, sizeof(*course));
	struct storm_order order = {.function = probe_function(run, "function")};
	int ret;

	course->run = run;
	course->function = order.function;
	course->sham_only = probe_bool(run, "sham_only");
	if (load_order_fill(run, &order) != 0) {
		return -1;
	}
	course->source = (struct load_source){.unit = "frames",
					      .rate = order.frames_per_s,
					      .context = &order,
					      .send = send_frames};
	course->window_ms = window_ms(course->function, probe_int(run, "window_ms"));
	course->attack_ms = attack_ms(course->window_ms, probe_int(run, "attack_s"));
	ret = load_course_run(course);
	if (ret == 0) {
		saw_attack(course);
		saw_half_open(course);
	}
	load_course_keep(course);
	return ret;
}

/* The function that is watched, and the lengths of windows and attack. */
static const struct essential_function *lengths_of(const struct param_value *params, size_t count,
						   int64_t *ret_window_ms, int64_t *ret_attack_ms)
{
	const struct essential_function *function = NULL;
	int64_t given_ms = 0, given_s = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		if (strcmp(params[i].name, "window_ms") == 0) {
			given_ms = params[i].number;
		} else if (strcmp(params[i].name, "attack_s") == 0) {
			given_s = params[i].number;
		} else if (params[i].function != NULL) {
			function = params[i].function;
		}
	}
	if (function == NULL && given_ms == 0) {
		given_ms = WINDOW_LEAST_MS;
	}
	*ret_window_ms = window_ms(function, given_ms);
	*ret_attack_ms = attack_ms(*ret_window_ms, given_s);
	return function;
}

static unsigned seconds(const struct param_value *params, size_t count)
{
	int64_t window, attack;

	(void)lengths_of(params, count, &window, &attack);
	return (unsigned)((2 * window + attack) / 1000 + 1);
}

static unsigned longest(const struct param_value *params, size_t count)
{
	int64_t window, attack;
	const struct essential_function *function = lengths_of(params, count, &window, &attack);

	if (function == NULL) {
		return LEAST_S;
	}
	/* and what the evidence takes, on a busy machine */
	return (unsigned)(load_course_longest_ms(function, window, attack) / 1000) + LEAST_S;
}

static const struct param_def params[] = {
	{"function", PARAM_FUNCTION, "function that is watched", NULL, 0, 0},
	{.name = "family",
	 .type = PARAM_LIST,
	 .meaning = "load family; of several, one frame of each in turn",
	 .one_of = family_name},
	{"port", PARAM_INT, "port of a family that goes to one; 0: the first declared", "0", 0,
	 65535},
	{"frames_per_s", PARAM_INT, "rate; 0: the profile's load budget", "0", 0, 10000000},
	{"window_ms", PARAM_INT, "length of one window; 0: what the tolerance and the period need",
	 "0", 0, WINDOW_MOST_MS},
	{"attack_s", PARAM_INT,
	 "how long the attack lasts, 300 at most; 0: as long as the other windows", "0", 0, 86400},
	{"sham_only", PARAM_BOOL, "no load goes to the device", "false", 0, 0},
	{0},
};

static const struct fact_def facts[] = {
	{"baseline_gap_ms", FACT_REAL, "ms", "longest time without progress, nothing sent"},
	{"sham_gap_ms", FACT_REAL, "ms", "the same, load sent to nobody"},
	{"attack_gap_ms", FACT_REAL, "ms", "the same, load sent to the device"},
	{"baseline_loss", FACT_REAL, "", "share of samples not answered"},
	{"sham_loss", FACT_REAL, "", "the same, load sent to nobody"},
	{"attack_loss", FACT_REAL, "", "the same, load sent to the device"},
	{"sampling_floor_ms", FACT_REAL, "ms",
	 "period and answer time without load: no gap is finer"},
	{"baseline_steady", FACT_BOOL, "", "within tolerance, nothing sent"},
	{"sham_steady", FACT_BOOL, "", "within tolerance, load to nobody"},
	{"attack_gap_least_ms", FACT_REAL, "ms",
	 "what attack_gap_ms is at least, seen from the samples"},
	{"attack_gap_most_ms", FACT_REAL, "ms", "what it is at most, with the tester's own delays"},
	{"tester_late_ms", FACT_REAL, "ms",
	 "longest time in the attack in which the tester took no sample"},
	{"attack_settled", FACT_BOOL, "",
	 "least and most lie on one side of the tolerance, and half of the "
	 "samples were taken"},
	{"attack_like_sham", FACT_BOOL, "",
	 "out of tolerance, but not clearly worse than the sham"},
	{"rate_held_or_failed", FACT_BOOL, "",
	 "0.95 of the rate was sent, or the function failed below it"},
	{"windows_repeated", FACT_INT, "", "windows that proved nothing and were taken again"},
	{"recovered", FACT_BOOL, "", "back within tolerance after the load"},
	{"recover_s", FACT_REAL, "s",
	 "from the load's end until it is back; where it is not, the time "
	 "waited"},
	{"outage_s", FACT_REAL, "s", "longest time without progress during or after the load"},
	{"rate_asked", FACT_INT, "frames/s", "what was asked for"},
	{"rate_sent", FACT_REAL, "frames/s", "what left the interface"},
	{"rate_held", FACT_REAL, "", "rate_sent as a share of rate_asked"},
	{"rate_peak", FACT_REAL, "frames/s", "in the busiest slice, normally 50 ms"},
	{"interface_sent", FACT_INT, "frames", "the interface's own counter"},
	{"syn_acks", FACT_INT, "",
	 "SYN-ACKs of the device to 256 source ports of the load, repetitions apart"},
	{"syn_acks_repeated", FACT_INT, "", "how often it sent one of them again"},
	{"tester_resets", FACT_INT, "",
	 "RSTs by which the tester's own kernel gave the device places back"},
	{"half_open_kept", FACT_BOOL, "",
	 "the device kept half-open places, and the tester reset none"},
	{"stopped_early", FACT_BOOL, "", "the tripwire stopped the load"},
	{"stop_reason", FACT_TEXT, "", "why it was stopped"},
	{0},
};

const struct probe probe_load_storm = {
	.id = "load.storm",
	.summary = "an essential function under load, against a sham",
	.source = "RFC 826, RFC 9293",
	.impact = IMPACT_STRESS,
	.needs = NEEDS_STORM,
	.timeout_s = LEAST_S,
	.params = params,
	.facts = facts,
	.seconds = seconds,
	.longest = longest,
	.observe = observe,
};
