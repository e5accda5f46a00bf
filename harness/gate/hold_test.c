/* hold_test: a load of SYNs leaves a device's half-open places half open, and what
 * is said of that is what the device's own kernel says. */
/* needs: namespace */
/* timeout: 240 */
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

enum { PLACES = 64 }; /* of test_device_listen() */

static struct test_link tested;
static struct profile profile;
static struct gate *gate;
static struct gate_channel *channel;
static int pass, listener;
static const struct service services[] = {{.name = "web", .port = 80}};

static void device_setting(const char *name, int value)
{
	test_shell("nsenter -t %d -n sysctl -qw net.ipv4.%s=%d", (int)tested.holder, name, value);
}

static int set_up(void **state)
{
	static const struct gate_pass stress = {
		.observation = "test", .impact = IMPACT_STRESS, .needs = NEEDS_STORM};
	struct gate_ability ability;
	struct text why = {.s = ""};
	int code = 0, fd = -1;

	(void)state;
	test_link_up(&tested);
	device_setting("tcp_syncookies", 0);
	listener = test_device_listen(&tested, 80);
	profile = test_link_profile();
	profile.services = services;
	profile.service_count = 1;
	gate = gate_start(&profile, &ability, &code, &why);
	if (gate == NULL) {
		fail_msg("%d: %s", code, why.s);
	}
	assert_int_equal(gate_beat(gate, -1), 0);
	pass = gate_admit(gate, &stress, -1, &fd, &why);
	assert_true(pass > 0);
	channel = gate_channel_new(fd);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	gate_channel_free(channel);
	channel = NULL;
	gate_stop(gate);
	close(listener);
	test_link_down(&tested);
	return 0;
}

/* What the device's kernel counts. */
static long half_open(void)
{
	char command[128], text[32] = "";
	FILE *lines;

	snprintf(command, sizeof(command), "nsenter -t %d -n ss -Htn state syn-recv | wc -l",
		 (int)tested.holder);
	lines = popen(command, "r");
	assert_non_null(lines);
	assert_non_null(fgets(text, sizeof(text), lines));
	pclose(lines);
	return strtol(text, NULL, 10);
}

static void send_syns(bool sham)
{
	static struct storm_result result;
	struct storm_order order = {
		.parts = {{"tcp-syn", 80}}, .frames_per_s = 2000, .duration_ms = 500, .sham = sham};

	assert_int_equal(gate_storm(channel, &order, &result), 0);
	assert_int_equal(result.end, STORM_COMPLETE);
	assert_in_range(result.sent, 900, 1000);
}

/* What came back once a place was seen kept, or after four seconds. */
static struct storm_answers answers(void)
{
	int64_t end = clock_ns() + 4 * NS_PER_S;
	struct storm_answers seen;

	do {
		clock_sleep_until(clock_ns() + 100 * NS_PER_MS);
		assert_int_equal(gate_storm_answers(channel, &seen), 0);
	} while (seen.kept == 0 && clock_ns() < end);
	return seen;
}

static void places_of_a_device_stay_half_open_and_are_seen_to(void **state)
{
	struct storm_answers seen;

	(void)state;
	send_syns(false);
	assert_in_range(half_open(), PLACES - 8, PLACES + 8);
	seen = answers();
	assert_in_range(half_open(), PLACES - 8, PLACES + 8);
	assert_in_range(seen.syn_acks, PLACES - 8, 1000);
	assert_true(seen.kept > 0);
	assert_int_equal(seen.resets, 0);
	assert_true(seen.ports >= 256);
}

/* The device sends its SYN-ACKs again after 1, 2 and 4 s. */
static void places_are_free_again_when_the_check_is_over(void **state)
{
	int64_t end;

	(void)state;
	send_syns(false);
	assert_true(half_open() > PLACES / 2);
	gate_channel_free(channel);
	channel = NULL;
	end = clock_ns() + 10 * NS_PER_S;
	while (half_open() > 0 && clock_ns() < end) {
		clock_sleep_until(clock_ns() + 200 * NS_PER_MS);
	}
	assert_int_equal(half_open(), 0);
}

static void a_device_that_keeps_no_place_is_not_said_to(void **state)
{
	struct storm_answers seen;

	(void)state;
	device_setting("tcp_syncookies", 2);
	send_syns(false);
	assert_int_equal(half_open(), 0);
	seen = answers();
	assert_true(seen.syn_acks > 0);
	assert_int_equal(seen.kept, 0);
	assert_int_equal(seen.resets, 0);
}

static void a_device_that_refuses_gives_no_syn_ack(void **state)
{
	struct storm_answers seen;

	(void)state;
	close(listener);
	listener = -1;
	send_syns(false);
	seen = answers();
	assert_int_equal(seen.syn_acks, 0);
	assert_int_equal(seen.kept, 0);
}

static void a_load_to_nobody_holds_nothing(void **state)
{
	struct storm_answers seen;

	(void)state;
	send_syns(true);
	assert_int_equal(half_open(), 0);
	assert_int_equal(gate_storm_answers(channel, &seen), 0);
	assert_int_equal(seen.ports, 0);
	assert_int_equal(seen.syn_acks, 0);
}

/* One SYN from a port that is not the gate's to hold: the tester's kernel answers
 * its SYN-ACK with RST, as it does to any load that is not held. */
static void a_reset_of_the_testers_kernel_is_seen(void **state)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(FAMILY_PORT_FIRST)};
	struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex("t0")};
	struct wire_facts facts = {.source = address_of(TEST_TESTER),
				   .device = address_of(TEST_DEVICE),
				   .port = FAMILY_PORT_FIRST};
	int taken = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int raw = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	struct storm_answers seen;
	struct frame syn;

	(void)state;
	assert_int_equal(bind(taken, (const struct sockaddr *)(const void *)&at, sizeof(at)), 0);
	send_syns(false);
	seen = answers();
	assert_int_equal(seen.resets, 0);
	close(listener); /* and with it the places that are taken */
	listener = test_device_listen(&tested, 80);
	memcpy(facts.source_mac, tested.tester_mac, 6);
	memcpy(facts.device_mac, tested.device_mac, 6);
	syn = test_syn(&facts, 80);
	assert_int_equal(sendto(raw, syn.bytes, syn.size, 0,
				(const struct sockaddr *)(const void *)&to, sizeof(to)),
			 syn.size);
	clock_sleep_until(clock_ns() + 300 * NS_PER_MS);
	assert_int_equal(gate_storm_answers(channel, &seen), 0);
	assert_true(seen.resets > 0);
	close(taken);
	close(raw);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(places_of_a_device_stay_half_open_and_are_seen_to),
		TEST(places_are_free_again_when_the_check_is_over),
		TEST(a_device_that_keeps_no_place_is_not_said_to),
		TEST(a_device_that_refuses_gives_no_syn_ack),
		TEST(a_load_to_nobody_holds_nothing),
		TEST(a_reset_of_the_testers_kernel_is_seen),
	};

	return test_calm_run(tests, NULL, NULL);
}
