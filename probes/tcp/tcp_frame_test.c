/* tcp_frame_test: the SYN as a receiver checks it, and answers made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probes/tcp/tcp_frame.h"
#include <arpa/inet.h>
#include <string.h>

enum { SYN_SIZE = 74 }; /* Ethernet 14, IPv4 20, TCP 20, options 20 */

static struct tcp_syn syn;

static int setup(void **state)
{
	struct wire_facts facts = {
		.source_mac = {2, 0, 0, 0, 0, 1}, .device_mac = {2, 0, 0, 0, 0, 2}, .port = 40000};
	struct text why;

	(void)state;
	facts.source = address_of("10.0.0.1");
	facts.device = address_of("10.0.0.2");
	return tcp_syn_build(&syn, &facts, 0x1234abcd, &why) != 0 || syn.frame.size != SYN_SIZE;
}

/* RFC 1071, the receiver's way: the sum over everything is 0xffff. */
static unsigned checked_sum(const uint8_t *at, size_t size, unsigned start)
{
	unsigned sum = start;
	size_t i;

	for (i = 0; i < size; i += 2) {
		sum += (unsigned)(at[i] << 8 | at[i + 1]);
	}
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

/* Turns our SYN to port into the device's answer. */
static void answer_frame(uint8_t *ret, uint16_t port, uint8_t flags)
{
	uint32_t sequence;

	tcp_syn_aim(&syn, port);
	memcpy(ret, syn.frame.bytes, SYN_SIZE);
	memcpy(ret, syn.frame.bytes + 6, 6);
	memcpy(ret + 6, syn.frame.bytes, 6);
	memcpy(ret + 26, syn.frame.bytes + 30, 4);
	memcpy(ret + 30, syn.frame.bytes + 26, 4);
	memcpy(ret + 34, syn.frame.bytes + 36, 2);
	memcpy(ret + 36, syn.frame.bytes + 34, 2);
	memcpy(&sequence, syn.frame.bytes + 38, 4);
	sequence = htonl(ntohl(sequence) + 1);
	memcpy(ret + 42, &sequence, 4);
	ret[47] = flags;
}

static void checksums_are_right_for_every_port(void **state)
{
	unsigned port;

	(void)state;
	for (port = 0; port < 65536; port++) {
		const uint8_t *f = syn.frame.bytes;

		tcp_syn_aim(&syn, (uint16_t)port);
		assert_int_equal(checked_sum(f + 34, 40, checked_sum(f + 26, 8, 6 + 40)), 0xffff);
		assert_int_equal(f[36] << 8 | f[37], (int)port);
	}
	assert_int_equal(checked_sum(syn.frame.bytes + 14, 20, 0), 0xffff);
}

static void syn_ack_says_open(void **state)
{
	uint8_t frame[SYN_SIZE];
	uint16_t port = 0;

	(void)state;
	answer_frame(frame, 443, 0x12);
	assert_int_equal(tcp_answer_read(&syn, frame, sizeof(frame), &port), TCP_ANSWER_OPEN);
	assert_int_equal(port, 443);
}

static void rst_ack_says_closed(void **state)
{
	uint8_t frame[SYN_SIZE];
	uint16_t port = 1;

	(void)state;
	answer_frame(frame, 0, 0x14);
	assert_int_equal(tcp_answer_read(&syn, frame, sizeof(frame), &port), TCP_ANSWER_CLOSED);
	assert_int_equal(port, 0);
}

static void wrong_cookie_is_no_answer(void **state)
{
	uint8_t frame[SYN_SIZE];
	uint16_t port = 0;

	(void)state;
	answer_frame(frame, 443, 0x12);
	frame[35] = (uint8_t)(frame[35] + 1); /* speaks for another port */
	assert_int_equal(tcp_answer_read(&syn, frame, sizeof(frame), &port), TCP_ANSWER_NONE);
}

static void other_hosts_are_no_answer(void **state)
{
	uint8_t frame[SYN_SIZE];
	uint16_t port = 0;

	(void)state;
	answer_frame(frame, 443, 0x12);
	frame[29] = 9;
	assert_int_equal(tcp_answer_read(&syn, frame, sizeof(frame), &port), TCP_ANSWER_NONE);
}

static void our_own_syn_is_no_answer(void **state)
{
	uint16_t port = 0;

	(void)state;
	tcp_syn_aim(&syn, 443);
	assert_int_equal(tcp_answer_read(&syn, syn.frame.bytes, syn.frame.size, &port),
			 TCP_ANSWER_NONE);
}

static void segment_of_no_connection_is_no_syn(void **state)
{
	struct frame ack;

	(void)state;
	tcp_syn_make_ack(&syn, 502, &ack);
	assert_int_equal(ack.size, SYN_SIZE);
	assert_int_equal(ack.bytes[36] << 8 | ack.bytes[37], 502);
	assert_int_equal(ack.bytes[47], 0x10);
	assert_int_equal(checked_sum(ack.bytes + 34, 40, checked_sum(ack.bytes + 26, 8, 6 + 40)),
			 0xffff);
}

static void frame_cut_anywhere_is_no_answer(void **state)
{
	uint8_t frame[SYN_SIZE];
	uint16_t port = 0;
	size_t size;

	(void)state;
	answer_frame(frame, 443, 0x12);
	for (size = 0; size < sizeof(frame); size++) {
		assert_int_equal(tcp_answer_read(&syn, frame, size, &port), TCP_ANSWER_NONE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checksums_are_right_for_every_port),
		cmocka_unit_test(syn_ack_says_open),
		cmocka_unit_test(rst_ack_says_closed),
		cmocka_unit_test(wrong_cookie_is_no_answer),
		cmocka_unit_test(other_hosts_are_no_answer),
		cmocka_unit_test(our_own_syn_is_no_answer),
		cmocka_unit_test(segment_of_no_connection_is_no_syn),
		cmocka_unit_test(frame_cut_anywhere_is_no_answer),
	};

	return cmocka_run_group_tests_name("tcp_frame", tests, setup, NULL);
}
