/*
 * Properties of the judge over random plans and journals: a fixed seed, so that
 * a failure comes again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/judge/test_world.h"

#include "harness/banned.h"

#define CASES 4000

static uint32_t next(uint64_t *seed) /* xorshift64* */
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return (uint32_t)((*seed * 2685821657736338717ull) >> 32);
}

static bool chance(uint64_t *seed, unsigned percent)
{
	return next(seed) % 100 < percent;
}

static const char *const line_texts[] = {
	"locked is true",        "tries at-most 5",           "unlock_s at-least 2",
	"banner is-not root",    "versions subset-of [a, b]", "versions excludes [c]",
	"versions includes [a]",
};
#define GOOD_FACTS                                                 \
	"{\"good_before\": true, \"locked\": true, \"tries\": 5, " \
	"\"unlock_s\": 2.5, \"banner\": \"hi\", \"versions\": [\"a\"]}"
/* Breaks every line above, and leaves the control alone. */
#define BAD_FACTS                                                   \
	"{\"good_before\": true, \"locked\": false, \"tries\": 6, " \
	"\"unlock_s\": 1.5, \"banner\": \"root\", \"versions\": [\"c\"]}"

static const struct answer answers[] = {
	{.met = true,
	 .who = "A",
	 .role = "tester",
	 .when = "2026-01-01",
	 .evidence = "a.pdf",
	 .evidence_sha256 = "00",
	 .reviewed_by = "B"},
	{.met = false, .who = "A", .when = "2026-01-01", .reviewed_by = "B"},
	{.met = true,
	 .who = "A",
	 .when = "2026-01-01",
	 .evidence = "a.pdf",
	 .evidence_sha256 = "00"},
	{.met = true,
	 .who = "A",
	 .when = "2026-01-01",
	 .evidence = "a.pdf",
	 .evidence_sha256 = "00",
	 .reviewed_by = "B",
	 .valid_until = "2025-12-31"},
};
static const struct absence no_radio = {
	.condition = "wireless", .reason = "it has no radio", .declared_by = "C"};

static const char *random_requirement(uint64_t *seed)
{
	/* few, so that some have all their checks passing */
	return world_requirements[next(seed) % ARRAY_SIZE(world_requirements)].id;
}

static void random_check(struct world *w, uint64_t *seed, unsigned n)
{
	char *id = arena_printf(w->arena, "check%u", n);
	const char *requirement = random_requirement(seed);
	struct planned_check *check;
	unsigned lines;

	if (chance(seed, 15)) {
		world_ask(w, id, requirement, chance(seed, 20) ? NULL : &answers[next(seed) % 4]);
		return;
	}
	check = world_check(w, id, requirement, chance(seed, 50) ? &world_observe : &world_touch);
	if (chance(seed, 50)) {
		world_given(w, check, "good_before is true");
	}
	for (lines = next(seed) % 4; lines > 0; lines--) {
		world_expect(w, check, line_texts[next(seed) % ARRAY_SIZE(line_texts)]);
	}
	if (chance(seed, 5)) {
		check->why = WHY_NO_CONSENT;
		check->reason = "not granted";
	}
}

static void random_facts(struct world *w, uint64_t *seed, const struct planned_check *check)
{
	json_t *facts = json_loads(GOOD_FACTS, 0, NULL);
	json_t *bad = json_loads(BAD_FACTS, 0, NULL);
	const struct fact_def *def;
	char *text;

	for (def = world_facts; def->name != NULL; def++) {
		if (chance(seed, 6)) {
			json_object_del(facts, def->name);
		} else if (chance(seed, 6)) {
			json_object_set(facts, def->name, json_object_get(bad, def->name));
		}
	}
	text = json_dumps(facts, 0);
	world_saw(w, check, text);
	free(text);
	json_decref(facts);
	json_decref(bad);
}

static void random_attempt(struct world *w, uint64_t *seed, const struct planned_check *check)
{
	static const char *const states[] = {"alive", "suspect", "lost", "verified", "verified"};

	world_begin(w, check);
	if (chance(seed, 10)) {
		world_device(w, states[next(seed) % ARRAY_SIZE(states)], "x");
	}
	switch (next(seed) % 12) {
	case 0:
		break; /* aborted */
	case 1:
		world_outcome(w, check, "gave-up", "no-answer", "silent");
		break;
	case 2:
		world_outcome(w, check, "error", "crashed", "SIGSEGV");
		break;
	default:
		random_facts(w, seed, check);
	}
}

/* The same seed makes the same world. */
static void random_world(struct world *w, uint64_t seed)
{
	unsigned i, checks;

	world_init(w);
	if (chance(&seed, 50)) {
		w->profile.absent = &no_radio;
		w->profile.absent_count = 1;
	}
	checks = 1 + next(&seed) % 14;
	for (i = 0; i < checks; i++) {
		random_check(w, &seed, i);
	}
	for (i = 0; i < checks; i++) {
		while (w->planned[i].observation >= 0 && chance(&seed, 70)) {
			random_attempt(w, &seed, &w->planned[i]);
			if (chance(&seed, 80)) {
				break;
			}
		}
	}
	if (chance(&seed, 80)) {
		world_end(w, "complete");
	}
}

static void forget(struct world *w, const char *observation)
{
	size_t i, kept = 0;
	const char *id;

	for (i = 0; i < w->journal.count; i++) {
		id = json_string_value(json_object_get(w->records[i], "observation"));
		if (id != NULL && strcmp(id, observation) == 0) {
			json_decref(w->records[i]);
		} else {
			w->records[kept++] = w->records[i];
		}
	}
	w->journal.count = kept;
}

static void levels_of(struct world *w, struct level_result ret[8])
{
	struct results *results = world_judge(w);

	memcpy(ret, results->levels, sizeof(results->levels));
	results_free(results);
}

static void proven_never_above_ceiling(void **state)
{
	struct level_result levels[8];
	struct world w;
	uint64_t seed;
	int fr, proven = 0;

	(void)state;
	for (seed = 1; seed <= CASES; seed++) {
		random_world(&w, seed);
		levels_of(&w, levels);
		for (fr = 0; fr < 8; fr++) {
			assert_in_range(levels[fr].proven, 0, 4);
			assert_in_range(levels[fr].ceiling, 0, 4);
			assert_true(levels[fr].proven <= levels[fr].ceiling);
			proven += levels[fr].proven > 0;
		}
		world_release(&w);
	}
	/* the worlds are not so bad that the property is empty */
	assert_true(proven > CASES / 20);
}

static void removing_an_observation_never_raises_proven(void **state)
{
	struct level_result before[8], after[8];
	struct world w;
	uint64_t seed;
	int fr, lowered = 0;

	(void)state;
	for (seed = 1; seed <= CASES; seed++) {
		random_world(&w, seed);
		levels_of(&w, before);
		if (w.plan.observation_count > 0) {
			forget(&w, w.observations[seed % w.plan.observation_count].id);
		}
		levels_of(&w, after);
		for (fr = 0; fr < 8; fr++) {
			assert_true(after[fr].proven <= before[fr].proven);
			lowered += after[fr].proven < before[fr].proven;
		}
		world_release(&w);
	}
	assert_true(lowered > CASES / 100);
}

static void adding_a_fail_never_raises_a_ceiling(void **state)
{
	struct level_result before[8], after[8];
	struct planned_check *check;
	struct world w;
	uint64_t seed, more;
	int fr, lowered = 0;

	(void)state;
	for (seed = 1; seed <= CASES; seed++) {
		random_world(&w, seed);
		levels_of(&w, before);
		more = seed * 7919;
		check = &w.planned[seed % w.plan.check_count];
		if (check->observation < 0 || chance(&more, 50)) {
			check = world_check(&w, "added", random_requirement(&more), &world_observe);
			world_expect(&w, check, "locked is true");
		}
		world_begin(&w, check);
		world_saw(&w, check, BAD_FACTS);
		levels_of(&w, after);
		for (fr = 0; fr < 8; fr++) {
			assert_true(after[fr].ceiling <= before[fr].ceiling);
			lowered += after[fr].ceiling < before[fr].ceiling;
		}
		world_release(&w);
	}
	assert_true(lowered > CASES / 20);
}

/* A PASS rests on facts that were seen to hold, or on a reviewed answer. */
static void assert_founded(const struct check_result *check)
{
	size_t i;

	assert_int_equal(check->verdict, VERDICT_PASS);
	if (check->ask != NULL) {
		assert_non_null(check->answer);
		assert_true(check->answer->met);
		assert_non_null(check->answer->reviewed_by);
		return;
	}
	assert_true(check->facts.count > 0);
	assert_true(check->line_count > 0);
	assert_int_equal(check->attempts > 0, 1);
	for (i = 0; i < check->line_count; i++) {
		assert_int_equal(check->lines[i].held, 1);
		assert_non_null(check->lines[i].saw);
	}
}

static void no_requirement_passes_unfounded(void **state)
{
	const struct requirement_result *requirement;
	struct results *results;
	struct world w;
	uint64_t seed;
	size_t i, n;
	int passed = 0;

	(void)state;
	for (seed = 1; seed <= CASES; seed++) {
		random_world(&w, seed);
		results = world_judge(&w);
		for (i = 0; i < results->requirement_count; i++) {
			requirement = &results->requirements[i];
			if (requirement->verdict != VERDICT_PASS) {
				continue;
			}
			passed++;
			assert_true(requirement->check_count > 0);
			for (n = 0; n < requirement->check_count; n++) {
				assert_founded(&results->checks[requirement->checks[n]]);
			}
		}
		results_free(results);
		world_release(&w);
	}
	assert_true(passed > CASES / 20);
}

static void no_cra_point_passes_uncovered(void **state)
{
	const struct cra_result *cra;
	struct results *results;
	struct world w;
	uint64_t seed;
	size_t i;
	int passed = 0;

	(void)state;
	for (seed = 1; seed <= CASES; seed++) {
		random_world(&w, seed);
		results = world_judge(&w);
		for (i = 0; i < results->cra_count; i++) {
			cra = &results->cra[i];
			if (cra->verdict == VERDICT_PASS) {
				passed++;
				assert_string_equal(cra->point->coverage, "good");
				assert_true(cra->met > 0);
				assert_int_equal(cra->not_met, 0);
				assert_int_equal(cra->not_evaluated, 0);
			}
		}
		results_free(results);
		world_release(&w);
	}
	assert_true(passed > 0);
}

static char *judged(struct world *w)
{
	struct results *results = world_judge(w);
	json_t *object = results_to_json(results);
	char *text = json_dumps(object, 0);

	json_decref(object);
	results_free(results);
	return text;
}

static void judging_twice_gives_the_same_bytes(void **state)
{
	char *first, *second;
	struct world w, again;
	uint64_t seed;

	(void)state;
	for (seed = 1; seed <= CASES / 10; seed++) {
		random_world(&w, seed);
		random_world(&again, seed);
		first = judged(&w);
		second = judged(&again);
		assert_string_equal(first, second);
		free(first);
		free(second);
		world_release(&w);
		world_release(&again);
	}
}

/* The display during a run may know less than the judge, but not contradict. */
static void the_live_display_agrees_with_the_judge(void **state)
{
	struct results *results;
	struct world w;
	uint64_t seed;
	int compared = 0;
	size_t i;

	(void)state;
	for (seed = 1; seed <= CASES / 10; seed++) {
		random_world(&w, seed);
		results = world_judge(&w);
		for (i = 0; i < results->check_count; i++) {
			const struct check_result *check = &results->checks[i];

			if (check->probe == NULL ||
			    (check->verdict != VERDICT_PASS && check->verdict != VERDICT_FAIL)) {
				continue;
			}
			assert_int_equal(judge_lines_alone(&w.plan.checks[i], &check->facts),
					 check->verdict);
			compared++;
		}
		results_free(results);
		world_release(&w);
	}
	assert_true(compared > CASES / 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proven_never_above_ceiling),
		cmocka_unit_test(removing_an_observation_never_raises_proven),
		cmocka_unit_test(adding_a_fail_never_raises_a_ceiling),
		cmocka_unit_test(no_requirement_passes_unfounded),
		cmocka_unit_test(no_cra_point_passes_uncovered),
		cmocka_unit_test(the_live_display_agrees_with_the_judge),
		cmocka_unit_test(judging_twice_gives_the_same_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
