/* needs: namespace */
/* timeout: 180 */
/* device_identity_test: a device with all its services, one with a service
 * gone, and one that is not there. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base/test_calm.h"
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

/* --- as the runner looks: through several doors ---------------------------------- */

/* A port that says nothing: its queue is full, and nobody takes from it. Returns the
 * descriptors to keep open in ret[4]. */
static uint16_t silent_port(int *ret)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	uint16_t port;
	size_t i;

	ret[0] = test_listen(&port);
	TEST_RUN_MUST(listen(ret[0], 0) == 0);
	address.sin_port = htons(port);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (i = 1; i < 4; i++) {
		ret[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)!connect(ret[i], (struct sockaddr *)&address, sizeof(address));
	}
	return port;
}

static struct child_report look(size_t doors)
{
	static const char *const settings[] = {"host_key", "false", NULL};
	const struct probe *probe = probe_find("device.identity");
	struct observation observation = {.id = "look-1", .probe = probe};
	struct child_order order = {.observation = &observation, .attempt = 1, .doors = doors};
	struct child_report report;
	struct child *child;
	struct pollfd entry;
	struct text why = {.s = ""};
	int code;

	observation.params = test_params(&bench, probe->params, settings, &observation.param_count);
	bench.gate = gate_start(&bench.profile, &bench.ability, &code, &why);
	TEST_RUN_MUST(bench.gate != NULL);
	child = child_start(&bench.world, &order, bench.gate, bench.arena, &why);
	TEST_RUN_MUST(child != NULL);
	entry = (struct pollfd){.fd = child_fd(child), .events = POLLIN};
	do {
		(void)poll(&entry, 1, clock_left_ms(child_deadline(child)));
	} while (child_step(child, &report) == 0);
	child_free(child);
	return report;
}

static void four_silent_services_cost_the_time_of_one(void **state)
{
	static const char *const names[] = {"one", "two", "three", "four"};
	struct test_peer other = test_peer_start(PEER_SILENT);
	struct service services[5];
	struct child_report report;
	int kept[4][4];
	size_t i, k;

	(void)state;
	test_bench_init(&bench, "other", other.port);
	services[4] = bench.services[0];
	for (i = 0; i < 4; i++) {
		services[i] = bench.services[0];
		services[i].name = names[i];
		services[i].port = silent_port(kept[i]);
	}
	bench.profile.services = services;
	bench.profile.service_count = 5;
	report = look(4);
	assert_string_equal(FACT("services_up"), "it");
	assert_string_equal(FACT("services_down"), "one, two, three, four");
	assert_int_equal(report.traffic.connections + report.traffic.connects_failed, 5);
	/* each is given 2 s */
	print_message("four silent services and one that answers: %.2f s\n", report.seconds);
	assert_true(report.seconds >= 1.9 && report.seconds < 4);
	for (i = 0; i < 4; i++) {
		for (k = 0; k < 4; k++) {
			close(kept[i][k]);
		}
	}
	test_peer_stop(&other);
	test_bench_release(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_device_has_all_services_up),
		cmocka_unit_test(service_that_is_gone_is_down),
		cmocka_unit_test(server_that_says_nothing_has_no_banner),
		cmocka_unit_test(device_that_is_not_there_has_all_services_down),
		cmocka_unit_test(four_silent_services_cost_the_time_of_one),
	};

	return test_calm_run(tests, NULL, NULL);
}
