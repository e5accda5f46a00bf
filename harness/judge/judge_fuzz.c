/*
 * judge_fuzz: whatever records a journal holds, judging it ends, no level is
 * proven above its ceiling, and nothing passes unless a fact was seen.
 */
#include "harness/judge/test_world.h"

#include <stdint.h>

#include "harness/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* JSON values, one after the other. */
static void read_records(struct world *w, const uint8_t *bytes, size_t size)
{
	json_error_t where;
	json_t *record;

	while (size > 0 && w->journal.count < WORLD_RECORDS) {
		record = json_loadb((const char *)bytes, size, JSON_DISABLE_EOF_CHECK, &where);
		if (record == NULL || where.position <= 0) {
			json_decref(record);
			return;
		}
		w->records[w->journal.count++] = record;
		bytes += where.position;
		size -= (size_t)where.position;
	}
}

static void require(const struct results *results)
{
	const struct check_result *check;
	size_t i;
	int fr;

	for (fr = 0; fr < 8; fr++) {
		if (results->levels[fr].proven > results->levels[fr].ceiling) {
			BUG("FR %d is proven above its ceiling", fr);
		}
	}
	for (i = 0; i < results->check_count; i++) {
		check = &results->checks[i];
		if (check->verdict == VERDICT_PASS && check->facts.count == 0) {
			BUG("check '%s' passes without a fact", check->id);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct world w;
	struct planned_check *check;
	struct results *results;
	json_t *object;

	world_init(&w);
	check = world_check(&w, "a", "CR 1.1", &world_observe);
	world_given(&w, check, "good_before is true");
	world_expect(&w, check, "versions subset-of [a, b]");
	world_expect(&w, check, "tries at-most 5");
	check = world_check(&w, "b", "CR 4.3", &world_touch);
	world_expect(&w, check, "banner is-not root");
	world_expect(&w, check, "unlock_s at-least 2");
	read_records(&w, bytes, size);
	results = world_judge(&w);
	require(results);
	object = results_to_json(results);
	json_decref(object);
	results_free(results);
	world_release(&w);
	return 0;
}
