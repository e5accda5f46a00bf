/*
 * secret: the passwords of a profile's accounts in the forms in which they
 * travel (plain, percent-encoded as a form sends them, base64 with their user
 * name as HTTP Basic and SASL PLAIN send them), and their masking. A password
 * that equals its user name is no secret: it is the first one anybody tries,
 * and masking it would blacken the user name everywhere.
 */
#ifndef ASSAY_RUN_SECRET_H
#define ASSAY_RUN_SECRET_H

#include "harness/base/arena.h"
#include "harness/model/profile.h"
#include <stdbool.h>
#include <stddef.h>

struct secrets;

/* All of the profile's; a password that cannot be read is nobody's. Release
 * with secrets_free(), which clears them. */
struct secrets *secrets_new(const struct profile *profile);
void secrets_free(struct secrets *secrets);
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
