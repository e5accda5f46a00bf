/* load_windows_test: synthetic samples with a known truth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probes/load/load_windows.h"

#define MS(n) ((n)*NS_PER_MS)

static const struct load_rule counter_rule = {
	.period_ns = MS(10), .gap_ns = MS(100), .loss = 0, .progress = true};

static struct sample samples[4096];
static struct load_gap scratch[4097];
static size_t count;

/* One answered sample a period, each answered after 1 ms, from from_ms. The
 * value is the time divided by cycle_ms: a counter. */
static void add_steady(int from_ms, int to_ms, int cycle_ms)
{
	int t;

	for (t = from_ms; t < to_ms; t += 10) {
		samples[count++] = (struct sample){.due_ns = MS(t),
						   .sent_ns = MS(t),
						   .done_ns = MS(t + 1),
						   .value = t / cycle_ms,
						   .answered = true};
	}
}

/* The device is silent: each sample waits until its deadline. */
static void add_silent(int from_ms, int to_ms)
{
	int t;

	for (t = from_ms; t < to_ms; t += 10) {
		samples[count++] = (struct sample){.due_ns = MS(t),
						   .sent_ns = MS(t),
						   .done_ns = MS(t + 9)};
	}
}

static int setup(void **state)
{
	(void)state;
	count = 0;
	return 0;
}

static struct load_view look(int from_ms, int to_ms, int clip_ms)
{
	const struct load_window window = {MS(from_ms), MS(to_ms), MS(clip_ms)};

	return load_view_of(samples, count, &counter_rule, &window, scratch);
}

static struct load_recovery recovery(int load_end_ms, int until_ms)
{
	size_t gaps =
		load_gaps(samples, count, &counter_rule, MS(until_ms), scratch);

	return load_recovery_of(scratch, gaps, &counter_rule, MS(load_end_ms),
				MS(200));
}

static void steady_counter_has_a_gap_of_one_period(void **state)
{
	struct load_view view;

	(void)state;
	add_steady(0, 3000, 10);
	view = look(1000, 2000, 2000);
	assert_int_equal(view.samples, 100);
	assert_int_equal(view.lost, 0);
	assert_int_equal(view.gap_ns, MS(10));
	assert_int_equal(view.late_ns, 0);
	assert_int_equal(view.answer_ns, MS(1));
	assert_true(load_view_holds(&view, &counter_rule));
}

static void slowed_counter_shows_its_cycle(void **state)
{
	struct load_view view;

	(void)state;
	add_steady(0, 1000, 10);
	add_steady(1000, 2000, 200);
	add_steady(2000, 3000, 10);
	view = look(1000, 2000, 3000);
	assert_int_equal(view.gap_ns, MS(200));
	assert_int_equal(view.lost, 0);
	assert_false(load_view_holds(&view, &counter_rule));
	view = look(200, 900, 900);
	assert_true(load_view_holds(&view, &counter_rule));
}

static void frozen_counter_that_answers_is_no_progress(void **state)
{
	struct load_view view;

	(void)state;
	add_steady(0, 1000, 10);
	add_steady(1000, 2000, 100000);
	view = look(1000, 2000, 2000);
	assert_int_equal(view.lost, 0);
	/* The last value that moved on, 0, was seen at 1001 ms. */
	assert_int_equal(view.gap_ns, MS(999));
	assert_false(load_view_holds(&view, &counter_rule));
}

static void frozen_value_is_progress_where_an_answer_is_enough(void **state)
{
	const struct load_window window = {MS(1000), MS(2000), MS(2000)};
	struct load_rule rule = counter_rule;
	struct load_view view;

	(void)state;
	rule.progress = false;
	add_steady(0, 3000, 100000);
	view = load_view_of(samples, count, &rule, &window, scratch);
	assert_int_equal(view.gap_ns, MS(10));
	assert_true(load_view_holds(&view, &rule));
}

static void stop_of_known_length_is_measured_whole(void **state)
{
	struct load_view view;
	struct load_recovery back;

	(void)state;
	add_steady(0, 1500, 10);
	add_silent(1500, 3500);
	add_steady(3500, 6000, 10);
	view = look(1000, 2000, 6000);
	assert_int_equal(view.lost, 50);
	assert_in_range(view.gap_ns, MS(2000), MS(2030));
	assert_int_equal(view.late_ns, 0);
	back = recovery(2000, 6000);
	assert_true(back.recovered);
	assert_int_equal(back.back_ns, MS(3501));
}

static void monitor_kept_waiting_beyond_its_period_is_not_late(void **state)
{
	struct load_view view;
	int t;

	(void)state;
	add_steady(0, 1500, 10);
	for (t = 1500; t < 3500; t += 40) { /* deadline after 35 ms */
		samples[count++] = (struct sample){.due_ns = MS(t),
						   .sent_ns = MS(t),
						   .done_ns = MS(t + 35)};
	}
	add_steady(3500, 5000, 10);
	view = look(1000, 4000, 5000);
	assert_in_range(view.gap_ns, MS(1990), MS(2030));
	assert_int_equal(view.late_ns, 0);
}

static void late_tester_is_not_the_device_s_gap(void **state)
{
	struct load_view view;

	(void)state;
	add_steady(0, 1500, 10);
	add_steady(1800, 3000, 10); /* the slots between were never sampled */
	view = look(1000, 2000, 3000);
	assert_in_range(view.gap_ns, MS(10), MS(30));
	assert_in_range(view.late_ns, MS(280), MS(300));
	assert_true(load_view_holds(&view, &counter_rule));
}

static void sample_sent_late_is_the_tester_s(void **state)
{
	struct load_view view;

	(void)state;
	add_steady(0, 1500, 10);
	add_steady(1500, 1510, 10);
	samples[count - 1].sent_ns = MS(1900);
	samples[count - 1].done_ns = MS(1901);
	add_steady(1910, 3000, 10);
	view = look(1000, 2000, 3000);
	assert_in_range(view.gap_ns, MS(10), MS(30));
	assert_in_range(view.late_ns, MS(370), MS(400));
}

static void monitor_that_ended_is_the_tester_s_loss(void **state)
{
	struct load_view view;

	(void)state;
	add_steady(0, 1500, 10);
	view = look(1000, 2000, 3000);
	assert_in_range(view.late_ns, MS(1400), MS(1500));
	assert_true(view.gap_ns < MS(100));
}

static void window_without_samples_holds_nothing(void **state)
{
	struct load_view view;

	(void)state;
	view = look(1000, 2000, 2000);
	assert_int_equal(view.samples, 0);
	assert_true(view.loss > 0.99);
	assert_int_equal(view.late_ns, MS(1000));
	assert_false(load_view_holds(&view, &counter_rule));
}

static void lost_samples_are_a_share(void **state)
{
	const struct load_window window = {MS(0), MS(1000), MS(1000)};
	struct load_rule rule = counter_rule;
	struct load_view view;

	(void)state;
	rule.progress = false;
	add_steady(0, 1000, 10);
	samples[50].answered = false;
	samples[60].answered = false;
	view = load_view_of(samples, count, &rule, &window, scratch);
	assert_int_equal(view.lost, 2);
	assert_true(view.loss > 0.0199 && view.loss < 0.0201);
	assert_int_equal(view.gap_ns, MS(20));
	assert_false(load_view_holds(&view, &rule));
}

static void value_read_a_little_late_is_not_lost(void **state)
{
	(void)state;
	add_steady(0, 1000, 10);
	samples[50].answered = false;
	assert_int_equal(look(0, 1000, 1000).lost, 0);
}

static void sample_sent_too_late_is_not_lost_by_the_device(void **state)
{
	const struct load_window window = {MS(0), MS(1000), MS(1000)};
	struct load_rule rule = counter_rule;

	(void)state;
	rule.progress = false;
	add_steady(0, 1000, 10);
	samples[50].answered = false;
	samples[50].sent_ns += MS(10);
	samples[50].done_ns = samples[50].sent_ns;
	assert_int_equal(
		load_view_of(samples, count, &rule, &window, scratch).lost, 0);
}

static void gap_that_began_before_the_window_counts_whole(void **state)
{
	(void)state;
	add_steady(0, 900, 10);
	add_silent(900, 1100);
	add_steady(1100, 3000, 10);
	assert_in_range(look(1000, 2000, 3000).gap_ns, MS(200), MS(220));
}

static void gap_that_ends_behind_the_window_is_cut_at_the_clip(void **state)
{
	(void)state;
	add_steady(0, 1900, 10);
	add_silent(1900, 2500);
	add_steady(2500, 3000, 10);
	assert_in_range(look(1000, 2000, 2000).gap_ns, MS(100), MS(120));
	assert_in_range(look(1000, 2000, 3000).gap_ns, MS(600), MS(620));
}

static void device_never_away_is_back_at_the_load_s_end(void **state)
{
	struct load_recovery back;

	(void)state;
	add_steady(0, 3000, 10);
	back = recovery(2000, 3000);
	assert_true(back.recovered);
	assert_int_equal(back.back_ns, MS(2000));
}

static void device_that_stays_away_has_not_recovered(void **state)
{
	(void)state;
	add_steady(0, 1500, 10);
	add_silent(1500, 4000);
	assert_false(recovery(2000, 4000).recovered);
}

static void short_return_is_not_yet_recovery(void **state)
{
	struct load_recovery back;

	(void)state;
	add_steady(0, 1500, 10);
	add_silent(1500, 2500);
	add_steady(2500, 2600, 10); /* back for less than the hold time */
	add_silent(2600, 3000);
	add_steady(3000, 4000, 10);
	back = recovery(2000, 4000);
	assert_true(back.recovered);
	assert_int_equal(back.back_ns, MS(3001));
}

static void too_few_samples_after_the_load_prove_no_recovery(void **state)
{
	(void)state;
	add_steady(0, 2100, 10);
	assert_false(recovery(2000, 2100).recovered);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup(name, setup)
	const struct CMUnitTest tests[] = {
		T(steady_counter_has_a_gap_of_one_period),
		T(slowed_counter_shows_its_cycle),
		T(frozen_counter_that_answers_is_no_progress),
		T(frozen_value_is_progress_where_an_answer_is_enough),
		T(stop_of_known_length_is_measured_whole),
		T(monitor_kept_waiting_beyond_its_period_is_not_late),
		T(late_tester_is_not_the_device_s_gap),
		T(sample_sent_late_is_the_tester_s),
		T(monitor_that_ended_is_the_tester_s_loss),
		T(window_without_samples_holds_nothing),
		T(lost_samples_are_a_share),
		T(value_read_a_little_late_is_not_lost),
		T(sample_sent_too_late_is_not_lost_by_the_device),
		T(gap_that_began_before_the_window_counts_whole),
		T(gap_that_ends_behind_the_window_is_cut_at_the_clip),
		T(device_never_away_is_back_at_the_load_s_end),
		T(device_that_stays_away_has_not_recovered),
		T(short_return_is_not_yet_recovery),
		T(too_few_samples_after_the_load_prove_no_recovery),
	};

	return cmocka_run_group_tests_name("load_windows", tests, NULL, NULL);
}
