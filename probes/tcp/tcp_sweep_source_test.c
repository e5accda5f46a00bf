/* needs: namespace */
/* timeout: 240 */
/* tcp_sweep_source_test: the sweep from two addresses of the tester over a veth pair, against the
 * kernel of another namespace that treats one of them otherwise. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base/test_calm.h"
#include "harness/gate/test_link.h"
#include "harness/run/test_run.h"
#include "probes/registry.h"

static const uint16_t ports[] = {22, 80, 4242};
#define OPEN       "22/tcp, 80/tcp, 4242/tcp"
#define UNDECLARED "tcp dport != { 22, 80 } "

static struct test_link tested;
static struct test_bench bench;
static int listeners[ARRAY_SIZE(ports)];

/* A rule for what comes in. */
static void rule(const char *text)
{
	test_shell("nsenter -t %d -n nft 'add table inet t; add chain inet t in { type filter hook "
		   "input priority 0; }; add rule inet t in %s'",
		   (int)tested.holder, text);
}

static struct child_report observe(const char *witness)
{
	struct child_report report;

	test_bench_init(&bench, "other", 80);
	bench.profile.link.interface = "t0";
	bench.profile.link.address = address_of(TEST_DEVICE);
	bench.profile.link.source = address_of(TEST_TESTER);
	if (witness != NULL) {
		bench.profile.link.witness = address_of(witness);
	}
	bench.profile.budget.frames_per_s = 100000;
	report = test_observe(&bench, probe_find("tcp.inventory"), NULL);
	print_message("%s s, %s frames; %s\n", test_fact(&bench, &report, "seconds"),
		      test_fact(&bench, &report, "frames"),
		      report.reason != NULL ? report.reason : "");
	return report;
}

#define FACT(name) test_fact(&bench, &report, name)

static void what_is_refused_to_the_main_address_alone_is_open(const char *how)
{
	char text[128];
	struct child_report report;

	snprintf(text, sizeof(text), "ip saddr " TEST_TESTER " " UNDECLARED "%s", how);
	rule(text);
	report = observe(TEST_WITNESS);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("sources"), "main, witness");
	assert_string_equal(FACT("open"), OPEN);
	assert_string_equal(FACT("open_count"), "3");
	assert_string_equal(FACT("differs_by_source"), "4242/tcp open to witness alone");
	assert_string_equal(FACT("declared_open_seen_twice"), "true");
	test_bench_release(&bench);
}

static void what_is_reset_for_the_main_address_alone_is_open(void **state)
{
	(void)state;
	what_is_refused_to_the_main_address_alone_is_open("reject with tcp reset");
}

static void what_is_rejected_by_icmp_for_the_main_address_alone_is_open(void **state)
{
	(void)state;
	what_is_refused_to_the_main_address_alone_is_open("reject with icmp type admin-prohibited");
}

/* The same filter, and no second address to see it from: the facts say so. */
static void one_source_sees_what_it_is_shown_and_says_that_it_was_alone(void **state)
{
	struct child_report report;

	(void)state;
	rule("ip saddr " TEST_TESTER " " UNDECLARED "reject with tcp reset");
	report = observe(NULL);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("sources"), "main");
	assert_string_equal(FACT("open"), "22/tcp, 80/tcp");
	assert_string_equal(FACT("differs_by_source"), "none");
	assert_string_equal(FACT("sources_answered"), "true");
	assert_string_equal(FACT("complete"), "true");
	test_bench_release(&bench);
}

static void a_host_that_treats_both_alike_is_swept_twice(void **state)
{
	struct child_report report;

	(void)state;
	report = observe(TEST_WITNESS);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("sources"), "main, witness");
	assert_string_equal(FACT("open"), OPEN);
	assert_string_equal(FACT("closed_count"), "65533");
	assert_string_equal(FACT("no_answer_count"), "0");
	assert_string_equal(FACT("differs_by_source"), "none");
	assert_string_equal(FACT("sources_answered"), "true");
	assert_string_equal(FACT("complete"), "true");
	assert_in_range(facts_find(&report.facts, "frames")->number, 2 * 65536, 2 * 66500);
	test_bench_release(&bench);
}

static void what_is_open_to_the_main_address_alone_is_open(void **state)
{
	struct child_report report;

	(void)state;
	rule("ip saddr " TEST_WITNESS " tcp dport { 80, 4242 } reject with tcp reset");
	report = observe(TEST_WITNESS);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("open"), OPEN);
	assert_string_equal(FACT("differs_by_source"),
			    "80/tcp open to main alone, 4242/tcp open to main alone");
	assert_string_equal(FACT("sources_answered"), "true");
	test_bench_release(&bench);
}

/* Nobody knows then whether others are let in where the main address is not. */
static void a_witness_that_is_dropped_has_compared_nothing(void **state)
{
	struct child_report report;

	(void)state;
	rule("ip saddr " TEST_WITNESS " drop");
	report = observe(TEST_WITNESS);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("sources"), "main, witness");
	assert_string_equal(FACT("open"), OPEN);
	assert_string_equal(FACT("complete"), "true");
	assert_string_equal(FACT("sources_answered"), "false");
	assert_string_equal(FACT("differs_by_source"), "none");
	test_bench_release(&bench);
}

/* It was let in nowhere: its refusals say nothing of anybody else. */
static void a_witness_that_is_reset_everywhere_has_compared_nothing(void **state)
{
	struct child_report report;

	(void)state;
	rule("ip saddr " TEST_WITNESS " reject with tcp reset");
	report = observe(TEST_WITNESS);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("open"), OPEN);
	assert_string_equal(FACT("sources_answered"), "false");
	test_bench_release(&bench);
}

static void a_witness_that_is_dropped_on_what_is_not_declared_has_compared_nothing(void **state)
{
	struct child_report report;

	(void)state;
	rule("ip saddr " TEST_WITNESS " " UNDECLARED "drop");
	report = observe(TEST_WITNESS);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("sources_answered"), "false");
	test_bench_release(&bench);
}

/* Who bans the main address for the sweep may ban the witness as well, which looks and monitors
 * need; and the sweep proves nothing already. */
static void a_host_that_bans_the_main_address_is_not_swept_again(void **state)
{
	struct child_report report;

	(void)state;
	test_shell("nsenter -t %d -n nft 'add table ip t; add set ip t banned { type ipv4_addr; "
		   "flags dynamic,timeout; timeout 60s; }; add chain ip t in { type filter hook "
		   "input priority 0; }; add rule ip t in ip saddr @banned reject with tcp reset; "
		   "add rule ip t in tcp flags & (syn|ack) == syn meter fast { ip saddr limit rate "
		   "over 500/second burst 100 packets } add @banned { ip saddr } reject with tcp "
		   "reset'",
		   (int)tested.holder);
	report = observe(TEST_WITNESS);
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_string_equal(FACT("sources"), "main");
	assert_string_equal(FACT("sources_answered"), "false");
	test_bench_release(&bench);
}

static int setup(void **state)
{
	size_t i;

	(void)state;
	test_link_up(&tested);
	for (i = 0; i < ARRAY_SIZE(ports); i++) {
		listeners[i] = test_device_listen(&tested, ports[i]);
	}
	return 0;
}

static int teardown(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(ports); i++) {
		close(listeners[i]);
	}
	test_link_down(&tested);
	return 0;
}

static int no_rules(void **state)
{
	(void)state;
	test_shell("nsenter -t %d -n nft flush ruleset", (int)tested.holder);
	return 0;
}

int main(void)
{
#define T(name) cmocka_unit_test_teardown(name, no_rules)
	const struct CMUnitTest tests[] = {
		T(what_is_reset_for_the_main_address_alone_is_open),
		T(what_is_rejected_by_icmp_for_the_main_address_alone_is_open),
		T(one_source_sees_what_it_is_shown_and_says_that_it_was_alone),
		T(a_host_that_treats_both_alike_is_swept_twice),
		T(what_is_open_to_the_main_address_alone_is_open),
		T(a_witness_that_is_dropped_has_compared_nothing),
		T(a_witness_that_is_reset_everywhere_has_compared_nothing),
		T(a_witness_that_is_dropped_on_what_is_not_declared_has_compared_nothing),
		T(a_host_that_bans_the_main_address_is_not_swept_again),
	};

	return test_calm_run(tests, setup, teardown);
}
