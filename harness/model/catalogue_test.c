/* catalogue_test: the shipped catalogue is whole, and a wrong one is refused
 * with the place of the mistake. */
#define _DEFAULT_SOURCE
#include "harness/base/text.h"
#include "harness/model/catalogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/banned.h"

#define EDITION "IEC 62443-4-2:2019"

static int load(void **state)
{
	struct catalogue *catalogue = NULL;

	if (catalogue_load(ASSAY_DATA_DIR "/suites", EDITION, stderr, &catalogue) != 0) {
		return -1;
	}
	*state = catalogue;
	return 0;
}

static int unload(void **state)
{
	catalogue_free(*state);
	return 0;
}

static int count(const struct catalogue *catalogue, const char *component, int level)
{
	const struct requirement *r = catalogue->requirements;
	const struct requirement *end = r + catalogue->requirement_count;
	int selected = 0;

	for (; r < end; r++) {
		selected +=
			r->fr > 0 && r->lowest_level <= level && requirement_applies(r, component);
	}
	return selected;
}

/* The counts are those the source of the data states for itself. */
static void each_type_and_level_has_its_number_of_requirements(void **state)
{
	static const struct {
		const char *component;
		int at[4];
	} rows[] = {
		{"SAR", {34, 53, 67, 73}},
		{"EDR", {36, 61, 77, 83}},
		{"HDR", {36, 62, 78, 84}},
		{"NDR", {40, 67, 86, 92}},
	};
	size_t i;
	int level;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		for (level = 1; level <= 4; level++) {
			assert_int_equal(count(*state, rows[i].component, level),
					 rows[i].at[level - 1]);
		}
	}
}

static int of_kind(const struct catalogue *catalogue, const char *kind)
{
	size_t i;
	int found = 0;

	for (i = 0; i < catalogue->requirement_count; i++) {
		found += strcmp(catalogue->requirements[i].kind, kind) == 0;
	}
	return found;
}

static void every_requirement_is_there(void **state)
{
	assert_int_equal(of_kind(*state, "CCSC"), 4);
	assert_int_equal(of_kind(*state, "CR"), 73);
	assert_int_equal(of_kind(*state, "RE"), 49);
}

static void every_enhancement_has_its_base_at_its_level_or_below(void **state)
{
	const struct catalogue *catalogue = *state;
	size_t i;

	for (i = 0; i < catalogue->requirement_count; i++) {
		const struct requirement *r = &catalogue->requirements[i];
		const struct requirement *base;

		if (r->enhances == NULL) {
			continue;
		}
		base = catalogue_requirement(catalogue, r->enhances);
		assert_non_null(base);
		assert_int_equal(base->fr, r->fr);
		assert_true(base->lowest_level <= r->lowest_level);
	}
}

static void every_crosswalk_leads_to_a_requirement(void **state)
{
	const struct catalogue *catalogue = *state;
	const char *const *id;
	size_t i, links = 0;

	assert_int_equal(catalogue->cra_count, 22);
	for (i = 0; i < catalogue->cra_count; i++) {
		for (id = catalogue->cra[i].requirements; *id != NULL; id++) {
			assert_non_null(catalogue_requirement(catalogue, *id));
			links++;
		}
	}
	assert_true(links > catalogue->cra_count);
}

static void one_requirement_is_read_whole(void **state)
{
	const struct requirement *r = catalogue_requirement(*state, "CR 1.7 RE(1)");

	assert_non_null(r);
	assert_string_equal(r->title, "Password generation and lifetime "
				      "restrictions for human users");
	assert_string_equal(r->kind, "RE");
	assert_string_equal(r->enhances, "CR 1.7");
	assert_int_equal(r->fr, 1);
	assert_int_equal(r->lowest_level, 3);
	assert_int_equal(r->testability, 'S');
	assert_string_equal(r->condition, "passwords");
	assert_true(requirement_applies(r, "NDR"));
	assert_false(requirement_applies(r, "XYZ"));
	assert_null(catalogue_requirement(*state, "CR 2.3"));
}

/* --- wrong catalogues ------------------------------------------------------ */

#define HEAD                                                               \
	"edition: E\n"                                                     \
	"components: [{id: EDR, word: embedded, name: embedded device}]\n" \
	"conditions: [{word: radio, meaning: It has one.}]\n"              \
	"requirements:\n"
#define REQ(id, more)                                                           \
	"- {id: " id ", title: t, fr: 1, components: [EDR], lowest_level: 1,\n" \
	"   paraphrase: p, testability: A, confidence: low, " more "}\n"
#define CRA(ids)                                                        \
	"act: A\ncrosswalk: E\npoints:\n"                               \
	"- {id: I.1, ref: r, title: t, paraphrase: p, coverage: gap,\n" \
	"   requirements: [" ids "], confidence: c}\n"

static void put(const char *folder, const char *name, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void drop(const char *folder, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	remove(path);
}

/* Loads a catalogue of two files; returns what was printed, without the
 * folder's name; the caller frees it. */
static char *told_about(const char *requirements, const char *cra)
{
	char data[] = "/tmp/assay-catalogue-XXXXXX", folder[64];
	char *told = NULL, *at;
	size_t size = 0, length;
	struct catalogue *catalogue = NULL;
	FILE *errors = open_memstream(&told, &size);

	assert_non_null(mkdtemp(data));
	snprintf(folder, sizeof(folder), "%s/catalogue", data);
	assert_int_equal(mkdir(folder, 0700), 0);
	put(folder, "a.yaml", requirements);
	put(folder, "b.yaml", cra);
	assert_int_equal(catalogue_load(data, "E", errors, &catalogue), -1);
	fclose(errors);
	drop(folder, "a.yaml");
	drop(folder, "b.yaml");
	rmdir(folder);
	rmdir(data);
	length = strlen(folder) + 1;
	for (at = strstr(told, folder); at != NULL; at = strstr(at, folder)) {
		memmove(at, at + length, strlen(at + length) + 1);
	}
	return told;
}

static void mistakes_are_told_with_their_place(void **state)
{
	static const struct {
		const char *requirements, *cra, *told;
	} rows[] = {
		{HEAD REQ("A", "kind: CR"), CRA("B"),
		 "b.yaml:5:19: unknown requirement 'B' in E\n"
		 "   requirements: [B], confidence: c}\n"
		 "                  ^\n"},
		{HEAD REQ("A", "kind: CR") REQ("A", "kind: CR"), CRA("A"),
		 "a.yaml:7:8: 'A' is already on line 5\n"
		 "- {id: A, title: t, fr: 1, components: [EDR], "
		 "lowest_level: 1,\n"
		 "       ^\n"},
		{HEAD REQ("A", "kind: RE, enhances: Z"), CRA("A"),
		 "a.yaml:6:72: there is no requirement 'Z' to enhance\n"
		 "   paraphrase: p, testability: A, confidence: low, kind: RE, "
		 "enhances: Z}\n"
		 "                                                             "
		 "          ^\n"},
		{HEAD REQ("A", "kind: CR, condition: moon"), CRA("A"),
		 "a.yaml:6:73: unknown condition 'moon'\n"
		 "   paraphrase: p, testability: A, confidence: low, kind: CR, "
		 "condition: moon}\n"
		 "                                                             "
		 "           ^\n"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		char *told = told_about(rows[i].requirements, rows[i].cra);

		assert_string_equal(told, rows[i].told);
		free(told);
	}
}

static void an_unknown_edition_names_those_there_are(void **state)
{
	char *told = NULL;
	size_t size = 0;
	struct catalogue *catalogue = NULL;
	FILE *errors = open_memstream(&told, &size);

	(void)state;
	assert_int_equal(catalogue_load(ASSAY_DATA_DIR "/suites", "ISO 1", errors, &catalogue), -1);
	fclose(errors);
	assert_string_equal(told, ASSAY_DATA_DIR "/suites/catalogue:1:1: no catalogue of 'ISO 1'; "
						 "there is: " EDITION "\n");
	free(told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_type_and_level_has_its_number_of_requirements),
		cmocka_unit_test(every_requirement_is_there),
		cmocka_unit_test(every_enhancement_has_its_base_at_its_level_or_below),
		cmocka_unit_test(every_crosswalk_leads_to_a_requirement),
		cmocka_unit_test(one_requirement_is_read_whole),
		cmocka_unit_test(mistakes_are_told_with_their_place),
		cmocka_unit_test(an_unknown_edition_names_those_there_are),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
