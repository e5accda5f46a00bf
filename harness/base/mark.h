/*
 * mark: bytes by which an answer, or a page that cannot exist, is told from another's:
 * cookies, message ids, names. Nothing secret is made of them; secrets are
 * probe_secret()'s.
 */
#ifndef ASSAY_BASE_MARK_H
#define ASSAY_BASE_MARK_H

#include <stddef.h>

/* Fills the bytes at random, without waiting for a machine that has no randomness yet: then
 * with the time. */
void mark_fill(void *bytes, size_t size);

#endif
