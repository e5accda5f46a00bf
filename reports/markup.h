/*
 * markup: writes XML, and HTML that is well-formed XML, as a stream: elements that nest, attributes
 * and text that are escaped. It knows no names and keeps no tree. libxml2 can do this too, and would
 * bring ICU into every start of the program, also where nothing is reported.
 */
#ifndef ASSAY_REPORTS_MARKUP_H
#define ASSAY_REPORTS_MARKUP_H

#include <stdbool.h>
#include <stdio.h>

enum { MARKUP_DEPTH = 32 };

struct markup {
	FILE *out;  /* the caller's; its error flag says whether all could be written */
	bool lines; /* each element that is in no text begins on a line of its own */
	/* the elements that are open, outermost first; the names are the caller's */
	struct {
		const char *name;
		bool holds_elements, holds_text;
	} open[MARKUP_DEPTH];
	unsigned depth;
	bool in_tag; /* the innermost one's start tag still takes attributes */
};

/* Opens an element. name stays valid until it is closed. */
void markup_open(struct markup *markup, const char *name);
/* Of the element just opened. Valid UTF-8 without control characters but line feed and tab. */
void markup_attribute(struct markup *markup, const char *name, const char *value);
/* Text in the innermost element, as valid as above. */
void markup_text(struct markup *markup, const char *text);
/* As it is: a style sheet. */
void markup_raw(struct markup *markup, const char *text);
/* Closes the innermost element; with an end tag also where it holds nothing, as HTML wants it. */
void markup_close(struct markup *markup);
/* The same; an element that holds nothing is closed by its start tag. */
void markup_close_short(struct markup *markup);

#endif
