/* profile_word: the words of a profile's closed lists. */
#include "harness/model/profile.h"

#include <string.h>

#include "harness/banned.h"

const char *const impact_words[] = {
#define IMPACT(name, word, sentence) word,
#include "harness/model/impact.def"
#undef IMPACT
	NULL};

const char *const state_words[] = {
#define STATE(name, word) word,
#include "harness/model/device_state.def"
#undef STATE
	NULL};

const char *const view_words[] = {
#define VIEW(name, word, what) word,
#include "harness/model/view.def"
#undef VIEW
	NULL};

static int word_find(const char *const *words, const char *word)
{
	int i;

	for (i = 0; words[i] != NULL; i++) {
		if (strcmp(words[i], word) == 0) {
			return i;
		}
	}
	return -1;
}

const char *impact_word(enum impact impact)
{
	return impact_words[impact];
}

const char *impact_sentence(enum impact impact)
{
	static const char *const sentences[] = {
#define IMPACT(name, word, sentence) sentence,
#include "harness/model/impact.def"
#undef IMPACT
	};

	return sentences[impact];
}

int impact_from_word(const char *word)
{
	return word_find(impact_words, word);
}

const char *state_word(enum device_state state)
{
	return state_words[state];
}

const char *view_word(enum view view)
{
	return view_words[view];
}

const char *view_meaning(enum view view)
{
	static const char *const meanings[] = {
#define VIEW(name, word, what) what,
#include "harness/model/view.def"
#undef VIEW
	};

	return meanings[view];
}

int view_from_word(const char *word)
{
	return word_find(view_words, word);
}
