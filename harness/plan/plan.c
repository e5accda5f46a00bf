/* plan: puts checks, observations and monitors together, in order. */
#include "harness/plan/plan.h"

#include "harness/base/digest.h"
#include "harness/plan/builder.h"
#include "probes/registry.h"
#include <string.h>

#include "harness/banned.h"

/* What only observes also times what it sees: fewer side by side. */
#define OBSERVE_WIDTH 4

/* A monitor reaches the device by itself: its settings are the profile's. */
static void plan_monitor(struct builder *builder, const struct essential_function *function)
{
	const struct profile *profile = builder->input->profile;
	struct place place = {profile->path, function->row, function->column};
	struct planned_monitor planned = {
		.monitor = builder->input->find_monitor(function->watch),
		.function = function,
		.index = builder->monitor_count,
	};
	struct scope scope = {
		.arena = builder->arena,
		.profile = profile,
		.suites = builder->input->suites,
		.day = builder->input->options.day,
		.mistakes = &builder->mistakes,
		.for_what = FOR_DEVICE,
	};
	struct params params = {0};
	struct taker taker;
	struct text why;
	size_t before = builder->mistakes.count;

	if (planned.monitor == NULL) {
		mistake_at(&builder->mistakes, place, "no monitor is called '%s'", function->watch);
		return;
	}
	taker = (struct taker){"monitor", planned.monitor->id, planned.monitor->params, place};
	if (params_resolve(&scope, &taker, function->with, function->with_count, &params, &why) !=
		    OUTCOME_OK &&
	    builder->mistakes.count == before) {
		mistake_at(&builder->mistakes, place, "%s", why.s);
	}
	planned.params = params.at;
	planned.param_count = params.count;
	*(struct planned_monitor *)arena_push(builder->arena, &builder->monitors,
					      &builder->monitor_count, sizeof(planned)) = planned;
}

static void check_selection(struct builder *builder)
{
	const char *const *id = builder->input->options.only;
	size_t i;

	if (builder->input->options.suites_may_differ) {
		return;
	}

	for (; id != NULL && *id != NULL; id++) {
		for (i = 0; i < builder->check_count; i++) {
			const struct planned_check *check = &builder->checks[i];

			if (strcmp(check->check->id, *id) == 0 || strcmp(check->id, *id) == 0) {
				break;
			}
		}
		if (i == builder->check_count) {
			fprintf(builder->input->errors,
				"assay: no check of this plan is called "
				"'%s'\n",
				*id);
			builder->mistakes.count++;
		}
	}
}

static bool is_asked(const struct suites *suites, const char *id)
{
	size_t i, size = strcspn(id, "@");

	for (i = 0; i < suites->check_count; i++) {
		const struct check *check = &suites->checks[i];

		if (check->ask != NULL && strlen(check->id) == size &&
		    strncmp(check->id, id, size) == 0) {
			return true;
		}
	}
	return false;
}

static void check_answers(struct builder *builder)
{
	const struct profile *profile = builder->input->profile;
	size_t i;

	for (i = 0; i < profile->answer_count; i++) {
		const char *id = profile->answers[i].check;

		if (!builder->input->options.suites_may_differ &&
		    !is_asked(builder->input->suites, id)) {
			fprintf(builder->input->errors,
				"%s: an answer is given to '%s', which no "
				"suite asks\n",
				profile->path, id);
			builder->mistakes.count++;
		}
	}
}

/* An observation is made if a check wants it; else it shares the reason of
 * the first check that would have. */
static void settle(struct builder *builder)
{
	const struct planned_check *first = NULL;
	size_t i, j;

	for (i = 0; i < builder->observation_count; i++) {
		struct observation *observation = &builder->observations[i];
		bool wanted = false;

		first = NULL;
		for (j = 0; j < builder->check_count; j++) {
			if (builder->checks[j].observation == (int)i) {
				first = first != NULL ? first : &builder->checks[j];
				wanted |= builder->checks[j].why == WHY_NONE;
			}
		}
		if (observation->why == WHY_NONE && !wanted && first != NULL) {
			observation->why = first->why;
			observation->reason = first->reason;
		}
	}
}

/* By impact, then as the suites have them. */
static void order(struct builder *builder)
{
	size_t count = builder->observation_count, done = 0, i;
	struct observation *sorted = arena_alloc(builder->arena, (count + 1) * sizeof(*sorted));
	int *place = arena_alloc(builder->arena, (count + 1) * sizeof(*place));
	int impact;

	for (impact = 0; impact < IMPACT_COUNT; impact++) {
		for (i = 0; i < count; i++) {
			if (builder->observations[i].probe->impact == (enum impact)impact) {
				place[i] = (int)done;
				sorted[done++] = builder->observations[i];
			}
		}
	}
	for (i = 0; i < builder->check_count; i++) {
		if (builder->checks[i].observation >= 0) {
			builder->checks[i].observation = place[builder->checks[i].observation];
		}
	}
	builder->observations = sorted;
}

size_t plan_width(const struct profile *profile, enum impact impact)
{
	size_t most = impact == IMPACT_OBSERVE ? OBSERVE_WIDTH : PLAN_WIDTH;
	int64_t budget = profile->budget.connections;

	return budget < 1 ? 1 : (size_t)budget > most ? most : (size_t)budget;
}

/* What only observes goes on without a pause. */
static unsigned estimate_observing(const struct builder *builder)
{
	unsigned side = (unsigned)plan_width(builder->input->profile, IMPACT_OBSERVE);
	unsigned together = 0, longest = 0;
	size_t i;

	for (i = 0; i < builder->observation_count; i++) {
		const struct observation *o = &builder->observations[i];

		if (o->why == WHY_NONE && o->probe->impact == IMPACT_OBSERVE) {
			together += o->seconds;
			longest = o->seconds > longest ? o->seconds : longest;
		}
	}
	together = (together + side - 1) / side;
	return together > longest ? together : longest;
}

/* Takes the next batch of an impact class out of those left. Returns how long it
 * takes, 0 where none is left. */
static unsigned estimate_batch(const struct builder *builder, enum impact impact, bool *done)
{
	const struct observation *batch[PLAN_WIDTH];
	size_t i, count = 0, width = plan_width(builder->input->profile, impact);
	unsigned longest = 0;

	for (i = 0; i < builder->observation_count && count < width; i++) {
		const struct observation *o = &builder->observations[i];

		if (o->why != WHY_NONE || o->probe->impact != impact || done[i] ||
		    !observation_fits(o, batch, count)) {
			continue;
		}
		done[i] = true;
		batch[count++] = o;
		longest = o->seconds > longest ? o->seconds : longest;
	}
	return count > 0 && longest == 0 ? 1 : longest;
}

static unsigned estimate(const struct builder *builder)
{
	bool *done = arena_alloc(builder->arena, builder->observation_count + 1);
	unsigned all = estimate_observing(builder), batch;
	int impact;

	for (impact = IMPACT_TOUCH; impact < IMPACT_COUNT; impact++) {
		do {
			batch = estimate_batch(builder, (enum impact)impact, done);
			all += batch;
		} while (batch > 0);
	}
	return all;
}

static void digest(const struct builder *builder, struct plan *plan)
{
	const struct plan_input *input = builder->input;
	const char *const *id = input->options.only;
	char *text = arena_printf(builder->arena, "%s\n%s\n%s\n%d\n", input->profile->digest,
				  input->suites->digest, input->catalogue->digest,
				  input->options.sham_only);
	struct digest result;

	for (; id != NULL && *id != NULL; id++) {
		text = arena_printf(builder->arena, "%s%s\n", text, *id);
	}
	result = digest_of(text, strlen(text));
	memcpy(plan->digest, result.hex, sizeof(plan->digest));
}

static void lint(struct builder *builder)
{
	const struct plan_input *input = builder->input;
	size_t i;

	for (i = 0; i < input->profile->function_count; i++) {
		plan_monitor(builder, &input->profile->functions[i]);
	}
	for (i = 0; i < input->suites->check_count; i++) {
		builder_lint(builder, &input->suites->checks[i]);
	}
	check_answers(builder);
}

static void expand(struct builder *builder)
{
	const struct suites *suites = builder->input->suites;
	size_t i;

	for (i = 0; i < suites->check_count; i++) {
		builder_expand(builder, &suites->checks[i]);
	}
	check_selection(builder);
	builder_find_uncovered(builder);
	settle(builder);
	order(builder);
	builder_note_defaults(builder);
}

/* A copy of the selection in the plan's arena. */
static const char *const *selection(struct arena *arena, const char *const *only)
{
	size_t i, count = 0;
	const char **copy;

	if (only == NULL) {
		return NULL;
	}
	while (only[count] != NULL) {
		count++;
	}
	copy = arena_alloc(arena, (count + 1) * sizeof(*copy));
	for (i = 0; i < count; i++) {
		copy[i] = arena_strdup(arena, only[i]);
	}
	return copy;
}

int plan_build(const struct plan_input *input, struct plan **ret)
{
	struct arena *arena = arena_new();
	struct builder builder = {
		.input = input,
		.arena = arena,
		.mistakes = {.arena = arena, .errors = input->errors},
	};
	struct plan *plan = arena_alloc(arena, sizeof(*plan));

	lint(&builder);
	if (builder.mistakes.count == 0) {
		expand(&builder);
	}
	if (builder.mistakes.count > 0) {
		arena_free(arena);
		return -1;
	}
	*plan = (struct plan){
		.arena = arena,
		.profile = input->profile,
		.catalogue = input->catalogue,
		.suites = input->suites,
		.observations = builder.observations,
		.observation_count = builder.observation_count,
		.checks = builder.checks,
		.check_count = builder.check_count,
		.monitors = builder.monitors,
		.monitor_count = builder.monitor_count,
		.uncovered = builder.uncovered,
		.uncovered_count = builder.uncovered_count,
		.notes = builder.notes,
		.note_count = builder.note_count,
		.seconds = estimate(&builder),
		.only = selection(arena, input->options.only),
		.sham_only = input->options.sham_only,
		.day = arena_strdup(arena, input->options.day),
	};
	digest(&builder, plan);
	*ret = plan;
	return 0;
}

int plan_make(const struct profile *profile, const struct catalogue *catalogue,
	      const struct suites *suites, const struct plan_options *options, FILE *errors,
	      struct plan **ret)
{
	struct plan_input input = {
		.profile = profile,
		.catalogue = catalogue,
		.suites = suites,
		.find_probe = probe_find,
		.find_monitor = monitor_find,
		.errors = errors,
	};

	if (options != NULL) {
		input.options = *options;
	}
	return plan_build(&input, ret);
}

void plan_free(struct plan *plan)
{
	if (plan != NULL) {
		arena_free(plan->arena);
	}
}
