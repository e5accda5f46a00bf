/*
 * param: a probe's or monitor's parameters: declared by a table, given as
 * settings in YAML, resolved to typed values by the plan.
 */
#ifndef ASSAY_MODEL_PARAM_H
#define ASSAY_MODEL_PARAM_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum param_type {
#define PARAM_TYPE(name, word) PARAM_##name,
#include "harness/model/param_type.def"
#undef PARAM_TYPE
};
/* "integer", "list of texts". */
const char *param_type_word(enum param_type type);

/* One line of a 'params' table; the table ends with a NULL name. */
struct param_def {
	const char *name;
	enum param_type type;
	const char *meaning;            /* one sentence */
	const char *fallback;           /* value when not given; NULL: must be given. LIST: its
	                       * one item, or "" for none; STEPS: "" for none */
	int64_t min, max;               /* PARAM_INT */
	const struct param_def *fields; /* PARAM_STEPS: what a step may say; a table
	                                 * as this one */
	/* TEXT, LIST: the i-th of the values it may have, NULL past the last. Not
	 * given: any value */
	const char *(*one_of)(size_t i);
};

enum setting_kind { SETTING_TEXT, SETTING_LIST, SETTING_MAP };

/* One entry of 'with', as written, with what is nested in it. */
struct setting {
	const char *name;  /* of an item of a list: NULL */
	const char *value; /* TEXT */
	int row, column;   /* from 1 */
	enum setting_kind kind;
	const struct setting *at; /* LIST: its items; MAP: its entries */
	size_t count;
};

struct service;
struct account;
struct essential_function;
struct param_value;

struct param_step {
	const struct param_value *at; /* one per line of the def's fields */
	size_t count;
};

struct param_value {
	const char *name;
	enum param_type type;
	int64_t number;   /* PARAM_INT */
	bool yes;         /* PARAM_BOOL */
	const char *text; /* the value as text, for a person where it is LIST or STEPS */
	const struct service *service;
	const struct account *account;
	const struct essential_function *function;
	const char *const *list; /* PARAM_LIST: NULL ends */
	size_t list_count;
	const struct param_step *steps; /* PARAM_STEPS */
	size_t step_count;
};

/* The value of that name; NULL: none. */
const struct param_value *param_find(const struct param_value *values, size_t count,
				     const char *name);
/* The value, or the values by name in their order, as new JSON: numbers, true
 * and false, texts, arrays, objects. It is what tells one observation from another, in the plan and
 * in a journal. */
json_t *param_to_json(const struct param_value *value);
json_t *params_to_json(const struct param_value *values, size_t count);

#endif
