/*
 * http_answer: what the replies around a login say about it. A page is compared
 * with the same page without a login; what a device writes on it is a hint at
 * why it refused, and never the proof that it let somebody in.
 */
#ifndef ASSAY_PROBES_HTTP_ANSWER_H
#define ASSAY_PROBES_HTTP_ANSWER_H

#include "probes/http/http_client.h"
#include "probes/session/driver.h"

struct http_answers {
	const char *user, *password;      /* names of the form's fields; NULL: no form */
	const struct http_reply *before;  /* the form's page; NULL: none */
	const struct http_reply *without; /* the page only a logged-in user may read, before */
	const struct http_reply *answer;  /* to the login, at the end of its redirects */
	const struct http_reply *inside;  /* that page, after */
};

/* True if the reply holds what is not for everybody: a page, and neither a
 * login nor words that refuse one. */
bool http_is_content(const struct http_answers *a, const struct http_reply *reply);
/* True if the page that only a logged-in user may read was given, and not
 * before. */
bool http_is_inside(const struct http_answers *a);
/* LOGIN_SHUT_OUT: it takes no request now. LOGIN_BUSY: it says in words that it has no room. */
enum login_outcome http_answer(const struct http_answers *a);
/* True if only a script would show something on the page. */
bool http_is_script(const struct http_reply *reply);

#endif
