/* http_page_test: pages as devices send them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probes/http/http_page.h"
#include <string.h>

static bool asks(const char *page)
{
	return http_asks_password(page, strlen(page));
}

static bool same(const char *a, const char *b, const char *path)
{
	return http_same_page(a, strlen(a), b, strlen(b), path);
}

static void password_field_is_found_however_it_is_written(void **state)
{
	(void)state;
	assert_true(asks("<form><input type=\"password\" name=p></form>"));
	assert_true(asks("<INPUT name='p' TYPE = 'Password'>"));
	assert_true(asks("<input type=password>"));
}

static void word_password_alone_is_no_field(void **state)
{
	(void)state;
	assert_false(asks("<p>type=password in a sentence</p>"));
	assert_false(asks("<input type=text name=password>"));
	assert_false(asks("<input typ"));
	assert_false(asks(""));
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
		cmocka_unit_test(password_field_is_found_however_it_is_written),
		cmocka_unit_test(word_password_alone_is_no_field),
		cmocka_unit_test(tokens_and_times_do_not_make_another_page),
		cmocka_unit_test(other_content_is_another_page),
	};

	return cmocka_run_group_tests_name("http_page", tests, NULL, NULL);
}
