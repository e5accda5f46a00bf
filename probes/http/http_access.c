/*
 * module: web
 *
 * http_access: what a web interface gives to somebody who has not logged in.
 * Pages are compared, not status codes: a login page sent with 200 is a
 * refusal, and a redirect whose body holds the data is not.
 */
#include "probes/http/http_client.h"
#include "probes/http/http_page.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "harness/banned.h"

enum { REDIRECTS_MOST = 5, REDIRECT_PAGE_MOST = 1024 };

/* Where devices commonly keep what is not for everybody. */
static const char *const usual_paths[] = {
	"/",           "/index.html", "/home",        "/status",   "/admin",  "/config",
	"/config.xml", "/backup",     "/diagnostics", "/logs",     "/api",    "/api/v1",
	"/users",      "/settings",   "/firmware",    "/cgi-bin/", "/system", "/.git/HEAD"};

struct access {
	struct probe_run *run;
	const struct service *service;
	struct http_client client;
	struct http_reply nowhere; /* what a path that cannot exist gives */
	const char *nowhere_path;
	bool asks_login;
};

static int get(struct access *a, const char *path, struct http_reply *ret)
{
	const struct http_request request = {.path = path};

	if (http_ask(&a->client, &request, ret) != 0) {
		return http_give_up(&a->client);
	}
	if (ret->status == 429 || ret->status == 503) {
		return probe_give_up(a->run, WHY_RATE_LIMITED, "'%s' answers %ld to %s",
				     a->service->name, ret->status, path);
	}
	a->asks_login =
		a->asks_login || ret->status == 401 || ret->challenge || ret->html.passwords > 0;
	return 0;
}

/* Follows "/" to where it leads on this service. */
static int follow(struct access *a, struct http_reply *first)
{
	struct http_reply reply;
	const char *path = "/";
	unsigned hops;

	for (hops = 0; hops <= REDIRECTS_MOST && path != NULL; hops++) {
		if (get(a, path, &reply) != 0) {
			return -1;
		}
		if (hops == 0) {
			*first = reply;
		}
		path = reply.location[0] == '\0' ? NULL
						 : http_own_path(&a->client, path, reply.location);
	}
	probe_saw_bool(a->run, "redirects_to_https", strncmp(first->location, "https://", 8) == 0);
	if (path != NULL) {
		probe_note(a->run, "more than %d redirects", REDIRECTS_MOST);
	}
	return 0;
}

static int look_nowhere(struct access *a)
{
	char *path = probe_alloc(a->run, 32);
	uint64_t bits = 0;

	if (getrandom(&bits, sizeof(bits), 0) != sizeof(bits)) {
		bits = (uint64_t)clock_ns();
	}
	snprintf(path, 32, "/x%016llx", (unsigned long long)bits);
	a->nowhere_path = path;
	return get(a, path, &a->nowhere);
}

static bool is_public(const struct access *a, const char *path)
{
	const char *const *public = a->service->public_paths;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(a->service->public_paths) && public[i] != NULL; i++) {
		if (strcmp(public[i], path) == 0) {
			return true;
		}
	}
	return false;
}

/* True if the reply holds something that is neither a login page nor the
 * server's way to say "not here". */
static bool gives_content(const struct access *a, const char *path, const struct http_reply *reply)
{
	const struct http_reply *other = &a->nowhere;

	if (reply->status >= 300 && reply->status < 400) {
		return reply->size > REDIRECT_PAGE_MOST;
	}
	if (reply->status < 200 || reply->status >= 300 || reply->size == 0 ||
	    reply->html.passwords > 0) {
		return false;
	}
	/* The start page is content even where every path leads to it. */
	return strcmp(path, "/") == 0 || other->status != reply->status ||
	       !http_same_page(reply->page, reply->size, other->page, other->size, path);
}

static int try_path(struct access *a, const char *path)
{
	struct http_reply reply;

	if (is_public(a, path)) {
		return 0;
	}
	if (get(a, path, &reply) != 0) {
		return -1;
	}
	if (gives_content(a, path, &reply)) {
		probe_saw_item(a->run, "open_paths", path);
	}
	return 0;
}

static int try_paths(struct access *a)
{
	size_t i;

	probe_saw_none(a->run, "open_paths");
	if (a->service->login.ok != NULL && try_path(a, a->service->login.ok) != 0) {
		return -1;
	}
	for (i = 0; i < ARRAY_SIZE(usual_paths); i++) {
		if (try_path(a, usual_paths[i]) != 0) {
			return -1;
		}
	}
	return 0;
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

/* At the end "/" must answer as it did, or we were shut out half-way. */
static int look(struct access *a)
{
	struct http_reply first, last, form = {.status = 0};

	if (follow(a, &first) != 0) {
		return -1;
	}
	probe_saw_bool(a->run, "answers", true);
	probe_saw_int(a->run, "status", first.status);
	probe_saw_text(a->run, "server", first.server);
	if (a->service->login.form != NULL && get(a, a->service->login.form, &form) != 0) {
		return -1;
	}
	if (look_nowhere(a) != 0 || try_paths(a) != 0 || get(a, "/", &last) != 0) {
		return -1;
	}
	if (last.status != first.status) {
		return probe_give_up(a->run, WHY_CONTROL_FAILED,
				     "'%s' answered %ld to / at first, and %ld "
				     "at the end",
				     a->service->name, first.status, last.status);
	}
	probe_saw_bool(a->run, "asks_login", a->asks_login);
	probe_saw_bool(a->run, "serves", leads_on(&first) || leads_on(&form) || a->asks_login);
	/* A form that a script builds holds no password field to see; that it
	 * is given is enough. */
	probe_saw_bool(a->run, "login_form_clear",
		       !a->client.tls && (a->asks_login || is_page(&form)));
	return 0;
}

static int observe(struct probe_run *run)
{
	struct access *a = probe_alloc(run, sizeof(*a));
	int ret;

	a->run = run;
	a->service = probe_service(run, "service");
	http_client_open(&a->client, run, a->service);
	probe_saw_bool(run, "tls", a->client.tls);
	ret = look(a);
	http_client_close(&a->client);
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
	.timeout_s = 60,
	.params = params,
	.facts = facts,
	.observe = MODULE_CODE(observe),
};
