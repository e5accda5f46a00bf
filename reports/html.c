/* html: the report as one self-contained page, for the screen and for print. */
#include "reports/format.h"
#include "reports/html_page.h"

#include <errno.h>
#include <string.h>

#include "harness/banned.h"

static void write_head(struct page *page)
{
	char title[512];

	snprintf(title, sizeof(title), "assay: %s", page->results->profile->name);
	page_open(page, "head", NULL);
	markup_open(&page->out, "meta");
	markup_attribute(&page->out, "charset", "utf-8");
	markup_close_short(&page->out);
	markup_open(&page->out, "meta");
	markup_attribute(&page->out, "name", "viewport");
	markup_attribute(&page->out, "content", "width=device-width, initial-scale=1");
	markup_close_short(&page->out);
	page_element(page, "title", NULL, title);
	page_open(page, "style", NULL);
	/* our own text, and CSS holds '>': not to be escaped */
	markup_raw(&page->out, html_style);
	page_close(page);
	page_close(page);
}

static void write_nav(struct page *page)
{
	static const struct {
		const char *href, *text;
	} places[] = {
		{"#levels", "Levels"},
		{"#findings", "Findings"},
		{"#load", "Essential functions"},
		{"#requirements", "Requirements"},
		{"#cra", "Cyber Resilience Act"},
		{"#passed", "Passed checks"},
		{"#open", "Not evaluated"},
		{"#environment", "Environment and evidence"},
	};
	size_t i;

	page_open(page, "nav", "aria-label", "Sections", NULL);
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		page_open(page, "a", "href", places[i].href, NULL);
		page_text(page, places[i].text);
		page_close(page);
	}
	page_close(page);
}

static void write_body(struct page *page)
{
	page_open(page, "body", NULL);
	page_open(page, "main", NULL);
	html_summary(page);
	write_nav(page);
	html_levels(page);
	html_findings(page);
	html_load(page);
	html_requirements(page);
	html_cra(page);
	html_passed(page);
	html_open(page);
	html_environment(page);
	page_close(page);
	page_open(page, "footer", NULL);
	page_format(page,
		    "Written by assay %s. A pre-assessment: it states what was "
		    "measured on one unit in one configuration. It is no "
		    "certificate, and no presumption of conformity follows "
		    "from it.",
		    page->results->tool_version);
	page_close(page);
	page_close(page);
}

static int html_write(const struct results *results, const struct report_options *options,
		      FILE *out, struct text *why)
{
	struct page page = {.out = {.out = out}, .results = results};

	(void)options;
	fputs("<!DOCTYPE html>\n", out);
	page_open(&page, "html", "lang", "en", NULL);
	write_head(&page);
	write_body(&page);
	page_close(&page);
	if (fputc('\n', out) == EOF || ferror(out)) {
		return text_error(why, "cannot write the HTML report: %s", strerror(errno));
	}
	return 0;
}

extern const struct report_format report_html;
const struct report_format report_html = {
	.name = "html",
	.file_name = "report.html",
	.summary = "one self-contained page for the screen and for print",
	.write = html_write,
};
