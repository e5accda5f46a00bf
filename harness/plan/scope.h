/*
 * scope: what a check's texts may speak of while it is resolved for one
 * service, one essential function or the device, and the functions that
 * resolve them. Private to the plan.
 */
#ifndef ASSAY_PLAN_SCOPE_H
#define ASSAY_PLAN_SCOPE_H

#include "harness/plan/mistake.h"
#include "harness/plan/plan.h"

enum outcome {
	OUTCOME_OK,
	OUTCOME_UNDECLARED, /* the profile does not declare it: why says what */
	OUTCOME_WRONG,      /* a mistake in the suite: printed, or why says it */
};

struct scope {
	struct arena *arena;
	const struct profile *profile;
	const struct suites *suites;
	const char *day; /* by which policies are read, or NULL: as written */
	struct mistakes *mistakes;
	enum check_for for_what;
	/* NULL while a check is looked at for mistakes alone. */
	const struct service *service;
	const struct essential_function *function;
};

/* A text with its variables replaced. */
struct value {
	const char *text;            /* lists are joined by single spaces */
	const char *const *list;     /* NULL ends; NULL where it is no list */
	const char *policy;          /* "ssh-2026 kex of 2026-01-31", or NULL */
	const struct legacy *legacy; /* what of the list is asked about */
	size_t legacy_count;
};

/* Replaces every ${...}. OUTCOME_WRONG leaves the sentence in why. */
enum outcome variable_expand(const struct scope *scope, const char *written, struct value *ret,
			     struct text *why);

/* What is being given parameters, for messages. */
struct taker {
	const char *kind; /* "probe", "monitor" */
	const char *id;
	const struct param_def *params; /* may be NULL */
	struct place place;             /* where it is named */
};

struct params {
	const struct param_value *at;
	size_t count;
};

/* Gives every parameter of the taker its value. Mistakes are printed. */
enum outcome params_resolve(const struct scope *scope, const struct taker *taker,
			    const struct setting *with, size_t with_count, struct params *ret,
			    struct text *why);

/* Resolves the lines against the facts. Mistakes are printed. */
enum outcome expectations_resolve(const struct scope *scope, const struct probe *probe,
				  const struct line *lines, size_t count,
				  const struct expectation **ret, struct text *why);

/* The name as part of ids and folder names: lower case, [a-z0-9._-]. Two
 * services or functions of a profile never share one. */
const char *scope_slug(struct arena *arena, const struct profile *profile, const char *name);
/* The first account that may be locked out, or NULL. */
const struct account *profile_disposable(const struct profile *profile);
/* The first account meant for the service whose password is the documented one of delivery, or
 * NULL. */
const struct account *delivered_account(const struct profile *profile,
					const struct service *service);
/* The account that logs in to the service: the one it names, else the first one meant for it that
 * may be locked out; or NULL. */
const struct account *login_account(const struct profile *profile, const struct service *service);

/* The observation's id: "login.refusal@ssh.account-admin". It follows from probe and
 * parameters alone; those that differ from their fallbacks show in it. */
const char *observation_id(struct arena *arena, const struct profile *profile,
			   const struct probe *probe, const struct params *params);
/* Equal probe and parameters give equal texts. */
const char *observation_key(struct arena *arena, const struct probe *probe,
			    const struct params *params);
/* The service or function it looks at, or "". */
const char *observation_target(const struct params *params);
/* What it holds while it runs: from its probe's declaration, its parameters and
 * what the profile says about services and accounts. */
const struct resource *resources_of(struct arena *arena, const struct profile *profile,
				    const struct probe *probe, const struct params *params,
				    size_t *ret_count);
/* Why the observation cannot be made with this profile; WHY_NONE: it can. */
enum why observation_hindrance(struct arena *arena, const struct profile *profile,
			       const struct probe *probe, const struct params *params,
			       const char **ret_reason);

#endif
