/*
 * secret_parts: what the files of secrets share: secret.c keeps them, secret_form.c knows how they
 * travel and finds them, secret_ration.c gives a child its own. Private to them.
 */
#ifndef ASSAY_RUN_SECRET_PARTS_H
#define ASSAY_RUN_SECRET_PARTS_H

#include "harness/run/secret.h"

/* Of one password, in bytes. */
#define SECRET_LONGEST 512

struct block; /* pages of secrets */

struct form {
	const char *bytes;
	size_t size;
	size_t kept;       /* bytes in front that are not secret */
	bool whole;        /* what follows must not be a letter or a digit */
	bool edge, margin; /* the base64 digit before, or behind, holds bits of it */
	struct form *next; /* that begins with the same byte */
};

struct secret {
	const char *password; /* NULL: it could not be read */
	char reason[256];
};

struct secrets {
	const struct profile *profile;
	struct block *blocks;       /* the newest first */
	struct secret *list;        /* one per account; NULL above another set */
	const struct secrets *base; /* or NULL */
	bool any;
	struct form *first[256]; /* by the byte that a form begins with */
};

/* Memory that no process forked later sees; size is far below 256 KiB. */
void *secrets_alloc(struct secrets *secrets, size_t size);

/* Every form in which the account's password travels. */
void secret_forms(struct secrets *secrets, const struct account *account, const char *password,
		  size_t size);
/* The same of a word that is nobody's password. */
void secret_word_forms(struct secrets *secrets, const char *word, size_t size);

#endif
