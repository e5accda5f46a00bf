/* builder: a plan being made. Private to the plan. */
#ifndef ASSAY_PLAN_BUILDER_H
#define ASSAY_PLAN_BUILDER_H

#include "harness/plan/scope.h"

/* What a plan is made from. find_probe and find_monitor are the registry's,
 * or a test's. */
struct plan_input {
	const struct profile *profile;
	const struct catalogue *catalogue;
	const struct suites *suites;
	struct plan_options options;
	const struct probe *(*find_probe)(const char *id);
	const struct monitor *(*find_monitor)(const char *id);
	FILE *errors;
};

struct builder {
	const struct plan_input *input;
	struct arena *arena;
	struct mistakes mistakes;
	struct observation *observations;
	size_t observation_count;
	const char **keys; /* one per observation */
	size_t key_count;
	struct planned_check *checks;
	size_t check_count;
	struct planned_monitor *monitors;
	size_t monitor_count;
	struct uncovered *uncovered;
	size_t uncovered_count;
	const char **notes;
	size_t note_count;
};

/* As plan_make(). */
int plan_build(const struct plan_input *input, struct plan **ret);

/* Looks at one check for mistakes, whatever the profile declares. */
void builder_lint(struct builder *builder, const struct check *check);
/* Adds one planned check per service, function or device it is for. */
void builder_expand(struct builder *builder, const struct check *check);
/* Finds the services that no check looks into, once all checks are added. */
void builder_find_uncovered(struct builder *builder);
/* Notes which delivered credentials will be tried, and how many of them the budget does not cover,
 * once it is settled what will run. */
void builder_note_defaults(struct builder *builder);

#endif
