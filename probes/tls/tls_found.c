/* tls_found: one hello, and what it adds. Contract in tls_found.h. */
#include "probes/tls/tls_found.h"
#include "probes/tls/tls_share.h"

#include "harness/banned.h"

enum { ALERT_PROTOCOL_VERSION = 70, ALERT_UNRECOGNIZED_NAME = 112 };

/* The shares of the groups offered, in the talk's way. */
static size_t shares_of(const struct tls_talk *talk, const struct tls_numbers *groups,
			struct tls_share ret[TLS_SHARES_MAX])
{
	size_t i, count = 0;

	for (i = 0; talk->share != TLS_SHARE_NONE && i < talk->share_count; i++) {
		if (tls_numbers_have(groups, talk->shares[i].group)) {
			ret[count++] = talk->shares[i];
		}
	}
	return count;
}

enum tls_outcome tls_ask(struct tls_talk *talk, struct tls_offer offer,
			 const struct tls_numbers *groups, bool key_exchange, struct tls_reply *ret)
{
	struct tls_share shares[TLS_SHARES_MAX];
	struct tls_numbers one = {.at = {talk->share_group}, .count = 1};
	enum tls_outcome outcome;

	if (offer.version == TLS_1_3 && talk->share == TLS_SHARE_ONE) {
		groups = &one;
	}
	if (!offer.bare) {
		offer.groups = groups->at;
		offer.group_count = groups->count;
	}
	offer.server_name = talk->server_name;
	offer.share_count = offer.version == TLS_1_3 ? shares_of(talk, groups, shares) : 0;
	offer.shares = shares;
	outcome = tls_exchange(talk, &offer, key_exchange, ret);
	if (outcome != TLS_DROPPED || ret->answer != TLS_ANSWER_ALERT ||
	    ret->alert != ALERT_UNRECOGNIZED_NAME) {
		return outcome;
	}
	talk->name_demanded |= talk->server_name == NULL;
	/* SSL 3.0 cannot name a host, and the one without a name refuses */
	return offer.bare || offer.version == TLS_SSL_3_0 ? TLS_REFUSED : outcome;
}

struct tls_offer tls_ask_offer(uint16_t version, const struct tls_numbers *suites)
{
	return (struct tls_offer){
		.version = version, .suites = suites->at, .suite_count = suites->count};
}

bool tls_found_version_refused(const struct tls_found *found, const struct tls_reply *reply)
{
	return found->suites.count == 0 && reply->answer == TLS_ANSWER_ALERT &&
	       reply->alert == ALERT_PROTOCOL_VERSION;
}

static size_t place_of(uint16_t suite)
{
	size_t place = 0;

	while (tls_suites[place].name != NULL && tls_suites[place].code != suite) {
		place++;
	}
	return place;
}

/*
 * Windows are always in the table's order. A server that takes a suite from
 * further down than one it takes later had passed the later one over: it has
 * an order of its own.
 */
static void see_server_order(struct tls_found *found)
{
	const struct tls_numbers *suites = &found->suites;
	size_t i;

	for (i = 1; i < suites->count; i++) {
		if (place_of(suites->at[i]) < place_of(suites->at[i - 1])) {
			found->order = TLS_ORDER_SERVER;
		}
	}
}

void tls_found_add(struct tls_found *found, const struct tls_reply *reply)
{
	tls_numbers_add(&found->suites, reply->suite);
	see_server_order(found);
	found->compression |= reply->compression == 1;
	found->renegotiation_insecure |= found->version != TLS_SSL_3_0 &&
					 found->version < TLS_1_3 && !reply->secure_renegotiation;
}

enum tls_outcome tls_found_outcome(const struct tls_found *found)
{
	if (found->suites.count > 0) {
		return TLS_ACCEPTED;
	}
	return found->unsettled > 0 ? TLS_DROPPED : TLS_REFUSED;
}
