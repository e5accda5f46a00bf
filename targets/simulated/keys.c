/* keys: makes the SSH host keys and the TLS certificate of a simulated device,
 * as weak as its traits say, when the device is started. */
#include "targets/simulated/device.h"
#include <libssh/libssh.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "harness/banned.h"

#define DAY_S (24L * 60 * 60)

struct path {
	char s[320];
};

static struct path path_of(const struct device *device, const char *name)
{
	struct path path;

	snprintf(path.s, sizeof(path.s), "%s/%s", device->directory, name);
	return path;
}

static int ssh_key_make(const struct device *device, enum ssh_keytypes_e type, int bits,
			const char *name)
{
	struct path path = path_of(device, name);
	ssh_key key = NULL;
	int rc = ssh_pki_generate(type, bits, &key);

	if (rc == SSH_OK)
		rc = ssh_pki_export_privkey_file(key, NULL, NULL, NULL, path.s);
	ssh_key_free(key);
	return rc == SSH_OK ? 0 : -1;
}

/* What one certificate says. */
struct certificate_plan {
	EVP_PKEY *key;
	const char *name;        /* common name */
	const char *alternative; /* subjectAltName, or NULL */
	bool authority;
	long from_s, until_s; /* from now */
	X509 *issuer;         /* NULL: itself */
	EVP_PKEY *issuer_key;
	const EVP_MD *hash;
};

static int extension_add(X509 *certificate, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *extension = NULL;
	int rc = -1;

	X509V3_set_ctx_nodb(&context);
	X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	if (extension && X509_add_ext(certificate, extension, -1) == 1)
		rc = 0;
	X509_EXTENSION_free(extension);
	return rc;
}

static int certificate_fill(X509 *certificate, const struct certificate_plan *plan)
{
	X509_NAME *name = X509_get_subject_name(certificate);
	X509 *issuer = plan->issuer ? plan->issuer : certificate;
	ASN1_INTEGER *serial = X509_get_serialNumber(certificate);
	BIGNUM *number = BN_new();
	int rc = -1;

	if (!number || !BN_rand(number, 126, BN_RAND_TOP_ONE, 0) ||
	    !BN_to_ASN1_INTEGER(number, serial))
		goto out;
	X509_set_version(certificate, 2);
	X509_gmtime_adj(X509_getm_notBefore(certificate), plan->from_s);
	X509_gmtime_adj(X509_getm_notAfter(certificate), plan->until_s);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)plan->name, -1,
				   -1, 0);
	X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
	X509_set_pubkey(certificate, plan->key);
	if (extension_add(certificate, issuer, NID_basic_constraints,
			  plan->authority ? "critical,CA:TRUE" : "critical,CA:FALSE") < 0 ||
	    extension_add(certificate, issuer, NID_key_usage,
			  plan->authority ? "critical,keyCertSign,cRLSign"
					  : "critical,digitalSignature,"
					    "keyEncipherment") < 0 ||
	    extension_add(certificate, issuer, NID_subject_key_identifier, "hash") < 0)
		goto out;
	if (plan->alternative &&
	    (extension_add(certificate, issuer, NID_subject_alt_name, plan->alternative) < 0 ||
	     extension_add(certificate, issuer, NID_ext_key_usage, "serverAuth") < 0))
		goto out;
	rc = 0;
out:
	BN_free(number);
	return rc;
}

/* Returns the signed certificate, or NULL. */
static X509 *certificate_make(const struct certificate_plan *plan)
{
	X509 *certificate = X509_new();

	if (certificate && certificate_fill(certificate, plan) == 0 &&
	    X509_sign(certificate, plan->issuer ? plan->issuer_key : plan->key, plan->hash) > 0)
		return certificate;
	X509_free(certificate);
	return NULL;
}

static int chain_write(const struct device *device, const char *name, EVP_PKEY *key, X509 *leaf,
		       X509 *authority)
{
	char key_name[32], chain_name[32];
	struct path key_path, chain_path;
	struct path authority_path = path_of(device, "ca.pem");
	FILE *key_file = NULL, *chain = NULL, *root = NULL;
	int rc = -1;

	snprintf(key_name, sizeof(key_name), "%s.key", name);
	snprintf(chain_name, sizeof(chain_name), "%s.pem", name);
	key_path = path_of(device, key_name);
	chain_path = path_of(device, chain_name);
	key_file = fopen(key_path.s, "w");
	chain = fopen(chain_path.s, "w");
	root = fopen(authority_path.s, "w");
	if (key_file && chain && root &&
	    PEM_write_PrivateKey(key_file, key, NULL, NULL, 0, NULL, NULL) &&
	    PEM_write_X509(chain, leaf) &&
	    (!authority || (PEM_write_X509(chain, authority) && PEM_write_X509(root, authority))))
		rc = 0;
	if (key_file && fclose(key_file) != 0)
		rc = -1;
	if (chain && fclose(chain) != 0)
		rc = -1;
	if (root && fclose(root) != 0)
		rc = -1;
	return rc;
}

static int tls_make(const struct device *device)
{
	bool weak_key = device_trait(device, TRAIT_CERT_WEAK_KEY) != 0;
	bool expired = device_trait(device, TRAIT_CERT_EXPIRED) != 0;
	bool alone = device_trait(device, TRAIT_CERT_SELF_SIGNED) != 0;
	bool wrong_name = device_trait(device, TRAIT_CERT_WRONG_NAME) != 0;
	char names[128];
	const EVP_MD *hash = device_trait(device, TRAIT_CERT_SHA1) ? EVP_sha1() : EVP_sha256();
	struct certificate_plan root = {
		.key = EVP_EC_gen("P-256"),
		.name = "Simulated plant authority",
		.authority = true,
		.from_s = -30 * DAY_S,
		.until_s = 3650 * DAY_S,
		.hash = EVP_sha256(),
	};
	X509 *authority = root.key ? certificate_make(&root) : NULL;
	struct certificate_plan leaf = {
		.key = weak_key ? EVP_RSA_gen(1024) : EVP_EC_gen("P-256"),
		.name = wrong_name ? "other.example" : device->name,
		.alternative = names,
		.from_s = -30 * DAY_S,
		.until_s = expired ? -DAY_S : 365 * DAY_S,
		.issuer = alone ? NULL : authority,
		.issuer_key = root.key,
		.hash = hash,
	};
	X509 *own = NULL;
	int rc = -1;

	if (wrong_name)
		snprintf(names, sizeof(names), "DNS:other.example");
	else
		snprintf(names, sizeof(names), "DNS:%s,IP:%s", device->name, device->address);
	if (authority && leaf.key)
		own = certificate_make(&leaf);
	if (own)
		rc = chain_write(device, "tls", leaf.key, own, alone ? NULL : authority);
	if (rc == 0 && device_trait(device, TRAIT_CERT_SECOND)) {
		struct certificate_plan second = leaf;
		X509 *other = NULL;
		second.key = EVP_RSA_gen(1024);
		other = second.key ? certificate_make(&second) : NULL;
		rc = other ? chain_write(device, "second", second.key, other,
					 alone ? NULL : authority)
			   : -1;
		X509_free(other);
		EVP_PKEY_free(second.key);
	}
	X509_free(own);
	X509_free(authority);
	EVP_PKEY_free(leaf.key);
	EVP_PKEY_free(root.key);
	return rc;
}

int keys_make(const struct device *device, struct text *why)
{
	if (ssh_key_make(device, SSH_KEYTYPE_ED25519, 0, "ssh_ed25519") < 0 ||
	    (device_trait(device, TRAIT_SSH_WEAK) &&
	     ssh_key_make(device, SSH_KEYTYPE_RSA, 2048, "ssh_rsa") < 0))
		return text_error(why, "cannot make an SSH host key in '%s'", device->directory);
	if (tls_make(device) < 0)
		return text_error(why, "cannot make a certificate in '%s'", device->directory);
	return 0;
}
