/* plan_print: the plan as a page for the person at the bench. */
#include "harness/plan/plan.h"

#include <inttypes.h>
#include <string.h>

#include "harness/banned.h"

struct page {
	const struct plan *plan;
	FILE *out;
	int width;
};

/* Prints the sentence from column indent on, broken between words. */
static void wrapped(const struct page *page, int indent, const char *text)
{
	int column = indent;
	size_t word;

	fprintf(page->out, "%*s", indent, "");
	while (*text != '\0') {
		word = strcspn(text, " \n");
		if (column > indent && column + 1 + (int)word > page->width) {
			fprintf(page->out, "\n%*s", indent, "");
			column = indent;
		}
		fprintf(page->out, "%s%.*s", column > indent ? " " : "", (int)word, text);
		column += (column > indent) + (int)word;
		text += word;
		text += strspn(text, " \n");
	}
	fputc('\n', page->out);
}

static void duration(FILE *out, unsigned seconds)
{
	if (seconds < 90) {
		fprintf(out, "%u s", seconds);
	} else {
		fprintf(out, "%u min", (seconds + 59) / 60);
	}
}

static void print_consent(const struct page *page)
{
	const struct profile *profile = page->plan->profile;
	const char *gap = "";
	int i;

	fprintf(page->out, "  consent    ");
	for (i = 0; i < IMPACT_COUNT; i++) {
		if (profile->consent[i]) {
			fprintf(page->out, "%s%s", gap, impact_word((enum impact)i));
			gap = ", ";
		}
	}
	fprintf(page->out, "%s\n", gap[0] == '\0' ? "none" : "");
}

static const char *component_name(const struct catalogue *catalogue, const char *id)
{
	size_t i;

	for (i = 0; i < catalogue->component_count; i++) {
		if (strcmp(catalogue->components[i].id, id) == 0) {
			return catalogue->components[i].name;
		}
	}
	return id;
}

static void print_head(const struct page *page)
{
	const struct profile *profile = page->plan->profile;
	const struct budget *budget = &profile->budget;
	size_t i;

	fprintf(page->out, "%s", profile->name);
	if (profile->firmware != NULL) {
		fprintf(page->out, ", firmware %s", profile->firmware);
	}
	fprintf(page->out, "\n  device     %s, %s state, at %s",
		component_name(page->plan->catalogue, profile->component),
		state_word(profile->state), address_text(&profile->link.address).s);
	for (i = 0; i < profile->link.ipv6_count; i++) {
		fprintf(page->out, ", %s", address_text(&profile->link.ipv6[i]).s);
	}
	fprintf(page->out, " on %s\n", profile->link.interface);
	for (i = 0; i < profile->source_count; i++) {
		fprintf(page->out, "%s %s from %s", i == 0 ? "  sources   " : ",",
			profile->sources[i].name, address_text(&profile->sources[i].address).s);
	}
	fprintf(page->out, "%s", profile->source_count > 0 ? "\n" : "");
	fprintf(page->out, "  edition    %s\n", page->plan->catalogue->edition);
	print_consent(page);
	fprintf(page->out,
		"  budget     %" PRId64 " frames/s, %" PRId64
		" connections at a time\n             %" PRId64
		" failed logins an account, %" PRId64 " writes\n",
		budget->frames_per_s, budget->connections, budget->failed_logins, budget->writes);
	if (budget->load_frames_per_s > 0) {
		fprintf(page->out,
			"  load       at most %" PRId64 " frames/s for %" PRId64 " s at a time\n",
			budget->load_frames_per_s, budget->load_s);
	}
}

static void print_monitors(const struct page *page)
{
	const struct plan *plan = page->plan;
	size_t i;

	if (plan->monitor_count == 0) {
		return;
	}
	fprintf(page->out, "\nwatched all the time\n");
	for (i = 0; i < plan->monitor_count; i++) {
		const struct planned_monitor *m = &plan->monitors[i];

		fprintf(page->out, "       %-46s %s every %" PRId64 " ms\n", m->function->name,
			m->monitor->id, m->function->period_ms);
	}
}

static bool runs(const struct observation *observation, int impact)
{
	return observation->why == WHY_NONE && observation->probe->impact == (enum impact)impact;
}

/* True if an earlier check on the observation names the requirement too. */
static bool told(const struct plan *plan, size_t check, const char *requirement)
{
	const char *const *id;
	size_t i;

	for (i = 0; i < check; i++) {
		id = plan->checks[i].check->requirements;
		if (plan->checks[i].observation != plan->checks[check].observation ||
		    plan->checks[i].why != WHY_NONE) {
			continue;
		}
		for (; id != NULL && *id != NULL; id++) {
			if (strcmp(*id, requirement) == 0) {
				return true;
			}
		}
	}
	return false;
}

/* The requirements that the observation's checks speak of. */
static void print_purpose(const struct page *page, size_t observation)
{
	const struct plan *plan = page->plan;
	const char *gap = "         for ";
	const char *const *id;
	size_t i;

	for (i = 0; i < plan->check_count; i++) {
		id = plan->checks[i].check->requirements;
		if (plan->checks[i].observation != (int)observation ||
		    plan->checks[i].why != WHY_NONE) {
			continue;
		}
		for (; id != NULL && *id != NULL; id++) {
			if (!told(plan, i, *id)) {
				fprintf(page->out, "%s%s", gap, *id);
				gap = ", ";
			}
		}
	}
	fputc('\n', page->out);
}

static size_t print_impact(const struct page *page, int impact, size_t n)
{
	const struct plan *plan = page->plan;
	bool first = true;
	size_t i;

	for (i = 0; i < plan->observation_count; i++) {
		const struct observation *o = &plan->observations[i];

		if (!runs(o, impact)) {
			continue;
		}
		if (first) {
			fprintf(page->out, "\nwill run: %s (%s)\n",
				impact_word((enum impact)impact),
				impact_sentence((enum impact)impact));
			first = false;
		}
		fprintf(page->out, "  %3zu  %-46s ", ++n, o->id);
		duration(page->out, o->seconds);
		fputc('\n', page->out);
		wrapped(page, 9, o->probe->summary);
		print_purpose(page, i);
	}
	return n;
}

static size_t print_asks(const struct page *page)
{
	const struct plan *plan = page->plan;
	size_t i, asks = 0;

	for (i = 0; i < plan->check_count; i++) {
		const struct planned_check *c = &plan->checks[i];

		if (c->check->ask == NULL || c->why != WHY_NONE) {
			continue;
		}
		if (asks++ == 0) {
			fprintf(page->out, "\na person answers\n");
		}
		fprintf(page->out, "       %-48s %s\n", c->id,
			c->answer != NULL ? "answered" : "open");
	}
	return asks;
}

static bool same(const char *a, const char *b)
{
	return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

/* True if an earlier check has the same reason, so it was printed with it. */
static bool printed(const struct plan *plan, size_t index)
{
	size_t i;

	for (i = 0; i < index; i++) {
		if (plan->checks[i].why == plan->checks[index].why &&
		    same(plan->checks[i].reason, plan->checks[index].reason)) {
			return true;
		}
	}
	return false;
}

static void print_reason(const struct page *page, size_t index)
{
	const struct plan *plan = page->plan;
	const struct planned_check *c = &plan->checks[index];
	size_t i;

	wrapped(page, 2, c->reason != NULL ? c->reason : why_sentence(c->why));
	for (i = index; i < plan->check_count; i++) {
		if (plan->checks[i].why == c->why && same(plan->checks[i].reason, c->reason)) {
			fprintf(page->out, "       %s\n", plan->checks[i].id);
		}
	}
}

static size_t print_rest(const struct page *page)
{
	const struct plan *plan = page->plan;
	size_t i, count = 0;
	int why;

	for (why = WHY_NONE + 1; why < WHY_COUNT; why++) {
		for (i = 0; i < plan->check_count; i++) {
			if (plan->checks[i].why != (enum why)why) {
				continue;
			}
			if (count++ == 0) {
				fprintf(page->out, "\nwill not run\n");
			}
			if (!printed(plan, i)) {
				print_reason(page, i);
			}
		}
	}
	return count;
}

static void print_uncovered(const struct page *page)
{
	const struct plan *plan = page->plan;
	size_t i;

	if (plan->uncovered_count > 0) {
		fprintf(page->out, "\nno check looks into\n");
	}
	for (i = 0; i < plan->uncovered_count; i++) {
		wrapped(page, 2, plan->uncovered[i].sentence);
	}
}

static void print_notes(const struct page *page)
{
	const struct plan *plan = page->plan;
	size_t i;

	if (plan->note_count > 0) {
		fprintf(page->out, "\nto know beforehand\n");
	}
	for (i = 0; i < plan->note_count; i++) {
		wrapped(page, 2, plan->notes[i]);
	}
}

void plan_print(const struct plan *plan, FILE *out, int width)
{
	struct page page = {plan, out, width < 40 ? 80 : width};
	size_t n = 0, asks, rest;
	int impact;

	print_head(&page);
	print_monitors(&page);
	for (impact = 0; impact < IMPACT_COUNT; impact++) {
		n = print_impact(&page, impact, n);
	}
	asks = print_asks(&page);
	rest = print_rest(&page);
	print_uncovered(&page);
	print_notes(&page);
	fprintf(out,
		"\n%zu checks: %zu judged on %zu observations, %zu for a "
		"person, %zu will not run\nabout ",
		plan->check_count, plan->check_count - asks - rest, n, asks, rest);
	duration(out, plan->seconds);
	fputc('\n', out);
}
