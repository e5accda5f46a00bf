/* icmp_frame_test: the request as a receiver checks it; replies made by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probes/monitors/icmp_frame.h"
#include <string.h>

static struct wire_facts facts;
static struct icmp_echo echo;

static int setup(void **state)
{
	struct text why;

	(void)state;
	facts.source = address_of("10.0.0.1");
	facts.device = address_of("10.0.0.2");
	return icmp_echo_build(&echo, &facts, 0x4142, 7, &why);
}

static void reply_frame(uint8_t *ret)
{
	memcpy(ret, echo.bytes, ICMP_ECHO_SIZE);
	memcpy(ret + 26, echo.bytes + 30, 4);
	memcpy(ret + 30, echo.bytes + 26, 4);
	ret[34] = 0;
}

static void request_has_a_right_checksum(void **state)
{
	unsigned sum = 0;
	size_t i;

	(void)state;
	for (i = 34; i < ICMP_ECHO_SIZE; i += 2) {
		sum += (unsigned)(echo.bytes[i] << 8 | echo.bytes[i + 1]);
	}
	sum = (sum & 0xffff) + (sum >> 16);
	assert_int_equal(sum, 0xffff);
	assert_int_equal(echo.bytes[34], 8);
}

static void reply_matches(void **state)
{
	uint8_t frame[ICMP_ECHO_SIZE];

	(void)state;
	reply_frame(frame);
	assert_true(icmp_reply_matches(&echo, &facts, frame, sizeof(frame)));
}

static void reply_to_an_older_request_does_not_match(void **state)
{
	uint8_t frame[ICMP_ECHO_SIZE];

	(void)state;
	reply_frame(frame);
	frame[41] = 6;
	assert_false(icmp_reply_matches(&echo, &facts, frame, sizeof(frame)));
}

static void request_itself_does_not_match(void **state)
{
	(void)state;
	assert_false(icmp_reply_matches(&echo, &facts, echo.bytes, ICMP_ECHO_SIZE));
}

static void cut_reply_does_not_match(void **state)
{
	uint8_t frame[ICMP_ECHO_SIZE];
	size_t size;

	(void)state;
	reply_frame(frame);
	for (size = 0; size < 42; size++) {
		assert_false(icmp_reply_matches(&echo, &facts, frame, size));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_has_a_right_checksum),
		cmocka_unit_test(reply_matches),
		cmocka_unit_test(reply_to_an_older_request_does_not_match),
		cmocka_unit_test(request_itself_does_not_match),
		cmocka_unit_test(cut_reply_does_not_match),
	};

	return cmocka_run_group_tests_name("icmp_frame", tests, setup, NULL);
}
