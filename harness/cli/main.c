/* main: picks the subcommand. */
#include "harness/cli/cli.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "harness/banned.h"

static const struct command *const commands[] = {
	&command_plan,   &command_run,    &command_judge,   &command_report,
	&command_probes, &command_checks, &command_explain, &command_target,
};

static void print_help(FILE *out)
{
	size_t i;

	fputs("usage: assay COMMAND [OPTION]... [ARGUMENT]...\n\n"
	      "Measures what a device can do for its own security and maps it "
	      "to\nIEC 62443-4-2 and the Cyber Resilience Act.\n\n",
	      out);
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		fprintf(out, "  %-9s %s\n", commands[i]->name, commands[i]->summary);
	}
	fputs("\n'assay COMMAND --help' tells more.\n\n"
	      "exit codes: 0 every planned check passed or is not applicable, "
	      "1 something\nfailed, 2 usage or data error, 3 device or bench "
	      "unavailable, 4 nothing failed\nbut something is inconclusive "
	      "or an error, 130 interrupted\n",
	      out);
}

static int run_command(int argc, char **argv)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(argv[1], commands[i]->name) == 0) {
			argv[1] = argv[0]; /* getopt's name for us */
			return commands[i]->run(argc - 1, argv + 1);
		}
	}
	fprintf(stderr, "assay: '%s' is not an assay command; see 'assay --help'\n", argv[1]);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	static char name[] = "assay";
	int code;

	/* a reader that goes away ('assay plan | head') is not an error */
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		print_help(stdout);
		return EXIT_PASSED;
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("assay " ASSAY_VERSION);
		return EXIT_PASSED;
	}
	argv[0] = name;
	code = run_command(argc, argv);
	if (fflush(stdout) != 0 && code == EXIT_PASSED) {
		fputs("assay: cannot write to the standard output\n", stderr);
		return EXIT_USAGE;
	}
	return code;
}
