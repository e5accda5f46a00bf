/* counter_reads_test: registers that count cycles, reads, or both. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base/clock.h"
#include "probes/monitors/counter_reads.h"

#define PERIOD_NS (10 * NS_PER_MS)
#define LEARNT    (2 * COUNTER_PHASE * COUNTER_PAIRS)

/* A device: its program counts every cycle_ns, and it counts reads. */
struct device {
	int64_t now_ns, cycle_ns, stopped_ns;
	uint32_t reads;
	bool counts_reads;
};

static uint16_t device_value(const struct device *d)
{
	int64_t until = d->stopped_ns > 0 ? d->stopped_ns : d->now_ns;

	return (uint16_t)(65500 + until / d->cycle_ns + (d->counts_reads ? d->reads : 0));
}

static uint16_t sample_take(struct device *d, struct counter_reads *c)
{
	unsigned reads = 1 + counter_reads_extra(c);

	d->now_ns += PERIOD_NS;
	d->reads += reads;
	return counter_reads_take(c, d->now_ns, device_value(d), reads);
}

static void learn(struct device *d, struct counter_reads *c)
{
	for (int i = 0; i < LEARNT; i++)
		sample_take(d, c);
}

/* How far the value moves in so many samples. */
static uint16_t moved(struct device *d, struct counter_reads *c, int samples)
{
	uint16_t before = sample_take(d, c), after = before;

	for (int i = 0; i < samples; i++)
		after = sample_take(d, c);
	return (uint16_t)(after - before);
}

static void a_program_that_counts_is_left_alone(void **state)
{
	struct device device = {.cycle_ns = PERIOD_NS};
	struct counter_reads c = {.done = false};

	(void)state;
	learn(&device, &c);
	assert_true(c.done);
	assert_false(c.counts);
	assert_int_equal(moved(&device, &c, 100), 100);
	device.stopped_ns = device.now_ns;
	assert_int_equal(moved(&device, &c, 100), 0);
}

static void a_fast_program_is_left_alone(void **state)
{
	struct device device = {.cycle_ns = PERIOD_NS / 97};
	struct counter_reads c = {.done = false};

	(void)state;
	learn(&device, &c);
	assert_true(c.done);
	assert_false(c.counts);
}

static void reads_that_move_the_register_are_taken_off(void **state)
{
	struct device device = {.cycle_ns = PERIOD_NS, .counts_reads = true};
	struct counter_reads c = {.done = false};

	(void)state;
	learn(&device, &c);
	assert_true(c.counts);
	assert_int_equal(moved(&device, &c, 100), 100);
}

static void a_stopped_program_behind_a_register_that_counts_reads_stands_still(void **state)
{
	struct device device = {.cycle_ns = PERIOD_NS, .counts_reads = true};
	struct counter_reads c = {.done = false};

	(void)state;
	learn(&device, &c);
	device.stopped_ns = device.now_ns;
	assert_int_equal(moved(&device, &c, 100), 0);
}

static void a_register_that_counts_nothing_but_reads_stands_still(void **state)
{
	struct device device = {.cycle_ns = PERIOD_NS, .stopped_ns = 1, .counts_reads = true};
	struct counter_reads c = {.done = false};

	(void)state;
	learn(&device, &c);
	assert_true(c.counts);
	assert_int_equal(moved(&device, &c, 100), 0);
}

static void a_lost_sample_begins_the_phase_again(void **state)
{
	struct device device = {.cycle_ns = PERIOD_NS, .counts_reads = true};
	struct counter_reads c = {.done = false};

	(void)state;
	for (int i = 0; i < COUNTER_PHASE - 1; i++)
		sample_take(&device, &c);
	counter_reads_lost(&c);
	sample_take(&device, &c);
	assert_int_equal(counter_reads_extra(&c), 0);
	learn(&device, &c);
	assert_true(c.counts);
}

static void a_device_too_slow_to_be_read_oftener_is_asked_once(void **state)
{
	struct device device = {.cycle_ns = PERIOD_NS, .counts_reads = true};
	struct counter_reads c = {.done = false};

	(void)state;
	for (int i = 0; i < COUNTER_PHASE + 2; i++)
		sample_take(&device, &c);
	assert_int_equal(counter_reads_extra(&c), COUNTER_EXTRA);
	counter_reads_lost(&c);
	learn(&device, &c);
	assert_true(c.done);
	assert_false(c.counts);
	assert_int_equal(counter_reads_extra(&c), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_program_that_counts_is_left_alone),
		cmocka_unit_test(a_fast_program_is_left_alone),
		cmocka_unit_test(reads_that_move_the_register_are_taken_off),
		cmocka_unit_test(
			a_stopped_program_behind_a_register_that_counts_reads_stands_still),
		cmocka_unit_test(a_register_that_counts_nothing_but_reads_stands_still),
		cmocka_unit_test(a_lost_sample_begins_the_phase_again),
		cmocka_unit_test(a_device_too_slow_to_be_read_oftener_is_asked_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
