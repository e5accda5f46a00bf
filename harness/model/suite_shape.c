/* suite_shape: every key of a suite. */
#include "harness/model/suite_shape.h"
#include "harness/model/profile.h"

#include <string.h>

#include "harness/banned.h"

static int wrong_for(struct yaml_file *file, const struct yaml_node *node)
{
	return yaml_mistake(file, node,
			    "'for' must be 'login', 'tls', 'service PROTOCOL', "
			    "'service [PROTOCOL, ...]', 'service any', "
			    "'function downward', 'function upward' or "
			    "'function any'");
}

/* "[a, b]" or "a". Returns the words, NULL ends, or NULL where it is neither. */
static const char *const *read_words(struct arena *arena, const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	bool list = text[0] == '[';
	const char **words = NULL;
	size_t count = 0, size;

	text += list;
	do {
		text += list ? strspn(text, " ") : 0;
		size = strspn(text, letters);
		if (size == 0) {
			return NULL;
		}
		*(const char **)arena_push(arena, &words, &count, sizeof(*words)) =
			arena_printf(arena, "%.*s", (int)size, text);
		text += size;
		text += list ? strspn(text, " ") : 0;
	} while (list && *text++ == ',');
	if (list ? text[-1] != ']' || *text != '\0' : *text != '\0') {
		return NULL;
	}
	*(const char **)arena_push(arena, &words, &count, sizeof(*words)) = NULL;
	return words;
}

/* Fills the check's three members; out is the check. */
int read_for(struct yaml_file *file, const struct yaml_node *node, void *out)
{
	struct check *check = out;
	const char *what = node->text, *word;

	if (node->kind != YAML_SCALAR) {
		return wrong_for(file, node);
	}
	if (strcmp(what, "login") == 0) {
		check->for_what = FOR_LOGIN;
		return 0;
	}
	if (strcmp(what, "tls") == 0) {
		check->for_what = FOR_TLS;
		return 0;
	}
	word = strchr(what, ' ');
	word = word == NULL ? "" : word + 1;
	if (strncmp(what, "service ", 8) == 0) {
		check->for_what = FOR_SERVICE;
		if (strcmp(word, "any") != 0) {
			check->for_protocols = read_words(file->arena, word);
			return check->for_protocols == NULL ? wrong_for(file, node) : 0;
		}
		return 0;
	}
	if (strcmp(word, "any") == 0) {
		word = "*";
	}
	if (strncmp(what, "function ", 9) == 0 &&
	    (strcmp(word, "*") == 0 || view_from_word(word) >= 0)) {
		check->for_what = FOR_FUNCTION;
		check->for_view = word;
		return 0;
	}
	return wrong_for(file, node);
}

static void refuse_with_ask(struct yaml_file *file, const struct yaml_node *node)
{
	static const char *const keys[] = {"with", "given", "complete", "expect"};
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const struct yaml_node *value = yaml_get(node, keys[i]);

		if (value != NULL) {
			yaml_mistake(file, value->key, "a check that asks a person has no '%s'",
				     keys[i]);
		}
	}
}

static void check_check(struct yaml_file *file, const struct yaml_node *node, void *structure)
{
	struct check *check = structure;

	check->file = file->path;
	check->row = node->row;
	check->column = node->column;
	if ((check->probe == NULL) == (check->ask == NULL)) {
		yaml_mistake(file, node, "check '%s' must have either 'probe' or 'ask'", check->id);
		return;
	}
	if (check->ask != NULL) {
		refuse_with_ask(file, node);
	} else if (check->expect_count == 0) {
		yaml_mistake(file, node, "check '%s' expects nothing: it could never fail",
			     check->id);
	}
	if (check->requirements[0] == NULL && check->cra[0] == NULL) {
		yaml_mistake(file, node, "check '%s' names no requirement and no CRA point",
			     check->id);
	}
}

static const struct field check_fields[] = {
	{.key = "id",
	 .type = FIELD_TEXT,
	 .flags = FIELD_REQUIRED,
	 FIELD_AT(struct check, id),
	 .read = field_is_id,
	 .meaning = "unique over all suites, never renamed"},
	{.key = "title",
	 .type = FIELD_TEXT,
	 FIELD_AT(struct check, title),
	 .meaning = "what holds when it passes; not given: the question or "
		    "the id"},
	{.key = "requirements",
	 .type = FIELD_TEXTS,
	 FIELD_AT(struct check, requirements),
	 .min = 0,
	 .max = 64,
	 .meaning = "requirements that it proves or disproves"},
	{.key = "cra",
	 .type = FIELD_TEXTS,
	 FIELD_AT(struct check, cra),
	 .min = 0,
	 .max = 64,
	 .meaning = "CRA points beyond the crosswalk's"},
	{.key = "for",
	 .type = FIELD_OTHER,
	 .read = read_for,
	 .schema = "string",
	 .meaning = "one check for each such service or function, for each "
		    "service that a person logs in to, or for each that begins "
		    "with TLS; not given: one for the device"},
	{.key = "state",
	 .type = FIELD_TEXT,
	 FIELD_AT(struct check, only_state),
	 .words = state_words,
	 .meaning = "only for a device in this state"},
	{.key = "probe",
	 .type = FIELD_TEXT,
	 FIELD_AT(struct check, probe),
	 .read = field_is_id,
	 .meaning = "the probe that observes"},
	{.key = "ask",
	 .type = FIELD_TEXT,
	 FIELD_AT(struct check, ask),
	 .meaning = "a question to a person, instead of a probe"},
	{.key = "with",
	 .type = FIELD_SETTINGS,
	 FIELD_AT(struct check, with),
	 FIELD_COUNT(struct check, with_count),
	 .meaning = "the probe's parameters"},
	{.key = "given",
	 .type = FIELD_OTHER,
	 FIELD_AT(struct check, given),
	 .min = 0,
	 .max = 64,
	 .read = read_lines,
	 .schema = "array",
	 .meaning = "controls: if one does not hold, the check is "
		    "inconclusive"},
	{.key = "complete",
	 .type = FIELD_OTHER,
	 FIELD_AT(struct check, complete),
	 .min = 0,
	 .max = 64,
	 .read = read_lines,
	 .schema = "array",
	 .meaning =
		 "what a PASS needs besides: if one does not hold, the check is inconclusive, but "
		 "what was seen to break the criterion still fails it"},
	{.key = "expect",
	 .type = FIELD_OTHER,
	 FIELD_AT(struct check, expect),
	 .min = 0,
	 .max = 64,
	 .read = read_lines,
	 .schema = "array",
	 .meaning = "the criterion: if one does not hold, the check fails"},
	{0}};
static const struct shape check_shape = {"check", check_fields, sizeof(struct check), false,
					 check_check};

static const struct field suite_fields[] = {{.key = "suite",
					     .type = FIELD_TEXT,
					     .flags = FIELD_REQUIRED,
					     FIELD_AT(struct suite_file, name),
					     .read = field_is_id,
					     .meaning = "the suite's name"},
					    {.key = "catalogue",
					     .type = FIELD_TEXT,
					     .flags = FIELD_REQUIRED,
					     FIELD_AT(struct suite_file, catalogue),
					     .meaning = "edition of the requirements"},
					    {.key = "checks",
					     .type = FIELD_LIST,
					     .flags = FIELD_REQUIRED,
					     FIELD_AT(struct suite_file, checks),
					     FIELD_COUNT(struct suite_file, count),
					     .shape = &check_shape,
					     .min = 1,
					     .max = 512,
					     .meaning = "the checks, in order"},
					    {0}};
const struct shape suite_shape = {"suite", suite_fields, sizeof(struct suite_file), false, NULL};
