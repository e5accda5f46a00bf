/* plan: prints what would run. */
#include "harness/cli/cli.h"

#include <getopt.h>
#include <string.h>

#include "harness/banned.h"

static const struct option options[] = {
	{"help", no_argument, NULL, 'h'},
	{"json", no_argument, NULL, 'j'},
	{"only", required_argument, NULL, 'c'},
	{"sham-only", no_argument, NULL, 's'},
	{NULL, 0, NULL, 0},
};

static int print_plan(const char *path, const struct plan_options *selection, bool json)
{
	struct cli_world world = {.plan = NULL};
	int code = EXIT_USAGE;
	json_t *tree;

	if (cli_load_plan(&world, path, selection) != 0) {
		goto out;
	}
	if (json) {
		tree = plan_to_json(world.plan);
		json_dumpf(tree, stdout, JSON_INDENT(2) | JSON_SORT_KEYS);
		fputc('\n', stdout);
		json_decref(tree);
	} else {
		plan_print(world.plan, stdout, cli_width(stdout));
	}
	code = EXIT_PASSED;
out:
	cli_release(&world);
	return code;
}

static int run(int argc, char **argv)
{
	const char *only[256] = {NULL};
	struct plan_options selection = {.only = NULL};
	size_t count = 0;
	bool json = false;
	int option;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (option) {
		case 'h':
			return cli_help(&command_plan);
		case 'j':
			json = true;
			break;
		case 'c':
			if (count + 1 < ARRAY_SIZE(only)) {
				only[count++] = optarg;
			}
			selection.only = only;
			break;
		case 's':
			selection.sham_only = true;
			break;
		default:
			return cli_usage(&command_plan);
		}
	}
	if (optind + 1 != argc) {
		fputs("assay: plan takes one profile\n", stderr);
		return cli_usage(&command_plan);
	}
	return print_plan(argv[optind], &selection, json);
}

const struct command command_plan = {
	.name = "plan",
	.summary = "what would run, on what, in which order, how long",
	.help = "usage: assay plan PROFILE [OPTION]...\n\n"
		"Reads the device profile, the suites and the catalogue, "
		"checks every name in\nthem, and prints what would run, on "
		"what, in which order and how long, and what\nwould not, and "
		"why. Sends nothing.\n\n"
		"  --only CHECK   only this check; may be given several times\n"
		"  --sham-only    load checks put no load on the device\n"
		"  --json         the plan as JSON\n",
	.run = run,
};
