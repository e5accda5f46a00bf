/* inside: what the first process of a target's namespaces does. */
#ifndef ASSAY_TARGETS_INSIDE_H
#define ASSAY_TARGETS_INSIDE_H

#include "targets/simulated/supervisor.h"

/* Waits for the link, starts everything, says so on the channel, looks after
 * it until the lifetime is over or the link is gone. */
_Noreturn void inside_run(const struct supervisor_order *order, int channel);

#endif
