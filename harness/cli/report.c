/* report: one report of a run, in the asked-for format. */
#include "harness/cli/cli.h"
#include "harness/judge/judge.h"
#include "reports/format.h"

#include <getopt.h>
#include <string.h>

#include "harness/banned.h"

static int print_report(const char *directory, const struct report_format *format)
{
	struct report_options screen = {.colour = cli_colour(stdout), .width = cli_width(stdout)};
	struct cli_world world = {.plan = NULL};
	struct results *results = NULL;
	int code = EXIT_USAGE;
	struct text why;

	if (cli_load_run(&world, directory) != 0) {
		goto out;
	}
	results = cli_judge(&world, directory);
	if (format->write(results, &screen, stdout, &why) == 0) {
		code = EXIT_PASSED;
	} else {
		fprintf(stderr, "assay: %s\n", why.s);
	}
out:
	results_free(results);
	cli_release(&world);
	return code;
}

static int unknown_format(const char *name)
{
	size_t i;

	fprintf(stderr, "assay: unknown report format '%s'; there are", name);
	for (i = 0; report_formats[i] != NULL; i++) {
		fprintf(stderr, "%s %s", i > 0 ? "," : "", report_formats[i]->name);
	}
	fputc('\n', stderr);
	return EXIT_USAGE;
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{"help", no_argument, NULL, 'h'},
		{"format", required_argument, NULL, 'f'},
		{NULL, 0, NULL, 0},
	};
	const char *name = "text";
	const struct report_format *format;
	int option;

	while ((option = getopt_long(argc, argv, "hf:", options, NULL)) != -1) {
		switch (option) {
		case 'h':
			return cli_help(&command_report);
		case 'f':
			name = optarg;
			break;
		default:
			return cli_usage(&command_report);
		}
	}
	format = report_find(name);
	if (format == NULL) {
		return unknown_format(name);
	}
	if (optind + 1 != argc) {
		fputs("assay: report takes one run directory\n", stderr);
		return cli_usage(&command_report);
	}
	return print_report(argv[optind], format);
}

const struct command command_report = {
	.name = "report",
	.summary = "one report of a run on the standard output",
	.help = "usage: assay report RUN [-f FORMAT]\n\n"
		"Judges the run's journal and prints one report.\n\n"
		"  -f, --format FORMAT  text (default), html, json, junit\n",
	.run = run,
};
