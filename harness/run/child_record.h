/*
 * child_record: what a child says to the runner: length-prefixed records over a pipe,
 * in one format, each checked as if an attacker had written it. The child may
 * have been taken over by the device; nothing it says is believed beyond what
 * its probe declared.
 *
 *   4 bytes  length of the payload, big-endian, at most RECORD_MAX_SIZE
 *   1 byte   type
 *   payload
 */
#ifndef ASSAY_RUN_CHILD_RECORD_H
#define ASSAY_RUN_CHILD_RECORD_H

#include "harness/base/arena.h"
#include "harness/base/text.h"
#include "harness/model/fact.h"
#include "harness/model/profile.h"
#include "harness/model/verdict.h"
#include "harness/run/evidence.h"
#include <stdbool.h>
#include <stdint.h>

#define RECORD_HEADER   5u
#define RECORD_MAX_SIZE ((size_t)1 << 20)
/* The journal's line holds the facts and must stay below 1 MiB. */
#define RECORD_MAX_FACTS ((size_t)768 << 10)
/* With all that was replaced by what was seen later, and what each wait tells again. */
#define RECORD_MAX_SAID  ((size_t)16 << 20)
#define RECORD_MAX_NOTES ((size_t)4 << 20)
/* Each is looked for in everything that the child keeps. */
#define RECORD_MAX_SECRETS 64
#define RECORD_MAX_WAITS   1024u
#define RECORD_MAX_WAIT_S  (7 * 24 * 3600LL)

enum child_record_type {
	RECORD_FACT = 'F',     /* {"name": value}: as seen so far; replaces an earlier one */
	RECORD_ITEM = 'I',     /* {"name": "text"}: one more of a list fact */
	RECORD_EVIDENCE = 'E', /* length of name, name, bytes to add */
	RECORD_NOTE = 'N',     /* a line of the transcript */
	RECORD_SECRET = 'S',   /* a word to be masked from now on */
	RECORD_WAIT = 'W',     /* from, until: 8 bytes each, CLOCK_MONOTONIC in ns; what
	                        * for. until is 0: the wait is over */
	RECORD_GIVE_UP = 'G',  /* length of why's word, word, sentence */
	RECORD_DONE = 'D',     /* empty; the last */
};

/* --- the child's side ---------------------------------------------------- */

struct record_part {
	const void *bytes;
	size_t size;
};

/* Writes one record; blocks. Returns 0 or -1. */
int child_record_write(int fd, enum child_record_type type, const struct record_part *parts,
		       size_t count);

/* --- the parent's side --------------------------------------------------- */

/* A wait that the child declared. */
struct record_wait {
	int64_t from_ns, until_ns; /* until_ns 0: it does not wait */
	const char *what;          /* printable; owned by the arena */
};

struct child_records {
	/* given */
	struct arena *arena;
	const struct fact_def *defs; /* what the probe may report */
	const struct profile *profile;
	struct evidence_store *store; /* borrowed; NULL: bytes are dropped */
	struct secrets *secrets;      /* borrowed; NULL: there are none */
	/* what came of it */
	struct facts facts; /* each as last seen */
	struct record_wait wait;
	unsigned waits;    /* declared so far; a new number is a new wait */
	int64_t waited_ns; /* all of them together, as declared */
	bool done, gave_up;
	enum why why;
	const char *reason;
	/* so far */
	size_t *fact_sizes; /* one per fact */
	size_t said, notes_size, secret_count;
};

/* Takes whole records from bytes. Returns how many bytes were used, or -1 with
 * the reason in why: the report is broken. */
long child_records_take(struct child_records *records, const uint8_t *bytes, size_t size,
			struct text *why);

#endif
