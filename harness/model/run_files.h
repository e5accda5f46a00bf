/*
 * run_files: names of files in a run directory that more than the runner looks
 * for. The journal's is in journal_text.h.
 */
#ifndef ASSAY_MODEL_RUN_FILES_H
#define ASSAY_MODEL_RUN_FILES_H

/* A copy of the profile's answers, so that the run can be judged when the
 * profile is gone, and of the files that prove them, each named by its SHA-256. */
#define RUN_ANSWERS          "answers.yaml"
#define RUN_ANSWERS_EVIDENCE "answers-evidence"

#endif
