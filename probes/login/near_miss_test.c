#define _GNU_SOURCE
/* near_miss_test: each kind, and passwords that have none of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base/text.h"
#include "probes/login/near_miss.h"

static void every_kind_differs_from_the_password(void **state)
{
	static const struct {
		const char *password, *misses[NEAR_COUNT];
	} rows[] = {
		{"Good-pass-1", {"Good-pas-Zq7", "Good-pass-1x", "Good-pass-", "gOOD-PASS-1"}},
		{"short", {"short-Zq7", "shortx", "shor", "SHORT"}},
		{"x", {"x-Zq7", "xx", NULL, "X"}},
		{"1234", {"1234-Zq7", "1234x", "123", NULL}},
		{"abcdefgh-Zq7", {NULL, "abcdefgh-Zq7x", "abcdefgh-Zq", "ABCDEFGH-zQ7"}},
		{"", {NULL, NULL, NULL, NULL}},
	};
	char out[64];
	size_t i;
	int kind;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		for (kind = 0; kind < NEAR_COUNT; kind++) {
			const char *wanted = rows[i].misses[kind];

			assert_int_equal(near_miss_of((enum near_miss)kind, rows[i].password, out,
						      sizeof(out)),
					 wanted != NULL);
			if (wanted != NULL) {
				assert_string_equal(out, wanted);
			}
		}
	}
}

static void what_does_not_fit_is_none(void **state)
{
	char out[12];

	(void)state;
	assert_false(near_miss_of(NEAR_LONGER, "12345678", out, sizeof(out)));
	assert_true(near_miss_of(NEAR_LONGER, "1234567", out, sizeof(out)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_differs_from_the_password),
		cmocka_unit_test(what_does_not_fit_is_none),
	};

	return cmocka_run_group_tests_name("near_miss", tests, NULL, NULL);
}
