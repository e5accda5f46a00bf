/* anchor_check: compares a journal and a ledger with what is known of them outside. */
#define _GNU_SOURCE
#include "harness/base/digest.h"
#include "harness/run/anchor_parts.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

/* The SHA-256 of record number (from 1), or that of no record at all. */
static const char *head_at(const struct journal_text *journal, size_t number)
{
	return number == journal->count ? journal->head
					: anchor_text(journal->records[number], "prev");
}

static bool has_end(const struct journal_text *journal)
{
	return journal->count > 0 &&
	       strcmp(anchor_text(journal->records[journal->count - 1], "type"), "end") == 0;
}

static size_t number_of(const json_t *vouched, const char *name)
{
	json_int_t number = json_integer_value(json_object_get(vouched, name));

	return number < 0 || (uintmax_t)number > SIZE_MAX ? SIZE_MAX : (size_t)number;
}

/* What power took away: records that were not on the disk yet, or what the anchor was to say of
 * the last ones. */
static bool lost_power(const json_t *vouched, const struct journal_text *journal)
{
	char boot[40];

	anchor_boot(boot);
	return !has_end(journal) && strcmp(anchor_text(vouched, "boot"), boot) != 0 &&
	       journal->count >= number_of(vouched, "synced");
}

static int compare_records(const char *path, const json_t *vouched,
			   const struct journal_text *journal, bool *ret_lost, struct text *why)
{
	size_t records = number_of(vouched, "records"), ahead;

	*ret_lost = false;
	if (records > journal->count) {
		*ret_lost = lost_power(vouched, journal);
		return *ret_lost ? 0
				 : text_error(why,
					      "'journal.jsonl' has %zu records, but '%s' knows of "
					      "%zu: its end was cut off",
					      journal->count, path, records);
	}
	if (strcmp(head_at(journal, records), anchor_text(vouched, "head")) != 0) {
		return text_error(why,
				  "'journal.jsonl' is not what it was: '%s' vouches for other "
				  "records up to number %zu",
				  path, records);
	}
	ahead = journal->count - records;
	if (ahead == 0 ||
	    (ahead == 1 && strcmp(journal->head, anchor_text(vouched, "next")) == 0)) {
		return 0;
	}
	*ret_lost = lost_power(vouched, journal);
	return *ret_lost ? 0
			 : text_error(why,
				      "'journal.jsonl' has %zu records that '%s' does not know of: "
				      "they were added",
				      ahead, path);
}

static int compare_ledger(const char *path, const json_t *vouched, const char *ledger, size_t size,
			  struct text *why)
{
	size_t spent = number_of(vouched, "spent_bytes");

	if (spent > size ||
	    strcmp(digest_of(ledger, spent).hex, anchor_text(vouched, "spent")) != 0) {
		return text_error(why,
				  "'" LEDGER_NAME "' holds less, or other, than the failed logins "
				  "and writes that '%s' vouches for",
				  path);
	}
	return 0;
}

/* One anchor's file. Returns 0 and what was found, or -1 with why. */
static int compare(const struct anchor *anchor, const char *path,
		   const struct journal_text *journal, enum anchor_found *ret, struct text *why)
{
	char *text = NULL, *ledger = NULL;
	size_t size = 0, spent = 0;
	json_t *vouched = NULL;
	bool lost = false;
	int result = -1;

	if (anchor_read(path, &text, &size, why) != 0) {
		return -1;
	}
	if (size == 0) {
		*ret = ANCHOR_NONE;
		free(text);
		return 0;
	}
	vouched = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
	if (strcmp(anchor_text(vouched, "run"), anchor->id) != 0) {
		text_error(why, "'%s' is not the anchor of this run", path);
	} else if (anchor_read(anchor->ledger, &ledger, &spent, why) == 0 &&
		   compare_records(path, vouched, journal, &lost, why) == 0 &&
		   compare_ledger(path, vouched, ledger == NULL ? "" : ledger, spent, why) == 0) {
		*ret = lost ? ANCHOR_LOST : ANCHOR_HOLDS;
		result = 0;
	}
	json_decref(vouched);
	free(ledger);
	free(text);
	return result;
}

/* Counts how often the line stands in the text. */
static size_t times(const char *text, const char *line, size_t length)
{
	const char *end = strchr(text, '\n');
	size_t count = 0;

	while (end != NULL) {
		count += (size_t)(end - text) == length && memcmp(text, line, length) == 0;
		text = end + 1;
		end = strchr(text, '\n');
	}
	return count;
}

/* Every unit of the gate's copy stands in the ledger. The order may differ where a crash of the
 * machine left half a line in one of them. */
static bool copy_stands_in(const char *ledger, const char *copy)
{
	const char *end = strchr(copy, '\n');

	while (end != NULL) {
		size_t length = (size_t)(end - copy);

		if (times(copy, copy, length) > times(ledger, copy, length)) {
			return false;
		}
		copy = end + 1;
		end = strchr(copy, '\n');
	}
	return true;
}

static int compare_copy(const struct anchor *anchor, struct text *why)
{
	char *ledger = NULL, *copy = NULL;
	size_t spent, copied;
	int result = -1;

	if (anchor_read(anchor->copy, &copy, &copied, why) != 0 ||
	    anchor_read(anchor->ledger, &ledger, &spent, why) != 0) {
		goto out;
	}
	result = copy == NULL || copy_stands_in(ledger == NULL ? "" : ledger, copy)
			 ? 0
			 : text_error(why,
				      "'" LEDGER_NAME "' holds less than the failed logins and "
				      "writes that '%s' vouches for",
				      anchor->copy);
out:
	free(ledger);
	free(copy);
	return result;
}

int anchor_check(const struct anchor *anchor, const struct journal_text *journal,
		 enum anchor_found *ret_outside, struct text *why)
{
	enum anchor_found inside = ANCHOR_NONE, outside = ANCHOR_NONE;

	if (compare(anchor, anchor->inside, journal, &inside, why) != 0) {
		return -1;
	}
	if (inside == ANCHOR_NONE) {
		return text_error(why, "'%s' is missing: every run has one", anchor->inside);
	}
	if (anchor->outside[0] != '\0' &&
	    (compare(anchor, anchor->outside, journal, &outside, why) != 0 ||
	     compare_copy(anchor, why) != 0)) {
		return -1;
	}
	*ret_outside = inside == ANCHOR_LOST && outside == ANCHOR_HOLDS ? ANCHOR_LOST : outside;
	return 0;
}
