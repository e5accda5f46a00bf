/* process: waitid(2) without taking the end away. */
#define _GNU_SOURCE
#include "harness/base/process.h"
#include "harness/base/clock.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "harness/banned.h"

/* Its channel closes some time before its end can be waited for. */
#define MOMENT_NS (200 * NS_PER_MS)

void process_end(pid_t pid, const char *name, struct text *ret)
{
	int64_t deadline = clock_ns() + MOMENT_NS;
	siginfo_t info = {.si_pid = 0};
	int error;

	do {
		error = waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT);
		if (error != 0 || info.si_pid != 0) {
			break;
		}
		clock_sleep_until(clock_ns() + NS_PER_MS);
	} while (clock_ns() < deadline);
	if (error != 0 || info.si_pid == 0) {
		text_error(ret, "%s has not ended", name);
	} else if (info.si_code == CLD_EXITED) {
		text_error(ret, "%s ended with status %d", name, info.si_status);
	} else if (info.si_status == SIGSYS) {
		text_error(ret, "%s made a system call that it may not (SIGSYS)", name);
	} else {
		text_error(ret, "%s was ended by SIG%s", name, sigabbrev_np(info.si_status));
	}
}
