/* giving: one parameter being given its value: what param_value.c does with a text, for params.c,
 * which reads settings. Private to them. */
#ifndef ASSAY_PLAN_GIVING_H
#define ASSAY_PLAN_GIVING_H

#include "harness/plan/scope.h"

struct giving {
	const struct scope *scope;
	const struct taker *taker;
	const struct param_def *def;
	struct place place;
	struct text *why;
};

struct items { /* of a list */
	const char **at;
	size_t count;
};

/* The value that the text is for the parameter's type. */
enum outcome give_value(const struct giving *g, const char *text, struct param_value *ret);
/* Whether the text is one of those the parameter may have. */
enum outcome give_among(const struct giving *g, const char *text);
/* Adds one item, or all of it where it is one whole list variable; an empty text is none. */
void add_value(const struct giving *g, struct items *items, const struct value *value);
/* A list's value. */
void give_items(const struct giving *g, struct items *items, struct param_value *ret);

#endif
