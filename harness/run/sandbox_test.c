/* sandbox_test: what a child may no longer do. Each case runs in a process of
 * its own that enters the sandbox and exits with the errno it saw. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "harness/run/child_calls.h"
#include "harness/run/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/banned.h"

static int pair[2]; /* a connected pair, opened before the sandbox */

/* Each returns the errno of the attempt, 0 if it succeeded. */
static int outcome(long result)
{
	return result < 0 ? errno : 0;
}

static const struct sockaddr_in loopback = {.sin_family = AF_INET, .sin_port = 0x0900};

static int try_socket(void)
{
	return outcome(socket(AF_INET, SOCK_STREAM, 0));
}

static int try_connect(void)
{
	return outcome(connect(pair[0], (const struct sockaddr *)&loopback, sizeof(loopback)));
}

static int try_bind(void)
{
	return outcome(bind(pair[0], (const struct sockaddr *)&loopback, sizeof(loopback)));
}

static int try_listen(void)
{
	return outcome(listen(pair[0], 1));
}

static int try_sendto_address(void)
{
	return outcome(
		sendto(pair[0], "x", 1, 0, (const struct sockaddr *)&loopback, sizeof(loopback)));
}

static int try_sendmsg(void)
{
	struct iovec part = {.iov_base = (void *)"x", .iov_len = 1};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

	return outcome(sendmsg(pair[0], &message, 0));
}

static int try_open_for_writing(void)
{
	return outcome(open("/tmp", O_WRONLY));
}

static int try_create(void)
{
	return outcome(open("/tmp/assay-sandbox-test", O_RDONLY | O_CREAT, 0600));
}

static int try_unlink(void)
{
	return outcome(unlink("/tmp/assay-sandbox-test"));
}

static int try_execve(void)
{
	char *none[] = {NULL};

	return outcome(execve("/bin/true", none, none));
}

static int try_ptrace(void)
{
	return outcome(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
}

static int try_kill_parent(void)
{
	return outcome(kill(getppid(), 0));
}

static int try_tgkill_parent(void)
{
	return outcome(syscall(SYS_tgkill, getppid(), getppid(), 0));
}

static int try_fork(void)
{
	long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

	if (pid == 0) {
		_exit(0);
	}
	return outcome(pid);
}

static int try_signal_ownership(void)
{
	return outcome(fcntl(pair[0], F_SETOWN, getppid()));
}

static int try_executable_memory(void)
{
	void *memory = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? errno : 0;
}

static int try_setuid(void)
{
	return outcome(setresuid(0, 0, 0));
}

/* --- what must still work ------------------------------------------------- */

static int try_talking(void)
{
	struct pollfd entry = {.fd = pair[1], .events = POLLIN};
	char byte;

	if (send(pair[0], "x", 1, MSG_NOSIGNAL) != 1 || poll(&entry, 1, 1000) != 1 ||
	    recv(pair[1], &byte, 1, 0) != 1) {
		return errno;
	}
	return 0;
}

static int try_reading_a_file(void)
{
	return outcome(open("/etc/passwd", O_RDONLY | O_CLOEXEC));
}

static int try_memory(void)
{
	char *memory = malloc((size_t)32 << 20);

	if (memory == NULL) {
		return ENOMEM;
	}
	memset(memory, 1, (size_t)32 << 20);
	free(memory);
	return 0;
}

/* Compiled by the parent, as in a run. */
static int in_sandbox(int (*attempt)(void))
{
	struct text why;
	struct child_calls *calls = child_calls_new(&why);
	struct sandbox_limits limits = {.cpu_seconds = 5, .calls = calls};
	int status = 0;
	pid_t pid = fork();

	assert_non_null(calls);

	if (pid == 0) {
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) {
			_exit(200);
		}
		if (sandbox_enter(&limits, &why) != 0) {
			fprintf(stderr, "%s\n", why.s);
			_exit(201);
		}
		_exit(attempt());
	}
	child_calls_free(calls);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

#define CASE(name, attempt, expected)                            \
	static void name(void **state)                           \
	{                                                        \
		(void)state;                                     \
		assert_int_equal(in_sandbox(attempt), expected); \
	}

CASE(a_new_socket_is_refused, try_socket, EPERM)
CASE(connecting_is_refused, try_connect, EINPROGRESS)
CASE(binding_is_refused, try_bind, EPERM)
CASE(listening_is_refused, try_listen, EPERM)
CASE(sending_to_an_address_is_refused, try_sendto_address, EPERM)
CASE(sendmsg_is_refused, try_sendmsg, EPERM)
CASE(opening_for_writing_is_refused, try_open_for_writing, EPERM)
CASE(creating_a_file_is_refused, try_create, EPERM)
CASE(removing_a_file_is_refused, try_unlink, EPERM)
CASE(executing_is_refused, try_execve, EPERM)
CASE(ptrace_is_refused, try_ptrace, EPERM)
CASE(signalling_the_parent_is_refused, try_kill_parent, EPERM)
CASE(signalling_the_parents_thread_is_refused, try_tgkill_parent, EPERM)
CASE(a_new_process_is_refused, try_fork, EPERM)
CASE(sending_signals_through_a_socket_is_refused, try_signal_ownership, EPERM)
CASE(executable_memory_is_refused, try_executable_memory, EPERM)
CASE(becoming_root_again_is_refused, try_setuid, EPERM)
CASE(talking_on_a_given_descriptor_works, try_talking, 0)
CASE(reading_a_file_is_refused, try_reading_a_file, EACCES)
CASE(memory_can_be_had, try_memory, 0)

static _Noreturn void spin(void)
{
	for (;;) {
		(void)getppid();
	}
}

static void a_process_that_spins_ends_at_its_cpu_limit(void **state)
{
	struct text why;
	int status = 0;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		if (sandbox_enter(&(struct sandbox_limits){.cpu_seconds = 1}, &why) == 0) {
			spin();
		}
		_exit(201);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
}

static void check_abort(const struct child_calls *calls)
{
	struct sandbox_limits limits = {.cpu_seconds = 1, .calls = calls};
	struct text why;
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		if (sandbox_enter(&limits, &why) == 0) {
			abort();
		}
		_exit(201);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void abort_still_ends_with_its_own_signal(void **state)
{
	(void)state;
	check_abort(NULL);
}

static void abort_ends_each_process_that_shares_a_filter_with_its_own_signal(void **state)
{
	struct text why;
	struct child_calls *calls = child_calls_new(&why);

	(void)state;
	assert_non_null(calls);
	check_abort(calls);
	check_abort(calls);
	child_calls_free(calls);
}

/* A grandchild in the sandbox keeps a pipe open; it must close when the
 * grandchild's parent goes. */
static void the_child_dies_with_its_parent(void **state)
{
	struct text why;
	int life[2], status = 0;
	char byte;
	pid_t parent;

	(void)state;
	assert_int_equal(pipe(life), 0);
	parent = fork();
	if (parent == 0) {
		if (fork() == 0) {
			if (sandbox_enter(&(struct sandbox_limits){.cpu_seconds = 20}, &why) != 0 ||
			    write(life[1], "x", 1) != 1) {
				_exit(201);
			}
			for (;;) {
				poll(NULL, 0, 1000);
			}
		}
		pause();
	}
	close(life[1]);
	assert_int_equal(read(life[0], &byte, 1), 1);
	assert_int_equal(kill(parent, SIGKILL), 0);
	assert_int_equal(waitpid(parent, &status, 0), parent);
	assert_int_equal(read(life[0], &byte, 1), 0);
	close(life[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_socket_is_refused),
		cmocka_unit_test(connecting_is_refused),
		cmocka_unit_test(binding_is_refused),
		cmocka_unit_test(listening_is_refused),
		cmocka_unit_test(sending_to_an_address_is_refused),
		cmocka_unit_test(sendmsg_is_refused),
		cmocka_unit_test(opening_for_writing_is_refused),
		cmocka_unit_test(creating_a_file_is_refused),
		cmocka_unit_test(removing_a_file_is_refused),
		cmocka_unit_test(executing_is_refused),
		cmocka_unit_test(ptrace_is_refused),
		cmocka_unit_test(signalling_the_parent_is_refused),
		cmocka_unit_test(signalling_the_parents_thread_is_refused),
		cmocka_unit_test(a_new_process_is_refused),
		cmocka_unit_test(sending_signals_through_a_socket_is_refused),
		cmocka_unit_test(executable_memory_is_refused),
		cmocka_unit_test(becoming_root_again_is_refused),
		cmocka_unit_test(talking_on_a_given_descriptor_works),
		cmocka_unit_test(reading_a_file_is_refused),
		cmocka_unit_test(memory_can_be_had),
		cmocka_unit_test(a_process_that_spins_ends_at_its_cpu_limit),
		cmocka_unit_test(abort_still_ends_with_its_own_signal),
		cmocka_unit_test(abort_ends_each_process_that_shares_a_filter_with_its_own_signal),
		cmocka_unit_test(the_child_dies_with_its_parent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
