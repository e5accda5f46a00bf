/*
 * http_visit: a visit to a web interface by somebody who has not logged in and asks as
 * a browser does: the paths where devices commonly keep what is not for everybody, and
 * those that its pages link to. It follows no link that may do something, and judges no
 * page.
 */
#ifndef ASSAY_PROBES_HTTP_VISIT_H
#define ASSAY_PROBES_HTTP_VISIT_H

#include "probes/http/http_content.h"

enum { HTTP_TRIED_MOST = 64 };

struct http_visit {
	/* set by the caller, the client open; the rest is 0 */
	struct probe_run *run;
	const struct service *service;
	struct http_client client;

	struct http_seen start; /* "/" itself, and where it leads */
	struct http_seen landing;
	struct http_seen login;   /* path NULL: not declared */
	struct http_seen nowhere; /* what a path that cannot exist gives */
	struct http_seen tried[HTTP_TRIED_MOST];
	size_t tried_count;
	bool asks_login; /* some page seen so far asks for credentials */
	int waited_ms;   /* for a server that is busy */
};

/* Each returns 0, or -1 with the run given up: a request got no reply, or a server that is
 * busy (429, 503) stayed so. */

/* Gets one page, patiently. */
int http_visit_get(struct http_visit *v, const char *path, struct http_seen *ret);
/* Follows "/" to where it leads on this service: start and landing. */
int http_visit_start(struct http_visit *v);
int http_visit_nowhere(struct http_visit *v);
/* Tries the page of the login, the usual paths, and the links of start, landing and the
 * login's form: tried. */
int http_visit_paths(struct http_visit *v);
/* At the end a page answers as it did, or we were shut out half-way. */
int http_visit_again(struct http_visit *v, const struct http_seen *first);

#endif
