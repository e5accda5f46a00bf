/* markup_test: what was written is what a parser reads. */
#define _GNU_SOURCE
#include "reports/markup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

static const char hostile[] = "a < b && \"c\" > 'd'\t]]><script>\r\nx\xc3\xa9</script> &amp;";

/* What write makes of a new document; the caller frees it. */
static char *written(bool lines, void (*write)(struct markup *))
{
	char *text = NULL;
	size_t size = 0;
	struct markup markup = {.out = open_memstream(&text, &size), .lines = lines};

	assert_non_null(markup.out);
	write(&markup);
	assert_int_equal(markup.depth, 0);
	assert_int_equal(fclose(markup.out), 0);
	return text;
}

static void write_hostile(struct markup *markup)
{
	markup_open(markup, "r");
	markup_attribute(markup, "a", hostile);
	markup_text(markup, hostile);
	markup_close(markup);
}

static void text_and_attributes_are_read_back_as_they_were(void **state)
{
	char *text = written(false, write_hostile);
	xmlDocPtr document =
		xmlReadMemory(text, (int)strlen(text), "x.xml", "UTF-8", XML_PARSE_NONET);
	xmlNodePtr root;
	xmlChar *value;

	(void)state;
	assert_non_null(document);
	root = xmlDocGetRootElement(document);
	assert_null(root->children->next);
	value = xmlNodeGetContent(root);
	assert_string_equal((const char *)value, hostile);
	xmlFree(value);
	value = xmlGetProp(root, (const xmlChar *)"a");
	assert_string_equal((const char *)value, hostile);
	xmlFree(value);
	xmlFreeDoc(document);
	free(text);
}

static void write_nested(struct markup *markup)
{
	markup_open(markup, "a");
	markup_open(markup, "b");
	markup_attribute(markup, "n", "1");
	markup_close_short(markup);
	markup_open(markup, "c");
	markup_open(markup, "d");
	markup_text(markup, "x");
	markup_close_short(markup);
	markup_close(markup);
	markup_open(markup, "e");
	markup_close(markup);
	markup_close(markup);
}

static void elements_nest_without_a_space_between_them(void **state)
{
	char *text = written(false, write_nested);

	(void)state;
	assert_string_equal(text, "<a><b n=\"1\"/><c><d>x</d></c><e></e></a>");
	free(text);
}

static void elements_begin_on_lines_of_their_own_and_text_stays_as_it_is(void **state)
{
	char *text = written(true, write_nested);

	(void)state;
	assert_string_equal(text, "<a>\n <b n=\"1\"/>\n <c>\n  <d>x</d>\n </c>\n <e></e>\n</a>");
	free(text);
}

static void write_mixed(struct markup *markup)
{
	markup_open(markup, "p");
	markup_text(markup, "one ");
	markup_open(markup, "i");
	markup_text(markup, "two");
	markup_close(markup);
	markup_raw(markup, " <!-- three -->");
	markup_close(markup);
}

static void an_element_within_text_begins_no_line(void **state)
{
	char *text = written(true, write_mixed);

	(void)state;
	assert_string_equal(text, "<p>one <i>two</i> <!-- three --></p>");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_and_attributes_are_read_back_as_they_were),
		cmocka_unit_test(elements_nest_without_a_space_between_them),
		cmocka_unit_test(elements_begin_on_lines_of_their_own_and_text_stays_as_it_is),
		cmocka_unit_test(an_element_within_text_begins_no_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
