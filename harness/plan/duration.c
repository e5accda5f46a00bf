/* duration: how long an observation may take with its parameters. */
#include "harness/plan/plan.h"

#include "harness/banned.h"

static unsigned at_least(unsigned seconds, unsigned least)
{
	return seconds > least ? seconds : least;
}

unsigned observation_work(const struct observation *observation)
{
	const struct probe *probe = observation->probe;

	return probe->longest == NULL ? probe->timeout_s : observation_longest(observation);
}

unsigned observation_longest(const struct observation *observation)
{
	const struct probe *probe = observation->probe;

	if (probe->longest != NULL) {
		return at_least(probe->longest(observation->params, observation->param_count),
				probe->timeout_s);
	}
	if (probe->seconds != NULL) {
		return probe->timeout_s +
		       probe->seconds(observation->params, observation->param_count);
	}
	return probe->timeout_s;
}
