/* neighbour_test: what is asked, and what is taken for an answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/frame/dissect.h"
#include "harness/gate/neighbour.h"
#include <string.h>

static struct link link_of_two(void)
{
	struct link link = {.interface = "t0",
			    .source_mac = {2, 0, 0, 0, 0, 1},
			    .device_count = 2,
			    .source_count = 2};

	link.devices[0].address = address_of("10.99.0.2");
	link.devices[1].address = address_of("fd00:99::12:3456");
	link.sources[0] = (struct source){"main", address_of("10.99.0.1")};
	link.sources[1] = (struct source){"main", address_of("fd00:99::1")};
	return link;
}

static void ipv4_is_asked_for_by_arp(void **state)
{
	struct link link = link_of_two();
	struct frame frame;
	struct dissected d;
	struct text why;

	(void)state;
	assert_int_equal(neighbour_ask(&link, &link.devices[0].address, &frame, &why), 0);
	assert_int_equal(dissect(frame.bytes, frame.size, &d), 0);
	assert_int_equal(d.network, FRAME_ARP);
	assert_int_equal(d.operation, 1);
	assert_string_equal(mac_text(d.to_mac).s, "ff:ff:ff:ff:ff:ff");
	assert_string_equal(address_text(&d.from).s, "10.99.0.1");
	assert_string_equal(address_text(&d.to).s, "10.99.0.2");
}

static void ipv6_is_asked_for_at_its_solicited_node_group(void **state)
{
	static const uint8_t option[8] = {1, 1, 2, 0, 0, 0, 0, 1};
	struct link link = link_of_two();
	struct frame frame;
	struct dissected d;
	struct text why;

	(void)state;
	assert_int_equal(neighbour_ask(&link, &link.devices[1].address, &frame, &why), 0);
	assert_int_equal(dissect(frame.bytes, frame.size, &d), 0);
	assert_int_equal(d.transport, FRAME_ICMPV6);
	assert_int_equal(d.type, 135);
	assert_int_equal(d.hops, 255);
	assert_string_equal(mac_text(d.to_mac).s, "33:33:ff:12:34:56");
	assert_string_equal(address_text(&d.to).s, "ff02::1:ff12:3456");
	assert_string_equal(address_text(&d.from).s, "fd00:99::1");
	assert_memory_equal(d.payload.at, link.devices[1].address.bytes, 16);
	assert_memory_equal(d.payload.at + 16, option, 8);
}

/* An advertisement for the target, of 86 bytes with its option. */
static struct frame advertisement(const char *target, const uint8_t option[8], unsigned hops)
{
	uint8_t payload[24];
	struct frame_recipe recipe = {.layers = {FRAME_ETHERNET, FRAME_IPV6, FRAME_ICMPV6},
				      .values = {{FIELD_ICMP_TYPE, 136}, {FIELD_IPV6_HOPS, hops}},
				      .payload = payload,
				      .payload_size = sizeof(payload)};
	struct frame_ends ends = {.from_mac = {2, 0, 0, 0, 0, 2}, .to_mac = {2, 0, 0, 0, 0, 1}};
	struct address address = address_of(target);
	struct frame frame;
	struct text why;

	ends.from = address_of("fd00:99::12:3456");
	ends.to = address_of("fd00:99::1");
	memcpy(payload, address.bytes, 16);
	memcpy(payload + 16, option, 8);
	assert_int_equal(frame_build(&recipe, &ends, &frame, &why), 0);
	return frame;
}

static void an_advertisement_names_the_mac_address(void **state)
{
	static const struct {
		const char *target;
		uint8_t option[8];
		unsigned hops;
		int which;
		const char *mac;
	} rows[] = {
		{"fd00:99::12:3456", {2, 1, 2, 0, 0, 0, 0, 9}, 255, 1, "02:00:00:00:00:09"},
		/* without the option: who sent it */
		{"fd00:99::12:3456", {14, 1, 9, 9, 9, 9, 9, 9}, 255, 1, "02:00:00:00:00:02"},
		/* of somebody else */
		{"fd00:99::77", {2, 1, 2, 0, 0, 0, 0, 9}, 255, -1, NULL},
		/* from beyond the link */
		{"fd00:99::12:3456", {2, 1, 2, 0, 0, 0, 0, 9}, 254, -1, NULL},
		/* an option without a length never ends */
		{"fd00:99::12:3456", {2, 0, 2, 0, 0, 0, 0, 9}, 255, -1, NULL},
	};
	struct link link = link_of_two();
	uint8_t mac[6];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct frame frame = advertisement(rows[i].target, rows[i].option, rows[i].hops);

		assert_int_equal(neighbour_read(&link, frame.bytes, frame.size, mac),
				 rows[i].which);
		if (rows[i].which >= 0) {
			assert_string_equal(mac_text(mac).s, rows[i].mac);
		}
	}
}

static void a_cut_advertisement_says_nothing(void **state)
{
	static const uint8_t option[8] = {2, 1, 2, 0, 0, 0, 0, 9};
	struct frame frame = advertisement("fd00:99::12:3456", option, 255);
	struct link link = link_of_two();
	uint8_t mac[6];
	size_t size;

	(void)state;
	for (size = 0; size < 14 + 40 + 8 + 16; size++) {
		assert_int_equal(neighbour_read(&link, frame.bytes, size, mac), -1);
	}
}

static void arp_that_speaks_for_the_device_is_read(void **state)
{
	static const uint8_t arp[42] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,  0,  0, 0, 0,
					7,    8,    6,    0,    1,    8,    0,  6,  4, 0, 1,
					2,    0,    0,    0,    0,    7,    10, 99, 0, 2, 0,
					0,    0,    0,    0,    0,    10,   99, 0,  2};
	struct link link = link_of_two();
	uint8_t mac[6];

	(void)state;
	assert_int_equal(neighbour_read(&link, arp, sizeof(arp), mac), 0);
	assert_string_equal(mac_text(mac).s, "02:00:00:00:00:07");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4_is_asked_for_by_arp),
		cmocka_unit_test(ipv6_is_asked_for_at_its_solicited_node_group),
		cmocka_unit_test(an_advertisement_names_the_mac_address),
		cmocka_unit_test(a_cut_advertisement_says_nothing),
		cmocka_unit_test(arp_that_speaks_for_the_device_is_read),
	};

	return cmocka_run_group_tests_name("neighbour", tests, NULL, NULL);
}
