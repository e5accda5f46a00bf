#define _GNU_SOURCE
/* near_miss_test: each kind, passwords that have none of it, and which devices let them in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "harness/base/text.h"
#include "probes/login/near_miss.h"

static void every_kind_differs_from_the_password(void **state)
{
	static const struct {
		const char *password, *misses[NEAR_COUNT];
	} rows[] = {
		{"Good-pass-1", {"Good-pass-1x", "gOOD-PASS-1", "Good-pass-"}},
		{"short", {"shortx", "SHORT", "shor"}},
		{"x", {"xx", "X", NULL}},
		{"1234", {"1234x", NULL, "123"}},
		{"", {NULL, NULL, NULL}},
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

/* Comparisons of devices with one weakness each; with none, only the password itself is right. */
static bool exact(const char *right, const char *given)
{
	return strcmp(right, given) == 0;
}

static bool ignores_case(const char *right, const char *given)
{
	return strcasecmp(right, given) == 0;
}

/* The caps lock is forgiven, and nothing else. */
static bool swaps_case(const char *right, const char *given)
{
	for (; *right != '\0' && *given != '\0'; right++, given++) {
		if (*given !=
		    (isupper((unsigned char)*right) ? tolower(*right) : toupper(*right))) {
			return false;
		}
	}
	return *right == *given;
}

static bool begins(const char *right, const char *given)
{
	return strncmp(right, given, strlen(right)) == 0;
}

static bool is_begun(const char *right, const char *given)
{
	return given[0] != '\0' && strncmp(right, given, strlen(given)) == 0;
}

static bool first_8(const char *right, const char *given)
{
	return strncmp(right, given, 8) == 0;
}

static bool first_10(const char *right, const char *given)
{
	return strncmp(right, given, 10) == 0;
}

static bool first_11(const char *right, const char *given)
{
	return strncmp(right, given, 11) == 0;
}

static void each_weakness_alone_lets_one_in_and_a_right_device_none(void **state)
{
	static const struct {
		bool (*same)(const char *right, const char *given);
		bool let_in[NEAR_COUNT]; /* longer, other case, shorter */
	} rows[] = {
		{exact, {false, false, false}},       {begins, {true, false, false}},
		{ignores_case, {false, true, false}}, {swaps_case, {false, true, false}},
		{is_begun, {false, false, true}},     {first_8, {true, false, true}},
		{first_10, {true, false, true}},      {first_11, {true, false, false}},
	};
	char out[64];
	size_t i;
	int kind;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		for (kind = 0; kind < NEAR_COUNT; kind++) {
			assert_true(near_miss_of((enum near_miss)kind, "Good-pass-1", out,
						 sizeof(out)));
			assert_int_equal(rows[i].same("Good-pass-1", out), rows[i].let_in[kind]);
		}
	}
}

static void what_does_not_fit_is_none(void **state)
{
	char out[9];

	(void)state;
	assert_false(near_miss_of(NEAR_LONGER, "12345678", out, sizeof(out)));
	assert_true(near_miss_of(NEAR_LONGER, "1234567", out, sizeof(out)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_differs_from_the_password),
		cmocka_unit_test(each_weakness_alone_lets_one_in_and_a_right_device_none),
		cmocka_unit_test(what_does_not_fit_is_none),
	};

	return cmocka_run_group_tests_name("near_miss", tests, NULL, NULL);
}
