/* ftp_driver: who an FTP server lets in (RFC 959), inside TLS (RFC 4217) and in
 * clear text. It lists and transfers no file. */
#include "probes/ftp/ftp_session.h"
#include "probes/session/session_words.h"

enum { SHUT = 421, NO_SUCH_LOGIN = 430, NO_PASSWORD_YET = 331, NEEDS_ACCOUNT = 332 };

static struct ftp_session *ftp_of(struct session *session)
{
	return session->state;
}

static enum login_outcome shut_out(struct ftp_session *ftp, const char *what, int code)
{
	session_failed(ftp->session, code < 500 ? WHY_RATE_LIMITED : WHY_BLOCKED, "'%s' %s %d %s",
		       ftp->session->service->name, what, code, ftp->text);
	return LOGIN_SHUT_OUT;
}

static enum login_outcome ftp_driver_open(struct session *session,
					  const struct credential *credential)
{
	struct ftp_session *ftp = ftp_of(session);
	int code = ftp_open(ftp, session), started;

	(void)credential;
	if (code < 0) {
		return LOGIN_SHUT_OUT;
	}
	if (code < 200 || code >= 300) {
		return shut_out(ftp, "greets with", code);
	}
	if (session->way == FTP_WAY_CLEAR) {
		return ftp_implicit_tls(session->service) ? LOGIN_NOT_OFFERED : LOGIN_READY;
	}
	started = ftp_start_tls(ftp);
	if (started < 0) {
		return LOGIN_SHUT_OUT;
	}
	return started > 0 ? LOGIN_READY : LOGIN_NOT_OFFERED;
}

/* A passing trouble (4xx) is no answer about the login, but for RFC 2228's 430. */
static enum login_outcome outcome_of(struct ftp_session *ftp, int code)
{
	if (code < 0) {
		return LOGIN_SILENT;
	}
	if (code >= 200 && code < 300) {
		return words_say_must_change(ftp->text) ? LOGIN_MUST_CHANGE : LOGIN_ACCEPTED;
	}
	if (code >= 300 && code < 400) {
		return LOGIN_MORE;
	}
	if (ftp->session->way == FTP_WAY_CLEAR && words_demand_encryption(ftp->text)) {
		return LOGIN_DENIED;
	}
	if (code < 500 && code != NO_SUCH_LOGIN) {
		return shut_out(ftp, "answers", code);
	}
	if (words_say_locked(ftp->text)) {
		return LOGIN_LOCKED;
	}
	if (words_say_later(ftp->text) && !words_say_refused(ftp->text)) {
		(void)shut_out(ftp, "answers", code);
		return LOGIN_BUSY;
	}
	return LOGIN_DENIED;
}

/* Any 2xx to USER or PASS is a login: some servers answer 202 or 232. */
static enum login_outcome ftp_driver_login(struct session *session,
					   const struct credential *credential)
{
	struct ftp_session *ftp = ftp_of(session);
	int code = ftp_command(ftp, "USER", credential->user);

	if (code == NO_PASSWORD_YET || code == NEEDS_ACCOUNT) {
		code = ftp_command(ftp, "PASS", credential->password);
	}
	return outcome_of(ftp, code);
}

static void ftp_driver_logout(struct session *session)
{
	(void)ftp_command(ftp_of(session), "QUIT", NULL);
}

static void ftp_driver_close(struct session *session)
{
	ftp_close(ftp_of(session));
}

static const struct login_way ways[] = {
	[FTP_WAY_TLS] = {"TLS", false},
	[FTP_WAY_CLEAR] = {"clear text", true},
	[FTP_WAYS] = {NULL, false},
};

static const char *const public_names[] = {"anonymous", "ftp", NULL};

const struct session_driver driver_ftp = {
	.protocols = {"ftp", "ftps"},
	.source = "RFC 959, RFC 4217",
	.can = CAN_EMPTY_PASSWORD,
	.ways = ways,
	.public_names = public_names,
	.state_size = sizeof(struct ftp_session),
	.open = ftp_driver_open,
	.login = ftp_driver_login,
	.logout = ftp_driver_logout,
	.close = ftp_driver_close,
};
