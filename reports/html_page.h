/* html_page: what the parts of the HTML report share: a writer that escapes
 * everything it is given. Device text reaches the page through page_text()
 * alone. */
#ifndef ASSAY_REPORTS_HTML_PAGE_H
#define ASSAY_REPORTS_HTML_PAGE_H

#include "harness/model/results.h"
#include "reports/markup.h"

struct page {
	struct markup out;
	const struct results *results;
};

/* Opens an element; attributes are name, value pairs; the last is NULL. */
void page_open(struct page *page, const char *element, ...) __attribute__((sentinel));
/* Closes the innermost element with an end tag, also when it is empty. */
void page_close(struct page *page);
/* Text content: control characters and broken UTF-8 become \xNN, the rest is
 * escaped. NULL writes nothing. */
void page_text(struct page *page, const char *text);
void page_format(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* An element that holds one text. */
void page_element(struct page *page, const char *element, const char *class, const char *text);
/* A section with a heading: closes with page_close(). */
void page_section(struct page *page, const char *id, const char *heading);
/* A table with these column headings (NULL ends; '>' before one sets its column
 * right); closes with two page_close(). */
void page_table(struct page *page, const char *class, const char *const *headings);
/* The verdict as a labelled badge. */
void page_verdict(struct page *page, enum verdict verdict);

extern const char html_style[];

/* The parts, in the order of the page. */
void html_summary(struct page *page);
void html_levels(struct page *page);
void html_findings(struct page *page);
void html_load(struct page *page);
void html_requirements(struct page *page);
void html_cra(struct page *page);
void html_passed(struct page *page);
void html_open(struct page *page);
void html_environment(struct page *page);

#endif
