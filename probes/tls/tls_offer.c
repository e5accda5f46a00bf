/*
 * tls.offer: which versions, cipher suites and groups of TLS a service
 * accepts, found by offering them in hellos of our own: a TLS library would
 * refuse the weak ones itself. It completes no handshake.
 */
#include "probes/tls/tls_audit.h"
#include "probes/tls/tls_share.h"

#include <stdio.h>

#include "harness/banned.h"

static const char *const not_offerable[] = {
	"SRP suites",
	"ECCPWD suites",
	"FORTEZZA suites",
	"SSL 2.0",
};

static void saw_suites(struct tls_audit *audit, const struct tls_found *found)
{
	const char *version = tls_version_name(found->version);
	const char *suite;
	char both[128];
	size_t i;

	for (i = 0; i < found->suites.count; i++) {
		suite = tls_suite_name(found->suites.at[i]);
		snprintf(both, sizeof(both), "%s %s", version, suite);
		probe_saw_item(audit->talk.run, "suites", suite);
		probe_saw_item(audit->talk.run, "suites_by_version", both);
	}
}

static void saw_unsettled(struct tls_audit *audit, const struct tls_found *found)
{
	const char *version = tls_version_name(found->version);
	char text[64];

	if (found->answered || found->version == 0) {
		return;
	}
	if (found->suites.count == 0) {
		snprintf(text, sizeof(text), "%s", version);
	} else {
		snprintf(text, sizeof(text), "%s: %zu suites", version, found->unsettled);
	}
	probe_saw_item(audit->talk.run, "unsettled", text);
}

/* The main pass's suites come first: they stand in the server's order. */
static void saw_pass(struct tls_audit *audit, const struct tls_pass *pass)
{
	struct probe_run *run = audit->talk.run;
	const struct tls_found *found;
	size_t i;

	for (i = 0; i < TLS_VERSIONS; i++) {
		found = &pass->found[i];
		if (found->suites.count > 0) {
			probe_saw_item(run, "versions", tls_version_name(found->version));
		} else if (found->answered && audit->main.found[i].suites.count == 0) {
			probe_saw_item(run, "versions_refused", tls_version_name(found->version));
		}
		saw_suites(audit, found);
		saw_unsettled(audit, found);
	}
}

static void saw_found(struct tls_audit *audit)
{
	static const char *const lists[] = {"versions", "versions_refused", "suites",
					    "suites_by_version", "unsettled"};
	struct probe_run *run = audit->talk.run;
	bool compression = false, insecure = false;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		probe_saw_none(run, lists[i]);
	}
	saw_pass(audit, &audit->main);
	saw_pass(audit, &audit->unnamed);
	for (i = 0; i < TLS_VERSIONS; i++) {
		compression |=
			audit->main.found[i].compression | audit->unnamed.found[i].compression;
		insecure |= audit->main.found[i].renegotiation_insecure |
			    audit->unnamed.found[i].renegotiation_insecure;
	}
	probe_saw_bool(run, "compression", compression);
	probe_saw_bool(run, "secure_renegotiation", !insecure);
	probe_saw_list(run, "not_offerable", not_offerable, ARRAY_SIZE(not_offerable));
}

static void saw_primes(struct tls_audit *audit)
{
	char bits[16];
	size_t i;

	probe_saw_none(audit->talk.run, "dh_primes");
	for (i = 0; i < audit->primes.count; i++) {
		snprintf(bits, sizeof(bits), "%u", audit->primes.at[i]);
		probe_saw_item(audit->talk.run, "dh_primes", bits);
	}
	if (audit->prime_unread) {
		probe_saw_item(audit->talk.run, "unsettled", "the prime of DHE");
	}
}

static void saw_groups(struct tls_audit *audit)
{
	struct probe_run *run = audit->talk.run;
	const char *name;
	char number[16];
	size_t i;

	probe_saw_none(run, "groups");
	for (i = 0; i < audit->groups.count; i++) {
		name = tls_group_name(audit->groups.at[i]);
		snprintf(number, sizeof(number), "0x%04X", audit->groups.at[i]);
		probe_saw_item(run, "groups", name != NULL ? name : number);
	}
}

static int give_up_nothing(struct tls_audit *audit)
{
	if (audit->talk.name_demanded) {
		return probe_give_up(audit->talk.run, WHY_NOT_DECLARED,
				     "the device has no TLS host without a name: declare "
				     "'server_name' of service '%s'",
				     audit->talk.service->name);
	}
	if (audit->trouble != TLS_ACCEPTED) {
		return tls_gave_up(&audit->talk, audit->trouble, audit->trouble_version);
	}
	if (audit->talk.drops > 0) {
		return tls_gave_up(&audit->talk, TLS_DROPPED, audit->main.found[0].version);
	}
	return probe_give_up(audit->talk.run, WHY_CANNOT_OFFER,
			     "the device answered with TLS alerts alone: it "
			     "refused every version and suite that could be "
			     "offered");
}

static int observe(struct probe_run *run)
{
	struct tls_audit *audit = probe_alloc(run, sizeof(*audit));
	struct tls_share shares[TLS_SHARES_MAX];
	int rc;

	audit->talk.run = run;
	audit->talk.service = probe_service(run, "service");
	audit->talk.server_name = audit->talk.service->server_name;
	audit->talk.shares = shares;
	audit->talk.share_count = tls_shares_make(run, shares);
	tls_audit_ask(audit);
	if (audit->main.accepted == 0) {
		return give_up_nothing(audit);
	}
	if (audit->groups_asked) {
		saw_groups(audit);
	}
	rc = tls_audit_confirm(audit);
	if (audit->order != TLS_ORDER_UNSEEN) {
		probe_saw_bool(run, "server_order", audit->order == TLS_ORDER_SERVER);
	}
	saw_found(audit);
	saw_primes(audit);
	probe_saw_int(run, "connections", audit->talk.connections);
	if (rc == 0 && audit->trouble != TLS_ACCEPTED) {
		rc = tls_gave_up(&audit->talk, audit->trouble, audit->trouble_version);
	}
	return rc;
}

static const struct param_def params[] = {
	{"service", PARAM_SERVICE, "the TLS service", NULL, 0, 0},
	{NULL, PARAM_INT, NULL, NULL, 0, 0},
};

static const struct fact_def facts[] = {
	{"versions", FACT_LIST, "", "protocol versions it accepts"},
	{"versions_refused", FACT_LIST, "", "protocol versions it was offered and refused"},
	{"suites", FACT_LIST, "", "cipher suites it accepts, IANA names"},
	{"suites_by_version", FACT_LIST, "", "version and cipher suite, one entry each"},
	{"server_order", FACT_BOOL, "", "the server's order of suites decides, not the client's"},
	{"groups", FACT_LIST, "", "key exchange groups it accepts"},
	{"dh_primes", FACT_LIST, "", "bits of the primes it takes for DHE before TLS 1.3"},
	{"unsettled", FACT_LIST, "",
	 "offers that were neither accepted nor refused: the device dropped them each time"},
	{"compression", FACT_BOOL, "", "it chose DEFLATE compression"},
	{"secure_renegotiation", FACT_BOOL, "",
	 "it answered RFC 5746 in every version that renegotiates"},
	{"not_offerable", FACT_LIST, "", "what was not offered"},
	{"connections", FACT_INT, "", "connections this took"},
	{NULL, FACT_BOOL, NULL, NULL},
};

const struct probe probe_tls_offer = {
	.id = "tls.offer",
	.summary = "TLS versions, cipher suites and groups a service accepts",
	.source = "RFC 6101, 2246, 4346, 5246, 8446, 8422, 7919, 5746",
	.impact = IMPACT_OBSERVE,
	.timeout_s = 180,
	.params = params,
	.facts = facts,
	.observe = observe,
};
