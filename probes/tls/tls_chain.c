/* tls_chain: reads X.509 (RFC 5280) by OpenSSL. Contract in tls_chain.h. */
#include "probes/tls/tls_chain.h"
#include "harness/base/digest.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdio.h>
#include <string.h>

#include "harness/banned.h"

static void read_key(X509 *leaf, struct tls_chain *chain)
{
	EVP_PKEY *key = X509_get0_pubkey(leaf);

	chain->key_type = key != NULL ? EVP_PKEY_get0_type_name(key) : NULL;
	if (chain->key_type != NULL) {
		chain->key_bits = EVP_PKEY_get_bits(key);
		chain->key_strength = EVP_PKEY_get_security_bits(key);
	}
}

static void read_signature(X509 *leaf, struct tls_chain *chain)
{
	static const struct {
		int signature;
		const char *hash;
	} built_in[] = {{NID_ED25519, "SHA512"}, {NID_ED448, "SHAKE256"}};
	int signature = X509_get_signature_nid(leaf);
	int hash = NID_undef, strength = 0;
	size_t i;

	if (X509_get_signature_info(leaf, &hash, NULL, &strength, NULL) == 1) {
		chain->signature_strength = strength > 0 ? strength : 0;
		chain->signature_hash = hash != NID_undef ? OBJ_nid2sn(hash) : NULL;
	}
	for (i = 0; i < ARRAY_SIZE(built_in); i++) {
		if (built_in[i].signature == signature) {
			chain->signature_hash = built_in[i].hash;
		}
	}
}

static void read_dates(const X509 *leaf, struct tls_chain *chain)
{
	const ASN1_TIME *from = X509_get0_notBefore(leaf);
	const ASN1_TIME *until = X509_get0_notAfter(leaf);
	int from_now = X509_cmp_current_time(from);
	int until_now = X509_cmp_current_time(until);
	int seconds = 0;

	chain->dates_read = from_now != 0 && until_now != 0 &&
			    ASN1_TIME_diff(&chain->days_left, &seconds, NULL, until) == 1;
	chain->valid_now = chain->dates_read && from_now < 0 && until_now > 0;
}

static void add_name(struct probe_run *run, struct tls_chain *chain, const void *name, int size)
{
	char *text;

	if (name != NULL && size > 0 && chain->name_count < TLS_NAMES_MAX) {
		text = probe_alloc(run, 512);
		chain->names[chain->name_count++] = text_printable(text, 512, name, (size_t)size);
	}
}

static void add_address(struct probe_run *run, struct tls_chain *chain,
			const ASN1_OCTET_STRING *bytes)
{
	struct address seen;
	struct address_text text;

	if (bytes->length == 4 || bytes->length == 16) {
		seen = address_from_bytes(bytes->length == 4 ? ADDRESS_IPV4 : ADDRESS_IPV6,
					  bytes->data);
		text = address_text(&seen);
		add_name(run, chain, text.s, (int)strlen(text.s));
	}
}

static void add_subject(struct probe_run *run, struct tls_chain *chain, X509 *leaf)
{
	X509_NAME *subject = X509_get_subject_name(leaf);
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	const ASN1_STRING *name;

	if (at >= 0) {
		name = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
		add_name(run, chain, name->data, name->length);
	}
}

/* Alternative names; the subject's common name only where there are none. */
static void read_names(struct probe_run *run, X509 *leaf, struct tls_chain *chain)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
	const GENERAL_NAME *name;
	int i;

	for (i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		name = sk_GENERAL_NAME_value(names, i);
		if (name->type == GEN_DNS) {
			add_name(run, chain, name->d.dNSName->data, name->d.dNSName->length);
		} else if (name->type == GEN_IPADD) {
			add_address(run, chain, name->d.iPAddress);
		}
	}
	if (names == NULL) {
		add_subject(run, chain, leaf);
	}
	GENERAL_NAMES_free(names);
}

/* True if each certificate is signed by the one that follows it. */
static bool is_complete(STACK_OF(X509) * chain)
{
	X509 *one, *next;
	int i;

	for (i = 0; i + 1 < sk_X509_num(chain); i++) {
		one = sk_X509_value(chain, i);
		next = sk_X509_value(chain, i + 1);
		if (X509_check_issued(next, one) != X509_V_OK ||
		    X509_verify(one, X509_get0_pubkey(next)) != 1) {
			return false;
		}
	}
	return true;
}

static void read_digest(const X509 *leaf, struct tls_chain *chain)
{
	uint8_t *der = NULL;
	int size = i2d_X509(leaf, &der);
	struct digest digest;

	if (size > 0) {
		digest = digest_of(der, (size_t)size);
		snprintf(chain->sha256, sizeof(chain->sha256), "%s", digest.hex);
	}
	OPENSSL_free(der);
}

void tls_chain_read(struct probe_run *run, STACK_OF(X509) * chain, struct tls_chain *ret)
{
	X509 *leaf = sk_X509_value(chain, 0);

	*ret = (struct tls_chain){.length = sk_X509_num(chain)};
	read_digest(leaf, ret);
	read_key(leaf, ret);
	read_signature(leaf, ret);
	read_dates(leaf, ret);
	read_names(run, leaf, ret);
	ret->self_signed = X509_self_signed(leaf, 1) == 1;
	ret->is_ca = X509_check_ca(leaf) == 1;
	ret->key_usage_server = X509_check_purpose(leaf, X509_PURPOSE_SSL_SERVER, 0) == 1;
	ret->complete = is_complete(chain);
}

size_t tls_chain_pem(struct probe_run *run, STACK_OF(X509) * chain, const char **ret)
{
	BIO *pem = BIO_new(BIO_s_mem());
	char *text, *kept;
	long size;
	int i;

	for (i = 0; pem != NULL && i < sk_X509_num(chain); i++) {
		PEM_write_bio_X509(pem, sk_X509_value(chain, i));
	}
	size = pem != NULL ? BIO_get_mem_data(pem, &text) : 0;
	if (size > 0) {
		kept = probe_alloc(run, (size_t)size);
		memcpy(kept, text, (size_t)size);
		*ret = kept;
	}
	BIO_free(pem);
	return size > 0 ? (size_t)size : 0;
}

bool tls_chain_is_for(STACK_OF(X509) * chain, const char *server_name,
		      const struct address *address)
{
	X509 *leaf = sk_X509_value(chain, 0);

	if (server_name != NULL) {
		return X509_check_host(leaf, server_name, 0, 0, NULL) == 1;
	}
	return X509_check_ip(leaf, address->bytes, address_size(address->family), 0) == 1;
}
