/*
 * load_source: what a load is, frames, connections or requests, and how a turn of it is
 * sent. When, and for how long, is load_course's.
 */
#ifndef ASSAY_PROBES_LOAD_SOURCE_H
#define ASSAY_PROBES_LOAD_SOURCE_H

#include "probes/probe.h"

/* One window that is sent in. */
struct load_turn {
	int64_t duration_ms;
	bool sham; /* as much work, but to nobody */
};

struct load_source {
	const char *unit; /* what is counted, and asked for in a second: "frames" */
	int64_t rate;     /* of these a second */
	void *context;    /* the source's own */
	/* Sends for one turn; units of ret->sent, slices and interface_sent are the
	 * source's (interface_sent: what is known to have left; as sent where nothing
	 * is). Returns 0, -EPERM: not possible here, -EDQUOT or -EACCES: the profile
	 * does not allow it, or another -errno. */
	int (*send)(struct probe_run *run, void *context, const struct load_turn *turn,
		    struct storm_result *ret);
};

/* Sends for one turn. Returns 0, or -1 with the run given up. */
int load_source_send(struct probe_run *run, const struct load_source *source,
		     const struct load_turn *turn, struct storm_result *ret);

/* Units a second that left in a turn of this length, by the lower of what was counted
 * here and at the interface. */
double load_source_rate(const struct storm_result *result, int64_t duration_ms);

#endif
