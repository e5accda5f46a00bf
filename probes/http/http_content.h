/*
 * http_content: which of many pages that were given without a login hold
 * something, and which only refuse. What a refusal looks like is learnt from
 * the pages themselves: from a path that cannot exist, from the login's page,
 * and from what several paths have in common.
 */
#ifndef ASSAY_PROBES_HTTP_CONTENT_H
#define ASSAY_PROBES_HTTP_CONTENT_H

#include "probes/http/http_client.h"

struct http_seen {
	const char *path;
	struct http_reply reply;
};

struct http_refusals {
	const struct http_seen *nowhere; /* a path that cannot exist */
	const struct http_seen *login;   /* the login's own page; NULL: not declared */
	const struct http_seen *tried;   /* every path asked for, one of them judged */
	size_t tried_count;
};

enum http_gives {
	HTTP_REFUSES,
	HTTP_GIVES, /* content */
	HTTP_HIDES, /* only a script would show what it is */
};
enum http_gives http_gives(const struct http_refusals *refusals, const struct http_seen *one);
/* True if the path that cannot exist is answered in a way that can be a
 * refusal. If not, pages like it tell nothing. */
bool http_refusal_is_known(const struct http_refusals *refusals);

/* The words of a text; NULL is none. */
size_t http_words(const char *text);

#endif
