/* filter_test: what is on the list goes, and all else ends the process. */
#define _GNU_SOURCE
#include "harness/base/filter.h"
#include "harness/base/process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/banned.h"

static const struct filter_row rows[] = {
	{SCMP_SYS(write), 0, 0, 0},
	{SCMP_SYS(exit), 0, 0, 0},
	{SCMP_SYS(exit_group), 0, 0, 0},
	{SCMP_SYS(rt_sigprocmask), 0, 0, 0},
	{SCMP_SYS(rt_sigaction), 0, 0, 0},
	{SCMP_SYS(gettid), 0, 0, 0},
	{SCMP_SYS(sigaltstack), 0, 0, 0},
	{SCMP_SYS(sched_yield), 0, 0, 0},
	{SCMP_SYS(getpid), 0, 0, 0},
	{SCMP_SYS(munmap), 0, 0, 0},
	{SCMP_SYS(mmap), 0, 0, 0},
	{SCMP_SYS(mprotect), 0, 0, 0},
	{SCMP_SYS(madvise), 0, 0, 0},
	{SCMP_SYS(brk), 0, 0, 0},
	{SCMP_SYS(futex), 0, 0, 0},
	{SCMP_SYS(set_robust_list), 0, 0, 0},
	{SCMP_SYS(rseq), 0, 0, 0},
	{SCMP_SYS(prlimit64), 0, 0, 0},
	{SCMP_SYS(sched_getaffinity), 0, 0, 0},
	{SCMP_SYS(clone), 0, CLONE_THREAD, CLONE_THREAD},
	{SCMP_SYS(openat), 2, O_ACCMODE, O_RDONLY},
};

/* How the process ends. process_end() gives up after a moment, and a busy machine may take
 * longer. */
static struct text end_of(pid_t pid)
{
	struct text how;
	siginfo_t end;

	assert_int_equal(waitid(P_PID, (id_t)pid, &end, WEXITED | WNOWAIT), 0);
	process_end(pid, "it", &how);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return how;
}

/* How a process that enters the filter and does this ends. */
static struct text ends(int (*act)(void))
{
	struct text why;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		signal(SIGABRT, SIG_DFL);
		signal(SIGSYS, SIG_DFL);
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
		    filter_enter(rows, ARRAY_SIZE(rows), &why) != 0) {
			_exit(99);
		}
		_exit(act());
	}
	return end_of(pid);
}

static int reads_a_file(void)
{
	return openat(AT_FDCWD, "/dev/null", O_RDONLY) >= 0 ? 0 : 1;
}

static void *nothing(void *argument)
{
	return argument;
}

static int makes_a_thread(void)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, nothing, NULL) == 0 && pthread_join(thread, NULL) == 0
		       ? 0
		       : 1;
}

static int aborts(void)
{
	abort();
}

static int writes_a_file(void)
{
	return openat(AT_FDCWD, "/dev/null", O_WRONLY) >= 0 ? 0 : 1;
}

static int makes_a_process(void)
{
	return fork() >= 0 ? 0 : 1;
}

static int runs_a_program(void)
{
	char *const arguments[] = {(char *)(uintptr_t) "true", NULL};

	return execve("/bin/true", arguments, NULL);
}

static int signals_its_parent(void)
{
	return kill(getppid(), 0);
}

static void *runs_it_in_a_thread(void *argument)
{
	(void)argument;
	(void)runs_a_program();
	return NULL;
}

static int runs_a_program_in_a_thread(void)
{
	pthread_t thread;

	(void)pthread_create(&thread, NULL, runs_it_in_a_thread, NULL);
	(void)pthread_join(thread, NULL);
	return 0;
}

static void what_is_listed_goes(void **state)
{
	(void)state;
	assert_string_equal(ends(reads_a_file).s, "it ended with status 0");
	assert_string_equal(ends(makes_a_thread).s, "it ended with status 0");
	assert_string_equal(ends(aborts).s, "it was ended by SIGABRT");
}

static void all_else_ends_the_process(void **state)
{
	static int (*const cases[])(void) = {writes_a_file, makes_a_process, runs_a_program,
					     signals_its_parent, runs_a_program_in_a_thread};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_string_equal(ends(cases[i]).s,
				    "it made a system call that it may not (SIGSYS)");
	}
}

/* A thread that was there before. */
static int go[2];

static void *waits_and_runs(void *argument)
{
	char byte;

	(void)argument;
	while (__atomic_load_n(&go[0], __ATOMIC_ACQUIRE) == 0) {
	}
	byte = (char)runs_a_program();
	return (void *)(uintptr_t)(unsigned char)byte;
}

static void threads_that_were_there_get_it_too(void **state)
{
	struct text why;
	pthread_t thread;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		signal(SIGSYS, SIG_DFL);
		if (pthread_create(&thread, NULL, waits_and_runs, NULL) != 0 ||
		    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
		    filter_enter(rows, ARRAY_SIZE(rows), &why) != 0) {
			_exit(99);
		}
		__atomic_store_n(&go[0], 1, __ATOMIC_RELEASE);
		(void)pthread_join(thread, NULL);
		_exit(0);
	}
	assert_string_equal(end_of(pid).s, "it made a system call that it may not (SIGSYS)");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_listed_goes),
		cmocka_unit_test(all_else_ends_the_process),
		cmocka_unit_test(threads_that_were_there_get_it_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
