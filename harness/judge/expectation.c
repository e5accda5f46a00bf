/* expectation: one line on one fact: does it hold, and how that is said. */
#include "harness/judge/judge_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

/* Longer values are in the facts; a sentence stays readable. */
#define SENTENCE_ITEMS 8
#define SENTENCE_TEXT  160

struct set { /* a text is a set of one */
	const char *const *at;
	size_t count;
};

static struct set set_of(const struct fact *fact)
{
	if (fact->type == FACT_LIST) {
		return (struct set){fact->list, fact->list_count};
	}
	return (struct set){&fact->text, 1};
}

static bool set_has(const struct set *set, const char *item)
{
	size_t i;

	for (i = 0; i < set->count; i++) {
		if (strcmp(set->at[i], item) == 0) {
			return true;
		}
	}
	return false;
}

/* Items of a that are in b (shared) or that are not. */
static struct set set_pick(struct arena *arena, struct set a, struct set b, bool shared)
{
	const char **picked = arena_alloc(arena, (a.count + 1) * sizeof(*picked));
	size_t i, count = 0;

	for (i = 0; i < a.count; i++) {
		if (set_has(&b, a.at[i]) == shared) {
			picked[count++] = a.at[i];
		}
	}
	return (struct set){picked, count};
}

static bool set_within(struct set a, struct set b)
{
	size_t i;

	for (i = 0; i < a.count; i++) {
		if (!set_has(&b, a.at[i])) {
			return false;
		}
	}
	return true;
}

static bool set_apart(struct set a, struct set b)
{
	size_t i;

	for (i = 0; i < a.count; i++) {
		if (set_has(&b, a.at[i])) {
			return false;
		}
	}
	return true;
}

static bool is_set(const struct fact *fact)
{
	return fact->type == FACT_LIST || fact->type == FACT_TEXT;
}

static bool is_number(const struct fact *fact)
{
	return fact->type == FACT_INT || fact->type == FACT_REAL;
}

/* -1, 0, 1 as a is below, equal to, above b. */
static int number_order(const struct fact *a, const struct fact *b)
{
	double x, y;

	if (a->type == FACT_INT && b->type == FACT_INT) {
		return (a->number > b->number) - (a->number < b->number);
	}
	x = a->type == FACT_INT ? (double)a->number : a->real;
	y = b->type == FACT_INT ? (double)b->number : b->real;
	return (x > y) - (x < y);
}

/* 1, 0, or -1 when the two cannot be compared. */
static int equal(const struct fact *saw, const struct fact *value)
{
	if (saw->type == FACT_BOOL && value->type == FACT_BOOL) {
		return saw->yes == value->yes;
	}
	if (is_number(saw) && is_number(value)) {
		return number_order(saw, value) == 0;
	}
	if (is_set(saw) && is_set(value)) {
		return set_within(set_of(saw), set_of(value)) &&
		       set_within(set_of(value), set_of(saw));
	}
	return -1;
}

static int ordered(const struct fact *saw, const struct fact *value, enum operator op);

/* Every text is a number, and in this order to the value. */
static int items_ordered(const struct fact *saw, const struct fact *value, enum operator op)
{
	struct fact number = {.type = FACT_REAL};
	char *end;
	size_t i;
	int holds = 1;

	for (i = 0; i < saw->list_count; i++) {
		number.real = strtod(saw->list[i], &end);
		if (end == saw->list[i] || *end != '\0') {
			return -1;
		}
		holds = holds && ordered(&number, value, op) == 1;
	}
	return holds;
}

static int ordered(const struct fact *saw, const struct fact *value, enum operator op)
{
	if (saw->type == FACT_LIST && is_number(value)) {
		return items_ordered(saw, value, op);
	}
	if (!is_number(saw) || !is_number(value)) {
		return -1;
	}
	return op == OP_AT_LEAST ? number_order(saw, value) >= 0 : number_order(saw, value) <= 0;
}

bool expectation_beyond(const struct expectation *expectation, const struct fact *saw,
			const char *size)
{
	struct fact value = {.type = FACT_REAL, .real = strtod(size, NULL)};

	return ordered(saw, &value, expectation->op) == 0;
}

static int contained(const struct fact *saw, const struct fact *value, enum operator op)
{
	if (!is_set(saw) || !is_set(value)) {
		return -1;
	}
	switch (op) {
	case OP_INCLUDES:
		return set_within(set_of(value), set_of(saw));
	case OP_EXCLUDES:
		return set_apart(set_of(value), set_of(saw));
	default:
		return set_within(set_of(saw), set_of(value));
	}
}

int expectation_holds(const struct expectation *expectation, const struct facts *facts)
{
	const struct fact *value = &expectation->value;
	const struct fact *saw = facts_find(facts, expectation->def->name);
	int same;

	/* what cannot be compared was not observed: it never passes */
	if (saw == NULL || saw->type != expectation->def->type) {
		return -1;
	}
	switch (expectation->op) {
	case OP_IS:
		return equal(saw, value);
	case OP_IS_NOT:
		same = equal(saw, value);
		return same < 0 ? -1 : !same;
	case OP_AT_LEAST:
	case OP_AT_MOST:
		return ordered(saw, value, expectation->op);
	case OP_INCLUDES:
	case OP_EXCLUDES:
	case OP_SUBSET_OF:
		return contained(saw, value, expectation->op);
	case OP_COUNT:
		break;
	}
	BUG("line '%s' has operator %d", expectation->text, (int)expectation->op);
}

static char *sentence_text(struct arena *arena, const char *text)
{
	char printable[SENTENCE_TEXT];
	size_t size = strlen(text);

	if (size == 0) {
		return arena_strdup(arena, "an empty text");
	}
	text_printable(printable, sizeof(printable), text, size);
	return arena_printf(arena, "%s%s", printable, size >= sizeof(printable) ? "..." : "");
}

char *sentence_list(struct arena *arena, const char *const *items, size_t count)
{
	char *text = arena_strdup(arena, count == 0 ? "none" : "");
	size_t i, shown = count > SENTENCE_ITEMS ? SENTENCE_ITEMS : count;

	for (i = 0; i < shown; i++) {
		text = arena_printf(arena, "%s%s%s", text, i > 0 ? ", " : "",
				    sentence_text(arena, items[i]));
	}
	if (shown < count) {
		text = arena_printf(arena, "%s and %zu more", text, count - shown);
	}
	return text;
}

char *expectation_saw(struct arena *arena, const struct expectation *expectation,
		      const struct facts *facts)
{
	const struct fact *saw = facts_find(facts, expectation->def->name);

	if (saw == NULL) {
		return NULL;
	}
	if (saw->type == FACT_LIST) {
		return sentence_list(arena, saw->list, saw->list_count);
	}
	if (saw->type == FACT_TEXT) {
		return sentence_text(arena, saw->text);
	}
	return fact_value_text(arena, saw, expectation->def->unit);
}

char *expectation_failure(struct arena *arena, const struct expectation *expectation,
			  const struct facts *facts)
{
	const struct fact *saw = facts_find(facts, expectation->def->name);
	const char *line = expectation->text;
	struct set seen, value, offending;
	char *all = expectation_saw(arena, expectation, facts);

	if (saw == NULL || !is_set(saw) || !is_set(&expectation->value)) {
		return arena_printf(arena, "expected %s, saw %s", line,
				    all == NULL ? "nothing" : all);
	}
	seen = set_of(saw);
	value = set_of(&expectation->value);
	switch (expectation->op) {
	case OP_SUBSET_OF:
		offending = set_pick(arena, seen, value, false);
		return arena_printf(arena, "expected %s, saw %s besides", line,
				    sentence_list(arena, offending.at, offending.count));
	case OP_EXCLUDES:
		offending = set_pick(arena, seen, value, true);
		return arena_printf(arena, "expected %s, saw %s", line,
				    sentence_list(arena, offending.at, offending.count));
	case OP_INCLUDES:
		offending = set_pick(arena, value, seen, false);
		return arena_printf(arena, "expected %s, saw %s without %s", line, all,
				    sentence_list(arena, offending.at, offending.count));
	default:
		return arena_printf(arena, "expected %s, saw %s", line, all);
	}
}

enum verdict judge_lines_alone(const struct planned_check *check, const struct facts *facts)
{
	bool unseen = check->expect_count == 0;
	bool broken = false;
	size_t i;

	for (i = 0; i < check->given_count; i++) {
		if (expectation_holds(&check->given[i], facts) != 1) {
			return VERDICT_INCONCLUSIVE;
		}
	}
	for (i = 0; i < check->complete_count; i++) {
		unseen = unseen || expectation_holds(&check->complete[i], facts) != 1;
	}
	for (i = 0; i < check->expect_count; i++) {
		int held = expectation_holds(&check->expect[i], facts);

		broken = broken || held == 0;
		unseen = unseen || held < 0;
	}
	if (broken) {
		return VERDICT_FAIL;
	}
	return unseen ? VERDICT_INCONCLUSIVE : VERDICT_PASS;
}
