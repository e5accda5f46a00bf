/* profile_parts: the tables of which profile_shape is made. Private to them. */
#ifndef ASSAY_MODEL_PROFILE_PARTS_H
#define ASSAY_MODEL_PROFILE_PARTS_H

#include "harness/model/profile_shape.h"

extern const struct shape link_shape;     /* of a struct device_link */
extern const struct shape links_shape;    /* of a struct profile */
extern const struct shape source_shape;   /* of a struct source */
extern const struct shape service_shape;  /* of a struct service */
extern const struct shape account_shape;  /* of a struct account */
extern const struct shape function_shape; /* of a struct essential_function */

#endif
