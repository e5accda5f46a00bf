/* probes: what the probes and monitors can see. */
#include "harness/cli/cli.h"
#include "probes/registry.h"

#include <string.h>

#include "harness/banned.h"

static int run(int argc, char **argv)
{
	size_t i;

	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		return cli_help(&command_probes);
	}
	if (argc > 1) {
		fputs("assay: probes takes no argument\n", stderr);
		return cli_usage(&command_probes);
	}
	for (i = 0; probe_registry[i] != NULL; i++) {
		printf("%-16s %-9s %s\n", probe_registry[i]->id,
		       impact_word(probe_registry[i]->impact), probe_registry[i]->summary);
	}
	for (i = 0; monitor_registry[i] != NULL; i++) {
		printf("%-16s %-9s %s\n", monitor_registry[i]->id, "monitor",
		       monitor_registry[i]->summary);
	}
	return EXIT_PASSED;
}

const struct command command_probes = {
	.name = "probes",
	.summary = "the probes and monitors there are",
	.help = "usage: assay probes\n\n"
		"Lists every probe and monitor: id, impact on the device, what "
		"it looks at.\n'assay explain ID' tells its parameters and "
		"facts.\n",
	.run = run,
};
