/*
 * evidence: the files of one observation below RUN/evidence/<observation>/:
 * collected in memory while the child runs, passwords masked, written and
 * hashed when it has ended. A later attempt has a folder of its own: evidence
 * is never overwritten.
 */
#ifndef ASSAY_RUN_EVIDENCE_H
#define ASSAY_RUN_EVIDENCE_H

#include "harness/base/arena.h"
#include "harness/base/text.h"
#include "harness/model/results.h"
#include "harness/run/secret.h"
#include <stdbool.h>
#include <stddef.h>

#define EVIDENCE_MAX_NAME  64
#define EVIDENCE_MAX_SIZE  ((size_t)16 << 20) /* of one observation */
#define EVIDENCE_MAX_FILES 64

#define EVIDENCE_CAPTURE    "capture.pcapng"
#define EVIDENCE_TRANSCRIPT "transcript.txt"
#define EVIDENCE_STDERR     "stderr.txt"

/* True for a file name of letters, digits, '.', '_', '-' that does not start
 * with '.' and is none of those above. */
bool evidence_name_plain(const char *name);

struct evidence_store;

/* For attempt number attempt (from 1); nothing is created yet. run_directory,
 * observation and secrets, which become asterisks in every file of the store,
 * stay the caller's and valid. */
struct evidence_store *evidence_store_new(const char *run_directory, const char *observation,
					  int attempt, const struct secrets *secrets);
void evidence_store_free(struct evidence_store *store);
/* Creates a file for somebody else to write to. Returns its descriptor, or -1
 * with the reason in why. */
int evidence_create(struct evidence_store *store, const char *name, struct text *why);
/* Adds bytes to a file. Returns 0, or -1 with the reason in why: too much. */
int evidence_add(struct evidence_store *store, const char *name, const void *bytes, size_t size,
		 struct text *why);
/* Writes and hashes everything. Returns 0 and the list, owned by the arena, or
 * -1 with the reason in why: the disk. */
int evidence_finish(struct evidence_store *store, struct arena *arena, const struct evidence **ret,
		    size_t *ret_count, struct text *why);

/* Rewrites a text file that somebody else has written, such as a hook: passwords masked, nothing
 * in it acts on a terminal, cut at EVIDENCE_MAX_SIZE. Returns 0, or -1 with why. */
int evidence_clean(const char *path, const struct secrets *secrets, struct text *why);

/* Creates every missing folder of path. Returns 0 or -1 with why. */
int folder_make(const char *path, struct text *why);

#endif
