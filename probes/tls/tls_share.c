/* tls_share: key shares by OpenSSL. Contract in tls_share.h. */
#include "probes/tls/tls_share.h"

#include <openssl/evp.h>
#include <string.h>

#include "harness/banned.h"

static const struct {
	uint16_t group;
	const char *type, *curve; /* as EVP_PKEY_Q_keygen(3) has them */
} makers[] = {
	{0x001D, "X25519", NULL}, {0x0017, "EC", "P-256"},           {0x0018, "EC", "P-384"},
	{0x0019, "EC", "P-521"},  {0x001F, "EC", "brainpoolP256r1"}, {0x001E, "X448", NULL},
};

static EVP_PKEY *make_key(size_t i)
{
	if (makers[i].curve != NULL) {
		return EVP_PKEY_Q_keygen(NULL, NULL, makers[i].type, makers[i].curve);
	}
	return EVP_PKEY_Q_keygen(NULL, NULL, makers[i].type);
}

size_t tls_shares_make(struct probe_run *run, struct tls_share ret[TLS_SHARES_MAX])
{
	unsigned char *public;
	uint8_t *kept;
	size_t i, size, count = 0;
	EVP_PKEY *key;

	_Static_assert(ARRAY_SIZE(makers) <= TLS_SHARES_MAX, "TLS_SHARES_MAX");
	for (i = 0; i < ARRAY_SIZE(makers); i++) {
		key = make_key(i);
		size = key == NULL ? 0 : EVP_PKEY_get1_encoded_public_key(key, &public);
		EVP_PKEY_free(key);
		if (size == 0) {
			continue;
		}
		kept = probe_alloc(run, size);
		memcpy(kept, public, size);
		OPENSSL_free(public);
		ret[count++] = (struct tls_share){makers[i].group, kept, size};
	}
	return count;
}
