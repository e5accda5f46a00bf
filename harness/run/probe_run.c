/* probe_run: what a probe was given and what it saw: the part of probe.h that
 * does not reach for the device. */
#define _GNU_SOURCE
#include "harness/run/probe_run.h"
#include "harness/run/child_record.h"
#include "harness/run/secret_ration.h"
#include "probes/registry.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "harness/banned.h"

/* --- what the run was given ------------------------------------------- */

static const struct param_value *param_of(const struct probe_run *run, const char *name,
					  enum param_type type)
{
	size_t i;

	for (i = 0; i < run->param_count; i++) {
		if (strcmp(run->params[i].name, name) != 0) {
			continue;
		}
		if (run->params[i].type != type) {
			BUG("parameter '%s' is not of that type", name);
		}
		return &run->params[i];
	}
	BUG("parameter '%s' is not declared", name);
}

int64_t probe_int(const struct probe_run *run, const char *name)
{
	return param_of(run, name, PARAM_INT)->number;
}

bool probe_bool(const struct probe_run *run, const char *name)
{
	return param_of(run, name, PARAM_BOOL)->yes;
}

const char *probe_text(const struct probe_run *run, const char *name)
{
	return param_of(run, name, PARAM_TEXT)->text;
}

const char *const *probe_list(const struct probe_run *run, const char *name)
{
	return param_of(run, name, PARAM_LIST)->list;
}

const struct param_step *probe_steps(const struct probe_run *run, const char *name,
				     size_t *ret_count)
{
	const struct param_value *value = param_of(run, name, PARAM_STEPS);

	*ret_count = value->step_count;
	return value->steps;
}

static const struct param_value *step_value(const struct param_step *step, const char *name)
{
	size_t i;

	for (i = 0; i < step->count; i++) {
		if (strcmp(step->at[i].name, name) == 0) {
			return &step->at[i];
		}
	}
	BUG("a step has no '%s'", name);
}

const char *step_text(const struct param_step *step, const char *name)
{
	return step_value(step, name)->text;
}

int64_t step_int(const struct param_step *step, const char *name)
{
	return step_value(step, name)->number;
}

const struct service *probe_service(const struct probe_run *run, const char *name)
{
	return param_of(run, name, PARAM_SERVICE)->service;
}

const struct account *probe_account(const struct probe_run *run, const char *name)
{
	return param_of(run, name, PARAM_ACCOUNT)->account;
}

const struct essential_function *probe_function(const struct probe_run *run, const char *name)
{
	return param_of(run, name, PARAM_FUNCTION)->function;
}

const struct profile *probe_profile(const struct probe_run *run)
{
	return run->world->profile;
}

const struct session_driver *probe_driver(const struct probe_run *run,
					  const struct service *service)
{
	if (run->driver == NULL) {
		BUG("no driver was loaded for service '%s': the probe must need a session",
		    service->name);
	}
	return run->driver;
}

void *probe_alloc(struct probe_run *run, size_t size)
{
	return arena_alloc(run->arena, size);
}

int64_t probe_deadline(const struct probe_run *run)
{
	return run->deadline_ns;
}

/* Says one record; a runner that no longer listens has stopped this child, or
 * is about to. */
static void say(const struct probe_run *run, enum child_record_type type,
		const struct record_part *parts, size_t count)
{
	if (run->report_fd >= 0) {
		(void)child_record_write(run->report_fd, type, parts, count);
	}
}

const char *probe_password(struct probe_run *run, const struct account *account)
{
	const char *reason = "a monitor has no passwords", *password = NULL;

	if (run->ration != NULL) {
		password = secret_ration_password(run->ration, account, &reason);
	}
	if (password == NULL) {
		probe_give_up(run, WHY_NOT_DECLARED, "%s", reason);
	}
	return password;
}

void probe_hide(struct probe_run *run, const char *word)
{
	size_t size = strlen(word);

	if (size >= SECRET_WORD_LEAST && size <= SECRET_WORD_MOST) {
		say(run, RECORD_SECRET, &(struct record_part){word, size}, 1);
	}
}

const char *probe_secret(struct probe_run *run, size_t size)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
	static const char all[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	char *word = arena_alloc(run->arena, size + 1);
	unsigned char bits[SECRET_WORD_MOST];
	size_t i;

	if (size < SECRET_WORD_LEAST || size > SECRET_WORD_MOST) {
		BUG("a secret of %zu characters", size);
	}
	if (getrandom(bits, size, 0) != (ssize_t)size) {
		BUG("no randomness for a secret");
	}
	for (i = 0; i < size; i++) {
		word[i] = i == 0 ? letters[bits[i] % 26] : all[bits[i] % 36];
	}
	explicit_bzero(bits, sizeof(bits));
	probe_hide(run, word);
	return word;
}

/* --- what was seen ----------------------------------------------------- */

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
	say(run, type, &part, 1);
	free(text);
	json_decref(object);
}

static void say_fact(const struct probe_run *run, const struct fact *fact)
{
	say_member(run, RECORD_FACT, fact->name, fact_to_json(fact));
}

/* Returns the place of the fact, new or old. */
static struct fact *fact_place(struct probe_run *run, const char *name, enum fact_type type)
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
	struct fact *place = fact_place(run, fact, FACT_BOOL);

	place->yes = value;
	say_fact(run, place);
}

void probe_saw_int(struct probe_run *run, const char *fact, int64_t value)
{
	struct fact *place = fact_place(run, fact, FACT_INT);

	place->number = value;
	say_fact(run, place);
}

void probe_saw_real(struct probe_run *run, const char *fact, double value)
{
	struct fact *place = fact_place(run, fact, FACT_REAL);

	if (!isfinite(value)) {
		BUG("fact '%s' is not a finite number", fact);
	}
	place->real = value;
	say_fact(run, place);
}

void probe_saw_text(struct probe_run *run, const char *fact, const char *value)
{
	struct fact *place = fact_place(run, fact, FACT_TEXT);

	place->text = arena_strdup(run->arena, value);
	say_fact(run, place);
}

void probe_saw_none(struct probe_run *run, const char *fact)
{
	size_t before = run->fact_count;
	struct fact *place = fact_place(run, fact, FACT_LIST);

	if (run->fact_count > before) {
		say_fact(run, place);
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
	struct fact *place = fact_place(run, fact, FACT_LIST);
	size_t i;

	place->list = NULL;
	place->list_count = 0;
	for (i = 0; i < count; i++) {
		(void)list_add(run, place, values[i]);
	}
	say_fact(run, place);
}

/* Text as JSON holds it; the device's bytes may be anything. */
static json_t *item_json(const char *value)
{
	const struct fact fact = {.type = FACT_TEXT, .text = value};

	return fact_to_json(&fact);
}

void probe_saw_item(struct probe_run *run, const char *fact, const char *value)
{
	if (list_add(run, fact_place(run, fact, FACT_LIST), value)) {
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
		say(run, RECORD_EVIDENCE,
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
	say(run, RECORD_NOTE, &(struct record_part){line, strlen(line)}, 1);
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
	run->gave_up = true;
	run->why = why;
	run->reason = arena_strdup(run->arena, sentence);
	return -1;
}

/* --- waits --------------------------------------------------------------- */

static void say_wait(const struct probe_run *run, int64_t from_ns, int64_t until_ns,
		     const char *what)
{
	uint8_t times[16];
	struct writer w = writer_of(times, sizeof(times));

	writer_be32(&w, (uint32_t)((uint64_t)from_ns >> 32));
	writer_be32(&w, (uint32_t)from_ns);
	writer_be32(&w, (uint32_t)((uint64_t)until_ns >> 32));
	writer_be32(&w, (uint32_t)until_ns);
	say(run, RECORD_WAIT,
	    (const struct record_part[]){{times, sizeof(times)}, {what, strlen(what)}}, 2);
}

int probe_wait(struct probe_run *run, int64_t until_ns, const char *what)
{
	int64_t now = clock_ns();

	if (until_ns <= now) {
		return 0;
	}
	if (until_ns >= run->longest_ns) {
		return probe_give_up(run, WHY_PROBE_FAILED,
				     "waiting %lld s for %s is longer than the check said it "
				     "would take",
				     (long long)((until_ns - now) / NS_PER_S), what);
	}
	run->deadline_ns += until_ns - now;
	if (run->deadline_ns > run->longest_ns) {
		run->deadline_ns = run->longest_ns;
	}
	say_wait(run, now, until_ns, what);
	clock_sleep_until(until_ns);
	say_wait(run, 0, 0, "");
	return 0;
}

bool probe_resumed(struct probe_run *run, const char *what, int64_t late_ms, int64_t *ret_until_ns)
{
	const struct milestone *m = run->resumes;
	size_t i;

	if (m == NULL || strcmp(m->what, what) != 0 ||
	    clock_ns() > m->until_ns + late_ms * NS_PER_MS) {
		return false;
	}
	run->facts = NULL;
	run->fact_count = 0;
	for (i = 0; i < m->facts.count; i++) {
		struct fact *place = fact_place(run, m->facts.at[i].name, m->facts.at[i].type);

		*place = m->facts.at[i];
		if (place->type == FACT_LIST) {
			probe_saw_list(run, place->name, m->facts.at[i].list,
				       m->facts.at[i].list_count);
		} else {
			say_fact(run, place);
		}
	}
	*ret_until_ns = m->until_ns;
	return true;
}

/* --- the end ------------------------------------------------------------- */

int probe_run_finish(struct probe_run *run, int result)
{
	const char *word;
	uint8_t size;

	if (result != 0 && !run->gave_up) {
		probe_give_up(run, WHY_PROBE_FAILED, "the probe returned %d without saying why",
			      result);
	}
	if (run->gave_up) {
		word = why_word(run->why);
		size = (uint8_t)strlen(word);
		say(run, RECORD_GIVE_UP,
		    (const struct record_part[]){
			    {&size, 1}, {word, size}, {run->reason, strlen(run->reason)}},
		    3);
	}
	return child_record_write(run->report_fd, RECORD_DONE, NULL, 0);
}
