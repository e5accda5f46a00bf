/*
 * tls.offer: which versions, cipher suites and groups of TLS a service
 * accepts, found by offering them in hellos of our own: a TLS library would
 * refuse the weak ones itself. It completes no handshake.
 */
#include "probes/tls/tls_enumerate.h"
#include "probes/tls/tls_share.h"

#include <stdio.h>

#include "harness/banned.h"

/* TLS 1.2 first: it has most suites and shows how long a list the server can
 * take; TLS 1.3 last, so that refused versions stand between accepted ones. */
static const uint16_t versions[] = {TLS_1_2, TLS_1_1, TLS_1_0, TLS_SSL_3_0, TLS_1_3};

static const char *const not_offerable[] = {
	"SRP suites",
	"ECCPWD suites",
	"FORTEZZA suites",
	"SSL 2.0",
};

struct pass { /* over all versions, with or without a server name */
	struct tls_found found[ARRAY_SIZE(versions)]; /* as in versions */
	size_t accepted;                              /* versions */
};

struct audit {
	struct tls_talk talk;
	struct pass main;    /* with the service's server_name, where it has one */
	struct pass unnamed; /* then without: another host may answer */
	struct tls_numbers groups;
	enum tls_outcome trouble; /* TLS_ACCEPTED: none */
	uint16_t trouble_version;
	struct tls_numbers primes; /* bits of those read */
	bool prime_unread;
};

/* True if it is no use to go on with the other versions. */
static bool hopeless(struct audit *audit, const struct pass *pass, enum tls_outcome outcome,
		     uint16_t version)
{
	bool again = audit->trouble == TLS_SILENT;

	if (outcome == TLS_ACCEPTED || outcome == TLS_REFUSED || outcome == TLS_DROPPED) {
		return false;
	}
	audit->trouble = outcome;
	audit->trouble_version = version;
	return outcome == TLS_UNREACHED || (outcome == TLS_SILENT && again) ||
	       (outcome == TLS_GARBAGE && pass->accepted == 0);
}

static void ask_versions(struct audit *audit, struct pass *pass)
{
	enum tls_outcome outcome;
	size_t trusted = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		pass->found[i].version = versions[i];
		audit->talk.share = TLS_SHARE_NONE;
		outcome = tls_enumerate(&audit->talk, &pass->found[i], &trusted, &audit->groups);
		if (hopeless(audit, pass, outcome, versions[i])) {
			return;
		}
		pass->accepted += pass->found[i].suites.count > 0;
	}
}

static struct tls_found *best_before_tls13(struct pass *pass)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		if (versions[i] != TLS_1_3 && pass->found[i].suites.count > 0) {
			return &pass->found[i];
		}
	}
	return NULL;
}

static struct tls_found *tls13(struct pass *pass)
{
	struct tls_found *last = &pass->found[ARRAY_SIZE(versions) - 1];

	return last->suites.count > 0 ? last : NULL;
}

/* TLS 1.3 names its groups for the price of a hello; what an older version
 * does with the curves left over costs one more refusal. */
static void ask_groups(struct audit *audit)
{
	struct tls_found *const ask[] = {tls13(&audit->main), best_before_tls13(&audit->main)};
	enum tls_outcome outcome;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ask); i++) {
		if (ask[i] == NULL) {
			continue;
		}
		outcome = tls_enumerate_groups(&audit->talk, ask[i], &audit->groups);
		if (outcome != TLS_ACCEPTED && outcome != TLS_REFUSED && outcome != TLS_DROPPED) {
			audit->trouble = outcome;
			audit->trouble_version = ask[i]->version;
		}
	}
}

/* Reads the size of the prime a server takes for DHE, which it alone decides
 * before TLS 1.3. Where it cannot be read, that is unsettled. */
static void ask_prime(struct audit *audit, struct pass *pass)
{
	const struct tls_found *found = best_before_tls13(pass);
	struct tls_numbers suites = {.count = 0};
	struct tls_offer offer = {.suites = suites.at};
	struct tls_reply reply;
	size_t i;

	for (i = 0; found != NULL && i < found->suites.count; i++) {
		if (tls_suite_dhe(found->suites.at[i])) {
			tls_numbers_add(&suites, found->suites.at[i]);
		}
	}
	if (suites.count == 0) {
		return;
	}
	offer.version = found->version;
	offer.suite_count = suites.count;
	offer.server_name = audit->talk.server_name;
	if (tls_exchange(&audit->talk, &offer, true, &reply) == TLS_ACCEPTED && reply.dh_bits > 0) {
		tls_numbers_add(&audit->primes, (uint16_t)reply.dh_bits);
	} else {
		audit->prime_unread = true;
	}
}

/* Offers the two suites found first in the other order; with a single one it
 * is only asked for again. */
static enum tls_outcome ask_again(struct audit *audit, struct tls_found *found)
{
	const struct tls_numbers *had = &found->suites;
	size_t count = had->count > 1 ? 2 : 1;
	const uint16_t suites[2] = {had->at[count - 1], had->at[0]};
	/* an ECDSA certificate's curve has to be offered too, accepted as a group or not */
	struct tls_numbers groups = audit->groups, rest = tls_numbers_groups(&audit->groups);
	struct tls_offer offer = {
		.version = found->version,
		.suites = suites,
		.suite_count = count,
		.server_name = audit->talk.server_name,
		.shares = found->version == TLS_1_3 ? audit->talk.shares : NULL,
		.share_count = found->version == TLS_1_3 && audit->talk.share == TLS_SHARE_ALL
				       ? audit->talk.share_count
				       : 0,
	};
	enum tls_outcome outcome;
	struct tls_reply reply;
	size_t i;

	for (i = 0; found->version != TLS_1_3 && i < rest.count; i++) {
		tls_numbers_add(&groups, rest.at[i]);
	}
	offer.groups = groups.at;
	offer.group_count = groups.count;
	outcome = tls_exchange(&audit->talk, &offer, false, &reply);
	if (outcome == TLS_ACCEPTED && count == 2) {
		found->order = reply.suite == had->at[0] ? TLS_ORDER_SERVER : TLS_ORDER_CLIENT;
	}
	return outcome;
}

/*
 * Settles who orders the suites, and that the device still accepts after the
 * refusals what it accepted before them: else they would prove nothing. TLS
 * 1.3 comes after all refusals, so if it was accepted, that is shown already.
 */
static int ask_order(struct audit *audit)
{
	struct tls_found *found = best_before_tls13(&audit->main);

	if (found == NULL || (found->suites.count == 1 && tls13(&audit->main) != NULL)) {
		found = tls13(&audit->main);
	}
	if ((found->order == TLS_ORDER_UNSEEN || tls13(&audit->main) == NULL) &&
	    ask_again(audit, found) != TLS_ACCEPTED) {
		return probe_give_up(audit->talk.run, WHY_CONTROL_FAILED,
				     "the device no longer accepted %s with %s "
				     "after other offers, so its refusals prove "
				     "nothing",
				     tls_version_name(found->version),
				     tls_suite_name(found->suites.at[0]));
	}
	if (found->order != TLS_ORDER_UNSEEN) {
		probe_saw_bool(audit->talk.run, "server_order", found->order == TLS_ORDER_SERVER);
	}
	return 0;
}

static void saw_suites(struct audit *audit, const struct tls_found *found)
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

static void saw_unsettled(struct audit *audit, const struct tls_found *found)
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
static void saw_pass(struct audit *audit, const struct pass *pass)
{
	struct probe_run *run = audit->talk.run;
	const struct tls_found *found;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		found = &pass->found[i];
		if (found->suites.count > 0) {
			probe_saw_item(run, "versions", tls_version_name(versions[i]));
		} else if (found->answered && audit->main.found[i].suites.count == 0) {
			probe_saw_item(run, "versions_refused", tls_version_name(versions[i]));
		}
		saw_suites(audit, found);
		saw_unsettled(audit, found);
	}
}

static void saw_found(struct audit *audit)
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
	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		compression |=
			audit->main.found[i].compression | audit->unnamed.found[i].compression;
		insecure |= audit->main.found[i].renegotiation_insecure |
			    audit->unnamed.found[i].renegotiation_insecure;
	}
	probe_saw_bool(run, "compression", compression);
	probe_saw_bool(run, "secure_renegotiation", !insecure);
	probe_saw_list(run, "not_offerable", not_offerable, ARRAY_SIZE(not_offerable));
}

static void saw_primes(struct audit *audit)
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

static void saw_groups(struct audit *audit)
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

static int give_up_nothing(struct audit *audit)
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
		return tls_gave_up(&audit->talk, TLS_DROPPED, versions[0]);
	}
	return probe_give_up(audit->talk.run, WHY_CANNOT_OFFER,
			     "the device answered with TLS alerts alone: it "
			     "refused every version and suite that could be "
			     "offered");
}

/* For the best version before TLS 1.3. */
static void ask_bare(struct audit *audit)
{
	struct tls_found *found = best_before_tls13(&audit->main);

	if (found != NULL) {
		tls_enumerate_bare(&audit->talk, found);
	}
}

/* What a client sees that does not know the name. */
static void ask_unnamed(struct audit *audit)
{
	enum tls_outcome trouble = audit->trouble;

	if (audit->talk.server_name == NULL || trouble != TLS_ACCEPTED) {
		return;
	}
	audit->talk.server_name = NULL;
	ask_versions(audit, &audit->unnamed);
	ask_prime(audit, &audit->unnamed);
	audit->talk.server_name = audit->talk.service->server_name;
	audit->talk.name_demanded = false;
}

static int observe(struct probe_run *run)
{
	struct audit *audit = probe_alloc(run, sizeof(*audit));
	struct tls_share shares[TLS_SHARES_MAX];
	int rc;

	audit->talk.run = run;
	audit->talk.service = probe_service(run, "service");
	audit->talk.server_name = audit->talk.service->server_name;
	audit->talk.shares = shares;
	audit->talk.share_count = tls_shares_make(run, shares);
	audit->trouble = TLS_ACCEPTED;
	ask_versions(audit, &audit->main);
	if (audit->main.accepted == 0) {
		return give_up_nothing(audit);
	}
	if (audit->trouble == TLS_ACCEPTED) {
		ask_bare(audit);
		ask_groups(audit);
		ask_prime(audit, &audit->main);
		ask_unnamed(audit);
		saw_groups(audit);
	}
	rc = ask_order(audit);
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
