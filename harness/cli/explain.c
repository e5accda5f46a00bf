/* explain: tells what an id, a requirement or a word of a report means. */
#include "harness/cli/cli.h"
#include "probes/registry.h"

#include <string.h>

#include "harness/banned.h"

static void print_params(const struct param_def *params)
{
	size_t i;

	if (params == NULL || params->name == NULL) {
		return;
	}
	puts("\nparameters");
	for (; params->name != NULL; params++) {
		printf("  %-14s %s (%s", params->name, params->meaning,
		       param_type_word(params->type));
		if (params->type == PARAM_INT) {
			printf(" %lld to %lld", (long long)params->min, (long long)params->max);
		}
		for (i = 0; params->one_of != NULL && params->one_of(i) != NULL; i++) {
			printf("%s %s", i == 0 ? " of" : ",", params->one_of(i));
		}
		if (params->fallback == NULL) {
			printf("; must be given");
		} else if (params->fallback[0] != '\0') {
			printf("; %s if not given", params->fallback);
		}
		puts(")");
	}
}

static void print_probe(const struct probe *probe)
{
	const struct fact_def *fact;

	printf("probe %s (%s)\n%s\nfollows: %s\n", probe->id, impact_word(probe->impact),
	       probe->summary, probe->source);
	print_params(probe->params);
	puts("\nfacts");
	for (fact = probe->facts; fact->name != NULL; fact++) {
		printf("  %-26s %-5s %s%s%s%s\n", fact->name, fact_type_word(fact->type),
		       fact->meaning, fact->unit[0] != '\0' ? " (" : "", fact->unit,
		       fact->unit[0] != '\0' ? ")" : "");
	}
}

static void print_monitor(const struct monitor *monitor)
{
	printf("monitor %s\n%s\nfollows: %s\nvalue: %s%s%s\n", monitor->id, monitor->summary,
	       monitor->source, monitor->meaning, monitor->unit[0] != '\0' ? ", in " : "",
	       monitor->unit);
	print_params(monitor->params);
}

static void print_lines(const char *title, const struct line *lines, size_t count)
{
	size_t i;

	if (count > 0) {
		printf("\n%s\n", title);
	}
	for (i = 0; i < count; i++) {
		printf("  %s\n", lines[i].text);
	}
}

static void print_check(const struct check *check)
{
	size_t i;

	printf("check %s (suite %s)\n", check->id, check->suite);
	if (check->title != NULL) {
		puts(check->title);
	}
	if (check->ask != NULL) {
		printf("asks a person: %s\n", check->ask);
	} else {
		printf("probe: %s\n", check->probe);
	}
	printf("requirements:");
	for (i = 0; check->requirements[i] != NULL; i++) {
		printf("%s %s", i > 0 ? "," : "", check->requirements[i]);
	}
	putchar('\n');
	print_lines("controls, without which it is INCONCLUSIVE", check->given, check->given_count);
	print_lines("what a PASS needs besides", check->complete, check->complete_count);
	print_lines("expectations, without which it is FAIL", check->expect, check->expect_count);
	printf("\nfrom %s:%d\n", check->file, check->row);
}

static void print_entry(const struct policy *policy, const struct policy_entry *entry, char *day)
{
	struct arena *arena = arena_new();
	enum policy_tier tier = policy_tier_on(entry, day);
	const char *const *value;

	printf("  %s: %s\n", policy_tier_words[tier], policy_source_text(arena, policy, entry));
	if (tier != (enum policy_tier)entry->tier) {
		printf("    (%s up to %lld)\n", policy_tier_words[entry->tier],
		       (long long)entry->until);
	}
	for (value = entry->values; *value != NULL; value++) {
		printf("    %s\n", *value);
	}
	arena_free(arena);
}

static void print_policy(const struct policy *policy)
{
	char day[11];
	size_t i, j;

	printf("policy %s of %s, as of %s\n", policy->name, policy->date, cli_run_day(NULL, day));
	for (i = 0; policy_tier_words[i] != NULL; i++) {
		printf("%s: %s\n", policy_tier_words[i], policy_tier_meaning((enum policy_tier)i));
	}
	for (i = 0; i < policy->list_count; i++) {
		printf("\n%s\n", policy->lists[i].name);
		for (j = 0; j < policy->lists[i].entry_count; j++) {
			print_entry(policy, &policy->lists[i].entries[j], day);
		}
	}
}

static bool print_value_in(const struct policy *policy, const struct policy_list *list,
			   const char *text)
{
	const struct policy_entry *entry = policy_entry_of(list, text);
	struct arena *arena;
	char day[11];

	if (entry == NULL) {
		return false;
	}
	arena = arena_new();
	cli_run_day(NULL, day);
	printf("%s: %s as of %s in %s %s\nby %s\n", text,
	       policy_tier_words[policy_tier_on(entry, day)], day, policy->name, list->name,
	       policy_source_text(arena, policy, entry));
	arena_free(arena);
	return true;
}

/* What the policies say of one name or size. Returns false where none has it. */
static bool print_value(const struct suites *suites, const char *text)
{
	bool found = false;
	size_t i, j;

	for (i = 0; i < suites->policy_count; i++) {
		for (j = 0; j < suites->policies[i].list_count; j++) {
			found |= print_value_in(&suites->policies[i], &suites->policies[i].lists[j],
						text);
		}
	}
	return found;
}

static void print_requirement(const struct cli_world *world, const struct requirement *requirement)
{
	const struct check *check;
	size_t i, j;

	printf("%s %s (%s)\n%s\ncomponents:", requirement->id, requirement->title,
	       world->catalogue->edition, requirement->paraphrase);
	for (i = 0; requirement->components[i] != NULL; i++) {
		printf(" %s", requirement->components[i]);
	}
	if (requirement->lowest_level > 0) {
		printf("\nselected from security level %d", requirement->lowest_level);
	}
	if (requirement->condition != NULL) {
		printf("\napplies unless the profile declares absent: %s", requirement->condition);
	}
	puts("\n\nchecks");
	for (i = 0; i < world->suites->check_count; i++) {
		check = &world->suites->checks[i];
		for (j = 0; check->requirements[j] != NULL; j++) {
			if (strcmp(check->requirements[j], requirement->id) == 0) {
				printf("  %s\n", check->id);
			}
		}
	}
}

static void print_cra(const struct cra_point *point)
{
	size_t i;

	printf("%s %s (%s)\n%s\ncoverage by 62443: %s\n", point->id, point->title, point->ref,
	       point->paraphrase, point->coverage);
	if (point->gap != NULL) {
		printf("left open: %s\n", point->gap);
	}
	printf("requirements:");
	for (i = 0; point->requirements[i] != NULL; i++) {
		printf("%s %s", i > 0 ? "," : "", point->requirements[i]);
	}
	putchar('\n');
}

static bool explain_word(const char *id)
{
	int value = verdict_from_word(id);

	if (value >= 0) {
		printf("%s: %s\n", id, verdict_sentence((enum verdict)value));
		return true;
	}
	value = why_from_word(id);
	if (value > 0) {
		printf("%s: %s\n", id, why_sentence((enum why)value));
		return true;
	}
	return false;
}

static bool explain_data(const struct cli_world *world, const char *id)
{
	const struct requirement *requirement = catalogue_requirement(world->catalogue, id);
	const struct cra_point *point = catalogue_cra(world->catalogue, id);
	size_t i;

	for (i = 0; i < world->suites->check_count; i++) {
		if (strcmp(world->suites->checks[i].id, id) == 0) {
			print_check(&world->suites->checks[i]);
			return true;
		}
	}
	for (i = 0; i < world->suites->policy_count; i++) {
		if (strcmp(world->suites->policies[i].name, id) == 0) {
			print_policy(&world->suites->policies[i]);
			return true;
		}
	}
	if (requirement != NULL) {
		print_requirement(world, requirement);
		return true;
	}
	if (point != NULL) {
		print_cra(point);
		return true;
	}
	return print_value(world->suites, id);
}

static int explain(const char *id)
{
	struct cli_world world = {.plan = NULL};
	int code = EXIT_USAGE;

	if (probe_find(id) != NULL) {
		print_probe(probe_find(id));
		return EXIT_PASSED;
	}
	if (monitor_find(id) != NULL) {
		print_monitor(monitor_find(id));
		return EXIT_PASSED;
	}
	if (explain_word(id)) {
		return EXIT_PASSED;
	}
	if (cli_load_data(&world, NULL) == 0) {
		if (explain_data(&world, id)) {
			code = EXIT_PASSED;
		} else {
			fprintf(stderr,
				"assay: '%s' is no check, probe, monitor, "
				"requirement, CRA point, policy, policy's entry, "
				"verdict or reason\n",
				id);
		}
	}
	cli_release(&world);
	return code;
}

static int run(int argc, char **argv)
{
	char id[512];
	size_t used = 0;
	int i;

	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		return cli_help(&command_explain);
	}
	if (argc < 2) {
		fputs("assay: explain takes an id\n", stderr);
		return cli_usage(&command_explain);
	}
	/* 'explain CR 1.1' needs no quotes */
	id[0] = '\0';
	for (i = 1; i < argc && used < sizeof(id); i++) {
		used += (size_t)snprintf(id + used, sizeof(id) - used, "%s%s", i > 1 ? " " : "",
					 argv[i]);
	}
	return explain(id);
}

const struct command command_explain = {
	.name = "explain",
	.summary = "what a check, probe, requirement or word means",
	.help = "usage: assay explain ID\n\n"
		"Explains a check, probe, monitor, requirement ('CR 1.1'), CRA "
		"point ('I.2.d'),\npolicy ('tls-2026'), entry of a policy "
		"('hmac-sha1'), verdict ('INCONCLUSIVE')\nor reason "
		"('rate-limited').\n",
	.run = run,
};
