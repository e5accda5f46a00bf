/* storm_udp_test: the family "udp": a socket of the device gets every datagram, and
 * what it answers is answered by nobody. */
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

enum { FRAMES = 100 };

static struct test_link tested;
static struct profile profile;
static struct gate *gate;
static struct gate_channel *channel;
static struct storm_result result;
static const struct service services[] = {{.name = "snmp", .port = 161, .udp = true},
					  {.name = "web", .port = 80}};

static int set_up(void **state)
{
	static const struct gate_pass stress = {
		.observation = "test", .impact = IMPACT_STRESS, .needs = NEEDS_STORM};
	struct gate_ability ability;
	struct text why = {.s = ""};
	int code = 0, fd = -1;

	(void)state;
	test_link_up(&tested);
	profile = test_link_profile();
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

static int tear_down(void **state)
{
	(void)state;
	gate_channel_free(channel);
	gate_stop(gate);
	test_link_down(&tested);
	return 0;
}

static struct storm_order order_to(uint16_t port)
{
	return (struct storm_order){
		.parts = {{"udp", port}}, .frames_per_s = 1000, .duration_ms = FRAMES};
}

static void every_datagram_comes_and_no_answer_is_answered(void **state)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(161)}, from;
	int fd = test_device_socket(&tested, AF_INET, SOCK_DGRAM, 0), i;
	struct storm_order order = order_to(161);
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
		assert_int_equal(ntohs(from.sin_port), FAMILY_PORT_FIRST + i);
		assert_int_equal(sendto(fd, "answer", 6, 0,
					(const struct sockaddr *)(const void *)&from, size),
				 6);
	}
	clock_sleep_until(clock_ns() + 100 * NS_PER_MS);
	assert_int_equal(test_device_counter(&tested, "IcmpInDestUnreachs"), 0);
	close(fd);
}

static void a_tcp_service_is_not_declared_for_datagrams(void **state)
{
	struct storm_order order = order_to(80);

	(void)state;
	assert_int_equal(gate_storm(channel, &order, &result), -EACCES);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_datagram_comes_and_no_answer_is_answered,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_tcp_service_is_not_declared_for_datagrams, set_up,
						tear_down),
	};

	return test_calm_run(tests, NULL, NULL);
}
