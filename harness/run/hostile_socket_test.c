/* hostile_socket_test: checks that turn the connection they were given towards somebody else, by
 * the socket's options, and those that would use up what the gate has to give. */
/* needs: namespace */
/* timeout: 60 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>

#include "harness/gate/channel.h"
#include "harness/gate/test_link.h"
#include "harness/run/probe_run.h"
#include "harness/run/test_run.h"

#include "harness/banned.h"

#define OTHER "10.99.0.3" /* an address on the link that is not the device's */

enum { PORT = 80 };

static struct test_link tested;
static struct test_bench bench;
static int device;

static const struct fact_def facts[] = {
	{"number", FACT_INT, "", "a number"},
	{.name = NULL},
};

static int set_up(void **state)
{
	(void)state;
	test_link_up(&tested);
	test_shell("nsenter -t %d -n ip addr add " OTHER "/24 dev d0", (int)tested.holder);
	device = test_device_listen(&tested, PORT);
	test_bench_init(&bench, "other", PORT);
	bench.profile.link.interface = "t0";
	bench.profile.link.address = address_of(TEST_DEVICE);
	bench.profile.link.source = address_of(TEST_TESTER);
	bench.profile.link.witness = address_of(TEST_WITNESS);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	close(device);
	test_bench_release(&bench);
	test_link_down(&tested);
	return 0;
}

static struct child_report run(int (*observe)(struct probe_run *run))
{
	struct probe probe = {.id = "test.hostile",
			      .summary = "attacks",
			      .source = "none",
			      .impact = IMPACT_OBSERVE,
			      .timeout_s = 8,
			      .facts = facts,
			      .observe = observe};

	return test_observe(&bench, &probe, NULL);
}

/* --- options that say where frames go, and how far -------------------------------------- */

/* RFC 791: a loose source route by OTHER. */
static const uint8_t route[] = {1, 131, 7, 4, 10, 99, 0, 3};

static const struct {
	int level, option;
	const void *value;
	socklen_t size;
} options[] = {
	{IPPROTO_IP, IP_OPTIONS, route, sizeof(route)},
	{IPPROTO_IP, IP_TOS, "\x10\0\0", 4}, /* has the route looked up again */
	{SOL_SOCKET, SO_BINDTODEVICE, "lo", 3},
	{SOL_SOCKET, SO_DONTROUTE, "\1\0\0", 4},
	{SOL_SOCKET, SO_BROADCAST, "\1\0\0", 4},
	{IPPROTO_IP, IP_TTL, "\7\0\0", 4},
	{IPPROTO_IP, IP_UNICAST_IF, "\0\0\0\1", 4},
	{IPPROTO_TCP, TCP_ULP, "tls", 4},
};

static int turns_its_connection(struct probe_run *run)
{
	const struct service *service = &probe_profile(run)->services[0];
	int fd = probe_dial(run, service, 2000), granted = 0;
	size_t i;

	if (fd < 0) {
		return probe_dial_failed(run, service, fd);
	}
	for (i = 0; i < ARRAY_SIZE(options); i++) {
		granted += setsockopt(fd, options[i].level, options[i].option, options[i].value,
				      options[i].size) == 0;
	}
	for (i = 0; i < 5; i++) {
		(void)!write(fd, "to whom?", 8);
		clock_sleep_until(clock_ns() + 20 * NS_PER_MS);
	}
	probe_saw_int(run, "number", granted);
	return 0;
}

static void no_option_of_a_connection_leads_to_another_host(void **state)
{
	uint32_t to = inet_addr(TEST_DEVICE);
	int listener = test_device_listener(&tested), heard = 0;
	struct child_report report;
	uint8_t frame[2048];
	size_t size;

	(void)state;
	report = run(turns_its_connection);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	while ((size = test_hear(listener, frame, sizeof(frame), 100)) > 0) {
		if (size >= 34 && frame[12] == 0x08 && frame[13] == 0) {
			assert_memory_equal(frame + 30, &to, 4);
			assert_int_equal(frame[14], 0x45); /* no options */
			heard++;
		}
	}
	close(listener);
	assert_true(heard >= 5);
	assert_string_equal(test_fact(&bench, &report, "number"), "0");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		TEST(no_option_of_a_connection_leads_to_another_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
