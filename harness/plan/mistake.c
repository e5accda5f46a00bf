/* mistake: prints a mistake with the line it stands on. The file is read
 * again for that: the loaders keep positions, not bytes. */
#include "harness/plan/mistake.h"

#include "harness/base/text.h"
#include <stdarg.h>
#include <string.h>

#include "harness/banned.h"

/* The file, or one without bytes where it is gone: the place is still told. */
static struct yaml_file *file_of(struct mistakes *mistakes, const char *path)
{
	struct yaml_file *file = mistakes->file;
	FILE *nowhere;
	int status = -1;

	if (file != NULL && strcmp(file->path, path) == 0) {
		return file;
	}
	file = arena_alloc(mistakes->arena, sizeof(*file));
	nowhere = fopen("/dev/null", "w");
	if (nowhere != NULL) {
		status = yaml_read(mistakes->arena, path, true, nowhere, file);
		fclose(nowhere);
	}
	if (status != 0) {
		file->arena = mistakes->arena;
		file->path = path;
	}
	file->errors = mistakes->errors;
	file->mistakes = 0;
	mistakes->file = file;
	return file;
}

void mistake_at(struct mistakes *mistakes, struct place place, const char *format, ...)
{
	struct text sentence;
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(sentence.s, sizeof(sentence.s), format, arguments);
	va_end(arguments);
	mistakes->count++;
	yaml_mistake_at(file_of(mistakes, place.file), place.row, place.column, "%s", sentence.s);
}
