/*
 * http_html: what a page of HTML holds that matters for logins: its forms, its
 * links, the text that a person sees. libxml2's parser, which takes any bytes,
 * reads it; nothing is fetched and no script is run.
 */
#ifndef ASSAY_PROBES_HTTP_HTML_H
#define ASSAY_PROBES_HTTP_HTML_H

#include "harness/base/arena.h"
#include <stdbool.h>
#include <stddef.h>

enum html_kind {
	HTML_TEXT,     /* what a person fills in, and anything unknown */
	HTML_PASSWORD, /* hidden from view */
	HTML_CODE,     /* a one-time code */
	HTML_HIDDEN,   /* sent as it is */
	HTML_CHOICE,   /* box or choice: sent where it is checked */
	HTML_SUBMIT,   /* sent where it is pressed */
};

struct html_field {
	enum html_kind kind;
	const char *name, *value; /* "" where not given */
	bool checked;             /* of HTML_CHOICE */
};

enum { HTML_FORMS_MOST = 16, HTML_FIELDS_MOST = 64, HTML_LINKS_MOST = 256 };

struct html_form {
	const char *action; /* "": the page's own address */
	bool post;
	struct html_field *fields;
	size_t field_count;
	size_t passwords; /* fields of HTML_PASSWORD */
};

struct html_link {
	const char *target; /* as it stands in the page */
	const char *text;
};

struct html {
	struct html_form *forms;
	size_t form_count;
	struct html_link *links;
	size_t link_count;
	size_t passwords;      /* in forms and outside of them */
	bool scripts;          /* something on it is made by a script */
	const char *refresh;   /* where a <meta> leads; NULL: none */
	const char *text;      /* visible, outside forms, in UTF-8, one space between words */
	const char *form_text; /* visible, inside forms */
};

/* Reads size bytes; charset is the header's word for their encoding or NULL.
 * What does not fit the limits above is left out. Everything lives in arena. */
void html_read(struct html *ret, struct arena *arena, const void *bytes, size_t size,
	       const char *charset);

/* The field of this name, or NULL. */
const struct html_field *html_field_find(const struct html_form *form, const char *name);
/* True if the text has the word or phrase, in ASCII letters of any case, as
 * whole words. */
bool html_says(const char *text, const char *phrase);

#endif
