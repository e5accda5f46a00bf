/* operator: the words a suite's line may use between fact and value. */
#include "harness/model/suite.h"

#include <string.h>

#include "harness/banned.h"

static const char *const words[] = {
#define OPERATOR(name, word) word,
#include "harness/model/operator.def"
#undef OPERATOR
};

const char *operator_word(enum operator op)
{
	return words[op];
}

int operator_from_word(const char *word)
{
	int i;

	for (i = 0; i < OP_COUNT; i++) {
		if (strcmp(words[i], word) == 0) {
			return i;
		}
	}
	return -1;
}
