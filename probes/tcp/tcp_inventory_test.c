/* needs: namespace */
/* timeout: 180 */
/* tcp_inventory_test: the connect sweep on loopback, where no raw frames are
 * granted; what is open there is what this test opened. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/run/test_run.h"
#include "probes/registry.h"

static struct test_bench bench;

#define FACT(name) test_fact(&bench, &report, name)

static void connect_sweep_finds_exactly_what_is_open(void **state)
{
	struct test_peer peer = test_peer_start(PEER_SILENT);
	struct child_report report;
	char expected[16];

	(void)state;
	snprintf(expected, sizeof(expected), "%u/tcp", peer.port);
	test_bench_init(&bench, "other", peer.port);
	bench.profile.budget.frames_per_s = 1000000;
	report = test_observe(&bench, probe_find("tcp.inventory"), NULL);
	if (report.outcome != CHILD_COMPLETE) {
		print_message("%s\n", report.reason);
	}
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("method"), "connect");
	assert_string_equal(FACT("open"), expected);
	assert_string_equal(FACT("closed_count"), "65534");
	assert_string_equal(FACT("control_dead_port_closed"), "true");
	assert_string_equal(FACT("answers_everything"), "false");
	assert_string_equal(FACT("complete"), "true");
	test_peer_stop(&peer);
	test_bench_release(&bench);
}

/* The device is this machine: it resets what 127.0.0.1 asks for. */
static void connections_ask_again_from_the_witness_as_well(void **state)
{
	struct test_peer peer = test_peer_start(PEER_SILENT);
	struct child_report report;
	char command[256], expected[48];

	(void)state;
	snprintf(command, sizeof(command),
		 "ip addr add 127.0.0.9/8 dev lo && nft 'add table ip t; add chain ip t i { type "
		 "filter hook input priority 0; }; add rule ip t i ip saddr 127.0.0.1 tcp dport %u "
		 "reject with tcp reset'",
		 peer.port);
	assert_int_equal(system(command), 0);
	test_bench_init(&bench, "other", peer.port);
	bench.profile.link.witness = address_of("127.0.0.9");
	bench.profile.budget.frames_per_s = 1000000;
	report = test_observe(&bench, probe_find("tcp.inventory"), NULL);
	if (report.outcome != CHILD_COMPLETE) {
		print_message("%s\n", report.reason);
	}
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("method"), "connect");
	assert_string_equal(FACT("sources"), "main, witness");
	snprintf(expected, sizeof(expected), "%u/tcp", peer.port);
	assert_string_equal(FACT("open"), expected);
	snprintf(expected, sizeof(expected), "%u/tcp open to witness alone", peer.port);
	assert_string_equal(FACT("differs_by_source"), expected);
	assert_string_equal(FACT("sources_answered"), "true");
	test_peer_stop(&peer);
	test_bench_release(&bench);
	assert_int_equal(system("nft flush ruleset; ip addr del 127.0.0.9/8 dev lo"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connect_sweep_finds_exactly_what_is_open),
		cmocka_unit_test(connections_ask_again_from_the_witness_as_well),
	};

	return cmocka_run_group_tests_name("tcp_inventory", tests, NULL, NULL);
}
