/* storm_ipv6_test: the families over IPv6 reach the device's IPv6 address, though its first one is
 * of IPv4, and what it answers is answered by nobody. */
/* needs: namespace */
/* timeout: 180 */
#define _GNU_SOURCE
#include "harness/base/test_calm.h"
#include "harness/gate/gate.h"
#include "harness/gate/test_link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/banned.h"

enum { FRAMES = 100, ROUNDS = 20 };

static struct test_link tested;
static struct profile profile;
static struct gate *gate;
static struct gate_channel *channel;
static struct storm_result result;
static const struct service services[] = {{.name = "snmp", .port = 161, .udp = true}};

static int bench_up(bool device_has_ipv6)
{
	static const struct gate_pass stress = {
		.observation = "test", .impact = IMPACT_STRESS, .needs = NEEDS_STORM};
	struct gate_ability ability;
	struct text why = {.s = ""};
	int code = 0, fd = -1;

	test_link_up(&tested);
	test_link_ipv6(&tested);
	if (!device_has_ipv6) {
		test_shell("nsenter -t %d -n ip -6 addr flush dev d0", (int)tested.holder);
	}
	profile = test_link_profile();
	profile.link.ipv6[0] = address_of(TEST_DEVICE_IPV6);
	profile.link.ipv6_count = 1;
	profile.services = services;
	profile.service_count = ARRAY_SIZE(services);
	gate = gate_start(&profile, &ability, &code, &why);
	if (gate == NULL) {
		fail_msg("%d: %s", code, why.s);
	}
	assert_int_equal(gate_beat(gate, -1), 0);
	assert_true(gate_admit(gate, &stress, -1, &fd, &why) > 0);
	channel = gate_channel_new(fd);
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	return bench_up(true);
}

static int set_up_without(void **state)
{
	(void)state;
	return bench_up(false);
}

static int tear_down(void **state)
{
	(void)state;
	gate_channel_free(channel);
	gate_stop(gate);
	test_link_down(&tested);
	return 0;
}

static struct storm_order order_of(const char *family, uint16_t port)
{
	return (struct storm_order){
		.parts = {{family, port}}, .frames_per_s = 1000, .duration_ms = FRAMES};
}

static void every_datagram_comes_and_no_answer_is_answered(void **state)
{
	struct sockaddr_in6 at = {.sin6_family = AF_INET6, .sin6_port = htons(161)}, from;
	int fd = test_device_socket(&tested, AF_INET6, SOCK_DGRAM, 0), i;
	struct storm_order order = order_of("udp-ipv6", 161);
	socklen_t size;

	(void)state;
	assert_int_equal(bind(fd, (const struct sockaddr *)(const void *)&at, sizeof(at)), 0);
	assert_int_equal(gate_storm(channel, &order, &result), 0);
	assert_int_equal(result.sent, FRAMES);
	for (i = 0; i < FRAMES; i++) {
		size = sizeof(from);
		assert_int_equal(recvfrom(fd, NULL, 0, MSG_DONTWAIT,
					  (struct sockaddr *)(void *)&from, &size),
				 0);
		assert_int_equal(ntohs(from.sin6_port), FAMILY_PORT_FIRST + i);
		assert_int_equal(sendto(fd, "answer", 6, 0,
					(const struct sockaddr *)(const void *)&from, size),
				 6);
	}
	clock_sleep_until(clock_ns() + 100 * NS_PER_MS);
	assert_int_equal(test_device_counter(&tested, "Icmp6InDestUnreachs"), 0);
	close(fd);
}

/* The control of the test above: without a hold the tester's kernel does answer. */
static void an_answer_to_a_port_that_is_not_held_is_answered(void **state)
{
	struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons(19999)};
	int fd = test_device_socket(&tested, AF_INET6, SOCK_DGRAM, 0), i;

	(void)state;
	assert_int_equal(inet_pton(AF_INET6, TEST_TESTER_IPV6, &to.sin6_addr), 1);
	assert_int_equal(
		sendto(fd, "x", 1, 0, (const struct sockaddr *)(const void *)&to, sizeof(to)), 1);
	for (i = 0; i < ROUNDS && test_device_counter(&tested, "Icmp6InDestUnreachs") == 0; i++) {
		clock_sleep_until(clock_ns() + 50 * NS_PER_MS);
	}
	assert_int_equal(test_device_counter(&tested, "Icmp6InDestUnreachs"), 1);
	close(fd);
}

static void every_echo_request_comes(void **state)
{
	struct storm_order order = order_of("icmpv6-echo", 0);
	long before = test_device_counter(&tested, "Icmp6InEchos");

	(void)state;
	assert_int_equal(gate_storm(channel, &order, &result), 0);
	assert_int_equal(result.sent, FRAMES);
	assert_int_equal(test_device_counter(&tested, "Icmp6InEchos") - before, FRAMES);
	assert_int_equal(test_device_counter(&tested, "Icmp6InCsumErrors"), 0);
}

static void a_sham_comes_to_nobody(void **state)
{
	struct storm_order order = order_of("icmpv6-echo", 0);
	long before = test_device_counter(&tested, "Icmp6InEchos");

	(void)state;
	order.sham = true;
	assert_int_equal(gate_storm(channel, &order, &result), 0);
	assert_int_equal(result.sent, FRAMES);
	assert_int_equal(test_device_counter(&tested, "Icmp6InEchos") - before, 0);
}

static void a_device_that_does_not_answer_over_ipv6_gets_no_frame(void **state)
{
	struct storm_order order = order_of("icmpv6-echo", 0);
	int fd = test_device_listener(&tested);
	uint8_t frame[FRAME_MAX];

	(void)state;
	while (test_hear(fd, frame, sizeof(frame), 100) > 0) {
		/* what the look at the link had asked */
	}
	assert_int_equal(gate_storm(channel, &order, &result), -EADDRNOTAVAIL);
	assert_int_equal(test_hear(fd, frame, sizeof(frame), 100), 0);
	close(fd);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_datagram_comes_and_no_answer_is_answered,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_answer_to_a_port_that_is_not_held_is_answered,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(every_echo_request_comes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_sham_comes_to_nobody, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_device_that_does_not_answer_over_ipv6_gets_no_frame, set_up_without,
			tear_down),
	};

	return test_calm_run(tests, NULL, NULL);
}
