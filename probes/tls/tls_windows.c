/* tls_windows: the suites of SSL 3.0 to TLS 1.2, window by window. Contract of
 * tls_enumerate() in tls_enumerate.h. */
#include "probes/tls/tls_windows.h"

#include "harness/banned.h"

enum {
	/* Field reports name stacks that fail on more suites than this in one
	 * hello, and others that do on more than 127. */
	WINDOW_FIRST = 64,
	WINDOW_LONG = 127,
	/* A hello of so few suites stays below 256 bytes: a known fault of load
	 * balancers is to hang on 256 to 511 (RFC 7685). */
	WINDOW_SMALL = 8,
};

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
		if (tls_ask(talk, tls_ask_offer(found->version, &favourite), groups, false,
			    &again) != TLS_ACCEPTED) {
			return false;
		}
		tls_found_add(found, &again);
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
	tls_numbers_drop_first(left, count);
	cut->limit = WINDOW_FIRST;
	return true;
}

/* SSL 3.0 to TLS 1.2: a window of suites slides over those not yet settled. */
enum tls_outcome tls_windows_enumerate(struct tls_talk *talk, struct tls_found *found,
				       size_t *trusted)
{
	struct tls_numbers left = tls_numbers_suites(found->version), window;
	struct tls_numbers groups = tls_numbers_groups(NULL);
	struct cutting cut = {.limit = TLS_SUITES_MAX};
	enum tls_outcome outcome;
	struct tls_reply reply;
	size_t count;

	while (left.count > 0) {
		count = window_of(&left, *trusted, &cut);
		window = window_take(&left, count, found);
		outcome = tls_ask(talk, tls_ask_offer(found->version, &window), &groups, false,
				  &reply);
		if (outcome == TLS_ACCEPTED) {
			if (order_trial(found)) {
				record_trial(found, reply.suite);
			}
			tls_found_add(found, &reply);
			tls_numbers_drop(&left, reply.suite);
			*trusted = count > *trusted ? count : *trusted;
			continue;
		}
		if (talk->name_demanded) {
			return TLS_REFUSED;
		}
		if (outcome == TLS_REFUSED && tls_found_version_refused(found, &reply)) {
			return TLS_REFUSED;
		}
		if (outcome == TLS_REFUSED ||
		    chose_favourite(talk, found, outcome, &reply, &groups)) {
			/* a long list's refusal may be the length's */
			if (count > WINDOW_FIRST && count > *trusted && !cut.long_failed) {
				cut.long_failed = true;
			} else {
				tls_numbers_drop_first(&left, count);
			}
			continue;
		}
		if (!cut_smaller(&cut, found, &left, count, *trusted, outcome)) {
			return outcome == TLS_DROPPED ? tls_found_outcome(found) : outcome;
		}
	}
	return tls_found_outcome(found);
}
