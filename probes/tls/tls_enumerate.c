/* tls_enumerate: suites and groups of one version. Contract in
 * tls_enumerate.h. */
#include "probes/tls/tls_enumerate.h"
#include "probes/tls/tls_share.h"

#include "harness/banned.h"

enum {
	/* Field reports name stacks that fail on more suites than this in one
	 * hello, and others that do on more than 127. */
	WINDOW_FIRST = 64,
	WINDOW_LONG = 127,
	/* A hello of so few suites stays below 256 bytes: a known fault of load
	 * balancers is to hang on 256 to 511 (RFC 7685). */
	WINDOW_SMALL = 8,
	ALERT_PROTOCOL_VERSION = 70,
	ALERT_UNRECOGNIZED_NAME = 112,
	ALERT_NO_APPLICATION_PROTOCOL = 120,
};

bool tls_numbers_have(const struct tls_numbers *numbers, uint16_t number)
{
	size_t i;

	for (i = 0; i < numbers->count; i++) {
		if (numbers->at[i] == number) {
			return true;
		}
	}
	return false;
}

void tls_numbers_add(struct tls_numbers *numbers, uint16_t number)
{
	if (tls_numbers_have(numbers, number)) {
		return;
	}
	if (numbers->count == TLS_SUITES_MAX) {
		BUG("more numbers than TLS_SUITES_MAX");
	}
	numbers->at[numbers->count++] = number;
}

void tls_numbers_drop(struct tls_numbers *numbers, uint16_t number)
{
	size_t i, kept = 0;

	for (i = 0; i < numbers->count; i++) {
		if (numbers->at[i] != number) {
			numbers->at[kept++] = numbers->at[i];
		}
	}
	numbers->count = kept;
}

static void drop_first(struct tls_numbers *numbers, size_t count)
{
	size_t i;

	for (i = count; i < numbers->count; i++) {
		numbers->at[i - count] = numbers->at[i];
	}
	numbers->count -= count;
}

static struct tls_numbers all_suites(uint16_t version)
{
	struct tls_numbers all = {.count = 0};
	const struct tls_suite *suite;

	for (suite = tls_suites; suite->name != NULL; suite++) {
		if (tls_suite_fits(suite, version)) {
			tls_numbers_add(&all, suite->code);
		}
	}
	return all;
}

static struct tls_numbers all_groups(const struct tls_numbers *without)
{
	struct tls_numbers all = {.count = 0};
	const struct tls_group *group;

	for (group = tls_groups; group->name != NULL; group++) {
		if (without == NULL || !tls_numbers_have(without, group->code)) {
			tls_numbers_add(&all, group->code);
		}
	}
	return all;
}

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

static enum tls_outcome exchange(struct tls_talk *talk, struct tls_offer offer,
				 const struct tls_numbers *groups, bool key_exchange,
				 struct tls_reply *ret)
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

static struct tls_offer offer_of(uint16_t version, const struct tls_numbers *suites)
{
	return (struct tls_offer){
		.version = version, .suites = suites->at, .suite_count = suites->count};
}

/* How the windows of one version are cut. */
struct cutting {
	size_t limit;     /* never more suites than this */
	bool long_failed; /* a list longer than any chosen from was not answered well */
};

/* How many suites to offer: more than this server has chosen from before only
 * as a trial, and only after it has chosen at all. */
static size_t window_of(const struct tls_numbers *left, size_t trusted, const struct cutting *cut)
{
	size_t window = WINDOW_FIRST;

	if (trusted > 0 && !cut->long_failed) {
		window = trusted > WINDOW_FIRST ? TLS_SUITES_MAX : WINDOW_LONG;
	} else if (trusted > WINDOW_FIRST) {
		window = trusted;
	}
	window = window < cut->limit ? window : cut->limit;
	return left->count < window ? left->count : window;
}

/* True if the refusal speaks of the version as such, whatever the suites. */
static bool version_refused(const struct tls_found *found, const struct tls_reply *reply)
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

/*
 * A server that has taken five suites in the order offered probably leaves the
 * choice to the client. The next window then has the very first of them at its
 * end: a server that passes it over now does, and has shown a new suite as
 * well; one that takes it again has its own order after all.
 */
static bool order_trial(const struct tls_found *found)
{
	return found->suites.count == 5 && found->order == TLS_ORDER_UNSEEN;
}

static void record_trial(struct tls_found *found, uint16_t suite)
{
	found->order = suite == found->suites.at[0] ? TLS_ORDER_SERVER : TLS_ORDER_CLIENT;
}

static void record(struct tls_found *found, const struct tls_reply *reply)
{
	tls_numbers_add(&found->suites, reply->suite);
	see_server_order(found);
	found->compression |= reply->compression == 1;
	found->renegotiation_insecure |= found->version < TLS_1_3 && !reply->secure_renegotiation;
}

static struct tls_numbers window_take(const struct tls_numbers *left, size_t count,
				      const struct tls_found *found)
{
	struct tls_numbers window = *left;

	window.count = count;
	if (order_trial(found)) {
		tls_numbers_add(&window, found->suites.at[0]);
	}
	return window;
}

/* True if it chose, of this version, a suite that was not offered but that it
 * takes when it is: then none of the offered ones suits it. Some stacks answer
 * with their favourite where an alert belongs. */
static bool chose_favourite(struct tls_talk *talk, struct tls_found *found,
			    enum tls_outcome outcome, const struct tls_reply *reply,
			    const struct tls_numbers *groups)
{
	struct tls_numbers favourite = {.at = {reply->suite}, .count = 1};
	struct tls_reply again;

	if (outcome != TLS_GARBAGE || reply->answer != TLS_ANSWER_HELLO ||
	    reply->version != found->version || tls_suite_name(reply->suite) == NULL) {
		return false;
	}
	if (!tls_numbers_have(&found->suites, reply->suite)) {
		if (exchange(talk, offer_of(found->version, &favourite), groups, false, &again) !=
		    TLS_ACCEPTED) {
			return false;
		}
		record(found, &again);
	}
	return true;
}

/* A window was dropped, or not answered: makes the next one smaller, or leaves
 * its suites unsettled. Returns false where it is no use to go on. */
static bool cut_smaller(struct cutting *cut, struct tls_found *found, struct tls_numbers *left,
			size_t count, size_t trusted, enum tls_outcome outcome)
{
	if (count > WINDOW_FIRST && count > trusted && !cut->long_failed) {
		cut->long_failed = true;
		return true;
	}
	if (outcome != TLS_DROPPED && (outcome != TLS_SILENT || count <= WINDOW_SMALL)) {
		return false;
	}
	if (count > 1 && found->unsettled == 0) {
		cut->limit = count > WINDOW_SMALL ? WINDOW_SMALL : 1;
		return true;
	}
	/* nothing but drops so far: this device closes on this version */
	if (found->suites.count == 0 && trusted == 0) {
		found->unsettled = left->count;
		return false;
	}
	found->unsettled += count;
	drop_first(left, count);
	cut->limit = WINDOW_FIRST;
	return true;
}

static enum tls_outcome settled(const struct tls_found *found)
{
	if (found->suites.count > 0) {
		return TLS_ACCEPTED;
	}
	return found->unsettled > 0 ? TLS_DROPPED : TLS_REFUSED;
}

/* SSL 3.0 to TLS 1.2: a window of suites slides over those not yet settled. */
static enum tls_outcome enumerate_suites(struct tls_talk *talk, struct tls_found *found,
					 size_t *trusted)
{
	struct tls_numbers left = all_suites(found->version), window;
	struct tls_numbers groups = all_groups(NULL);
	struct cutting cut = {.limit = TLS_SUITES_MAX};
	enum tls_outcome outcome;
	struct tls_reply reply;
	size_t count;

	while (left.count > 0) {
		count = window_of(&left, *trusted, &cut);
		window = window_take(&left, count, found);
		outcome = exchange(talk, offer_of(found->version, &window), &groups, false, &reply);
		if (outcome == TLS_ACCEPTED) {
			if (order_trial(found)) {
				record_trial(found, reply.suite);
			}
			record(found, &reply);
			tls_numbers_drop(&left, reply.suite);
			*trusted = count > *trusted ? count : *trusted;
			continue;
		}
		if (talk->name_demanded) {
			return TLS_REFUSED;
		}
		if (outcome == TLS_REFUSED && version_refused(found, &reply)) {
			return TLS_REFUSED;
		}
		if (outcome == TLS_REFUSED ||
		    chose_favourite(talk, found, outcome, &reply, &groups)) {
			/* a long list's refusal may be the length's */
			if (count > WINDOW_FIRST && count > *trusted && !cut.long_failed) {
				cut.long_failed = true;
			} else {
				drop_first(&left, count);
			}
			continue;
		}
		if (!cut_smaller(&cut, found, &left, count, *trusted, outcome)) {
			return outcome == TLS_DROPPED ? settled(found) : outcome;
		}
	}
	return settled(found);
}

static bool tls13_usual(uint16_t suite)
{
	return suite >= 0x1301 && suite <= 0x1303;
}

/*
 * Nothing was accepted so far: the next way to send shares. After all of them
 * together come single ones, with their group alone. Returns false after the
 * last.
 */
static bool share_more(struct tls_talk *talk)
{
	size_t i = 0;

	if (talk->share_count == 0) {
		return false;
	}
	if (talk->share == TLS_SHARE_NONE) {
		talk->share = TLS_SHARE_ALL;
		return true;
	}
	if (talk->share == TLS_SHARE_ONE) {
		while (talk->shares[i].group != talk->share_group) {
			i++;
		}
		i++;
	}
	talk->share = i < talk->share_count ? TLS_SHARE_ONE : TLS_SHARE_NONE;
	talk->share_group = i < talk->share_count ? talk->shares[i].group : 0;
	return i < talk->share_count;
}

/*
 * TLS 1.3: an answer names a suite and a group, so both sets are taken apart
 * at once as long as one of the three usual suites is still unseen; then the
 * refusal of the other suites is asked for with every group, or it would not
 * say which of the two was refused.
 */
static enum tls_outcome enumerate_tls13(struct tls_talk *talk, struct tls_found *found,
					struct tls_numbers *groups)
{
	struct tls_numbers left = all_suites(TLS_1_3), some;
	enum tls_outcome outcome = TLS_REFUSED;
	struct tls_reply reply;
	bool dropped = false;
	size_t usual = 3;
	bool every = true; /* every group is offered */

	while (left.count > 0) {
		every = every || usual == 0;
		some = all_groups(every ? NULL : groups);
		outcome = exchange(talk, offer_of(TLS_1_3, &left), &some, false, &reply);
		if (outcome == TLS_ACCEPTED) {
			usual -= usual > 0 && tls13_usual(reply.suite);
			record(found, &reply);
			tls_numbers_drop(&left, reply.suite);
			tls_numbers_add(groups, reply.group);
			every = false;
		} else if (outcome != TLS_REFUSED && outcome != TLS_DROPPED) {
			return outcome;
		} else if (!every) {
			usual = 0;
		} else if (found->suites.count > 0 || talk->name_demanded ||
			   version_refused(found, &reply)) {
			break;
		} else {
			dropped |= outcome == TLS_DROPPED;
			if (!share_more(talk)) {
				break;
			}
		}
	}
	if (outcome == TLS_DROPPED || (dropped && found->suites.count == 0 &&
				       outcome == TLS_REFUSED && !version_refused(found, &reply))) {
		found->unsettled = talk->name_demanded ? 0 : left.count;
	}
	return settled(found);
}

enum tls_outcome tls_enumerate(struct tls_talk *talk, struct tls_found *found, size_t *trusted,
			       struct tls_numbers *groups)
{
	enum tls_outcome outcome;

	outcome = found->version == TLS_1_3 ? enumerate_tls13(talk, found, groups)
					    : enumerate_suites(talk, found, trusted);
	found->answered =
		(outcome == TLS_ACCEPTED || outcome == TLS_REFUSED) && found->unsettled == 0;
	return outcome;
}

/* What no policy allows and servers were seen to accept, most often met first. */
static struct tls_numbers weak_suites(const struct tls_found *found)
{
	static const uint16_t codes[] = {
		0x000A, 0x0005, 0x0001, 0x0018, 0x0004, 0x0009, 0x0002, 0x0003, 0x003B, 0x0016,
		0x001B, 0x0034, 0x006C, 0x0008, 0x0015, 0x0012, 0x002F, 0x0035, 0xC011, 0xC012,
	};
	struct tls_numbers weak = {.count = 0}, all = all_suites(found->version);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(codes); i++) {
		if (tls_numbers_have(&all, codes[i]) &&
		    !tls_numbers_have(&found->suites, codes[i])) {
			tls_numbers_add(&weak, codes[i]);
		}
	}
	return weak;
}

void tls_enumerate_bare(struct tls_talk *talk, struct tls_found *found)
{
	struct tls_numbers weak = weak_suites(found), groups = {.count = 0};
	struct tls_offer offer;
	struct tls_reply reply;

	for (weak.count = weak.count < WINDOW_SMALL ? weak.count : WINDOW_SMALL; weak.count > 0;) {
		offer = offer_of(found->version, &weak);
		offer.bare = true;
		if (exchange(talk, offer, &groups, false, &reply) != TLS_ACCEPTED) {
			return;
		}
		record(found, &reply);
		tls_numbers_drop(&weak, reply.suite);
	}
}

/* One hello for each share, with its group alone. */
static enum tls_outcome enumerate_single_shares(struct tls_talk *talk,
						const struct tls_numbers *suites,
						struct tls_numbers *groups)
{
	enum tls_outcome outcome;
	struct tls_reply reply;
	size_t i;

	for (i = 0; i < talk->share_count; i++) {
		talk->share_group = talk->shares[i].group;
		outcome = tls_numbers_have(groups, talk->share_group)
				  ? TLS_REFUSED
				  : exchange(talk, offer_of(TLS_1_3, suites), NULL, true, &reply);
		if (outcome == TLS_ACCEPTED) {
			tls_numbers_add(groups, reply.group);
		} else if (outcome != TLS_REFUSED && outcome != TLS_DROPPED) {
			return outcome;
		}
	}
	return TLS_ACCEPTED;
}

enum tls_outcome tls_enumerate_groups(struct tls_talk *talk, struct tls_found *found,
				      struct tls_numbers *groups)
{
	struct tls_numbers left = all_groups(groups), suites = {.count = 0};
	enum tls_outcome outcome = TLS_ACCEPTED;
	struct tls_offer offer;
	struct tls_reply reply;
	bool alpn = found->version != TLS_1_3;
	size_t i;

	for (i = 0; i < found->suites.count; i++) {
		if (found->version == TLS_1_3 || tls_suite_ecdhe(found->suites.at[i])) {
			tls_numbers_add(&suites, found->suites.at[i]);
		}
	}
	if (found->version == TLS_1_3 && talk->share == TLS_SHARE_ONE) {
		return enumerate_single_shares(talk, &suites, groups);
	}
	if (found->version != TLS_1_3) {
		const struct tls_numbers weak = weak_suites(found);

		for (i = 0; i < weak.count; i++) {
			tls_numbers_add(&suites, weak.at[i]);
		}
	}
	while (suites.count > 0 && left.count > 0) {
		offer = offer_of(found->version, &suites);
		offer.alpn = alpn;
		outcome = exchange(talk, offer, &left, true, &reply);
		if (outcome == TLS_DROPPED && alpn && reply.answer == TLS_ANSWER_ALERT &&
		    reply.alert == ALERT_NO_APPLICATION_PROTOCOL) {
			alpn = false;
			continue;
		}
		if (outcome != TLS_ACCEPTED) {
			break;
		}
		if (!tls_numbers_have(&found->suites, reply.suite)) {
			record(found, &reply);
			tls_numbers_drop(&suites, reply.suite);
			continue;
		}
		if (reply.group == 0) {
			break;
		}
		tls_numbers_add(groups, reply.group);
		if (!tls_numbers_have(&left, reply.group)) {
			break; /* it does not look at what is offered */
		}
		tls_numbers_drop(&left, reply.group);
	}
	return outcome;
}
