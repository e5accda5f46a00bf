/*
 * secret: the passwords of a profile's accounts: where they are kept while a run lasts, and their
 * masking in the forms in which they travel (plain, as text made printable, percent-encoded, in
 * hexadecimal, in base64 wherever in it they stand). A password that equals
 * its user name is no secret: it is the first one anybody tries, and masking it would blacken the
 * user name everywhere.
 *
 * They lie in pages that the kernel hands empty to every process forked later, and leaves out of
 * core dumps: a child has what secret_ration.h took out for it, and nothing else.
 */
#ifndef ASSAY_RUN_SECRET_H
#define ASSAY_RUN_SECRET_H

#include "harness/base/arena.h"
#include "harness/model/profile.h"
#include <stdbool.h>
#include <stddef.h>

struct secrets;

/* All of the profile's, read once; a password that cannot be read is nobody's, and the reason is
 * kept. The profile must stay valid. Release with secrets_free(), which clears them. */
struct secrets *secrets_new(const struct profile *profile);
void secrets_free(struct secrets *secrets);
/* A set for one child, on top of another one that stays valid: what is found is in either. */
struct secrets *secrets_above(const struct secrets *base);
/* A word that a child made up or derived from a password, to be masked like one. Returns 0, or -1
 * where it is shorter than SECRET_WORD_LEAST or longer than SECRET_WORD_MOST: what is short stands
 * in every file by chance. */
int secrets_add(struct secrets *secrets, const char *word, size_t size);
#define SECRET_WORD_LEAST 8u
#define SECRET_WORD_MOST  128u
/* Overwrites the values of every password_env of the profile where the process was given them, so
 * that neither /proc/self/environ nor a process forked later shows them. They are empty then. */
void secrets_wipe_environment(const struct profile *profile);
/* True if there is nothing to mask. */
bool secrets_empty(const struct secrets *secrets);

/* The next secret in bytes from *at on: true with its place in *at and its
 * size. */
bool secrets_find(const struct secrets *secrets, const char *bytes, size_t size, size_t *at,
		  size_t *ret_size);
/* The text with every secret replaced by a mask of fixed length, or the text
 * itself where it holds none; owned by the arena. NULL for NULL. */
const char *secrets_mask(const struct secrets *secrets, struct arena *arena, const char *text);

#define SECRET_MASK "********"

#endif
