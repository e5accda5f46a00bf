/* run_folder: the run's folder, made or taken up. */
#ifndef ASSAY_RUN_RUN_FOLDER_H
#define ASSAY_RUN_RUN_FOLDER_H

#include "harness/base/text.h"

struct runner;

/*
 * Makes or takes up the run's folder: journal, ledger, and everything that
 * judging it later needs: profile, plan, answers and their evidence. Returns 0,
 * or the exit code with the reason in why.
 */
int run_folder_open(struct runner *runner, struct text *why);
/* Once the runner is the user that it stays: has the run vouched for outside of its folder. Returns
 * 0 or -1 with why. */
int run_folder_anchor(struct runner *runner, struct text *why);

#endif
