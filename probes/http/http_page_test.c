/* http_page_test: pages as devices send them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probes/http/http_page.h"
#include <string.h>

static bool same(const char *a, const char *b, const char *path)
{
	return http_same_page(a, strlen(a), b, strlen(b), path);
}

static void tokens_and_times_do_not_make_another_page(void **state)
{
	(void)state;
	assert_true(same("<p>Login</p><input value=a8f3>", "<p>Login</p><input value=77bc>", NULL));
	assert_true(same("Not found: /config", "Not found: /x1", "/config"));
}

static void other_content_is_another_page(void **state)
{
	(void)state;
	assert_false(same("<p>Login</p>", "<p>Valve open</p>", NULL));
	assert_false(same("<p>Login</p>", "<p>Login</p> secret", NULL));
	assert_false(same("42", "43", NULL));
	assert_false(same("", "content", NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens_and_times_do_not_make_another_page),
		cmocka_unit_test(other_content_is_another_page),
	};

	return cmocka_run_group_tests_name("http_page", tests, NULL, NULL);
}
