/*
 * tls.certificate: the certificates a TLS service presents, and whether it holds
 * their private keys. Of several the worst counts. It judges no trust: a device's
 * certificate need not come from a public authority.
 */
#include "probes/tls/tls_presented.h"

#include "harness/banned.h"

static const struct tls_chain *weakest_key(const struct tls_presented *p)
{
	const struct tls_chain *weakest = &p->chains[0];
	size_t i;

	for (i = 1; i < p->count; i++) {
		if (p->chains[i].key_strength < weakest->key_strength) {
			weakest = &p->chains[i];
		}
	}
	return weakest;
}

static void saw_key(struct tls_presented *p)
{
	const struct tls_chain *chain = weakest_key(p);

	if (chain->key_type == NULL) {
		probe_note(p->run, "a public key is of an unknown type");
		return;
	}
	probe_saw_text(p->run, "key_type", chain->key_type);
	probe_saw_int(p->run, "key_bits", chain->key_bits);
	probe_saw_int(p->run, "key_strength", chain->key_strength);
}

static void saw_signature(struct tls_presented *p)
{
	const struct tls_chain *weakest = &p->chains[0];
	size_t i;

	for (i = 0; i < p->count; i++) {
		if (p->chains[i].signature_strength == 0) {
			probe_note(p->run, "a signature's strength is unknown");
			return;
		}
		if (p->chains[i].signature_strength < weakest->signature_strength) {
			weakest = &p->chains[i];
		}
	}
	probe_saw_int(p->run, "signature_strength", weakest->signature_strength);
	if (weakest->signature_hash != NULL) {
		probe_saw_text(p->run, "signature_hash", weakest->signature_hash);
	}
}

static void saw_dates(struct tls_presented *p)
{
	int days = p->chains[0].days_left;
	bool valid = true;
	size_t i;

	for (i = 0; i < p->count; i++) {
		if (!p->chains[i].dates_read) {
			probe_note(p->run, "the dates cannot be read");
			return;
		}
		valid = valid && p->chains[i].valid_now;
		days = p->chains[i].days_left < days ? p->chains[i].days_left : days;
	}
	probe_saw_bool(p->run, "valid_now", valid);
	probe_saw_int(p->run, "days_left", days);
}

static void saw_rest(struct tls_presented *p)
{
	bool self_signed = false, is_ca = false, usage = true, complete = true;
	const struct tls_chain *chain;
	size_t i, j;

	probe_saw_list(p->run, "signatures", p->signatures, p->signature_count);
	probe_saw_none(p->run, "names");
	for (i = 0; i < p->count; i++) {
		chain = &p->chains[i];
		for (j = 0; j < chain->name_count; j++) {
			probe_saw_item(p->run, "names", chain->names[j]);
		}
		probe_saw_item(p->run, "sha256", chain->sha256);
		self_signed |= chain->self_signed;
		is_ca |= chain->is_ca;
		usage = usage && chain->key_usage_server;
		complete = complete && chain->complete;
	}
	probe_saw_bool(p->run, "self_signed", self_signed);
	probe_saw_bool(p->run, "is_ca", is_ca);
	probe_saw_bool(p->run, "key_usage_server", usage);
	probe_saw_int(p->run, "chain_length", p->chains[0].length);
	probe_saw_bool(p->run, "chain_complete", complete);
	probe_saw_bool(p->run, "name_matches", p->all_match);
	probe_saw_bool(p->run, "proves_key", p->all_prove);
}

static int observe(struct probe_run *run)
{
	struct tls_presented *p = probe_alloc(run, sizeof(*p));
	int ret;

	p->run = run;
	p->service = probe_service(run, "service");
	if (tls_presented_first(p) != 0) {
		return -1;
	}
	ret = tls_presented_others(p);
	saw_key(p);
	saw_signature(p);
	saw_dates(p);
	saw_rest(p);
	return ret;
}

static const struct param_def params[] = {
	{"service", PARAM_SERVICE, "the TLS service", NULL, 0, 0},
	{NULL, PARAM_INT, NULL, NULL, 0, 0},
};

static const struct fact_def facts[] = {
	{"key_type", FACT_TEXT, "", "type of the key, of the weakest one"},
	{"key_bits", FACT_INT, "bits", "size of the key, of the weakest one"},
	{"key_strength", FACT_INT, "bits",
	 "strength of the key as of NIST SP 800-57, comparable over types"},
	{"signature_hash", FACT_TEXT, "", "hash it was signed with"},
	{"signature_strength", FACT_INT, "bits",
	 "strength of the signature's hash against collisions"},
	{"signatures", FACT_LIST, "",
	 "by what it signed its handshakes since TLS 1.2, of what it was let choose from"},
	{"self_signed", FACT_BOOL, "", "it is signed with its own key"},
	{"days_left", FACT_INT, "days", "days until it expires"},
	{"valid_now", FACT_BOOL, "", "today lies within its dates"},
	{"names", FACT_LIST, "", "names and addresses it is for"},
	{"name_matches", FACT_BOOL, "",
	 "it is for the declared server name, or for the device's address where none is declared"},
	{"chain_length", FACT_INT, "", "certificates presented"},
	{"chain_complete", FACT_BOOL, "", "each certificate is signed by the one that follows"},
	{"is_ca", FACT_BOOL, "", "it may sign other certificates"},
	{"key_usage_server", FACT_BOOL, "", "its usages allow a TLS server's work"},
	{"proves_key", FACT_BOOL, "", "the device proved to hold the private key"},
	{"sha256", FACT_LIST, "", "SHA-256 of each certificate"},
	{"unsettled", FACT_LIST, "", "what was asked for and neither shown nor refused"},
	{NULL, FACT_BOOL, NULL, NULL},
};

const struct probe probe_tls_certificate = {
	.id = "tls.certificate",
	.summary = "certificate chains a TLS service presents",
	.source = "RFC 5280, RFC 6125",
	.impact = IMPACT_OBSERVE,
	.timeout_s = 120,
	.params = params,
	.facts = facts,
	.observe = observe,
};
