/*
 * device_lock: one run a device at a time. Two would spend its budgets twice, and each would take
 * the other's load for the device's doing.
 *
 * A device is an address on an interface of a network namespace (by its inode: the same address in
 * two namespaces is two devices). On loopback, where one address carries many devices, it is a
 * declared port. The locks are flock(2) on files that anybody may open, in every one of /run/lock
 * and /tmp that can be had, since not every user has both; the kernel lets go of them however the
 * run ends. They hold over user namespaces and users that share one of these folders, not over
 * containers with folders of their own; and any local user can take one and keep it.
 */
#ifndef ASSAY_RUN_DEVICE_LOCK_H
#define ASSAY_RUN_DEVICE_LOCK_H

#include "harness/base/text.h"
#include "harness/model/profile.h"
#include <stddef.h>

#define DEVICE_LOCK_FILES 128

struct device_lock {
	size_t count;
	int fds[DEVICE_LOCK_FILES];
	char *paths[DEVICE_LOCK_FILES]; /* owned */
	char reason[160];               /* why there is none; "" where there is one */
};

/* Takes the device's locks for the run in this directory. Returns 0, also where no folder could
 * hold one (then with the reason in ret), or -1 with one sentence in why that says which run has
 * it. Release with device_lock_release(). */
int device_lock_take(const struct profile *profile, const char *directory, struct device_lock *ret,
		     struct text *why);
void device_lock_release(struct device_lock *lock);

#endif
