/* figures_test: what validation.json may hold, and what becomes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/model/figures.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/figures-XXXXXX";
static char path[64];

static int folder_make(void **state)
{
	*state = arena_new();
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/" FIGURES_FILE, folder);
	return 0;
}

static int folder_remove(void **state)
{
	arena_free(*state);
	unlink(path);
	return rmdir(folder);
}

static void file_write(const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void no_file_is_no_figures(void **state)
{
	const struct figures *figures = NULL;
	struct text why = {""};

	unlink(path);
	assert_int_equal(figures_load(*state, folder, &figures, &why), 0);
	assert_null(figures);
	assert_null(figures_of(figures, "tcp-undeclared"));
}

static void a_check_has_its_figures(void **state)
{
	const struct figures *figures = NULL;
	struct text why = {""};

	file_write(
		"{\"checks\": {\"a\": {\"planted\": 1, \"found\": 1, \"clean\": 2, \"false\": 0},"
		"\"b\": {\"planted\": 41, \"found\": 40, \"clean\": 122, \"false\": 3}}}");
	assert_int_equal(figures_load(*state, folder, &figures, &why), 0);
	assert_string_equal(figures_sentence(figures_of(figures, "b")).s,
			    "found 40 of 41 planted, 3 of 122 false");
	assert_null(figures_of(figures, "c"));
}

static void a_wrong(struct arena *arena, const char *text, const char *sentence)
{
	const struct figures *figures = NULL;
	struct text why = {""};

	file_write(text);
	assert_int_equal(figures_load(arena, folder, &figures, &why), -1);
	assert_null(figures);
	if (sentence)
		assert_string_equal(why.s, sentence);
}

static void more_found_than_planted_is_refused(void **state)
{
	a_wrong(*state,
		"{\"checks\": {\"a\": {\"planted\": 1, \"found\": 2, \"clean\": 2, \"false\": 0}}}",
		"the figures of 'a' are none");
}

static void a_missing_count_is_refused(void **state)
{
	a_wrong(*state, "{\"checks\": {\"a\": {\"planted\": 1, \"found\": 1, \"clean\": 2}}}",
		"the figures of 'a' are none");
}

static void what_is_no_json_is_refused(void **state)
{
	a_wrong(*state, "{\"checks\": ", NULL);
}

static void figures_of_nothing_are_refused(void **state)
{
	a_wrong(*state, "[]", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_file_is_no_figures),
		cmocka_unit_test(a_check_has_its_figures),
		cmocka_unit_test(more_found_than_planted_is_refused),
		cmocka_unit_test(a_missing_count_is_refused),
		cmocka_unit_test(what_is_no_json_is_refused),
		cmocka_unit_test(figures_of_nothing_are_refused),
	};
	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
