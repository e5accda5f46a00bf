/*
 * module: web
 *
 * http_login: who is let in by the web login: through the form the profile
 * declares, or by basic or digest credentials where it declares none. "Let in"
 * means: the path only a logged-in user may read is given with the session and
 * not without it.
 */
#include "probes/http/http_client.h"
#include "probes/http/http_course.h"
#include "probes/http/http_page.h"

#include <stdio.h>
#include <string.h>

#include "harness/banned.h"

struct web_login {
	struct probe_run *run;
	const struct service *service;
	const char *ok;            /* path only a logged-in user may read */
	struct http_reply without; /* what it gives to nobody */
};

static bool is_content(const struct http_reply *reply)
{
	return reply->status >= 200 && reply->status < 300 && reply->html.passwords == 0;
}

static int send_form(struct http_client *client, const char *user, const char *password)
{
	const struct login_form *login = &client->service->login;
	const struct http_request look = {.path = login->form};
	struct http_request post = {.path = login->form};
	struct http_reply reply;
	char form[1024];

	/* First as a browser does: the page may set a cookie. */
	if (http_ask(client, &look, &reply) != 0) {
		return http_give_up(client);
	}
	snprintf(form, sizeof(form), "%s=%s&%s=%s", login->user, http_encode(client, user),
		 login->password, http_encode(client, password));
	post.body = form;
	return http_ask(client, &post, &reply) != 0 ? http_give_up(client) : 0;
}

static int attempt(void *state, const char *user, const char *password)
{
	struct web_login *web = state;
	struct http_request ask = {.path = web->ok};
	struct http_client client;
	struct http_reply reply = {.status = 0};
	int ret = 0;

	http_client_open(&client, web->run, web->service);
	if (web->service->login.form != NULL) {
		ret = send_form(&client, user, password);
	} else {
		ask.user = user;
		ask.password = password;
	}
	if (ret == 0) {
		ret = http_ask(&client, &ask, &reply) != 0 ? http_give_up(&client) : 0;
	}
	if (ret != 0) {
		http_client_close(&client);
		return -1;
	}
	if (reply.status == 429 || reply.status == 503) {
		return probe_give_up(web->run, WHY_RATE_LIMITED, "'%s' answers %ld",
				     web->service->name, reply.status);
	}
	ret = is_content(&reply) &&
	      !http_same_page(reply.page, reply.size, web->without.page, web->without.size, NULL);
	http_client_close(&client);
	return ret;
}

/* Without a session the path must not be given. */
static int look_without(struct web_login *web)
{
	const struct http_request ask = {.path = web->ok};
	struct http_client client;
	int ret;

	http_client_open(&client, web->run, web->service);
	ret = http_ask(&client, &ask, &web->without) != 0 ? http_give_up(&client) : 0;
	if (ret == 0 && is_content(&web->without)) {
		return probe_give_up(web->run, WHY_CONTROL_FAILED,
				     "'%s' gives %s without a login: nothing "
				     "tells who is logged in",
				     web->service->name, web->ok);
	}
	return ret;
}

static int observe(struct probe_run *run)
{
	struct web_login web = {.run = run, .service = probe_service(run, "service")};
	const struct http_course course = {
		.run = run,
		.account = probe_account(run, "account"),
		.pairs = probe_text(run, "pairs"),
		.try_empty = true,
		.state = &web,
		.attempt = attempt,
	};

	web.ok = web.service->login.ok;
	if (web.ok == NULL) {
		return probe_give_up(run, WHY_NOT_DECLARED, "the profile declares no login of '%s'",
				     web.service->name);
	}
	if (look_without(&web) != 0) {
		return -1;
	}
	return http_course_run(&course);
}

static const struct param_def params[] = {
	{"service", PARAM_SERVICE, "http or https service", NULL, 0, 0},
	{"account", PARAM_ACCOUNT, "account whose password is good", NULL, 0, 0},
	{"pairs", PARAM_TEXT, "delivered passwords: \"user:password ...\"", "", 0, 0},
	{0},
};

static const struct fact_def facts[] = {
	{"good_login_before", FACT_BOOL, "", "the good login works at first"},
	{"good_login_after", FACT_BOOL, "", "and at last"},
	{"wrong_password_accepted", FACT_BOOL, "", "a wrong password works"},
	{"empty_password_accepted", FACT_BOOL, "", "an empty password works"},
	{"random_password_accepted", FACT_BOOL, "", "a name and password that nobody has work"},
	{"default_accepted", FACT_LIST, "", "delivered passwords that work"},
	{0},
};

const struct probe probe_http_login = {
	.id = "http.login",
	.summary = "who the web login lets in",
	.source = "RFC 9110, RFC 7617",
	.part = MODULE_PART(probe_http_login),
	.impact = IMPACT_TOUCH,
	.needs = NEEDS_LOGIN,
	.timeout_s = 120,
	.params = params,
	.facts = facts,
	.observe = MODULE_CODE(observe),
};
