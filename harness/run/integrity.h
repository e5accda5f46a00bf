/*
 * integrity: whether a run's directory is still what its journal says: profile, plan, answers and
 * evidence by their SHA-256, journal and ledger by their anchors. What is judged or reported is
 * checked first; other suites than the run's are no fault, and the report says so.
 */
#ifndef ASSAY_RUN_INTEGRITY_H
#define ASSAY_RUN_INTEGRITY_H

#include "harness/base/arena.h"
#include "harness/base/digest.h"
#include "harness/base/text.h"
#include "harness/model/results.h"
#include "harness/run/journal.h"

/* What the report says of it: lines of its environment. Owned by the arena given. */
struct integrity {
	const struct setting_text *lines;
	size_t count;
};

/*
 * Returns 0 and the lines, or -1 with one sentence in why that names the file that was changed,
 * is missing or was added.
 */
int integrity_check(const char *directory, const struct journal_text *journal, struct arena *arena,
		    struct integrity *ret, struct text *why);
/* The same for the profile and the plan alone, before a run goes on; its answers may be new ones.
 * Fills the digest of plan.json. */
int integrity_start(const char *directory, const struct journal_text *journal,
		    struct digest *ret_plan_file, struct text *why);
/* The files of the run that its journal does not name, as a new array of {path, sha256, size}: what
 * a check that was killed left behind, what a hook said. */
json_t *integrity_unrecorded(const char *directory, const struct journal_text *journal);

#endif
