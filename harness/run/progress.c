/* progress: what a run shows on stderr: on a terminal one line that is redrawn,
 * else one line an event in stable words. Nothing of it is evidence. */
#define _GNU_SOURCE
#include "harness/run/progress.h"
#include "harness/base/clock.h"
#include "harness/run/runner.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "harness/banned.h"

struct counts {
	size_t all, finished, outcomes[3];
};

static struct counts count_up(const struct runner *runner)
{
	const struct plan *plan = runner->plan;
	struct counts counts = {0};
	size_t i;

	for (i = 0; i < plan->observation_count; i++) {
		if (plan->observations[i].why != WHY_NONE) {
			continue;
		}
		counts.all++;
		if (runner->progress[i].attempts > 0 &&
		    (runner->progress[i].finished || runner->progress[i].outcome == CHILD_ERROR)) {
			counts.finished++;
			counts.outcomes[runner->progress[i].outcome]++;
		}
	}
	return counts;
}

/* Estimated seconds for what is left; what runs counts for what it has left.
 */
static unsigned seconds_left(const struct runner *runner)
{
	const struct plan *plan = runner->plan;
	int64_t now = clock_ns(), left = 0;
	size_t i;

	for (i = 0; i < plan->observation_count; i++) {
		if (plan->observations[i].why == WHY_NONE && runner->progress[i].attempts == 0) {
			left += plan->observations[i].seconds;
		}
	}
	for (i = 0; i < MAX_CHILDREN; i++) {
		const struct running *r = &runner->running[i];

		if (r->child != NULL) {
			int64_t rest = plan->observations[r->observation].seconds -
				       (now - r->start_ns) / NS_PER_S;

			left += rest > 0 ? rest : 0;
		}
	}
	return (unsigned)left;
}

static const char *name_of(const struct runner *runner, size_t observation)
{
	return runner->plan->observations[observation].id;
}

static int terminal_width(void)
{
	struct winsize size = {.ws_col = 0};

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 20) {
		return 80;
	}
	return size.ws_col;
}

void progress_clear(struct runner *runner)
{
	if (runner->shown > 0) {
		fputs("\r\033[K", stderr);
		runner->shown = 0;
	}
}

/* The judge's counts where it is asked, else what came of the children. */
static const char *verdicts_so_far(const struct runner *runner, const struct counts *counts)
{
	const struct run_options *options = runner->options;
	static char text[64];

	if (options->verdicts != NULL) {
		return options->verdicts(options->verdict_argument);
	}
	snprintf(text, sizeof(text), "%zu gave up, %zu errors", counts->outcomes[CHILD_GAVE_UP],
		 counts->outcomes[CHILD_ERROR]);
	return text;
}

/* The running one's name, and what it waits for, counted down. */
static size_t name_place(const struct runner *runner, const struct running *place, char *out,
			 size_t size)
{
	struct milestone wait;
	int written;

	(void)child_milestone(place->child, &wait);
	if (wait.until_ns == 0) {
		written = snprintf(out, size, "%s", name_of(runner, place->observation));
	} else {
		written = snprintf(out, size, "%s (%s, %d s)", name_of(runner, place->observation),
				   wait.what, (clock_left_ms(wait.until_ns) + 999) / 1000);
	}
	return written < 0 ? 0 : (size_t)written;
}

void progress_tick(struct runner *runner)
{
	struct counts counts;
	char line[1024], names[512] = "";
	size_t i, used = 0;
	int width;

	if (!runner->options->progress || !runner->options->terminal) {
		return;
	}
	for (i = 0; i < MAX_CHILDREN; i++) {
		if (runner->running[i].child != NULL && used < sizeof(names)) {
			used += (size_t)snprintf(names + used, sizeof(names) - used, "%s",
						 used > 0 ? ", " : "");
			used += used < sizeof(names)
					? name_place(runner, &runner->running[i], names + used,
						     sizeof(names) - used)
					: 0;
		}
	}
	counts = count_up(runner);
	snprintf(line, sizeof(line), "%zu of %zu, %s, about %u s left: %s", counts.finished,
		 counts.all, verdicts_so_far(runner, &counts), seconds_left(runner),
		 used > 0 ? names : "looking at the device");
	width = terminal_width() - 1;
	fprintf(stderr, "\r%.*s\033[K", width, line);
	runner->shown = 1;
}

void progress_event(struct runner *runner, const char *format, ...)
{
	char line[2048], shown[4 * sizeof(line)];
	va_list arguments;

	if (!runner->options->progress) {
		return;
	}
	progress_clear(runner);
	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	fprintf(stderr, "%s\n", text_printable(shown, sizeof(shown), line, strlen(line)));
	progress_tick(runner);
}

void progress_wait(struct runner *runner, size_t observation, const struct milestone *wait)
{
	if (runner->options->terminal) {
		progress_tick(runner);
		return;
	}
	progress_event(runner, "wait %s: %s, %d s", name_of(runner, observation), wait->what,
		       (clock_left_ms(wait->until_ns) + 999) / 1000);
}

void progress_begin(struct runner *runner, size_t observation)
{
	struct counts counts;

	if (runner->options->terminal) {
		progress_tick(runner);
		return;
	}
	counts = count_up(runner);
	progress_event(runner, "begin %s (%zu of %zu done, about %u s left)",
		       name_of(runner, observation), counts.finished, counts.all,
		       seconds_left(runner));
}

void progress_end(struct runner *runner, size_t observation, const struct child_report *report)
{
	const struct run_options *options = runner->options;
	struct counts counts = count_up(runner);
	const char *verdict = NULL;
	const char *reason = report->reason == NULL ? "" : report->reason;

	if (options->verdict != NULL) {
		verdict = options->verdict(runner->plan, observation, report,
					   options->verdict_argument);
	}
	progress_event(runner, "%s %s in %.1f s%s%s%s%s (%zu of %zu)",
		       verdict != NULL ? verdict : child_outcome_word(report->outcome),
		       name_of(runner, observation), report->seconds,
		       report->why != WHY_NONE ? ": " : "", why_word(report->why),
		       reason[0] != '\0' ? ", " : "", reason, counts.finished, counts.all);
}
