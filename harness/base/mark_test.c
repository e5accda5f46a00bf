/* mark_test: marks tell one thing from another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base/mark.h"
#include <string.h>

static void two_marks_differ(void **state)
{
	uint8_t one[16], other[16];

	(void)state;
	mark_fill(one, sizeof(one));
	mark_fill(other, sizeof(other));
	assert_memory_not_equal(one, other, sizeof(one));
}

static void nothing_beyond_the_mark_is_written(void **state)
{
	uint8_t bytes[12], rest[4];

	(void)state;
	memset(bytes, 0x5A, sizeof(bytes));
	memset(rest, 0x5A, sizeof(rest));
	mark_fill(bytes, 8);
	assert_memory_equal(bytes + 8, rest, sizeof(rest));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_marks_differ),
		cmocka_unit_test(nothing_beyond_the_mark_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
