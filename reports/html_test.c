/* html_test: the page is well-formed, self-contained, links resolve, and text
 * from a hostile device stays text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reports/format.h"

#include <arpa/inet.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

extern const struct report_format report_html;

#define HOSTILE "</pre><script>alert(1)</script>\x01\xff&\"'"

static const char *const components[] = {"EDR", NULL};
static const struct requirement requirement = {.id = "CR 4.3",
					       .title = "Use of cryptography",
					       .kind = "CR",
					       .fr = 4,
					       .components = components,
					       .lowest_level = 1,
					       .paraphrase = "p"};
static const char *const ids[] = {"CR 4.3", NULL};
static const struct cra_point point = {.id = "I.2.e",
				       .ref = "Annex I Part I (2)(e)",
				       .title = "Confidentiality",
				       .coverage = "good",
				       .requirements = ids};
static const struct component_type types[] = {{"EDR", "embedded", "embedded device"}};

/* One failed, one passed, one unanswered check; a load plot; every list used
 * once. */
static void world_init(struct results *results, struct profile *profile,
		       struct catalogue *catalogue)
{
	static const char *const none[] = {NULL};
	static const char *const list[] = {HOSTILE, "TLS 1.2"};
	static const struct fact facts[] = {
		{.name = "banner", .type = FACT_TEXT, .text = HOSTILE},
		{.name = "versions", .type = FACT_LIST, .list = list, .list_count = 2},
	};
	static const struct line_result lines[] = {
		{"good_login_before is true", true, 1, "true"},
		{"versions subset-of [TLS 1.2]", false, 0, HOSTILE},
	};
	static const struct evidence evidence[] = {
		{"evidence/tls.offer@web/hello.bin", "00ff", 12}};
	static const struct check_result checks[] = {
		{.id = "tls-versions@web",
		 .title = "Only current TLS",
		 .suite = "communication",
		 .probe = "tls.offer",
		 .observation = "tls.offer@web",
		 .requirements = ids,
		 .cra = ids,
		 .verdict = VERDICT_FAIL,
		 .reason = "expected versions subset-of [TLS 1.2], saw " HOSTILE,
		 .lines = lines,
		 .line_count = 2,
		 .facts = {facts, 2},
		 .evidence = evidence,
		 .evidence_count = 1,
		 .attempts = 2,
		 .reproduce = "assay run plc.yaml --only tls-versions@web"},
		{.id = "passing",
		 .title = "It passes",
		 .requirements = ids,
		 .cra = none,
		 .verdict = VERDICT_PASS,
		 .reason = "all 1 expectations held",
		 .attempts = 1},
		{.id = "asked",
		 .title = "Asked",
		 .ask = "Show the design.",
		 .requirements = ids,
		 .cra = none,
		 .verdict = VERDICT_NOT_TESTED,
		 .why = WHY_NOT_ANSWERED,
		 .reason = "nobody has answered"},
	};
	static const int both[] = {0, 2};
	static const struct requirement_result requirements[] = {
		{&requirement, VERDICT_FAIL, WHY_NONE, "tls-versions@web failed", SETTLED_TEST,
		 both, 2}};
	static const struct cra_result cra[] = {
		{&point, VERDICT_FAIL, "CR 4.3 is not met", 0, 1, 0, 0, NULL, 0}};
	static const struct monitor_result monitors[] = {
		{"control", "modbus.counter", VIEW_DOWNWARD, 100, 99, 7, 31.5, NULL}};
	static struct plot_point gap[] = {{0, 10}, {1, 12}, {2, 300}, {3, 11}};
	static struct plot_point rate[] = {{0, 0}, {1, 4000}, {2, 4000}, {3, 0}};
	static const struct plot plots[] = {{.check = "tls-versions@web",
					     .title = "ARP requests",
					     .windows = {{"baseline", 0, 1}, {"attack", 1, 3}},
					     .window_count = 2,
					     .gap = gap,
					     .gap_count = 4,
					     .rate = rate,
					     .rate_count = 4,
					     .tolerance_ms = 100}};
	static const char *const refusals[] = {"port 9100 is excluded"};
	static const struct setting_text environment[] = {{"libpcap", HOSTILE}};
	int fr;

	profile->name = "PLC " HOSTILE;
	profile->component = "EDR";
	profile->link.interface = "eth1";
	profile->link.address = address_of("192.0.2.1");
	catalogue->edition = "IEC 62443-4-2:2019";
	catalogue->cra_act = "Regulation (EU) 2024/2847";
	catalogue->components = types;
	catalogue->component_count = 1;
	results->profile = profile;
	results->catalogue = catalogue;
	results->tool_version = "0";
	results->suites_digest = "d";
	results->journal_head = "h";
	results->started = "2026-01-31T00:00:00Z";
	results->checks = checks;
	results->check_count = 3;
	results->requirements = requirements;
	results->requirement_count = 1;
	results->cra = cra;
	results->cra_count = 1;
	results->monitors = monitors;
	results->monitor_count = 1;
	results->plots = plots;
	results->plot_count = 1;
	results->refusals = refusals;
	results->refusal_count = 1;
	results->environment = environment;
	results->environment_count = 1;
	results->verdict_counts[VERDICT_FAIL] = 1;
	results->verdict_counts[VERDICT_PASS] = 1;
	results->verdict_counts[VERDICT_NOT_TESTED] = 1;
	for (fr = 0; fr <= 7; fr++) {
		results->levels[fr].fr = fr;
		results->levels[fr].name = "name";
		results->levels[fr].ceiling = 4;
	}
}

static char *rendered(size_t *ret_size)
{
	struct results results = {.arena = NULL};
	struct profile profile = {.arena = NULL};
	struct catalogue catalogue = {.arena = NULL};
	struct report_options options = {.width = 80};
	struct text why = {""};
	char *page = NULL;
	FILE *out = open_memstream(&page, ret_size);

	world_init(&results, &profile, &catalogue);
	assert_int_equal(report_html.write(&results, &options, out, &why), 0);
	fclose(out);
	return page;
}

static xmlDocPtr parsed(const char *page, size_t size)
{
	xmlDocPtr document = xmlReadMemory(page, (int)size, "report.html", NULL, XML_PARSE_NONET);

	assert_non_null(document);
	return document;
}

static int count_of(xmlDocPtr document, const char *path)
{
	xmlXPathContextPtr context = xmlXPathNewContext(document);
	xmlXPathObjectPtr found = xmlXPathEvalExpression((const xmlChar *)path, context);
	int count = found->nodesetval != NULL ? found->nodesetval->nodeNr : 0;

	xmlXPathFreeObject(found);
	xmlXPathFreeContext(context);
	return count;
}

static void page_is_well_formed_and_hostile_text_stays_text(void **state)
{
	size_t size;
	char *page = rendered(&size);
	xmlDocPtr document = parsed(page, size);

	(void)state;
	assert_int_equal(count_of(document, "//script"), 0);
	assert_null(strstr(page, "<script"));
	assert_non_null(strstr(page, "&lt;script&gt;alert(1)"));
	assert_non_null(strstr(page, "\\x01\\xff"));
	xmlFreeDoc(document);
	free(page);
}

static void page_asks_for_nothing_from_outside(void **state)
{
	size_t size;
	char *page = rendered(&size);
	xmlDocPtr document = parsed(page, size);

	(void)state;
	assert_int_equal(count_of(document, "//link | //img | //iframe | //*[@src]"), 0);
	assert_null(strstr(page, "http://"));
	assert_null(strstr(page, "https://"));
	assert_null(strstr(page, "url("));
	assert_null(strstr(page, "@import"));
	xmlFreeDoc(document);
	free(page);
}

static void every_internal_link_has_its_place(void **state)
{
	size_t size;
	char *page = rendered(&size);
	xmlDocPtr document = parsed(page, size);

	(void)state;
	assert_true(count_of(document, "//a[starts-with(@href,'#')]") > 8);
	assert_int_equal(count_of(document, "//a[starts-with(@href,'#') and "
					    "not(substring(@href,2)=//@id)]"),
			 0);
	/* and no place is named twice */
	assert_int_equal(count_of(document, "//*[@id and @id=preceding::*/@id]"), 0);
	xmlFreeDoc(document);
	free(page);
}

static void only_a_pass_looks_passed(void **state)
{
	size_t size;
	char *page = rendered(&size);
	xmlDocPtr document = parsed(page, size);

	(void)state;
	assert_int_equal(count_of(document, "//*[contains(@class,'v-pass')]"), 0);
	assert_int_equal(count_of(document, "//section[@id='passed']//tr[@id='passing']"), 1);
	assert_int_equal(count_of(document, "//section[@id='open']//tr[@id]"), 1);
	assert_int_equal(count_of(document, "//section[@id='findings']/article[@class='FAIL']"), 1);
	xmlFreeDoc(document);
	free(page);
}

static void same_results_give_the_same_bytes(void **state)
{
	size_t size, again;
	char *page = rendered(&size), *other = rendered(&again);

	(void)state;
	assert_int_equal(size, again);
	assert_memory_equal(page, other, size);
	free(page);
	free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(page_is_well_formed_and_hostile_text_stays_text),
		cmocka_unit_test(page_asks_for_nothing_from_outside),
		cmocka_unit_test(every_internal_link_has_its_place),
		cmocka_unit_test(only_a_pass_looks_passed),
		cmocka_unit_test(same_results_give_the_same_bytes),
	};
	const char *keep = getenv("KEEP_PAGE");
	int result = cmocka_run_group_tests_name("html", tests, NULL, NULL);

	if (keep != NULL) {
		size_t size;
		char *page = rendered(&size);
		FILE *out = fopen(keep, "w");

		if (out != NULL) {
			fwrite(page, 1, size, out);
			fclose(out);
		}
		free(page);
	}
	return result;
}
