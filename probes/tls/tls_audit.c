/* tls_audit: version after version, then what depends on them. Contract in
 * tls_audit.h. */
#include "probes/tls/tls_audit.h"

#include "harness/banned.h"

/* TLS 1.2 first: it has most suites and shows how long a list the server can
 * take; TLS 1.3 last, so that refused versions stand between accepted ones. */
static const uint16_t versions[TLS_VERSIONS] = {TLS_1_2, TLS_1_1, TLS_1_0, TLS_SSL_3_0, TLS_1_3};

/* True if it is no use to go on with the other versions. */
static bool hopeless(struct tls_audit *audit, const struct tls_pass *pass, enum tls_outcome outcome,
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

static void ask_versions(struct tls_audit *audit, struct tls_pass *pass)
{
	enum tls_outcome outcome;
	size_t trusted = 0;
	size_t i;

	for (i = 0; i < TLS_VERSIONS; i++) {
		pass->found[i].version = versions[i];
		audit->talk.share = TLS_SHARE_NONE;
		outcome = tls_enumerate(&audit->talk, &pass->found[i], &trusted, &audit->groups);
		if (hopeless(audit, pass, outcome, versions[i])) {
			return;
		}
		pass->accepted += pass->found[i].suites.count > 0;
	}
}

static struct tls_found *best_before_tls13(struct tls_pass *pass)
{
	size_t i;

	for (i = 0; i < TLS_VERSIONS; i++) {
		if (versions[i] != TLS_1_3 && pass->found[i].suites.count > 0) {
			return &pass->found[i];
		}
	}
	return NULL;
}

static struct tls_found *tls13(struct tls_pass *pass)
{
	struct tls_found *last = &pass->found[TLS_VERSIONS - 1];

	return last->suites.count > 0 ? last : NULL;
}

/* TLS 1.3 names its groups for the price of a hello; what an older version
 * does with the curves left over costs one more refusal. */
static void ask_groups(struct tls_audit *audit)
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
static void ask_prime(struct tls_audit *audit, struct tls_pass *pass)
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

/* For the best version before TLS 1.3. */
static void ask_bare(struct tls_audit *audit)
{
	struct tls_found *found = best_before_tls13(&audit->main);

	if (found != NULL) {
		tls_enumerate_bare(&audit->talk, found);
	}
}

/* What a client sees that does not know the name. */
static void ask_unnamed(struct tls_audit *audit)
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

void tls_audit_ask(struct tls_audit *audit)
{
	audit->trouble = TLS_ACCEPTED;
	ask_versions(audit, &audit->main);
	if (audit->main.accepted == 0 || audit->trouble != TLS_ACCEPTED) {
		return;
	}
	ask_bare(audit);
	ask_groups(audit);
	ask_prime(audit, &audit->main);
	ask_unnamed(audit);
	audit->groups_asked = true;
}

/* Offers the two suites found first in the other order; with a single one it
 * is only asked for again. */
static enum tls_outcome ask_again(struct tls_audit *audit, struct tls_found *found)
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

int tls_audit_confirm(struct tls_audit *audit)
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
	audit->order = found->order;
	return 0;
}
