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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connect_sweep_finds_exactly_what_is_open),
	};

	return cmocka_run_group_tests_name("tcp_inventory", tests, NULL, NULL);
}
