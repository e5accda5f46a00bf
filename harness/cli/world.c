/* world: finds and loads the data a subcommand works on. */
#include "harness/base/log.h"
#include "harness/cli/cli.h"
#include "harness/model/run_files.h"
#include "harness/run/run.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "harness/banned.h"

#define DEFAULT_EDITION "IEC 62443-4-2:2019"

/* Beside the program, for an installed assay: PREFIX/bin/assay and
 * PREFIX/share/assay. */
static const char *installed_dir(void)
{
	static char path[4096];
	ssize_t size = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;
	size_t used;

	if (size <= 0) {
		return NULL;
	}
	path[size] = '\0';
	slash = strrchr(path, '/');
	if (slash == NULL) {
		return NULL;
	}
	used = (size_t)(slash - path);
	snprintf(path + used, sizeof(path) - used, "/../share/assay");
	return path;
}

const char *cli_data_dir(void)
{
	const char *given = getenv("ASSAY_DATA");
	const char *installed;

	if (given != NULL && given[0] != '\0') {
		return given;
	}
	if (access(ASSAY_DATA_DIR "/suites", R_OK) == 0) {
		return ASSAY_DATA_DIR;
	}
	installed = installed_dir();
	return installed != NULL ? installed : ASSAY_DATA_DIR;
}

const char *cli_data_path(char storage[4096], const char *below)
{
	snprintf(storage, 4096, "%s/%s", cli_data_dir(), below);
	return storage;
}

int cli_load_data(struct cli_world *world, const char *edition)
{
	char path[4096];

	cli_data_path(path, "suites");
	if (catalogue_load(path, edition != NULL ? edition : DEFAULT_EDITION, stderr,
			   &world->catalogue) != 0) {
		return -1;
	}
	return suites_load(path, world->catalogue, stderr, &world->suites);
}

const char *cli_run_day(const struct journal_text *journal, char day[11])
{
	struct clock_text now = clock_wall();
	const char *time = now.s;
	size_t i;

	for (i = 0; journal != NULL && i < journal->count; i++) {
		const json_t *record = journal->records[i];
		const char *type = json_string_value(json_object_get(record, "type"));
		const char *when = json_string_value(json_object_get(record, "time"));

		if (type != NULL && strcmp(type, "run") == 0 && when != NULL && strlen(when) > 10) {
			time = when;
			break;
		}
	}
	snprintf(day, 11, "%.10s", time);
	return day;
}

static int make_plan(struct cli_world *world, const struct plan_options *given)
{
	struct plan_options with_day = *given, *options = &with_day;
	char day[11];

	if (options->day == NULL) {
		options->day = cli_run_day(NULL, day);
	}
	if (cli_load_data(world, world->profile->edition) != 0) {
		return -1;
	}
	return plan_make(world->profile, world->catalogue, world->suites, options, stderr,
			 &world->plan);
}

int cli_load_plan(struct cli_world *world, const char *profile_path,
		  const struct plan_options *options)
{
	size_t i;

	if (world->profile == NULL && profile_load(profile_path, stderr, &world->profile) != 0) {
		return -1;
	}
	if (make_plan(world, options) != 0) {
		return -1;
	}
	for (i = 0; i < world->plan->uncovered_count; i++) {
		log_note("%s", world->plan->uncovered[i].sentence);
	}
	return 0;
}

static int is_run(const char *directory)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/plan.json", directory);
	if (access(path, F_OK) != 0) {
		log_error("'%s' is not a run directory: it holds no plan.json", directory);
		return -1;
	}
	return 0;
}

/* The selection a run was made with stands in its plan.json. */
static int read_selection(const char *directory, struct plan_options *ret, const char **names,
			  size_t capacity, json_t **owner)
{
	char path[4096];
	json_error_t error;
	json_t *only;
	size_t i;

	snprintf(path, sizeof(path), "%s/plan.json", directory);
	*owner = json_load_file(path, 0, &error);
	if (*owner == NULL) {
		fprintf(stderr, "assay: cannot read '%s': %s\n", path, error.text);
		return -1;
	}
	ret->sham_only = json_is_true(json_object_get(*owner, "sham_only"));
	only = json_object_get(*owner, "only");
	if (json_array_size(only) == 0) {
		return 0;
	}
	for (i = 0; i < json_array_size(only) && i + 1 < capacity; i++) {
		names[i] = json_string_value(json_array_get(only, i));
		if (names[i] == NULL) {
			fprintf(stderr, "assay: '%s' is not a plan\n", path);
			return -1;
		}
	}
	names[i] = NULL;
	ret->only = names;
	return 0;
}

int cli_load_journal(struct cli_world *world, const char *directory)
{
	struct text why;

	world->arena = arena_new();
	if (journal_read(directory, &world->journal, &why) != 0 ||
	    integrity_check(directory, &world->journal, world->arena, &world->integrity, &why) !=
		    0) {
		log_error("%s", why.s);
		return -1;
	}
	return 0;
}

int cli_load_run(struct cli_world *world, const char *directory)
{
	const char *names[256];
	struct plan_options options = {.suites_may_differ = true};
	json_t *owner = NULL;
	char path[4096], answers[4096], day[11];
	int result = -1;

	if (is_run(directory) != 0 || cli_load_journal(world, directory) != 0 ||
	    read_selection(directory, &options, names, ARRAY_SIZE(names), &owner) != 0) {
		goto out;
	}
	options.day = cli_run_day(&world->journal, day);
	snprintf(path, sizeof(path), "%s/profile.yaml", directory);
	snprintf(answers, sizeof(answers), "%s/" RUN_ANSWERS, directory);
	if (profile_load_kept(path, answers, stderr, &world->profile) == 0) {
		result = make_plan(world, &options);
	}
out:
	json_decref(owner);
	return result;
}

void cli_release(struct cli_world *world)
{
	plan_free(world->plan);
	suites_free(world->suites);
	catalogue_free(world->catalogue);
	profile_free(world->profile);
	journal_text_release(&world->journal);
	if (world->arena != NULL) {
		arena_free(world->arena);
	}
}

bool cli_colour(FILE *out)
{
	const char *no_color = getenv("NO_COLOR");

	return isatty(fileno(out)) == 1 && (no_color == NULL || no_color[0] == '\0');
}

int cli_width(FILE *out)
{
	struct winsize size;

	if (ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) {
		return size.ws_col > 120 ? 120 : size.ws_col;
	}
	return 80;
}

int cli_usage(const struct command *command)
{
	fprintf(stderr, "assay: see 'assay %s --help'\n", command->name);
	return EXIT_USAGE;
}

int cli_help(const struct command *command)
{
	fputs(command->help, stdout);
	return EXIT_PASSED;
}
