/* target: starts, stops and lists the devices to practise on. */
#include "targets/simulated/target.h"
#include "harness/cli/cli.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

static const struct option options[] = {
	{"help", no_argument, NULL, 'h'},
	{"trait", required_argument, NULL, 't'},
	{"lifetime", required_argument, NULL, 'l'},
	{NULL, 0, NULL, 0},
};

static int failed(const struct text *why)
{
	fprintf(stderr, "assay: %s\n", why->s);
	return EXIT_BENCH;
}

static int seconds_of(const char *word, int64_t *ret)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(word, &end, 10);
	if (errno != 0 || end == word || *end != '\0' || value < 1 || value > 7 * 86400) {
		fprintf(stderr,
			"assay: '--lifetime' takes 1 to 604800 seconds, not "
			"'%s'\n",
			word);
		return -1;
	}
	*ret = value;
	return 0;
}

static int act(int argc, char **argv, const struct target_options *how)
{
	struct text why = {""};

	if (argc == 1 && strcmp(argv[0], "list") == 0) {
		return target_list(stdout) == 0 ? EXIT_PASSED : EXIT_USAGE;
	}
	if (argc == 1 && strcmp(argv[0], "traits") == 0) {
		target_traits(stdout);
		return EXIT_PASSED;
	}
	if (argc == 2 && strcmp(argv[0], "up") == 0) {
		return target_up(argv[1], how, &why) == 0 ? EXIT_PASSED : failed(&why);
	}
	if (argc == 2 && strcmp(argv[0], "down") == 0) {
		return target_down(argv[1], &why) == 0 ? EXIT_PASSED : failed(&why);
	}
	fputs("assay: target takes 'list', 'traits', 'up NAME' or 'down "
	      "NAME'\n",
	      stderr);
	return cli_usage(&command_target);
}

static int run(int argc, char **argv)
{
	const char *traits[64] = {NULL};
	struct target_options how = {.traits = traits, .out = stdout};
	size_t count = 0;
	int option;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (option) {
		case 'h':
			return cli_help(&command_target);
		case 't':
			if (count + 1 < ARRAY_SIZE(traits)) {
				traits[count++] = optarg;
			}
			break;
		case 'l':
			if (seconds_of(optarg, &how.lifetime_s) != 0) {
				return cli_usage(&command_target);
			}
			break;
		default:
			return cli_usage(&command_target);
		}
	}
	return act(argc - optind, argv + optind, &how);
}

const struct command command_target = {
	.name = "target",
	.summary = "start or stop a simulated or real target to practise on",
	.help = "usage: assay target list | traits | down NAME\n"
		"       assay target up NAME [--trait WORD=VALUE]... "
		"[--lifetime SECONDS]\n\n"
		"Starts or stops a target in network, process and mount "
		"namespaces of its own,\njoined to this network namespace by "
		"one virtual link and nothing else. Needs root\nor the inside "
		"of 'unshare -Urn'.\n\n"
		"  list      the targets, and which of them are up\n"
		"  traits    what can be switched in the simulated devices\n"
		"  --trait   switches one trait; may be given several times\n"
		"  --lifetime  the target ends by itself after this (8 hours)\n",
	.run = run,
};
