/* run: plan, run, judge, report. */
#include "harness/run/run.h"
#include "harness/cli/cli.h"
#include "harness/judge/judge.h"
#include "harness/run/secret.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/banned.h"

static const struct option options[] = {
	{"help", no_argument, NULL, 'h'},       {"output", required_argument, NULL, 'o'},
	{"only", required_argument, NULL, 'c'}, {"sham-only", no_argument, NULL, 's'},
	{"quiet", no_argument, NULL, 'q'},      {NULL, 0, NULL, 0},
};

struct run_arguments {
	const char *profile;
	const char *directory; /* NULL: a new one below assay-runs/ */
	const char *only[256];
	size_t only_count;
	bool sham_only, quiet;
};

/* Verdicts while the run goes on, for the display alone. */
struct live {
	int counts[VERDICT_COUNT];
	char text[128];
};

static void print_counts(const int *counts, char *out, size_t capacity)
{
	size_t used = 0;
	int v;

	snprintf(out, capacity, "no verdict yet");
	for (v = VERDICT_COUNT - 1; v >= 0 && used < capacity; v--) {
		if (counts[v] > 0) {
			used += (size_t)snprintf(out + used, capacity - used, "%s%d %s",
						 used > 0 ? ", " : "", counts[v],
						 verdict_word((enum verdict)v));
		}
	}
}

static const char *live_counts(void *argument)
{
	struct live *live = argument;

	print_counts(live->counts, live->text, sizeof(live->text));
	return live->text;
}

/* What the observation settled: "1 FAIL, 2 PASS". */
static const char *live_verdict(const struct plan *plan, size_t observation,
				const struct child_report *report, void *argument)
{
	int here[VERDICT_COUNT] = {0};
	struct live *live = argument;
	enum verdict verdict;
	size_t i;

	for (i = 0; i < plan->check_count; i++) {
		if (plan->checks[i].observation != (int)observation ||
		    plan->checks[i].why != WHY_NONE) {
			continue;
		}
		verdict = report->outcome == CHILD_ERROR ? VERDICT_ERROR
			  : report->outcome == CHILD_GAVE_UP
				  ? VERDICT_INCONCLUSIVE
				  : judge_lines_alone(&plan->checks[i], &report->facts);
		here[verdict]++;
		live->counts[verdict]++;
	}
	print_counts(here, live->text, sizeof(live->text));
	return live->text;
}

/* "assay-runs/acme-plc-100-20260131T081500Z" */
static int new_directory(const struct profile *profile, char *out, size_t capacity)
{
	struct clock_text now = clock_wall();
	char name[64], stamp[32];
	size_t i, n = 0;

	for (i = 0; profile->name[i] != '\0' && n + 1 < sizeof(name); i++) {
		unsigned char c = (unsigned char)profile->name[i];

		if (isalnum(c)) {
			name[n++] = (char)tolower(c);
		} else if (n > 0 && name[n - 1] != '-') {
			name[n++] = '-';
		}
	}
	name[n] = '\0';
	for (i = 0, n = 0; now.s[i] != '\0' && now.s[i] != '.'; i++) {
		if (isdigit((unsigned char)now.s[i]) || now.s[i] == 'T') {
			stamp[n++] = now.s[i];
		}
	}
	stamp[n] = '\0';
	if (mkdir("assay-runs", 0777) != 0 && errno != EEXIST) {
		fprintf(stderr, "assay: cannot make folder 'assay-runs': %s\n", strerror(errno));
		return -1;
	}
	snprintf(out, capacity, "assay-runs/%s-%sZ", name, stamp);
	return 0;
}

/* A run that is gone on with keeps the day it began on. What is wrong with its journal is
 * said later. */
static const char *day_of(const char *directory, char day[11])
{
	struct journal_text journal = {0};
	struct text why;
	bool read = directory != NULL && journal_read(directory, &journal, &why) == 0;

	cli_run_day(read ? &journal : NULL, day);
	journal_text_release(&journal);
	return day;
}

static int carry_out(const struct run_arguments *arguments)
{
	struct plan_options selection = {.sham_only = arguments->sham_only};
	struct cli_world world = {.plan = NULL};
	struct live live = {{0}, ""};
	struct run_options how = {.verdict = live_verdict,
				  .verdicts = live_counts,
				  .verdict_argument = &live,
				  .progress = !arguments->quiet,
				  .terminal = isatty(STDERR_FILENO) == 1,
				  .colour = cli_colour(stderr)};
	int code = EXIT_USAGE, judged;
	struct secrets *secrets = NULL;
	char made[4096], day[11];

	selection.day = day_of(arguments->directory, day);
	if (arguments->only_count > 0) {
		selection.only = arguments->only;
	}
	if (profile_load(arguments->profile, stderr, &world.profile) != 0) {
		goto out;
	}
	secrets = secrets_new(world.profile);
	secrets_wipe_environment(world.profile);
	how.secrets = secrets;
	/* opens its sockets meanwhile, sends nothing; where it cannot be made
	 * run_plan() says why */
	how.gate = gate_new(world.profile, NULL);
	if (cli_load_plan(&world, arguments->profile, &selection) != 0) {
		goto out;
	}
	how.directory = arguments->directory;
	if (how.directory == NULL) {
		if (new_directory(world.profile, made, sizeof(made)) != 0) {
			goto out;
		}
		how.directory = made;
	}
	code = run_plan(world.plan, &how);
	how.gate = NULL;
	if (code == EXIT_USAGE) {
		goto out;
	}
	judged = cli_load_journal(&world, how.directory) == 0
			 ? cli_judge_and_report(&world, how.directory)
			 : EXIT_USAGE;
	if (code == EXIT_PASSED || judged == EXIT_USAGE) {
		code = judged;
	}
out:
	gate_stop(how.gate);
	secrets_free(secrets);
	cli_release(&world);
	return code;
}

static int run(int argc, char **argv)
{
	struct run_arguments arguments = {.profile = NULL};
	int option;

	while ((option = getopt_long(argc, argv, "ho:q", options, NULL)) != -1) {
		switch (option) {
		case 'h':
			return cli_help(&command_run);
		case 'o':
			arguments.directory = optarg;
			break;
		case 'c':
			if (arguments.only_count + 1 < ARRAY_SIZE(arguments.only)) {
				arguments.only[arguments.only_count++] = optarg;
			}
			break;
		case 's':
			arguments.sham_only = true;
			break;
		case 'q':
			arguments.quiet = true;
			break;
		default:
			return cli_usage(&command_run);
		}
	}
	if (optind + 1 != argc) {
		fputs("assay: run takes one profile\n", stderr);
		return cli_usage(&command_run);
	}
	arguments.profile = argv[optind];
	return carry_out(&arguments);
}

const struct command command_run = {
	.name = "run",
	.summary = "plan, run against the device, judge, report",
	.help = "usage: assay run PROFILE [OPTION]...\n\n"
		"Runs the plan against the device, judges what was seen and "
		"writes the reports\ninto the run directory. Nothing leaves "
		"the scope, the budget and the consent\nthat the profile "
		"grants. The same directory goes on where it stopped and runs "
		"\nnothing again that finished.\n\n"
		"  -o, --output DIR  the run directory (default: a new one "
		"below assay-runs/)\n"
		"  --only CHECK      only this check; may be given several "
		"times\n"
		"  --sham-only       load checks put no load on the device\n"
		"  -q, --quiet       no progress on stderr\n",
	.run = run,
};
