/*
 * figures: how often each check was right on devices whose truth is known, as
 * scripts/validate measured it: the data folder's validation.json.
 */
#ifndef ASSAY_MODEL_FIGURES_H
#define ASSAY_MODEL_FIGURES_H

#include "harness/base/arena.h"
#include "harness/base/text.h"
#include <stdint.h>

/* Verdicts, not devices: one for each service that was looked at. */
struct check_figures {
	int64_t planted, found; /* it had to FAIL, and did */
	int64_t clean, wrong;   /* it had to pass, and was called FAIL */
};

struct figures;

#define FIGURES_FILE "validation.json"

/*
 * Reads validation.json in the folder into the arena. Returns 0 and the figures,
 * NULL where there is no such file; -1 with the reason where it is not what
 * suites/schema/validation.schema.json describes.
 */
int figures_load(struct arena *arena, const char *data_dir, const struct figures **ret,
		 struct text *why);
/* Those of the check with this id, owned by the arena; NULL: not validated. figures may be NULL. */
const struct check_figures *figures_of(const struct figures *figures, const char *check);
/* "found 41 of 41 planted, 0 of 122 false". */
struct text figures_sentence(const struct check_figures *figures);

#endif
