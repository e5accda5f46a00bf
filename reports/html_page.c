/* html_page: writes elements and text. */
#include "reports/html_page.h"
#include "harness/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

/* Returns the text made printable; the caller frees it. */
static char *printable(const char *text)
{
	size_t size = strlen(text);
	char *clean = malloc(4 * size + 8);

	if (clean == NULL) {
		abort();
	}
	return text_printable(clean, 4 * size + 8, text, size);
}

void page_open(struct page *page, const char *element, ...)
{
	const char *name, *value;
	va_list attributes;
	char *clean;

	markup_open(&page->out, element);
	va_start(attributes, element);
	for (name = va_arg(attributes, const char *); name != NULL;
	     name = va_arg(attributes, const char *)) {
		value = va_arg(attributes, const char *);
		clean = printable(value);
		markup_attribute(&page->out, name, clean);
		free(clean);
	}
	va_end(attributes);
}

void page_close(struct page *page)
{
	markup_close(&page->out);
}

void page_text(struct page *page, const char *text)
{
	char *clean;

	if (text == NULL) {
		return;
	}
	clean = printable(text);
	markup_text(&page->out, clean);
	free(clean);
}

void page_format(struct page *page, const char *format, ...)
{
	char text[4096];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	page_text(page, text);
}

void page_element(struct page *page, const char *element, const char *class, const char *text)
{
	if (class != NULL) {
		page_open(page, element, "class", class, NULL);
	} else {
		page_open(page, element, NULL);
	}
	page_text(page, text);
	page_close(page);
}

void page_section(struct page *page, const char *id, const char *heading)
{
	page_open(page, "section", "id", id, NULL);
	page_element(page, "h2", NULL, heading);
}

void page_table(struct page *page, const char *class, const char *const *headings)
{
	page_open(page, "table", "class", class, NULL);
	page_open(page, "thead", NULL);
	page_open(page, "tr", NULL);
	for (; *headings != NULL; headings++) {
		bool right = (*headings)[0] == '>';

		page_open(page, "th", "scope", "col", "class", right ? "n" : "l", NULL);
		page_text(page, *headings + (right ? 1 : 0));
		page_close(page);
	}
	page_close(page);
	page_close(page);
	page_open(page, "tbody", NULL);
}

void page_verdict(struct page *page, enum verdict verdict)
{
	static const struct {
		const char *class, *label;
	} looks[VERDICT_COUNT] = {
		[VERDICT_NOT_APPLICABLE] = {"v v-na", "NOT APPLICABLE"},
		[VERDICT_PASS] = {"v v-pass", "PASS"},
		[VERDICT_NOT_TESTED] = {"v v-open", "NOT TESTED"},
		[VERDICT_INCONCLUSIVE] = {"v v-inc", "INCONCLUSIVE"},
		[VERDICT_ERROR] = {"v v-err", "ERROR"},
		[VERDICT_FAIL] = {"v v-fail", "FAIL"},
	};

	page_element(page, "span", looks[verdict].class, looks[verdict].label);
}
