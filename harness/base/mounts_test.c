/* mounts_test: what is mounted behind mounts_own() is nobody else's, and nothing is mounted where
 * there are no mounts of one's own. */
/* needs: namespace */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base/mounts.h"
#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* How often something is mounted on /proc. */
static int mounts_on_proc(void)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char line[1024], place[256];
	int count = 0;

	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		count += sscanf(line, "%*s %*s %*s %*s %255s", place) == 1 &&
			 strcmp(place, "/proc") == 0;
	}
	if (file != NULL) {
		fclose(file);
	}
	return count;
}

/* A child's exit status. */
static int in_child(int (*act)(void))
{
	int status = 0;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		_exit(act());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int mount_on_proc(void)
{
	int error = mounts_own(0);

	if (error != 0) {
		return -error;
	}
	if (mount("none", "/proc", "tmpfs", 0, "size=4k") != 0) {
		return errno;
	}
	return access("/proc/self", F_OK) == 0 ? 200 : 0; /* it is covered here */
}

/* As a system's first program leaves it: what one namespace mounts, those made from it have. */
static int share_and_mount(void)
{
	int before = mounts_on_proc(), mounted;

	if (mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) != 0) {
		return 201;
	}
	mounted = in_child(mount_on_proc);
	return mounted != 0 ? mounted : mounts_on_proc() == before ? 0 : 202;
}

static void what_is_mounted_is_nobody_else_s(void **state)
{
	(void)state;
	assert_int_equal(in_child(mount_on_proc), 0);
	assert_int_equal(access("/proc/self", F_OK), 0);
}

static void it_is_nobody_else_s_where_mounts_are_shared(void **state)
{
	(void)state;
	assert_int_equal(in_child(share_and_mount), 0);
	assert_int_equal(access("/proc/self", F_OK), 0);
}

/* unshare(2) ends with this errno; 0: it says that it did what it did not. */
static void refuse_unshare(unsigned error)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    seccomp_rule_add(filter, SCMP_ACT_ERRNO(error), SCMP_SYS(unshare), 0) != 0 ||
	    seccomp_load(filter) != 0) {
		_exit(203);
	}
	seccomp_release(filter);
}

static int mount_without_the_right(void)
{
	refuse_unshare(EPERM);
	return mount_on_proc();
}

static int mount_where_it_is_said_to_be_done(void)
{
	refuse_unshare(0);
	return mount_on_proc();
}

static void nothing_is_mounted_without_mounts_of_ones_own(void **state)
{
	int before = mounts_on_proc();

	(void)state;
	assert_int_equal(in_child(mount_without_the_right), EPERM);
	assert_int_equal(in_child(mount_where_it_is_said_to_be_done), EPERM);
	assert_int_equal(mounts_on_proc(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_mounted_is_nobody_else_s),
		cmocka_unit_test(it_is_nobody_else_s_where_mounts_are_shared),
		cmocka_unit_test(nothing_is_mounted_without_mounts_of_ones_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
