/*
 * module: web
 *
 * http.access: what a web interface gives to somebody who has not logged in. Pages
 * are compared, not status codes; which are asked for is http_visit's.
 */
#include "probes/http/http_page.h"
#include "probes/http/http_visit.h"

#include <string.h>

#include "harness/banned.h"

static bool is_public(const struct http_visit *v, const char *path)
{
	const char *const *public = v->service->public_paths;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(v->service->public_paths) && public[i] != NULL; i++) {
		if (strcmp(public[i], path) == 0) {
			return true;
		}
	}
	return false;
}

/* True if it is the page of a path that is declared to be public. */
static bool is_public_page(const struct http_visit *v, const struct http_seen *one)
{
	size_t i;

	for (i = 0; i < v->tried_count; i++) {
		const struct http_seen *other = &v->tried[i];

		if (is_public(v, other->path) && other->reply.status == one->reply.status &&
		    http_same_page(other->reply.page, other->reply.size, one->reply.page,
				   one->reply.size, one->path)) {
			return true;
		}
	}
	return is_public(v, one->path);
}

static void saw_paths(struct http_visit *v)
{
	const struct http_refusals refusals = {
		.nowhere = &v->nowhere,
		.login = v->login.path != NULL ? &v->login : NULL,
		.tried = v->tried,
		.tried_count = v->tried_count,
	};
	size_t i;

	probe_saw_none(v->run, "open_paths");
	probe_saw_none(v->run, "script_paths");
	for (i = 0; i < v->tried_count; i++) {
		const struct http_seen *one = &v->tried[i];
		enum http_gives gives = http_gives(&refusals, one);

		if (gives == HTTP_REFUSES || is_public_page(v, one)) {
			continue;
		}
		probe_saw_item(v->run, gives == HTTP_GIVES ? "open_paths" : "script_paths",
			       one->path);
	}
	probe_saw_int(v->run, "paths_tried", (int64_t)v->tried_count);
	probe_saw_bool(v->run, "refusal_known", http_refusal_is_known(&refusals));
}

static bool is_page(const struct http_reply *reply)
{
	return reply->status >= 200 && reply->status < 300;
}

/* A page or the way to one. What forbids everything, or fails on everything,
 * keeps nothing from strangers alone: perhaps it shuts the tester out. */
static bool leads_on(const struct http_reply *reply)
{
	return reply->status >= 200 && reply->status < 400;
}

static int look(struct http_visit *v)
{
	if (http_visit_start(v) != 0) {
		return -1;
	}
	probe_saw_bool(v->run, "redirects_to_https",
		       strncmp(v->start.reply.location, "https://", 8) == 0);
	probe_saw_bool(v->run, "answers", true);
	probe_saw_int(v->run, "status", v->start.reply.status);
	probe_saw_text(v->run, "server", v->start.reply.server);
	if (v->service->login.form != NULL &&
	    http_visit_get(v, v->service->login.form, &v->login) != 0) {
		return -1;
	}
	if (http_visit_nowhere(v) != 0 || http_visit_paths(v) != 0) {
		return -1;
	}
	saw_paths(v);
	probe_saw_bool(v->run, "asks_login", v->asks_login);
	probe_saw_bool(v->run, "serves",
		       leads_on(&v->start.reply) || leads_on(&v->login.reply) || v->asks_login);
	/* A form that a script builds holds no password field to see; that it
	 * is given is enough. */
	probe_saw_bool(v->run, "login_form_clear",
		       !v->client.tls && (v->asks_login || is_page(&v->login.reply)));
	if (http_visit_again(v, &v->start) != 0) {
		return -1;
	}
	return v->login.path == NULL ? 0 : http_visit_again(v, &v->login);
}

static int observe(struct probe_run *run)
{
	struct http_visit *v = probe_alloc(run, sizeof(*v));
	int ret;

	v->run = run;
	v->service = probe_service(run, "service");
	http_client_open(&v->client, run, v->service);
	probe_saw_bool(run, "tls", v->client.tls);
	ret = look(v);
	http_client_close(&v->client);
	return ret;
}

static const struct param_def params[] = {
	{"service", PARAM_SERVICE, "http or https service", NULL, 0, 0},
	{0},
};

static const struct fact_def facts[] = {
	{"answers", FACT_BOOL, "", "it speaks HTTP"},
	{"status", FACT_INT, "", "status of /"},
	{"tls", FACT_BOOL, "", "inside TLS"},
	{"asks_login", FACT_BOOL, "", "some page asks for credentials"},
	{"serves", FACT_BOOL, "",
	 "/ or the login form is given, leads on, or asks for credentials"},
	{"open_paths", FACT_LIST, "",
	 "paths that give content without a login and are not declared public"},
	{"script_paths", FACT_LIST, "",
	 "paths that give a page which a script would have to fill: not judged"},
	{"paths_tried", FACT_INT, "", "paths asked for without a login"},
	{"refusal_known", FACT_BOOL, "",
	 "a path that cannot exist is answered in a way that can be a refusal"},
	{"redirects_to_https", FACT_BOOL, "", "/ leads to HTTPS"},
	{"server", FACT_TEXT, "", "what it calls itself"},
	{"login_form_clear", FACT_BOOL, "", "it asks for credentials in clear text"},
	{0},
};

const struct probe probe_http_access = {
	.id = "http.access",
	.summary = "what the web interface gives without a login",
	.source = "RFC 9110, HTML",
	.part = MODULE_PART(probe_http_access),
	.impact = IMPACT_OBSERVE,
	.timeout_s = 120,
	.params = params,
	.facts = facts,
	.observe = MODULE_CODE(observe),
};
