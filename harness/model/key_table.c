/* key_table: shape tables as Markdown. */
#include "harness/model/key_table.h"

#include <string.h>

#include "harness/banned.h"

static void print_type(const struct field *field, FILE *out)
{
	static const char *const names[] = {
		[FIELD_TEXT] = "text",       [FIELD_INT] = "integer",
		[FIELD_REAL] = "number",     [FIELD_BOOL] = "true or false",
		[FIELD_WORD] = "word",       [FIELD_TEXTS] = "list of texts",
		[FIELD_MAP] = "mapping",     [FIELD_LIST] = "list of mappings",
		[FIELD_SETTINGS] = "mapping"};
	const char *const *word;

	if (field->type == FIELD_OTHER) {
		fputs(strcmp(field->schema, "array") == 0    ? "list"
		      : strcmp(field->schema, "object") == 0 ? "mapping"
							     : "text",
		      out);
	} else {
		fputs(names[field->type], out);
	}
	if (field->type == FIELD_INT || field->type == FIELD_REAL) {
		fprintf(out, " %.0f to %.0f", field->min, field->max);
	}
	for (word = field->words; word != NULL && *word != NULL; word++) {
		fprintf(out, "%s%s", word == field->words ? ": " : ", ", *word);
	}
}

static void print_row(const struct field *field, FILE *out)
{
	const char *without = field->flags & FIELD_REQUIRED ? "required" : "none";

	if (field->fallback != NULL && (field->type != FIELD_INT || field_fallback_fits(field))) {
		without = field->fallback;
	}
	fprintf(out, "| `%s` | ", field->key);
	print_type(field, out);
	fprintf(out, " | %s | %s |\n", without, field->meaning);
}

static void print_below(const struct shape *shape, const char *path, FILE *out)
{
	const struct field *field;
	char below[256];

	fprintf(out,
		"### %s\n\n"
		"| key | type | default | meaning |\n"
		"|---|---|---|---|\n",
		path);
	for (field = shape->fields; field->key != NULL; field++) {
		if (!(field->flags & FIELD_REFUSED)) {
			print_row(field, out);
		}
	}
	for (field = shape->fields; field->key != NULL; field++) {
		if (field->shape != NULL) {
			snprintf(below, sizeof(below), "%s.%s", path, field->key);
			fputc('\n', out);
			print_below(field->shape, below, out);
		}
	}
}

void key_table_print(const struct shape *shape, FILE *out)
{
	print_below(shape, shape->name, out);
}
