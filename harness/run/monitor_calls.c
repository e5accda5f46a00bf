/* monitor_calls: a monitor's allow list. */
#define _GNU_SOURCE
#include "harness/run/monitor_calls.h"
#include "harness/base/filter.h"

#include <fcntl.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "harness/banned.h"

#define WHOLE UINT32_MAX
#define ANY(call)                       \
	{                               \
		SCMP_SYS(call), 0, 0, 0 \
	}

static const struct filter_row rows[] = {
#define X(call) ANY(call),
#include "harness/base/calls.def"
#undef X
	/* given descriptors: no address */
	ANY(setsockopt),
	{SCMP_SYS(sendto), 4, UINT64_MAX, 0},
	{SCMP_SYS(fcntl), 1, WHOLE, F_GETFD},
	{SCMP_SYS(fcntl), 1, WHOLE, F_SETFD},
	{SCMP_SYS(fcntl), 1, WHOLE, F_GETFL},
	{SCMP_SYS(fcntl), 1, WHOLE, F_SETFL},
	{SCMP_SYS(ioctl), 1, WHOLE, FIONBIO},
	{SCMP_SYS(ioctl), 1, WHOLE, FIONREAD},
	/* memory, never to be executed */
	{SCMP_SYS(mmap), 2, PROT_EXEC, 0},
	{SCMP_SYS(mprotect), 2, PROT_EXEC, 0},
	/* waiting and time, by the older calls */
	ANY(select),
	ANY(pselect6),
	ANY(time),
	/* the rest of the sandbox, which then refuses these */
	ANY(prlimit64),
	ANY(getrlimit),
	ANY(setrlimit),
	ANY(seccomp),
	ANY(prctl),
	/* the beating thread's first steps; the sandbox refuses them later */
	ANY(sched_setscheduler),
	ANY(sched_getscheduler),
	ANY(sched_getparam),
	ANY(setpriority),
};

int monitor_calls_enter(struct text *why)
{
	return filter_enter(rows, ARRAY_SIZE(rows), why);
}
