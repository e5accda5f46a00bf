/* load_test: what a load may consist of, looked at without sending it. */
#define _GNU_SOURCE
#include "harness/frame/dissect.h"
#include "harness/gate/load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

static const uint16_t excluded[] = {8080};
static struct profile profile;
static struct link link_to;
static struct scope scope = {&link_to, &profile.link};

static const struct service services[] = {{.name = "web", .port = 80},
					  {.name = "snmp", .port = 161, .udp = true}};

static int setup(void **state)
{
	(void)state;
	profile.services = services;
	profile.service_count = 2;
	profile.link.exclude_ports = excluded;
	profile.link.exclude_count = 1;
	link_to = (struct link){.source = address_of("10.0.0.1"),
				.device = address_of("10.0.0.2"),
				.source_mac = {2, 0, 0, 0, 0, 1},
				.device_mac = {2, 0, 0, 0, 0, 2},
				.devices = {{.address = address_of("10.0.0.2"), .answered = true},
					    {.address = address_of("fd00::2")},
					    {.address = address_of("fd00::3"), .answered = true}},
				.device_count = 3,
				.sources = {{.name = "main", .address = address_of("10.0.0.1")},
					    {.name = "main", .address = address_of("fd00::1")}},
				.source_count = 2};
	return 0;
}

static struct storm_request asked(const char *a, uint32_t a_port, const char *b, uint32_t b_port)
{
	struct storm_request request;

	memset(&request, 0, sizeof(request));
	memcpy(request.parts[0].family, a, strlen(a));
	request.parts[0].port = a_port;
	request.part_count = 1;
	if (b != NULL) {
		memcpy(request.parts[1].family, b, strlen(b));
		request.parts[1].port = b_port;
		request.part_count = 2;
	}
	return request;
}

static void what_is_not_declared_is_not_allowed(void **state)
{
	static const struct {
		const char *a;
		uint32_t a_port;
		const char *b;
		uint32_t b_port;
		int error;
	} cases[] = {
		{"arp-request", 0, NULL, 0, 0},
		{"tcp-syn", 80, NULL, 0, 0},
		{"arp-request", 0, "tcp-syn", 80, 0},
		{"tcp-syn", 81, NULL, 0, -EACCES},
		{"tcp-syn", 161, NULL, 0, -EACCES}, /* declared for UDP */
		{"arp-request", 0, "tcp-syn", 65616, -EACCES},
		{"", 0, NULL, 0, -EINVAL},
		{"tcp-", 80, NULL, 0, -EINVAL},
		{"icmpv6-echo", 0, "udp-ipv6", 161, 0},
		{"udp-ipv6", 80, NULL, 0, -EACCES}, /* declared for TCP */
		{"arp-request", 0, "no-such-family-with-a-long-name-", 0, -EINVAL},
	};
	struct storm_request request;
	struct text why;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		request = asked(cases[i].a, cases[i].a_port, cases[i].b, cases[i].b_port);
		assert_int_equal(load_allowed(&request, &profile, &why), cases[i].error);
	}
	request.part_count = 0;
	assert_int_equal(load_allowed(&request, &profile, &why), -EINVAL);
	request.part_count = STORM_PARTS + 1;
	assert_int_equal(load_allowed(&request, &profile, &why), -EINVAL);
}

static struct load made(const struct storm_request *request)
{
	struct load load;
	struct text why;

	if (load_make(request, &scope, &load, &why) != 0) {
		fail_msg("%s", why.s);
	}
	return load;
}

static struct dissected frame_number(const struct load *load, uint64_t n, uint8_t *bytes)
{
	struct dissected d;

	assert_int_equal(dissect(bytes, load_write(load, n, bytes), &d), 0);
	return d;
}

static void families_are_mixed_frame_by_frame(void **state)
{
	struct storm_request request = asked("arp-request", 0, "tcp-syn", 80);
	struct load load = made(&request);
	uint8_t bytes[FRAME_MAX];
	uint64_t n;

	(void)state;
	for (n = 0; n < 10; n += 2) {
		assert_int_equal(frame_number(&load, n, bytes).network, FRAME_ARP);
		assert_int_equal(frame_number(&load, n + 1, bytes).transport, FRAME_TCP);
	}
}

static void syns_use_every_source_port_in_turn_and_no_sequence_number_twice(void **state)
{
	struct storm_request request = asked("tcp-syn", 80, NULL, 0);
	struct load load = made(&request);
	uint8_t bytes[FRAME_MAX];
	uint32_t last = 0;
	uint64_t n;

	(void)state;
	for (n = 0; n < 2 * FAMILY_PORTS; n++) {
		struct dissected d = frame_number(&load, n, bytes);

		assert_int_equal(d.from_port, FAMILY_PORT_FIRST + n % FAMILY_PORTS);
		assert_int_equal(d.to_port, 80);
		assert_int_equal(d.flags, TCP_SYN);
		assert_true(n == 0 || d.sequence != last);
		last = d.sequence;
	}
}

static void every_row_stays_in_scope(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; family_at(i) != NULL; i++) {
		bool udp = family_transport(family_at(i)) == FRAME_UDP;
		struct storm_request request = asked(family_at(i)->name, udp ? 161 : 80, NULL, 0);
		struct load load = made(&request);
		uint8_t bytes[FRAME_MAX];
		struct text why;
		uint64_t n;

		for (n = 0; n < 20000; n++) {
			size_t size = load_write(&load, n, bytes);

			assert_int_equal(scope_check(&scope, bytes, size, &why), 0);
		}
	}
}

static void a_row_whose_values_can_leave_scope_is_refused(void **state)
{
	static const uint32_t ports[] = {80, 81, 8080};
	static const struct {
		struct family_varied varied[FAMILY_VARIED];
		bool leaves;
	} cases[] = {
		{{{FIELD_TCP_WINDOW, FAMILY_IN_TURN, 0, 65536, NULL}}, false},
		{{{FIELD_TARGET_PORT, FAMILY_IN_TURN, 1, 8079, NULL}}, false},
		{{{FIELD_TARGET_PORT, FAMILY_IN_TURN, 1, 8080, NULL}}, true},
		{{{FIELD_TARGET_PORT, FAMILY_IN_TURN, 0, 3, ports}}, true},
		{{{FIELD_TARGET_PORT, FAMILY_IN_TURN, 0, 2, ports}}, false},
		{{{FIELD_IPV4_TO, FAMILY_IN_TURN, 0x0a000002, 1, NULL}}, false},
		{{{FIELD_IPV4_TO, FAMILY_IN_TURN, 0x0a000002, 2, NULL}}, true},
		{{{FIELD_IPV4_FROM, FAMILY_IN_TURN, 0x0a000000, 256, NULL}}, true},
		{{{FIELD_ETHERNET_TO, FAMILY_IN_TURN, 0x020000000002, 2, NULL}}, true},
		{{{FIELD_IPV4_PROTOCOL, FAMILY_SCATTERED, 0, 256, NULL}}, true},
		{{{FIELD_IPV4_HEADER_WORDS, FAMILY_IN_TURN, 0, 16, NULL}}, true},
		/* each alone would do, but they are too many to look at */
		{{{FIELD_TARGET_PORT, FAMILY_IN_TURN, 1, 8079, NULL},
		  {FIELD_IPV4_TO, FAMILY_IN_TURN, 0x0a000002, 1, NULL},
		  {FIELD_IPV4_LENGTH, FAMILY_IN_TURN, 40, 9, NULL}},
		 true},
	};
	struct frame_ends ends;
	struct pattern pattern;
	struct text why;
	size_t i;

	(void)state;
	ends = link_ends(&link_to);
	ends.to_port = 80;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct family family = {
			.name = "row", .recipe = {.layers = {FRAME_ETHERNET, FRAME_IP, FRAME_TCP}}};

		memcpy(family.varied, cases[i].varied, sizeof(family.varied));
		assert_int_equal(pattern_build(&family, &ends, &pattern, &why), 0);
		assert_int_equal(load_prove(&pattern, &scope, &why), cases[i].leaves ? -EACCES : 0);
	}
}

static void rows_over_ipv6_go_to_the_address_that_answers(void **state)
{
	struct storm_request request = asked("udp-ipv6", 161, "udp", 161);
	struct address from = address_of("fd00::1"), to = address_of("fd00::3");
	struct load load = made(&request);
	uint8_t bytes[FRAME_MAX];
	struct dissected d;

	(void)state;
	d = frame_number(&load, 0, bytes);
	assert_true(address_equal(&d.from, &from) && address_equal(&d.to, &to));
	assert_int_equal(d.transport, FRAME_UDP);
	assert_int_equal(d.to_port, 161);
	d = frame_number(&load, 1, bytes);
	assert_true(address_equal(&d.from, &link_to.source) &&
		    address_equal(&d.to, &link_to.device));
}

static void ports_are_limited_for_one_version_of_ip_alone(void **state)
{
	static const uint32_t only[] = {20007};
	const struct load_ports ports = {only, 1};
	struct storm_request request = asked("udp-ipv6", 161, "udp", 161);
	struct load load = made(&request);
	uint8_t bytes[FRAME_MAX];
	uint64_t n;

	(void)state;
	assert_true(load_has(&load, FRAME_UDP, FRAME_IPV4));
	assert_true(load_has(&load, FRAME_UDP, FRAME_IPV6));
	assert_false(load_has(&load, FRAME_TCP, FRAME_IPV6));
	load_limit(&load, FRAME_UDP, FRAME_IPV6, &ports);
	for (n = 0; n < 10; n += 2) {
		assert_int_equal(frame_number(&load, n, bytes).from_port, 20007);
		assert_int_equal(frame_number(&load, n + 1, bytes).from_port,
				 FAMILY_PORT_FIRST + n / 2);
	}
}

static void a_row_without_an_address_to_go_to_is_refused(void **state)
{
	struct storm_request request = asked("icmpv6-echo", 0, NULL, 0);
	struct load load;
	struct text why;

	(void)state;
	link_to.devices[2].answered = false;
	assert_int_equal(load_make(&request, &scope, &load, &why), -EADDRNOTAVAIL);
	link_to.devices[2].answered = true;
	link_to.source_count = 1;
	assert_int_equal(load_make(&request, &scope, &load, &why), -EADDRNOTAVAIL);
	link_to.source_count = 2;
	assert_int_equal(load_make(&request, &scope, &load, &why), 0);
}

static void a_row_over_ipv6_whose_values_can_leave_scope_is_refused(void **state)
{
	static const struct {
		struct family_varied varied[FAMILY_VARIED];
		bool leaves;
	} cases[] = {
		{{{FIELD_ICMP_ID, FAMILY_IN_TURN, 0, 65536, NULL}}, false},
		{{{FIELD_IPV6_FLOW, FAMILY_IN_TURN, 0, 1 << 20, NULL}}, false},
		{{{FIELD_IPV6_HOPS, FAMILY_IN_TURN, 0, 256, NULL}}, false},
		{{{FIELD_ICMP_TYPE, FAMILY_IN_TURN, 128, 2, NULL}}, true},
		/* a redirect and a router's advertisement are orders */
		{{{FIELD_ICMP_TYPE, FAMILY_IN_TURN, 137, 1, NULL}}, true},
		{{{FIELD_ICMP_TYPE, FAMILY_IN_TURN, 134, 1, NULL}}, true},
		{{{FIELD_IPV6_TO_LOW, FAMILY_IN_TURN, 2, 2, NULL}}, false}, /* both the device's */
		{{{FIELD_IPV6_TO_LOW, FAMILY_IN_TURN, 3, 2, NULL}}, true},
		{{{FIELD_IPV6_FROM_LOW, FAMILY_IN_TURN, 1, 2, NULL}}, true},
		{{{FIELD_IPV6_NEXT, FAMILY_IN_TURN, 43, 1, NULL}}, true}, /* routing */
		{{{FIELD_IPV6_LENGTH, FAMILY_IN_TURN, 8, 2, NULL}}, true},
		{{{FIELD_ETHERNET_TO, FAMILY_IN_TURN, 0x333300000001, 1, NULL}}, true},
	};
	struct pattern pattern;
	struct frame_ends ends;
	struct link link;
	struct text why;
	size_t i;

	(void)state;
	assert_true(link_over(&link_to, ADDRESS_IPV6, &link));
	ends = link_ends(&link);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct family family = {
			.name = "row",
			.recipe = {.layers = {FRAME_ETHERNET, FRAME_IPV6, FRAME_ICMPV6}}};

		memcpy(family.varied, cases[i].varied, sizeof(family.varied));
		assert_int_equal(pattern_build(&family, &ends, &pattern, &why), 0);
		assert_int_equal(load_prove(&pattern, &scope, &why), cases[i].leaves ? -EACCES : 0);
	}
}

static void a_diverted_load_goes_to_nobody(void **state)
{
	struct storm_request request = asked("arp-request", 0, "tcp-syn", 80);
	struct load load = made(&request);
	uint8_t bytes[FRAME_MAX];
	uint64_t n;

	(void)state;
	load_divert(&load, &link_to);
	for (n = 0; n < 4; n++) {
		struct dissected d = frame_number(&load, n, bytes);

		assert_int_equal(d.to_mac[0] & 3, 2); /* one host's, locally administered */
		assert_memory_not_equal(d.to_mac, link_to.device_mac, 6);
		assert_memory_not_equal(d.to_mac, link_to.source_mac, 6);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_declared_is_not_allowed),
		cmocka_unit_test(families_are_mixed_frame_by_frame),
		cmocka_unit_test(syns_use_every_source_port_in_turn_and_no_sequence_number_twice),
		cmocka_unit_test(every_row_stays_in_scope),
		cmocka_unit_test(a_row_whose_values_can_leave_scope_is_refused),
		cmocka_unit_test(rows_over_ipv6_go_to_the_address_that_answers),
		cmocka_unit_test(ports_are_limited_for_one_version_of_ip_alone),
		cmocka_unit_test_setup(a_row_without_an_address_to_go_to_is_refused, setup),
		cmocka_unit_test(a_row_over_ipv6_whose_values_can_leave_scope_is_refused),
		cmocka_unit_test(a_diverted_load_goes_to_nobody),
	};

	return cmocka_run_group_tests_name("load", tests, setup, NULL);
}
