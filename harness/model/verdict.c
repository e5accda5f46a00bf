/* verdict: words and sentences from the two closed lists. */
#include "harness/model/verdict.h"
#include "harness/base/text.h"

#include <string.h>

#include "harness/banned.h"

static const struct {
	const char *word, *sentence;
} verdicts[] =
	{
#define VERDICT(name, sentence) {#name, sentence},
#include "harness/model/verdict.def"
#undef VERDICT
},
  whys[] = {
#define WHY(name, word, sentence) {word, sentence},
#include "harness/model/why.def"
#undef WHY
};

const char *verdict_word(enum verdict verdict)
{
	return verdicts[verdict].word;
}

const char *verdict_sentence(enum verdict verdict)
{
	return verdicts[verdict].sentence;
}

int verdict_from_word(const char *word)
{
	int i;

	for (i = 0; i < VERDICT_COUNT; i++) {
		if (strcmp(verdicts[i].word, word) == 0) {
			return i;
		}
	}
	return -1;
}

enum verdict verdict_worst(enum verdict a, enum verdict b)
{
	return a > b ? a : b;
}

const char *why_word(enum why why)
{
	return whys[why].word;
}

const char *why_sentence(enum why why)
{
	return whys[why].sentence;
}

int why_from_word(const char *word)
{
	int i;

	for (i = 0; i < WHY_COUNT; i++) {
		if (strcmp(whys[i].word, word) == 0) {
			return i;
		}
	}
	return -1;
}
