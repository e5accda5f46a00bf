/* sandbox: limits the calling process for good: privileges, resources, system
 * calls. */
#define _GNU_SOURCE
#include "harness/run/sandbox.h"
#include "harness/base/sanitized.h"
#include "harness/run/child_calls.h"
#include "harness/run/confine.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <openssl/evp.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "harness/banned.h"

#define NOBODY 65534u

/* AddressSanitizer maps 16 TiB of shadow memory and writes its report through
 * calls that work inside the filter; only the address space cannot be
 * limited in its builds. */
#define ADDRESS_SPACE_LIMITED (!SANITIZED)

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

void sandbox_prepare(void)
{
	unsigned char raw[EVP_MAX_MD_SIZE];

	/* OpenSSL: its configuration and its algorithms */
	(void)EVP_Digest("", 0, raw, NULL, EVP_sha256(), NULL);
}

/* From here on only the filter is left to be entered. */
static int give_up(const struct sandbox_limits *limits, struct text *why)
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
	return limit_all(limits, why);
}

int sandbox_enter(const struct sandbox_limits *limits, struct text *why)
{
	struct child_calls *own = NULL;
	int result = -1;

	sandbox_prepare();
	/* compiling one writes to a file in memory: before the limits */
	if (limits->calls == NULL) {
		own = child_calls_new(why);
		if (own == NULL) {
			return -1;
		}
	}
	if (give_up(limits, why) == 0) {
		result = child_calls_enter(own != NULL ? own : limits->calls, why);
	}
	child_calls_free(own);
	return result;
}
