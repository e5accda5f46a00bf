/* suite_fuzz: any bytes as a suite, a policy and a catalogue's files: no crash
 * and no leak. */
#define _DEFAULT_SOURCE
#include "harness/model/catalogue_shape.h"
#include "harness/model/suite_shape.h"

#include <stdint.h>
#include <stdlib.h>

#include "harness/banned.h"

static void read_as(struct yaml_file file, const struct shape *shape, void *structure)
{
	file.mistakes = 0;
	shape_read(shape, &file, file.root, structure);
}

static void read_all(struct yaml_file *file)
{
	struct suite_file suite = {0};
	struct policy policy = {0};
	struct catalogue catalogue = {.edition = "none", .cra_act = "none"};
	struct cra_file cra = {0};
	struct yaml_file again = *file;

	read_as(*file, &policy_shape, &policy);
	read_as(*file, &cra_shape, &cra);
	shape_read(&suite_shape, &again, again.root, &suite);
	if (again.mistakes == 0) {
		suite_check(&again, &suite, &catalogue);
	}
	again = *file;
	shape_read(&catalogue_shape, &again, again.root, &catalogue);
	if (again.mistakes == 0) {
		catalogue_check(&again, &catalogue);
	}
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
	struct arena *arena = arena_new();
	FILE *errors = fopen("/dev/null", "w");
	struct yaml_file file;

	if (errors == NULL) {
		abort();
	}
	if (yaml_parse(arena, "suite.yaml", (const char *)bytes, size, false, errors, &file) == 0) {
		read_all(&file);
	}
	fclose(errors);
	arena_free(arena);
	return 0;
}
