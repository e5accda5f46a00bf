/* circumstances: what the journal says about the run as a whole: when, on
 * what, how it ended, what was refused, how the device fared. */
#include "harness/judge/judge_parts.h"

#include <string.h>

#include "harness/banned.h"

static char *value_text(struct arena *arena, const json_t *value)
{
	if (json_is_string(value)) {
		return arena_strdup(arena, json_string_value(value));
	}
	if (json_is_integer(value)) {
		return arena_printf(arena, "%lld", (long long)json_integer_value(value));
	}
	if (json_is_real(value)) {
		return arena_printf(arena, "%.6g", json_real_value(value));
	}
	if (json_is_boolean(value)) {
		return arena_strdup(arena, json_is_true(value) ? "yes" : "no");
	}
	return arena_strdup(arena, "");
}

struct lines { /* of the environment */
	struct setting_text *at;
	size_t count;
};

static void add_line(struct arena *arena, struct lines *lines, char *name, char *value)
{
	struct setting_text *line = arena_push(arena, &lines->at, &lines->count, sizeof(*line));

	*line = (struct setting_text){.name = name, .value = value};
}

/* Members of objects become "libraries.libpcap", two levels deep. */
static void add_object(struct arena *arena, struct lines *lines, const char *prefix, json_t *object)
{
	const char *name;
	json_t *value;
	char *full;

	json_object_foreach(object, name, value)
	{
		full = arena_printf(arena, "%s%s%s", prefix, prefix[0] != '\0' ? "." : "", name);
		if (json_is_object(value) && prefix[0] == '\0') {
			add_object(arena, lines, full, value);
		} else {
			add_line(arena, lines, full, value_text(arena, value));
		}
	}
}

static void read_run(struct judging *judging, const json_t *record)
{
	struct results *results = judging->results;
	struct arena *arena = judging->arena;
	const char *suites = record_text(record, "suites");
	json_t *tool = json_object_get(record, "tool");
	struct lines lines = {0};
	size_t i;

	if (results->started == NULL) {
		results->started = arena_strdup(arena, record_text(record, "time"));
	}
	if (tool != NULL && !json_is_object(tool)) {
		add_line(arena, &lines, arena_strdup(arena, "run by"), value_text(arena, tool));
	} else if (tool != NULL) {
		add_object(arena, &lines, "run by", tool);
	}
	if (suites != NULL) {
		judging->other_suites = strcmp(suites, results->suites_digest) != 0;
		add_line(arena, &lines, arena_strdup(arena, "judged with"),
			 judging->other_suites
				 ? arena_printf(arena,
						"other suites than the run was made with: %s, "
						"when it was run %s",
						results->suites_digest, suites)
				 : arena_printf(arena, "the suites that the run was made with: %s",
						suites));
	}
	results->other_suites = judging->other_suites;
	for (i = 0; i < judging->input->found_count; i++) {
		add_line(arena, &lines, arena_strdup(arena, judging->input->found[i].name),
			 arena_strdup(arena, judging->input->found[i].value));
	}
	add_object(arena, &lines, "", json_object_get(record, "environment"));
	results->environment = lines.at;
	results->environment_count = lines.count;
}

/* --- refusals, events, monitors ------------------------------------------- */

struct sentences {
	const char **at;
	size_t count;
};

static void add_sentence(struct arena *arena, struct sentences *sentences, const char *sentence)
{
	*(const char **)arena_push(arena, &sentences->at, &sentences->count, sizeof(sentence)) =
		sentence;
}

static const char *or_empty(const char *text)
{
	return text == NULL ? "" : text;
}

static void read_refused(struct arena *arena, struct sentences *sentences, const json_t *record)
{
	const char *who = record_text(record, "observation");

	add_sentence(arena, sentences,
		     arena_printf(arena, "%s: %s", who == NULL ? "unknown" : who,
				  or_empty(record_text(record, "what"))));
}

/* 'alive' is what one expects and no event, unless it says why. */
static void read_device(struct judging *judging, struct sentences *sentences, const json_t *record)
{
	const char *state = or_empty(record_text(record, "state"));
	const char *reason = or_empty(record_text(record, "reason"));
	int event = device_event_from_word(state);

	judging->quarantined = event == DEVICE_QUARANTINED;
	if (event == DEVICE_ALIVE && reason[0] == '\0') {
		return;
	}
	add_sentence(judging->arena, sentences,
		     arena_printf(judging->arena, "%s %s%s%s",
				  or_empty(record_text(record, "time")), state,
				  reason[0] != '\0' ? ": " : "", reason));
}

struct monitors {
	struct monitor_result *at;
	size_t count;
};

static struct monitor_result *monitor_of(struct arena *arena, struct monitors *monitors,
					 const char *function)
{
	struct monitor_result *monitor;
	size_t i;

	for (i = 0; i < monitors->count; i++) {
		if (strcmp(monitors->at[i].function, function) == 0) {
			return &monitors->at[i];
		}
	}
	monitor = arena_push(arena, &monitors->at, &monitors->count, sizeof(*monitor));
	monitor->function = arena_strdup(arena, function);
	return monitor;
}

/* A resumed run has one record a part: counts add up, the worst gap stays. */
static void read_monitor(struct judging *judging, struct monitors *monitors, const json_t *record)
{
	struct arena *arena = judging->arena;
	const char *name = or_empty(record_text(record, "function"));
	struct monitor_result *monitor = monitor_of(arena, monitors, name);
	const struct profile *profile = judging->plan->profile;
	const struct evidence *evidence;
	double gap = json_number_value(json_object_get(record, "worst_gap_ms"));
	size_t i, count;

	monitor->monitor = arena_strdup(arena, or_empty(record_text(record, "monitor")));
	monitor->samples += json_integer_value(json_object_get(record, "samples"));
	monitor->answered += json_integer_value(json_object_get(record, "answered"));
	monitor->missed += json_integer_value(json_object_get(record, "missed"));
	if (gap > monitor->worst_gap_ms) {
		monitor->worst_gap_ms = gap;
	}
	evidence = record_evidence(arena, json_object_get(record, "evidence"), &count);
	monitor->evidence = count > 0 ? evidence : monitor->evidence;
	for (i = 0; i < profile->function_count; i++) {
		if (strcmp(profile->functions[i].name, name) == 0) {
			monitor->view = profile->functions[i].view;
		}
	}
}

/* Anything that happens after an end opens the run again. */
static void read_end(struct judging *judging, const json_t *record)
{
	struct results *results = judging->results;

	if (record_is(record, "end")) {
		results->ended = arena_strdup(judging->arena, record_text(record, "time"));
		results->end_reason = arena_strdup(judging->arena, record_text(record, "reason"));
	} else if (record_is(record, "resume") || record_is(record, "begin")) {
		results->ended = NULL;
		results->end_reason = NULL;
	}
}

void circumstances_read(struct judging *judging)
{
	const struct journal_text *journal = judging->input->journal;
	struct results *results = judging->results;
	struct sentences refusals = {0}, events = {0};
	struct monitors monitors = {0};
	const json_t *record;
	size_t i;

	for (i = 0; i < journal->count; i++) {
		record = journal->records[i];
		read_end(judging, record);
		if (record_is(record, "run")) {
			read_run(judging, record);
		} else if (record_is(record, "refused")) {
			read_refused(judging->arena, &refusals, record);
		} else if (record_is(record, "device")) {
			read_device(judging, &events, record);
		} else if (record_is(record, "monitor")) {
			read_monitor(judging, &monitors, record);
		}
	}
	results->refusals = refusals.at;
	results->refusal_count = refusals.count;
	results->device_events = events.at;
	results->device_event_count = events.count;
	results->monitors = monitors.at;
	results->monitor_count = monitors.count;
}
