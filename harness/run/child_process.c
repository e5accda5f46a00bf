/* child_process: a child's own side, from the fork to its exit. */
#define _GNU_SOURCE
#include "harness/run/child_parts.h"
#include "harness/run/probe_run.h"
#include "harness/run/sandbox.h"
#include "probes/registry.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/banned.h"

int child_settle(int output, const int *keep, size_t keep_count)
{
	static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
	int null = open("/dev/null", O_RDONLY), moved[8];
	sigset_t none;
	size_t i;

	if (null < 0 || keep_count > ARRAY_SIZE(moved)) {
		return -1;
	}
	/* out of the way first: a wanted descriptor may sit on a low number */
	for (i = 0; i < keep_count; i++) {
		moved[i] = fcntl(keep[i], F_DUPFD, 64);
		if (moved[i] < 0) {
			return -1;
		}
	}
	if (output >= 0 && (dup2(output, 1) < 0 || dup2(output, 2) < 0)) {
		return -1;
	}
	if (dup2(null, 0) < 0) {
		return -1;
	}
	for (i = 0; i < keep_count; i++) {
		if (dup2(moved[i], 3 + (int)i) < 0) {
			return -1;
		}
	}
	/* the journal, other children's channels: none of its business */
	if (close_range(3 + (unsigned)keep_count, ~0U, 0) != 0) {
		return -1;
	}
	for (i = 0; i < ARRAY_SIZE(ignored); i++) {
		signal(ignored[i], SIG_IGN);
	}
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&none);
	return sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Everything the child does; returns its exit status. */
/* The driver's code may be in a module, which can be loaded before the sandbox alone. */
static int load_driver(struct probe_run *run, const struct observation *observation,
		       struct text *why)
{
	const struct session_driver *driver = NULL;
	size_t i;

	for (i = 0; i < observation->param_count && driver == NULL; i++) {
		if (observation->params[i].service != NULL &&
		    (observation->probe->needs & NEEDS_SESSION) != 0) {
			driver = driver_find(observation->params[i].service->protocol);
		}
	}
	run->driver = driver == NULL ? NULL : module_whole(driver, &driver->part, why);
	return driver != NULL && run->driver == NULL ? -1 : 0;
}

static int child_live(const struct child *child, const struct child_world *world,
		      const struct observation *observation, size_t doors)
{
	struct probe_run run = {
		.world = world,
		.param_defs = observation->probe->params,
		.params = observation->params,
		.param_count = observation->param_count,
		.fact_defs = observation->probe->facts,
		.arena = arena_new(),
		.report_fd = 3,
		.deadline_ns = child->deadline_ns,
		.longest_ns = child->start_ns + child->longest_s * NS_PER_S,
		.resumes = child->resumes,
		.ration = child->ration,
	};
	const struct sandbox_limits limits = {.cpu_seconds = child->longest_s + 1,
					      .calls = world->calls};
	const struct probe *probe;
	struct text why;
	int result;

	secrets_wipe_environment(world->profile);
	for (; run.door_count < doors; run.door_count++) {
		run.doors[run.door_count] = gate_channel_new(4 + (int)run.door_count);
	}
	run.channel = run.doors[0];
	probe = module_whole(observation->probe, &observation->probe->part, &why);
	if (probe == NULL || load_driver(&run, observation, &why) != 0 ||
	    sandbox_enter(&limits, &why) != 0) {
		fprintf(stderr, "assay: %s\n", why.s);
		return 1;
	}
	result = probe->observe(&run);
	fflush(NULL);
	return probe_run_finish(&run, result) == 0 ? 0 : 1;
}

_Noreturn void child_main(const struct child *child, const struct child_world *world,
			  const struct observation *observation, const struct ends *ends)
{
	int keep[1 + CHILD_DOORS] = {ends->report};

	memcpy(&keep[1], ends->doors, sizeof(ends->doors));
	if (child_settle(ends->output, keep, 1 + ends->door_count) != 0) {
		_exit(1);
	}
	_exit(child_live(child, world, observation, ends->door_count));
}
