/* secret_ration: what one child may know of a run's secrets. */
#ifndef ASSAY_RUN_SECRET_RATION_H
#define ASSAY_RUN_SECRET_RATION_H

#include "harness/model/param.h"
#include "harness/run/secret.h"

/* The passwords of the accounts among its parameters. */
struct secret_ration;

/* Taken out before the fork, in ordinary memory that the child inherits. The runner frees its own
 * copy right after the fork. */
struct secret_ration *secret_ration_new(const struct secrets *secrets,
					const struct param_value *params, size_t count);
/* Clears it. NULL is fine. */
void secret_ration_free(struct secret_ration *ration);
/* The password, owned by the ration; NULL with the reason in *ret_reason where it is not in it. */
const char *secret_ration_password(const struct secret_ration *ration,
				   const struct account *account, const char **ret_reason);

#endif
