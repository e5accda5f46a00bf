/*
 * schema_test: the JSON Schemas in suites/schema/ and the tables of keys in
 * docs/ are what the tables of shapes say, to the byte. 'schema_test --write'
 * writes them: scripts/generate.
 */
#include "harness/model/catalogue_shape.h"
#include "harness/model/key_table.h"
#include "harness/model/profile_shape.h"
#include "harness/model/schema.h"
#include "harness/model/suite_shape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

#define SCHEMAS   ASSAY_DATA_DIR "/suites/schema/"
#define DOCS      ASSAY_DATA_DIR "/docs/"
#define MAX_FILE  (1u << 18)
#define BLOCK     "<!-- scripts/generate: %s -->\n"
#define BLOCK_END "<!-- end -->\n"

static const struct {
	const char *file, *title;
	const struct shape *shape;
	bool list;
	const char *page;
} files[] = {
	{"profile.schema.json", "A device under test, as declared by the tester", &profile_shape,
	 false, "profile.md"},
	{"answers.schema.json", "What people answered to checks that ask", &answer_shape, true,
	 "profile.md"},
	{"suite.schema.json", "Checks", &suite_shape, false, "suite.md"},
	{"policy.schema.json", "Dated lists of what is allowed", &policy_shape, false, "suite.md"},
	{"catalogue.schema.json", "Requirements of one edition", &catalogue_shape, false,
	 "suite.md"},
	{"cra.schema.json", "Points of the Cyber Resilience Act", &cra_shape, false, "suite.md"},
};

/* The whole file; NULL where there is none. The caller frees it. */
static char *file_text(const char *folder, const char *name)
{
	char path[512];
	char *text = calloc(1, MAX_FILE);
	FILE *file;

	snprintf(path, sizeof(path), "%s%s", folder, name);
	file = fopen(path, "r");
	if (text == NULL || file == NULL) {
		free(text);
		return NULL;
	}
	if (fread(text, 1, MAX_FILE - 1, file) == MAX_FILE - 1) {
		BUG("'%s' is too large", path);
	}
	fclose(file);
	return text;
}

static void file_write(const char *folder, const char *name, const char *text)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s%s", folder, name);
	file = fopen(path, "w");
	if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0) {
		BUG("cannot write '%s'", path);
	}
}

/* What the schema's file is to hold. The caller frees it. */
static char *schema_text(size_t i)
{
	json_t *schema = schema_of_file(files[i].shape, files[i].title, files[i].list);
	char *dumped = json_dumps(schema, JSON_INDENT(2));
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (dumped == NULL || out == NULL) {
		BUG("cannot write the schema of %s", files[i].shape->name);
	}
	fprintf(out, "%s\n", dumped);
	fclose(out);
	free(dumped);
	json_decref(schema);
	return text;
}

/* The page with the shape's tables as they are to be; NULL where it has no place
 * for them. The caller frees it. */
static char *page_text(const char *page, const struct shape *shape)
{
	char *text = NULL, *at, *end;
	char begin[128];
	size_t size;
	FILE *out;

	snprintf(begin, sizeof(begin), BLOCK, shape->name);
	at = strstr(page, begin);
	end = at == NULL ? NULL : strstr(at, BLOCK_END);
	if (end == NULL) {
		return NULL;
	}
	at += strlen(begin);
	out = open_memstream(&text, &size);
	if (out == NULL) {
		BUG("out of memory");
	}
	fwrite(page, 1, (size_t)(at - page), out);
	key_table_print(shape, out);
	fputs(end, out);
	fclose(out);
	return text;
}

static void the_schemas_are_what_the_tables_say(void **state)
{
	size_t i, stale = 0;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		char *is = file_text(SCHEMAS, files[i].file), *wanted = schema_text(i);

		if (is == NULL || strcmp(is, wanted) != 0) {
			print_error("suites/schema/%s is stale: run scripts/generate\n",
				    files[i].file);
			stale++;
		}
		free(is);
		free(wanted);
	}
	assert_int_equal(stale, 0);
}

static void the_pages_are_what_the_tables_say(void **state)
{
	size_t i, stale = 0;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		char *page = file_text(DOCS, files[i].page), *wanted;

		assert_non_null(page);
		wanted = page_text(page, files[i].shape);
		if (wanted == NULL || strcmp(page, wanted) != 0) {
			print_error("the keys of %s in docs/%s are stale: run scripts/generate\n",
				    files[i].shape->name, files[i].page);
			stale++;
		}
		free(page);
		free(wanted);
	}
	assert_int_equal(stale, 0);
}

static json_t *property(json_t *schema, const char *name)
{
	return json_object_get(json_object_get(schema, "properties"), name);
}

/* The published files could be stale the same way as the generator: two
 * fields by hand. */
static void a_schema_says_ranges_words_and_patterns(void **state)
{
	json_t *schema = schema_of_file(&profile_shape, "t", false);
	json_t *service = json_object_get(property(schema, "services"), "items");
	json_t *words = property(property(schema, "device"), "state"), *wanted;

	(void)state;
	wanted = json_pack("{s:s, s:i, s:i, s:s}", "type", "integer", "minimum", 1, "maximum",
			   65535, "description", "TCP port");
	assert_true(json_equal(property(service, "tcp"), wanted));
	json_decref(wanted);
	wanted = json_pack("[s, s]", "factory", "hardened");
	assert_true(json_equal(json_object_get(words, "enum"), wanted));
	json_decref(wanted);
	assert_string_equal(
		json_string_value(json_object_get(property(service, "name"), "pattern")),
		"^[a-z0-9_][a-z0-9._-]*$");
	assert_null(property(json_object_get(property(schema, "accounts"), "items"), "password"));
	json_decref(schema);
}

static int write_all(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		char *schema = schema_text(i), *page = file_text(DOCS, files[i].page);
		char *wanted = page == NULL ? NULL : page_text(page, files[i].shape);

		if (wanted == NULL) {
			fprintf(stderr, "docs/%s has no place for the keys of %s\n", files[i].page,
				files[i].shape->name);
			return 1;
		}
		file_write(SCHEMAS, files[i].file, schema);
		file_write(DOCS, files[i].page, wanted);
		free(schema);
		free(page);
		free(wanted);
	}
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_schemas_are_what_the_tables_say),
		cmocka_unit_test(the_pages_are_what_the_tables_say),
		cmocka_unit_test(a_schema_says_ranges_words_and_patterns),
	};

	if (argc == 2 && strcmp(argv[1], "--write") == 0) {
		return write_all();
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
