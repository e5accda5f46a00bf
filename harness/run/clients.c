/* clients: lets monitors give way where a service has not places enough. */
#include "harness/run/clients.h"
#include "harness/run/runner.h"
#include "harness/run/running.h"

#include "harness/banned.h"

static size_t monitors_on(const struct plan *plan, const struct service *service)
{
	size_t i, count = 0;

	for (i = 0; i < plan->monitor_count; i++) {
		count += look_service(&plan->monitors[i]) == service;
	}
	return count;
}

/* Checks and monitors have not enough places on it together. */
static bool crowded(const struct runner *runner, const struct service *service)
{
	const struct observation *beside[MAX_CHILDREN];
	size_t count = running_now(runner, beside);
	size_t checks = observations_on(service, beside, count);

	return service->clients > 0 && checks > 0 &&
	       checks + monitors_on(runner->plan, service) > (size_t)service->clients;
}

void clients_share(struct runner *runner)
{
	const struct plan *plan = runner->plan;
	size_t i;

	for (i = 0; i < plan->monitor_count; i++) {
		const struct service *service = look_service(&plan->monitors[i]);

		if (runner->monitors[i] == NULL || service == NULL || service->clients == 0) {
			continue;
		}
		if (crowded(runner, service)) {
			monitor_give_way(runner->monitors[i], true);
		} else if (!device_busy(runner)) {
			monitor_give_way(runner->monitors[i], false);
		}
	}
}
