/* trait: parses and prints the switches of a simulated device. */
#include "targets/simulated/trait.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

enum kind { SWITCH, NUMBER, CHOICE };

static const struct trait_def {
	const char *word;
	enum kind kind;
	const char *defaults[2]; /* by enum temper */
	const char *range, *meaning;
} table[] = {
#define TRAIT(name, word, kind, weak, hardened, range, meaning) \
	{word, kind, {weak, hardened}, range, meaning},
#include "targets/simulated/trait.def"
#undef TRAIT
};

/* Returns the place of value in 'a|b|c', or -1. */
static int choice_find(const char *range, const char *value)
{
	size_t size = strlen(value);
	int place = 0;

	while (*range) {
		size_t length = strcspn(range, "|");
		if (length == size && memcmp(range, value, size) == 0)
			return place;
		range += length + (range[length] == '|');
		place++;
	}
	return -1;
}

static bool number_read(const char *range, const char *value, int64_t *ret)
{
	char *end = NULL;
	long long least = strtoll(range, &end, 10);
	long long most = strtoll(end + strlen(".."), NULL, 10);
	long long number = strtoll(value, &end, 10);

	if (end == value || *end || number < least || number > most)
		return false;
	*ret = number;
	return true;
}

static int value_read(const struct trait_def *def, const char *value, int64_t *ret,
		      struct text *why)
{
	int place = -1;

	switch (def->kind) {
	case SWITCH:
		place = choice_find("off|on", value);
		if (place < 0)
			return text_error(why,
					  "trait '%s' is on or off, not "
					  "'%s'",
					  def->word, value);
		break;
	case CHOICE:
		place = choice_find(def->range, value);
		if (place < 0)
			return text_error(why,
					  "trait '%s' is one of %s, not "
					  "'%s'",
					  def->word, def->range, value);
		break;
	case NUMBER:
		if (!number_read(def->range, value, ret))
			return text_error(why,
					  "trait '%s' is a number in %s, "
					  "not '%s'",
					  def->word, def->range, value);
		return 0;
	}
	*ret = place;
	return 0;
}

struct traits traits_of(enum temper temper)
{
	struct traits traits;
	struct text why;

	for (size_t i = 0; i < TRAIT_COUNT; i++)
		if (value_read(&table[i], table[i].defaults[temper], &traits.value[i], &why) < 0)
			BUG("%s", why.s);
	return traits;
}

int traits_set(struct traits *traits, const char *assignment, struct text *why)
{
	size_t size = strcspn(assignment, "=");

	if (assignment[size] == '\0')
		return text_error(why, "'%s' is not of the form trait=value", assignment);
	for (size_t i = 0; i < TRAIT_COUNT; i++)
		if (strlen(table[i].word) == size && memcmp(table[i].word, assignment, size) == 0)
			return value_read(&table[i], assignment + size + 1, &traits->value[i], why);
	return text_error(why, "no trait is called '%.*s'", (int)size, assignment);
}

void traits_print(FILE *out)
{
	for (size_t i = 0; i < TRAIT_COUNT; i++)
		fprintf(out, "%-24s %-9s %-9s %s%s%s%s\n", table[i].word,
			table[i].defaults[TEMPER_WEAK], table[i].defaults[TEMPER_HARDENED],
			table[i].meaning, *table[i].range ? " (" : "", table[i].range,
			*table[i].range ? ")" : "");
}

const char *trait_word(enum trait trait)
{
	return table[trait].word;
}
