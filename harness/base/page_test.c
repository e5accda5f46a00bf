/* page_test: one process writes, the others read and cannot do more. */
#define _GNU_SOURCE
#include "harness/base/page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/banned.h"

enum { SIZE = 4096 };

static struct page page;
static char *own;
static const char *others;

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(page_new(&page, "test", SIZE), 0);
	own = page_write(&page);
	others = page_read(&page);
	assert_non_null(own);
	assert_non_null(others);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	munmap(own, SIZE);
	munmap((void *)(uintptr_t)others, SIZE);
	page_release(&page);
	return 0;
}

/* How a forked process that does this ends: its status, or -signal. */
static int in_child(int (*act)(void))
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);
		_exit(act());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static int reads(void)
{
	return others[0];
}

static int writes_where_the_writer_does(void)
{
	*(volatile char *)own = 7;
	return 0;
}

static int writes_where_it_reads(void)
{
	*(volatile char *)(uintptr_t)others = 7;
	return 0;
}

static int makes_its_mapping_writable(void)
{
	return mprotect((void *)(uintptr_t)others, SIZE, PROT_READ | PROT_WRITE) == 0 ? 0 : 1;
}

static int maps_it_anew(void)
{
	return mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, page.fd, 0) != MAP_FAILED ? 0
											      : 1;
}

static int opens_it_anew(void)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", page.read_fd);
	fd = open(path, O_RDWR);
	return fd >= 0 && pwrite(fd, "x", 1, 0) == 1 ? 0 : 1;
}

static int cuts_it(void)
{
	return ftruncate(page.fd, 0) == 0 ? 0 : 1;
}

static void what_is_written_is_read_in_other_processes(void **state)
{
	(void)state;
	own[0] = 42;
	assert_int_equal(in_child(reads), 42);
}

static void nobody_else_can_write(void **state)
{
	(void)state;
	assert_int_equal(in_child(writes_where_the_writer_does), -SIGSEGV);
	assert_int_equal(in_child(writes_where_it_reads), -SIGSEGV);
	assert_int_equal(in_child(makes_its_mapping_writable), 1);
	assert_int_equal(in_child(maps_it_anew), 1);
	assert_int_equal(in_child(opens_it_anew), 1);
	assert_int_equal(own[0], 0);
}

static void nobody_can_cut_it_away_under_a_reader(void **state)
{
	(void)state;
	assert_int_equal(in_child(cuts_it), 1);
	assert_int_equal(others[SIZE - 1], 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_written_is_read_in_other_processes, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(nobody_else_can_write, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nobody_can_cut_it_away_under_a_reader, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
