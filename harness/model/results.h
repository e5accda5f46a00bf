/*
 * results: everything a report may say, computed once and then const. Reports
 * compute nothing. results_to_json() is results.json, checked against
 * suites/schema/results.schema.json.
 */
#ifndef ASSAY_MODEL_RESULTS_H
#define ASSAY_MODEL_RESULTS_H

#include "harness/base/arena.h"
#include "harness/model/catalogue.h"
#include "harness/model/fact.h"
#include "harness/model/profile.h"
#include "harness/model/suite.h"
#include "harness/model/verdict.h"
#include <jansson.h>
#include <stdbool.h>

struct evidence {
	const char *path; /* relative to the run directory */
	const char *sha256;
	int64_t size;
};

enum line_role {
#define LINE_ROLE(name, word, name_of) LINE_##name,
#include "harness/model/line_role.def"
#undef LINE_ROLE
};
/* "given": as a suite writes it; "control". */
const char *line_role_word(enum line_role role);
const char *line_role_name(enum line_role role);

struct line_result {      /* one of a check's lines, judged */
	const char *text; /* "locked is true" */
	enum line_role role;
	int held;        /* 1 held, 0 did not hold, -1 not observed */
	const char *saw; /* the fact's value as text, NULL: not observed */
};

struct check_result {
	const char *id; /* planned check's id */
	const char *title;
	const char *suite;
	const char *service;             /* name, or NULL */
	const char *function;            /* name, or NULL */
	const char *probe;               /* id, or NULL for an ask */
	const char *observation;         /* id, or NULL */
	const char *ask;                 /* the question, or NULL */
	const char *const *requirements; /* ids, NULL ends */
	const char *const *cra;          /* ids, NULL ends; crosswalk included */
	enum impact impact;
	enum verdict verdict;
	enum why why;
	const char *reason; /* a sentence */
	const char *note;   /* what it asks about beside its verdict, or NULL */
	const struct line_result *lines;
	size_t line_count;
	struct facts facts;
	const struct fact_def *fact_defs; /* for units; NULL for an ask */
	const struct evidence *evidence;
	size_t evidence_count;
	const struct answer *answer; /* of an ask, or NULL */
	const char *started;         /* RFC 3339, or NULL */
	double seconds;
	int attempts;
	const char *reproduce;               /* one command */
	const struct check_figures *figures; /* how often it was right, NULL: not known */
};

/* How a requirement was settled. */
enum settled {
#define SETTLED(name, word, sentence) SETTLED_##name,
#include "harness/model/settled.def"
#undef SETTLED
};
/* "answer"; "by reviewed evidence". */
const char *settled_word(enum settled settled);
const char *settled_sentence(enum settled settled);

struct requirement_result {
	const struct requirement *requirement; /* borrowed from the catalogue */
	enum verdict verdict;
	enum why why;
	const char *reason;
	enum settled settled;
	const int *checks; /* indexes into results.checks */
	size_t check_count;
};

struct level_result {        /* one foundational requirement */
	int fr;              /* 1 to 7; 0 for the common constraints */
	const char *name;    /* "identification and authentication control" */
	int proven, ceiling; /* 0 to 4 */
	int claim;           /* the profile's, 0: none */
	/* Requirements of this FR and component at each level 1 to 4
	 * (cumulative), by how they stand. Index 0 is unused. */
	struct level_count {
		int selected, met, not_met, not_evaluated, not_applicable;
	} at[5];
};

struct cra_result {
	const struct cra_point *point; /* borrowed from the catalogue */
	enum verdict verdict;
	const char *reason;
	int met, not_met, not_evaluated, not_applicable; /* requirements */
	const int *checks;                               /* extra checks by 'cra:' */
	size_t check_count;
};

struct monitor_result {
	const char *function, *monitor;
	enum view view;
	int64_t samples, answered;
	int64_t missed; /* due, but the tester took none */
	double worst_gap_ms;
	const struct evidence *evidence; /* the samples, or NULL */
};

/* Samples and load of one load check on one time axis, for its plot. Times are
 * seconds from the first window's start. */
struct plot {
	const char *check; /* id */
	const char *title;
	struct plot_window {
		const char *name; /* "baseline", "sham", "attack", "recovery" */
		double from, to;
	} windows[8];
	size_t window_count;
	struct plot_point {
		double t, value;
	} * gap; /* time since the function's last progress, ms */
	size_t gap_count;
	struct plot_point *rate; /* frames/s sent */
	size_t rate_count;
	double tolerance_ms;
};

/* A declared service that no check looks into. */
struct uncovered_result {
	const char *service, *protocol;
	const char *reason; /* which one, and why: a sentence */
};

struct setting_text { /* environment lines: name and value */
	const char *name, *value;
};

struct results {
	struct arena *arena;               /* owns everything not said to be borrowed */
	const struct profile *profile;     /* borrowed */
	const struct catalogue *catalogue; /* borrowed */
	const char *tool_version;
	const char *suites_digest;
	/* "policies as of 2026-11-25: ssh-2026 of ...; ended before: ...", or NULL */
	const char *policies;
	bool other_suites; /* than the run was made with */
	const char *journal_head;
	const char *started, *ended; /* RFC 3339; ended NULL: still open */
	const char *end_reason;      /* the journal's last 'end', or NULL */
	const struct setting_text *environment;
	size_t environment_count;
	const struct check_result *checks;
	size_t check_count;
	const struct requirement_result *requirements; /* of the component */
	size_t requirement_count;
	struct level_result levels[8]; /* index: FR; 0: common constraints */
	const struct cra_result *cra;
	size_t cra_count;
	const struct monitor_result *monitors;
	size_t monitor_count;
	const struct plot *plots;
	size_t plot_count;
	const char *const *refusals; /* what the gate refused, sentences */
	size_t refusal_count;
	const struct uncovered_result *uncovered;
	size_t uncovered_count;
	const char *const *device_events; /* lost, recovered, ... sentences */
	size_t device_event_count;
	int verdict_counts[VERDICT_COUNT]; /* of checks */
};

/* The exit code of section 7 for these results: 0, 1, 3 or 4 (130 and 2 are
 * the runner's own). 0 needs every planned check PASS or NOT_APPLICABLE, apart
 * from checks nobody asked to run (no consent, not selected, asks), and a check
 * for every declared service. */
int results_exit_code(const struct results *results);
/* results.json; the caller owns the reference. */
json_t *results_to_json(const struct results *results);

#endif
