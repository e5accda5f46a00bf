/*
 * anchor: how far a run's journal has come and what was spent of its budgets, kept outside the
 * journal, so that a journal whose end was cut off, or a ledger that was emptied, is found out.
 * Around every record two files say so:
 *
 *   RUN/anchor.json                  goes with the directory. Proves that journal and ledger are
 *                                    whole, to who trusts that nobody edited this file as well.
 *   STATE/assay/runs/<id>.json       on the machine, and of the user, that made the run (STATE:
 *                                    $XDG_STATE_HOME, else ~/.local/state; the user is the one
 *                                    whom shed.h names). Proves it also where
 *                                    the directory was edited as a whole by anybody who cannot
 *                                    write there.
 *   STATE/assay/runs/<id>.spent      the gate's copy of the ledger, a line before each grant.
 *
 * What they do not prove: that the user who made the run edited nothing, who can write all of
 * them; elsewhere than where the run was made, anything that the directory does not prove by
 * itself. A journal written anew under another id has no anchor outside, and the report says so.
 *
 * An anchor is written twice for a record: before it with the SHA-256 that it will have, after it
 * without. So a run killed at any moment leaves a journal that ends where its anchor says, or one
 * announced record further, and no record can be taken away or added without a trace. The disk is
 * not waited for: after a loss of power an anchor of an earlier boot may differ from what it says
 * in records that were never brought to the disk, while the run has no end.
 */
#ifndef ASSAY_RUN_ANCHOR_H
#define ASSAY_RUN_ANCHOR_H

#include "harness/base/text.h"
#include "harness/model/journal_text.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ANCHOR_NAME "anchor.json"
#define LEDGER_NAME "spent.txt"

/* Where the anchors of one run are, and their open files while the run is made. */
struct anchor {
	char id[RUN_ID_SIZE];
	char inside[4096], ledger[4096];
	char outside[4096], copy[4096]; /* "" where there is no such place */
	char reason[200];               /* why there is none */
	int inside_fd, outside_fd;      /* -1: closed */
	size_t spent_bytes;             /* of the ledger, when it was read last */
	char spent[65];
};

/* A new run's id: 128 random bits. */
void anchor_id(char ret[RUN_ID_SIZE]);
/* The id in RUN/anchor.json, of a run that a crash left without a record. Returns true if there is
 * one. */
bool anchor_id_left(const char *directory, char ret[RUN_ID_SIZE]);
/* Finds the places; opens nothing. */
void anchor_find(const char *directory, const char *id, struct anchor *ret);
/* Opens the one in the directory to be written. Returns 0, or -1 with the reason in why. Close with
 * anchor_close(). */
int anchor_open(struct anchor *anchor, struct text *why);
/* Opens the one outside too, making its folders, as the user that the run then has; what cannot be
 * had is left, with the reason in the anchor. */
void anchor_open_outside(struct anchor *anchor);
void anchor_close(struct anchor *anchor);

/* What is vouched for. */
struct anchored {
	int64_t records;
	const char *head; /* SHA-256 of the last of them */
	const char *next; /* of the record that is written next; NULL: none */
	int64_t synced;   /* records that are on the disk for certain */
};
/* Returns 0, or -1 with the reason in why: the file in the directory could not be written. */
int anchor_put(struct anchor *anchor, const struct anchored *state, struct text *why);

struct journal_text;

enum anchor_found {
	ANCHOR_NONE,  /* there is none outside */
	ANCHOR_HOLDS, /* and the journal is what it says */
	ANCHOR_LOST,  /* it is of an earlier boot, and what it says of the last records was lost */
};

/* Compares journal and ledger with both anchors. Returns 0 and how it stands outside, or -1 with
 * the reason in why, which names the file that is not what it was. */
int anchor_check(const struct anchor *anchor, const struct journal_text *journal,
		 enum anchor_found *ret_outside, struct text *why);

#endif
