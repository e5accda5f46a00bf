#define _GNU_SOURCE
/* login_course_test: how the list of delivered passwords is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/run/test_run.h"
#include "probes/login/login_course.h"

static void pairs_are_taken_in_order(void **state)
{
	const char *at = "admin:admin, root:root\nguest:";
	char user[64], password[64];

	(void)state;
	assert_true(login_pair_next(&at, user, password));
	assert_string_equal(user, "admin");
	assert_string_equal(password, "admin");
	assert_true(login_pair_next(&at, user, password));
	assert_string_equal(user, "root");
	assert_true(login_pair_next(&at, user, password));
	assert_string_equal(user, "guest");
	assert_string_equal(password, "");
	assert_false(login_pair_next(&at, user, password));
}

static void words_without_a_colon_are_left_out(void **state)
{
	const char *at = "admin :x a:b:c";
	char user[64], password[64];

	(void)state;
	assert_true(login_pair_next(&at, user, password));
	assert_string_equal(user, "a");
	assert_string_equal(password, "b:c");
	assert_false(login_pair_next(&at, user, password));
}

static void empty_list_has_no_pair(void **state)
{
	const char *at = "";
	char user[64], password[64];

	(void)state;
	assert_false(login_pair_next(&at, user, password));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_are_taken_in_order),
		cmocka_unit_test(words_without_a_colon_are_left_out),
		cmocka_unit_test(empty_list_has_no_pair),
	};

	return cmocka_run_group_tests_name("login_course", tests, NULL, NULL);
}
