/*
 * server: the gate's own process: one poll loop over the control channel and
 * the children's channels. It decides who may do what; the work is done by
 * dial, wire, storm and capture.
 */
#ifndef ASSAY_GATE_SERVER_H
#define ASSAY_GATE_SERVER_H

#include "harness/base/page.h"
#include "harness/model/profile.h"
#include <sys/types.h>

struct server_start {
	const struct profile *profile;
	int control;              /* SOCK_SEQPACKET to the runner */
	int notice;               /* the same, sentences for the runner */
	const struct page *pages; /* struct pulse: the runner's, then one a function */
	pid_t runner;
};

/* Runs the gate until the runner lets go. Returns the exit code. */
int server_run(const struct server_start *start);

#endif
