/*
 * journal_word: the journal's closed lists, for who writes it and who reads it.
 */
#ifndef ASSAY_MODEL_JOURNAL_WORD_H
#define ASSAY_MODEL_JOURNAL_WORD_H

#include <stdbool.h>

enum child_outcome {
#define OUTCOME(name, word) CHILD_##name,
#include "harness/model/outcome.def"
#undef OUTCOME
};
/* "gave-up"; from word, which may be NULL: -1 if unknown. */
const char *child_outcome_word(enum child_outcome outcome);
int child_outcome_from_word(const char *word);

enum stop {
#define STOP(name, word, sentence) STOP_##name,
#include "harness/model/stop.def"
#undef STOP
};
/* "device-lost"; what is said of a check not reached; from word, which may be
 * NULL: -1 if unknown. */
const char *stop_word(enum stop stop);
const char *stop_sentence(enum stop stop);
int stop_from_word(const char *word);

enum device_event {
#define DEVICE_EVENT(name, word) DEVICE_##name,
#include "harness/model/device_event.def"
#undef DEVICE_EVENT
};
/* "quarantined"; from word, which may be NULL: -1 if unknown. */
const char *device_event_word(enum device_event event);
int device_event_from_word(const char *word);
/* It is there, lets the tester in and is the same. */
bool device_event_well(int event);

#endif
