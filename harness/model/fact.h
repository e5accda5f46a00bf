/*
 * fact: a named, typed thing a probe saw. A probe declares the facts it may
 * report; everything downstream (suite lines, judge, reports) knows only facts.
 */
#ifndef ASSAY_MODEL_FACT_H
#define ASSAY_MODEL_FACT_H

#include "harness/base/arena.h"
#include "harness/base/text.h"
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fact_type {
#define FACT_TYPE(name, word) FACT_##name,
#include "harness/model/fact_type.def"
#undef FACT_TYPE
};

/* One line of a probe's 'facts' table; the table ends with a NULL name. */
struct fact_def {
	const char *name;
	enum fact_type type;
	const char *unit;    /* "s", "frames/s", ...; "" where there is none */
	const char *meaning; /* one sentence */
};

struct fact {
	const char *name; /* all pointers belong to the arena it came from */
	enum fact_type type;
	bool yes;                /* FACT_BOOL */
	int64_t number;          /* FACT_INT */
	double real;             /* FACT_REAL */
	const char *text;        /* FACT_TEXT */
	const char *const *list; /* FACT_LIST */
	size_t list_count;
};

struct facts {
	const struct fact *at;
	size_t count;
};

/* "bool". */
const char *fact_type_word(enum fact_type type);
/* Returns the definition or fact of that name, or NULL. */
const struct fact_def *fact_def_find(const struct fact_def *defs, const char *name);
const struct fact *facts_find(const struct facts *facts, const char *name);
/* Returns a new JSON value for the fact's value; never NULL. */
json_t *fact_to_json(const struct fact *fact);
/* Fills ret from a JSON value that must have def's type. Returns 0, or -1 with
 * the reason in why. */
int fact_from_json(struct arena *arena, const struct fact_def *def, const json_t *value,
		   struct fact *ret, struct text *why);
/* The value as a person reads it: "true", "12 frames/s", "a, b, c". */
char *fact_value_text(struct arena *arena, const struct fact *fact, const char *unit);

#endif
