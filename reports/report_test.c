/* Tests of the text, JSON and JUnit reports on one run that has every verdict
 * and a hostile device. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/judge/test_world.h"
#include "reports/format.h"
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <stdio.h>
#include <unistd.h>

#include "harness/banned.h"

static int set_up(void **state)
{
	struct world *w = test_malloc(sizeof(*w));

	world_init(w);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	world_release(*state);
	test_free(*state);
	return 0;
}

/* One check of every verdict, two suites, bytes that a terminal would obey. */
static void fill(struct world *w)
{
	struct planned_check *check;

	world_record(w, "run", json_object());
	check = world_check(w, "banner@telnet", "CR 4.3", &world_observe);
	world_expect(w, check, "banner is ready");
	world_saw(w, check, "{\"banner\": \"<b>\\u001b[2J]]>\\u009b\\uffff\"}");
	world_verdict(w, "open", "CR 1.1", true);
	check = world_check(w, "silent", "CR 1.1 RE(1)", &world_observe);
	world_outcome(w, check, "gave-up", "no-answer",
		      "the device said \x1b[31m nothing \xef\xbf\xbe in time");
	check = world_check(w, "crash", "CR 7.1", &world_observe);
	world_outcome(w, check, "error", "crashed", "ended by SIGSEGV");
	world_ask(w, "question", "CR 5.1", NULL);
	check = world_plan(w, "radio", "EDR 1.6");
	check->not_applicable = true;
	check->reason = "'wireless' is declared absent";
	w->checks[5].suite = "other";
	world_device(w, "lost", "no \x1b[0m answer");
	world_device(w, "verified", "it is back");
	world_record(w, "refused",
		     json_pack("{s:s, s:s}", "observation", "x", "what", "port 1 is excluded"));
	world_end(w, "complete");
}

/* The report as one text; the caller frees it. */
static char *written(struct world *w, const char *format, struct report_options options)
{
	struct results *results = world_judge(w);
	struct text why;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(report_find(format)->write(results, &options, out, &why), 0);
	assert_int_equal(fclose(out), 0);
	results_free(results);
	return text;
}

static char *plain_text(struct world *w)
{
	return written(w, "text", (struct report_options){.width = 80});
}

static void formats_are_found_by_name(void **state)
{
	static const char *const names[] = {"text", "html", "json", "junit"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		assert_string_equal(report_find(names[i])->name, names[i]);
	}
	assert_null(report_find("pdf"));
	assert_string_equal(report_find("json")->file_name, "results.json");
}

static void every_format_gives_the_same_bytes_twice(void **state)
{
	char *first, *second;
	size_t i;

	fill(*state);
	for (i = 0; report_formats[i] != NULL; i++) {
		first = written(*state, report_formats[i]->name,
				(struct report_options){.width = 80});
		second = written(*state, report_formats[i]->name,
				 (struct report_options){.width = 80});
		assert_true(strlen(first) > 0);
		assert_string_equal(first, second);
		free(first);
		free(second);
	}
}

static void a_service_that_no_check_looks_into_is_named(void **state)
{
	static const struct service service = {.name = "broker", .protocol = "mqtt"};
	static const struct uncovered uncovered = {&service, "nobody looks <into> it"};
	static const struct {
		const char *format, *wanted;
	} rows[] = {
		{"text", "\nServices that no check looks into\nnobody looks <into> it\n"},
		{"html", "<li>nobody looks &lt;into&gt; it</li>"},
		{"json", "\"service\": \"broker\""},
		{"junit", "value=\"nobody looks &lt;into&gt; it\""},
	};
	struct world *w = *state;
	size_t i;

	fill(w);
	w->plan.uncovered = &uncovered;
	w->plan.uncovered_count = 1;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		char *text = written(w, rows[i].format, (struct report_options){.width = 80});

		if (strstr(text, rows[i].wanted) == NULL) {
			fail_msg("%s: %s", rows[i].format, text);
		}
		free(text);
	}
}

static void a_verdict_stands_beside_how_often_its_check_was_right(void **state)
{
	static const struct {
		const char *format, *wanted;
	} rows[] = {
		{"text", "\n      validation: found 40 of 41 planted, 3 of 122 false\n"},
		{"html", "Validation: found 40 of 41 planted, 3 of 122 false"},
		{"json", "\"found\": 40"},
	};
	struct arena *arena = arena_new();
	char folder[] = "/tmp/assay-figures-XXXXXX", path[64];
	struct world *w = *state;
	struct text why = {""};
	FILE *file;
	size_t i;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/" FIGURES_FILE, folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs("{\"checks\": {\"weak\": {\"planted\": 41, \"found\": 40, \"clean\": 122, "
	      "\"false\": 3}}}",
	      file);
	fclose(file);
	assert_int_equal(figures_load(arena, folder, &w->suites.figures, &why), 0);
	unlink(path);
	rmdir(folder);
	world_record(w, "run", json_object());
	world_verdict(w, "weak", "CR 4.3", false);
	world_end(w, "complete");
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		char *text = written(w, rows[i].format, (struct report_options){.width = 80});

		if (strstr(text, rows[i].wanted) == NULL) {
			fail_msg("%s: %s", rows[i].format, text);
		}
		free(text);
	}
	arena_free(arena);
}

/* --- text --------------------------------------------------------------------- */

static const char whole_text[] =
	"ACME PLC 100, EDR, hardened, firmware 2.4.1\n"
	"IEC 62443-4-2:2019, assay " ASSAY_VERSION ", started 2026-01-31T08:15:00.123Z\n"
	"\n"
	"Checks\n"
	"    1  FAIL            every control held and an expectation was "
	"seen not to\n"
	"                       hold\n"
	"    0  ERROR           the check itself broke\n"
	"    0  INCONCLUSIVE    it was tried, but what was seen proves "
	"nothing\n"
	"    1  NOT_TESTED      nothing was measured or answered\n"
	"    1  PASS            every control held and every expectation "
	"was seen to hold\n"
	"    0  NOT_APPLICABLE  the profile declares, with a reason, that "
	"this does not\n"
	"                       apply\n"
	"\n"
	"Levels\n"
	"FR 1  proven 0  possible 4  \u2591\u2591\u2591\u2591  "
	"identification and authentication control\n"
	"      claimed 2: open: 2 of 3 requirements not evaluated\n"
	"FR 2  proven 0  possible 4  \u2591\u2591\u2591\u2591  use control\n"
	"FR 3  proven 0  possible 4  \u2591\u2591\u2591\u2591  system "
	"integrity\n"
	"FR 4  proven 0  possible 0  \u00b7\u00b7\u00b7\u00b7  data "
	"confidentiality\n"
	"      claimed 1: disproved: 1 of 1 requirements not met\n"
	"FR 5  proven 0  possible 4  \u2591\u2591\u2591\u2591  restricted "
	"data flow\n"
	"FR 6  proven 0  possible 4  \u2591\u2591\u2591\u2591  timely "
	"response to events\n"
	"FR 7  proven 0  possible 4  \u2591\u2591\u2591\u2591  resource "
	"availability\n"
	"      claimed 1: open: 1 of 1 requirements not evaluated\n"
	"proven: everything selected up to this level is met; possible: "
	"nothing selected\n"
	"up to this level has failed.\n"
	"Of 7 requirements 1 are met, 1 not met, 0 not applicable, 5 not "
	"evaluated.\n"
	"\n"
	"Findings\n"
	"FAIL  weak: title of weak\n"
	"      expected locked is true, saw false\n"
	"      CR 4.3; CRA I.2.b\n"
	"      assay run plc.yaml --only weak -o DIR\n"
	"\n"
	"Not evaluated\n"
	"    1  not-answered: a person has to answer this and has not\n"
	"\n"
	"Everything with facts and evidence: report.html in the run "
	"directory.\n";

static void text_gives_the_answer_first(void **state)
{
	struct world *w = *state;
	char *text;

	world_record(w, "run", json_object());
	world_verdict(w, "open", "CR 1.1", true);
	world_verdict(w, "weak", "CR 4.3", false);
	world_ask(w, "question", "CR 5.1", NULL);
	world_end(w, "complete");
	text = plain_text(w);
	assert_string_equal(text, whole_text);
	free(text);
}

static void text_of_a_device_reaches_no_terminal(void **state)
{
	char *text;

	fill(*state);
	text = plain_text(*state);
	assert_null(strchr(text, '\033'));
	assert_null(strstr(text, "\xc2\x9b"));
	assert_non_null(strstr(text, "expected banner is ready, saw "
				     "<b>\\x1b[2J]]>"));
	assert_non_null(strstr(text, "lost: no \\x1b[0m answer"));
	free(text);
}

/* U+202E and U+2066 let a reader see a line in another order than it is in. */
static void nothing_that_turns_text_around_reaches_any_report(void **state)
{
	struct world *w = *state;
	struct planned_check *check;
	size_t i;

	world_record(w, "run", json_object());
	check = world_check(w, "banner@telnet", "CR 4.3", &world_observe);
	world_outcome(w, check, "gave-up", "no-answer", "it said \u202eSSAP\u2066 first");
	world_device(w, "lost", "no \u202eSSAP\u2066 answer");
	world_end(w, "complete");
	for (i = 0; report_formats[i] != NULL; i++) {
		char *text =
			written(w, report_formats[i]->name, (struct report_options){.width = 80});

		assert_non_null(strstr(text, "SSAP"));
		assert_null(strstr(text, "\u202e"));
		assert_null(strstr(text, "\u2066"));
		free(text);
	}
}

static int columns_of(const char *line)
{
	int count = 0;

	for (; *line != '\0' && *line != '\n'; line++) {
		count += ((unsigned char)*line & 0xc0) != 0x80;
	}
	return count;
}

static void lines_stay_within_the_width(void **state)
{
	static const int widths[] = {40, 60, 80, 120};
	const char *line;
	char *text;
	size_t i;

	fill(*state);
	((struct world *)*state)->profile.name =
		"a-name-longer-than-any-terminal-that-was-ever-seen-on-a-bench-"
		"with-\u00fcmlauts-and-so-on-and-so-forth-and-more";
	for (i = 0; i < ARRAY_SIZE(widths); i++) {
		text = written(*state, "text", (struct report_options){.width = widths[i]});
		for (line = text; *line != '\0'; line += strcspn(line, "\n") + 1) {
			if (strstr(line, "assay run") != line + 6) {
				assert_in_range(columns_of(line), 0, widths[i]);
			}
		}
		free(text);
	}
}

static void colours_come_only_when_asked_for(void **state)
{
	char *text;

	fill(*state);
	text = written(*state, "text", (struct report_options){.width = 80, .colour = true});
	assert_non_null(strstr(text, "\033[1;31mFAIL\033[0m"));
	assert_null(strstr(text, "\033[2J"));
	free(text);
}

static void run_that_ended_early_is_said_so(void **state)
{
	char *text;

	world_end(*state, "device-lost");
	text = plain_text(*state);
	assert_non_null(strstr(text, "The run ended early: device-lost."));
	free(text);
	world_record(*state, "resume", json_object());
	text = plain_text(*state);
	assert_non_null(strstr(text, "The run has not ended"));
	free(text);
}

/* --- json ---------------------------------------------------------------------- */

static void json_is_ascii_and_equals_the_results(void **state)
{
	struct results *results;
	json_t *read, *made;
	char *text, *at;

	fill(*state);
	text = written(*state, "json", (struct report_options){0});
	for (at = text; *at != '\0'; at++) {
		assert_true(*at == '\n' || (*at >= ' ' && *at <= '~'));
	}
	read = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	results = world_judge(*state);
	made = results_to_json(results);
	assert_true(json_equal(read, made));
	json_decref(read);
	json_decref(made);
	results_free(results);
	free(text);
}

/* --- junit --------------------------------------------------------------------- */

static xmlDocPtr junit_of(struct world *w)
{
	char *text = written(w, "junit", (struct report_options){0});
	xmlDocPtr document =
		xmlReadMemory(text, (int)strlen(text), "junit.xml", NULL, XML_PARSE_NONET);

	assert_non_null(document);
	free(text);
	return document;
}

static bool attribute_is(xmlNodePtr node, const char *name, const char *value)
{
	xmlChar *is = xmlGetProp(node, (const xmlChar *)name);
	bool same = is != NULL && strcmp((const char *)is, value) == 0;

	xmlFree(is);
	return same;
}

static bool is_element(xmlNodePtr node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

static xmlNodePtr child(xmlNodePtr node, const char *name)
{
	for (node = node->children; node != NULL; node = node->next) {
		if (is_element(node, name)) {
			return node;
		}
	}
	return NULL;
}

static xmlNodePtr testcase(xmlNodePtr node, const char *name)
{
	xmlNodePtr found;

	for (; node != NULL; node = node->next) {
		if (is_element(node, "testcase") && attribute_is(node, "name", name)) {
			return node;
		}
		found = testcase(node->children, name);
		if (found != NULL) {
			return found;
		}
	}
	return NULL;
}

static void only_a_pass_passes_in_junit(void **state)
{
	static const struct {
		const char *name, *element, *type;
	} rows[] = {
		{"banner@telnet", "failure", "VerdictFail"},
		{"silent", "error", "VerdictInconclusive"},
		{"crash", "error", "VerdictError"},
		{"question", "skipped", "NOT_TESTED"},
		{"radio", "skipped", "NOT_APPLICABLE"},
		{"open", NULL, NULL},
	};
	static const char *const outcomes[] = {"failure", "error", "skipped"};
	xmlDocPtr document;
	xmlNodePtr node;
	size_t i, n;

	fill(*state);
	document = junit_of(*state);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		node = testcase(document->children, rows[i].name);
		assert_non_null(node);
		for (n = 0; n < ARRAY_SIZE(outcomes); n++) {
			assert_int_equal(child(node, outcomes[n]) != NULL,
					 rows[i].element != NULL &&
						 strcmp(outcomes[n], rows[i].element) == 0);
		}
		if (rows[i].element != NULL) {
			assert_true(
				attribute_is(child(node, rows[i].element), "type", rows[i].type));
		}
	}
	xmlFreeDoc(document);
}

static void junit_counts_what_it_holds(void **state)
{
	xmlDocPtr document;
	xmlNodePtr root, suite;

	fill(*state);
	document = junit_of(*state);
	root = xmlDocGetRootElement(document);
	assert_true(attribute_is(root, "tests", "6"));
	assert_true(attribute_is(root, "failures", "1"));
	assert_true(attribute_is(root, "errors", "2"));
	suite = child(root, "testsuite");
	assert_true(attribute_is(suite, "name", "suite"));
	assert_true(attribute_is(suite, "tests", "5"));
	assert_true(attribute_is(suite, "skipped", "1"));
	assert_true(attribute_is(suite, "timestamp", "2026-01-31T08:15:00.123Z"));
	assert_true(attribute_is(testcase(root, "banner@telnet"), "classname",
				 "iec62443.FR4.CR_4_3.device"));
	xmlFreeDoc(document);
}

static void junit_message_is_the_reason_escaped(void **state)
{
	xmlDocPtr document;
	xmlNodePtr node;

	fill(*state);
	document = junit_of(*state);
	node = child(testcase(document->children, "banner@telnet"), "failure");
	assert_true(attribute_is(node, "message",
				 "FAIL: expected banner is ready, saw "
				 "<b>\\x1b[2J]]>\\u{9b}\\u{ffff}"));
	xmlFreeDoc(document);
}

static xmlSchemaPtr junit_schema(void)
{
	const char *given = getenv("JUNIT_XSD"), *source = getenv("SOURCE");
	char path[512];
	xmlSchemaParserCtxtPtr parser;
	xmlSchemaPtr schema;
	FILE *file;

	snprintf(path, sizeof(path), "%s/../shared/schemas/junit-10.xsd",
		 source == NULL ? ASSAY_DATA_DIR : source);
	given = given == NULL ? path : given;
	file = fopen(given, "r");
	if (file == NULL) {
		print_message("skipped: no '%s'; set JUNIT_XSD\n", given);
		skip();
	}
	fclose(file);
	parser = xmlSchemaNewParserCtxt(given);
	schema = xmlSchemaParse(parser);
	xmlSchemaFreeParserCtxt(parser);
	assert_non_null(schema);
	return schema;
}

static int validate(xmlSchemaPtr schema, xmlDocPtr document)
{
	xmlSchemaValidCtxtPtr valid = xmlSchemaNewValidCtxt(schema);
	int result = xmlSchemaValidateDoc(valid, document);

	xmlSchemaFreeValidCtxt(valid);
	return result;
}

static void junit_fits_the_schema_of_jenkins(void **state)
{
	xmlSchemaPtr schema = junit_schema();
	xmlDocPtr document;

	fill(*state);
	document = junit_of(*state);
	assert_int_equal(validate(schema, document), 0);
	/* and the schema is not one that takes everything */
	xmlSetProp(xmlDocGetRootElement(document), (const xmlChar *)"surprise",
		   (const xmlChar *)"1");
	assert_int_not_equal(validate(schema, document), 0);
	xmlFreeDoc(document);
	xmlSchemaFree(schema);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(formats_are_found_by_name),
		T(every_format_gives_the_same_bytes_twice),
		T(a_service_that_no_check_looks_into_is_named),
		T(text_gives_the_answer_first),
		T(text_of_a_device_reaches_no_terminal),
		T(nothing_that_turns_text_around_reaches_any_report),
		T(lines_stay_within_the_width),
		T(colours_come_only_when_asked_for),
		T(run_that_ended_early_is_said_so),
		T(json_is_ascii_and_equals_the_results),
		T(only_a_pass_passes_in_junit),
		T(junit_counts_what_it_holds),
		T(a_verdict_stands_beside_how_often_its_check_was_right),
		T(junit_message_is_the_reason_escaped),
		T(junit_fits_the_schema_of_jenkins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
