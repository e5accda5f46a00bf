/* checks: what the suites hold. */
#include "harness/cli/cli.h"

#include <string.h>

#include "harness/banned.h"

static void print_check(const struct check *check)
{
	size_t i;

	printf("%-32s %-16s ", check->id, check->probe != NULL ? check->probe : "ask");
	for (i = 0; check->requirements[i] != NULL; i++) {
		printf("%s%s", i > 0 ? ", " : "", check->requirements[i]);
	}
	printf("\n    %s\n", check->title != NULL ? check->title : check->ask);
}

static int run(int argc, char **argv)
{
	struct cli_world world = {.plan = NULL};
	int code = EXIT_USAGE;
	size_t i;

	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		return cli_help(&command_checks);
	}
	if (argc > 1) {
		fputs("assay: checks takes no argument\n", stderr);
		return cli_usage(&command_checks);
	}
	if (cli_load_data(&world, NULL) == 0) {
		for (i = 0; i < world.suites->check_count; i++) {
			print_check(&world.suites->checks[i]);
		}
		code = EXIT_PASSED;
	}
	cli_release(&world);
	return code;
}

const struct command command_checks = {
	.name = "checks",
	.summary = "the checks of the suites",
	.help = "usage: assay checks\n\n"
		"Lists every check of the suites: id, probe, requirements, "
		"title. 'assay explain\nID' tells its controls and "
		"expectations.\n",
	.run = run,
};
