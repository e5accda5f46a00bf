/* cli: what the subcommands share. One file per subcommand; main.c picks. */
#ifndef ASSAY_CLI_CLI_H
#define ASSAY_CLI_CLI_H

#include "harness/plan/plan.h"
#include "harness/run/integrity.h"
#include "reports/format.h"
#include <stdbool.h>
#include <stdio.h>

/* Exit codes, fixed: README and architecture, section 7. */
enum {
	EXIT_PASSED = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_BENCH = 3,
	EXIT_OPEN = 4,
	EXIT_INTERRUPTED = 130,
};

struct command {
	const char *name;
	const char *summary; /* one line of 'assay --help' */
	const char *help;    /* what 'assay NAME --help' prints */
	/* argv[0] is the subcommand's name. Returns the exit code. */
	int (*run)(int argc, char **argv);
};

extern const struct command command_plan, command_run, command_judge, command_report,
	command_probes, command_checks, command_explain, command_target;

/* Everything data holds: profile (may be NULL), catalogue, suites, plan. */
struct cli_world {
	struct profile *profile;
	struct catalogue *catalogue;
	struct suites *suites;
	struct plan *plan;
	struct journal_text journal; /* of a run that is judged, checked against its directory */
	struct arena *arena;         /* of what the check found; NULL: none yet */
	struct integrity integrity;
};

/* The folder with suites/ and targets/: $ASSAY_DATA, else the source tree it
 * was built from, else share/assay beside the program. */
const char *cli_data_dir(void);
/* Path below the data folder; the caller's storage of 4096 bytes. */
const char *cli_data_path(char storage[4096], const char *below);

/* Loads catalogue and suites for an edition (NULL: the default one). Errors are
 * printed. Returns 0 or -1. */
int cli_load_data(struct cli_world *world, const char *edition);
/* Loads a profile (unless the world has one), its data, and makes the plan.
 * Returns 0 or -1. */
int cli_load_plan(struct cli_world *world, const char *profile_path,
		  const struct plan_options *options);
void cli_release(struct cli_world *world);
/* The day on which the run of this journal began; without a journal, or where it says
 * none, today. Returns day. */
const char *cli_run_day(const struct journal_text *journal, char day[11]);

/*
 * Judges the world's journal for its plan and writes results.json and every
 * report that has a file name; prints the text report to stdout. Returns the
 * exit code of the results, or EXIT_USAGE with the reason printed.
 */
int cli_judge_and_report(const struct cli_world *world, const char *directory);
/* Reads DIR's journal and checks that the directory is what it says: before anything else of it is
 * read. Returns 0, or -1 with the reason printed. */
int cli_load_journal(struct cli_world *world, const char *directory);
/* The same, and loads RUN/profile.yaml with the selection the run was made with. */
int cli_load_run(struct cli_world *world, const char *directory);
/* Judges what is loaded; release with results_free(). */
struct results *cli_judge(const struct cli_world *world, const char *directory);

/* What an output may do: colours only on a terminal and without NO_COLOR. */
bool cli_colour(FILE *out);
int cli_width(FILE *out);

/* getopt_long met something unknown: points to --help. Returns EXIT_USAGE. */
int cli_usage(const struct command *command);
/* Prints the command's help to stdout. Returns EXIT_PASSED. */
int cli_help(const struct command *command);

#endif
