/*
 * http_attempt: the requests of one login to a web interface, and their replies:
 * through the form that the profile declares, with what the served page adds to it
 * (hidden fields, tokens against forged requests), or with a JSON request. It runs no
 * script, and judges no reply.
 */
#ifndef ASSAY_PROBES_HTTP_ATTEMPT_H
#define ASSAY_PROBES_HTTP_ATTEMPT_H

#include "probes/http/http_client.h"
#include "probes/session/driver.h"

struct http_attempt { /* one connection and its cookies */
	struct http_client client;
	const struct login_form *login;
	struct http_reply page;       /* the form's */
	const struct html_form *form; /* on it; NULL: none found */
	struct http_reply without;    /* the page only a logged-in user may read, before */
	struct http_reply answer;     /* to the login, at the end of its redirects */
	struct http_reply inside;     /* that page, after */
	const char *at;               /* path that gave the answer */
	const char *bearer;           /* NULL: none was given */
};

/* Each returns 0, or -1 as http_ask(). */

/* Asks for a page as the one who may be logged in. */
int http_attempt_get(struct http_attempt *a, const char *path, struct http_reply *ret);
/* Asks for the login by login->form or login->json: answer and at are set; by the second
 * also bearer, where the profile says that the answer holds one. */
int http_attempt_form(struct http_attempt *a, const struct credential *credential);
int http_attempt_json(struct http_attempt *a, const struct credential *credential);

/* The request that ends the session: what the profile declares, or what the pages offer.
 * Returns false for neither. */
bool http_attempt_logout(struct http_attempt *a, struct http_request *ret);

#endif
