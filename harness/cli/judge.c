/* judge: journal to verdicts and reports, without the device. */
#include "harness/judge/judge.h"
#include "harness/cli/cli.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "harness/banned.h"

/* Written beside and renamed, so that a reader never sees half a report. */
static int write_report(const struct report_format *format, const struct results *results,
			const char *directory, struct text *why)
{
	struct report_options plain = {.width = 80};
	char path[4096], beside[4100];
	int result;
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", directory, format->file_name);
	snprintf(beside, sizeof(beside), "%s.new", path);
	out = fopen(beside, "w");
	if (out == NULL) {
		return text_error(why, "cannot write '%s': %s", beside, strerror(errno));
	}
	result = format->write(results, &plain, out, why);
	if (fclose(out) != 0 && result == 0) {
		result = text_error(why, "cannot write '%s': %s", beside, strerror(errno));
	}
	if (result == 0 && rename(beside, path) != 0) {
		result = text_error(why, "cannot write '%s': %s", path, strerror(errno));
	}
	if (result != 0) {
		unlink(beside);
	}
	return result;
}

static int write_reports(const struct results *results, const char *directory)
{
	struct report_options screen = {.colour = cli_colour(stdout), .width = cli_width(stdout)};
	struct text why;
	size_t i;

	for (i = 0; report_formats[i] != NULL; i++) {
		if (report_formats[i]->file_name != NULL &&
		    write_report(report_formats[i], results, directory, &why) != 0) {
			fprintf(stderr, "assay: %s\n", why.s);
			return -1;
		}
	}
	if (report_find("text")->write(results, &screen, stdout, &why) != 0) {
		fprintf(stderr, "assay: %s\n", why.s);
		return -1;
	}
	printf("\nreport   %s/report.html\nresults  %s/results.json\n", directory, directory);
	return 0;
}

struct results *cli_judge(const struct cli_world *world, const char *directory)
{
	struct clock_text now = clock_wall();
	struct judge_input input = {.plan = world->plan,
				    .journal = &world->journal,
				    .directory = directory,
				    .today = now.s,
				    .found = world->integrity.lines,
				    .found_count = world->integrity.count};

	now.s[10] = '\0';
	return judge(&input);
}

int cli_judge_and_report(const struct cli_world *world, const char *directory)
{
	struct results *results = cli_judge(world, directory);
	int code = write_reports(results, directory) == 0 ? results_exit_code(results) : EXIT_BENCH;

	results_free(results);
	return code;
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct cli_world world = {.plan = NULL};
	int option, code = EXIT_USAGE;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h') {
			return cli_help(&command_judge);
		}
		return cli_usage(&command_judge);
	}
	if (optind + 1 != argc) {
		fputs("assay: judge takes one run directory\n", stderr);
		return cli_usage(&command_judge);
	}
	if (cli_load_run(&world, argv[optind]) == 0) {
		code = cli_judge_and_report(&world, argv[optind]);
	}
	cli_release(&world);
	return code;
}

const struct command command_judge = {
	.name = "judge",
	.summary = "judge a run again with today's suites, without the device",
	.help = "usage: assay judge RUN\n\n"
		"Judges the run's journal again, with the suites, catalogue "
		"and policies of today,\nand writes its reports anew. Sends "
		"nothing; the journal is not changed.\n",
	.run = run,
};
