/* probe_seen: the part of probe.h by which a probe says what it saw. */
#define _GNU_SOURCE
#include "harness/run/child_record.h"
#include "harness/run/probe_run.h"
#include "probes/registry.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

void probe_say(const struct probe_run *run, enum child_record_type type,
	       const struct record_part *parts, size_t count)
{
	if (run->report_fd >= 0) {
		(void)child_record_write(run->report_fd, type, parts, count);
	}
}

/* Says {"name": value}; steals value. */
static void say_member(const struct probe_run *run, enum child_record_type type, const char *name,
		       json_t *value)
{
	json_t *object = json_object();
	struct record_part part;
	char *text;

	json_object_set_new(object, name, value);
	text = json_dumps(object, JSON_COMPACT);
	if (text == NULL) {
		BUG("fact '%s' cannot be written", name);
	}
	part = (struct record_part){text, strlen(text)};
	probe_say(run, type, &part, 1);
	free(text);
	json_decref(object);
}

void probe_say_fact(const struct probe_run *run, const struct fact *fact)
{
	say_member(run, RECORD_FACT, fact->name, fact_to_json(fact));
}

struct fact *probe_fact_place(struct probe_run *run, const char *name, enum fact_type type)
{
	const struct fact_def *def = fact_def_find(run->fact_defs, name);
	struct fact *fact;
	size_t i;

	if (def == NULL || def->type != type) {
		BUG("fact '%s' is not declared as %s", name, fact_type_word(type));
	}
	for (i = 0; i < run->fact_count; i++) {
		if (strcmp(run->facts[i].name, name) == 0) {
			return &run->facts[i];
		}
	}
	fact = arena_push(run->arena, &run->facts, &run->fact_count, sizeof(*fact));
	fact->name = def->name;
	fact->type = type;
	return fact;
}

void probe_saw_bool(struct probe_run *run, const char *fact, bool value)
{
	struct fact *place = probe_fact_place(run, fact, FACT_BOOL);

	place->yes = value;
	probe_say_fact(run, place);
}

void probe_saw_int(struct probe_run *run, const char *fact, int64_t value)
{
	struct fact *place = probe_fact_place(run, fact, FACT_INT);

	place->number = value;
	probe_say_fact(run, place);
}

void probe_saw_real(struct probe_run *run, const char *fact, double value)
{
	struct fact *place = probe_fact_place(run, fact, FACT_REAL);

	if (!isfinite(value)) {
		BUG("fact '%s' is not a finite number", fact);
	}
	place->real = value;
	probe_say_fact(run, place);
}

void probe_saw_text(struct probe_run *run, const char *fact, const char *value)
{
	struct fact *place = probe_fact_place(run, fact, FACT_TEXT);

	place->text = arena_strdup(run->arena, value);
	probe_say_fact(run, place);
}

void probe_saw_none(struct probe_run *run, const char *fact)
{
	size_t before = run->fact_count;
	struct fact *place = probe_fact_place(run, fact, FACT_LIST);

	if (run->fact_count > before) {
		probe_say_fact(run, place);
	}
}

static bool list_has(const struct fact *fact, const char *value)
{
	size_t i;

	for (i = 0; i < fact->list_count; i++) {
		if (strcmp(fact->list[i], value) == 0) {
			return true;
		}
	}
	return false;
}

/* Returns false where the list has it already. */
static bool list_add(struct probe_run *run, struct fact *fact, const char *value)
{
	const char **item;

	if (list_has(fact, value)) {
		return false;
	}
	item = arena_push(run->arena, &fact->list, &fact->list_count, sizeof(*item));
	*item = arena_strdup(run->arena, value);
	return true;
}

void probe_saw_list(struct probe_run *run, const char *fact, const char *const *values,
		    size_t count)
{
	struct fact *place = probe_fact_place(run, fact, FACT_LIST);
	size_t i;

	place->list = NULL;
	place->list_count = 0;
	for (i = 0; i < count; i++) {
		(void)list_add(run, place, values[i]);
	}
	probe_say_fact(run, place);
}

/* Text as JSON holds it; the device's bytes may be anything. */
static json_t *item_json(const char *value)
{
	const struct fact fact = {.type = FACT_TEXT, .text = value};

	return fact_to_json(&fact);
}

void probe_saw_item(struct probe_run *run, const char *fact, const char *value)
{
	if (list_add(run, probe_fact_place(run, fact, FACT_LIST), value)) {
		say_member(run, RECORD_ITEM, fact, item_json(value));
	}
}

void probe_keep(struct probe_run *run, const char *name, const void *bytes, size_t size)
{
	uint8_t name_size = (uint8_t)strlen(name);
	size_t part, at = 0;

	if (!evidence_name_plain(name)) {
		BUG("'%s' is no plain file name", name);
	}
	do {
		part = size - at > 65536 ? 65536 : size - at;
		probe_say(run, RECORD_EVIDENCE,
			  (const struct record_part[]){{&name_size, 1},
						       {name, name_size},
						       {(const uint8_t *)bytes + at, part}},
			  3);
		at += part;
	} while (at < size);
}

void probe_note(struct probe_run *run, const char *format, ...)
{
	char line[4096];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	probe_say(run, RECORD_NOTE, &(struct record_part){line, strlen(line)}, 1);
}

/* A sentence ends with what it says: libraries and devices leave a description empty. */
static void end_sentence(char *sentence)
{
	size_t size = strlen(sentence);

	while (size > 0 && strchr(" \t\r\n:,;", sentence[size - 1]) != NULL) {
		sentence[--size] = '\0';
	}
}

int probe_give_up(struct probe_run *run, enum why why, const char *format, ...)
{
	char sentence[1024];
	va_list arguments;

	if (run->gave_up) {
		return -1; /* the first reason is the nearest to the cause */
	}
	va_start(arguments, format);
	vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	end_sentence(sentence);
	run->gave_up = true;
	run->why = why;
	run->reason = arena_strdup(run->arena, sentence);
	return -1;
}
