/* suite_line: the grammar of a suite's line: FACT OPERATOR VALUE, where VALUE is
 * one word or text, a quoted text, or [a, b]. */
#include "harness/model/suite_shape.h"

#include <stddef.h>
#include <string.h>

#include "harness/banned.h"

#define MAX_LINES 64
#define MAX_ITEMS 256

static const char *skip_blanks(const char *at)
{
	return at + strspn(at, " \t\n");
}

/* Copies the word at *at and steps over it and the blanks behind it. */
static const char *take_word(struct arena *arena, const char **at)
{
	size_t length = strcspn(*at, " \t\n");
	const char *word = arena_printf(arena, "%.*s", (int)length, *at);

	*at = skip_blanks(*at + length);
	return word;
}

/* Takes one value up to one of stop, which is not part of it. Returns NULL for
 * a value without its closing quote, or nothing at all. */
static const char *take_value(struct arena *arena, const char **at, const char *stop)
{
	const char *from = *at;
	size_t length;

	if (*from == '"' || *from == '\'') {
		const char *end = strchr(from + 1, *from);

		if (end == NULL) {
			return NULL;
		}
		*at = skip_blanks(end + 1);
		return arena_printf(arena, "%.*s", (int)(end - from - 1), from + 1);
	}
	length = strcspn(from, stop);
	*at = from + length;
	while (length > 0 && strchr(" \t\n", from[length - 1]) != NULL) {
		length--;
	}
	return length == 0 ? NULL : arena_printf(arena, "%.*s", (int)length, from);
}

/* Reads '[a, b]' from behind the bracket. */
static int read_items(struct yaml_file *file, const struct yaml_node *node, const char *at,
		      struct line *line)
{
	const char **items = arena_alloc(file->arena, (MAX_ITEMS + 1) * sizeof(*items));
	size_t count = 0;

	at = skip_blanks(at);
	while (*at != ']') {
		const char *item = count == MAX_ITEMS ? NULL : take_value(file->arena, &at, ",]");

		if (item == NULL || (*at != ',' && *at != ']')) {
			return yaml_mistake(file, node,
					    "the list in '%s' must be written "
					    "[a, b]",
					    yaml_quote(line->text).s);
		}
		items[count++] = item;
		if (*at == ',') {
			at = skip_blanks(at + 1);
		}
	}
	if (*skip_blanks(at + 1) != '\0') {
		return yaml_mistake(file, node, "nothing may follow the list in '%s'",
				    yaml_quote(line->text).s);
	}
	line->list = items;
	return 0;
}

static int read_value(struct yaml_file *file, const struct yaml_node *node, const char *at,
		      struct line *line)
{
	if (*at == '[') {
		return read_items(file, node, at + 1, line);
	}
	line->value = take_value(file->arena, &at, "");
	if (line->value == NULL) {
		return yaml_mistake(file, node, "'%s' lacks a value", yaml_quote(line->text).s);
	}
	if (*at != '\0') {
		return yaml_mistake(file, node,
				    "nothing may follow the quoted value in "
				    "'%s'",
				    yaml_quote(line->text).s);
	}
	return 0;
}

static int unknown_operator(struct yaml_file *file, const struct yaml_node *node, const char *word)
{
	static const char *const words[] = {
#define OPERATOR(name, spelled) spelled,
#include "harness/model/operator.def"
#undef OPERATOR
		NULL};
	const char *nearest = yaml_nearest(word, words);

	if (nearest != NULL) {
		return yaml_mistake(file, node,
				    "unknown operator '%s' (did you mean "
				    "'%s'?)",
				    yaml_quote(word).s, nearest);
	}
	return yaml_mistake(file, node,
			    "unknown operator '%s'; it is one of is, is-not, "
			    "at-least, at-most, includes, excludes, subset-of",
			    yaml_quote(word).s);
}

int line_read(struct yaml_file *file, const struct yaml_node *node, struct line *ret)
{
	struct line line = {
		.text = node->text, .file = file->path, .row = node->row, .column = node->column};
	const char *at, *word;
	int op;

	if (node->kind != YAML_SCALAR || yaml_is_null(node)) {
		return yaml_mistake(file, node,
				    "a line must be written FACT OPERATOR "
				    "VALUE");
	}
	at = skip_blanks(node->text);
	line.fact = take_word(file->arena, &at);
	word = take_word(file->arena, &at);
	if (strspn(line.fact, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(line.fact) ||
	    word[0] == '\0') {
		return yaml_mistake(file, node,
				    "a line must be written FACT OPERATOR "
				    "VALUE, unlike '%s'",
				    yaml_quote(node->text).s);
	}
	op = operator_from_word(word);
	if (op < 0) {
		return unknown_operator(file, node, word);
	}
	line.op = (enum operator)op;
	if (read_value(file, node, at, &line) != 0) {
		return -1;
	}
	*ret = line;
	return 0;
}

struct lines { /* how struct check keeps them */
	const struct line *at;
	size_t count;
};
_Static_assert(offsetof(struct check, given_count) ==
			       offsetof(struct check, given) + offsetof(struct lines, count) &&
		       offsetof(struct check, complete_count) ==
			       offsetof(struct check, complete) + offsetof(struct lines, count) &&
		       offsetof(struct check, expect_count) ==
			       offsetof(struct check, expect) + offsetof(struct lines, count),
	       "a check's counts follow its lines");

int read_lines(struct yaml_file *file, const struct yaml_node *node, void *out)
{
	struct lines *lines = out;
	const struct yaml_node *item;
	struct line *at;
	size_t count = 0;
	int result = 0;

	if (node->kind != YAML_SEQUENCE || node->count > MAX_LINES) {
		return yaml_mistake(file, node, "'%s' must be a list of at most %d lines",
				    node->key->text, MAX_LINES);
	}
	at = arena_alloc(file->arena, (node->count + 1) * sizeof(*at));
	for (item = node->first; item != NULL; item = item->next) {
		if (line_read(file, item, &at[count]) != 0) {
			result = -1;
		} else {
			count++;
		}
	}
	lines->at = at;
	lines->count = count;
	return result;
}
