/*
 * journal: the truth of a run: JSON lines, each with a sequence number, the
 * time, a type, and the SHA-256 of the line before it. Append-only: a line once
 * written is never changed; a torn last line (a crash while writing) is cut off
 * when the journal is opened for appending, and the seam is recorded.
 *
 * Types and their members (all have seq, time, type, prev):
 *   run          id (of the run, the same in all its parts), tool, plan, plan_file (the
 *                SHA-256 of plan.json), profile, answers, suites, catalogue, edition,
 *                device, environment{}
 *   resume       torn_bytes, unrecorded[{path, sha256, size}]: files of evidence that no
 *                record names, such as those of a check that was killed
 *   begin        observation, attempt, probe, params{}: these two say what the
 *                id stands for; it is judged by them; resumes: the wait that
 *                it goes on in
 *   wait         observation, attempt, what, until, until_boot_ms, boot, facts{}:
 *                it begins to wait, having seen this; the end by the wall clock,
 *                for people, and by the clock of this boot of the tester
 *   observation  observation, attempt, outcome ("complete", "gave-up",
 *                "error"), why, reason, facts{}, evidence[{path, sha256,
 *                size}], started, seconds, traffic{connections,
 *                connects_failed, frames, bytes, refused, captured,
 *                capture_dropped, failed_logins, writes}
 *   refused      observation, what: the gate refused something
 *   device       state ("alive", "suspect", "recovering", "verified",
 *                "quarantined", "lost"), why, reason, identity{},
 *                services_up[]
 *   monitor      function, monitor, samples, answered, missed, worst_gap_ms,
 *                running, evidence[]
 *   note         text
 *   end          reason ("complete", "interrupted", "device-lost",
 *                "bench-lost"), text, captured, capture_dropped, unrecorded[]
 */
#ifndef ASSAY_RUN_JOURNAL_H
#define ASSAY_RUN_JOURNAL_H

#include "harness/base/text.h"
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

/* A journal read as a whole. */
struct journal_text {
	json_t **records; /* owned */
	size_t count;
	char head[65];
	size_t torn_bytes; /* behind the last whole line */
};
/* Reads and checks DIR/journal.jsonl. Returns 0, or -1 with file:line and the
 * reason in why. Release with journal_text_release(). */
int journal_read(const char *directory, struct journal_text *ret, struct text *why);
/* The same from memory; for tests and the fuzz target. */
int journal_parse(const char *bytes, size_t size, struct journal_text *ret, struct text *why);
void journal_text_release(struct journal_text *journal);
/* The id that the first record 'run' gives the run, NULL where there is none; borrowed. */
const char *journal_run_id(const struct journal_text *journal);

#endif
