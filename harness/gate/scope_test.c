/* scope_test: frames over IPv6 that may leave, and those that may not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/gate/scope.h"
#include <string.h>

static const uint16_t excluded[] = {9100};
static struct link link_v6;
static struct device_link profile;

static int setup(void **state)
{
	(void)state;
	link_v6 = (struct link){.source_mac = {2, 0, 0, 0, 0, 1},
				.device_mac = {2, 0, 0, 0, 0, 2},
				.source_count = 2,
				.device_count = 2};
	link_v6.source = address_of("10.99.0.1");
	link_v6.device = address_of("10.99.0.2");
	link_v6.sources[0] = (struct source){"main", link_v6.source};
	link_v6.sources[1] = (struct source){"main", address_of("fd00::1")};
	link_v6.devices[0].address = link_v6.device;
	link_v6.devices[1].address = address_of("fd00::2");
	profile.exclude_ports = excluded;
	profile.exclude_count = 1;
	return 0;
}

struct trial {
	enum frame_layer layers[FRAME_LAYERS];
	const char *from, *to;
	uint16_t port;
	struct frame_value value;
	const char *why; /* NULL: it may leave */
};

static const struct trial trials[] = {
	{{FRAME_ETHERNET, FRAME_IP, FRAME_TCP}, "fd00::1", "fd00::2", 22, {0}, NULL},
	{{FRAME_ETHERNET, FRAME_IP, FRAME_UDP}, "fd00::1", "fd00::2", 161, {0}, NULL},
	{{FRAME_ETHERNET, FRAME_IP, FRAME_ECHO}, "fd00::1", "fd00::2", 0, {0}, NULL},
	{{FRAME_ETHERNET, FRAME_IP, FRAME_ECHO},
	 "fd00::1",
	 "fd00::2",
	 0,
	 {FIELD_ICMP_TYPE, 135},
	 NULL},
	/* a router advertisement, a redirect, a neighbour advertisement */
	{{FRAME_ETHERNET, FRAME_IP, FRAME_ECHO},
	 "fd00::1",
	 "fd00::2",
	 0,
	 {FIELD_ICMP_TYPE, 134},
	 "ICMPv6 of type 134 is not in scope"},
	{{FRAME_ETHERNET, FRAME_IP, FRAME_ECHO},
	 "fd00::1",
	 "fd00::2",
	 0,
	 {FIELD_ICMP_TYPE, 137},
	 "ICMPv6 of type 137 is not in scope"},
	{{FRAME_ETHERNET, FRAME_IP, FRAME_ECHO},
	 "fd00::1",
	 "fd00::2",
	 0,
	 {FIELD_ICMP_TYPE, 136},
	 "ICMPv6 of type 136 is not in scope"},
	{{FRAME_ETHERNET, FRAME_IP, FRAME_TCP},
	 "fd00::1",
	 "fd00::2",
	 9100,
	 {0},
	 "port 9100 is excluded by the profile"},
	{{FRAME_ETHERNET, FRAME_IP, FRAME_TCP},
	 "fd00::7",
	 "fd00::2",
	 22,
	 {0},
	 "the source address is not the tester's"},
	{{FRAME_ETHERNET, FRAME_IP, FRAME_TCP},
	 "fd00::1",
	 "fd00::3",
	 22,
	 {0},
	 "the destination address is not the device's"},
	{{FRAME_ETHERNET, FRAME_IP, FRAME_TCP},
	 "fd00::1",
	 "ff02::1",
	 22,
	 {0},
	 "the destination address is not the device's"},
	{{FRAME_ETHERNET, FRAME_IPV6, FRAME_HOP_OPTIONS, FRAME_TCP},
	 "fd00::1",
	 "fd00::2",
	 22,
	 {0},
	 "IPv6 next header 0 is not in scope"},
	{{FRAME_ETHERNET, FRAME_IPV6, FRAME_FRAGMENT, FRAME_UDP},
	 "fd00::1",
	 "fd00::2",
	 161,
	 {0},
	 "IPv6 next header 44 is not in scope"},
	{{FRAME_ETHERNET, FRAME_IP, FRAME_TCP},
	 "fd00::1",
	 "fd00::2",
	 22,
	 {FIELD_IPV6_NEXT, 43},
	 "IPv6 next header 43 is not in scope"},
	{{FRAME_ETHERNET, FRAME_IP, FRAME_TCP},
	 "fd00::1",
	 "fd00::2",
	 22,
	 {FIELD_IPV6_VERSION, 4},
	 "the IPv6 header is not sound"},
	{{FRAME_ETHERNET, FRAME_IP, FRAME_TCP},
	 "fd00::1",
	 "fd00::2",
	 22,
	 {FIELD_IPV6_LENGTH, 21},
	 "the IPv6 header is not sound"},
};

static struct frame frame_of(const struct trial *trial)
{
	struct frame_recipe recipe = {.values = {trial->value}};
	struct frame_ends ends = {.to_port = trial->port};
	struct frame frame;
	struct text why;

	memcpy(recipe.layers, trial->layers, sizeof(recipe.layers));
	memcpy(ends.from_mac, link_v6.source_mac, 6);
	memcpy(ends.to_mac, link_v6.device_mac, 6);
	ends.from = address_of(trial->from);
	ends.to = address_of(trial->to);
	assert_int_equal(frame_build(&recipe, &ends, &frame, &why), 0);
	return frame;
}

static void what_is_to_the_device_may_leave_and_nothing_else(void **state)
{
	struct scope scope = {&link_v6, &profile};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(trials); i++) {
		struct frame frame = frame_of(&trials[i]);
		struct text why = {.s = ""};
		int result = scope_check(&scope, frame.bytes, frame.size, &why);

		assert_string_equal(why.s, trials[i].why == NULL ? "" : trials[i].why);
		assert_int_equal(result, trials[i].why == NULL ? 0 : -1);
	}
}

/* Frames to the device's MAC address; malformed as a value says, and then one byte
 * of the whole frame changed where at is not 0. */
static const struct {
	struct trial trial;
	size_t at;
	uint8_t byte;
} device_trials[] = {
	{{{FRAME_ETHERNET, FRAME_IP, FRAME_ECHO},
	  "10.99.0.1",
	  "10.99.0.2",
	  0,
	  {FIELD_IPV4_VERSION, 5},
	  NULL},
	 0,
	 0},
	{{{FRAME_ETHERNET, FRAME_IP, FRAME_TCP},
	  "10.99.0.1",
	  "10.99.0.2",
	  22,
	  {FIELD_IPV4_HEADER_WORDS, 2},
	  NULL},
	 0,
	 0},
	{{{FRAME_ETHERNET, FRAME_IP, FRAME_TCP},
	  "10.99.0.1",
	  "10.99.0.2",
	  22,
	  {FIELD_IPV4_LENGTH, 9000},
	  NULL},
	 0,
	 0},
	/* an EtherType of nobody, of LLDP; a tag; ARP that is none */
	{{{FRAME_ETHERNET, FRAME_IP, FRAME_TCP},
	  "10.99.0.1",
	  "10.99.0.2",
	  22,
	  {FIELD_ETHERNET_TYPE, 0x88b5},
	  NULL},
	 0,
	 0},
	{{{FRAME_ETHERNET, FRAME_IP, FRAME_TCP},
	  "10.99.0.1",
	  "10.99.0.2",
	  22,
	  {FIELD_ETHERNET_TYPE, 0x8100},
	  "EtherType 0x8100 leads into another network"},
	 0,
	 0},
	{{{FRAME_ETHERNET, FRAME_IP, FRAME_TCP},
	  "10.99.0.1",
	  "10.99.0.2",
	  22,
	  {FIELD_ETHERNET_TYPE, 0x0806},
	  "not ARP for IPv4 over Ethernet"},
	 0,
	 0},
	{{{FRAME_ETHERNET, FRAME_IP, FRAME_TCP},
	  "10.99.0.1",
	  "10.99.0.2",
	  9100,
	  {FIELD_IPV4_VERSION, 5},
	  "port 9100 is excluded by the profile"},
	 0,
	 0},
	{{{FRAME_ETHERNET, FRAME_IP, FRAME_TCP},
	  "10.99.0.1",
	  "10.99.0.7",
	  22,
	  {FIELD_IPV4_VERSION, 5},
	  "the IPv4 addresses are not the tester's and the device's"},
	 0,
	 0},
	{{{FRAME_ETHERNET, FRAME_IP, FRAME_TCP},
	  "10.99.0.7",
	  "10.99.0.2",
	  22,
	  {FIELD_IPV4_VERSION, 5},
	  "the IPv4 addresses are not the tester's and the device's"},
	 0,
	 0},
	/* a header of 24 bytes whose option is a strict source route */
	{{{FRAME_ETHERNET, FRAME_IP, FRAME_ECHO},
	  "10.99.0.1",
	  "10.99.0.2",
	  0,
	  {FIELD_IPV4_HEADER_WORDS, 6},
	  "source routing leads beyond the device"},
	 14 + 20 + 1,
	 137},
	{{{FRAME_ETHERNET, FRAME_IP, FRAME_TCP},
	  "10.99.0.1",
	  "10.99.0.2",
	  22,
	  {0},
	  "the Ethernet destination is not the device's"},
	 5,
	 3},
	{{{FRAME_ETHERNET, FRAME_IP, FRAME_TCP},
	  "10.99.0.1",
	  "10.99.0.2",
	  22,
	  {0},
	  "the Ethernet source is not the tester's"},
	 11,
	 3},
	{{{FRAME_ETHERNET, FRAME_IPV6, FRAME_FRAGMENT, FRAME_UDP},
	  "fd00::1",
	  "fd00::2",
	  161,
	  {0},
	  "IPv6 next header 44 is not in scope"},
	 0,
	 0},
};

static void a_malformed_frame_stays_with_the_device(void **state)
{
	struct scope scope = {&link_v6, &profile, SCOPE_DEVICE};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(device_trials); i++) {
		const struct trial *trial = &device_trials[i].trial;
		struct frame frame = frame_of(trial);
		struct text why = {.s = ""};

		if (device_trials[i].at != 0) {
			frame.bytes[device_trials[i].at] = device_trials[i].byte;
		}
		(void)scope_check(&scope, frame.bytes, frame.size, &why);
		assert_string_equal(why.s, trial->why == NULL ? "" : trial->why);
	}
}

static void nothing_leaves_where_nothing_may(void **state)
{
	struct scope scope = {&link_v6, &profile, SCOPE_NOTHING};
	struct frame frame = frame_of(&trials[0]);
	struct text why;

	(void)state;
	assert_int_equal(scope_check(&scope, frame.bytes, frame.size, &why), -1);
	assert_string_equal(why.s, "this wire receives alone");
}

static void a_cut_frame_does_not_leave(void **state)
{
	struct scope scope = {&link_v6, &profile};
	struct frame frame = frame_of(&trials[0]);
	struct text why;
	size_t size;

	(void)state;
	for (size = 0; size < frame.size; size++) {
		assert_int_equal(scope_check(&scope, frame.bytes, size, &why), -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_to_the_device_may_leave_and_nothing_else),
		cmocka_unit_test(a_malformed_frame_stays_with_the_device),
		cmocka_unit_test(nothing_leaves_where_nothing_may),
		cmocka_unit_test(a_cut_frame_does_not_leave),
	};

	return cmocka_run_group_tests_name("scope", tests, setup, NULL);
}
