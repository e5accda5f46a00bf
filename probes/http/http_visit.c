/* module: web */
/* http_visit: page after page, as a stranger's browser asks. Contract in http_visit.h. */
#define _GNU_SOURCE /* strcasestr */
#include "probes/http/http_visit.h"
#include "harness/base/mark.h"

#include <poll.h>
#include <string.h>
#include <strings.h>

#include "harness/banned.h"

enum { REDIRECTS_MOST = 5, LINKS_MOST = 32, WAIT_MOST_MS = 40000 };

/* Where devices commonly keep what is not for everybody. */
static const char *const usual_paths[] = {
	"/",           "/index.html", "/home",        "/status",   "/admin",  "/config",
	"/config.xml", "/backup",     "/diagnostics", "/logs",     "/api",    "/api/v1",
	"/users",      "/settings",   "/firmware",    "/cgi-bin/", "/system", "/.git/HEAD"};

/* One 429 or 503 is no answer: it may be another a moment later. */
static int ask_patiently(struct http_visit *v, const struct http_request *request,
			 struct http_reply *ret)
{
	static const int pauses_ms[] = {1000, 4000, 8000};
	int error = http_ask(&v->client, request, ret);
	size_t i;

	for (i = 0; error == 0 && http_is_busy(ret) && i < ARRAY_SIZE(pauses_ms) &&
		    v->waited_ms < WAIT_MOST_MS;
	     i++) {
		poll(NULL, 0, pauses_ms[i]);
		v->waited_ms += pauses_ms[i];
		error = http_ask(&v->client, request, ret);
	}
	return error;
}

int http_visit_get(struct http_visit *v, const char *path, struct http_seen *ret)
{
	const struct http_request request = {.path = path, .browser = true};
	struct http_reply *reply = &ret->reply;

	ret->path = path;
	if (ask_patiently(v, &request, reply) != 0) {
		return http_give_up(&v->client);
	}
	if (http_is_busy(reply)) {
		return probe_give_up(v->run, WHY_RATE_LIMITED, "'%s' answers %ld to %s",
				     v->service->name, reply->status, path);
	}
	v->asks_login = v->asks_login || reply->status == 401 || reply->challenge ||
			reply->html.passwords > 0;
	return 0;
}

int http_visit_start(struct http_visit *v)
{
	const char *path = "/";
	unsigned hops;

	for (hops = 0; hops <= REDIRECTS_MOST && path != NULL; hops++) {
		if (http_visit_get(v, path, &v->landing) != 0) {
			return -1;
		}
		if (hops == 0) {
			v->start = v->landing;
		}
		path = v->landing.reply.location[0] == '\0'
			       ? NULL
			       : http_own_path(&v->client, path, v->landing.reply.location);
	}
	if (path != NULL) {
		probe_note(v->run, "more than %d redirects", REDIRECTS_MOST);
	}
	return 0;
}

int http_visit_nowhere(struct http_visit *v)
{
	uint64_t bits = 0;

	mark_fill(&bits, sizeof(bits));
	return http_visit_get(v,
			      arena_printf(v->client.arena, "/x%016llx", (unsigned long long)bits),
			      &v->nowhere);
}

static bool is_tried(const struct http_visit *v, const char *path)
{
	size_t i;

	for (i = 0; i < v->tried_count; i++) {
		if (strcmp(v->tried[i].path, path) == 0) {
			return true;
		}
	}
	return false;
}

static int try_path(struct http_visit *v, const char *path)
{
	if (v->tried_count == HTTP_TRIED_MOST || is_tried(v, path)) {
		return 0;
	}
	if (http_visit_get(v, path, &v->tried[v->tried_count]) != 0) {
		return -1;
	}
	v->tried_count++;
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

static int try_links(struct http_visit *v, const struct http_seen *page)
{
	size_t i, followed = 0;

	for (i = 0; i < page->reply.html.link_count && followed < LINKS_MOST; i++) {
		const char *path =
			http_own_path(&v->client, page->path, page->reply.html.links[i].target);

		if (path != NULL && is_page_link(path)) {
			followed++;
			if (try_path(v, path) != 0) {
				return -1;
			}
		}
	}
	return 0;
}

int http_visit_paths(struct http_visit *v)
{
	size_t i;

	if (v->service->login.ok != NULL && try_path(v, v->service->login.ok) != 0) {
		return -1;
	}
	for (i = 0; i < ARRAY_SIZE(usual_paths); i++) {
		if (try_path(v, usual_paths[i]) != 0) {
			return -1;
		}
	}
	if (try_links(v, &v->start) != 0 || try_links(v, &v->landing) != 0) {
		return -1;
	}
	return v->login.path == NULL ? 0 : try_links(v, &v->login);
}

int http_visit_again(struct http_visit *v, const struct http_seen *first)
{
	struct http_seen last;

	if (http_visit_get(v, first->path, &last) != 0) {
		return -1;
	}
	if (last.reply.status != first->reply.status) {
		return probe_give_up(v->run, WHY_CONTROL_FAILED,
				     "'%s' answered %ld to %s at first, and %ld at the end",
				     v->service->name, first->reply.status, first->path,
				     last.reply.status);
	}
	return 0;
}
