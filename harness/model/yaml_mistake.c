/* yaml_mistake: how a mistake in a YAML file is told: the sentence, the line,
 * a caret; never a line that holds a secret. */
#include "harness/base/text.h"
#include "harness/model/yaml.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

#define SHOWN 160 /* bytes of a source line */

void yaml_hide(struct yaml_file *file, int from_row, int to_row)
{
	struct yaml_rows *rows =
		arena_push(file->arena, &file->hidden, &file->hidden_count, sizeof(*rows));

	rows->from = from_row;
	rows->to = to_row;
}

static bool is_hidden(const struct yaml_file *file, int row)
{
	size_t i;

	for (i = 0; i < file->hidden_count; i++) {
		if (row >= file->hidden[i].from && row <= file->hidden[i].to) {
			return true;
		}
	}
	return false;
}

static const char *line_at(const struct yaml_file *file, int row, size_t *ret_size)
{
	const char *at = file->bytes, *end, *stop;

	if (at == NULL || file->size == 0) {
		return NULL;
	}
	end = at + file->size;
	for (; row > 1; row--) {
		at = memchr(at, '\n', (size_t)(end - at));
		if (at == NULL) {
			return NULL;
		}
		at++;
	}
	stop = memchr(at, '\n', (size_t)(end - at));
	*ret_size = (size_t)((stop != NULL ? stop : end) - at);
	return at;
}

/* Bytes of the first columns - 1 characters of the line. */
static size_t offset_of(const char *line, size_t size, int column)
{
	size_t at = 0;

	while (column > 1 && at < size) {
		at++;
		while (at < size && ((unsigned char)line[at] & 0xc0) == 0x80) {
			at++;
		}
		column--;
	}
	return at;
}

/* The part of the line around the caret. A tab becomes one space, so that the
 * caret stands below its character. */
static void show_line(FILE *errors, const char *line, size_t size, size_t caret)
{
	char part[SHOWN + 8], shown[4 * sizeof(part)];
	size_t from = caret > SHOWN / 2 ? caret - SHOWN / 2 : 0;
	size_t length, i;
	const char *c;

	/* at most one character back: a line may hold nothing but the bytes
	 * that continue one */
	for (i = 0; i < 3 && from > 0 && ((unsigned char)line[from] & 0xc0) == 0x80; i++) {
		from--;
	}
	length = size - from > SHOWN ? SHOWN : size - from;
	for (i = 0; i < length; i++) {
		part[i] = line[from + i] == '\t' ? ' ' : line[from + i];
	}
	text_printable(shown, sizeof(shown), part, length);
	fprintf(errors, "%s\n", shown);
	text_printable(shown, sizeof(shown), part, caret - from);
	for (c = shown; *c != '\0'; c++) {
		if (((unsigned char)*c & 0xc0) != 0x80) {
			fputc(' ', errors);
		}
	}
	fputs("^\n", errors);
}

static void tell_path(const struct yaml_file *file)
{
	char path[512];

	text_printable(path, sizeof(path), file->path, strlen(file->path));
	fputs(path, file->errors);
}

static void tell(const struct yaml_file *file, int row, int column, const char *format,
		 va_list arguments) __attribute__((format(printf, 4, 0)));
static void tell(const struct yaml_file *file, int row, int column, const char *format,
		 va_list arguments)
{
	const char *line;
	size_t size = 0;

	tell_path(file);
	fprintf(file->errors, ":%d:%d: ", row, column);
	vfprintf(file->errors, format, arguments);
	fputc('\n', file->errors);
	line = line_at(file, row, &size);
	if (line != NULL && !is_hidden(file, row)) {
		if (size > 0 && line[size - 1] == '\r') {
			size--;
		}
		show_line(file->errors, line, size, offset_of(line, size, column));
	}
}

int yaml_mistake_at(struct yaml_file *file, int row, int column, const char *format, ...)
{
	va_list arguments;

	file->mistakes++;
	if (file->mistakes > YAML_MAX_MISTAKES) {
		return -1;
	}
	va_start(arguments, format);
	tell(file, row, column, format, arguments);
	va_end(arguments);
	if (file->mistakes == YAML_MAX_MISTAKES) {
		tell_path(file);
		fputs(": further mistakes are not shown\n", file->errors);
	}
	return -1;
}

void yaml_warning(struct yaml_file *file, const struct yaml_node *node, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	tell(file, node->row, node->column, format, arguments);
	va_end(arguments);
}

struct yaml_quote yaml_quote(const char *text)
{
	struct yaml_quote quote;
	size_t length = strlen(text), used;

	text_printable(quote.s, sizeof(quote.s) - 3, text, length);
	used = strlen(quote.s);
	if (used < length && used + 5 >= sizeof(quote.s) - 3) {
		memcpy(quote.s + used, "...", 4);
	}
	return quote;
}

bool yaml_is_null(const struct yaml_node *node)
{
	return node->kind == YAML_SCALAR && node->plain &&
	       (node->text[0] == '\0' || strcmp(node->text, "~") == 0 ||
		strcmp(node->text, "null") == 0);
}

bool yaml_is_bool(const struct yaml_node *node)
{
	return node->kind == YAML_SCALAR && node->plain &&
	       (strcmp(node->text, "true") == 0 || strcmp(node->text, "false") == 0);
}

bool yaml_is_number(const struct yaml_node *node)
{
	static const char digits[] = "0123456789";
	const char *at = node->text;
	size_t whole, part = 0;

	if (node->kind != YAML_SCALAR || !node->plain) {
		return false;
	}
	at += *at == '-' || *at == '+';
	whole = strspn(at, digits);
	at += whole;
	if (*at == '.') {
		part = strspn(at + 1, digits);
		at += 1 + part;
	}
	if (whole + part == 0) {
		return false;
	}
	if (*at == 'e' || *at == 'E') {
		at++;
		at += *at == '-' || *at == '+';
		if (strspn(at, digits) == 0) {
			return false;
		}
		at += strspn(at, digits);
	}
	return *at == '\0';
}

/* Levenshtein's distance of two short words. */
static size_t distance(const char *a, const char *b)
{
	size_t row[64], n = strlen(b), i, j, corner, above;

	if (n >= ARRAY_SIZE(row) || strlen(a) >= ARRAY_SIZE(row)) {
		return SIZE_MAX;
	}
	for (j = 0; j <= n; j++) {
		row[j] = j;
	}
	for (i = 0; a[i] != '\0'; i++) {
		corner = row[0];
		row[0] = i + 1;
		for (j = 0; j < n; j++) {
			size_t best = corner + (a[i] != b[j]);

			above = row[j + 1];
			best = above + 1 < best ? above + 1 : best;
			best = row[j] + 1 < best ? row[j] + 1 : best;
			corner = above;
			row[j + 1] = best;
		}
	}
	return row[n];
}

const char *yaml_nearest(const char *word, const char *const *words)
{
	const char *best = NULL;
	size_t limit = strlen(word) < 4 ? 1 : strlen(word) < 9 ? 2 : 3;
	size_t d;

	for (; *words != NULL; words++) {
		d = distance(word, *words);
		if (d <= limit) {
			limit = d;
			best = *words;
			if (d == 0) {
				break;
			}
			limit = d - 1;
		}
	}
	return best;
}
