/* sandbox: limits the calling process for good: privileges, resources, system
 * calls. */
#define _GNU_SOURCE
#include "harness/run/sandbox.h"
#include "harness/base/sanitized.h"
#include "harness/run/confine.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/banned.h"

#define NOBODY 65534u

/* AddressSanitizer maps 16 TiB of shadow memory and writes its report through
 * calls that work inside the filter; only the address space cannot be
 * limited in its builds. */
#define ADDRESS_SPACE_LIMITED (!SANITIZED)

/* Calls that are let through whatever their arguments: memory, waiting, time,
 * and reading and writing descriptors already there. */
static const int allowed[] = {
#define X(call) SCMP_SYS(call),
#include "harness/run/calls.def"
#undef X
};

/* Calls that are let through when one argument, under a mask, has a value.
 * Several rows of one call are alternatives. */
static const struct {
	int call;
	unsigned argument;
	uint64_t mask, value;
} narrow[] = {
	{SCMP_SYS(fcntl), 1, UINT32_MAX, F_GETFD},
	{SCMP_SYS(fcntl), 1, UINT32_MAX, F_SETFD},
	{SCMP_SYS(fcntl), 1, UINT32_MAX, F_GETFL},
	{SCMP_SYS(fcntl), 1, UINT32_MAX, F_SETFL},
	{SCMP_SYS(fcntl), 1, UINT32_MAX, F_DUPFD},
	{SCMP_SYS(fcntl), 1, UINT32_MAX, F_DUPFD_CLOEXEC},
	{SCMP_SYS(ioctl), 1, UINT32_MAX, FIONBIO},
	{SCMP_SYS(ioctl), 1, UINT32_MAX, FIONREAD},
	{SCMP_SYS(mmap), 2, PROT_EXEC, 0},
	{SCMP_SYS(mprotect), 2, PROT_EXEC, 0},
	/* send(2) on a connected descriptor: no address */
	{SCMP_SYS(sendto), 4, UINT64_MAX, 0},
	/* libcurl wakes itself through a pair */
	{SCMP_SYS(socketpair), 0, UINT32_MAX, AF_UNIX},
	{SCMP_SYS(prlimit64), 2, UINT64_MAX, 0},
	{SCMP_SYS(prctl), 0, UINT32_MAX, PR_SET_NAME},
	{SCMP_SYS(prctl), 0, UINT32_MAX, PR_SET_TIMERSLACK},
#define WRITING (O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND)
	{SCMP_SYS(open), 1, WRITING, 0},
	{SCMP_SYS(openat), 2, WRITING, 0},
};

static int allow_narrow(scmp_filter_ctx filter, int call, struct scmp_arg_cmp compare)
{
	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &compare);
}

static int filter_fill(scmp_filter_ctx filter)
{
	size_t i;
	int error = 0;

	for (i = 0; i < ARRAY_SIZE(allowed) && error == 0; i++) {
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	}
	for (i = 0; i < ARRAY_SIZE(narrow) && error == 0; i++) {
		error = allow_narrow(filter, narrow[i].call,
				     (struct scmp_arg_cmp){.arg = narrow[i].argument,
							   .op = SCMP_CMP_MASKED_EQ,
							   .datum_a = narrow[i].mask,
							   .datum_b = narrow[i].value});
	}
	/* abort(3) signals its own thread; nobody else may be signalled */
	if (error == 0) {
		error = allow_narrow(filter, SCMP_SYS(tgkill),
				     (struct scmp_arg_cmp){
					     .arg = 0,
					     .op = SCMP_CMP_MASKED_EQ,
					     .datum_a = UINT64_MAX,
					     .datum_b = (scmp_datum_t)getpid(),
				     });
	}
	/* Refused like the rest. libcurl 7.88 connects even a descriptor that
	 * it was told is connected, and only with this errno goes on to use
	 * it. */
	if (error == 0) {
		error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINPROGRESS), SCMP_SYS(connect), 0);
	}
	return error;
}

static int enter_filter(struct text *why)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int error = filter == NULL ? -ENOMEM : filter_fill(filter);

	if (error == 0) { /* threads that are there already get it too */
		error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	}
	if (error == 0) {
		error = seccomp_load(filter);
	}
	seccomp_release(filter);
	if (error != 0) {
		return text_error(why, "cannot load the system call filter: %s", strerror(-error));
	}
	return 0;
}

/*
 * Becomes nobody. Inside a user namespace only one user is mapped (EINVAL), and
 * an ordinary user may not change at all (EPERM): there the loss of all
 * capabilities has to do.
 */
static int drop_user(struct text *why)
{
	if (setgroups(0, NULL) != 0 && errno != EPERM) {
		return text_error(why, "cannot drop groups: %s", strerror(errno));
	}
	if (setresgid(NOBODY, NOBODY, NOBODY) != 0 && errno != EINVAL && errno != EPERM) {
		return text_error(why, "cannot change the group: %s", strerror(errno));
	}
	if (setresuid(NOBODY, NOBODY, NOBODY) != 0 && errno != EINVAL && errno != EPERM) {
		return text_error(why, "cannot change the user: %s", strerror(errno));
	}
	return 0;
}

static int drop_capabilities(struct text *why)
{
	capng_clear(CAPNG_SELECT_BOTH);
	/* without CAP_SETPCAP the bounding set stays; no_new_privs makes that
	 * harmless */
	if (capng_apply(CAPNG_SELECT_BOTH) != 0 && capng_apply(CAPNG_SELECT_CAPS) != 0) {
		return text_error(why, "cannot drop capabilities");
	}
	capng_get_caps_process();
	if (capng_have_capabilities(CAPNG_SELECT_CAPS) != CAPNG_NONE) {
		return text_error(why, "capabilities are left after dropping");
	}
	return 0;
}

static int limit(int what, rlim_t value, struct text *why)
{
	struct rlimit most = {.rlim_cur = value, .rlim_max = value}, now;

	if (getrlimit((__rlimit_resource_t)what, &now) == 0 && now.rlim_max < value) {
		most.rlim_cur = most.rlim_max = now.rlim_max;
	}
	if (setrlimit((__rlimit_resource_t)what, &most) != 0) {
		return text_error(why, "cannot set resource limit %d: %s", what, strerror(errno));
	}
	return 0;
}

static int limit_all(const struct sandbox_limits *limits, struct text *why)
{
	if (limit(RLIMIT_CORE, 0, why) != 0 || limit(RLIMIT_CPU, limits->cpu_seconds, why) != 0 ||
	    limit(RLIMIT_FSIZE, limits->file_bytes, why) != 0 || limit(RLIMIT_NPROC, 0, why) != 0 ||
	    limit(RLIMIT_MEMLOCK, 0, why) != 0 || limit(RLIMIT_RTPRIO, 0, why) != 0 ||
	    limit(RLIMIT_NOFILE, 256, why) != 0) {
		return -1;
	}
	if (ADDRESS_SPACE_LIMITED) {
		return limit(RLIMIT_AS, (rlim_t)2 << 30, why);
	}
	return 0;
}

int sandbox_enter_with(const struct sandbox_limits *limits, struct text *why)
{
	pid_t parent = getppid();

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
		return text_error(why, "cannot give up new privileges: %s", strerror(errno));
	}
	if (drop_user(why) != 0 || drop_capabilities(why) != 0) {
		return -1;
	}
	/* after the change of user, which clears it; a parent that died in
	 * between sends no signal */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != parent) {
		return text_error(why, "the runner is gone");
	}
	/* before it may no longer look into /proc/self */
	(void)confine_enter();
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (limits->begin != NULL && limits->begin(limits->argument) != 0) {
		return text_error(why, "cannot start a thread");
	}
	if (limit_all(limits, why) != 0) {
		return -1;
	}
	return enter_filter(why);
}

int sandbox_enter(unsigned cpu_seconds, struct text *why)
{
	struct sandbox_limits limits = {.cpu_seconds = cpu_seconds};

	return sandbox_enter_with(&limits, why);
}
