/* impact: the words for what a check may do to the device. */
#include "harness/model/profile.h"

#include <string.h>

#include "harness/banned.h"

static const char *const words[IMPACT_COUNT] = {"observe", "touch", "stress", "may-brick"};

const char *impact_word(enum impact impact)
{
	return words[impact];
}

int impact_from_word(const char *word)
{
	int i;

	for (i = 0; i < IMPACT_COUNT; i++) {
		if (strcmp(words[i], word) == 0) {
			return i;
		}
	}
	return -1;
}
