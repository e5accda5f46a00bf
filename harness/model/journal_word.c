/* journal_word: words of the journal from its closed lists. */
#include "harness/model/journal_word.h"
#include "harness/base/text.h"

#include <string.h>

#include "harness/banned.h"

static const char *const outcomes[] = {
#define OUTCOME(name, word) word,
#include "harness/model/outcome.def"
#undef OUTCOME
};

static const char *const stops[] = {
#define STOP(name, word, sentence) word,
#include "harness/model/stop.def"
#undef STOP
};

static const char *const events[] = {
#define DEVICE_EVENT(name, word) word,
#include "harness/model/device_event.def"
#undef DEVICE_EVENT
};

static int word_find(const char *const *words, size_t count, const char *word)
{
	size_t i;

	for (i = 0; word != NULL && i < count; i++) {
		if (strcmp(words[i], word) == 0) {
			return (int)i;
		}
	}
	return -1;
}

const char *child_outcome_word(enum child_outcome outcome)
{
	return outcomes[outcome];
}

int child_outcome_from_word(const char *word)
{
	return word_find(outcomes, ARRAY_SIZE(outcomes), word);
}

const char *stop_word(enum stop stop)
{
	return stops[stop];
}

const char *stop_sentence(enum stop stop)
{
	static const char *const sentences[] = {
#define STOP(name, word, sentence) sentence,
#include "harness/model/stop.def"
#undef STOP
	};

	return sentences[stop];
}

int stop_from_word(const char *word)
{
	return word_find(stops, ARRAY_SIZE(stops), word);
}

const char *device_event_word(enum device_event event)
{
	return events[event];
}

int device_event_from_word(const char *word)
{
	return word_find(events, ARRAY_SIZE(events), word);
}

bool device_event_well(int event)
{
	return event == DEVICE_ALIVE || event == DEVICE_VERIFIED;
}
