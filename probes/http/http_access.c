/*
 * module: web
 *
 * http_access: what a web interface gives to somebody who has not logged in and
 * asks as a browser does: the paths where devices commonly keep what is not for
 * everybody, and those that its pages link to. Pages are compared, not status
 * codes. It follows no link that may do something.
 */
#define _GNU_SOURCE /* strcasestr */
#include "probes/http/http_content.h"
#include "probes/http/http_page.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include "harness/banned.h"

enum { REDIRECTS_MOST = 5, TRIED_MOST = 64, LINKS_MOST = 32, WAIT_MOST_MS = 40000 };

/* Where devices commonly keep what is not for everybody. */
static const char *const usual_paths[] = {
	"/",           "/index.html", "/home",        "/status",   "/admin",  "/config",
	"/config.xml", "/backup",     "/diagnostics", "/logs",     "/api",    "/api/v1",
	"/users",      "/settings",   "/firmware",    "/cgi-bin/", "/system", "/.git/HEAD"};

struct access {
	struct probe_run *run;
	const struct service *service;
	struct http_client client;
	struct http_seen nowhere; /* what a path that cannot exist gives */
	struct http_seen login;   /* path NULL: not declared */
	struct http_seen start;   /* "/" itself, and where it leads */
	struct http_seen landing;
	struct http_seen tried[TRIED_MOST];
	size_t tried_count;
	bool asks_login;
	int waited_ms; /* for a server that is busy */
};

static bool is_busy(const struct http_reply *reply)
{
	return reply->status == 429 || reply->status == 503;
}

/* One 429 or 503 is no answer: it may be another a moment later. */
static int ask_patiently(struct access *a, const struct http_request *request,
			 struct http_reply *ret)
{
	static const int pauses_ms[] = {1000, 4000, 8000};
	int error = http_ask(&a->client, request, ret);
	size_t i;

	for (i = 0;
	     error == 0 && is_busy(ret) && i < ARRAY_SIZE(pauses_ms) && a->waited_ms < WAIT_MOST_MS;
	     i++) {
		poll(NULL, 0, pauses_ms[i]);
		a->waited_ms += pauses_ms[i];
		error = http_ask(&a->client, request, ret);
	}
	return error;
}

static int get(struct access *a, const char *path, struct http_seen *ret)
{
	const struct http_request request = {.path = path, .browser = true};
	struct http_reply *reply = &ret->reply;

	ret->path = path;
	if (ask_patiently(a, &request, reply) != 0) {
		return http_give_up(&a->client);
	}
	if (is_busy(reply)) {
		return probe_give_up(a->run, WHY_RATE_LIMITED, "'%s' answers %ld to %s",
				     a->service->name, reply->status, path);
	}
	a->asks_login = a->asks_login || reply->status == 401 || reply->challenge ||
			reply->html.passwords > 0;
	return 0;
}

/* Follows "/" to where it leads on this service. */
static int follow(struct access *a)
{
	const char *path = "/";
	unsigned hops;

	for (hops = 0; hops <= REDIRECTS_MOST && path != NULL; hops++) {
		if (get(a, path, &a->landing) != 0) {
			return -1;
		}
		if (hops == 0) {
			a->start = a->landing;
		}
		path = a->landing.reply.location[0] == '\0'
			       ? NULL
			       : http_own_path(&a->client, path, a->landing.reply.location);
	}
	probe_saw_bool(a->run, "redirects_to_https",
		       strncmp(a->start.reply.location, "https://", 8) == 0);
	if (path != NULL) {
		probe_note(a->run, "more than %d redirects", REDIRECTS_MOST);
	}
	return 0;
}

static int look_nowhere(struct access *a)
{
	uint64_t bits = 0;

	if (getrandom(&bits, sizeof(bits), 0) != sizeof(bits)) {
		bits = (uint64_t)clock_ns();
	}
	return get(a, arena_printf(a->client.arena, "/x%016llx", (unsigned long long)bits),
		   &a->nowhere);
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

static bool is_tried(const struct access *a, const char *path)
{
	size_t i;

	for (i = 0; i < a->tried_count; i++) {
		if (strcmp(a->tried[i].path, path) == 0) {
			return true;
		}
	}
	return false;
}

static int try_path(struct access *a, const char *path)
{
	if (a->tried_count == TRIED_MOST || is_tried(a, path)) {
		return 0;
	}
	if (get(a, path, &a->tried[a->tried_count]) != 0) {
		return -1;
	}
	a->tried_count++;
	return 0;
}

/* A link that may do something to a careless device is not followed. */
static bool is_harmless(const char *path)
{
	static const char *const deeds[] = {
		"boot",  "reset",  "restart", "delete",  "remove",  "erase",   "format", "factory",
		"grade", "update", "upload",  "apply",   "save",    "clear",   "stop",   "power",
		"shut",  "logout", "logoff",  "log_out", "log-out", "signout", "exit",   "quit"};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(deeds); i++) {
		if (strcasestr(path, deeds[i]) != NULL) {
			return false;
		}
	}
	return strchr(path, '?') == NULL;
}

/* What a page links to that is a page: no picture, no style. */
static bool is_page_link(const char *path)
{
	static const char *const ends[] = {".css", ".js",  ".png",  ".gif",   ".jpg",
					   ".ico", ".svg", ".woff", ".woff2", ".jpeg"};
	size_t length = strlen(path), i;

	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		size_t size = strlen(ends[i]);

		if (length >= size && strcasecmp(path + length - size, ends[i]) == 0) {
			return false;
		}
	}
	return is_harmless(path);
}

static int try_links(struct access *a, const struct http_seen *page)
{
	size_t i, followed = 0;

	for (i = 0; i < page->reply.html.link_count && followed < LINKS_MOST; i++) {
		const char *path =
			http_own_path(&a->client, page->path, page->reply.html.links[i].target);

		if (path != NULL && is_page_link(path)) {
			followed++;
			if (try_path(a, path) != 0) {
				return -1;
			}
		}
	}
	return 0;
}

static int try_paths(struct access *a)
{
	size_t i;

	if (a->service->login.ok != NULL && try_path(a, a->service->login.ok) != 0) {
		return -1;
	}
	for (i = 0; i < ARRAY_SIZE(usual_paths); i++) {
		if (try_path(a, usual_paths[i]) != 0) {
			return -1;
		}
	}
	if (try_links(a, &a->start) != 0 || try_links(a, &a->landing) != 0) {
		return -1;
	}
	return a->login.path == NULL ? 0 : try_links(a, &a->login);
}

/* True if it is the page of a path that is declared to be public. */
static bool is_public_page(const struct access *a, const struct http_seen *one)
{
	size_t i;

	for (i = 0; i < a->tried_count; i++) {
		const struct http_seen *other = &a->tried[i];

		if (is_public(a, other->path) && other->reply.status == one->reply.status &&
		    http_same_page(other->reply.page, other->reply.size, one->reply.page,
				   one->reply.size, one->path)) {
			return true;
		}
	}
	return is_public(a, one->path);
}

static void saw_paths(struct access *a)
{
	const struct http_refusals refusals = {
		.nowhere = &a->nowhere,
		.login = a->login.path != NULL ? &a->login : NULL,
		.tried = a->tried,
		.tried_count = a->tried_count,
	};
	size_t i;

	probe_saw_none(a->run, "open_paths");
	probe_saw_none(a->run, "script_paths");
	for (i = 0; i < a->tried_count; i++) {
		const struct http_seen *one = &a->tried[i];
		enum http_gives gives = http_gives(&refusals, one);

		if (gives == HTTP_REFUSES || is_public_page(a, one)) {
			continue;
		}
		probe_saw_item(a->run, gives == HTTP_GIVES ? "open_paths" : "script_paths",
			       one->path);
	}
	probe_saw_int(a->run, "paths_tried", (int64_t)a->tried_count);
	probe_saw_bool(a->run, "refusal_known", http_refusal_is_known(&refusals));
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

/* At the end the pages answer as they did, or we were shut out half-way. */
static int look_again(struct access *a, const struct http_seen *first)
{
	struct http_seen last;

	if (get(a, first->path, &last) != 0) {
		return -1;
	}
	if (last.reply.status != first->reply.status) {
		return probe_give_up(a->run, WHY_CONTROL_FAILED,
				     "'%s' answered %ld to %s at first, and %ld at the end",
				     a->service->name, first->reply.status, first->path,
				     last.reply.status);
	}
	return 0;
}

static int look(struct access *a)
{
	if (follow(a) != 0) {
		return -1;
	}
	probe_saw_bool(a->run, "answers", true);
	probe_saw_int(a->run, "status", a->start.reply.status);
	probe_saw_text(a->run, "server", a->start.reply.server);
	if (a->service->login.form != NULL && get(a, a->service->login.form, &a->login) != 0) {
		return -1;
	}
	if (look_nowhere(a) != 0 || try_paths(a) != 0) {
		return -1;
	}
	saw_paths(a);
	probe_saw_bool(a->run, "asks_login", a->asks_login);
	probe_saw_bool(a->run, "serves",
		       leads_on(&a->start.reply) || leads_on(&a->login.reply) || a->asks_login);
	/* A form that a script builds holds no password field to see; that it
	 * is given is enough. */
	probe_saw_bool(a->run, "login_form_clear",
		       !a->client.tls && (a->asks_login || is_page(&a->login.reply)));
	if (look_again(a, &a->start) != 0) {
		return -1;
	}
	return a->login.path == NULL ? 0 : look_again(a, &a->login);
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
