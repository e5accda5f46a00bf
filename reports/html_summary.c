/* html_summary: the page's first screen: what was assessed, how it came out, and
 * the levels as intervals. */
#include "reports/html_page.h"

#include <stdio.h>
#include <string.h>

#include "harness/banned.h"
#include "harness/base/text.h"

static void term(struct page *page, const char *name, const char *value)
{
	if (value == NULL || value[0] == '\0') {
		return;
	}
	page_element(page, "dt", NULL, name);
	page_element(page, "dd", NULL, value);
}

static const char *component_name(const struct results *results)
{
	const struct catalogue *catalogue = results->catalogue;
	size_t i;

	for (i = 0; i < catalogue->component_count; i++) {
		if (strcmp(catalogue->components[i].id, results->profile->component) == 0) {
			return catalogue->components[i].name;
		}
	}
	return results->profile->component;
}

static void write_identity(struct page *page)
{
	const struct results *results = page->results;
	const struct profile *profile = results->profile;
	char text[512];

	page_open(page, "dl", "class", "head", NULL);
	snprintf(text, sizeof(text), "%s (%s)", component_name(results), profile->component);
	term(page, "Component", text);
	snprintf(text, sizeof(text), "%s%s%s", state_word(profile->state),
		 profile->firmware != NULL ? ", firmware " : "",
		 profile->firmware != NULL ? profile->firmware : "");
	term(page, "State", text);
	snprintf(text, sizeof(text), "%s on %s", address_text(&profile->link.address).s,
		 profile->link.interface);
	term(page, "Address", text);
	term(page, "Measured against", results->catalogue->edition);
	snprintf(text, sizeof(text), "%s%s%s", results->started,
		 results->ended != NULL ? " to " : ", still open",
		 results->ended != NULL ? results->ended : "");
	term(page, "Run", text);
	term(page, "Policies", results->policies);
	if (results->end_reason != NULL && strcmp(results->end_reason, "complete") != 0) {
		snprintf(text, sizeof(text), "%s: the run did not reach everything",
			 results->end_reason);
		term(page, "Ended", text);
	}
	page_close(page);
}

static void write_counts(struct page *page)
{
	static const struct {
		enum verdict verdict;
		const char *label;
	} order[] = {
		{VERDICT_FAIL, "failed"},
		{VERDICT_ERROR, "errors"},
		{VERDICT_INCONCLUSIVE, "inconclusive"},
		{VERDICT_NOT_TESTED, "not tested"},
		{VERDICT_PASS, "passed"},
		{VERDICT_NOT_APPLICABLE, "not applicable"},
	};
	size_t i;

	page_open(page, "ul", "class", "counts", "aria-label", "Checks by verdict", NULL);
	for (i = 0; i < ARRAY_SIZE(order); i++) {
		page_open(page, "li", NULL);
		page_open(page, "b", NULL);
		page_format(page, "%d", page->results->verdict_counts[order[i].verdict]);
		page_close(page);
		page_text(page, order[i].label);
		page_close(page);
	}
	page_close(page);
}

static void write_coverage(struct page *page)
{
	int met = 0, not_met = 0, open = 0, none = 0;
	size_t i;

	for (i = 0; i < page->results->requirement_count; i++) {
		switch (page->results->requirements[i].verdict) {
		case VERDICT_PASS:
			met++;
			break;
		case VERDICT_FAIL:
			not_met++;
			break;
		case VERDICT_NOT_APPLICABLE:
			none++;
			break;
		default:
			open++;
			break;
		}
	}
	page_open(page, "p", NULL);
	page_format(page,
		    "Of the %zu requirements and enhancements for this component "
		    "type, %d are met, %d are not met, %d are not applicable, and ",
		    page->results->requirement_count, met, not_met, none);
	page_open(page, "strong", NULL);
	page_format(page, "%d are not settled", open);
	page_close(page);
	page_text(page, ". What is not settled is neither met nor failed.");
	page_close(page);
}

static void write_uncovered(struct page *page)
{
	const struct results *results = page->results;
	size_t i;

	if (results->uncovered_count == 0) {
		return;
	}
	page_open(page, "p", NULL);
	page_element(page, "strong", NULL, "Services that no check looks into:");
	page_close(page);
	page_open(page, "ul", NULL);
	for (i = 0; i < results->uncovered_count; i++) {
		page_element(page, "li", NULL, results->uncovered[i].reason);
	}
	page_close(page);
}

void html_summary(struct page *page)
{
	page_element(page, "h1", NULL, page->results->profile->name);
	page_element(page, "p", "dim",
		     "What this device was seen to do for its "
		     "own security");
	write_identity(page);
	write_counts(page);
	write_coverage(page);
	write_uncovered(page);
}

static void write_bar(struct page *page, const struct level_result *level)
{
	char label[160], class[32], number[4];
	int n;

	snprintf(label, sizeof(label), "proven %d, still possible %d", level->proven,
		 level->ceiling);
	page_open(page, "span", "class", "bar", "role", "img", "aria-label", label, NULL);
	for (n = 1; n <= 4; n++) {
		snprintf(class, sizeof(class), "%s%s",
			 n <= level->proven    ? "p"
			 : n <= level->ceiling ? "o"
					       : "x",
			 n == level->claim ? " claim" : "");
		snprintf(number, sizeof(number), "%d", n);
		page_element(page, "i", class, number);
	}
	page_close(page);
}

static void write_level(struct page *page, const struct level_result *level)
{
	const struct level_count *all = &level->at[4];
	const int counts[] = {all->selected, all->met, all->not_met, all->not_evaluated,
			      all->not_applicable};
	char text[16];
	size_t i;

	page_open(page, "tr", NULL);
	page_open(page, "td", NULL);
	page_format(page, "FR %d %s", level->fr, level->name);
	page_close(page);
	page_open(page, "td", "class", "k", NULL);
	write_bar(page, level);
	page_close(page);
	page_open(page, "td", "class", "k", NULL);
	page_format(page, "%d to %d", level->proven, level->ceiling);
	page_close(page);
	snprintf(text, sizeof(text), "%d", level->claim);
	page_element(page, "td", "n", level->claim > 0 ? text : "");
	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		snprintf(text, sizeof(text), "%d", counts[i]);
		page_element(page, "td", "n", text);
	}
	page_close(page);
}

void html_levels(struct page *page)
{
	static const char *const headings[] = {"Foundational requirement",
					       "Level",
					       "Proven to possible",
					       ">Claimed",
					       ">Selected",
					       ">Met",
					       ">Not met",
					       ">Not settled",
					       ">Not applicable",
					       NULL};
	int fr;

	page_section(page, "levels", "Security levels");
	page_element(page, "p", "dim",
		     "A level is proven when every requirement selected up to it was "
		     "met by test or by reviewed evidence; it is still possible while "
		     "none selected up to it has failed. A component has a vector of "
		     "seven intervals, never one number. Filled: proven. Hatched: "
		     "disproved. Outlined twice: claimed. Counts are for all four "
		     "levels.");
	page_table(page, "levels", headings);
	for (fr = 1; fr <= 7; fr++) {
		write_level(page, &page->results->levels[fr]);
	}
	page_close(page);
	page_close(page);
	page_open(page, "p", "class", "dim", NULL);
	page_format(page,
		    "Beside the levels stand the %d common component security "
		    "constraints: %d met, %d not met, %d not settled.",
		    page->results->levels[0].at[4].selected, page->results->levels[0].at[4].met,
		    page->results->levels[0].at[4].not_met,
		    page->results->levels[0].at[4].not_evaluated);
	page_close(page);
	page_close(page);
}
