/* html_tables: requirements, CRA points, what was not evaluated, and the run's
 * environment and evidence. */
#include "reports/html_page.h"

#include <stdio.h>
#include <string.h>

#include "harness/banned.h"
#include "harness/base/text.h"

static void write_checks(struct page *page, const int *checks, size_t count)
{
	char href[512];
	size_t i;

	for (i = 0; i < count; i++) {
		const struct check_result *check = &page->results->checks[checks[i]];

		page_open(page, "div", NULL);
		snprintf(href, sizeof(href), "#%s", check->id);
		page_open(page, "a", "class", "mono", "href", href, NULL);
		page_text(page, check->id);
		page_close(page);
		page_close(page);
	}
}

static void write_requirement(struct page *page, const struct requirement_result *result)
{
	const struct requirement *requirement = result->requirement;

	page_open(page, "tr", NULL);
	page_element(page, "td", "k", requirement->id);
	page_open(page, "td", NULL);
	page_text(page, requirement->title);
	page_close(page);
	page_open(page, "td", "class", "n", NULL);
	if (requirement->lowest_level > 0) {
		page_format(page, "%d", requirement->lowest_level);
	}
	page_close(page);
	page_open(page, "td", NULL);
	page_verdict(page, result->verdict);
	if (result->verdict != VERDICT_NOT_TESTED) {
		page_element(page, "div", "dim", settled_sentence(result->settled));
	}
	page_close(page);
	page_open(page, "td", NULL);
	page_text(page, result->reason);
	write_checks(page, result->checks, result->check_count);
	page_close(page);
	page_close(page);
}

void html_requirements(struct page *page)
{
	static const char *const headings[] = {
		"Id", "Requirement", ">From level", "Verdict", "Why, and by which checks", NULL};
	size_t i;

	page_section(page, "requirements", "Requirements");
	page_table(page, "requirements", headings);
	for (i = 0; i < page->results->requirement_count; i++) {
		write_requirement(page, &page->results->requirements[i]);
	}
	page_close(page);
	page_close(page);
	page_close(page);
}

static void write_cra(struct page *page, const struct cra_result *result)
{
	page_open(page, "tr", NULL);
	page_element(page, "td", "k", result->point->id);
	page_open(page, "td", NULL);
	page_text(page, result->point->title);
	page_element(page, "div", "dim", result->point->ref);
	page_close(page);
	page_open(page, "td", NULL);
	page_verdict(page, result->verdict);
	page_close(page);
	page_open(page, "td", NULL);
	page_text(page, result->reason);
	page_open(page, "div", "class", "dim", NULL);
	page_format(page,
		    "requirements behind it: %d met, %d not met, %d not "
		    "settled, %d not applicable",
		    result->met, result->not_met, result->not_evaluated, result->not_applicable);
	page_close(page);
	write_checks(page, result->checks, result->check_count);
	page_close(page);
	page_close(page);
}

void html_cra(struct page *page)
{
	static const char *const headings[] = {"Point", "Title", "Verdict", "What supports it",
					       NULL};
	char heading[256];
	size_t i;

	snprintf(heading, sizeof(heading), "Cyber Resilience Act, %s",
		 page->results->catalogue->cra_act);
	page_section(page, "cra", heading);
	page_element(page, "p", "dim",
		     "An engineering crosswalk from the requirements above. Only "
		     "a harmonised standard cited in the Official Journal gives a "
		     "presumption of conformity; this table gives none.");
	page_table(page, "cra", headings);
	for (i = 0; i < page->results->cra_count; i++) {
		write_cra(page, &page->results->cra[i]);
	}
	page_close(page);
	page_close(page);
	page_close(page);
}

static void write_open_row(struct page *page, const struct check_result *check)
{
	size_t i;

	page_open(page, "tr", "id", check->id, NULL);
	page_open(page, "td", NULL);
	page_text(page, check->ask != NULL ? check->ask : check->title);
	page_element(page, "div", "dim mono", check->id);
	page_close(page);
	page_open(page, "td", "class", "k", NULL);
	for (i = 0; check->requirements[i] != NULL; i++) {
		page_element(page, "div", NULL, check->requirements[i]);
	}
	page_close(page);
	page_element(page, "td", NULL, check->reason);
	page_close(page);
}

static size_t write_open_reason(struct page *page, enum why why)
{
	static const char *const headings[] = {"Check or question", "Requirements", "Reason", NULL};
	size_t i, count = 0;

	for (i = 0; i < page->results->check_count; i++) {
		const struct check_result *check = &page->results->checks[i];

		if (check->verdict != VERDICT_NOT_TESTED || check->why != why) {
			continue;
		}
		if (count++ == 0) {
			page_element(page, "h3", NULL, why_sentence(why));
			page_table(page, "open", headings);
		}
		write_open_row(page, check);
	}
	if (count > 0) {
		page_close(page);
		page_close(page);
	}
	return count;
}

void html_open(struct page *page)
{
	size_t count = 0;
	int why;

	page_section(page, "open", "Not evaluated, and why");
	for (why = 0; why < WHY_COUNT; why++) {
		count += write_open_reason(page, (enum why)why);
	}
	if (count == 0) {
		page_element(page, "p", NULL, "Every check was carried out.");
	}
	page_close(page);
}

static void write_sentences(struct page *page, const char *heading, const char *const *sentences,
			    size_t count)
{
	size_t i;

	if (count == 0) {
		return;
	}
	page_element(page, "h3", NULL, heading);
	page_open(page, "ul", NULL);
	for (i = 0; i < count; i++) {
		page_element(page, "li", NULL, sentences[i]);
	}
	page_close(page);
}

/* Checks that share an observation share its files: only the first lists them.
 */
static bool listed_before(const struct results *results, size_t index)
{
	const char *observation = results->checks[index].observation;
	size_t i;

	for (i = 0; i < index; i++) {
		if (results->checks[i].observation != NULL &&
		    strcmp(results->checks[i].observation, observation) == 0) {
			return true;
		}
	}
	return false;
}

static void write_evidence_index(struct page *page)
{
	static const char *const headings[] = {"File", ">Bytes", "SHA-256", NULL};
	const struct results *results = page->results;
	char size[32];
	size_t i, j;

	page_open(page, "details", NULL);
	page_element(page, "summary", NULL, "evidence files");
	page_table(page, "evidence", headings);
	for (i = 0; i < results->check_count; i++) {
		const struct check_result *check = &results->checks[i];

		if (check->observation == NULL || listed_before(results, i)) {
			continue;
		}
		for (j = 0; j < check->evidence_count; j++) {
			page_open(page, "tr", NULL);
			page_open(page, "td", NULL);
			page_open(page, "a", "href", check->evidence[j].path, NULL);
			page_text(page, check->evidence[j].path);
			page_close(page);
			page_close(page);
			snprintf(size, sizeof(size), "%lld", (long long)check->evidence[j].size);
			page_element(page, "td", "n", size);
			page_element(page, "td", "mono", check->evidence[j].sha256);
			page_close(page);
		}
	}
	page_close(page);
	page_close(page);
	page_close(page);
}

void html_environment(struct page *page)
{
	const struct results *results = page->results;
	size_t i;

	page_section(page, "environment", "Environment and evidence");
	page_open(page, "dl", "class", "head", NULL);
	page_element(page, "dt", NULL, "assay");
	page_element(page, "dd", NULL, results->tool_version);
	page_element(page, "dt", NULL, "suites");
	page_element(page, "dd", "mono", results->suites_digest);
	page_element(page, "dt", NULL, "catalogue");
	page_element(page, "dd", "mono", results->catalogue->digest);
	page_element(page, "dt", NULL, "profile");
	page_element(page, "dd", "mono", results->profile->digest);
	page_element(page, "dt", NULL, "journal's last line");
	page_element(page, "dd", "mono", results->journal_head);
	for (i = 0; i < results->environment_count; i++) {
		page_element(page, "dt", NULL, results->environment[i].name);
		page_element(page, "dd", NULL, results->environment[i].value);
	}
	page_close(page);
	write_sentences(page, "Refused by the gate", results->refusals, results->refusal_count);
	write_sentences(page, "The device during the run", results->device_events,
			results->device_event_count);
	write_evidence_index(page);
	page_close(page);
}
