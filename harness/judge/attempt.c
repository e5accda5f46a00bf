/*
 * attempt: what the journal says about each planned observation: its last
 * record, how often it was tried, and whether the device was itself meanwhile.
 */
#include "harness/judge/judge_parts.h"

#include <string.h>

#include "harness/banned.h"

/* Whether the device was itself during one attempt. */
struct span {
	bool open; /* a device record now is about it */
	enum why trouble;
	const char *reason;
};

struct spans { /* of one observation */
	struct span running, finished;
};

/* The device's own state so far. */
struct device_so_far {
	const json_t *identity; /* as last seen when all was well */
	enum why trouble;       /* WHY_NONE: all is well */
	const char *reason;
};

/* True if something seen both times is not the same. What one look did not
 * get to see is no difference. */
static bool differs(const json_t *a, const json_t *b)
{
	const json_t *value, *other;
	const char *name;

	json_object_foreach((json_t *)a, name, value)
	{
		other = json_object_get(b, name);
		if (other != NULL && !json_equal(value, other)) {
			return true;
		}
	}
	return false;
}

static void device_follow(struct device_so_far *device, const json_t *record)
{
	const char *state = record_text(record, "state");
	const char *why_text = record_text(record, "why");
	int why = why_text == NULL ? WHY_NONE : why_from_word(why_text);
	const json_t *identity = json_object_get(record, "identity");
	bool other;

	if (json_object_size(identity) == 0) {
		identity = NULL;
	}
	other = differs(identity, device->identity);
	if (device_event_well(device_event_from_word(state))) {
		device->trouble = WHY_NONE;
		device->identity = identity != NULL ? identity : device->identity;
		return;
	}
	device->reason = record_text(record, "reason");
	if (other || why == WHY_WRONG_DEVICE) {
		device->trouble = WHY_WRONG_DEVICE;
	} else if (why == WHY_BLOCKED) {
		device->trouble = WHY_BLOCKED;
	} else if (device->trouble == WHY_NONE) {
		device->trouble = WHY_DEVICE_LOST;
	}
}

static void span_note(struct span *span, const struct device_so_far *device)
{
	if (span->open && span->trouble == WHY_NONE && device->trouble != WHY_NONE) {
		span->trouble = device->trouble;
		span->reason = device->reason;
	}
}

/* An attempt above 'observe', and one that gave up, is followed by a look at the
 * device, which the journal holds behind its record: such spans close when the device is well. */
static void spans_close(struct spans *spans, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		spans[i].finished.open = false;
	}
}

static void spans_note(struct spans *spans, size_t count, const struct device_so_far *device)
{
	size_t i;

	for (i = 0; i < count; i++) {
		span_note(&spans[i].running, device);
		span_note(&spans[i].finished, device);
	}
}

static bool is_complete(const json_t *record)
{
	return child_outcome_from_word(record_text(record, "outcome")) == CHILD_COMPLETE;
}

/* What ran beside others when the device was not itself is run again: of two
 * complete attempts the later counts, with what stands of the one before; one that
 * is not complete takes nothing away. */
static void attempt_end(struct arena *arena, struct attempt *attempt, struct spans *spans,
			const json_t *record, enum impact impact)
{
	bool had = attempt->last != NULL && is_complete(attempt->last);

	attempt->count++;
	if (had && !is_complete(record)) {
		spans->running = (struct span){.open = false};
		return;
	}
	if (had) {
		attempt->trouble = spans->finished.trouble;
		attempt->trouble_reason = spans->finished.reason;
		attempt->before = arena_copy(arena, attempt, sizeof(*attempt));
	}
	attempt->last = record;
	spans->finished = spans->running;
	spans->finished.open = impact > IMPACT_OBSERVE || !is_complete(record);
	spans->running = (struct span){.open = false};
}

/* An id of the journal, and the observation of the plan that it stands for: -1
 * for none. The plan may be of other suites than the run's. */
struct alias {
	const char *id;
	int observation;
};

struct attempts_reader { /* of one journal */
	const struct judging *judging;
	struct attempt *attempts;
	struct spans *spans;
	struct device_so_far device;
	struct alias *aliases;
	size_t alias_count;
};

static struct alias *alias_find(const struct attempts_reader *reader, const json_t *record)
{
	const char *id = record_text(record, "observation");
	size_t i;

	for (i = 0; id != NULL && i < reader->alias_count; i++) {
		if (strcmp(reader->aliases[i].id, id) == 0) {
			return &reader->aliases[i];
		}
	}
	return NULL;
}

static void read_begin(struct attempts_reader *reader, const json_t *record)
{
	const struct judging *judging = reader->judging;
	const char *id = record_text(record, "observation");
	struct alias *alias = alias_find(reader, record);
	int at = plan_observation_of(judging->plan, record);

	if (alias == NULL && id != NULL) {
		alias = arena_push(judging->arena, &reader->aliases, &reader->alias_count,
				   sizeof(*alias));
		alias->id = id;
	}
	if (alias != NULL) {
		alias->observation = at;
	}
	if (at >= 0) {
		reader->attempts[at].begun = true;
		reader->spans[at].running = (struct span){.open = true};
		span_note(&reader->spans[at].running, &reader->device);
	}
}

/* An 'observation' record without its 'begin' is of nobody knows what. */
static void read_observation(struct attempts_reader *reader, const json_t *record)
{
	const struct alias *alias = alias_find(reader, record);
	int at = alias == NULL ? -1 : alias->observation;

	if (at >= 0) {
		attempt_end(reader->judging->arena, &reader->attempts[at], &reader->spans[at],
			    record, reader->judging->plan->observations[at].probe->impact);
	}
}

static void read_record(struct attempts_reader *reader, const json_t *record)
{
	size_t count = reader->judging->plan->observation_count;

	if (record_is(record, "device")) {
		device_follow(&reader->device, record);
		spans_note(reader->spans, count, &reader->device);
		if (reader->device.trouble == WHY_NONE) {
			spans_close(reader->spans, count);
		}
	} else if (record_is(record, "begin")) {
		read_begin(reader, record);
	} else if (record_is(record, "observation")) {
		read_observation(reader, record);
	}
}

const struct attempt *attempts_read(struct judging *judging)
{
	const struct journal_text *journal = judging->input->journal;
	size_t i, count = judging->plan->observation_count;
	struct attempts_reader reader = {
		.judging = judging,
		.attempts = arena_alloc(judging->arena, (count + 1) * sizeof(struct attempt)),
		.spans = arena_alloc(judging->arena, (count + 1) * sizeof(struct spans)),
	};

	for (i = 0; i < journal->count; i++) {
		read_record(&reader, journal->records[i]);
	}
	for (i = 0; i < count; i++) {
		reader.attempts[i].trouble = reader.spans[i].finished.trouble;
		reader.attempts[i].trouble_reason = reader.spans[i].finished.reason;
	}
	return reader.attempts;
}
