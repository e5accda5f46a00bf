/* loop_test: what is ready is called, what is not is waited for. */
/* timeout: 180 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "harness/base/clock.h"
#include "harness/base/test_calm.h"
#include "harness/run/loop.h"

#include <unistd.h>

#include "harness/banned.h"

struct counted {
	struct loop_source source;
	struct loop *loop;
	struct counted *other; /* removed when this one is called; may be NULL */
	int calls, result;
};

static int count_up(void *argument)
{
	struct counted *counted = argument;

	counted->calls++;
	counted->source.due_ns = LOOP_NEVER;
	if (counted->other != NULL) {
		loop_remove(counted->loop, &counted->other->source);
	}
	return counted->result;
}

static struct counted counted_of(int fd, int64_t due_ns)
{
	return (struct counted){.source = {.fd = fd, .due_ns = due_ns, .ready = count_up}};
}

static void add(struct loop *loop, struct counted *counted)
{
	counted->loop = loop;
	counted->source.argument = counted;
	loop_add(loop, &counted->source);
}

static void a_readable_descriptor_is_called_and_a_silent_one_is_not(void **state)
{
	struct loop loop = {.count = 0};
	struct counted speaks, silent;
	int speaking[2], quiet[2];

	(void)state;
	assert_int_equal(pipe(speaking), 0);
	assert_int_equal(pipe(quiet), 0);
	speaks = counted_of(speaking[0], LOOP_NEVER);
	silent = counted_of(quiet[0], LOOP_NEVER);
	add(&loop, &silent);
	add(&loop, &speaks);
	assert_int_equal(write(speaking[1], "x", 1), 1);
	assert_int_equal(loop_step(&loop), 0);
	assert_int_equal(speaks.calls, 1);
	assert_int_equal(silent.calls, 0);
	close(quiet[1]); /* a peer that hangs up is an event too */
	loop_remove(&loop, &speaks.source);
	assert_int_equal(loop_step(&loop), 0);
	assert_int_equal(silent.calls, 1);
	close(speaking[0]);
	close(speaking[1]);
	close(quiet[0]);
}

static void timers_are_called_in_their_time(void **state)
{
	struct loop loop = {.count = 0};
	int64_t start = clock_ns();
	struct counted soon = counted_of(-1, start + 20 * NS_PER_MS);
	struct counted late = counted_of(-1, start + 60 * NS_PER_MS);

	(void)state;
	add(&loop, &late);
	add(&loop, &soon);
	assert_int_equal(loop_step(&loop), 0);
	assert_true(clock_ns() >= start + 20 * NS_PER_MS);
	assert_int_equal(soon.calls, 1);
	while (late.calls == 0) {
		assert_int_equal(loop_step(&loop), 0);
	}
	assert_true(clock_ns() >= start + 60 * NS_PER_MS);
	assert_int_equal(soon.calls, 1);
}

static void a_muted_source_is_neither_waited_for_nor_called(void **state)
{
	struct loop loop = {.count = 0};
	struct counted muted = counted_of(-1, 0), timer = counted_of(-1, clock_ns());

	(void)state;
	muted.source.muted = true;
	add(&loop, &muted);
	add(&loop, &timer);
	assert_int_equal(loop_step(&loop), 0);
	assert_int_equal(timer.calls, 1);
	assert_int_equal(loop_step(&loop), 0); /* nothing is left: no sleep */
	assert_int_equal(muted.calls, 0);
	muted.source.muted = false;
	assert_int_equal(loop_step(&loop), 0);
	assert_int_equal(muted.calls, 1);
}

static void a_source_removed_by_another_is_not_called(void **state)
{
	struct loop loop = {.count = 0};
	struct counted first = counted_of(-1, 0), second = counted_of(-1, 0);

	(void)state;
	add(&loop, &first);
	add(&loop, &second);
	first.other = &second;
	assert_int_equal(loop_step(&loop), 0);
	assert_int_equal(first.calls, 1);
	assert_int_equal(second.calls, 0);
}

static void the_first_failure_ends_the_step(void **state)
{
	struct loop loop = {.count = 0};
	struct counted fails = counted_of(-1, 0), next = counted_of(-1, 0);

	(void)state;
	fails.result = -1;
	add(&loop, &fails);
	add(&loop, &next);
	assert_int_equal(loop_step(&loop), -1);
	assert_int_equal(next.calls, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_readable_descriptor_is_called_and_a_silent_one_is_not),
		cmocka_unit_test(timers_are_called_in_their_time),
		cmocka_unit_test(a_muted_source_is_neither_waited_for_nor_called),
		cmocka_unit_test(a_source_removed_by_another_is_not_called),
		cmocka_unit_test(the_first_failure_ends_the_step),
	};

	return test_calm_run(tests, NULL, NULL);
}
