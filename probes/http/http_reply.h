/*
 * http_reply: one reply of a web server, and its receipt: how it is put together from
 * the pieces that libcurl hands over. At most 1 MiB of a page is taken.
 */
#ifndef ASSAY_PROBES_HTTP_REPLY_H
#define ASSAY_PROBES_HTTP_REPLY_H

#include "probes/http/http_html.h"

struct http_reply { /* lives as long as its arena, the client's */
	long status;
	char *page; /* never NULL; a zero follows */
	size_t size;
	bool challenge;     /* asks for basic or digest credentials */
	char server[128];   /* printable */
	char charset[32];   /* "": not said */
	char location[512]; /* absolute; "": no redirect */
	struct html html;
};

/* True for 429 and 503: the device takes no request now. */
bool http_is_busy(const struct http_reply *reply);

struct http_receipt {
	struct http_reply *reply; /* the caller's, written from the first piece on */
	struct arena *arena;
	size_t room; /* of reply->page */
	bool full;   /* the page is longer: the rest is left out */
};

/* reply and arena are set, the rest is 0. */
void http_receipt_begin(struct http_receipt *receipt);
/* Callbacks as of CURLOPT_WRITEFUNCTION and CURLOPT_HEADERFUNCTION; context is the
 * receipt. Each returns size, or 0 where no more is taken. */
size_t http_receipt_page(char *bytes, size_t one, size_t size, void *context);
size_t http_receipt_header(char *line, size_t one, size_t size, void *context);
/* Reads the page as HTML; nothing follows. */
void http_receipt_end(struct http_receipt *receipt);

#endif
