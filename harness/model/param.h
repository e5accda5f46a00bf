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
	PARAM_INT,
	PARAM_BOOL,
	PARAM_TEXT,
	PARAM_SERVICE,  /* name of a declared service */
	PARAM_ACCOUNT,  /* name of a declared account, or "disposable": the
	                 * first account that may be locked out */
	PARAM_FUNCTION, /* name of a declared essential function */
};

/* One line of a 'params' table; the table ends with a NULL name. */
struct param_def {
	const char *name;
	enum param_type type;
	const char *meaning;  /* one sentence */
	const char *fallback; /* value when not given; NULL: must be given */
	int64_t min, max;     /* PARAM_INT */
};

/* One entry of 'with', as written. */
struct setting {
	const char *name;
	const char *value;
	int row, column; /* from 1 */
};

struct service;
struct account;
struct essential_function;

struct param_value {
	const char *name;
	enum param_type type;
	int64_t number;   /* PARAM_INT */
	bool yes;         /* PARAM_BOOL */
	const char *text; /* the value as text, for every type */
	const struct service *service;
	const struct account *account;
	const struct essential_function *function;
};

/* The values by name, in their order, as a new JSON object: numbers, true and
 * false, texts. It is what tells one observation from another, in the plan and
 * in a journal. */
json_t *params_to_json(const struct param_value *values, size_t count);

#endif
