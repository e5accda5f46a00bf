/* progress: what a run shows on stderr while it goes on. */
#ifndef ASSAY_RUN_PROGRESS_H
#define ASSAY_RUN_PROGRESS_H

#include "harness/run/child.h"

struct runner;

void progress_begin(struct runner *runner, size_t observation);
void progress_end(struct runner *runner, size_t observation, const struct child_report *report);
/* The observation begins to wait. */
void progress_wait(struct runner *runner, size_t observation, const struct milestone *wait);
void progress_event(struct runner *runner, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Redraws the live line. */
void progress_tick(struct runner *runner);
void progress_clear(struct runner *runner);

#endif
