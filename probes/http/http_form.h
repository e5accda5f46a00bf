/* http_form: what a browser would send for a form of a page, and which form or
 * link ends a session. It sends nothing. */
#ifndef ASSAY_PROBES_HTTP_FORM_H
#define ASSAY_PROBES_HTTP_FORM_H

#include "probes/http/http_client.h"

/* The form with both of these fields; else the only one that asks for one
 * password; else NULL. */
const struct html_form *http_form_find(const struct html *page, const char *user,
				       const char *password);

struct http_entry { /* what is filled in; its name in the form */
	const char *name, *value;
};
/* The fields with these entries filled in (added where the form has no such
 * field; form may be NULL), as application/x-www-form-urlencoded; the first
 * button that has a name is pressed. Lives as long as the client. */
const char *http_form_body(struct http_client *client, const struct html_form *form,
			   const struct http_entry *entries, size_t count);

/* The request that the page offers for ending the session. page_path is where
 * it came from. Returns false where it offers none on this service. */
bool http_form_logout(struct http_client *client, const struct html *page, const char *page_path,
		      struct http_request *ret);

#endif
