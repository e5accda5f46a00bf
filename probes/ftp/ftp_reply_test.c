/* ftp_reply_test: replies as servers send them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probes/ftp/ftp_reply.h"
#include <string.h>

static struct ftp_reply reply;

static long read_text(const char *text)
{
	return ftp_reply_read(text, strlen(text), &reply);
}

static void one_line_is_read(void **state)
{
	(void)state;
	assert_int_equal(read_text("220 ready\r\nrest"), 11);
	assert_int_equal(reply.code, 220);
	assert_int_equal(reply.size, 5);
	assert_memory_equal(reply.text, "ready", 5);
}

static void several_lines_end_with_the_same_code(void **state)
{
	static const char text[] = "211-Features\r\n211-x\r\n AUTH TLS\r\n"
				   "230 no\r\n211 End\r\n";

	(void)state;
	assert_int_equal(read_text(text), strlen(text));
	assert_int_equal(reply.code, 211);
	assert_int_equal(read_text("211-Features\r\n AUTH TLS\r\n"), 0);
}

static void bare_code_is_a_reply(void **state)
{
	(void)state;
	assert_int_equal(read_text("331\r\n"), 5);
	assert_int_equal(reply.size, 0);
}

static void unfinished_line_is_not_yet_whole(void **state)
{
	(void)state;
	assert_int_equal(read_text(""), 0);
	assert_int_equal(read_text("22"), 0);
	assert_int_equal(read_text("220 rea"), 0);
}

static void other_text_is_no_reply(void **state)
{
	(void)state;
	assert_int_equal(read_text("SSH-2.0-x\r\n"), -1);
	assert_int_equal(read_text("99\r\n"), -1);
	assert_int_equal(read_text("620 x\r\n"), -1);
	assert_int_equal(read_text("220x\r\n"), -1);
	assert_int_equal(read_text("\r\n"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_line_is_read),
		cmocka_unit_test(several_lines_end_with_the_same_code),
		cmocka_unit_test(bare_code_is_a_reply),
		cmocka_unit_test(unfinished_line_is_not_yet_whole),
		cmocka_unit_test(other_text_is_no_reply),
	};

	return cmocka_run_group_tests_name("ftp_reply", tests, NULL, NULL);
}
