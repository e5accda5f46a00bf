/*
 * plan: profile x suites -> an ordered list of what will be looked at and
 * judged. Every name is resolved here; nothing touches the network. The same
 * inputs give the same plan, byte for byte.
 */
#ifndef ASSAY_PLAN_PLAN_H
#define ASSAY_PLAN_PLAN_H

#include "harness/model/catalogue.h"
#include "harness/model/fact.h"
#include "harness/model/profile.h"
#include "harness/model/suite.h"
#include "harness/model/verdict.h"
#include "probes/probe.h"
#include <jansson.h>
#include <stdio.h>

/* So many observations run side by side at most. */
#define PLAN_WIDTH 8

/* What an observation has to itself, or shares, while it runs. */
enum resource_kind {
	RESOURCE_DEVICE,  /* all of it: nothing runs beside */
	RESOURCE_ACCOUNT, /* a user name at the device, whatever the profile calls it */
	RESOURCE_SERVICE,
	RESOURCE_SOURCE, /* an address of the tester's that may get blocked */
	RESOURCE_RATE,   /* the frames a second that may be sent */
};

struct resource {
	enum resource_kind kind;
	const char *name; /* "device", "account:admin", "service:web", "source:main", "rate" */
	const struct service *service; /* RESOURCE_SERVICE, else NULL */
	/* Others may use it too: of a service, as many as its 'clients'. */
	bool shared;
};

/* One execution of a probe: equal probe and parameters are observed once,
 * whatever the number of checks that read the facts. */
struct observation {
	const char *id; /* "login.refusal@ssh.account-op", "load.storm@control.family-tcp-syn":
	                 * readable, unique, the same in every plan with the
	                 * same parameters; also a folder name */
	const struct probe *probe;
	const struct param_value *params; /* one per line of probe->params */
	size_t param_count;
	const char *target; /* service or function name for messages, or "" */
	unsigned seconds;   /* estimate */
	const struct resource *holds;
	size_t hold_count;
	enum why why;       /* WHY_NONE: will run; else why not */
	const char *reason; /* sentence for why */
};

/* What a policy neither recommends nor forbids: where it is seen, it is asked about. */
struct legacy {
	const char *value;  /* a name, or of sizes the least that is allowed */
	const char *source; /* "IETF RFC 9325 2022-11, section 4.1" */
};

/* A line with its value resolved to the fact's type. */
struct expectation {
	const char *text; /* as a person reads it, variables replaced */
	const struct fact_def *def;
	enum operator op;
	struct fact value;           /* type LIST for includes, excludes, subset-of */
	const struct legacy *legacy; /* what its value takes and asks about */
	size_t legacy_count;
};

struct planned_check {
	const char *id; /* check id, or check id "@" service or function */
	const struct check *check;
	const struct service *service;             /* or NULL */
	const struct essential_function *function; /* or NULL */
	int observation; /* index into plan.observations, -1 for an ask or a
	                  * check that cannot be observed */
	const struct expectation *given;
	size_t given_count;
	const struct expectation *complete;
	size_t complete_count;
	const struct expectation *expect;
	size_t expect_count;
	const struct answer *answer; /* of an ask, or NULL */
	enum why why;                /* WHY_NONE, or why it will not be judged */
	const char *reason;
	/* Every requirement it speaks of is ruled out by the profile's absences;
	 * reason says by which. why is then WHY_NOT_DECLARED. */
	bool not_applicable;
};

/* The watch over one essential function, for the whole run. */
struct planned_monitor {
	const struct monitor *monitor;
	const struct essential_function *function; /* borrowed from profile */
	const struct param_value *params;          /* one per line of monitor->params */
	size_t param_count;
	size_t index; /* of the function in profile->functions */
};

/* A service that no check looks into: it passes nothing, and a report says so. */
struct uncovered {
	const struct service *service; /* borrowed from profile */
	const char *sentence;          /* which one, and why */
};

struct plan {
	struct arena *arena;
	const struct profile *profile;     /* borrowed */
	const struct catalogue *catalogue; /* borrowed */
	const struct suites *suites;       /* borrowed */
	char digest[65];                   /* SHA-256 over profile, suites, catalogue digests and
	                  * the selection */
	const struct observation *observations; /* in order of execution: by
	                                         * impact, then suite order */
	size_t observation_count;
	const struct planned_check *checks; /* in suite order */
	size_t check_count;
	/* One per essential function of the profile, in its order. */
	const struct planned_monitor *monitors;
	size_t monitor_count;
	const struct uncovered *uncovered; /* in the profile's order */
	size_t uncovered_count;
	const char *const *notes; /* what to know before it runs: sentences */
	size_t note_count;
	unsigned seconds;        /* estimate for the whole run */
	const char *const *only; /* the selection, NULL ends; NULL: all */
	bool sham_only;
	const char *day; /* by which policies were read, or NULL */
};

struct plan_options {
	const char *const *only; /* check ids (with or without "@..."), NULL
	                          * ends; NULL: all */
	bool sham_only;          /* load checks put no load on the device */
	const char *day;         /* of the run, "2026-11-25": policies are read as of it;
				  * NULL: as they are written */
	/* A run is judged with later suites: a selected or answered check they
	 * no longer have is passed over. */
	bool suites_may_differ;
};

/*
 * Resolves every check against the profile: probes, parameters, facts,
 * operators, variables. Mistakes in suites are printed to errors like those of
 * profile_load(). Returns 0 and the plan, or -1.
 */
int plan_make(const struct profile *profile, const struct catalogue *catalogue,
	      const struct suites *suites, const struct plan_options *options, FILE *errors,
	      struct plan **ret);
void plan_free(struct plan *plan);

/* The index of the observation that a journal's 'begin' record is of: the one
 * with the same probe and the same value of every parameter; -1 if the plan has
 * none. Ids are not looked at: they may have been given by another version. */
int plan_observation_of(const struct plan *plan, const json_t *begin);

/* Whether it may run beside these, side_count of them: nobody has to himself what
 * another needs, and no service gets more clients than it takes. */
bool observation_fits(const struct observation *observation,
		      const struct observation *const *beside, size_t side_count);
/* How many of this class may run side by side, within the connection budget; at
 * most PLAN_WIDTH. */
size_t plan_width(const struct profile *profile, enum impact impact);
/* How many of these use the service, or all of it. */
size_t observations_on(const struct service *service, const struct observation *const *at,
		       size_t count);

/* How many seconds it may take beside the waits that it declares, and with them:
 * its process is stopped then. From the probe's own word for these parameters;
 * see struct probe. */
unsigned observation_work(const struct observation *observation);
unsigned observation_longest(const struct observation *observation);

/* For a person: what would run, on what, in which order, how long; what would
 * not, and why. width: columns of the terminal. */
void plan_print(const struct plan *plan, FILE *out, int width);
/* The plan as JSON; the caller owns the reference. */
json_t *plan_to_json(const struct plan *plan);

#endif
