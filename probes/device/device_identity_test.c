/* needs: namespace */
/* device_identity_test: a device with all its services, one with a service
 * gone, and one that is not there. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/run/test_run.h"
#include "probes/registry.h"

static struct test_bench bench;

static void serve_ssh(int fd, void *argument)
{
	static const char banner[] = "SSH-2.0-Test_1\r\n";

	TEST_RUN_MUST(send(fd, banner, sizeof(banner) - 1, MSG_NOSIGNAL) > 0);
	test_serve_silent(fd, argument);
}

/* An SSH service "it" and another one, "second". */
static struct child_report observe(uint16_t ssh, uint16_t second)
{
	test_bench_init(&bench, "ssh", ssh);
	bench.services[1] = bench.services[0];
	bench.services[1].name = "second";
	bench.services[1].protocol = "other";
	bench.services[1].port = second;
	bench.profile.service_count = 2;
	return test_observe(&bench, probe_find("device.identity"), NULL);
}

#define FACT(name) test_fact(&bench, &report, name)

static void whole_device_has_all_services_up(void **state)
{
	struct test_peer ssh = test_peer_serve(serve_ssh, NULL);
	struct test_peer other = test_peer_start(PEER_SILENT);
	struct child_report report = observe(ssh.port, other.port);

	(void)state;
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("services_up"), "it, second");
	assert_string_equal(FACT("services_down"), "none");
	assert_string_equal(FACT("ssh_banner"), "SSH-2.0-Test_1");
	test_peer_stop(&ssh);
	test_peer_stop(&other);
	test_bench_release(&bench);
}

static void service_that_is_gone_is_down(void **state)
{
	struct test_peer ssh = test_peer_serve(serve_ssh, NULL);
	struct test_peer other = test_peer_start(PEER_DEAD);
	struct child_report report = observe(ssh.port, other.port);

	(void)state;
	assert_string_equal(FACT("services_up"), "it");
	assert_string_equal(FACT("services_down"), "second");
	test_peer_stop(&ssh);
	test_bench_release(&bench);
}

static void server_that_says_nothing_has_no_banner(void **state)
{
	struct test_peer ssh = test_peer_start(PEER_SILENT);
	struct test_peer other = test_peer_start(PEER_SILENT);
	struct child_report report = observe(ssh.port, other.port);

	(void)state;
	assert_string_equal(FACT("services_up"), "it, second");
	assert_null(FACT("ssh_banner"));
	test_peer_stop(&ssh);
	test_peer_stop(&other);
	test_bench_release(&bench);
}

static void device_that_is_not_there_has_all_services_down(void **state)
{
	struct test_peer ssh = test_peer_start(PEER_DEAD);
	struct test_peer other = test_peer_start(PEER_DEAD);
	struct child_report report = observe(ssh.port, other.port);

	(void)state;
	assert_string_equal(FACT("services_up"), "none");
	assert_string_equal(FACT("services_down"), "it, second");
	test_bench_release(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_device_has_all_services_up),
		cmocka_unit_test(service_that_is_gone_is_down),
		cmocka_unit_test(server_that_says_nothing_has_no_banner),
		cmocka_unit_test(device_that_is_not_there_has_all_services_down),
	};

	return cmocka_run_group_tests_name("device_identity", tests, NULL, NULL);
}
