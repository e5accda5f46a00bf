/* records: what a run writes to its journal, and what it takes over from it when
 * it is resumed. Each returns 0, or -1 when the run has to stop. */
#ifndef ASSAY_RUN_RECORDS_H
#define ASSAY_RUN_RECORDS_H

#include "harness/base/text.h"
#include "harness/model/journal_word.h"
#include "harness/run/child.h"
#include "harness/run/look.h"

struct runner;
struct journal_text;

int record_run(struct runner *runner);
int record_resume(struct runner *runner);
int record_begin(struct runner *runner, size_t observation);
int record_observation(struct runner *runner, size_t observation,
		       const struct child_report *report);
/* The observation begins to wait; what it saw so far goes with it. Also remembers
 * it for the next attempt. */
int record_wait(struct runner *runner, size_t observation, const struct milestone *wait);
int record_refused(struct runner *runner, const char *observation, const char *what);
int record_device(struct runner *runner, enum device_event event, enum why why, const char *reason,
		  const struct look *look);
int record_monitors(struct runner *runner);
int record_note(struct runner *runner, const char *text);
int record_end(struct runner *runner);
/* Takes over what an earlier part of the run has done. Returns 0, or -1 with
 * the reason in why. */
int records_resume(struct runner *runner, const struct journal_text *journal, struct text *why);

#endif
