/* modbus_adu_test: messages made by hand from the specification. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probes/modbus/modbus_adu.h"
#include <string.h>

static void read_request_is_as_specified(void **state)
{
	static const uint8_t expected[] = {0x12, 0x34, 0, 0, 0, 6, 0x11, 0x03, 0, 0x6b, 0, 3};
	const struct modbus_pdu pdu = modbus_read_pdu(0x6b, 3);
	struct modbus_request request = modbus_request_of(0x1234, 0x11, &pdu);

	(void)state;
	assert_int_equal(request.size, sizeof(expected));
	assert_memory_equal(request.bytes, expected, sizeof(expected));
}

static void identify_request_is_as_specified(void **state)
{
	static const uint8_t expected[] = {0, 1, 0, 0, 0, 5, 1, 0x2b, 0x0e, 1, 0};
	const struct modbus_pdu pdu = modbus_identify_pdu();
	struct modbus_request request = modbus_request_of(1, 1, &pdu);

	(void)state;
	assert_int_equal(request.size, sizeof(expected));
	assert_memory_equal(request.bytes, expected, sizeof(expected));
}

static const uint8_t registers[] = {0x12, 0x34, 0, 0, 0, 7, 0x11, 0x03, 4, 2, 0x2b, 0, 0x64};

static void registers_are_read(void **state)
{
	struct modbus_answer answer;
	uint16_t values[2] = {0};

	(void)state;
	assert_int_equal(modbus_answer_read(registers, sizeof(registers), &answer),
			 sizeof(registers));
	assert_int_equal(answer.transaction, 0x1234);
	assert_int_equal(answer.unit, 0x11);
	assert_int_equal(modbus_registers_read(&answer, 2, values), 0);
	assert_int_equal(values[0], 0x022b);
	assert_int_equal(values[1], 0x0064);
	assert_int_equal(modbus_registers_read(&answer, 1, values), -1);
}

static void cut_answer_is_not_yet_whole(void **state)
{
	struct modbus_answer answer;
	size_t size;

	(void)state;
	for (size = 0; size < sizeof(registers); size++) {
		assert_int_equal(modbus_answer_read(registers, size, &answer), 0);
	}
}

static void exception_is_told_from_data(void **state)
{
	static const uint8_t bytes[] = {0, 1, 0, 0, 0, 3, 1, 0x83, 2};
	struct modbus_answer answer;
	uint16_t value;

	(void)state;
	assert_int_equal(modbus_answer_read(bytes, sizeof(bytes), &answer), 9);
	assert_int_equal(answer.function, 3);
	assert_int_equal(answer.exception, 2);
	assert_int_equal(modbus_registers_read(&answer, 1, &value), -1);
}

static void other_protocols_are_garbage(void **state)
{
	struct modbus_answer answer;

	(void)state;
	assert_int_equal(modbus_answer_read("HTTP/1.1 400", 12, &answer), -1);
	assert_int_equal(modbus_answer_read("\0\1\0\0\0\1\1\3", 8, &answer), -1);
	assert_int_equal(modbus_answer_read("\0\1\0\0\xff\xff\1\3", 8, &answer), -1);
}

static void identity_is_joined(void **state)
{
	static const uint8_t bytes[] = {0, 1, 0, 0, 0,   18,  1,   0x2b, 0x0e, 1, 1,   0,
					0, 2, 0, 4, 'A', 'C', 'M', 'E',  1,    2, 'P', '1'};
	struct modbus_answer answer;
	char text[64];

	(void)state;
	assert_int_equal(modbus_answer_read(bytes, sizeof(bytes), &answer), sizeof(bytes));
	assert_int_equal(modbus_identity_read(&answer, text, sizeof(text)), 0);
	assert_string_equal(text, "ACME, P1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read_request_is_as_specified),
		cmocka_unit_test(identify_request_is_as_specified),
		cmocka_unit_test(registers_are_read),
		cmocka_unit_test(cut_answer_is_not_yet_whole),
		cmocka_unit_test(exception_is_told_from_data),
		cmocka_unit_test(other_protocols_are_garbage),
		cmocka_unit_test(identity_is_joined),
	};

	return cmocka_run_group_tests_name("modbus_adu", tests, NULL, NULL);
}
