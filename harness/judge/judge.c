/* judge: plan and journal -> results, in the order in which one needs the
 * other. */
#include "harness/judge/judge_parts.h"

#include <stdlib.h>

#include "harness/banned.h"

static void checks_judge(struct judging *judging)
{
	struct results *results = judging->results;
	size_t i, count = judging->plan->check_count;

	judging->checks = arena_alloc(judging->arena, (count + 1) * sizeof(*judging->checks));
	for (i = 0; i < count; i++) {
		check_judge(judging, &judging->plan->checks[i], &judging->checks[i]);
		results->verdict_counts[judging->checks[i].verdict]++;
	}
	results->checks = judging->checks;
	results->check_count = count;
}

static void uncovered_copy(struct judging *judging)
{
	const struct plan *plan = judging->plan;
	struct uncovered_result *all =
		arena_alloc(judging->arena, (plan->uncovered_count + 1) * sizeof(*all));
	size_t i;

	for (i = 0; i < plan->uncovered_count; i++) {
		all[i] = (struct uncovered_result){
			.service = plan->uncovered[i].service->name,
			.protocol = plan->uncovered[i].service->protocol,
			.reason = arena_strdup(judging->arena, plan->uncovered[i].sentence),
		};
	}
	judging->results->uncovered = all;
	judging->results->uncovered_count = plan->uncovered_count;
}

/* The day by which policies were read, which they are, and how much has ended by then. */
static const char *policies_text(struct arena *arena, const struct plan *plan)
{
	const struct suites *suites = plan->suites;
	const char *text;
	size_t i, j, k, ended = 0;

	if (plan->day == NULL || suites->policy_count == 0) {
		return NULL;
	}
	text = arena_printf(arena, "policies read as of %s, the day of the run:", plan->day);
	for (i = 0; i < suites->policy_count; i++) {
		const struct policy *policy = &suites->policies[i];

		text = arena_printf(arena, "%s%s %s of %s", text, i == 0 ? "" : ",", policy->name,
				    policy->date);
		for (j = 0; j < policy->list_count; j++) {
			for (k = 0; k < policy->lists[j].entry_count; k++) {
				const struct policy_entry *entry = &policy->lists[j].entries[k];

				ended += policy_tier_on(entry, plan->day) !=
					 (enum policy_tier)entry->tier;
			}
		}
	}
	return ended == 0 ? text
			  : arena_printf(arena, "%s; %zu of their entries had ended", text, ended);
}

struct results *judge(const struct judge_input *input)
{
	struct arena *arena = arena_new();
	struct results *results = arena_alloc(arena, sizeof(*results));
	struct judging judging = {
		.input = input, .plan = input->plan, .arena = arena, .results = results};

	results->arena = arena;
	results->profile = input->plan->profile;
	results->catalogue = input->plan->catalogue;
	results->tool_version = ASSAY_VERSION;
	results->suites_digest = arena_strdup(arena, input->plan->suites->digest);
	results->journal_head = arena_strdup(arena, input->journal->head);
	circumstances_read(&judging);
	judging.attempts = attempts_read(&judging);
	checks_judge(&judging);
	uncovered_copy(&judging);
	results->policies = policies_text(arena, input->plan);
	requirements_judge(&judging);
	levels_compute(results->requirements, results->requirement_count, results->profile,
		       results->levels);
	cra_judge(&judging);
	plots_read(&judging);
	return results;
}

void results_free(struct results *results)
{
	if (results != NULL) {
		/* the results lie in their own arena */
		arena_free(results->arena);
	}
}
