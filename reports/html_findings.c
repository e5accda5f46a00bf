/* html_findings: single checks: what failed, what is inconclusive, what passed,
 * each with its lines, facts, evidence and the command that repeats it. */
#include "reports/html_page.h"

#include <stdio.h>
#include <string.h>

#include "harness/banned.h"
#include "harness/base/text.h"

static void write_names(struct page *page, const char *const *names)
{
	size_t i;

	for (i = 0; names != NULL && names[i] != NULL; i++) {
		page_format(page, "%s%s", i > 0 ? ", " : "", names[i]);
	}
}

static void write_lines(struct page *page, const struct check_result *check)
{
	static const char *const headings[] = {"", "Expected", "Saw", NULL};
	static const char *const held[] = {"not observed", "did not hold", "held"};
	size_t i;

	if (check->line_count == 0) {
		return;
	}
	page_table(page, "lines", headings);
	for (i = 0; i < check->line_count; i++) {
		const struct line_result *line = &check->lines[i];

		page_open(page, "tr", NULL);
		page_open(page, "td", "class", "k", NULL);
		page_format(page, "%s %s", line_role_name(line->role), held[line->held + 1]);
		page_close(page);
		page_element(page, "td", "mono", line->text);
		page_element(page, "td", "mono", line->saw != NULL ? line->saw : "nothing");
		page_close(page);
	}
	page_close(page);
	page_close(page);
}

static void write_facts(struct page *page, const struct check_result *check)
{
	struct arena *arena;
	const struct fact_def *def;
	size_t i;

	if (check->facts.count == 0) {
		return;
	}
	arena = arena_new();
	page_open(page, "details", NULL);
	page_open(page, "summary", NULL);
	page_format(page, "all %zu facts seen", check->facts.count);
	page_close(page);
	page_open(page, "dl", "class", "head mono", NULL);
	for (i = 0; i < check->facts.count; i++) {
		const struct fact *fact = &check->facts.at[i];

		def = fact_def_find(check->fact_defs, fact->name);
		page_element(page, "dt", NULL, fact->name);
		page_element(page, "dd", NULL,
			     fact_value_text(arena, fact, def != NULL ? def->unit : ""));
	}
	page_close(page);
	page_close(page);
	arena_free(arena);
}

static void write_evidence(struct page *page, const struct check_result *check)
{
	size_t i;

	if (check->evidence_count == 0) {
		return;
	}
	page_open(page, "p", "class", "dim", NULL);
	page_text(page, "Evidence: ");
	for (i = 0; i < check->evidence_count; i++) {
		const char *path = check->evidence[i].path;
		const char *name = strrchr(path, '/');

		page_text(page, i > 0 ? ", " : "");
		page_open(page, "a", "href", path, NULL);
		page_text(page, name != NULL ? name + 1 : path);
		page_close(page);
	}
	page_close(page);
}

/* How often the check was right on devices whose truth is known. */
static void write_figures(struct page *page, const struct check_result *check)
{
	if (check->figures != NULL) {
		page_open(page, "p", "class", "dim", NULL);
		page_format(page, "Validation: %s", figures_sentence(check->figures).s);
		page_close(page);
	}
}

static void write_answer(struct page *page, const struct check_result *check)
{
	const struct answer *answer = check->answer;

	if (check->ask != NULL) {
		page_open(page, "p", NULL);
		page_format(page, "Asked: %s", check->ask);
		page_close(page);
	}
	if (answer == NULL) {
		return;
	}
	page_open(page, "p", NULL);
	page_format(page, "Answered by %s (%s) on %s: %s", answer->who, answer->role, answer->when,
		    answer->statement);
	page_close(page);
}

static void write_check(struct page *page, const struct check_result *check)
{
	page_open(page, "article", "class", verdict_word(check->verdict), "id", check->id, NULL);
	page_open(page, "header", NULL);
	page_verdict(page, check->verdict);
	page_element(page, "h3", NULL, check->title);
	page_element(page, "span", "dim",
		     check->service != NULL ? check->service : check->function);
	page_close(page);
	page_element(page, "p", "reason", check->reason);
	if (check->note != NULL) {
		page_element(page, "p", NULL, check->note);
	}
	page_open(page, "p", "class", "dim", NULL);
	page_open(page, "code", NULL);
	page_text(page, check->id);
	page_close(page);
	page_text(page, " for ");
	write_names(page, check->requirements);
	if (check->cra != NULL && check->cra[0] != NULL) {
		page_text(page, "; CRA Annex ");
		write_names(page, check->cra);
	}
	if (check->attempts > 1) {
		page_format(page, "; %d attempts", check->attempts);
	}
	page_close(page);
	write_figures(page, check);
	write_answer(page, check);
	write_lines(page, check);
	write_facts(page, check);
	write_evidence(page, check);
	if (check->reproduce != NULL) {
		page_element(page, "pre", NULL, check->reproduce);
	}
	page_close(page);
}

static size_t write_verdict(struct page *page, enum verdict verdict)
{
	size_t i, count = 0;

	for (i = 0; i < page->results->check_count; i++) {
		if (page->results->checks[i].verdict == verdict) {
			write_check(page, &page->results->checks[i]);
			count++;
		}
	}
	return count;
}

void html_findings(struct page *page)
{
	size_t count;

	page_section(page, "findings", "Findings");
	count = write_verdict(page, VERDICT_FAIL);
	if (count == 0) {
		page_element(page, "p", NULL, "No check failed.");
	}
	page_close(page);
	if (page->results->verdict_counts[VERDICT_ERROR] +
		    page->results->verdict_counts[VERDICT_INCONCLUSIVE] ==
	    0) {
		return;
	}
	page_section(page, "inconclusive", "Tried, without a result");
	write_verdict(page, VERDICT_ERROR);
	write_verdict(page, VERDICT_INCONCLUSIVE);
	page_close(page);
}

static void write_passed_row(struct page *page, const struct check_result *check)
{
	page_open(page, "tr", "id", check->id, NULL);
	page_open(page, "td", NULL);
	page_text(page, check->title);
	page_open(page, "div", "class", "dim", NULL);
	page_open(page, "code", NULL);
	page_text(page, check->id);
	page_close(page);
	page_close(page);
	page_close(page);
	page_open(page, "td", "class", "k", NULL);
	write_names(page, check->requirements);
	page_close(page);
	page_open(page, "td", NULL);
	page_text(page, check->reason);
	if (check->note != NULL) {
		page_element(page, "p", NULL, check->note);
	}
	write_figures(page, check);
	write_answer(page, check);
	write_facts(page, check);
	write_evidence(page, check);
	page_close(page);
	page_close(page);
}

void html_passed(struct page *page)
{
	static const char *const headings[] = {"Check", "Requirements", "Why it passed", NULL};
	size_t i;

	page_section(page, "passed", "Passed checks");
	if (page->results->verdict_counts[VERDICT_PASS] == 0) {
		page_element(page, "p", NULL, "No check passed.");
		page_close(page);
		return;
	}
	page_table(page, "passed", headings);
	for (i = 0; i < page->results->check_count; i++) {
		if (page->results->checks[i].verdict == VERDICT_PASS) {
			write_passed_row(page, &page->results->checks[i]);
		}
	}
	page_close(page);
	page_close(page);
	page_close(page);
}
