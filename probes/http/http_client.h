/*
 * http_client: requests to one service through libcurl, over connections from
 * the gate. It follows no redirect, uses no proxy, resolves no name, and takes
 * at most 1 MiB of a page, decoded (gzip and the like).
 */
#ifndef ASSAY_PROBES_HTTP_CLIENT_H
#define ASSAY_PROBES_HTTP_CLIENT_H

#include "probes/http/http_reply.h"
#include "probes/probe.h"
#include <curl/curl.h>

struct http_client { /* one session: connection and cookies */
	struct probe_run *run;
	const struct service *service;
	bool tls;
	char origin[320];    /* "https://name:443" */
	struct arena *arena; /* what replies point into */
	/* Of the last request that got no reply. */
	int dial_error; /* 0: the connection was there */
	enum why why;
	char reason[256];
	/* The client's own. */
	CURL *curl;
	struct curl_slist *resolve;
};

struct http_request {
	const char *path;
	const char *body;            /* posted when not NULL, already encoded */
	const char *type;            /* of the body; NULL: a form's */
	const char *user, *password; /* basic or digest credentials, or NULL */
	const char *bearer;          /* RFC 6750 token, or NULL */
	bool browser;                /* says that it is one, and comes from the start page */
};

/* Starts a session without cookies. */
void http_client_open(struct http_client *client, struct probe_run *run,
		      const struct service *service);
/* Also of one that is all zero. */
void http_client_close(struct http_client *client);
/* Makes one request. Returns 0, or -1 with why and reason. */
int http_ask(struct http_client *client, const struct http_request *request,
	     struct http_reply *ret);
/* Gives the run up after a request without a reply. Returns -1. */
int http_give_up(const struct http_client *client);
/* The path that a link on the page at this path leads to, if it is this
 * service's, else NULL; lives as long as the client. */
const char *http_own_path(struct http_client *client, const char *path, const char *link);
/* The text as application/x-www-form-urlencoded has it; lives as long as the
 * client. */
const char *http_encode(struct http_client *client, const char *text);

#endif
