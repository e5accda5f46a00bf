/*
 * suite: checks as data. A check names a probe, its parameters, the controls
 * ('given'), what a PASS needs besides ('complete') and the criterion ('expect')
 * as lines on facts, or asks a person.
 */
#ifndef ASSAY_MODEL_SUITE_H
#define ASSAY_MODEL_SUITE_H

#include "harness/base/arena.h"
#include "harness/model/catalogue.h"
#include "harness/model/figures.h"
#include "harness/model/param.h"
#include "harness/model/policy.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum operator{
#define OPERATOR(name, word) OP_##name,
#include "harness/model/operator.def"
#undef OPERATOR
	OP_COUNT
};
const char *operator_word(enum operator op);
/* Returns the operator with this word, or -1. */
int operator_from_word(const char *word);

/* 'fact operator value'. value is as written; ${...} and policy names are
 * resolved by the plan. */
struct line {
	const char *text; /* the whole line, as written */
	const char *fact;
	enum operator op;
	const char *value;       /* a scalar, or NULL when list is used */
	const char *const *list; /* '[a, b]'; NULL ends */
	const char *file;        /* where it stands, for messages */
	int row, column;         /* from 1 */
};

enum check_for {
	FOR_DEVICE,
	FOR_SERVICE,
	FOR_TLS,   /* every service that begins with a TLS hello */
	FOR_LOGIN, /* every service whose protocol has a driver: NEEDS_SESSION */
	FOR_FUNCTION,
};

struct check {
	const char *id;    /* unique over all suites; never renamed */
	const char *suite; /* its suite's name */
	const char *title;
	const char *const *requirements; /* NULL ends */
	const char *const *cra;          /* points beyond the crosswalk; NULL ends */
	enum check_for for_what;
	const char *const *for_protocols; /* FOR_SERVICE: "ssh", ...; NULL ends; NULL: any */
	const char *for_view;             /* FOR_FUNCTION: "downward", "upward" or "*" */
	const char *only_state;           /* "factory", "hardened" or NULL for both */
	const char *probe;                /* NULL for an ask */
	const char *ask;                  /* NULL for a probe */
	const struct setting *with;
	size_t with_count;
	const struct line *given;
	size_t given_count;
	const struct line *complete;
	size_t complete_count;
	const struct line *expect;
	size_t expect_count;
	const char *file;
	int row, column;
};

struct suites {
	struct arena *arena; /* owns everything below */
	char digest[65];     /* SHA-256 over the files read, in name order */
	const struct check *checks;
	size_t check_count;
	const struct policy *policies;
	size_t policy_count;
	const struct figures *figures; /* NULL: none were measured; not in the digest */
};

/*
 * Reads every suite and policy below data_dir, and validation.json if it is there. Checks the shape, that
 * requirements and CRA points exist in the catalogue, that ids are unique;
 * probes, facts, parameters and variables are resolved by plan_make(). Errors
 * as for profile_load().
 */
int suites_load(const char *data_dir, const struct catalogue *catalogue, FILE *errors,
		struct suites **ret);
void suites_free(struct suites *suites);

#endif
