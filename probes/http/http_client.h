/*
 * http_client: requests to one service through libcurl, over connections from
 * the gate. It follows no redirect, uses no proxy, resolves no name, and takes
 * at most 1 MiB of a page.
 */
#ifndef ASSAY_PROBES_HTTP_CLIENT_H
#define ASSAY_PROBES_HTTP_CLIENT_H

#include "probes/probe.h"
#include <curl/curl.h>

struct http_client {
	struct probe_run *run;
	const struct service *service;
	bool tls;
	CURL *curl; /* one session: connection and cookies */
	struct curl_slist *resolve;
	char origin[320]; /* "https://name:443" */
	int dial_error;
};

struct http_reply {
	long status;
	char *page; /* belongs to the run; never NULL */
	size_t size;
	bool basic;         /* challenges for basic or digest credentials */
	char server[128];   /* printable */
	char location[512]; /* absolute; "": no redirect */
};

struct http_request {
	const char *path;
	const char *form;            /* posted when not NULL, already encoded */
	const char *user, *password; /* basic credentials, or NULL */
};

/* Starts a session without cookies. */
void http_client_open(struct http_client *client, struct probe_run *run,
		      const struct service *service);
void http_client_close(struct http_client *client);
/* Makes one request. Returns 0, or -1 with the run given up. */
int http_ask(struct http_client *client, const struct http_request *request,
	     struct http_reply *ret);
/* The path of an absolute address if it is this service's, else NULL; belongs
 * to the run. */
const char *http_own_path(struct http_client *client, const char *location);
/* The text as application/x-www-form-urlencoded has it; belongs to the run. */
const char *http_encode(struct http_client *client, const char *text);

#endif
