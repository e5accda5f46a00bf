/* policy_test: what a policy must say, what is told where it does not, and what an entry
 * is once its year is over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/model/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

#define HEAD                                             \
	"policy: p-2026\n"                               \
	"date: 2026-11-25\n"                             \
	"sources:\n"                                     \
	"- {id: s, document: Doc 1, edition: 2026-01}\n" \
	"lists:\n"                                       \
	"- name: kex\n"                                  \
	"  entries:\n"

/* Reads a policy; returns what was told, which the caller frees. */
static char *read_policy(struct arena *arena, const char *text, struct policy *policy)
{
	struct yaml_file file;
	char *told = NULL;
	size_t size = 0;
	FILE *errors = open_memstream(&told, &size);

	assert_int_equal(yaml_parse(arena, "p", text, strlen(text), false, errors, &file), 0);
	shape_read(&policy_shape, &file, file.root, policy);
	fclose(errors);
	return told;
}

static void an_entry_is_read_with_its_source(void **state)
{
	struct arena *arena = arena_new();
	struct policy policy = {0};
	char *told = read_policy(arena,
				 HEAD "  - {tier: legacy, source: s, place: table 2, until: 2029,\n"
				      "     values: [a, b]}\n"
				      "  - {tier: allowed, source: s, place: x, verified: false,\n"
				      "     values: [c]}\n",
				 &policy);
	const struct policy_list *list = policy_list_find(&policy, "kex");

	(void)state;
	assert_string_equal(told, "");
	assert_non_null(list);
	assert_null(policy_list_find(&policy, "mac"));
	assert_ptr_equal(policy_entry_of(list, "b"), &list->entries[0]);
	assert_null(policy_entry_of(list, "d"));
	assert_string_equal(policy_source_text(arena, &policy, policy_entry_of(list, "a")),
			    "Doc 1 2026-01, table 2, until 2029");
	assert_string_equal(policy_source_text(arena, &policy, policy_entry_of(list, "c")),
			    "Doc 1 2026-01, x (not verified)");
	free(told);
	arena_free(arena);
}

static void what_ended_is_the_next_lower_tier(void **state)
{
	static const struct {
		int tier;
		int64_t until;
		const char *day;
		enum policy_tier then;
	} rows[] = {
		{TIER_ALLOWED, 0, "2999-01-01", TIER_ALLOWED},
		{TIER_ALLOWED, 2029, "2029-12-31", TIER_ALLOWED},
		{TIER_ALLOWED, 2029, "2030-01-01", TIER_LEGACY},
		{TIER_ALLOWED, 2029, NULL, TIER_ALLOWED},
		{TIER_LEGACY, 2029, "2030-01-01", TIER_FORBIDDEN},
		{TIER_FORBIDDEN, 0, "2030-01-01", TIER_FORBIDDEN},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct policy_entry entry = {.tier = rows[i].tier, .until = rows[i].until};

		assert_int_equal(policy_tier_on(&entry, rows[i].day), rows[i].then);
	}
}

static void a_list_is_a_vendors_by_whole_words(void **state)
{
	static const struct {
		const char *name, *vendor;
		bool is;
	} rows[] = {
		{"siemens", "Siemens AG", true},
		{"allen-bradley", "Rockwell Automation / Allen-Bradley", true},
		{"endress-hauser", "Endress+Hauser", true},
		{"b-b-electronics", "B&B ELECTRONICS", true},
		{"ge", "GE", true},
		{"ge", "General Electric", false},
		{"tac", "Tacoma", false},
		{"tac", "Contac", false},
		{"moxa", "", false},
		{"moxa", NULL, false},
		{"allen-bradley", "Allen", false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct policy_list list = {.name = rows[i].name};

		if (policy_list_is_of(&list, rows[i].vendor) != rows[i].is) {
			fail_msg("'%s' and '%s'", rows[i].name, rows[i].vendor);
		}
	}
}

static void every_mistake_is_told_with_its_place(void **state)
{
	static const struct {
		const char *text, *told;
	} rows[] = {
		{"policy: p\nsources:\n- {id: s, document: d, edition: e}\nlists:\n- name: l\n"
		 "  entries:\n  - {tier: allowed, source: s, place: p, values: [a]}\n",
		 "p:1:1: policy lacks 'date': day it was drawn up\n"
		 "policy: p\n"
		 "^\n"},
		{HEAD "  - {tier: allowed, place: p, values: [a]}\n",
		 "p:8:5: entry lacks 'source': id of the source that says so\n"
		 "  - {tier: allowed, place: p, values: [a]}\n"
		 "    ^\n"},
		{HEAD "  - {tier: allowed, source: t, place: p, values: [a]}\n",
		 "p:8:29: unknown source 't'; 'sources' has none of that id\n"
		 "  - {tier: allowed, source: t, place: p, values: [a]}\n"
		 "                            ^\n"},
		{HEAD "  - {tier: forbidden, source: s, place: p, until: 2029, values: [a]}\n",
		 "p:8:51: what is forbidden has no end\n"
		 "  - {tier: forbidden, source: s, place: p, until: 2029, values: [a]}\n"
		 "                                                  ^\n"},
		{HEAD "  - {tier: allowed, source: s, place: p, values: [a]}\n"
		      "  - {tier: legacy, source: s, place: p, values: [b, a]}\n",
		 "p:9:53: 'a' is already on line 8\n"
		 "  - {tier: legacy, source: s, place: p, values: [b, a]}\n"
		 "                                                    ^\n"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new();
		struct policy policy = {0};
		char *told = read_policy(arena, rows[i].text, &policy);

		assert_string_equal(told, rows[i].told);
		free(told);
		arena_free(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_is_read_with_its_source),
		cmocka_unit_test(what_ended_is_the_next_lower_tier),
		cmocka_unit_test(a_list_is_a_vendors_by_whole_words),
		cmocka_unit_test(every_mistake_is_told_with_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
