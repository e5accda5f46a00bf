/*
 * ftp.channel: whether an FTP server takes logins in clear text. It names users
 * (USER), and sends nobody's password.
 */
#include "probes/ftp/ftp_session.h"
#include "probes/session/session_words.h"

#include <poll.h>
#include <string.h>

#include "harness/banned.h"

enum { SHUT = 421, ROUNDS = 3, PAUSE_MS = 2000 };

struct channel {
	struct session session;
	bool tls;   /* is offered */
	bool clear; /* somebody is asked in clear text */
};

/* Asks for a login with this name. Returns the reply's code, 0 where TLS is not
 * offered, or -1 after session_failed(). */
static int ask_once(struct channel *c, const char *user, bool tls, char text[FTP_TEXT_MOST])
{
	struct ftp_session ftp;
	int code = ftp_open(&ftp, &c->session), started = 1;

	if (code >= 200 && code < 300) {
		started = tls ? ftp_start_tls(&ftp) : 1;
		code = started > 0 ? ftp_command(&ftp, "USER", user) : started;
	} else if (code >= 0 && code != SHUT && !words_demand_encryption(ftp.text)) {
		code = session_failed(&c->session, WHY_BLOCKED, "'%s' greets with %d %s",
				      c->session.service->name, code, ftp.text);
	}
	memcpy(text, ftp.text, FTP_TEXT_MOST);
	ftp_close(&ftp);
	return code;
}

/* One "try later" is no answer about clear text, unless it says so. */
static int ask(struct channel *c, const char *user, bool tls)
{
	char text[FTP_TEXT_MOST];
	int code = SHUT, round;

	for (round = 0; round < ROUNDS && code == SHUT; round++) {
		poll(NULL, 0, round == 0 ? 0 : PAUSE_MS);
		code = ask_once(c, user, tls, text);
		if (!tls && code >= 400 && words_demand_encryption(text)) {
			return code;
		}
	}
	if (code == SHUT) {
		return session_failed(&c->session, WHY_RATE_LIMITED, "'%s' answers 421 %s %d times",
				      c->session.service->name, text, ROUNDS);
	}
	return code;
}

static int gave_up(struct channel *c)
{
	return probe_give_up(c->session.run, c->session.why, "%s", c->session.reason);
}

static int look_inside_tls(struct channel *c, const char *user)
{
	int code = ask(c, user, true);

	if (code < 0) {
		return -1;
	}
	c->tls = code != 0;
	probe_saw_bool(c->session.run, "tls_offered", c->tls);
	probe_saw_bool(c->session.run, "tls_asks", code >= 200 && code < 400);
	return 0;
}

static void saw_clear(struct channel *c, const char *user)
{
	probe_saw_item(c->session.run, "clear_text_users", user);
	c->clear = true;
}

static int look_in_clear(struct channel *c, const char *user)
{
	int code = ftp_implicit_tls(c->session.service) ? 530 : ask(c, user, false);

	if (code >= 200 && code < 400) {
		saw_clear(c, user);
	}
	return code < 0 ? -1 : 0;
}

/* Some servers ask this name for its password whether they let it in or not (vsftpd, where
 * everybody else has to use TLS): nobody has a password for it that could be lost, so that the
 * login itself counts. */
static int look_at_anonymous(struct channel *c)
{
	const struct credential anonymous = {.kind = CREDENTIAL_PASSWORD,
					     .what = "public name",
					     .user = "anonymous",
					     .password = "assay@"};
	enum login_outcome outcome;
	int code;

	if (ftp_implicit_tls(c->session.service)) {
		return 0;
	}
	code = ask(c, anonymous.user, false);
	if (code < 200 || code >= 400) {
		return code < 0 ? -1 : 0;
	}
	outcome = session_login(&c->session, FTP_WAY_CLEAR, &anonymous);
	if (login_lets_in(outcome)) {
		saw_clear(c, anonymous.user);
	}
	return login_unanswered(outcome) ? -1 : 0;
}

static int look_at_greeting(struct channel *c)
{
	struct ftp_session ftp;
	int code = ftp_open(&ftp, &c->session);

	if (code >= 0) {
		probe_saw_text(c->session.run, "banner", ftp.text);
	}
	ftp_close(&ftp);
	return code < 0 ? -1 : 0;
}

static int observe(struct probe_run *run)
{
	const struct profile *profile = probe_profile(run);
	struct channel *c = probe_alloc(run, sizeof(*c));
	const char *user = profile->account_count > 0 ? profile->accounts[0].user : "anonymous";
	size_t i;
	int error;

	session_init(&c->session, run, probe_service(run, "service"));
	error = look_at_greeting(c);
	for (i = 0; error == 0 && i < profile->account_count; i++) {
		error = look_in_clear(c, profile->accounts[i].user);
	}
	if (error == 0) {
		error = look_at_anonymous(c);
	}
	if (error == 0) {
		error = look_inside_tls(c, user);
	}
	if (error == 0 && c->tls && !c->clear) {
		probe_saw_none(run, "clear_text_users");
	}
	return error == 0 ? 0 : gave_up(c);
}

static const struct param_def params[] = {
	{"service", PARAM_SERVICE, "FTP service", NULL, 0, 0, NULL},
	{0},
};

static const struct fact_def facts[] = {
	{"banner", FACT_TEXT, "", "the greeting"},
	{"clear_text_users", FACT_LIST, "",
	 "users of the profile whom it asks for a password in clear text, and 'anonymous' where it "
	 "is let in"},
	{"tls_offered", FACT_BOOL, "", "AUTH TLS is granted"},
	{"tls_asks", FACT_BOOL, "", "inside TLS it asks a user of the profile for a password"},
	{0},
};

const struct probe probe_ftp_channel = {
	.id = "ftp.channel",
	.summary = "whether an FTP server takes logins in clear text",
	.source = "RFC 959, RFC 4217",
	.impact = IMPACT_TOUCH,
	.needs = NEEDS_SESSION,
	.timeout_s = 240,
	.params = params,
	.facts = facts,
	.observe = observe,
};
