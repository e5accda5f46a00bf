/* results: words of its closed lists, and what the exit code says. results.json is
 * results_json.c. */
#include "harness/model/results.h"
#include "harness/model/journal_word.h"

#include <string.h>

#include "harness/banned.h"

#define EXIT_PASSED       0
#define EXIT_FAILED       1
#define EXIT_UNAVAILABLE  3
#define EXIT_INCONCLUSIVE 4

const char *settled_word(enum settled settled)
{
	static const char *const words[] = {
#define SETTLED(name, word, sentence) word,
#include "harness/model/settled.def"
#undef SETTLED
	};

	return words[settled];
}

const char *settled_sentence(enum settled settled)
{
	static const char *const sentences[] = {
#define SETTLED(name, word, sentence) sentence,
#include "harness/model/settled.def"
#undef SETTLED
	};

	return sentences[settled];
}

const char *line_role_word(enum line_role role)
{
	static const char *const words[] = {
#define LINE_ROLE(name, word, name_of) word,
#include "harness/model/line_role.def"
#undef LINE_ROLE
	};

	return words[role];
}

const char *line_role_name(enum line_role role)
{
	static const char *const names[] = {
#define LINE_ROLE(name, word, name_of) name_of,
#include "harness/model/line_role.def"
#undef LINE_ROLE
	};

	return names[role];
}

/* Nobody asked for it: no consent, another selection, a question to a person,
 * or something the profile does not declare. */
static bool not_asked_for(const struct check_result *check)
{
	return check->ask != NULL || check->why == WHY_NO_CONSENT ||
	       check->why == WHY_NOT_SELECTED || check->why == WHY_NOT_DECLARED;
}

static bool is_open(const struct check_result *check)
{
	switch (check->verdict) {
	case VERDICT_INCONCLUSIVE:
	case VERDICT_ERROR:
		return true;
	case VERDICT_NOT_TESTED:
		return !not_asked_for(check);
	default:
		return false;
	}
}

/* Who selects checks does not ask for all services. */
static bool all_asked_for(const struct results *results)
{
	size_t i;

	for (i = 0; i < results->check_count; i++) {
		if (results->checks[i].why == WHY_NOT_SELECTED) {
			return false;
		}
	}
	return true;
}

int results_exit_code(const struct results *results)
{
	int end = stop_from_word(results->end_reason);
	bool open = results->uncovered_count > 0 && all_asked_for(results);
	size_t i;

	if (end == STOP_DEVICE_LOST || end == STOP_BENCH_LOST) {
		return EXIT_UNAVAILABLE;
	}
	if (results->verdict_counts[VERDICT_FAIL] > 0) {
		return EXIT_FAILED;
	}
	for (i = 0; i < results->check_count; i++) {
		open = open || is_open(&results->checks[i]);
	}
	/* nothing measured is not everything passed */
	if (open || results->verdict_counts[VERDICT_PASS] == 0) {
		return EXIT_INCONCLUSIVE;
	}
	return EXIT_PASSED;
}
