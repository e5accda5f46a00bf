/* module: dlopen(3) of what stands beside the program. */
#define _DEFAULT_SOURCE /* readlink */
#include "probes/module.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/banned.h"

/* BIN/assay and BIN/../lib/assay/NAME.so, in the build tree and installed. */
static int module_path(const char *name, char *out, size_t capacity)
{
	char self[PATH_MAX];
	ssize_t size = readlink("/proc/self/exe", self, sizeof(self));
	int length;

	while (size > 0 && self[size - 1] != '/') {
		size--;
	}
	if (size <= 0) {
		return -1;
	}
	length = snprintf(out, capacity, "%.*s../lib/assay/%s.so", (int)size, self, name);
	return length > 0 && (size_t)length < capacity ? 0 : -1;
}

const void *module_whole(const void *face, const struct module_part *part, struct text *why)
{
	char path[PATH_MAX];
	void *handle;
	const void *whole;

	if (part->module == NULL) {
		return face;
	}
	if (module_path(part->module, path, sizeof(path)) != 0) {
		text_error(why, "cannot tell where module '%s' is", part->module);
		return NULL;
	}
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (handle == NULL) {
		text_error(why, "cannot load module '%s': %s", part->module, dlerror());
		return NULL;
	}
	whole = dlsym(handle, part->symbol);
	if (whole == NULL) {
		text_error(why, "module '%s' has no '%s'", part->module, part->symbol);
	}
	return whole;
}
