/* digest: SHA-256 through OpenSSL's EVP. */
#include "harness/base/digest.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "harness/banned.h"

static struct digest digest_hex(const unsigned char *raw)
{
	struct digest digest;
	size_t i;

	for (i = 0; i < 32; i++) {
		snprintf(digest.hex + 2 * i, 3, "%02x", raw[i]);
	}
	return digest;
}

struct digest digest_of(const void *bytes, size_t size)
{
	unsigned char raw[EVP_MAX_MD_SIZE];

	if (EVP_Digest(bytes, size, raw, NULL, EVP_sha256(), NULL) != 1) {
		BUG("SHA-256 is not available");
	}
	return digest_hex(raw);
}

int digest_file(const char *path, struct digest *ret, struct text *why)
{
	unsigned char raw[EVP_MAX_MD_SIZE], part[16384];
	EVP_MD_CTX *context = NULL;
	size_t size;
	int result = -1;
	FILE *file = fopen(path, "rb");

	if (file == NULL) {
		return text_error(why, "cannot open '%s': %s", path, strerror(errno));
	}
	context = EVP_MD_CTX_new();
	if (context == NULL || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1) {
		BUG("SHA-256 is not available");
	}
	do {
		size = fread(part, 1, sizeof(part), file);
		EVP_DigestUpdate(context, part, size);
	} while (size == sizeof(part));
	if (ferror(file)) {
		text_error(why, "cannot read '%s'", path);
		goto out;
	}
	EVP_DigestFinal_ex(context, raw, NULL);
	*ret = digest_hex(raw);
	result = 0;
out:
	EVP_MD_CTX_free(context);
	fclose(file);
	return result;
}
