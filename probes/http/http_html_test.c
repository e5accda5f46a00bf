/* http_html_test: pages as devices send them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probes/http/http_html.h"

#include <stdio.h>
#include <string.h>

static struct arena *arena;

static struct html read_page(const char *page)
{
	struct html html;

	html_read(&html, arena, page, strlen(page), NULL);
	return html;
}

static void assert_passwords(const char *page, size_t count)
{
	assert_int_equal(read_page(page).passwords, count);
}

static void password_field_is_found_however_it_is_written(void **state)
{
	(void)state;
	assert_passwords("<form><input type=\"password\" name=p></form>", 1);
	assert_passwords("<INPUT name='p' TYPE = 'Password'>", 1);
	assert_passwords("<input type=password>", 1);
	assert_passwords("<input value=\">\" name=p type=password>", 1);
}

static void word_password_alone_is_no_field(void **state)
{
	(void)state;
	assert_passwords("<p>type=password in a sentence</p>", 0);
	assert_passwords("<input type=text name=password>", 0);
	assert_passwords("<!-- <input type=password> -->", 0);
	assert_passwords("<script>x = '<input type=password>';</script>", 0);
	assert_passwords("<input typ", 0);
	assert_passwords("", 0);
}

static void page_in_utf_16_is_read(void **state)
{
	static const char text[] = "<form><input type=password></form>valve";
	char page[2 + 2 * sizeof(text)];
	struct html html;
	size_t i, size = 0;

	(void)state;
	for (i = 0; text[i] != '\0'; i++) {
		page[size++] = text[i];
		page[size++] = '\0';
	}
	html_read(&html, arena, page, size, "utf-16le");
	assert_int_equal(html.passwords, 1);
	assert_string_equal(html.text, "valve");
	memmove(page + 2, page, size);
	memcpy(page, "\xff\xfe", 2);
	html_read(&html, arena, page, size + 2, NULL);
	assert_int_equal(html.passwords, 1);
}

static void form_is_taken_with_what_a_browser_would_send(void **state)
{
	const struct html html = read_page(
		"<form method=post action='/do?x=1&amp;y=2'><input name=u><input type=password "
		"name=p><input type=hidden name=csrf value='a&amp;b'><input type=checkbox name=keep "
		"checked><input type=checkbox name=no><select name=lang><option value=en>E<option "
		"value=de selected>D</select><button name=go value=in>Go</button></form>");
	const struct html_form *form = &html.forms[0];

	(void)state;
	assert_int_equal(html.form_count, 1);
	assert_string_equal(form->action, "/do?x=1&y=2");
	assert_true(form->post);
	assert_int_equal(form->field_count, 7);
	assert_int_equal(form->passwords, 1);
	assert_string_equal(html_field_find(form, "csrf")->value, "a&b");
	assert_int_equal(html_field_find(form, "csrf")->kind, HTML_HIDDEN);
	assert_true(html_field_find(form, "keep")->checked);
	assert_string_equal(html_field_find(form, "keep")->value, "on");
	assert_false(html_field_find(form, "no")->checked);
	assert_string_equal(html_field_find(form, "lang")->value, "de");
	assert_int_equal(html_field_find(form, "go")->kind, HTML_SUBMIT);
	assert_null(html_field_find(form, "nothing"));
}

static void one_time_code_is_known(void **state)
{
	const struct html html = read_page("<form><input name=x autocomplete=one-time-code>"
					   "<input name=otp_code><input name=pin></form>");

	(void)state;
	assert_int_equal(html.forms[0].fields[0].kind, HTML_CODE);
	assert_int_equal(html.forms[0].fields[1].kind, HTML_CODE);
	assert_int_equal(html.forms[0].fields[2].kind, HTML_TEXT);
}

static void links_and_visible_text_are_taken(void **state)
{
	const struct html html = read_page(
		"<title>Plant</title><style>p{}</style><p>valve <b>open</b></p><script>hidden()"
		"</script><form>user</form><a href=/out><b>Log</b> out</a><meta "
		"http-equiv=Refresh content='5; URL=/next'>");

	(void)state;
	assert_int_equal(html.link_count, 1);
	assert_string_equal(html.links[0].target, "/out");
	assert_string_equal(html.links[0].text, "Log out");
	assert_string_equal(html.refresh, "/next");
	assert_true(html.scripts);
	assert_string_equal(html.text, "Plant valve open Log out");
	assert_string_equal(html.form_text, "user");
}

static void limits_hold(void **state)
{
	static char page[64 * 1024];
	struct html html;
	size_t size = 0;

	(void)state;
	while (size + 64 < sizeof(page)) {
		size += (size_t)snprintf(page + size, sizeof(page) - size,
					 "<form><input name=a><a href=/x>x</a></form><div>");
	}
	html_read(&html, arena, page, size, NULL);
	assert_int_equal(html.form_count, HTML_FORMS_MOST);
	assert_true(html.link_count <= HTML_LINKS_MOST);
}

static void words_are_found_whole(void **state)
{
	(void)state;
	assert_true(html_says("Please LOG IN first", "log in"));
	assert_true(html_says("login", "login"));
	assert_false(html_says("unblocked", "blocked"));
	assert_false(html_says("", "blocked"));
}

static int begin(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(password_field_is_found_however_it_is_written),
		TEST(word_password_alone_is_no_field),
		TEST(page_in_utf_16_is_read),
		TEST(form_is_taken_with_what_a_browser_would_send),
		TEST(one_time_code_is_known),
		TEST(links_and_visible_text_are_taken),
		TEST(limits_hold),
		TEST(words_are_found_whole),
	};

	return cmocka_run_group_tests_name("http_html", tests, NULL, NULL);
}
