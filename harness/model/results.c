/* results: what the exit code says. results.json is results_json.c. */
#include "harness/model/results.h"

#include <string.h>

#include "harness/banned.h"

#define EXIT_PASSED       0
#define EXIT_FAILED       1
#define EXIT_UNAVAILABLE  3
#define EXIT_INCONCLUSIVE 4

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

int results_exit_code(const struct results *results)
{
	const char *end = results->end_reason;
	bool open = false;
	size_t i;

	if (end != NULL && (strcmp(end, "device-lost") == 0 || strcmp(end, "bench-lost") == 0)) {
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
