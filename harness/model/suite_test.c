/* suite_test: the shipped suites load, lines are read as written, and what does
 * not exist or does not fit is told with its place. */
#define _DEFAULT_SOURCE
#include "harness/base/text.h"
#include "harness/model/suite_shape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

static struct catalogue *catalogue_of(void)
{
	struct catalogue *catalogue = NULL;

	assert_int_equal(
		catalogue_load(ASSAY_DATA_DIR "/suites", "IEC 62443-4-2:2019", stderr, &catalogue),
		0);
	return catalogue;
}

static void the_shipped_suites_load(void **state)
{
	struct catalogue *catalogue = catalogue_of();
	struct suites *suites = NULL;
	size_t i;

	(void)state;
	assert_int_equal(suites_load(ASSAY_DATA_DIR "/suites", catalogue, stderr, &suites), 0);
	assert_true(suites->check_count > 0);
	assert_true(suites->policy_count > 0);
	assert_int_equal(strlen(suites->digest), 64);
	for (i = 0; i < suites->check_count; i++) {
		const struct check *check = &suites->checks[i];

		assert_non_null(check->title);
		assert_non_null(check->requirements);
		assert_non_null(check->cra);
		assert_true((check->probe == NULL) != (check->ask == NULL));
	}
	suites_free(suites);
	catalogue_free(catalogue);
}

#define HEAD                                                 \
	"suite: s\ncatalogue: IEC 62443-4-2:2019\nchecks:\n" \
	"- id: c\n  requirements: [CR 1.1]\n  probe: p.q\n"

/* Reads a suite; returns what was printed, which the caller frees. */
static char *read_suite(const char *text, struct suite_file *suite, struct arena *arena)
{
	struct catalogue *catalogue = catalogue_of();
	struct yaml_file file;
	char *told = NULL;
	size_t size = 0;
	FILE *errors = open_memstream(&told, &size);

	assert_int_equal(yaml_parse(arena, "s", text, strlen(text), false, errors, &file), 0);
	shape_read(&suite_shape, &file, file.root, suite);
	if (file.mistakes == 0) {
		suite_check(&file, suite, catalogue);
	}
	fclose(errors);
	catalogue_free(catalogue);
	return told;
}

static void lines_are_read_as_written(void **state)
{
	struct arena *arena = arena_new();
	struct suite_file suite = {0};
	char *told = read_suite(HEAD "  for: service any\n  state: factory\n"
				     "  given: [locked is true]\n"
				     "  complete: [tries at-least 3]\n"
				     "  expect:\n"
				     "  - n at-most ${limits.lockout_s}\n"
				     "  - l subset-of [a, \"b c\", d]\n"
				     "  - l subset-of []\n"
				     "  - t is 'two words'\n",
				&suite, arena);
	const struct check *check = &suite.checks[0];

	(void)state;
	assert_string_equal(told, "");
	assert_int_equal(check->for_what, FOR_SERVICE);
	assert_null(check->for_protocols);
	assert_string_equal(check->only_state, "factory");
	assert_int_equal(check->complete_count, 1);
	assert_string_equal(check->complete[0].fact, "tries");
	assert_int_equal(check->given_count, 1);
	assert_string_equal(check->given[0].fact, "locked");
	assert_int_equal(check->given[0].op, OP_IS);
	assert_string_equal(check->given[0].value, "true");
	assert_int_equal(check->expect_count, 4);
	assert_int_equal(check->expect[0].op, OP_AT_MOST);
	assert_string_equal(check->expect[0].value, "${limits.lockout_s}");
	assert_null(check->expect[0].list);
	assert_string_equal(check->expect[1].list[1], "b c");
	assert_string_equal(check->expect[1].list[2], "d");
	assert_null(check->expect[1].list[3]);
	assert_null(check->expect[2].list[0]);
	assert_string_equal(check->expect[3].value, "two words");
	free(told);
	arena_free(arena);
}

static void every_mistake_is_told_with_its_place(void **state)
{
	static const struct {
		const char *text, *told;
	} rows[] = {
		{HEAD "  expect: [a is]\n", "s:7:12: 'a is' lacks a value\n"
					    "  expect: [a is]\n"
					    "           ^\n"},
		{HEAD "  expect: [a at-mots 3]\n",
		 "s:7:12: unknown operator 'at-mots' (did you mean "
		 "'at-most'?)\n"
		 "  expect: [a at-mots 3]\n"
		 "           ^\n"},
		{HEAD "  given: [a is 1]\n",
		 "s:4:3: check 'c' expects nothing: it could never fail\n"
		 "- id: c\n"
		 "  ^\n"},
		{HEAD "  expect: [a is 1]\n  for: everything\n",
		 "s:8:8: 'for' must be 'login', 'tls', 'service PROTOCOL', 'service [PROTOCOL, ...]', 'service any', "
		 "'function downward', 'function upward' or 'function any'\n"
		 "  for: everything\n"
		 "       ^\n"},
		{HEAD "  expect: [a is 1]\n  cra: [I.9]\n",
		 "s:8:9: unknown CRA point 'I.9' in Regulation (EU) "
		 "2024/2847\n"
		 "  cra: [I.9]\n"
		 "        ^\n"},
		{"suite: s\ncatalogue: IEC 62443-4-2:2019\nchecks:\n"
		 "- {id: c, requirements: [CR 2.3], ask: q}\n",
		 "s:4:26: unknown requirement 'CR 2.3' in IEC "
		 "62443-4-2:2019\n"
		 "- {id: c, requirements: [CR 2.3], ask: q}\n"
		 "                         ^\n"},
		{"suite: s\ncatalogue: A\nchecks:\n"
		 "- {id: c, requirements: [CR 2.3], ask: q}\n",
		 "s:2:12: the suite is written for 'A', the catalogue is 'IEC "
		 "62443-4-2:2019'\n"
		 "catalogue: A\n"
		 "           ^\n"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct arena *arena = arena_new();
		struct suite_file suite = {0};
		char *told = read_suite(rows[i].text, &suite, arena);

		assert_string_equal(told, rows[i].told);
		free(told);
		arena_free(arena);
	}
}

static void a_folder_without_suites_is_an_error(void **state)
{
	struct catalogue *catalogue = catalogue_of();
	struct suites *suites = NULL;
	char *told = NULL;
	size_t size = 0;
	FILE *errors = open_memstream(&told, &size);

	(void)state;
	assert_int_equal(suites_load("/nowhere", catalogue, errors, &suites), -1);
	fclose(errors);
	assert_string_equal(told, "/nowhere:1:1: cannot open the folder: No "
				  "such file or directory\n");
	free(told);
	catalogue_free(catalogue);
}

static void for_is_a_login_one_protocol_or_several(void **state)
{
	static const struct {
		const char *text;
		enum check_for what;
		const char *protocols[4];
	} rows[] = {
		{"login", FOR_LOGIN, {NULL}},
		{"tls", FOR_TLS, {NULL}},
		{"service ssh", FOR_SERVICE, {"ssh", NULL}},
		{"service [http, https]", FOR_SERVICE, {"http", "https", NULL}},
		{"service [ftp ,ftps ]", FOR_SERVICE, {"ftp", "ftps", NULL}},
	};
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new();
		struct suite_file suite = {0};
		char *text = arena_printf(arena, HEAD "  for: %s\n  expect: [n at-most 1]\n",
					  rows[i].text);
		char *told = read_suite(text, &suite, arena);
		const struct check *check = &suite.checks[0];

		assert_string_equal(told, "");
		assert_int_equal(check->for_what, rows[i].what);
		for (j = 0; rows[i].protocols[j] != NULL; j++) {
			assert_string_equal(check->for_protocols[j], rows[i].protocols[j]);
		}
		if (j > 0) {
			assert_null(check->for_protocols[j]);
		}
		free(told);
		arena_free(arena);
	}
}

static void for_that_is_neither_is_refused(void **state)
{
	static const char *const texts[] = {"service [ssh",   "service []", "service ssh]",
					    "service [ssh,]", "service",    "logins",
					    "service a b"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct arena *arena = arena_new();
		struct suite_file suite = {0};
		char *text =
			arena_printf(arena, HEAD "  for: %s\n  expect: [n at-most 1]\n", texts[i]);
		char *told = read_suite(text, &suite, arena);

		assert_non_null(strstr(told, "'for' must be"));
		free(told);
		arena_free(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shipped_suites_load),
		cmocka_unit_test(lines_are_read_as_written),
		cmocka_unit_test(for_is_a_login_one_protocol_or_several),
		cmocka_unit_test(for_that_is_neither_is_refused),
		cmocka_unit_test(every_mistake_is_told_with_its_place),
		cmocka_unit_test(a_folder_without_suites_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
