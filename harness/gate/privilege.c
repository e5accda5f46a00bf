/* privilege: capabilities through libcap-ng, limits, descriptors. */
#define _GNU_SOURCE
#include "harness/gate/privilege.h"

#include <cap-ng.h>
#include <grp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "harness/banned.h"

enum { NOBODY = 65534, FILES_MOST = 10240 };

static void set_limit(__rlimit_resource_t resource, rlim_t value)
{
	struct rlimit limit = {.rlim_cur = value, .rlim_max = value};

	setrlimit(resource, &limit);
}

/* A load holds thousands of ports: hold.h. */
static void limit_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		set_limit(RLIMIT_NOFILE, limit.rlim_max < FILES_MOST ? limit.rlim_max : FILES_MOST);
	}
}

void privilege_drop(void)
{
	bool raw, low_ports;

	/* a load's thread may go before others: storm.c */
	set_limit(RLIMIT_RTPRIO, 1);
	set_limit(RLIMIT_NICE, 30);
	capng_get_caps_process();
	raw = capng_have_capability(CAPNG_PERMITTED, CAP_NET_RAW) != 0;
	/* to be connected to at ports below 1024 */
	low_ports = capng_have_capability(CAPNG_PERMITTED, CAP_NET_BIND_SERVICE) != 0;
	capng_clear(CAPNG_SELECT_BOTH);
	capng_apply(CAPNG_SELECT_BOUNDS); /* while CAP_SETPCAP is there */
	/* in a user namespace with one user mapped there is no nobody, and
	 * that is fine: root there is the ordinary user who made it */
	if (geteuid() == 0 && setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0) {
		prctl(PR_SET_KEEPCAPS, 1);
		if (setresuid(NOBODY, NOBODY, NOBODY) != 0) {
			prctl(PR_SET_KEEPCAPS, 0);
		}
	}
	if (raw) {
		capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_NET_RAW);
	}
	if (low_ports) {
		capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_NET_BIND_SERVICE);
	}
	capng_apply(CAPNG_SELECT_CAPS);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	set_limit(RLIMIT_CORE, 0);
	limit_files();
}

void privilege_close_others(int keep_a, int keep_b)
{
	unsigned low = (unsigned)(keep_a < keep_b ? keep_a : keep_b);
	unsigned high = (unsigned)(keep_a < keep_b ? keep_b : keep_a);

	if (low > 3) {
		close_range(3, low - 1, 0);
	}
	if (high > low + 1) {
		close_range(low + 1, high - 1, 0);
	}
	close_range(high + 1, ~0u, 0);
}
