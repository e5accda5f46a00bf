/*
 * look: one look at the device: is it there, and is it still the same? It is a
 * child like any other, waited for by the loop; what it means is decided by
 * who asked for it.
 */
#ifndef ASSAY_RUN_LOOK_H
#define ASSAY_RUN_LOOK_H

#include "harness/base/arena.h"
#include "harness/model/verdict.h"
#include "harness/plan/plan.h"
#include "harness/run/child.h"
#include "harness/run/loop.h"
#include <jansson.h>

struct runner;

/* What was seen. Texts belong to the run's arena. */
struct look {
	bool known;  /* false: nothing seen yet, or not since something
	                    * may have changed */
	bool broken; /* the look itself failed */
	const char *reason;
	size_t up, down;  /* declared services that accept, that do not */
	json_t *up_names; /* owned */
	json_t *identity; /* owned: mac, ssh_host_key, ssh_banner as seen */
	/* Services that do not let the tester in, but answer the witness or the
	 * monitor that watches them: owned. */
	json_t *other_names;
	json_t *taken_names; /* not asked: no place for a connection; owned */
	bool watched;        /* a monitor was answered meanwhile: the device lives */
};

void look_release(struct look *look);

/* The look under way. */
struct looking {
	struct child *child; /* NULL: none */
	bool listening;      /* the child has ended, a monitor is waited for */
	struct arena *arena; /* the child's report */
	struct loop_source source;
	int (*done)(struct runner *runner, struct look *look);
	bool again; /* somebody ended the first one */
	int number; /* looks so far in this process */
	/* what the child is asked to do */
	char id[32];
	int64_t start_ns;
	size_t spared;    /* services that it is not to dial */
	struct look look; /* what the child saw, while a monitor's word is waited for */
	struct probe probe;
	struct param_value params[3];
	struct observation observation;
};

/*
 * Starts a look; none is under way. When it is over, done() is called with what
 * was seen, which becomes done()'s to release; its -1 ends the run. Returns 0,
 * or -1 when the run has to stop.
 */
int look_start(struct runner *runner, int (*done)(struct runner *runner, struct look *look));
bool look_under_way(const struct runner *runner);
/* Ends the one under way unheard. Fine where there is none. */
void look_end(struct runner *runner);

/* The service that the monitor watches, or NULL. */
const struct service *look_service(const struct planned_monitor *monitor);

/* Compares with how the device was at first. Returns WHY_NONE, or what is wrong
 * with the sentence in why: WHY_WRONG_DEVICE, WHY_DEVICE_LOST, or WHY_BLOCKED where
 * all that does not let the tester in is there for others. */
enum why look_compare(const struct look *first, const struct look *now, struct text *why);

#endif
