/* child_wait: one observation from start to end, waiting for it. */
#include "harness/base/clock.h"
#include "harness/run/child.h"

#include <poll.h>
#include <string.h>

#include "harness/banned.h"

int child_run(const struct child_world *world, const struct observation *observation,
	      struct gate *gate, struct arena *arena, struct child_report *ret, struct text *why)
{
	struct child_order order = {.observation = observation, .attempt = 1, .capture = true};
	struct child *child = child_start(world, &order, gate, arena, why);
	struct pollfd entry = {.events = POLLIN};

	if (child == NULL) {
		return -1;
	}
	entry.fd = child_fd(child);
	do {
		(void)poll(&entry, 1, clock_left_ms(child_deadline(child)));
	} while (child_step(child, ret) == 0);
	child_free(child);
	return 0;
}
