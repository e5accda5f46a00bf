/* load_course_test: the four windows with a load that is not of frames: the course
 * asks its source for each window, with its length, and takes its word. */
/* timeout: 180 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base/test_calm.h"
#include "harness/run/monitor.h"
#include "harness/run/test_run.h"
#include "probes/load/load_course.h"
#include "probes/registry.h"
#include <errno.h>

enum { RATE = 20, WINDOW_MS = 500, ATTACK_MS = 900 };

static struct test_bench bench;
static struct sample_ring *rings[1];
static struct monitor_process *process;
static const struct essential_function function = {
	.name = "device answers",
	.watch = "tcp.connect",
	.period_ms = 10,
	.tolerance = {.gap_ms = 250, .loss = 0.2, .recover_s = 2},
	.tripwire_ms = 5000};

static int answers(struct probe_run *run, void **state, int64_t deadline_ns, double *ret_value)
{
	(void)run;
	(void)state;
	(void)deadline_ns;
	*ret_value = 1;
	return 0;
}

static int setup(void **state)
{
	static const struct monitor monitor = {.id = "tcp.connect", .sample = answers};
	struct text why;

	(void)state;
	test_bench_init(&bench, "web", 9);
	bench.profile.functions = &function;
	bench.profile.function_count = 1;
	rings[0] = sample_ring_new();
	bench.world.rings = rings;
	process = monitor_start(&bench.world, &monitor, NULL, 0, 0, NULL, &why);
	if (process == NULL) {
		fail_msg("%s", why.s);
	}
	clock_sleep_until(clock_ns() + 300 * NS_PER_MS);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	monitor_stop(process);
	sample_ring_free(rings[0]);
	test_bench_release(&bench);
	return 0;
}

/* What was asked for, turn by turn. */
struct turns {
	struct text text;
	int error; /* what is answered */
};

static int connect_often(struct probe_run *run, void *context, const struct load_turn *turn,
			 struct storm_result *ret)
{
	struct turns *turns = context;
	size_t used = strlen(turns->text.s);

	(void)run;
	snprintf(turns->text.s + used, sizeof(turns->text.s) - used, "%s %lld, ",
		 turn->sham ? "sham" : "load", (long long)turn->duration_ms);
	ret->start_ns = clock_ns();
	clock_sleep_until(ret->start_ns + turn->duration_ms * NS_PER_MS);
	ret->end_ns = clock_ns();
	ret->sent = ret->interface_sent = (uint64_t)(RATE * turn->duration_ms / 1000);
	ret->slice_ms = 50;
	return turns->error;
}

static int run_course(struct probe_run *run, int error)
{
	struct load_course *course = probe_alloc(run, sizeof(*course));
	struct turns turns = {.error = error};
	int ret;

	course->run = run;
	course->function = probe_function(run, "function");
	course->source = (struct load_source){
		.unit = "connections", .rate = RATE, .context = &turns, .send = connect_often};
	course->window_ms = WINDOW_MS;
	course->attack_ms = ATTACK_MS;
	ret = load_course_run(course);
	probe_saw_text(run, "stop_reason", turns.text.s);
	probe_saw_real(run, "rate_sent", load_course_rate(course, ATTACK));
	probe_saw_bool(run, "rate_held_or_failed", load_course_held(course, ATTACK));
	return ret;
}

static int observe_allowed(struct probe_run *run)
{
	return run_course(run, 0);
}

static int observe_refused(struct probe_run *run)
{
	return run_course(run, -EDQUOT);
}

static struct child_report observe(int (*observe_with)(struct probe_run *run))
{
	static const struct param_def params[] = {
		{"function", PARAM_FUNCTION, "function", NULL, 0, 0}, {0}};
	static const char *const with[] = {"function", "device answers", NULL};
	const struct probe probe = {.id = "load.connections",
				    .impact = IMPACT_STRESS,
				    .timeout_s = 30,
				    .params = params,
				    .facts = probe_find("load.storm")->facts,
				    .observe = observe_with};

	return test_observe(&bench, &probe, with);
}

#define FACT(name) test_fact(&bench, &report, name)

static void a_source_is_asked_for_sham_and_attack_each_with_its_length(void **state)
{
	struct child_report report = observe(observe_allowed);

	(void)state;
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("baseline_steady"), "true");
	assert_string_equal(FACT("sham_steady"), "true");
	if (strcmp(FACT("windows_repeated"), "0") == 0) {
		assert_string_equal(FACT("stop_reason"), "sham 500, load 900, ");
	}
	assert_string_equal(FACT("rate_held_or_failed"), "true");
	assert_true(facts_find(&report.facts, "rate_sent")->real >= 0.95 * RATE);
}

static void what_the_source_may_not_send_is_said_in_its_own_unit(void **state)
{
	struct child_report report = observe(observe_refused);

	(void)state;
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_BUDGET_SPENT);
	assert_string_equal(report.reason,
			    "the profile does not allow 20 connections/s for 500 ms");
	assert_string_equal(FACT("stop_reason"), "sham 500, ");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_source_is_asked_for_sham_and_attack_each_with_its_length),
		T(what_the_source_may_not_send_is_said_in_its_own_unit),
	};

	return test_calm_run(tests, NULL, NULL);
}
