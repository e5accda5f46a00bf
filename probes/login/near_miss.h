/*
 * near_miss: passwords that are almost an account's own: what a device that
 * cuts passwords off, ignores case or compares too little lets in. Hide them
 * like the password: they hold most of it.
 *
 * Each costs a failed login on a right device, so they are as few as can be. A
 * candidate tells of a weakness only if a device with that one alone lets it in:
 *
 *   compares as long as the right one is    what begins with the password, and is longer
 *   compares as long as the given one is    a beginning of the password
 *   ignores case                            the same letters in other case, and no others
 *   compares the first N characters         the same first N, whatever follows
 *
 * No text is two of the first three at once, so that three are needed. The
 * fourth needs none of its own: a longer one and a shorter one have the first N
 * in common with the password for every N that cuts off any of it.
 */
#ifndef ASSAY_PROBES_LOGIN_NEAR_MISS_H
#define ASSAY_PROBES_LOGIN_NEAR_MISS_H

#include <stdbool.h>
#include <stddef.h>

enum near_miss {
	NEAR_LONGER,
	NEAR_OTHER_CASE, /* of every letter: a device may forgive the caps lock alone */
	NEAR_SHORTER,
	NEAR_COUNT
};

/* "longer", ... */
const char *near_miss_word(enum near_miss kind);
/* Writes it to out, terminated. Returns false where the password has none of this kind, or it
 * does not fit. */
bool near_miss_of(enum near_miss kind, const char *password, char *out, size_t capacity);

#endif
