/*
 * text: the answer for a terminal: first how it stands, then what failed and
 * why, what proves nothing, and what was not looked at.
 */
#include "reports/format.h"
#include "reports/screen.h"

#include <errno.h>
#include <string.h>

#include "harness/banned.h"

#define WIDTH_LEAST 40
#define INDENT      6

/* --- how it stands ----------------------------------------------------------- */

static const char *or_dash(const char *text)
{
	return text == NULL || text[0] == '\0' ? "-" : text;
}

static void print_run(struct screen *screen)
{
	const struct results *results = screen->results;
	const struct profile *profile = results->profile;
	struct arena *arena = screen->arena;

	screen_paragraph(screen, 0,
			 arena_printf(arena, "%s, %s, %s, firmware %s", or_dash(profile->name),
				      or_dash(profile->component),
				      profile->state == STATE_FACTORY ? "as delivered" : "hardened",
				      or_dash(profile->firmware)));
	screen_paragraph(screen, 0,
			 arena_printf(arena, "%s, assay %s, started %s",
				      results->catalogue->edition, results->tool_version,
				      or_dash(results->started)));
	if (results->policies != NULL) {
		screen_paragraph(screen, 0, results->policies);
	}
	if (results->other_suites) {
		screen_paragraph(screen, 0, "Judged with other suites than the run was made with.");
	}
	if (results->end_reason == NULL) {
		screen_paragraph(screen, 0,
				 "The run has not ended: what follows is what it holds "
				 "so far.");
	} else if (strcmp(results->end_reason, "complete") != 0) {
		screen_paragraph(
			screen, 0,
			arena_printf(arena, "The run ended early: %s.", results->end_reason));
	}
}

static void print_counts(struct screen *screen)
{
	const int *counts = screen->results->verdict_counts;
	const char *word;
	int i;

	screen_heading(screen, "Checks");
	for (i = VERDICT_COUNT - 1; i >= 0; i--) {
		word = verdict_word((enum verdict)i);
		fprintf(screen->out, "%5d  %s%s%s%*s", counts[i],
			counts[i] > 0 ? screen_paint(screen, (enum verdict)i) : "", word,
			counts[i] > 0 ? screen_plain(screen) : "", 16 - (int)strlen(word), "");
		screen_wrap(screen, 23, 23, verdict_sentence((enum verdict)i));
	}
}

/* Four cells: proven, possible, and disproved levels. */
static char *bar(struct screen *screen, const struct level_result *level)
{
	char *text = arena_strdup(screen->arena, "");
	const char *cell;
	int n;

	for (n = 1; n <= 4; n++) {
		cell = n <= level->proven ? "\u2588" : n <= level->ceiling ? "\u2591" : "\u00b7";
		text = arena_printf(screen->arena, "%s%s", text, cell);
	}
	return text;
}

static void print_claim(struct screen *screen, const struct level_result *level)
{
	const struct level_count *at = &level->at[level->claim];
	const char *text;

	if (level->claim <= level->proven) {
		text = "met";
	} else if (level->claim > level->ceiling) {
		text = arena_printf(screen->arena, "disproved: %d of %d requirements not met",
				    at->not_met, at->selected);
	} else {
		text = arena_printf(screen->arena, "open: %d of %d requirements not evaluated",
				    at->not_evaluated, at->selected);
	}
	screen_paragraph(screen, INDENT,
			 arena_printf(screen->arena, "claimed %d: %s", level->claim, text));
}

static void print_levels(struct screen *screen)
{
	const struct level_result *level;
	int fr, at;

	screen_heading(screen, "Levels");
	for (fr = 1; fr <= 7; fr++) {
		level = &screen->results->levels[fr];
		fprintf(screen->out, "FR %d  proven %d  possible %d  %s  ", fr, level->proven,
			level->ceiling, bar(screen, level));
		at = 34;
		screen_wrap(screen, at, at, level->name);
		if (level->claim > 0) {
			print_claim(screen, level);
		}
	}
	screen_paragraph(screen, 0,
			 "proven: everything selected up to this level is met; "
			 "possible: nothing selected up to this level has failed.");
}

static void print_requirements(struct screen *screen)
{
	const struct results *results = screen->results;
	int counts[VERDICT_COUNT] = {0};
	size_t i;

	for (i = 0; i < results->requirement_count; i++) {
		counts[results->requirements[i].verdict]++;
	}
	screen_paragraph(screen, 0,
			 arena_printf(screen->arena,
				      "Of %zu requirements %d are met, %d not met, %d not "
				      "applicable, %d not evaluated.",
				      results->requirement_count, counts[VERDICT_PASS],
				      counts[VERDICT_FAIL], counts[VERDICT_NOT_APPLICABLE],
				      counts[VERDICT_NOT_TESTED] + counts[VERDICT_INCONCLUSIVE] +
					      counts[VERDICT_ERROR]));
}

/* --- what was found ------------------------------------------------------------ */

static char *joined(struct screen *screen, const char *before, const char *const *list)
{
	char *text = arena_strdup(screen->arena, before);

	for (; *list != NULL; list++) {
		text = arena_printf(screen->arena, "%s%s%s", text, text[0] != '\0' ? ", " : "",
				    *list);
	}
	return text;
}

static void print_check(struct screen *screen, const struct check_result *check)
{
	const char *word = verdict_word(check->verdict);
	const char *why = why_word(check->why);
	char *serves = joined(screen, "", check->requirements);

	fprintf(screen->out, "%s%s%s  ", screen_paint(screen, check->verdict), word,
		screen_plain(screen));
	screen_wrap(screen, (int)strlen(word) + 2, INDENT,
		    arena_printf(screen->arena, "%s: %s", check->id,
				 check->title == NULL ? "" : check->title));
	screen_paragraph(screen, INDENT,
			 why[0] == '\0'
				 ? check->reason
				 : arena_printf(screen->arena, "%s: %s", why, check->reason));
	if (check->note != NULL) {
		screen_paragraph(screen, INDENT, check->note);
	}
	if (check->cra[0] != NULL) {
		serves = arena_printf(screen->arena, "%s; CRA %s", serves,
				      joined(screen, "", check->cra));
	}
	if (serves[0] != '\0') {
		screen_paragraph(screen, INDENT, serves);
	}
	if (check->figures != NULL) {
		screen_paragraph(screen, INDENT,
				 arena_printf(screen->arena, "validation: %s",
					      figures_sentence(check->figures).s));
	}
	/* one line, however long: it is there to be copied */
	if (check->ask == NULL) {
		fprintf(screen->out, "%*s%s\n", INDENT, "", screen_clean(screen, check->reproduce));
	}
}

static void print_checks(struct screen *screen, enum verdict verdict, const char *title)
{
	const struct results *results = screen->results;
	size_t i;

	if (results->verdict_counts[verdict] == 0) {
		return;
	}
	screen_heading(screen, title);
	for (i = 0; i < results->check_count; i++) {
		if (results->checks[i].verdict == verdict) {
			print_check(screen, &results->checks[i]);
		}
	}
}

/* Checks that hold, and ask about what is legacy. */
static void print_notes(struct screen *screen)
{
	const struct results *results = screen->results;
	bool first = true;
	size_t i;

	for (i = 0; i < results->check_count; i++) {
		const struct check_result *check = &results->checks[i];

		if (check->note == NULL || check->verdict == VERDICT_FAIL) {
			continue;
		}
		if (first) {
			screen_heading(screen, "Passed, with a question");
			first = false;
		}
		screen_paragraph(screen, 0,
				 arena_printf(screen->arena, "%s: %s", check->id, check->note));
	}
}

static void print_not_tested(struct screen *screen)
{
	const struct results *results = screen->results;
	int counts[WHY_COUNT] = {0};
	size_t i;
	int why;

	if (results->verdict_counts[VERDICT_NOT_TESTED] == 0) {
		return;
	}
	screen_heading(screen, "Not evaluated");
	for (i = 0; i < results->check_count; i++) {
		if (results->checks[i].verdict == VERDICT_NOT_TESTED) {
			counts[results->checks[i].why]++;
		}
	}
	for (why = 0; why < WHY_COUNT; why++) {
		if (counts[why] > 0) {
			fprintf(screen->out, "%5d  ", counts[why]);
			screen_wrap(screen, 7, 7,
				    arena_printf(screen->arena, "%s: %s", why_word((enum why)why),
						 why_sentence((enum why)why)));
		}
	}
}

static void print_sentences(struct screen *screen, const char *title, const char *const *sentences,
			    size_t count)
{
	size_t i;

	if (count == 0) {
		return;
	}
	screen_heading(screen, title);
	for (i = 0; i < count; i++) {
		screen_paragraph(screen, 0, sentences[i]);
	}
}

static void print_monitors(struct screen *screen)
{
	const struct results *results = screen->results;
	const struct monitor_result *monitor;
	const char *missed;
	size_t i;

	if (results->monitor_count == 0) {
		return;
	}
	screen_heading(screen, "Essential functions");
	for (i = 0; i < results->monitor_count; i++) {
		monitor = &results->monitors[i];
		missed = monitor->missed == 0
				 ? ""
				 : arena_printf(screen->arena, "%lld missed by the tester, ",
						(long long)monitor->missed);
		screen_paragraph(screen, 0,
				 arena_printf(screen->arena,
					      "%s: %lld samples by %s, %lld answered, %s"
					      "longest time without progress %.6g ms",
					      monitor->function, (long long)monitor->samples,
					      monitor->monitor, (long long)monitor->answered,
					      missed, monitor->worst_gap_ms));
	}
}

static void print_uncovered(struct screen *screen)
{
	const struct results *results = screen->results;
	size_t i;

	if (results->uncovered_count == 0) {
		return;
	}
	screen_heading(screen, "Services that no check looks into");
	for (i = 0; i < results->uncovered_count; i++) {
		screen_paragraph(screen, 0, results->uncovered[i].reason);
	}
}

static int write_text(const struct results *results, const struct report_options *options,
		      FILE *out, struct text *why)
{
	struct screen screen = {
		.results = results, .out = out, .width = options->width, .colour = options->colour};

	if (screen.width < WIDTH_LEAST) {
		screen.width = WIDTH_LEAST;
	}
	screen.arena = arena_new();
	print_run(&screen);
	print_counts(&screen);
	print_levels(&screen);
	print_requirements(&screen);
	print_uncovered(&screen);
	print_checks(&screen, VERDICT_FAIL, "Findings");
	print_checks(&screen, VERDICT_ERROR, "Broken checks");
	print_checks(&screen, VERDICT_INCONCLUSIVE, "Inconclusive");
	print_notes(&screen);
	print_not_tested(&screen);
	print_monitors(&screen);
	print_sentences(&screen, "The device", results->device_events, results->device_event_count);
	print_sentences(&screen, "Refused by the gate", results->refusals, results->refusal_count);
	fputc('\n', out);
	screen_paragraph(&screen, 0,
			 "Everything with facts and evidence: report.html in the run "
			 "directory.");
	arena_free(screen.arena);
	return ferror(out) ? text_error(why, "cannot write the text report: %s", strerror(errno))
			   : 0;
}

extern const struct report_format report_text;
const struct report_format report_text = {
	.name = "text",
	.file_name = NULL,
	.summary = "the answer, for a terminal",
	.write = write_text,
};
