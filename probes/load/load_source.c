/* load_source: one turn of a load, and its rate. Contract in load_source.h. */
#include "probes/load/load_source.h"

#include <errno.h>
#include <string.h>

#include "harness/banned.h"

static int send_failed(struct probe_run *run, const struct load_source *source,
		       const struct load_turn *turn, int error)
{
	if (error == -EPERM) {
		return probe_give_up(run, WHY_NO_PRIVILEGE,
				     "%s are not granted here: no load can be sent", source->unit);
	}
	if (error == -EDQUOT || error == -EACCES) {
		return probe_give_up(
			run, WHY_BUDGET_SPENT, "the profile does not allow %lld %s/s for %lld ms",
			(long long)source->rate, source->unit, (long long)turn->duration_ms);
	}
	if (error == -EADDRNOTAVAIL) {
		return probe_give_up(run, WHY_NO_ANSWER,
				     "no address of the device that the load goes to answers");
	}
	return probe_give_up(run, WHY_TESTER_DROPPED, "the load could not be sent: %s",
			     strerror(-error));
}

int load_source_send(struct probe_run *run, const struct load_source *source,
		     const struct load_turn *turn, struct storm_result *ret)
{
	int error = source->send(run, source->context, turn, ret);

	return error == 0 ? 0 : send_failed(run, source, turn, error);
}

double load_source_rate(const struct storm_result *result, int64_t duration_ms)
{
	uint64_t sent =
		result->sent < result->interface_sent ? result->sent : result->interface_sent;
	int64_t ns = result->end_ns - result->start_ns;

	/* A pause at the end counts: what was asked for is the whole time. */
	if (result->end == STORM_COMPLETE && ns < duration_ms * NS_PER_MS) {
		ns = duration_ms * NS_PER_MS;
	}
	return ns > 0 ? (double)sent * (double)NS_PER_S / (double)ns : 0;
}
