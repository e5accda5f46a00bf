/* fixture: what the tests of targets share: a target that is up for one test,
 * and ordinary clients started through a shell. */
#ifndef ASSAY_TARGETS_FIXTURE_H
#define ASSAY_TARGETS_FIXTURE_H

#include "targets/simulated/target.h"
#include <stdio.h>
#include <string.h>

static inline void up(const char *name, const char *const *traits)
{
	struct target_options options = {.traits = traits, .lifetime_s = 120};
	struct text why = {""};

	if (target_up(name, &options, &why) < 0)
		fail_msg("%s", why.s);
}

static inline void down(const char *name)
{
	struct text why = {""};

	if (target_down(name, &why) < 0)
		fail_msg("%s", why.s);
}

struct output {
	char s[1024];
};

/* What the command prints, without the last line's end. */
static inline struct output shell(const char *command)
{
	struct output output = {""};
	FILE *stream = popen(command, "r");
	size_t size = 0;

	assert_non_null(stream);
	size = fread(output.s, 1, sizeof(output.s) - 1, stream);
	pclose(stream);
	while (size > 0 && output.s[size - 1] == '\n')
		output.s[--size] = '\0';
	return output;
}

#endif
