/* load_storm: does an essential function go on while the device is under load;
 * the four windows are in load_course.h. */
#include "probes/load/load_course.h"

#include <string.h>

#include "harness/banned.h"

enum { WINDOW_MOST_MS = 60000 };

/* What the attack did, beside what the sham did. */
static void saw_attack(struct load_course *c)
{
	const struct load_view *attack = &c->views[ATTACK];
	const struct load_view *sham = &c->views[SHAM];
	int64_t outage_ns = attack->gap_ns > c->views[RECOVERY].gap_ns
				    ? attack->gap_ns
				    : c->views[RECOVERY].gap_ns;
	int64_t back_ns = c->back.back_ns - c->phases[ATTACK].to_ns;

	probe_saw_real(c->run, "attack_gap_ms", load_ms(attack->gap_ns));
	probe_saw_real(c->run, "attack_loss", attack->loss);
	probe_saw_bool(c->run, "attack_like_sham",
		       attack->gap_ns <= sham->gap_ns + 2 * c->rule.period_ns &&
			       attack->loss <= sham->loss + 0.01);
	probe_saw_bool(c->run, "tester_lost",
		       attack->late_ns > c->rule.gap_ns ||
			       sham->late_ns > c->rule.gap_ns);
	probe_saw_bool(c->run, "recovered", c->back.recovered);
	if (c->back.recovered) {
		probe_saw_real(c->run, "recover_s", load_ms(back_ns) / 1000);
	} else {
		/* At least so long: it is not back yet. */
		probe_saw_real(c->run, "recover_s",
			       load_ms(c->phases[RECOVERY].to_ns -
				       c->phases[ATTACK].to_ns) /
				       1000);
	}
	probe_saw_real(c->run, "outage_s", load_ms(outage_ns) / 1000);
}

static uint16_t first_tcp_port(const struct profile *profile)
{
	size_t i;

	for (i = 0; i < profile->service_count; i++) {
		if (!profile->services[i].udp) {
			return profile->services[i].port;
		}
	}
	return 0;
}

static int fill_order(struct probe_run *run, struct storm_order *order)
{
	const struct profile *profile = probe_profile(run);
	const char *family = probe_text(run, "family");

	order->duration_ms = probe_int(run, "window_ms");
	order->frames_per_s = probe_int(run, "frames_per_s");
	if (order->frames_per_s == 0) {
		order->frames_per_s = profile->budget.load_frames_per_s;
	}
	order->port = (uint16_t)probe_int(run, "port");
	if (strcmp(family, "arp-request") == 0) {
		order->family = STORM_ARP_REQUEST;
	} else if (strcmp(family, "tcp-syn") == 0) {
		order->family = STORM_TCP_SYN;
	} else {
		return probe_give_up(run, WHY_CANNOT_OFFER,
				     "there is no load family '%s'", family);
	}
	if (order->family == STORM_TCP_SYN && order->port == 0) {
		order->port = first_tcp_port(profile);
	}
	if (order->family == STORM_TCP_SYN && order->port == 0) {
		return probe_give_up(run, WHY_NOT_DECLARED,
				     "the profile declares no TCP service");
	}
	return 0;
}

static int observe(struct probe_run *run)
{
	struct load_course *course = probe_alloc(run, sizeof(*course));
	int ret;

	course->run = run;
	course->function = probe_function(run, "function");
	course->sham_only = probe_bool(run, "sham_only");
	if (fill_order(run, &course->order) != 0) {
		return -1;
	}
	course->order.function = course->function;
	ret = load_course_run(course);
	if (ret == 0) {
		saw_attack(course);
	}
	load_course_keep(course);
	return ret;
}

static unsigned seconds(const struct param_value *params, size_t count)
{
	int64_t window_ms = 4000;
	size_t i;

	for (i = 0; i < count; i++) {
		if (strcmp(params[i].name, "window_ms") == 0) {
			window_ms = params[i].number;
		}
	}
	return (unsigned)(3 * window_ms / 1000 + 3);
}

static const struct param_def params[] = {
	{"function", PARAM_FUNCTION, "function that is watched", NULL, 0, 0},
	{"family", PARAM_TEXT, "arp-request or tcp-syn", NULL, 0, 0},
	{"port", PARAM_INT, "port of tcp-syn; 0: the first declared", "0", 0,
	 65535},
	{"frames_per_s", PARAM_INT, "rate; 0: the profile's load budget", "0",
	 0, 10000000},
	{"window_ms", PARAM_INT, "length of one window", "4000", 500,
	 WINDOW_MOST_MS},
	{"sham_only", PARAM_BOOL, "no load goes to the device", "false", 0, 0},
	{0},
};

static const struct fact_def facts[] = {
	{"baseline_gap_ms", FACT_REAL, "ms",
	 "longest time without progress, nothing sent"},
	{"sham_gap_ms", FACT_REAL, "ms", "the same, load sent to nobody"},
	{"attack_gap_ms", FACT_REAL, "ms", "the same, load sent to the device"},
	{"baseline_loss", FACT_REAL, "", "share of samples not answered"},
	{"sham_loss", FACT_REAL, "", "the same, load sent to nobody"},
	{"attack_loss", FACT_REAL, "", "the same, load sent to the device"},
	{"sampling_floor_ms", FACT_REAL, "ms",
	 "period and answer time without load: no gap is finer"},
	{"baseline_steady", FACT_BOOL, "", "within tolerance, nothing sent"},
	{"sham_steady", FACT_BOOL, "", "within tolerance, load to nobody"},
	{"attack_like_sham", FACT_BOOL, "",
	 "the attack shows no more than the sham did"},
	{"tester_lost", FACT_BOOL, "",
	 "the tester's own delays alone exceed the tolerance"},
	{"recovered", FACT_BOOL, "", "back within tolerance after the load"},
	{"recover_s", FACT_REAL, "s",
	 "from the load's end until it is back; where it is not, the time "
	 "waited"},
	{"outage_s", FACT_REAL, "s",
	 "longest time without progress during or after the load"},
	{"rate_asked", FACT_INT, "frames/s", "what was asked for"},
	{"rate_sent", FACT_REAL, "frames/s", "what left the interface"},
	{"rate_held", FACT_REAL, "", "rate_sent as a share of rate_asked"},
	{"interface_sent", FACT_INT, "frames", "the interface's own counter"},
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
	.timeout_s = 420,
	.params = params,
	.facts = facts,
	.seconds = seconds,
	.observe = observe,
};
