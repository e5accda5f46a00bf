/*
 * digest: SHA-256 through OpenSSL, by the functions that OpenSSL 3 calls deprecated: those it
 * recommends set the whole library up at their first use, configuration and algorithms, which took
 * 1.5 of the 4 ms before a run could ask for its gate. See sandbox_prepare().
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "harness/base/digest.h"

#include <errno.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#include "harness/banned.h"

static struct digest digest_end(SHA256_CTX *context)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char raw[SHA256_DIGEST_LENGTH];
	struct digest digest;
	size_t i;

	if (SHA256_Final(raw, context) != 1) {
		BUG("SHA-256 does not end");
	}
	for (i = 0; i < sizeof(raw); i++) {
		digest.hex[2 * i] = digits[raw[i] >> 4];
		digest.hex[2 * i + 1] = digits[raw[i] & 15];
	}
	digest.hex[2 * sizeof(raw)] = '\0';
	return digest;
}

static void digest_begin(SHA256_CTX *context)
{
	if (SHA256_Init(context) != 1) {
		BUG("SHA-256 does not begin");
	}
}

struct digest digest_of(const void *bytes, size_t size)
{
	SHA256_CTX context;

	digest_begin(&context);
	SHA256_Update(&context, bytes, size);
	return digest_end(&context);
}

int digest_file(const char *path, struct digest *ret, struct text *why)
{
	unsigned char part[16384];
	SHA256_CTX context;
	size_t size;
	int result = -1;
	FILE *file = fopen(path, "rb");

	if (file == NULL) {
		return text_error(why, "cannot open '%s': %s", path, strerror(errno));
	}
	digest_begin(&context);
	do {
		size = fread(part, 1, sizeof(part), file);
		SHA256_Update(&context, part, size);
	} while (size == sizeof(part));
	if (ferror(file)) {
		text_error(why, "cannot read '%s'", path);
		goto out;
	}
	*ret = digest_end(&context);
	result = 0;
out:
	fclose(file);
	return result;
}
