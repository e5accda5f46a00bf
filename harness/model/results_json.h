/* results_json: what the files that make results.json share. */
#ifndef ASSAY_MODEL_RESULTS_JSON_H
#define ASSAY_MODEL_RESULTS_JSON_H

#include "harness/model/results.h"

/* Each returns a new value; null for NULL, and for what is no number. Text that
 * is no UTF-8 is made printable. */
json_t *text_to_json(const char *text);
json_t *real_to_json(double value);
json_t *texts_to_json(const char *const *list); /* NULL ends */
json_t *evidence_to_json(const struct evidence *evidence, size_t count);
json_t *checks_to_json(const struct results *results);

/* value is stolen. */
void object_set(json_t *object, const char *name, json_t *value);
void object_set_text(json_t *object, const char *name, const char *text);
void object_set_int(json_t *object, const char *name, int64_t value);

#endif
