/* needs: namespace */
/* needs: quiet */
/* timeout: 240 */
/* load_storm_link_test: the whole load check over a veth pair: a control
 * program that keeps counting under load, and one that is stopped for a known
 * time during the attack. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base/test_calm.h"
#include "harness/gate/test_link.h"
#include "harness/model/results.h"
#include "harness/run/monitor.h"
#include "harness/run/test_run.h"
#include "probes/registry.h"
#include <modbus.h>

enum { COUNTER = 10, REGISTERS = 20, WINDOW_MS = 1500 };
/* Baseline and sham, with 200 ms behind each. */
enum { ATTACK_AT_MS = 2 * (WINDOW_MS + 200) };

static struct test_link tested;
static struct test_bench bench;
static struct essential_function function;
static struct sample_ring *rings[1];
static const char *attack_s = "0"; /* the parameter */
static int stop_after_ms = 250;    /* from the attack's begin */

/* One client at a time is enough: the monitor. */
static void serve_client(modbus_t *modbus, modbus_mapping_t *mapping)
{
	uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
	int size;

	for (;;) {
		size = modbus_receive(modbus, query);
		if (size < 0) {
			return;
		}
		mapping->tab_registers[COUNTER] = (uint16_t)(clock_ns() / (10 * NS_PER_MS));
		modbus_reply(modbus, query, size, mapping);
	}
}

/* A control program that counts every 10 ms. */
static pid_t start_device(void)
{
	int listener = test_device_listen(&tested, 502);
	pid_t pid;
	int fd;

	fflush(NULL);
	pid = fork();
	TEST_MUST(pid >= 0);
	if (pid == 0) {
		modbus_t *modbus = modbus_new_tcp("127.0.0.1", 502);
		modbus_mapping_t *mapping = modbus_mapping_new(0, 0, REGISTERS, 0);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(60);
		for (;;) {
			fd = accept(listener, NULL, NULL);
			modbus_set_socket(modbus, fd);
			serve_client(modbus, mapping);
			close(fd);
		}
	}
	close(listener);
	return pid;
}

/* Stops the device at a time for a time. */
static pid_t start_stopper(pid_t device, int at_ms, int for_ms)
{
	pid_t pid = fork();

	TEST_MUST(pid >= 0);
	if (pid == 0) {
		int64_t start = clock_ns() + at_ms * NS_PER_MS;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		clock_sleep_until(start);
		kill(device, SIGSTOP);
		clock_sleep_until(start + for_ms * NS_PER_MS);
		kill(device, SIGCONT);
		_exit(0);
	}
	return pid;
}

static void bench_up(void)
{
	struct text why;
	int code;

	test_bench_init(&bench, "modbus", 502);
	function = (struct essential_function){
		.name = "control program runs",
		.watch = "modbus.counter",
		.period_ms = 10,
		.tolerance = {.gap_ms = 100, .loss = 0, .recover_s = 2},
		.tripwire_ms = 5000,
	};
	bench.profile.functions = &function;
	bench.profile.function_count = 1;
	bench.profile.link.interface = "t0";
	bench.profile.link.address = address_of(TEST_DEVICE);
	bench.profile.link.source = address_of(TEST_TESTER);
	bench.profile.link.witness = address_of(TEST_WITNESS);
	bench.gate = gate_start(&bench.profile, &bench.ability, &code, &why);
	TEST_RUN_MUST(bench.gate != NULL && gate_beat(bench.gate, -1) == 0);
	rings[0] = sample_ring_new();
	bench.world.rings = rings;
}

static struct child_report observe_once(const char *family, int stop_ms)
{
	static const char *const watch[] = {"service", "it", "register", "10", NULL};
	const char *with[] = {"function",  "control program runs",
			      "family",    family,
			      "window_ms", "1500",
			      "attack_s",  attack_s,
			      NULL};
	const struct monitor *monitor = monitor_find("modbus.counter");
	struct monitor_process *process;
	const struct param_value *params;
	struct child_report report;
	pid_t device = start_device(), stopper;
	struct text why = {.s = ""};
	size_t count;

	bench_up();
	params = test_params(&bench, monitor->params, watch, &count);
	process = monitor_start(&bench.world, monitor, params, count, 0, bench.gate, &why);
	if (process == NULL) {
		BUG("%s", why.s);
	}
	clock_sleep_until(clock_ns() + 300 * NS_PER_MS);
	stopper = start_stopper(device, ATTACK_AT_MS + stop_after_ms, stop_ms);
	report = test_observe(&bench, probe_find("load.storm"), with);
	print_message("%s: outage %s s, gaps %s %s %s ms, recover %s s, held "
		      "%s; %s\n",
		      family, test_fact(&bench, &report, "outage_s"),
		      test_fact(&bench, &report, "baseline_gap_ms"),
		      test_fact(&bench, &report, "sham_gap_ms"),
		      test_fact(&bench, &report, "attack_gap_ms"),
		      test_fact(&bench, &report, "recover_s"),
		      test_fact(&bench, &report, "rate_held"),
		      report.reason != NULL ? report.reason : "");
	waitpid(stopper, NULL, 0);
	monitor_stop(process);
	kill(device, SIGKILL);
	waitpid(device, NULL, 0);
	return report;
}

static void release(void)
{
	sample_ring_free(rings[0]);
	test_bench_release(&bench);
}

/* True if the probe itself says that the machine was too busy: it could not hold
 * the rate, or had to repeat a window, so that the stop did not fall into the
 * attack. */
static bool too_busy(const struct child_report *report)
{
	return report->why == WHY_RATE_NOT_HELD || report->why == WHY_TESTER_DROPPED ||
	       strcmp(test_fact(&bench, report, "windows_repeated"), "0") != 0;
}

static struct child_report observe(const char *family, int stop_ms)
{
	struct child_report report = observe_once(family, stop_ms);
	int tries;

	for (tries = 0; tries < 4 && too_busy(&report); tries++) {
		release();
		report = observe_once(family, stop_ms);
	}
	return report;
}

#define FACT(name) test_fact(&bench, &report, name)

static double real(const struct child_report *report, const char *name)
{
	const struct fact *fact = facts_find(&report->facts, name);

	TEST_RUN_MUST(fact != NULL);
	return fact->real;
}

static void assert_kept(const struct child_report *report, const char *name)
{
	size_t i;

	for (i = 0; i < report->evidence_count; i++) {
		const char *file = strrchr(report->evidence[i].path, '/');

		if (file != NULL && strcmp(file + 1, name) == 0) {
			return;
		}
	}
	fail_msg("%s is not kept", name);
}

static void assert_untouched(struct child_report report)
{
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("baseline_steady"), "true");
	assert_string_equal(FACT("sham_steady"), "true");
	assert_string_equal(FACT("attack_settled"), "true");
	assert_string_equal(FACT("rate_held_or_failed"), "true");
	assert_string_equal(FACT("recovered"), "true");
	assert_string_equal(FACT("stopped_early"), "false");
	assert_string_equal(FACT("rate_asked"), "1000");
	assert_true(real(&report, "rate_held") >= 0.95);
	assert_true(real(&report, "attack_gap_ms") <= 100);
	assert_true(real(&report, "recover_s") <= 0.001);
	assert_kept(&report, "samples.csv");
	assert_kept(&report, "windows.json");
	release();
}

static void function_that_holds_under_arp_requests_shows_no_gap(void **state)
{
	(void)state;
	assert_untouched(observe("arp-request", 0));
}

static void function_that_holds_under_syns_shows_no_gap(void **state)
{
	struct child_report report = observe("tcp-syn", 0);

	(void)state;
	assert_string_equal(FACT("half_open_kept"), "true");
	assert_string_equal(FACT("tester_resets"), "0");
	assert_untouched(report);
}

static void load_over_ipv6_needs_a_declared_address(void **state)
{
	struct child_report report = observe_once("icmpv6-echo", 0);

	(void)state;
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_NOT_DECLARED);
	assert_null(FACT("rate_sent"));
	release();
}

static void stop_during_the_attack_is_measured_within_a_tenth(void **state)
{
	static const int stops_ms[] = {500, 1000, 2000};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(stops_ms); i++) {
		struct child_report report = observe("arp-request", stops_ms[i]);
		double outage_ms = real(&report, "outage_s") * 1000;

		assert_int_equal(report.outcome, CHILD_COMPLETE);
		assert_string_equal(FACT("sham_steady"), "true");
		assert_string_equal(FACT("attack_settled"), "true");
		assert_string_equal(FACT("attack_like_sham"), "false");
		assert_string_equal(FACT("recovered"), "true");
		assert_true(outage_ms > 0.9 * stops_ms[i]);
		assert_true(outage_ms < 1.1 * stops_ms[i]);
		release();
	}
}

/* A device that gives in after 2.5 s of load. */
static void stop_late_in_the_attack_is_seen_where_the_attack_lasts_as_declared(void **state)
{
	struct child_report report;

	(void)state;
	attack_s = "4";
	stop_after_ms = 2500;
	report = observe("arp-request", 600);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_true(real(&report, "attack_gap_ms") > 500);
	assert_in_range(facts_find(&report.facts, "interface_sent")->number, 3600, 6000);
	release();
	attack_s = "0";
	report = observe("arp-request", 600);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_true(real(&report, "attack_gap_ms") <= 100);
	release();
	stop_after_ms = 250;
}

static int setup(void **state)
{
	(void)state;
	test_link_up(&tested);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	test_link_down(&tested);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(function_that_holds_under_arp_requests_shows_no_gap),
		cmocka_unit_test(function_that_holds_under_syns_shows_no_gap),
		cmocka_unit_test(load_over_ipv6_needs_a_declared_address),
		cmocka_unit_test(stop_during_the_attack_is_measured_within_a_tenth),
		cmocka_unit_test(
			stop_late_in_the_attack_is_seen_where_the_attack_lasts_as_declared),
	};

	return test_calm_run(tests, setup, teardown);
}
