/* digest: SHA-256 (FIPS 180-4, through OpenSSL) as 64 hexadecimal digits. */
#ifndef ASSAY_BASE_DIGEST_H
#define ASSAY_BASE_DIGEST_H

#include "harness/base/text.h"
#include <stddef.h>

struct digest {
	char hex[65];
};

struct digest digest_of(const void *bytes, size_t size);
/* Returns 0, or -1 with the reason in why. */
int digest_file(const char *path, struct digest *ret, struct text *why);

#endif
