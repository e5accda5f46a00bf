/* ftp_login: who is let in by an FTP server, and whether it keeps passwords out
 * of clear text. It lists and transfers no file. */
#include "probes/ftp/ftp_session.h"
#include "probes/login/login_course.h"

#include "harness/banned.h"

enum {
	READY = 220,
	LOGGED_IN = 230,
	AUTH_GRANTED = 234,
	NEEDS_PASSWORD = 331,
};

struct ftp_login {
	struct probe_run *run;
	const struct service *service;
	bool tls_offered;
};

/* Opens a session, inside TLS where the server offers it: a password of ours
 * does not travel in clear where it need not. */
static int open_session(struct ftp_login *login, struct ftp_session *session)
{
	int code = ftp_open(session, login->run, login->service);

	if (code < 0) {
		return -1;
	}
	if (code != READY) {
		return probe_give_up(login->run, WHY_BLOCKED, "'%s' greets with %d %s",
				     login->service->name, code, session->text);
	}
	if (!login->tls_offered) {
		return 0;
	}
	code = ftp_command(session, "AUTH", "TLS");
	if (code < 0) {
		return -1;
	}
	if (code != AUTH_GRANTED) {
		return probe_give_up(login->run, WHY_CONTROL_FAILED,
				     "'%s' granted AUTH TLS once, then not", login->service->name);
	}
	return ftp_start_tls(session);
}

/* Any 2xx to USER or PASS is a login: some servers answer 202 or 232. */
static int log_in(struct ftp_session *session, const char *user, const char *password)
{
	int code = ftp_command(session, "USER", user);

	if (code == NEEDS_PASSWORD) {
		code = ftp_command(session, "PASS", password);
	}
	if (code == 421) {
		return probe_give_up(session->run, WHY_BLOCKED, "'%s' shuts the tester out: 421 %s",
				     session->service->name, session->text);
	}
	return code < 0 ? -1 : code >= 200 && code < 300;
}

static int attempt(void *state, const char *user, const char *password)
{
	struct ftp_login *login = state;
	struct ftp_session session;
	int ret = open_session(login, &session);

	if (ret == 0) {
		ret = log_in(&session, user, password);
	}
	ftp_close(&session);
	return ret;
}

/* Greeting, and whether AUTH TLS is granted. */
static int look_at_greeting(struct ftp_login *login)
{
	struct ftp_session session;
	int code = ftp_open(&session, login->run, login->service);

	if (code >= 0) {
		probe_saw_text(login->run, "banner", session.text);
	}
	if (code == READY) {
		code = ftp_command(&session, "AUTH", "TLS");
		login->tls_offered = code == AUTH_GRANTED;
		probe_saw_bool(login->run, "tls_offered", login->tls_offered);
	}
	ftp_close(&session);
	return code < 0 ? -1 : 0;
}

/* Whether a name is refused in clear: then no password can be sent so. */
static int look_at_clear(struct ftp_login *login, const char *user)
{
	struct ftp_session session;
	int code = ftp_open(&session, login->run, login->service);

	if (code == READY) {
		code = ftp_command(&session, "USER", user);
		probe_saw_bool(login->run, "tls_required", login->tls_offered && code >= 400);
	}
	ftp_close(&session);
	return code < 0 ? -1 : 0;
}

static int try_anonymous(struct ftp_login *login)
{
	int accepted;

	if (probe_spend(login->run, SPEND_FAILED_LOGIN, "anonymous") != 0) {
		return probe_give_up(login->run, WHY_BUDGET_SPENT,
				     "the budget of failed logins is spent");
	}
	accepted = attempt(login, "anonymous", "assay@");
	if (accepted < 0) {
		return -1;
	}
	probe_saw_bool(login->run, "anonymous_accepted", accepted != 0);
	return 0;
}

static int observe(struct probe_run *run)
{
	struct ftp_login login = {.run = run, .service = probe_service(run, "service")};
	const struct login_course course = {
		.run = run,
		.account = probe_account(run, "account"),
		.pairs = probe_text(run, "pairs"),
		.state = &login,
		.attempt = attempt,
	};

	if (look_at_greeting(&login) != 0 || try_anonymous(&login) != 0 ||
	    look_at_clear(&login, course.account->user) != 0) {
		return -1;
	}
	return login_course_run(&course);
}

static const struct param_def params[] = {
	{"service", PARAM_SERVICE, "FTP service", NULL, 0, 0},
	{"account", PARAM_ACCOUNT, "account whose password is good", NULL, 0, 0},
	{"pairs", PARAM_TEXT, "delivered passwords: \"user:password ...\"", "", 0, 0},
	{0},
};

static const struct fact_def facts[] = {
	{"banner", FACT_TEXT, "", "the greeting"},
	{"anonymous_accepted", FACT_BOOL, "", "'anonymous' is let in"},
	{"tls_offered", FACT_BOOL, "", "AUTH TLS is granted"},
	{"tls_required", FACT_BOOL, "", "no login is taken outside TLS"},
	{"good_login_before", FACT_BOOL, "", "the good login works at first"},
	{"good_login_after", FACT_BOOL, "", "and at last"},
	{"wrong_password_accepted", FACT_BOOL, "", "a wrong password works"},
	{"random_password_accepted", FACT_BOOL, "", "a name and password that nobody has work"},
	{"default_accepted", FACT_LIST, "", "delivered passwords that work"},
	{0},
};

const struct probe probe_ftp_login = {
	.id = "ftp.login",
	.summary = "who an FTP server lets in, and whether in clear",
	.source = "RFC 959, RFC 4217",
	.impact = IMPACT_TOUCH,
	.timeout_s = 240,
	.params = params,
	.facts = facts,
	.observe = observe,
};
