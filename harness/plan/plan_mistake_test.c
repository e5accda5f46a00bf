/* plan_mistake_test: what is wrong in a suite is told with its place. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "harness/plan/plan_bench.h"

static const char *const only_telnet[] = {"telnet", NULL};

static void write_suite(void)
{
	FILE *file = fopen(SUITE_FILE, "w");

	assert_non_null(file);
	fputs("one\ntwo\nthree\n    four\nfive\n        six\n", file);
	fclose(file);
}

static void a_mistake_shows_its_line_with_a_caret(void **state)
{
	struct bench *b = *state;

	write_suite();
	add_check(b, "sweep", "no.such");
	assert_int_equal(build(b), -1);
	remove(SUITE_FILE);
	assert_string_equal(b->errors, SUITE_FILE ":4:5: no probe is called 'no.such'\n"
						  "    four\n"
						  "    ^\n");
}

static void wrong_lines_are_mistakes(void **state)
{
	static const struct {
		const char *fact;
		enum operator op;
		const char *value, *sentence;
	} cases[] = {
		{"nothing", OP_IS, "true", "probe 'fake.sweep' reports no fact 'nothing'"},
		{"open", OP_AT_LEAST, "1", "'at-least' does not fit fact 'open' of type bool"},
		{"share", OP_IS, "1", "'is' does not fit fact 'share' of type real"},
		{"banner", OP_INCLUDES, "x", "'includes' does not fit fact 'banner' of type text"},
		{"names", OP_IS, "x", "'is' does not fit fact 'names' of type list"},
		{"open", OP_IS, "yes", "'yes' cannot be compared with fact 'open' of type bool"},
		{"count", OP_IS, "12 s", "'12 s' cannot be compared with fact 'count' of type int"},
		{"count", OP_IS, "99999999999999999999",
		 "'99999999999999999999' cannot be compared with fact 'count' "
		 "of type int"},
		{"share", OP_AT_MOST, "nan",
		 "'nan' cannot be compared with fact 'share' of type real"},
		{"count", OP_IS, "${limits.height}", "no variable is called '${limits.height}'"},
		{"count", OP_IS, "${weather}", "no variable is called '${weather}'"},
		{"count", OP_IS, "${limits.idle_s", "'${limits.idle_s' has '${' without '}'"},
		{"count", OP_IS, "${function.gap_ms}",
		 "'${function.gap_ms}' needs a check that says 'for: "
		 "function'"},
		{"names", OP_EXCLUDES, "${policy.unknown.pairs}", "no policy is called 'unknown'"},
		{"names", OP_EXCLUDES, "${policy.known-2026.none}",
		 "policy 'known-2026' has no list 'none'"},
	};
	struct bench *b = *state;
	struct check *check = add_check(b, "sweep", "fake.sweep");
	struct line line = {.file = SUITE_FILE, .row = 7, .column = 9};
	char expected[200];
	size_t i;

	check->expect = &line;
	check->expect_count = 1;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		line.fact = cases[i].fact;
		line.op = cases[i].op;
		line.value = cases[i].value;
		snprintf(expected, sizeof(expected), "%s:7:9: %s\n", SUITE_FILE, cases[i].sentence);
		assert_int_equal(build(b), -1);
		assert_string_equal(b->errors, expected);
	}
}

static void wrong_parameters_are_mistakes(void **state)
{
	static const struct setting list[] = {{.kind = SETTING_LIST, .row = 7, .column = 9}};
	static const struct setting empty[] = {{.kind = SETTING_MAP, .row = 7, .column = 9}};
	static const struct setting over[] = {{"path", "/", 1, 1}, {"wait_s", "61", 7, 9}};
	static const struct setting wide[] = {
		{.kind = SETTING_MAP, .row = 1, .column = 1, .at = over, .count = 2}};
	static const struct setting unknown[] = {{"path", "/", 1, 1}, {"paths", "/", 7, 9}};
	static const struct setting extra[] = {
		{.kind = SETTING_MAP, .row = 1, .column = 1, .at = unknown, .count = 2}};
	static const struct {
		struct setting setting;
		const char *sentence;
	} cases[] = {
		{{.name = "tries", .kind = SETTING_LIST, .row = 7, .column = 9},
		 "parameter 'tries' of probe 'fake.look' must be one value, not a list"},
		{{.name = "words", .kind = SETTING_MAP, .row = 7, .column = 9},
		 "parameter 'words' of probe 'fake.look' must be a list of texts, not a mapping"},
		{{.name = "words",
		  .kind = SETTING_LIST,
		  .row = 1,
		  .column = 1,
		  .at = list,
		  .count = 1},
		 "parameter 'words' of probe 'fake.look' must be a list of texts, not a list"},
		{{"steps", "one", 7, 9},
		 "parameter 'steps' of probe 'fake.look' must be a list of mappings (key: value), "
		 "not one value"},
		{{.name = "steps",
		  .kind = SETTING_LIST,
		  .row = 1,
		  .column = 1,
		  .at = list,
		  .count = 1},
		 "parameter 'steps' of probe 'fake.look' must be a list of mappings (key: value), "
		 "not a list"},
		{{.name = "steps",
		  .kind = SETTING_LIST,
		  .row = 1,
		  .column = 1,
		  .at = empty,
		  .count = 1},
		 "a step of 'steps' needs the parameter 'path': where"},
		{{.name = "steps",
		  .kind = SETTING_LIST,
		  .row = 1,
		  .column = 1,
		  .at = wide,
		  .count = 1},
		 "parameter 'wait_s' of a step of 'steps' is from 0 to 60, not '61'"},
		{{.name = "steps",
		  .kind = SETTING_LIST,
		  .row = 1,
		  .column = 1,
		  .at = extra,
		  .count = 1},
		 "a step of 'steps' has no parameter 'paths'"},
		{{"speed", "1", 7, 9}, "probe 'fake.look' has no parameter 'speed'"},
		{{"tries", "many", 7, 9},
		 "parameter 'tries' of probe 'fake.look' is a whole number, "
		 "not 'many'"},
		{{"tries", "11", 7, 9},
		 "parameter 'tries' of probe 'fake.look' is from 1 to 10, not "
		 "'11'"},
		{{"account", "nobody", 7, 9},
		 "parameter 'account' of probe 'fake.look' is the name of a "
		 "declared account, not 'nobody'"},
		{{"service", "web", 7, 9},
		 "parameter 'service' of probe 'fake.look' is the name of a "
		 "declared service, not 'web'"},
	};
	struct bench *b = *state;
	struct check *check = add_ssh_check(b, "login");
	char expected[200];
	size_t i;

	check->with_count = 1;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		check->with = &cases[i].setting;
		snprintf(expected, sizeof(expected), "%s:7:9: %s\n", SUITE_FILE, cases[i].sentence);
		assert_int_equal(build(b), -1);
		assert_string_equal(b->errors, expected);
	}
}

static void a_value_that_is_not_one_of_the_list_is_a_mistake(void **state)
{
	static const struct setting families[] = {{"family", "tcp-syn", 6, 9},
						  {.value = "tcp-fin", .row = 7, .column = 9}};
	static const struct setting text[] = {{"family", "tcp-fin", 7, 9}};
	static const struct setting list[] = {{"family", "tcp-syn", 6, 9},
					      {.name = "families",
					       .kind = SETTING_LIST,
					       .row = 7,
					       .column = 9,
					       .at = families,
					       .count = 2}};
	static const struct setting good[] = {{"family", "tcp-syn", 6, 9},
					      {.name = "families",
					       .kind = SETTING_LIST,
					       .row = 7,
					       .column = 9,
					       .at = families,
					       .count = 1}};
	static const struct {
		const struct setting *with;
		size_t count;
		const char *name;
	} cases[] = {{text, 1, "family"}, {list, 2, "families"}};
	struct bench *b = *state;
	struct check *check = add_storm(b, "storm");
	char expected[200];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		check->with = cases[i].with;
		check->with_count = cases[i].count;
		snprintf(expected, sizeof(expected),
			 "%s:7:9: parameter '%s' of probe 'fake.storm' is one of arp-request, "
			 "tcp-syn, not 'tcp-fin'\n",
			 SUITE_FILE, cases[i].name);
		assert_int_equal(build(b), -1);
		assert_string_equal(b->errors, expected);
	}
	check->with = good;
	check->with_count = 2;
	assert_int_equal(build(b), 0);
}

static void a_check_for_logins_needs_a_probe_that_logs_in(void **state)
{
	struct bench *b = *state;
	struct check *check = add_check(b, "login", "fake.look");

	check->for_what = FOR_LOGIN;
	assert_int_equal(build(b), -1);
	assert_non_null(strstr(b->errors,
			       "probe 'fake.look' does not log in to a service with an account"));
}

static void mistakes_show_without_a_service_to_look_at(void **state)
{
	struct bench *b = *state;
	struct check *check = add_ssh_check(b, "login");
	static const struct line line = {.fact = "nothing",
					 .op = OP_IS,
					 .value = "1",
					 .file = SUITE_FILE,
					 .row = 7,
					 .column = 9};

	check->for_protocols = only_telnet;
	check->given = &line;
	check->given_count = 1;
	assert_int_equal(build(b), -1);
	assert_string_equal(b->errors, SUITE_FILE ":7:9: probe 'fake.look' reports no fact "
						  "'nothing'\n");
}

static void a_subject_must_fit_the_probe(void **state)
{
	struct bench *b = *state;
	struct check *check = add_ssh_check(b, "sweep");

	check->probe = "fake.sweep";
	assert_int_equal(build(b), -1);
	assert_string_equal(b->errors, SUITE_FILE ":4:5: probe 'fake.sweep' does not look at a "
						  "service\n");
	check->probe = "fake.look";
	check->for_what = FOR_DEVICE;
	assert_int_equal(build(b), -1);
	assert_string_equal(b->errors, SUITE_FILE ":4:5: probe 'fake.look' needs the "
						  "parameter 'service': service\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_mistake_shows_its_line_with_a_caret),
		TEST(wrong_lines_are_mistakes),
		TEST(wrong_parameters_are_mistakes),
		TEST(a_value_that_is_not_one_of_the_list_is_a_mistake),
		TEST(a_check_for_logins_needs_a_probe_that_logs_in),
		TEST(mistakes_show_without_a_service_to_look_at),
		TEST(a_subject_must_fit_the_probe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
