/* profile_fuzz: any bytes as a profile, and as an answers file: no crash, no
 * leak, and a mistake is told whenever it is refused. */
#define _DEFAULT_SOURCE
#include "harness/model/profile_shape.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

static void as_answers(const uint8_t *bytes, size_t size, FILE *errors)
{
	struct arena *arena = arena_new();
	struct profile profile = {.arena = arena};
	struct yaml_file file;

	if (yaml_parse(arena, "a/answers.yaml", (const char *)bytes, size, false, errors, &file) ==
	    0) {
		profile_read_answers(&file, &profile);
	}
	arena_free(arena);
}

/* libfyaml 0.7.12 itself leaks its input queue on some broken documents; what is
 * allocated anywhere else is still reported, and the unit tests look for leaks
 * without this. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfyaml.so\n";
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct profile *profile = NULL;
	char *told = NULL;
	size_t told_size = 0;
	FILE *errors = open_memstream(&told, &told_size);

	if (errors == NULL) {
		abort();
	}
	if (profile_parse("a/profile.yaml", (const char *)bytes, size, errors, &profile) == 0) {
		profile_free(profile);
	} else {
		fflush(errors);
		if (told_size == 0) {
			BUG("refused without a word");
		}
	}
	as_answers(bytes, size, errors);
	fclose(errors);
	free(told);
	return 0;
}
