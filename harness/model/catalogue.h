/*
 * catalogue: the requirements of one edition of a standard and the CRA points
 * they serve, read from the data folder catalogue. Facts and our own words.
 */
#ifndef ASSAY_MODEL_CATALOGUE_H
#define ASSAY_MODEL_CATALOGUE_H

#include "harness/base/arena.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct requirement {
	const char *id; /* "CR 1.1 RE(1)"; unique within the edition */
	const char *title;
	const char *kind;              /* "CCSC", "CR", "RE" */
	const char *enhances;          /* id of the base requirement, NULL for a base */
	int fr;                        /* 1 to 7; 0 for the common constraints */
	const char *const *components; /* "SAR", ...; NULL ends */
	int lowest_level;              /* 1 to 4; 0 for the constraints */
	const char *paraphrase;
	char testability;       /* 'A', 'S' or 'M' */
	const char *condition;  /* absence that makes it not applicable
	                        * ("wireless"), or NULL */
	const char *confidence; /* "high", "medium", "low" */
};

struct cra_point {
	const char *id;  /* "I.2.d" */
	const char *ref; /* "Annex I Part I (2)(d)" */
	const char *title;
	const char *paraphrase;
	const char *coverage;            /* "good", "partial", "process", "gap" */
	const char *gap;                 /* what 62443 leaves open, or NULL */
	const char *const *requirements; /* ids of 62443-4-2; NULL ends */
	const char *confidence;
};

struct component_type {
	const char *id;   /* "EDR" */
	const char *word; /* the profile's word: "embedded" */
	const char *name; /* "embedded device" */
};

struct condition {
	const char *word;    /* "wireless" */
	const char *meaning; /* one sentence */
};

struct catalogue {
	struct arena *arena; /* owns everything below */
	const char *edition; /* "IEC 62443-4-2:2019" */
	char digest[65];     /* SHA-256 over the files read */
	const struct requirement *requirements;
	size_t requirement_count;
	const struct cra_point *cra;
	size_t cra_count;
	const char *cra_act; /* "Regulation (EU) 2024/2847" */
	const struct component_type *components;
	size_t component_count;
	const struct condition *conditions;
	size_t condition_count;
};

/* Reads the catalogue of this edition below data_dir (suites/). Errors as for
 * profile_load(). */
int catalogue_load(const char *data_dir, const char *edition, FILE *errors, struct catalogue **ret);
void catalogue_free(struct catalogue *catalogue);
const struct requirement *catalogue_requirement(const struct catalogue *catalogue, const char *id);
const struct cra_point *catalogue_cra(const struct catalogue *catalogue, const char *id);
/* True if the component type has this requirement. */
bool requirement_applies(const struct requirement *requirement, const char *component);

#endif
