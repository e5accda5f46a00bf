/* bytes_test: no read beyond the end, no write beyond the room, and errors that
 * stay. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base/bytes.h"

#include <string.h>

#include "harness/banned.h"

static void numbers_are_read_in_network_order(void **state)
{
	static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 0x34, 0x12};
	struct reader r = reader_of(bytes, sizeof(bytes));

	(void)state;
	assert_int_equal(reader_u8(&r), 1);
	assert_int_equal(reader_be16(&r), 0x0203);
	assert_int_equal(reader_be24(&r), 0x040506);
	assert_int_equal(reader_be32(&r), 0x07080900);
	reader_skip(&r, 6);
	assert_int_equal(reader_le16(&r), 0x1234);
	assert_int_equal(reader_left(&r), 0);
	assert_true(reader_ok(&r));
}

static void eight_bytes_make_one_number(void **state)
{
	static const uint8_t bytes[] = {0xff, 0, 0, 0, 0, 0, 0, 1};
	struct reader r = reader_of(bytes, sizeof(bytes));

	(void)state;
	assert_true(reader_be64(&r) == 0xff00000000000001ULL);
	assert_true(reader_ok(&r));
}

static void reading_beyond_the_end_fails_and_stays_failed(void **state)
{
	static const uint8_t bytes[] = {1, 2, 3};
	struct reader r = reader_of(bytes, sizeof(bytes));

	(void)state;
	assert_int_equal(reader_be32(&r), 0);
	assert_false(reader_ok(&r));
	/* one byte would have been there: a failed reader gives nothing */
	assert_int_equal(reader_u8(&r), 0);
	assert_null(reader_bytes(&r, 0));
	assert_int_equal(reader_left(&r), 0);
}

static void huge_lengths_do_not_wrap(void **state)
{
	static const uint8_t bytes[] = {1, 2, 3};
	struct reader r = reader_of(bytes, sizeof(bytes));

	(void)state;
	assert_null(reader_bytes(&r, SIZE_MAX));
	assert_false(reader_ok(&r));
}

static void part_of_a_reader_ends_where_it_should(void **state)
{
	static const uint8_t bytes[] = {1, 2, 3, 4};
	struct reader r = reader_of(bytes, sizeof(bytes)), sub;

	(void)state;
	sub = reader_sub(&r, 2);
	assert_int_equal(reader_be16(&sub), 0x0102);
	assert_int_equal(reader_u8(&sub), 0);
	assert_false(reader_ok(&sub));
	assert_true(reader_ok(&r));
	assert_int_equal(reader_u8(&r), 3);
	sub = reader_sub(&r, 9);
	assert_false(reader_ok(&sub));
	assert_false(reader_ok(&r));
}

static void nothing_reads_as_an_empty_reader(void **state)
{
	struct reader r = reader_of(NULL, 5);

	(void)state;
	assert_int_equal(reader_left(&r), 0);
	assert_int_equal(reader_u8(&r), 0);
	assert_false(reader_ok(&r));
}

static void blocks_carry_the_length_of_what_they_hold(void **state)
{
	static const uint8_t expected[] = {7, 0, 5, 1, 2, 3, 0xab, 4, 0, 0, 9, 9};
	uint8_t storage[32];
	struct writer w = writer_of(storage, sizeof(storage));
	size_t outer;

	(void)state;
	writer_u8(&w, 7);
	outer = writer_begin(&w, 2);
	writer_be24(&w, 0x010203);
	writer_be16(&w, 0xab04);
	writer_end(&w, outer, 2);
	writer_be32(&w, 0x0909);
	assert_true(writer_ok(&w));
	assert_int_equal(w.size, sizeof(expected));
	assert_memory_equal(storage, expected, sizeof(expected));
}

static void what_does_not_fit_fails_and_writes_nothing(void **state)
{
	uint8_t storage[4] = {9, 9, 9, 9};
	struct writer w = writer_of(storage, 3);

	(void)state;
	writer_be16(&w, 0x0102);
	writer_be16(&w, 0x0304);
	assert_false(writer_ok(&w));
	writer_u8(&w, 5);
	assert_int_equal(w.size, 2);
	assert_int_equal(storage[2], 9);
	assert_int_equal(storage[3], 9);
}

static void block_too_long_for_its_length_fails(void **state)
{
	uint8_t storage[400];
	struct writer w = writer_of(storage, sizeof(storage));
	uint8_t block[256] = {0};
	size_t mark = writer_begin(&w, 1);

	(void)state;
	writer_bytes(&w, block, sizeof(block));
	writer_end(&w, mark, 1);
	assert_false(writer_ok(&w));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_read_in_network_order),
		cmocka_unit_test(eight_bytes_make_one_number),
		cmocka_unit_test(reading_beyond_the_end_fails_and_stays_failed),
		cmocka_unit_test(huge_lengths_do_not_wrap),
		cmocka_unit_test(part_of_a_reader_ends_where_it_should),
		cmocka_unit_test(nothing_reads_as_an_empty_reader),
		cmocka_unit_test(blocks_carry_the_length_of_what_they_hold),
		cmocka_unit_test(what_does_not_fit_fails_and_writes_nothing),
		cmocka_unit_test(block_too_long_for_its_length_fails),
	};

	return cmocka_run_group_tests_name("bytes", tests, NULL, NULL);
}
