/* test_calm_test: a test that failed has failed, also on a busy bench; what it left running has
 * ended; and a bench that keeps threads from running is told from one that does not. */
/* timeout: 180 */
#define _GNU_SOURCE
#include "harness/base/test_calm.h"

#include <errno.h>
#include <fcntl.h>

#include "harness/banned.h"

static int pids[2]; /* a pipe: the number of a process that was left behind */

static void holds(void **state)
{
	(void)state;
	assert_true(true);
}

static void breaks(void **state)
{
	(void)state;
	assert_true(false);
}

static void leaves_a_stopped_process(void **state)
{
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		raise(SIGSTOP);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, NULL, WUNTRACED), pid);
	assert_int_equal(write(pids[1], &pid, sizeof(pid)), sizeof(pid));
}

/* Runs a group in a process of its own, whose output nobody needs. */
static int failures_of(const struct CMUnitTest *test)
{
	struct test_calm_group group = {test, 1, NULL, NULL};
	int status = 0;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

		dup2(nowhere, STDOUT_FILENO);
		dup2(nowhere, STDERR_FILENO);
		_exit(test_calm_run_group(&group));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void what_holds_passes_and_what_breaks_fails(void **state)
{
	static const struct CMUnitTest good = cmocka_unit_test(holds),
				       bad = cmocka_unit_test(breaks);

	(void)state;
	assert_int_equal(failures_of(&good), 0);
	assert_int_equal(failures_of(&bad), 1);
}

static void what_a_test_leaves_running_ends_with_it(void **state)
{
	static const struct CMUnitTest test = cmocka_unit_test(leaves_a_stopped_process);
	pid_t left = 0;

	(void)state;
	assert_int_equal(pipe(pids), 0);
	assert_int_equal(failures_of(&test), 0);
	assert_int_equal(read(pids[0], &left, sizeof(left)), sizeof(left));
	assert_int_equal(kill(left, 0), -1);
	assert_int_equal(errno, ESRCH);
	close(pids[0]);
	close(pids[1]);
}

/* Four who want every processor at the same time. */
static void a_bench_that_others_want_is_not_calm(void **state)
{
	long count = 4 * sysconf(_SC_NPROCESSORS_ONLN), i;
	struct test_starving starving;
	struct test_control control;
	int64_t end;

	(void)state;
	test_control_begin(&control);
	test_control_reset(&control);
	end = clock_ns() + 500 * NS_PER_MS;
	for (i = 0; i < count; i++) {
		if (fork() == 0) {
			while (clock_ns() < end) {
			}
			_exit(0);
		}
	}
	while (wait(NULL) > 0) {
	}
	starving = test_control_look(&control);
	test_control_end(&control);
	print_message("late by %.1f ms, waited for %.0f %%\n", starving.late_ms,
		      starving.waited_percent);
	assert_true(test_starved(&starving));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_holds_passes_and_what_breaks_fails),
		cmocka_unit_test(what_a_test_leaves_running_ends_with_it),
		cmocka_unit_test(a_bench_that_others_want_is_not_calm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
