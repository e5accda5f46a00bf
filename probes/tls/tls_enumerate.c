/* tls_enumerate: suites and groups of one version. Contract in
 * tls_enumerate.h. */
#include "probes/tls/tls_enumerate.h"

#include "harness/banned.h"

enum {
	/* Field reports name stacks that fail on more suites than this in one
	 * hello, and others that do on more than 127. */
	WINDOW_FIRST = 64,
	WINDOW_LONG = 127,
	ALERT_PROTOCOL_VERSION = 70,
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

static struct tls_offer offer_of(const struct tls_talk *talk, uint16_t version,
				 const struct tls_numbers *suites, const struct tls_numbers *groups)
{
	struct tls_offer offer = {
		.version = version,
		.suites = suites->at,
		.suite_count = suites->count,
		.groups = groups->at,
		.group_count = groups->count,
		.server_name = talk->service->server_name,
		.share = talk->share && tls_numbers_have(groups, 0x001D),
	};

	return offer;
}

/* How many suites to offer: more than this server has chosen from before only
 * as a trial, and only after it has chosen at all. */
static size_t window_of(const struct tls_numbers *left, size_t trusted, bool long_failed)
{
	size_t window = WINDOW_FIRST;

	if (trusted > 0 && !long_failed) {
		window = WINDOW_LONG;
	} else if (trusted > WINDOW_FIRST) {
		window = trusted;
	}
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

/* SSL 3.0 to TLS 1.2: a window of suites slides over those not yet settled. */
static enum tls_outcome enumerate_suites(struct tls_talk *talk, struct tls_found *found,
					 size_t *trusted)
{
	struct tls_numbers left = all_suites(found->version), window;
	struct tls_numbers groups = all_groups(NULL);
	enum tls_outcome outcome;
	struct tls_offer offer;
	struct tls_reply reply;
	bool long_failed = false;
	size_t count;

	while (left.count > 0) {
		count = window_of(&left, *trusted, long_failed);
		window = window_take(&left, count, found);
		offer = offer_of(talk, found->version, &window, &groups);
		outcome = tls_exchange(talk, &offer, false, &reply);
		if (outcome == TLS_ACCEPTED) {
			if (order_trial(found)) {
				record_trial(found, reply.suite);
			}
			record(found, &reply);
			tls_numbers_drop(&left, reply.suite);
			*trusted = count > *trusted ? count : *trusted;
			continue;
		}
		if (count > WINDOW_FIRST && count > *trusted && !long_failed) {
			long_failed = true;
			continue;
		}
		if (outcome != TLS_REFUSED) {
			return outcome;
		}
		if (version_refused(found, &reply)) {
			return TLS_REFUSED;
		}
		drop_first(&left, count);
	}
	return found->suites.count > 0 ? TLS_ACCEPTED : TLS_REFUSED;
}

static bool tls13_usual(uint16_t suite)
{
	return suite >= 0x1301 && suite <= 0x1303;
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
	enum tls_outcome outcome;
	struct tls_offer offer;
	struct tls_reply reply;
	size_t usual = 3;
	bool every = true; /* every group is offered */

	while (left.count > 0) {
		every = every || usual == 0;
		some = all_groups(every ? NULL : groups);
		offer = offer_of(talk, TLS_1_3, &left, &some);
		outcome = tls_exchange(talk, &offer, false, &reply);
		if (outcome == TLS_ACCEPTED) {
			usual -= usual > 0 && tls13_usual(reply.suite);
			record(found, &reply);
			tls_numbers_drop(&left, reply.suite);
			tls_numbers_add(groups, reply.group);
			every = false;
		} else if (outcome == TLS_REFUSED && !every) {
			usual = 0;
		} else if (outcome == TLS_REFUSED && found->suites.count == 0 && !talk->share &&
			   !version_refused(found, &reply)) {
			talk->share = true;
		} else if (outcome == TLS_REFUSED) {
			break;
		} else {
			return outcome;
		}
	}
	return found->suites.count > 0 ? TLS_ACCEPTED : TLS_REFUSED;
}

enum tls_outcome tls_enumerate(struct tls_talk *talk, struct tls_found *found, size_t *trusted,
			       struct tls_numbers *groups)
{
	enum tls_outcome outcome;

	outcome = found->version == TLS_1_3 ? enumerate_tls13(talk, found, groups)
					    : enumerate_suites(talk, found, trusted);
	found->answered = outcome == TLS_ACCEPTED || outcome == TLS_REFUSED;
	return outcome;
}

enum tls_outcome tls_enumerate_groups(struct tls_talk *talk, const struct tls_found *found,
				      struct tls_numbers *groups)
{
	struct tls_numbers left = all_groups(groups), suites = {.count = 0};
	enum tls_outcome outcome = TLS_ACCEPTED;
	struct tls_offer offer;
	struct tls_reply reply;
	size_t i;

	for (i = 0; i < found->suites.count; i++) {
		if (found->version == TLS_1_3 || tls_suite_ecdhe(found->suites.at[i])) {
			tls_numbers_add(&suites, found->suites.at[i]);
		}
	}
	while (suites.count > 0 && left.count > 0 && outcome == TLS_ACCEPTED) {
		offer = offer_of(talk, found->version, &suites, &left);
		outcome = tls_exchange(talk, &offer, true, &reply);
		if (outcome != TLS_ACCEPTED || reply.group == 0) {
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
