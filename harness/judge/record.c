/* record: reads members of a journal's records that more than one file here
 * needs. */
#include "harness/judge/judge_parts.h"

#include <string.h>

#include "harness/banned.h"

const char *record_text(const json_t *record, const char *name)
{
	return json_string_value(json_object_get(record, name));
}

bool record_is(const json_t *record, const char *type)
{
	const char *is = record_text(record, "type");

	return is != NULL && strcmp(is, type) == 0;
}

static struct evidence evidence_read(struct arena *arena, const json_t *item)
{
	const char *path =
		json_is_string(item) ? json_string_value(item) : record_text(item, "path");
	const char *sha256 = record_text(item, "sha256");
	const json_t *size = json_object_get(item, "size");

	return (struct evidence){.path = arena_strdup(arena, path == NULL ? "" : path),
				 .sha256 = arena_strdup(arena, sha256 == NULL ? "" : sha256),
				 .size = json_integer_value(size)};
}

const struct evidence *record_evidence(struct arena *arena, const json_t *list, size_t *ret_count)
{
	struct evidence *all = NULL;
	size_t i;

	*ret_count = 0;
	if (json_is_object(list) || json_is_string(list)) {
		*(struct evidence *)arena_push(arena, &all, ret_count, sizeof(*all)) =
			evidence_read(arena, list);
		return all;
	}
	for (i = 0; i < json_array_size(list); i++) {
		*(struct evidence *)arena_push(arena, &all, ret_count, sizeof(*all)) =
			evidence_read(arena, json_array_get(list, i));
	}
	return all;
}
