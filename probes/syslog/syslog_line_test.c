/* syslog_line_test: priorities, formats, and lines out of a stream. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base/text.h"
#include "probes/syslog/syslog_line.h"
#include <string.h>

static void lines_tell_their_priority_and_format(void **state)
{
	static const struct {
		const char *text;
		unsigned facility, severity;
		enum syslog_format format;
	} rows[] = {
		{"<165>1 2026-11-25T17:00:00Z plc app 1 ID47 - text", 20, 5, SYSLOG_RFC5424},
		{"<34>Nov 25 17:00:00 plc su: failed", 4, 2, SYSLOG_RFC3164},
		{"<0>x", 0, 0, SYSLOG_RFC3164},
		{"<191>", 23, 7, SYSLOG_RFC3164},
	};
	struct syslog_line line;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(syslog_line_read(rows[i].text, strlen(rows[i].text), &line), 0);
		assert_int_equal(line.facility, rows[i].facility);
		assert_int_equal(line.severity, rows[i].severity);
		assert_int_equal(line.format, rows[i].format);
	}
}

static void what_has_no_priority_is_no_line(void **state)
{
	static const char *const rows[] = {"",     "<",    "<>x",   "<192>x", "<1234>x",
					   "<12x", "12>x", "<-1>x", "hello",  " <12>x"};
	struct syslog_line line;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(syslog_line_read(rows[i], strlen(rows[i]), &line), -1);
	}
}

static void a_stream_is_cut_into_lines(void **state)
{
	static const struct {
		const char *stream, *line;
		size_t taken;
	} rows[] = {
		{"5 <1>ab<2>", "<1>ab", 7},
		{"<1>ab\n<2>", "<1>ab", 6},
		{"\n", "", 1},
		{"9 <1>ab", NULL, 0},
		{"<1>ab", NULL, 0},
		{"", NULL, 0},
		{"5", NULL, 0},
	};
	const char *line = NULL;
	size_t i, size = 0;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(
			syslog_frame_read(rows[i].stream, strlen(rows[i].stream), &line, &size),
			rows[i].taken);
		if (rows[i].line != NULL) {
			assert_int_equal(size, strlen(rows[i].line));
			assert_memory_equal(line, rows[i].line, size);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_tell_their_priority_and_format),
		cmocka_unit_test(what_has_no_priority_is_no_line),
		cmocka_unit_test(a_stream_is_cut_into_lines),
	};

	return cmocka_run_group_tests_name("syslog_line", tests, NULL, NULL);
}
