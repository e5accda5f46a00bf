/*
 * module: web
 *
 * http_driver: logins to a web interface: through a form, with a JSON request, or by
 * basic or digest credentials. A login is let in where the page that only a logged-in
 * user may read is given after it, and was not before.
 */
#include "probes/http/http_answer.h"
#include "probes/http/http_attempt.h"
#include "probes/http/http_form.h"
#include "probes/session/session.h"

#include <string.h>

#include "harness/banned.h"

/* Kept in session->remembers: a right login is answered with content, and it
 * was that which let it in. */
enum { RIGHT_TELLS = 1 << 0, ANSWERS_TELL = 1 << 1 };

/* Why the last request got no reply. */
static enum login_outcome lost(struct session *session, enum login_outcome outcome)
{
	const struct http_attempt *web = session->state;
	const char *sentence = web->client.reason;
	enum why why = web->client.why;

	if (web->client.dial_error != 0) {
		why = probe_dial_why(web->client.dial_error, &sentence);
	}
	session_failed(session, why, "%s", sentence);
	return outcome;
}

static enum login_outcome busy(struct session *session, const struct http_reply *reply)
{
	session_failed(session, WHY_RATE_LIMITED, "'%s' answers %ld", session->service->name,
		       reply->status);
	return LOGIN_SHUT_OUT;
}

static enum login_outcome http_open(struct session *session, const struct credential *credential)
{
	struct http_attempt *web = session->state;

	http_client_open(&web->client, session->run, session->service);
	web->login = &session->service->login;
	if (credential->kind != CREDENTIAL_PASSWORD) {
		return LOGIN_NOT_OFFERED;
	}
	if (http_attempt_get(web, web->login->ok, &web->without) != 0) {
		return lost(session, LOGIN_SHUT_OUT);
	}
	if (http_is_busy(&web->without)) {
		return busy(session, &web->without);
	}
	if (web->login->form == NULL) {
		return LOGIN_READY;
	}
	/* As a browser does: the page may set a cookie and hold a token. */
	if (http_attempt_get(web, web->login->form, &web->page) != 0) {
		return lost(session, LOGIN_SHUT_OUT);
	}
	if (http_is_busy(&web->page)) {
		return busy(session, &web->page);
	}
	web->form = http_form_find(&web->page.html, web->login->user, web->login->password);
	return LOGIN_READY;
}

static void says_busy(struct session *session, const struct html *page)
{
	const char *text = page->text[0] != '\0' ? page->text : page->form_text;
	char shown[160];

	session_failed(session, WHY_RATE_LIMITED, "'%s' says: %s", session->service->name,
		       text_printable(shown, sizeof(shown), text, strlen(text)));
}

/* The right password was not let in: perhaps for want of what no script was run
 * to make. */
static bool cannot_be_driven(struct session *session)
{
	const struct http_attempt *web = session->state;
	const struct login_form *login = web->login;
	const char *name = session->service->name;

	if (login->form != NULL && web->form == NULL) {
		session_failed(session, WHY_CANNOT_OFFER,
			       "%s of '%s' has no form with '%s' and '%s'%s: this login cannot be "
			       "driven",
			       login->form, name, login->user, login->password,
			       web->page.html.scripts ? ", a script makes it" : "");
		return true;
	}
	if (login->form == NULL && login->json == NULL && !web->without.challenge) {
		session_failed(session, WHY_CANNOT_OFFER,
			       "'%s' asks for no basic or digest credentials at %s", name,
			       login->ok);
		return true;
	}
	if (http_is_script(&web->without) && http_is_script(&web->inside)) {
		session_failed(session, WHY_CANNOT_OFFER,
			       "a script makes %s of '%s', with and without a login: no way to see "
			       "who is logged in",
			       login->ok, name);
		return true;
	}
	return false;
}

/*
 * The page is given before the login already: to everybody, or to the tester's
 * address since the last one. Then the answers tell: content to the right login,
 * the login's page to another. Content to another proves that it is let in only
 * where it once was seen to be the right login that opened the page.
 */
static enum login_outcome judge_by_answer(struct session *session, const struct http_answers *a,
					  bool right)
{
	bool content = http_is_content(a, a->answer) && !http_is_script(a->answer);

	probe_note(session->run, "%s is given before the login: judged by the answer to it",
		   session->service->login.ok);
	if (right && content) {
		session->remembers |= RIGHT_TELLS;
	}
	if (!content && (session->remembers & RIGHT_TELLS) != 0) {
		return LOGIN_DENIED;
	}
	if (content && (right || (session->remembers & ANSWERS_TELL) != 0)) {
		return LOGIN_ACCEPTED;
	}
	session_failed(session, WHY_CONTROL_FAILED,
		       "'%s' gives %s without a login: nothing tells who is logged in",
		       session->service->name, session->service->login.ok);
	return right ? LOGIN_SHUT_OUT : LOGIN_BUSY;
}

static enum login_outcome judge(struct session *session, const struct credential *credential)
{
	struct http_attempt *web = session->state;
	const bool named = web->login->form != NULL;
	const struct http_answers answers = {
		.user = named ? web->login->user : NULL,
		.password = named ? web->login->password : NULL,
		.before = named ? &web->page : NULL,
		.without = &web->without,
		.answer = &web->answer,
		.inside = &web->inside,
	};
	enum login_outcome outcome = http_answer(&answers);

	if (outcome == LOGIN_ACCEPTED && credential->right &&
	    http_is_content(&answers, &web->answer)) {
		session->remembers |= RIGHT_TELLS | ANSWERS_TELL;
	} else if (outcome == LOGIN_SHUT_OUT) {
		session_failed(session, WHY_BLOCKED, "'%s' takes no login now: status %ld",
			       session->service->name, web->answer.status);
	} else if (outcome == LOGIN_BUSY) {
		says_busy(session, &web->answer.html);
	} else if (outcome == LOGIN_DENIED && credential->right && cannot_be_driven(session)) {
		return LOGIN_SHUT_OUT;
	} else if (outcome == LOGIN_DENIED && http_is_content(&answers, &web->without) &&
		   !http_is_script(&web->without)) {
		return judge_by_answer(session, &answers, credential->right);
	}
	return outcome;
}

static enum login_outcome http_login(struct session *session, const struct credential *credential)
{
	struct http_attempt *web = session->state;
	struct http_request ask = {.path = web->login->ok, .browser = true};
	int ret = 0;

	if (web->login->form != NULL) {
		ret = http_attempt_form(web, credential);
	} else if (web->login->json != NULL) {
		ret = http_attempt_json(web, credential);
	} else {
		ask.user = credential->user;
		ask.password = credential->password;
	}
	ask.bearer = web->bearer;
	if (ret != 0 || http_ask(&web->client, &ask, &web->inside) != 0) {
		return lost(session, LOGIN_SILENT);
	}
	if (ask.user != NULL) {
		web->answer = web->inside;
		web->at = ask.path;
	}
	return judge(session, credential);
}

static void http_logout(struct session *session)
{
	struct http_attempt *web = session->state;
	struct http_request request;
	struct http_reply reply;

	if (web->login->form == NULL && web->login->json == NULL) {
		return; /* credentials are sent with each request: there is no session */
	}
	if (!http_attempt_logout(web, &request)) {
		probe_note(session->run, "no way to log out is declared or found");
		return;
	}
	request.bearer = web->bearer;
	request.browser = true;
	if (http_ask(&web->client, &request, &reply) == 0 && request.body == NULL &&
	    (reply.status == 404 || reply.status == 405)) {
		/* declared by its path alone: many take a POST only */
		request.body = "";
		(void)http_ask(&web->client, &request, &reply);
	}
}

static void http_close(struct session *session)
{
	struct http_attempt *web = session->state;

	http_client_close(&web->client);
}

static const char *http_lacks(const struct service *service)
{
	return service->login.ok == NULL
		       ? "the profile declares no login of this service (login: ...)"
		       : NULL;
}

static const struct login_way ways[] = {{.name = "through the web interface"}, {0}};

const struct session_driver driver_http = {
	.protocols = {"http", "https"},
	.source = "RFC 9110, RFC 7616, RFC 7617, RFC 6750, HTML",
	.part = MODULE_PART(driver_http),
	.can = CAN_EMPTY_PASSWORD,
	.ways = ways,
	.state_size = sizeof(struct http_attempt),
	.lacks = http_lacks,
	.open = MODULE_CODE(http_open),
	.login = MODULE_CODE(http_login),
	.logout = MODULE_CODE(http_logout),
	.close = MODULE_CODE(http_close),
};
