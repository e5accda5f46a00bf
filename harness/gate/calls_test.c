/* calls_test: the gate's process does what it must and nothing else; the doors
 * themselves are tried under this filter by all tests that start a gate. */
#define _GNU_SOURCE
#include "harness/base/process.h"
#include "harness/gate/calls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/banned.h"

static struct text ends(int (*act)(void))
{
	struct text how, why;
	siginfo_t end;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		signal(SIGSYS, SIG_DFL);
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || calls_enter(&why) != 0) {
			_exit(99);
		}
		_exit(act() >= 0 ? 0 : 1);
	}
	/* process_end() gives up after a moment, and a busy machine may take longer */
	assert_int_equal(waitid(P_PID, (id_t)pid, &end, WEXITED | WNOWAIT), 0);
	process_end(pid, "it", &how);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return how;
}

static int opens_a_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}

static void *nothing(void *argument)
{
	return argument;
}

static int starts_a_thread(void)
{
	pthread_t thread;

	return -pthread_create(&thread, NULL, nothing, NULL);
}

static int reads_the_interfaces(void)
{
	return open("/proc/net/dev", O_RDONLY);
}

static int runs_a_program(void)
{
	char *const arguments[] = {(char *)(uintptr_t) "true", NULL};

	return execve("/bin/true", arguments, NULL);
}

static int opens_a_file_for_writing(void)
{
	return open("/dev/null", O_RDWR);
}

static int removes_a_file(void)
{
	return unlink("/nowhere");
}

static int makes_a_process(void)
{
	return fork();
}

static int looks_into_another(void)
{
	return (int)ptrace(PTRACE_ATTACH, 1, NULL, NULL);
}

static int signals_another(void)
{
	return kill(1, 0);
}

static int executes_memory(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
			       MAP_FAILED
		       ? -1
		       : 0;
}

static int changes_its_user(void)
{
	return setuid(0);
}

static int opens_another_familys_socket(void)
{
	return socket(AF_ALG, SOCK_SEQPACKET, 0);
}

static void what_doors_need_goes(void **state)
{
	(void)state;
	assert_string_equal(ends(opens_a_socket).s, "it ended with status 0");
	assert_string_equal(ends(starts_a_thread).s, "it ended with status 0");
	assert_string_equal(ends(reads_the_interfaces).s, "it ended with status 0");
}

static void what_no_door_needs_ends_the_gate(void **state)
{
	static const struct {
		const char *what;
		int (*act)(void);
	} cases[] = {
		{"a program", runs_a_program},
		{"a file for writing", opens_a_file_for_writing},
		{"a file removed", removes_a_file},
		{"a process", makes_a_process},
		{"another process's memory", looks_into_another},
		{"a signal to another", signals_another},
		{"memory to be executed", executes_memory},
		{"another user", changes_its_user},
		{"a socket of another family", opens_another_familys_socket},
	};
	struct text how;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		how = ends(cases[i].act);
		if (strcmp(how.s, "it made a system call that it may not (SIGSYS)") != 0) {
			fail_msg("%s: %s", cases[i].what, how.s);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_doors_need_goes),
		cmocka_unit_test(what_no_door_needs_ends_the_gate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
