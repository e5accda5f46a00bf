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
};

void look_release(struct look *look);

/* The look under way. */
struct looking {
	struct child *child; /* NULL: none */
	struct arena *arena; /* the child's report */
	struct loop_source source;
	int (*done)(struct runner *runner, struct look *look);
	bool again; /* somebody ended the first one */
	int number; /* looks so far in this process */
	/* what the child is asked to do */
	char id[32];
	struct param_value host_key;
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

/* Compares with how the device was at first. Returns WHY_NONE, or what is
 * wrong with the sentence in why. */
enum why look_compare(const struct look *first, const struct look *now, struct text *why);

#endif
