/* policy: every key of a policy, and what an entry is on a day. Contract in policy.h. */
#include "harness/model/policy.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

const char *const policy_tier_words[] = {
#define POLICY_TIER(name, word, meaning) word,
#include "harness/model/policy_tier.def"
#undef POLICY_TIER
	NULL};

const char *policy_tier_meaning(enum policy_tier tier)
{
	static const char *const meanings[] = {
#define POLICY_TIER(name, word, meaning) meaning,
#include "harness/model/policy_tier.def"
#undef POLICY_TIER
	};

	return meanings[tier];
}

int policy_tier_from_word(const char *word)
{
	int i;

	for (i = 0; policy_tier_words[i] != NULL; i++) {
		if (strcmp(policy_tier_words[i], word) == 0) {
			return i;
		}
	}
	return -1;
}

const struct policy_list *policy_list_find(const struct policy *policy, const char *name)
{
	size_t i;

	for (i = 0; i < policy->list_count; i++) {
		if (strcmp(policy->lists[i].name, name) == 0) {
			return &policy->lists[i];
		}
	}
	return NULL;
}

const struct policy_entry *policy_entry_of(const struct policy_list *list, const char *value)
{
	const char *const *item;
	size_t i;

	for (i = 0; i < list->entry_count; i++) {
		for (item = list->entries[i].values; *item != NULL; item++) {
			if (strcmp(*item, value) == 0) {
				return &list->entries[i];
			}
		}
	}
	return NULL;
}

/* Letters and digits alone make words: the name's words stand in the vendor's, in order and
 * side by side. */
static bool words_begin(const char *vendor, const char *name)
{
	for (; *name != '\0'; name++) {
		if (*name == '-') {
			if (isalnum((unsigned char)*vendor)) {
				return false;
			}
			while (*vendor != '\0' && !isalnum((unsigned char)*vendor)) {
				vendor++;
			}
		} else if (tolower((unsigned char)*vendor++) != *name) {
			return false;
		}
	}
	return !isalnum((unsigned char)*vendor);
}

bool policy_list_is_of(const struct policy_list *list, const char *vendor)
{
	const char *at;

	for (at = vendor; at != NULL && *at != '\0'; at++) {
		if ((at == vendor || !isalnum((unsigned char)at[-1])) &&
		    words_begin(at, list->name)) {
			return true;
		}
	}
	return false;
}

enum policy_tier policy_tier_on(const struct policy_entry *entry, const char *day)
{
	bool ended = day != NULL && entry->until > 0 && strtoll(day, NULL, 10) > entry->until;

	return (enum policy_tier)(entry->tier + (ended && entry->tier < TIER_FORBIDDEN));
}

static const struct policy_source *source_find(const struct policy *policy, const char *id)
{
	size_t i;

	for (i = 0; i < policy->source_count; i++) {
		if (strcmp(policy->sources[i].id, id) == 0) {
			return &policy->sources[i];
		}
	}
	return NULL;
}

const char *policy_source_text(struct arena *arena, const struct policy *policy,
			       const struct policy_entry *entry)
{
	const struct policy_source *source = source_find(policy, entry->source);
	const char *text =
		arena_printf(arena, "%s %s, %s", source->document, source->edition, entry->place);

	if (entry->until > 0) {
		text = arena_printf(arena, "%s, until %lld", text, (long long)entry->until);
	}
	return entry->verified ? text : arena_printf(arena, "%s (not verified)", text);
}

/* --- the keys ----------------------------------------------------------------- */

static const struct field source_fields[] = {{.key = "id",
					      .type = FIELD_TEXT,
					      .flags = FIELD_REQUIRED,
					      FIELD_AT(struct policy_source, id),
					      .read = field_is_id,
					      .meaning = "what the entries call it"},
					     {.key = "document",
					      .type = FIELD_TEXT,
					      .flags = FIELD_REQUIRED,
					      FIELD_AT(struct policy_source, document),
					      .meaning = "the document's number or title"},
					     {.key = "edition",
					      .type = FIELD_TEXT,
					      .flags = FIELD_REQUIRED | FIELD_NUMERAL,
					      FIELD_AT(struct policy_source, edition),
					      .meaning = "its edition, version or date"},
					     {0}};
static const struct shape source_shape = {"source", source_fields, sizeof(struct policy_source),
					  false, NULL};

static const struct field entry_fields[] = {
	{.key = "tier",
	 .type = FIELD_WORD,
	 .flags = FIELD_REQUIRED,
	 FIELD_AT(struct policy_entry, tier),
	 .words = policy_tier_words,
	 .meaning = "allowed; legacy: asked about, never a failure; forbidden: a failure"},
	{.key = "source",
	 .type = FIELD_TEXT,
	 .flags = FIELD_REQUIRED,
	 FIELD_AT(struct policy_entry, source),
	 .read = field_is_id,
	 .meaning = "id of the source that says so"},
	{.key = "place",
	 .type = FIELD_TEXT,
	 .flags = FIELD_REQUIRED,
	 FIELD_AT(struct policy_entry, place),
	 .meaning = "where in it: section or table"},
	{.key = "until",
	 .type = FIELD_INT,
	 FIELD_AT(struct policy_entry, until),
	 .min = 2000,
	 .max = 2100,
	 .fallback = "0",
	 .meaning = "last year of this tier; later runs take the next lower one"},
	{.key = "verified",
	 .type = FIELD_BOOL,
	 FIELD_AT(struct policy_entry, verified),
	 .fallback = "true",
	 .meaning = "false: not found in public text when the policy was drawn up"},
	{.key = "values",
	 .type = FIELD_TEXTS,
	 .flags = FIELD_REQUIRED | FIELD_NUMERAL,
	 FIELD_AT(struct policy_entry, values),
	 .min = 1,
	 .max = 512,
	 .meaning = "names, or least sizes"},
	{0}};
static const struct shape entry_shape = {"entry", entry_fields, sizeof(struct policy_entry), false,
					 NULL};

static const struct field list_fields[] = {{.key = "name",
					    .type = FIELD_TEXT,
					    .flags = FIELD_REQUIRED,
					    FIELD_AT(struct policy_list, name),
					    .read = field_is_id,
					    .meaning = "the list's name"},
					   {.key = "entries",
					    .type = FIELD_LIST,
					    .flags = FIELD_REQUIRED,
					    FIELD_AT(struct policy_list, entries),
					    FIELD_COUNT(struct policy_list, entry_count),
					    .shape = &entry_shape,
					    .min = 1,
					    .max = 64,
					    .meaning = "what its names or sizes are"},
					   {0}};
static const struct shape list_shape = {"list", list_fields, sizeof(struct policy_list), false,
					NULL};

/* The line on which the list has this text, before the value; 0: none. */
static int earlier_row(const struct yaml_node *entries, const struct yaml_node *value)
{
	const struct yaml_node *entry, *item, *values;

	for (entry = entries->first; entry != NULL; entry = entry->next) {
		values = yaml_get(entry, "values");
		for (item = values->first; item != NULL; item = item->next) {
			if (item == value) {
				return 0;
			}
			if (strcmp(item->text, value->text) == 0) {
				return item->row;
			}
		}
	}
	return 0;
}

static void check_entry(struct yaml_file *file, const struct policy *policy,
			const struct yaml_node *entries, const struct yaml_node *entry)
{
	const struct yaml_node *source = yaml_get(entry, "source"), *item;
	const struct yaml_node *until = yaml_get(entry, "until");

	if (source_find(policy, source->text) == NULL) {
		yaml_mistake(file, source, "unknown source '%s'; 'sources' has none of that id",
			     yaml_quote(source->text).s);
	}
	if (until != NULL && strcmp(yaml_get(entry, "tier")->text, "forbidden") == 0) {
		yaml_mistake(file, until, "what is forbidden has no end");
	}
	for (item = yaml_get(entry, "values")->first; item != NULL; item = item->next) {
		int row = earlier_row(entries, item);

		if (row > 0) {
			yaml_mistake(file, item, "'%s' is already on line %d",
				     yaml_quote(item->text).s, row);
		}
	}
}

static void check_policy(struct yaml_file *file, const struct yaml_node *node, void *structure)
{
	const struct policy *policy = structure;
	const struct yaml_node *list, *entries, *entry;

	if (file->mistakes > 0) {
		return;
	}
	for (list = yaml_get(node, "lists")->first; list != NULL; list = list->next) {
		entries = yaml_get(list, "entries");
		for (entry = entries->first; entry != NULL; entry = entry->next) {
			check_entry(file, policy, entries, entry);
		}
	}
}

static const struct field policy_fields[] = {{.key = "policy",
					      .type = FIELD_TEXT,
					      .flags = FIELD_REQUIRED,
					      FIELD_AT(struct policy, name),
					      .read = field_is_id,
					      .meaning = "the policy's name, with its year"},
					     {.key = "date",
					      .type = FIELD_TEXT,
					      .flags = FIELD_REQUIRED,
					      FIELD_AT(struct policy, date),
					      .read = field_is_date,
					      .meaning = "day it was drawn up"},
					     {.key = "sources",
					      .type = FIELD_LIST,
					      .flags = FIELD_REQUIRED,
					      FIELD_AT(struct policy, sources),
					      FIELD_COUNT(struct policy, source_count),
					      .shape = &source_shape,
					      .min = 1,
					      .max = 64,
					      .meaning = "the documents it was drawn from"},
					     {.key = "lists",
					      .type = FIELD_LIST,
					      .flags = FIELD_REQUIRED,
					      FIELD_AT(struct policy, lists),
					      FIELD_COUNT(struct policy, list_count),
					      .shape = &list_shape,
					      .min = 1,
					      .max = 64,
					      .meaning = "what is allowed, legacy and forbidden"},
					     {0}};
const struct shape policy_shape = {"policy", policy_fields, sizeof(struct policy), false,
				   check_policy};
