/* dissect_test: frames that frame.c built, read back; cut at every byte; and
 * what is not sound. */
#include "harness/frame/dissect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static const uint8_t data[5] = {1, 2, 3, 4, 5};

static struct frame built(const char *from, const char *to, struct frame_recipe recipe)
{
	struct frame_ends ends = {.from_mac = {2, 0, 0, 0, 0, 1},
				  .to_mac = {2, 0, 0, 0, 0, 2},
				  .from = address_of(from),
				  .to = address_of(to),
				  .from_port = 1000,
				  .to_port = 2000};
	struct frame frame;
	struct text why;

	if (frame_build(&recipe, &ends, &frame, &why) != 0) {
		fail_msg("%s", why.s);
	}
	return frame;
}

static struct dissected read_back(const struct frame *frame)
{
	struct dissected d;

	assert_int_equal(dissect(frame->bytes, frame->size, &d), 0);
	return d;
}

static void assert_ends(const struct dissected *d, const char *from, const char *to)
{
	struct address a = address_of(from), b = address_of(to);

	assert_true(address_equal(&d->from, &a));
	assert_true(address_equal(&d->to, &b));
}

static void tcp_is_read_over_both_families(void **state)
{
	static const char *const pairs[][2] = {{"10.0.0.1", "10.0.0.2"}, {"fd00::1", "fd00::2"}};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		struct frame frame = built(
			pairs[i][0], pairs[i][1],
			(struct frame_recipe){.layers = {FRAME_ETHERNET, FRAME_IP, FRAME_TCP},
					      .values = {{FIELD_TCP_SEQUENCE, 0xfedcba98},
							 {FIELD_TCP_ACKNOWLEDGEMENT, 7},
							 {FIELD_TCP_FLAGS, TCP_SYN | TCP_ACK}},
					      .payload = data,
					      .payload_size = sizeof(data)});
		struct dissected d = read_back(&frame);

		assert_ends(&d, pairs[i][0], pairs[i][1]);
		assert_int_equal(d.transport, FRAME_TCP);
		assert_int_equal(d.from_port, 1000);
		assert_int_equal(d.to_port, 2000);
		assert_int_equal(d.sequence, 0xfedcba98);
		assert_int_equal(d.acknowledgement, 7);
		assert_int_equal(d.flags, TCP_SYN | TCP_ACK);
		assert_int_equal(d.window, 1024);
		assert_int_equal(reader_left(&d.payload), sizeof(data));
		assert_memory_equal(d.payload.at, data, sizeof(data));
	}
}

static void udp_is_read_behind_extension_headers(void **state)
{
	struct frame frame =
		built("fd00::1", "fd00::2",
		      (struct frame_recipe){.layers = {FRAME_ETHERNET, FRAME_IP, FRAME_HOP_OPTIONS,
						       FRAME_FRAGMENT, FRAME_UDP}});
	struct dissected d = read_back(&frame);

	(void)state;
	assert_int_equal(d.transport, FRAME_UDP);
	assert_int_equal(d.to_port, 2000);
	assert_false(d.later_fragment);
}

static void echoes_are_read_in_their_own_family_alone(void **state)
{
	struct frame_recipe echo = {.layers = {FRAME_ETHERNET, FRAME_IP, FRAME_ECHO},
				    .values = {{FIELD_ICMP_ID, 0x4142}, {FIELD_ICMP_NUMBER, 9}}};
	struct frame four = built("10.0.0.1", "10.0.0.2", echo);
	struct frame six = built("fd00::1", "fd00::2", echo);
	struct dissected d = read_back(&four);

	(void)state;
	assert_int_equal(d.transport, FRAME_ICMP);
	assert_int_equal(d.type, 8);
	assert_int_equal(d.id, 0x4142);
	assert_int_equal(d.number, 9);
	d = read_back(&six);
	assert_int_equal(d.transport, FRAME_ICMPV6);
	assert_int_equal(d.type, 128);
	assert_int_equal(d.number, 9);
	frame_set(&four, FIELD_IPV4_PROTOCOL, 58);
	assert_int_equal(read_back(&four).transport, FRAME_END);
}

static void arp_is_read(void **state)
{
	struct frame frame = built("10.0.0.1", "10.0.0.2",
				   (struct frame_recipe){.layers = {FRAME_ETHERNET, FRAME_ARP}});
	struct dissected d = read_back(&frame);

	(void)state;
	assert_ends(&d, "10.0.0.1", "10.0.0.2");
	assert_int_equal(d.network, FRAME_ARP);
	assert_int_equal(d.operation, 1);
	assert_int_equal(d.sender_mac[5], 1);
}

static void later_fragments_have_no_transport(void **state)
{
	struct frame four =
		built("10.0.0.1", "10.0.0.2",
		      (struct frame_recipe){.layers = {FRAME_ETHERNET, FRAME_IP, FRAME_UDP},
					    .values = {{FIELD_IPV4_OFFSET, 1}}});
	struct frame six = built("fd00::1", "fd00::2",
				 (struct frame_recipe){.layers = {FRAME_ETHERNET, FRAME_IP,
								  FRAME_FRAGMENT, FRAME_UDP},
						       .values = {{FIELD_FRAGMENT_OFFSET, 1}}});
	struct dissected d = read_back(&four);

	(void)state;
	assert_true(d.later_fragment);
	assert_int_equal(d.transport, FRAME_END);
	d = read_back(&six);
	assert_true(d.later_fragment);
	assert_int_equal(d.transport, FRAME_END);
}

static void a_frame_cut_within_its_headers_is_not_read(void **state)
{
	static const struct frame_recipe recipes[] = {
		{.layers = {FRAME_ETHERNET, FRAME_IP, FRAME_TCP}},
		{.layers = {FRAME_ETHERNET, FRAME_IP, FRAME_UDP}},
		{.layers = {FRAME_ETHERNET, FRAME_IP, FRAME_ECHO}},
	};
	size_t size, i;

	(void)state;
	for (i = 0; i < 2 * ARRAY_SIZE(recipes); i++) {
		struct frame frame = built(i % 2 == 0 ? "10.0.0.1" : "fd00::1",
					   i % 2 == 0 ? "10.0.0.2" : "fd00::2", recipes[i / 2]);
		struct dissected d = {.ethertype = 1};

		for (size = 0; size < frame.size; size++) {
			assert_int_equal(dissect(frame.bytes, size, &d), -1);
			assert_int_equal(d.ethertype, 1);
		}
		assert_int_equal(dissect(frame.bytes, frame.size, &d), 0);
	}
}

static void padding_behind_the_packet_is_no_payload(void **state)
{
	struct frame frame =
		built("10.0.0.1", "10.0.0.2",
		      (struct frame_recipe){.layers = {FRAME_ETHERNET, FRAME_IP, FRAME_UDP}});
	struct dissected d;

	(void)state;
	assert_int_equal(dissect(frame.bytes, 60, &d), 0);
	assert_int_equal(reader_left(&d.payload), 0);
}

static void headers_that_contradict_themselves_are_not_read(void **state)
{
	static const struct frame_value values[] = {
		{FIELD_IPV4_HEADER_WORDS, 4},
		{FIELD_IPV4_VERSION, 5},
		{FIELD_IPV4_LENGTH, 19},
		{FIELD_TCP_HEADER_WORDS, 4},
	};
	struct dissected d;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(values); i++) {
		struct frame frame =
			built("10.0.0.1", "10.0.0.2",
			      (struct frame_recipe){.layers = {FRAME_ETHERNET, FRAME_IP, FRAME_TCP},
						    .values = {values[i]}});

		assert_int_equal(dissect(frame.bytes, frame.size, &d), -1);
	}
}

static void another_ethertype_is_payload(void **state)
{
	struct frame frame = built("10.0.0.1", "10.0.0.2",
				   (struct frame_recipe){.layers = {FRAME_ETHERNET},
							 .values = {{FIELD_ETHERNET_TYPE, 0x88cc}},
							 .payload = data,
							 .payload_size = sizeof(data)});
	struct dissected d = read_back(&frame);

	(void)state;
	assert_int_equal(d.ethertype, 0x88cc);
	assert_int_equal(d.network, FRAME_END);
	assert_int_equal(reader_left(&d.payload), sizeof(data));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tcp_is_read_over_both_families),
		cmocka_unit_test(udp_is_read_behind_extension_headers),
		cmocka_unit_test(echoes_are_read_in_their_own_family_alone),
		cmocka_unit_test(arp_is_read),
		cmocka_unit_test(later_fragments_have_no_transport),
		cmocka_unit_test(a_frame_cut_within_its_headers_is_not_read),
		cmocka_unit_test(padding_behind_the_packet_is_no_payload),
		cmocka_unit_test(headers_that_contradict_themselves_are_not_read),
		cmocka_unit_test(another_ethertype_is_payload),
	};

	return cmocka_run_group_tests_name("dissect", tests, NULL, NULL);
}
