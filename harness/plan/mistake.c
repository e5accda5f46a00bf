/* mistake: prints a mistake with the line it stands on. */
#include "harness/plan/mistake.h"

#include <stdarg.h>
#include <stdlib.h>

#include "harness/banned.h"

static void show_line(FILE *errors, struct place place)
{
	FILE *file = fopen(place.file, "r");
	char *line = NULL;
	size_t capacity = 0;
	int row;

	if (file == NULL) {
		return;
	}
	for (row = 0; row < place.row; row++) {
		if (getline(&line, &capacity, file) < 0) {
			goto out;
		}
	}
	fprintf(errors, "%s%*s\n", line, place.column, "^");
out:
	free(line);
	fclose(file);
}

void mistake_at(struct mistakes *mistakes, struct place place,
		const char *format, ...)
{
	va_list arguments;

	mistakes->count++;
	fprintf(mistakes->errors, "%s:%d:%d: ", place.file, place.row,
		place.column);
	va_start(arguments, format);
	vfprintf(mistakes->errors, format, arguments);
	va_end(arguments);
	fputc('\n', mistakes->errors);
	show_line(mistakes->errors, place);
}
