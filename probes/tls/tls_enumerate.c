/* tls_enumerate: TLS 1.3, groups, and the hellos of other shapes. Contract in
 * tls_enumerate.h. */
#include "probes/tls/tls_enumerate.h"
#include "probes/tls/tls_windows.h"

#include "harness/banned.h"

enum {
	BARE_SUITES = 8, /* as an old client's short list */
	ALERT_NO_APPLICATION_PROTOCOL = 120,
};

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
	struct tls_numbers left = tls_numbers_suites(TLS_1_3), some;
	enum tls_outcome outcome = TLS_REFUSED;
	struct tls_reply reply;
	bool dropped = false;
	size_t usual = 3;
	bool every = true; /* every group is offered */

	while (left.count > 0) {
		every = every || usual == 0;
		some = tls_numbers_groups(every ? NULL : groups);
		outcome = tls_ask(talk, tls_ask_offer(TLS_1_3, &left), &some, false, &reply);
		if (outcome == TLS_ACCEPTED) {
			usual -= usual > 0 && tls13_usual(reply.suite);
			tls_found_add(found, &reply);
			tls_numbers_drop(&left, reply.suite);
			tls_numbers_add(groups, reply.group);
			every = false;
		} else if (outcome != TLS_REFUSED && outcome != TLS_DROPPED) {
			return outcome;
		} else if (!every) {
			usual = 0;
		} else if (found->suites.count > 0 || talk->name_demanded ||
			   tls_found_version_refused(found, &reply)) {
			break;
		} else {
			dropped |= outcome == TLS_DROPPED;
			if (!share_more(talk)) {
				break;
			}
		}
	}
	if (outcome == TLS_DROPPED ||
	    (dropped && found->suites.count == 0 && outcome == TLS_REFUSED &&
	     !tls_found_version_refused(found, &reply))) {
		found->unsettled = talk->name_demanded ? 0 : left.count;
	}
	return tls_found_outcome(found);
}

enum tls_outcome tls_enumerate(struct tls_talk *talk, struct tls_found *found, size_t *trusted,
			       struct tls_numbers *groups)
{
	enum tls_outcome outcome;

	outcome = found->version == TLS_1_3 ? enumerate_tls13(talk, found, groups)
					    : tls_windows_enumerate(talk, found, trusted);
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
	struct tls_numbers weak = {.count = 0}, all = tls_numbers_suites(found->version);
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

	for (weak.count = weak.count < BARE_SUITES ? weak.count : BARE_SUITES; weak.count > 0;) {
		offer = tls_ask_offer(found->version, &weak);
		offer.bare = true;
		if (tls_ask(talk, offer, &groups, false, &reply) != TLS_ACCEPTED) {
			return;
		}
		reply.secure_renegotiation = true; /* not asked by the extension */
		tls_found_add(found, &reply);
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
		outcome =
			tls_numbers_have(groups, talk->share_group)
				? TLS_REFUSED
				: tls_ask(talk, tls_ask_offer(TLS_1_3, suites), NULL, true, &reply);
		if (outcome == TLS_ACCEPTED) {
			tls_numbers_add(groups, reply.group);
		} else if (outcome != TLS_REFUSED && outcome != TLS_DROPPED) {
			return outcome;
		}
	}
	return TLS_ACCEPTED;
}

/* The groups of one version that are still looked for. */
struct group_search {
	struct tls_talk *talk;
	struct tls_found *found;
	struct tls_numbers *groups; /* accepted */
	struct tls_numbers suites, left;
	bool alpn;
};

/* Offers the groups that are left, each time without those that were chosen, and behind them one
 * that is known (0: none). Returns what the last hello was answered. */
static enum tls_outcome ask_left(struct group_search *search, uint16_t known)
{
	struct tls_found *found = search->found;
	enum tls_outcome outcome = TLS_ACCEPTED;
	struct tls_numbers offered;
	struct tls_offer offer;
	struct tls_reply reply;

	while (search->suites.count > 0 && search->left.count > 0) {
		offer = tls_ask_offer(found->version, &search->suites);
		offer.alpn = search->alpn;
		offered = search->left;
		if (known != 0) {
			tls_numbers_add(&offered, known);
		}
		outcome = tls_ask(search->talk, offer, &offered, true, &reply);
		if (outcome == TLS_DROPPED && search->alpn && reply.answer == TLS_ANSWER_ALERT &&
		    reply.alert == ALERT_NO_APPLICATION_PROTOCOL) {
			search->alpn = false;
			continue;
		}
		if (outcome != TLS_ACCEPTED) {
			break;
		}
		if (!tls_numbers_have(&found->suites, reply.suite)) {
			tls_found_add(found, &reply);
			tls_numbers_drop(&search->suites, reply.suite);
			continue;
		}
		if (reply.group == 0 || reply.group == known) {
			break;
		}
		tls_numbers_add(search->groups, reply.group);
		if (!tls_numbers_have(&search->left, reply.group)) {
			break; /* it does not look at what is offered */
		}
		tls_numbers_drop(&search->left, reply.group);
	}
	return outcome;
}

/*
 * Before TLS 1.3 the curve of an ECDSA certificate has to be among the groups that are offered, or
 * the suite is refused: that says nothing of the other groups. So they are offered again, before
 * each of the curves that are known.
 */
static enum tls_outcome ask_left_with_known(struct group_search *search)
{
	const struct tls_numbers known = *search->groups;
	enum tls_outcome outcome = TLS_REFUSED;
	bool ecdsa = false;
	size_t i;

	for (i = 0; i < search->suites.count; i++) {
		ecdsa |= tls_suite_ecdsa(search->suites.at[i]);
	}
	for (i = 0; ecdsa && i < known.count; i++) {
		if (!tls_group_ecdsa(known.at[i])) {
			continue;
		}
		outcome = ask_left(search, known.at[i]);
		if (outcome != TLS_ACCEPTED && outcome != TLS_REFUSED && outcome != TLS_DROPPED) {
			break;
		}
	}
	return outcome;
}

enum tls_outcome tls_enumerate_groups(struct tls_talk *talk, struct tls_found *found,
				      struct tls_numbers *groups)
{
	const struct tls_numbers weak = weak_suites(found);
	struct group_search search = {
		.talk = talk,
		.found = found,
		.groups = groups,
		.left = tls_numbers_groups(groups),
		.alpn = found->version != TLS_1_3,
	};
	enum tls_outcome outcome;
	size_t i;

	for (i = 0; i < found->suites.count; i++) {
		if (found->version == TLS_1_3 || tls_suite_ecdhe(found->suites.at[i])) {
			tls_numbers_add(&search.suites, found->suites.at[i]);
		}
	}
	if (found->version == TLS_1_3 && talk->share == TLS_SHARE_ONE) {
		return enumerate_single_shares(talk, &search.suites, groups);
	}
	for (i = 0; found->version != TLS_1_3 && i < weak.count; i++) {
		tls_numbers_add(&search.suites, weak.at[i]);
	}
	outcome = ask_left(&search, 0);
	if (found->version != TLS_1_3 && (outcome == TLS_REFUSED || outcome == TLS_DROPPED)) {
		outcome = ask_left_with_known(&search);
	}
	return outcome;
}
