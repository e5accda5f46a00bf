/* anchor_parts: what writing an anchor and comparing with it share. Private to them. */
#ifndef ASSAY_RUN_ANCHOR_PARTS_H
#define ASSAY_RUN_ANCHOR_PARTS_H

#include "harness/run/anchor.h"

/* The record's text of that name, or "". */
const char *anchor_text(const json_t *record, const char *name);
/* Reads a whole small file into *ret (malloc, with a zero behind). A file that is not there is
 * empty and *ret NULL. Returns 0 or -1. */
int anchor_read(const char *path, char **ret, size_t *ret_size, struct text *why);
/* Which boot of the machine this is, or "". */
void anchor_boot(char ret[40]);

#endif
