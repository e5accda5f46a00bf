/* mounts: unshare(2), looked at, and every mount made private. */
#define _GNU_SOURCE
#include "harness/base/mounts.h"

#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "harness/banned.h"

int mounts_own(int more)
{
	struct stat before, after;

	/* the namespace is looked at, not the answer alone: what answers for the kernel (a filter, a
	 * container) may say yes to what was not done */
	if (stat("/proc/self/ns/mnt", &before) != 0 || unshare(CLONE_NEWNS | more) != 0 ||
	    stat("/proc/self/ns/mnt", &after) != 0) {
		return -errno;
	}
	if (before.st_dev == after.st_dev && before.st_ino == after.st_ino) {
		return -EPERM;
	}
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 ? 0 : -errno;
}
