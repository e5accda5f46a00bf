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
	xmlTextWriterStartElement(page->out, (const xmlChar *)"meta");
	xmlTextWriterWriteAttribute(page->out, (const xmlChar *)"charset",
				    (const xmlChar *)"utf-8");
	xmlTextWriterEndElement(page->out);
	xmlTextWriterStartElement(page->out, (const xmlChar *)"meta");
	xmlTextWriterWriteAttribute(page->out, (const xmlChar *)"name",
				    (const xmlChar *)"viewport");
	xmlTextWriterWriteAttribute(page->out, (const xmlChar *)"content",
				    (const xmlChar *)"width=device-width, initial-scale=1");
	xmlTextWriterEndElement(page->out);
	page_element(page, "title", NULL, title);
	page_open(page, "style", NULL);
	/* our own text, and CSS holds '>': not to be escaped */
	xmlTextWriterWriteRaw(page->out, (const xmlChar *)html_style);
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
	xmlBufferPtr buffer = xmlBufferCreate();
	struct page page = {.results = results};
	size_t size;
	int result = 0;

	(void)options;
	page.out = buffer == NULL ? NULL : xmlNewTextWriterMemory(buffer, 0);
	if (page.out == NULL) {
		xmlBufferFree(buffer);
		return text_error(why, "cannot make an XML writer");
	}
	fputs("<!DOCTYPE html>\n", out);
	page_open(&page, "html", "lang", "en", NULL);
	write_head(&page);
	write_body(&page);
	page_close(&page);
	xmlFreeTextWriter(page.out);
	size = (size_t)xmlBufferLength(buffer);
	if (fwrite(xmlBufferContent(buffer), 1, size, out) != size || fputc('\n', out) == EOF) {
		result = text_error(why, "cannot write the HTML report: %s", strerror(errno));
	}
	xmlBufferFree(buffer);
	return result;
}

extern const struct report_format report_html;
const struct report_format report_html = {
	.name = "html",
	.file_name = "report.html",
	.summary = "one self-contained page for the screen and for print",
	.write = html_write,
};
