/*
 * test_calm: for tests alone that hold something to milliseconds. Each test of a group runs in a
 * process of its own beside a control: a thread on every processor that does nothing but wake up
 * every other millisecond. A test that failed while the control, too, was kept from running has
 * measured the bench and not the program: once the bench is calm it is measured again,
 * TEST_CALM_TRIES times at most. One that failed on a calm bench has failed, and nothing here makes
 * a test pass. What a test leaves running ends with it.
 *
 * Define _GNU_SOURCE before the first include.
 */
#ifndef ASSAY_BASE_TEST_CALM_H
#define ASSAY_BASE_TEST_CALM_H

#include "harness/base/clock.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	TEST_CALM_TRIES = 5,
	TEST_CALM_MOST_CPUS = 64,
	TEST_CALM_BEAT_NS = 2 * 1000 * 1000,
	/* The tests' limits begin at 10 ms. Seen on a bench that does nothing else: 0.1 ms late and
	 * 0 %; with two to ten others who want its two processors: 2 to 150 ms and 10 to 99 %. */
	TEST_CALM_LATE_MS = 2,
	TEST_CALM_WAITED_PERCENT = 20,
};

struct test_control;

struct test_control_thread {
	pthread_t thread;
	struct test_control *control;
	int cpu;
};

struct test_control {
	struct test_control_thread threads[TEST_CALM_MOST_CPUS];
	size_t count;
	atomic_size_t beating;
	atomic_bool ending;
	_Atomic int64_t worst_ns;    /* the longest that a thread of the control woke up too late */
	int64_t since_ns, waited_us; /* of the clock, and of what the kernel counts */
};

/* How long somebody on this machine has waited for a processor, in us; 0 where the kernel does
 * not count it. */
static inline int64_t test_control_waited_us(void)
{
	long long us = 0;
	FILE *file = fopen("/proc/pressure/cpu", "re");

	if (file != NULL) {
		if (fscanf(file, "some avg10=%*f avg60=%*f avg300=%*f total=%lld", &us) != 1) {
			us = 0;
		}
		fclose(file);
	}
	return us;
}

static inline void test_control_reset(struct test_control *control)
{
	control->since_ns = clock_ns();
	control->waited_us = test_control_waited_us();
	atomic_store(&control->worst_ns, 0);
}

struct test_starving {
	double late_ms, waited_percent;
};

/* What was seen since the last reset. */
static inline struct test_starving test_control_look(struct test_control *control)
{
	return (struct test_starving){
		.late_ms = (double)atomic_load(&control->worst_ns) / 1e6,
		.waited_percent = (double)(test_control_waited_us() - control->waited_us) * 1e5 /
				  (double)(clock_ns() - control->since_ns)};
}

/* True if somebody was kept from running. */
static inline bool test_starved(const struct test_starving *starving)
{
	return starving->late_ms >= TEST_CALM_LATE_MS ||
	       starving->waited_percent >= TEST_CALM_WAITED_PERCENT;
}

struct test_control_start {
	struct test_control *control;
	int cpu;
};

static inline void *test_control_beat(void *argument)
{
	struct test_control_thread *self = argument;
	struct test_control *control = self->control;
	int64_t due = clock_ns(), late, worst;
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET((size_t)self->cpu, &one);
	(void)pthread_setaffinity_np(pthread_self(), sizeof(one), &one);
	atomic_fetch_add(&control->beating, 1);
	while (!atomic_load(&control->ending)) {
		due += TEST_CALM_BEAT_NS;
		clock_sleep_until(due);
		late = clock_ns() - due;
		worst = atomic_load(&control->worst_ns);
		while (late > worst &&
		       !atomic_compare_exchange_weak(&control->worst_ns, &worst, late)) {
		}
		due = late > TEST_CALM_BEAT_NS ? clock_ns() : due;
	}
	return NULL;
}

static inline void test_control_begin(struct test_control *control)
{
	cpu_set_t may;
	int cpu;

	*control = (struct test_control){.count = 0};
	if (sched_getaffinity(0, sizeof(may), &may) != 0) {
		abort();
	}
	for (cpu = 0; cpu < CPU_SETSIZE && control->count < TEST_CALM_MOST_CPUS; cpu++) {
		struct test_control_thread *thread = &control->threads[control->count];

		if (!CPU_ISSET((size_t)cpu, &may)) {
			continue;
		}
		thread->control = control;
		thread->cpu = cpu;
		if (pthread_create(&thread->thread, NULL, test_control_beat, thread) != 0) {
			abort();
		}
		control->count++;
	}
	/* A fork amid the start of a thread gives the child locks that nobody opens: gcc's
	 * AddressSanitizer does not look after its own. Once they beat, they take none. */
	while (atomic_load(&control->beating) < control->count) {
		clock_sleep_until(clock_ns() + NS_PER_MS);
	}
}

static inline void test_control_end(struct test_control *control)
{
	size_t i;

	atomic_store(&control->ending, true);
	for (i = 0; i < control->count; i++) {
		pthread_join(control->threads[i].thread, NULL);
	}
}

/* Waits for a third of a second in which nobody was kept from running, ten seconds at most. */
static inline void test_control_await_calm(struct test_control *control)
{
	int64_t give_up = clock_ns() + 10 * NS_PER_S;
	struct test_starving starving;

	do {
		test_control_reset(control);
		clock_sleep_until(clock_ns() + 300 * NS_PER_MS);
		starving = test_control_look(control);
	} while (test_starved(&starving) && clock_ns() < give_up);
}

/* Ends every child, also those that were left behind by children: this process gets them. */
static inline void test_calm_end_children(void)
{
	int64_t give_up = clock_ns() + 5 * NS_PER_S;
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	while (clock_ns() < give_up) {
		FILE *file = fopen(path, "re");
		int pid;

		while (file != NULL && fscanf(file, "%d", &pid) == 1) {
			kill(pid, SIGKILL);
		}
		if (file != NULL) {
			fclose(file);
		}
		while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
		}
		if (pid < 0) {
			return;
		}
		clock_sleep_until(clock_ns() + 5 * NS_PER_MS);
	}
}

struct test_calm_group {
	const struct CMUnitTest *tests;
	size_t count;
	CMFixtureFunction set_up, tear_down;
};

/* One test in a process of its own. Returns 0 if it passed. */
static inline int test_calm_try(const struct test_calm_group *group, size_t which)
{
	int status = 0;
	pid_t pid, ended;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* nobody of this session takes over what the test leaves behind */
		setsid();
		status = _cmocka_run_group_tests(group->tests[which].name, &group->tests[which], 1,
						 group->set_up, group->tear_down);
		fflush(NULL);
		_exit(status != 0);
	}
	do { /* what the test's processes leave behind ends here, too */
		ended = waitpid(-1, &status, 0);
	} while (ended > 0 && ended != pid);
	test_calm_end_children();
	return ended != pid || status != 0 ? -1 : 0;
}

static inline int test_calm_one(const struct test_calm_group *group, size_t which)
{
	struct test_starving starving;
	struct test_control control;
	bool again;
	int try, error;

	test_control_begin(&control);
	for (try = 1, again = true; again; try++) {
		test_control_reset(&control);
		error = test_calm_try(group, which);
		starving = test_control_look(&control);
		again = error != 0 && test_starved(&starving) && try < TEST_CALM_TRIES;
		if (error == 0) {
			continue;
		}
		printf("try %d of %s: the control woke up late by %.1f ms at most, and somebody "
		       "waited for a processor for %.0f %% of the time: %s\n",
		       try, group->tests[which].name, starving.late_ms, starving.waited_percent,
		       again ? "again, once the bench is calm" : "FAILED");
		if (again) {
			test_control_await_calm(&control);
		}
	}
	test_control_end(&control);
	return error;
}

/* Instead of cmocka_run_group_tests(). Returns how many tests failed. */
#define test_calm_run(tests, set_up, tear_down)                                              \
	test_calm_run_group(&(struct test_calm_group){tests, sizeof(tests) / sizeof(*tests), \
						      set_up, tear_down})
static inline int test_calm_run_group(const struct test_calm_group *group)
{
	int failed = 0;
	size_t i;

	prctl(PR_SET_CHILD_SUBREAPER, 1UL, 0UL, 0UL, 0UL);
	for (i = 0; i < group->count; i++) {
		failed += test_calm_one(group, i) != 0;
	}
	return failed;
}

#endif
