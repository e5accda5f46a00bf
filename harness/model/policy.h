/*
 * policy: a dated list of what is allowed, legacy or forbidden, each entry with the
 * place it is taken from and, where that place says so, the year it ends. Files of
 * the data folder policies/. '${policy.NAME.LIST}' in a suite stands for what a list
 * does not forbid, '${policy.NAME.LIST.TIER}' for one tier of it.
 */
#ifndef ASSAY_MODEL_POLICY_H
#define ASSAY_MODEL_POLICY_H

#include "harness/base/arena.h"
#include "harness/model/shape.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum policy_tier {
#define POLICY_TIER(name, word, meaning) TIER_##name,
#include "harness/model/policy_tier.def"
#undef POLICY_TIER
};
extern const char *const policy_tier_words[]; /* NULL ends */
const char *policy_tier_meaning(enum policy_tier tier);
/* -1 if unknown. */
int policy_tier_from_word(const char *word);

struct policy_source {
	const char *id;
	const char *document, *edition; /* "BSI TR-02102-2", "2026-01" */
};

struct policy_entry {              /* what one place says of some names or numbers */
	int tier;                  /* enum policy_tier, up to 'until' */
	const char *source;        /* id */
	const char *place;         /* "table 3" */
	int64_t until;             /* last year of this tier; 0: no end is said */
	bool verified;             /* read in public text, if only in what quotes it */
	const char *const *values; /* NULL ends */
};

struct policy_list {
	const char *name;
	const struct policy_entry *entries;
	size_t entry_count;
};

struct policy {
	const char *name;
	const char *date; /* it was drawn up */
	const struct policy_source *sources;
	size_t source_count;
	const struct policy_list *lists;
	size_t list_count;
};

extern const struct shape policy_shape; /* of a struct policy */

const struct policy_list *policy_list_find(const struct policy *policy, const char *name);
/* The entry that has this name or size, or NULL. */
const struct policy_entry *policy_entry_of(const struct policy_list *list, const char *value);
/* True if the list's name stands in the vendor's as whole words: "allen-bradley" in
 * "Rockwell Automation / Allen-Bradley". vendor may be NULL. */
bool policy_list_is_of(const struct policy_list *list, const char *vendor);
/* The entry's tier on a day, "2026-11-25": behind 'until' it is the next one. NULL: the
 * tier as written. */
enum policy_tier policy_tier_on(const struct policy_entry *entry, const char *day);
/* "BSI TR-02102-2 2026-01, table 3, until 2029"; owned by the arena. */
const char *policy_source_text(struct arena *arena, const struct policy *policy,
			       const struct policy_entry *entry);

#endif
