/*
 * journal_text: reading the journal, the truth of a run: JSON lines, each with a sequence number, the
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
 *                "blocked": it is there, and lets the tester in no more;
 *                "quarantined", "lost"), why, reason, identity{},
 *                services_up[]
 *   monitor      function, monitor, samples, answered, missed, given_way: slots
 *                in which a check had the service; worst_gap_ms, running,
 *                evidence[]
 *   note         text
 *   end          reason ("complete", "interrupted", "device-lost",
 *                "bench-lost"), text, captured, capture_dropped, unrecorded[]
 */
#ifndef ASSAY_MODEL_JOURNAL_TEXT_H
#define ASSAY_MODEL_JOURNAL_TEXT_H

#include "harness/base/text.h"
#include <jansson.h>
#include <stddef.h>

#define JOURNAL_NAME "journal.jsonl"
/* The longest line: facts are limited to 768 KiB by report.c, and as ASCII three times that. */
#define JOURNAL_MAX_LINE ((size_t)4 << 20)
#define RUN_ID_SIZE      33 /* 32 hexadecimal digits and a zero */
/* What the first record has as 'prev'. */
extern const char journal_first_prev[65];

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
/* The same from an open file; path is for messages. */
int journal_read_fd(int fd, const char *path, struct journal_text *ret, struct text *why);
/* The same from memory; for tests and the fuzz target. */
int journal_parse(const char *bytes, size_t size, struct journal_text *ret, struct text *why);
void journal_text_release(struct journal_text *journal);
/* The id that the first record 'run' gives the run, NULL where there is none; borrowed. */
const char *journal_run_id(const struct journal_text *journal);

#endif
