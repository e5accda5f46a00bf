/* stop: how a run ends before everything is done. */
#ifndef ASSAY_RUN_STOP_H
#define ASSAY_RUN_STOP_H

#include "harness/model/journal_word.h"

struct runner;

/* Wants the run to end; the first reason stays. Always returns -1. */
int runner_stop(struct runner *runner, enum stop stop, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Nothing can be measured any more. Always returns -1. */
int runner_gate_gone(struct runner *runner);

#endif
