/*
 * junit: JUnit XML for CI systems, within Jenkins' junit-10.xsd: one testsuite
 * a suite, one testcase a check. FAIL is a failure; INCONCLUSIVE and ERROR are
 * errors; what was not tested or does not apply is skipped. Only PASS passes.
 */
#include "reports/format.h"
#include "reports/markup.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

struct junit {
	const struct results *results;
	struct arena *arena; /* of this report's texts */
	struct markup out;
};

struct junit_counts {
	int tests, failures, errors, skipped;
	double seconds;
};

/* Valid in XML 1.0 whatever the device said. */
static const char *clean(struct junit *junit, const char *text)
{
	size_t size;

	if (text == NULL) {
		return "";
	}
	size = strlen(text);
	return text_printable(arena_alloc(junit->arena, 4 * size + 1), 4 * size + 1, text, size);
}

static void open_element(struct junit *junit, const char *name)
{
	markup_open(&junit->out, name);
}

static void close_element(struct junit *junit)
{
	markup_close_short(&junit->out);
}

static void attribute(struct junit *junit, const char *name, const char *value)
{
	markup_attribute(&junit->out, name, clean(junit, value));
}

static void attribute_int(struct junit *junit, const char *name, int value)
{
	attribute(junit, name, arena_printf(junit->arena, "%d", value));
}

static void attribute_seconds(struct junit *junit, double seconds)
{
	attribute(junit, "time",
		  arena_printf(junit->arena, "%.3f", seconds > 0 && seconds < 1e9 ? seconds : 0.0));
}

static void content(struct junit *junit, const char *already_clean)
{
	markup_text(&junit->out, already_clean);
}

/* --- counting ------------------------------------------------------------------ */

static void counts_check(struct junit_counts *counts, const struct check_result *check)
{
	counts->tests++;
	counts->seconds += check->seconds;
	switch (check->verdict) {
	case VERDICT_PASS:
		break;
	case VERDICT_FAIL:
		counts->failures++;
		break;
	case VERDICT_INCONCLUSIVE:
	case VERDICT_ERROR:
		counts->errors++;
		break;
	default:
		counts->skipped++;
	}
}

static const char *suite_of(const struct check_result *check)
{
	return check->suite == NULL ? "" : check->suite;
}

/* suite NULL: all. */
static struct junit_counts counts_suite(const struct results *results, const char *suite)
{
	struct junit_counts counts = {0};
	size_t i;

	for (i = 0; i < results->check_count; i++) {
		if (suite == NULL || strcmp(suite_of(&results->checks[i]), suite) == 0) {
			counts_check(&counts, &results->checks[i]);
		}
	}
	return counts;
}

/* --- one check ------------------------------------------------------------------- */

/* "iec62443.FR1.CR_1_1.ssh": what CI systems build their tree from. */
static char *class_name(struct junit *junit, const struct check_result *check)
{
	const char *id = check->requirements[0];
	const char *where = check->service != NULL    ? check->service
			    : check->function != NULL ? check->function
						      : "device";
	const struct requirement *requirement;
	char *name, *at;

	if (id == NULL) {
		return arena_printf(junit->arena, "assay.%s", where);
	}
	requirement = catalogue_requirement(junit->results->catalogue, id);
	name = arena_strdup(junit->arena, id);
	for (at = name; *at != '\0'; at++) {
		if (strchr(" .()", *at) != NULL) {
			*at = '_';
		}
	}
	return arena_printf(junit->arena, "iec62443.FR%d.%s.%s",
			    requirement == NULL ? 0 : requirement->fr, name, where);
}

static void outcome(struct junit *junit, const char *element, const char *type,
		    const struct check_result *check)
{
	const char *word = verdict_word(check->verdict);
	const char *why = why_word(check->why);

	open_element(junit, element);
	attribute(junit, "type", type);
	attribute(junit, "message",
		  arena_printf(junit->arena, "%s%s%s: %s", word, why[0] != '\0' ? " " : "", why,
			       check->reason == NULL ? "" : check->reason));
	close_element(junit);
}

static void write_outcome(struct junit *junit, const struct check_result *check)
{
	switch (check->verdict) {
	case VERDICT_PASS:
		return;
	case VERDICT_FAIL:
		outcome(junit, "failure", "VerdictFail", check);
		return;
	case VERDICT_INCONCLUSIVE:
		outcome(junit, "error", "VerdictInconclusive", check);
		return;
	case VERDICT_ERROR:
		outcome(junit, "error", "VerdictError", check);
		return;
	default:
		outcome(junit, "skipped", verdict_word(check->verdict), check);
	}
}

static void add_line(struct junit *junit, char **text, const char *name, const char *value)
{
	*text = arena_printf(junit->arena, "%s%s: %s\n", *text, clean(junit, name),
			     clean(junit, value));
}

static const char *held_word(const struct line_result *line)
{
	return line->held < 0 ? "not observed" : line->held == 0 ? "does not hold" : "holds";
}

static void write_output(struct junit *junit, const struct check_result *check)
{
	char *text = arena_strdup(junit->arena, "");
	size_t i;

	add_line(junit, &text, "title", check->title);
	add_line(junit, &text, "reason", check->reason);
	if (check->note != NULL) {
		add_line(junit, &text, "note", check->note);
	}
	for (i = 0; i < check->line_count; i++) {
		add_line(junit, &text, line_role_word(check->lines[i].role),
			 arena_printf(junit->arena, "%s (%s)", check->lines[i].text,
				      held_word(&check->lines[i])));
	}
	for (i = 0; check->requirements[i] != NULL; i++) {
		add_line(junit, &text, "requirement", check->requirements[i]);
	}
	add_line(junit, &text, "reproduce", check->reproduce);
	for (i = 0; i < check->evidence_count; i++) {
		text = arena_printf(junit->arena, "%s[[ATTACHMENT|%s]]\n", text,
				    clean(junit, check->evidence[i].path));
	}
	open_element(junit, "system-out");
	content(junit, text);
	close_element(junit);
}

static void write_case(struct junit *junit, const struct check_result *check)
{
	open_element(junit, "testcase");
	attribute(junit, "name", check->id);
	attribute(junit, "classname", class_name(junit, check));
	attribute_seconds(junit, check->seconds);
	write_outcome(junit, check);
	write_output(junit, check);
	close_element(junit);
}

/* --- suites ------------------------------------------------------------------------ */

static void property(struct junit *junit, const char *name, const char *value)
{
	open_element(junit, "property");
	attribute(junit, "name", name);
	attribute(junit, "value", value);
	close_element(junit);
}

static void write_properties(struct junit *junit)
{
	const struct results *results = junit->results;
	char level[16];
	size_t i;
	int fr;

	open_element(junit, "properties");
	property(junit, "device", results->profile->name);
	property(junit, "component", results->profile->component);
	property(junit, "assay", results->tool_version);
	property(junit, "catalogue", results->catalogue->edition);
	property(junit, "suites", results->suites_digest);
	property(junit, "journal", results->journal_head);
	for (i = 0; i < results->uncovered_count; i++) {
		property(junit, "service that no check looks into", results->uncovered[i].reason);
	}
	for (fr = 1; fr <= 7; fr++) {
		snprintf(level, sizeof(level), "%d to %d", results->levels[fr].proven,
			 results->levels[fr].ceiling);
		property(junit, arena_printf(junit->arena, "FR %d proven to possible level", fr),
			 level);
	}
	close_element(junit);
}

static void write_tally(struct junit *junit, const char *name, const struct junit_counts *counts)
{
	attribute(junit, "name", name);
	attribute_int(junit, "tests", counts->tests);
	attribute_int(junit, "failures", counts->failures);
	attribute_int(junit, "errors", counts->errors);
	attribute_seconds(junit, counts->seconds);
}

static void write_suite(struct junit *junit, const char *suite)
{
	const struct results *results = junit->results;
	struct junit_counts counts = counts_suite(results, suite);
	size_t i;

	open_element(junit, "testsuite");
	write_tally(junit, suite, &counts);
	attribute_int(junit, "skipped", counts.skipped);
	if (results->started != NULL) {
		attribute(junit, "timestamp", results->started);
	}
	write_properties(junit);
	for (i = 0; i < results->check_count; i++) {
		if (strcmp(suite_of(&results->checks[i]), suite) == 0) {
			write_case(junit, &results->checks[i]);
		}
	}
	close_element(junit);
}

static bool suite_seen(const struct results *results, size_t index)
{
	size_t i;

	for (i = 0; i < index; i++) {
		if (strcmp(suite_of(&results->checks[i]), suite_of(&results->checks[index])) == 0) {
			return true;
		}
	}
	return false;
}

static void write_document(struct junit *junit)
{
	const struct results *results = junit->results;
	struct junit_counts counts = counts_suite(results, NULL);
	size_t i;

	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", junit->out.out);
	open_element(junit, "testsuites");
	write_tally(junit, results->profile->name, &counts);
	for (i = 0; i < results->check_count; i++) {
		if (!suite_seen(results, i)) {
			write_suite(junit, suite_of(&results->checks[i]));
		}
	}
	close_element(junit);
	fputc('\n', junit->out.out);
}

static int write_junit(const struct results *results, const struct report_options *options,
		       FILE *out, struct text *why)
{
	struct junit junit = {
		.results = results, .arena = arena_new(), .out = {.out = out, .lines = true}};

	(void)options;
	write_document(&junit);
	arena_free(junit.arena);
	return ferror(out) ? text_error(why, "cannot write the JUnit report: %s", strerror(errno))
			   : 0;
}

extern const struct report_format report_junit;
const struct report_format report_junit = {
	.name = "junit",
	.file_name = "junit.xml",
	.summary = "JUnit XML for CI systems (junit-10.xsd)",
	.write = write_junit,
};
