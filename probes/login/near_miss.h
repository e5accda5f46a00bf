/*
 * near_miss: passwords that are almost an account's own: what a device that
 * cuts passwords off, ignores case or compares too little lets in. Hide them
 * like the password: they hold most of it.
 */
#ifndef ASSAY_PROBES_LOGIN_NEAR_MISS_H
#define ASSAY_PROBES_LOGIN_NEAR_MISS_H

#include <stdbool.h>
#include <stddef.h>

enum near_miss {
	NEAR_OTHER_END, /* the first 8 characters, another end: old crypt(3) sees no difference */
	NEAR_LONGER,
	NEAR_SHORTER,
	NEAR_OTHER_CASE,
	NEAR_COUNT
};

/* "other end", ... */
const char *near_miss_word(enum near_miss kind);
/* Writes it to out, terminated. Returns false where the password has none of this kind, or it
 * does not fit. */
bool near_miss_of(enum near_miss kind, const char *password, char *out, size_t capacity);

#endif
