/* folder: lists YAML files and digests them. */
#include "harness/model/folder.h"
#include "harness/base/digest.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

#define MAX_FILES 256

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_yaml(const char *name)
{
	size_t length = strlen(name);

	return name[0] != '.' && length > 5 && strcmp(name + length - 5, ".yaml") == 0;
}

int folder_list(struct arena *arena, const char *folder, FILE *errors, const char *const **ret,
		size_t *ret_count)
{
	const char **paths = arena_alloc(arena, MAX_FILES * sizeof(*paths));
	struct yaml_file place = {.path = folder, .errors = errors};
	const struct dirent *entry;
	size_t count = 0;
	DIR *opened = opendir(folder);

	if (opened == NULL) {
		return yaml_mistake_at(&place, 1, 1, "cannot open the folder: %s", strerror(errno));
	}
	for (entry = readdir(opened); entry != NULL; entry = readdir(opened)) {
		if (!is_yaml(entry->d_name)) {
			continue;
		}
		if (count == MAX_FILES) {
			closedir(opened);
			return yaml_mistake_at(&place, 1, 1, "more than %d files", MAX_FILES);
		}
		paths[count++] = arena_printf(arena, "%s/%s", folder, entry->d_name);
	}
	closedir(opened);
	qsort(paths, count, sizeof(*paths), by_name);
	*ret = paths;
	*ret_count = count;
	return 0;
}

void folder_digest_add(struct folder_digest *digest, const struct yaml_file *file)
{
	const char *name = strrchr(file->path, '/');

	digest->lines = arena_printf(
		file->arena, "%s%s %s\n", digest->lines != NULL ? digest->lines : "",
		digest_of(file->bytes, file->size).hex, name != NULL ? name + 1 : file->path);
}

void folder_digest_end(const struct folder_digest *digest, char ret[65])
{
	const char *lines = digest->lines != NULL ? digest->lines : "";

	memcpy(ret, digest_of(lines, strlen(lines)).hex, 65);
}
