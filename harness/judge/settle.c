/* settle: a check's verdict is written down, with a reason in any case. */
#include "harness/judge/judge_parts.h"

#include <string.h>

#include "harness/banned.h"

bool list_has(const char *const *list, const char *word)
{
	for (; list != NULL && *list != NULL; list++) {
		if (strcmp(*list, word) == 0) {
			return true;
		}
	}
	return false;
}

void check_settle(struct check_result *check, enum verdict verdict, enum why why,
		  const char *reason)
{
	check->verdict = verdict;
	check->why = why;
	check->reason = reason == NULL || reason[0] == '\0' ? why_sentence(why) : reason;
}
