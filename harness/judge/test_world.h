/*
 * test_world: a small profile, catalogue, plan and journal in memory, for tests
 * of the judge and of the reports. Lines are written as in a suite; records as
 * in a journal.
 */
#ifndef ASSAY_JUDGE_TEST_WORLD_H
#define ASSAY_JUDGE_TEST_WORLD_H

#include "harness/judge/judge.h"
#include <stdlib.h>
#include <string.h>

#define WORLD_CHECKS  64
#define WORLD_LINES   4
#define WORLD_RECORDS 512

static const char *const world_edr[] = {"EDR", NULL};
static const char *const world_ndr[] = {"NDR", NULL};

static const struct requirement world_requirements[] = {
	{.id = "CCSC 1",
	 .title = "constraint",
	 .kind = "CCSC",
	 .fr = 0,
	 .components = world_edr,
	 .lowest_level = 0},
	{.id = "CR 1.1",
	 .title = "users",
	 .kind = "CR",
	 .fr = 1,
	 .components = world_edr,
	 .lowest_level = 1},
	{.id = "CR 1.1 RE(1)",
	 .title = "unique users",
	 .kind = "RE",
	 .enhances = "CR 1.1",
	 .fr = 1,
	 .components = world_edr,
	 .lowest_level = 2},
	{.id = "EDR 1.6",
	 .title = "radio",
	 .kind = "CR",
	 .fr = 1,
	 .components = world_edr,
	 .lowest_level = 1,
	 .condition = "wireless"},
	{.id = "NDR 1.13",
	 .title = "untrusted networks",
	 .kind = "CR",
	 .fr = 1,
	 .components = world_ndr,
	 .lowest_level = 1},
	{.id = "CR 4.3",
	 .title = "cryptography",
	 .kind = "CR",
	 .fr = 4,
	 .components = world_edr,
	 .lowest_level = 1},
	{.id = "CR 5.1",
	 .title = "segmentation",
	 .kind = "CR",
	 .fr = 5,
	 .components = world_edr,
	 .lowest_level = 3},
	{.id = "CR 7.1",
	 .title = "load",
	 .kind = "CR",
	 .fr = 7,
	 .components = world_edr,
	 .lowest_level = 1},
};

static const char *const world_access[] = {"CR 1.1", "CR 1.1 RE(1)", "EDR 1.6", "NDR 1.13", NULL};
static const char *const world_crypto[] = {"CR 4.3", NULL};
static const char *const world_load[] = {"CR 7.1", NULL};
static const char *const world_none[] = {NULL};

static const struct cra_point world_cra[] = {
	{.id = "I.2.d",
	 .ref = "Annex I Part I (2)(d)",
	 .title = "access",
	 .coverage = "good",
	 .gap = "Reporting of access.",
	 .requirements = world_access},
	{.id = "I.2.b",
	 .ref = "Annex I Part I (2)(b)",
	 .title = "defaults",
	 .coverage = "gap",
	 .gap = "Secure delivery.",
	 .requirements = world_crypto},
	{.id = "I.2.h",
	 .ref = "Annex I Part I (2)(h)",
	 .title = "availability",
	 .coverage = "good",
	 .requirements = world_load},
	{.id = "I.2.m",
	 .ref = "Annex I Part I (2)(m)",
	 .title = "removal",
	 .coverage = "gap",
	 .gap = "All of it.",
	 .requirements = world_none},
};

static const struct fact_def world_facts[] = {
	{"good_before", FACT_BOOL, "", "the good login worked before"},
	{"alive_after", FACT_BOOL, "", "the device answered after"},
	{"locked", FACT_BOOL, "", "the account was blocked"},
	{"tries", FACT_INT, "tries", "wrong logins"},
	{"unlock_s", FACT_REAL, "s", "time until it was open again"},
	{"banner", FACT_TEXT, "", "what it says first"},
	{"versions", FACT_LIST, "", "protocol versions accepted"},
	{NULL, FACT_BOOL, NULL, NULL}};

static const struct probe world_observe = {.id = "test.observe",
					   .summary = "for tests",
					   .impact = IMPACT_OBSERVE,
					   .facts = world_facts};
static const struct probe world_touch = {
	.id = "test.touch", .summary = "for tests", .impact = IMPACT_TOUCH, .facts = world_facts};

struct world {
	struct arena *arena;
	struct profile profile;
	struct catalogue catalogue;
	struct suites suites;
	struct plan plan;
	struct observation observations[WORLD_CHECKS];
	struct check checks[WORLD_CHECKS];
	struct planned_check planned[WORLD_CHECKS];
	struct expectation given[WORLD_CHECKS][WORLD_LINES];
	struct expectation complete[WORLD_CHECKS][WORLD_LINES];
	struct expectation expect[WORLD_CHECKS][WORLD_LINES];
	struct journal_text journal;
	json_t *records[WORLD_RECORDS];
	struct judge_input input;
};

static inline void world_init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->arena = arena_new();
	w->profile = (struct profile){.path = "plc.yaml",
				      .directory = ".",
				      .name = "ACME PLC 100",
				      .component = "EDR",
				      .state = STATE_HARDENED,
				      .firmware = "2.4.1",
				      .edition = "IEC 62443-4-2:2019",
				      .claim = {0, 2, 0, 0, 1, 0, 0, 1}};
	w->catalogue = (struct catalogue){.edition = "IEC 62443-4-2:2019",
					  .requirements = world_requirements,
					  .requirement_count = ARRAY_SIZE(world_requirements),
					  .cra = world_cra,
					  .cra_count = ARRAY_SIZE(world_cra)};
	memset(w->profile.digest, '1', 64);
	memset(w->catalogue.digest, '2', 64);
	memset(w->suites.digest, '3', 64);
	memset(w->journal.head, '4', 64);
	w->plan = (struct plan){.profile = &w->profile,
				.catalogue = &w->catalogue,
				.suites = &w->suites,
				.observations = w->observations,
				.checks = w->planned};
	w->journal.records = w->records;
	w->input = (struct judge_input){
		.plan = &w->plan, .journal = &w->journal, .today = "2026-01-31"};
}

static inline void world_release(struct world *w)
{
	size_t i;

	for (i = 0; i < w->journal.count; i++) {
		json_decref(w->records[i]);
	}
	arena_free(w->arena);
}

/* "a, b" without brackets -> a list. */
static inline void world_list(struct world *w, const char *text, struct fact *ret)
{
	const char **items = NULL;
	size_t size;

	for (; *text != '\0'; text += size) {
		text += strspn(text, ", ");
		size = strcspn(text, ",");
		if (size > 0) {
			*(const char **)arena_push(w->arena, &items, &ret->list_count,
						   sizeof(*items)) =
				arena_printf(w->arena, "%.*s", (int)size, text);
		}
	}
	ret->list = items;
}

/* "unlock_s at-most 60", "versions subset-of [TLS 1.2, TLS 1.3]". */
static inline struct expectation world_line(struct world *w, const char *text)
{
	char *copy = arena_strdup(w->arena, text);
	char *op = strchr(copy, ' '), *value = strchr(op + 1, ' ');
	struct expectation line = {.text = arena_strdup(w->arena, text)};

	*op++ = '\0';
	*value++ = '\0';
	line.def = fact_def_find(world_facts, copy);
	line.op = (enum operator)operator_from_word(op);
	line.value = (struct fact){.name = line.def->name, .type = line.def->type};
	line.value.text = value;
	line.value.yes = strcmp(value, "true") == 0;
	line.value.number = strtoll(value, NULL, 10);
	line.value.real = strtod(value, NULL);
	if (line.def->type == FACT_LIST) {
		value[strlen(value) - 1] = '\0';
		world_list(w, value + 1, &line.value);
	}
	return line;
}

static inline const char *const *world_one(struct world *w, const char *id)
{
	const char **list = arena_alloc(w->arena, 2 * sizeof(*list));

	list[0] = id;
	return list;
}

/* A planned check for one requirement (or NULL); no lines yet, and no
 * observation. */
static inline struct planned_check *world_plan(struct world *w, const char *id,
					       const char *requirement)
{
	size_t n = w->plan.check_count++;
	struct check *check = &w->checks[n];

	check->id = arena_strdup(w->arena, id);
	check->suite = "suite";
	check->title = arena_printf(w->arena, "title of %s", id);
	check->requirements = world_one(w, requirement);
	check->cra = world_none;
	w->planned[n] = (struct planned_check){.id = check->id,
					       .check = check,
					       .observation = -1,
					       .given = w->given[n],
					       .complete = w->complete[n],
					       .expect = w->expect[n]};
	return &w->planned[n];
}

static inline struct planned_check *world_check(struct world *w, const char *id,
						const char *requirement, const struct probe *probe)
{
	struct planned_check *planned = world_plan(w, id, requirement);
	struct observation *observation = &w->observations[w->plan.observation_count];
	struct param_value *which = arena_alloc(w->arena, sizeof(*which));

	*which = (struct param_value){
		.name = "which", .type = PARAM_TEXT, .text = arena_strdup(w->arena, id)};
	observation->params = which;
	observation->param_count = 1;
	observation->id = arena_printf(w->arena, "%s@%s", probe->id, id);
	observation->probe = probe;
	observation->target = "";
	w->checks[w->plan.check_count - 1].probe = probe->id;
	planned->observation = (int)w->plan.observation_count++;
	return planned;
}

static inline struct planned_check *world_ask(struct world *w, const char *id,
					      const char *requirement, const struct answer *answer)
{
	struct planned_check *planned = world_plan(w, id, requirement);

	w->checks[w->plan.check_count - 1].ask = "Show it.";
	planned->answer = answer;
	return planned;
}

static inline void world_given(struct world *w, struct planned_check *planned, const char *text)
{
	w->given[planned - w->planned][planned->given_count++] = world_line(w, text);
}

static inline void world_complete(struct world *w, struct planned_check *planned, const char *text)
{
	w->complete[planned - w->planned][planned->complete_count++] = world_line(w, text);
}

static inline void world_expect(struct world *w, struct planned_check *planned, const char *text)
{
	w->expect[planned - w->planned][planned->expect_count++] = world_line(w, text);
}

/* Appends a record; stolen. */
static inline void world_record(struct world *w, const char *type, json_t *record)
{
	json_object_set_new(record, "type", json_string(type));
	json_object_set_new(record, "time", json_string("2026-01-31T08:15:00.123Z"));
	w->records[w->journal.count++] = record;
}

static inline const char *world_id(struct world *w, const struct planned_check *planned)
{
	return w->observations[planned->observation].id;
}

static inline void world_begin(struct world *w, const struct planned_check *planned)
{
	const struct observation *o = &w->observations[planned->observation];

	world_record(w, "begin",
		     json_pack("{s:s, s:s, s:o}", "observation", o->id, "probe", o->probe->id,
			       "params", params_to_json(o->params, o->param_count)));
}

static inline bool world_begun(struct world *w, const struct planned_check *planned)
{
	size_t i;

	for (i = 0; i < w->journal.count; i++) {
		const json_t *id = json_object_get(w->records[i], "observation");

		if (strcmp(json_string_value(json_object_get(w->records[i], "type")), "begin") ==
			    0 &&
		    strcmp(json_string_value(id), world_id(w, planned)) == 0) {
			return true;
		}
	}
	return false;
}

/* A record of what was begun; it is begun now if it was not yet. */
static inline void world_observed(struct world *w, const struct planned_check *planned,
				  json_t *record)
{
	if (!world_begun(w, planned)) {
		world_begin(w, planned);
	}
	world_record(w, "observation", record);
}

/* facts: JSON text. */
static inline void world_saw(struct world *w, const struct planned_check *planned,
			     const char *facts)
{
	world_observed(w, planned,
		       json_pack("{s:s, s:s, s:o, s:s, s:f}", "observation", world_id(w, planned),
				 "outcome", "complete", "facts", json_loads(facts, 0, NULL),
				 "started", "2026-01-31T08:15:00.000Z", "seconds", 1.5));
}

static inline void world_outcome(struct world *w, const struct planned_check *planned,
				 const char *outcome, const char *why, const char *reason)
{
	world_observed(w, planned,
		       json_pack("{s:s, s:s, s:s, s:s}", "observation", world_id(w, planned),
				 "outcome", outcome, "why", why, "reason", reason));
}

static inline void world_device(struct world *w, const char *state, const char *reason)
{
	world_record(w, "device", json_pack("{s:s, s:s}", "state", state, "reason", reason));
}

static inline void world_end(struct world *w, const char *reason)
{
	world_record(w, "end", json_pack("{s:s}", "reason", reason));
}

/* A check that is planned, run, and has this verdict: PASS or FAIL. */
static inline struct planned_check *world_verdict(struct world *w, const char *id,
						  const char *requirement, bool passes)
{
	struct planned_check *planned = world_check(w, id, requirement, &world_observe);

	world_expect(w, planned, "locked is true");
	world_begin(w, planned);
	world_saw(w, planned, passes ? "{\"locked\": true}" : "{\"locked\": false}");
	return planned;
}

static inline struct results *world_judge(struct world *w)
{
	return judge(&w->input);
}

#endif
