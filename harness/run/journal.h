/*
 * journal: writing the journal of a run; what it holds is said in journal_text.h.
 */
#ifndef ASSAY_RUN_JOURNAL_H
#define ASSAY_RUN_JOURNAL_H

#include "harness/base/text.h"
#include "harness/model/journal_text.h"
#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct journal;

/* Opens DIR/journal.jsonl for appending, creating it if need be; checks the
 * chain. Returns NULL with the reason in why: broken chain, locked by another
 * process, no permission. */
struct journal *journal_open(const char *directory, struct text *why);
void journal_close(struct journal *journal);
/* Adds seq, time, type and prev to record (stolen), writes it as one line and
 * waits until it is on the disk (but for begin, refused and note, which the
 * next one carries). Returns 0, or -1 with the reason in why; the file then
 * holds whole lines only. */
int journal_append(struct journal *journal, const char *type, json_t *record, struct text *why);
/* Has the anchor vouch for every record from now on, and for those there are; borrowed until the
 * journal is closed. Returns 0 or -1 with why. */
struct anchor;
int journal_anchor(struct journal *journal, struct anchor *anchor, struct text *why);
/* SHA-256 of the last line, 64 digits; owned by the journal. */
const char *journal_head(const struct journal *journal);
/* Bytes of a torn last line that journal_open() cut off; records so far. */
size_t journal_torn(const struct journal *journal);
int64_t journal_length(const struct journal *journal);

#endif
