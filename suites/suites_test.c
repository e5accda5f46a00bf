/* suites_test: the shipped suites, policies and profiles belong together, and
 * no requirement can pass by what a probe alone has seen. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "harness/plan/plan.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

#define EDITION "IEC 62443-4-2:2019"

struct shipped {
	struct catalogue *catalogue;
	struct suites *suites;
};

static int load(void **state)
{
	struct shipped *shipped = calloc(1, sizeof(*shipped));
	const char *folder = ASSAY_DATA_DIR "/suites";

	if (shipped == NULL || catalogue_load(folder, EDITION, stderr, &shipped->catalogue) != 0 ||
	    suites_load(folder, shipped->catalogue, stderr, &shipped->suites) != 0) {
		return -1;
	}
	*state = shipped;
	return 0;
}

static int unload(void **state)
{
	struct shipped *shipped = *state;

	suites_free(shipped->suites);
	catalogue_free(shipped->catalogue);
	free(shipped);
	return 0;
}

/* True if a check of this kind, made for the whole device, names it. */
static bool named(const struct suites *suites, const char *requirement, bool ask)
{
	size_t i, j;

	for (i = 0; i < suites->check_count; i++) {
		const struct check *check = &suites->checks[i];

		if ((check->ask != NULL) != ask || (ask && check->for_what != FOR_DEVICE)) {
			continue;
		}
		for (j = 0; check->requirements[j] != NULL; j++) {
			if (strcmp(check->requirements[j], requirement) == 0) {
				return true;
			}
		}
	}
	return false;
}

static void what_documents_alone_settle_is_asked(void **state)
{
	const struct shipped *shipped = *state;
	size_t i, asked = 0;

	for (i = 0; i < shipped->catalogue->requirement_count; i++) {
		const struct requirement *r = &shipped->catalogue->requirements[i];

		if (r->testability != 'M') {
			continue;
		}
		asked++;
		if (!named(shipped->suites, r->id, true)) {
			fail_msg("nobody asks for %s, %s", r->id, r->title);
		}
		if (named(shipped->suites, r->id, false)) {
			fail_msg("a probe decides %s, %s", r->id, r->title);
		}
	}
	assert_int_equal(asked, 24);
}

/* Each shipped probe sees a part of its requirement: the rest is asked, so
 * that the requirement stays open until a person has answered. */
static void no_requirement_passes_by_probes_alone(void **state)
{
	const struct shipped *shipped = *state;
	size_t i, probed = 0;

	for (i = 0; i < shipped->catalogue->requirement_count; i++) {
		const char *id = shipped->catalogue->requirements[i].id;

		if (!named(shipped->suites, id, false)) {
			continue;
		}
		probed++;
		if (!named(shipped->suites, id, true)) {
			fail_msg("%s could pass without a person", id);
		}
	}
	assert_true(probed > 0);
}

static void the_first_requirements_are_probed(void **state)
{
	static const char *const ids[] = {"CR 1.1", "CR 1.5", "CR 1.9", "CR 3.1",
					  "CR 4.1", "CR 4.3", "CR 7.1", "CR 7.7"};
	const struct shipped *shipped = *state;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		if (!named(shipped->suites, ids[i], false)) {
			fail_msg("no probe looks at %s", ids[i]);
		}
	}
}

/* Questions say what counts and what does not. */
static void a_question_says_what_counts(void **state)
{
	const struct shipped *shipped = *state;
	size_t i;

	for (i = 0; i < shipped->suites->check_count; i++) {
		const struct check *check = &shipped->suites->checks[i];

		if (check->ask != NULL && (strstr(check->ask, "What counts:") == NULL ||
					   strstr(check->ask, "What does not:") == NULL)) {
			fail_msg("'%s' does not say what counts", check->id);
		}
	}
}

static void plan_profile(const struct shipped *shipped, const char *path)
{
	struct profile *profile = NULL;
	struct plan *plan = NULL;
	size_t i;

	if (profile_load(path, stderr, &profile) != 0 ||
	    plan_make(profile, shipped->catalogue, shipped->suites, NULL, stderr, &plan) != 0) {
		fail_msg("'%s' has no plan", path);
	}
	for (i = 0; i < plan->check_count; i++) {
		/* what suites cannot know must not hide behind a reason */
		assert_int_not_equal(plan->checks[i].why, WHY_NO_CHECK);
	}
	assert_true(plan->observation_count > 0);
	plan_free(plan);
	profile_free(profile);
}

static void every_shipped_profile_has_a_plan(void **state)
{
	const char *folder = ASSAY_DATA_DIR "/targets/profiles";
	DIR *directory = opendir(folder);
	const struct dirent *entry;
	char path[600];
	size_t count = 0;

	assert_non_null(directory);
	for (entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
		if (strstr(entry->d_name, ".yaml") == NULL) {
			continue;
		}
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		plan_profile(*state, path);
		count++;
	}
	closedir(directory);
	assert_true(count > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_documents_alone_settle_is_asked),
		cmocka_unit_test(no_requirement_passes_by_probes_alone),
		cmocka_unit_test(the_first_requirements_are_probed),
		cmocka_unit_test(a_question_says_what_counts),
		cmocka_unit_test(every_shipped_profile_has_a_plan),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
