/* verdict: the six verdict words and the closed list of reasons behind them. */
#ifndef ASSAY_MODEL_VERDICT_H
#define ASSAY_MODEL_VERDICT_H

enum verdict {
#define VERDICT(name, sentence) VERDICT_##name,
#include "harness/model/verdict.def"
#undef VERDICT
	VERDICT_COUNT
};

enum why {
#define WHY(name, word, sentence) WHY_##name,
#include "harness/model/why.def"
#undef WHY
	WHY_COUNT
};

/* "PASS"; what it means. */
const char *verdict_word(enum verdict verdict);
const char *verdict_sentence(enum verdict verdict);
/* Returns the verdict with this word, or -1. */
int verdict_from_word(const char *word);
/* Several verdicts combine into the greatest. */
enum verdict verdict_worst(enum verdict a, enum verdict b);

/* "device-lost"; what it means. */
const char *why_word(enum why why);
const char *why_sentence(enum why why);
/* Returns the reason with this word, or -1. */
int why_from_word(const char *word);

#endif
