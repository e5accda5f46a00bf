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
		samples[count++] =
			(struct sample){.due_ns = MS(t), .sent_ns = MS(t), .done_ns = MS(t + 9)};
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
	size_t gaps = load_gaps(samples, count, &counter_rule, MS(until_ms), scratch);

	return load_recovery_of(scratch, gaps, &counter_rule, MS(load_end_ms), MS(200));
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
	assert_int_equal(load_view_judge(&view, &counter_rule), LOAD_WITHIN);
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
	assert_int_equal(load_view_judge(&view, &counter_rule), LOAD_OUTSIDE);
	view = look(200, 900, 900);
	assert_int_equal(load_view_judge(&view, &counter_rule), LOAD_WITHIN);
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
	assert_int_equal(load_view_judge(&view, &counter_rule), LOAD_OUTSIDE);
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
	assert_int_equal(load_view_judge(&view, &rule), LOAD_WITHIN);
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
		samples[count++] =
			(struct sample){.due_ns = MS(t), .sent_ns = MS(t), .done_ns = MS(t + 35)};
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
	assert_in_range(view.most_ns, MS(300), MS(330));
	assert_int_equal(load_view_judge(&view, &counter_rule), LOAD_UNSETTLED);
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
	assert_int_equal(load_view_judge(&view, &counter_rule), LOAD_UNSETTLED);
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
	assert_int_equal(load_view_judge(&view, &rule), LOAD_OUTSIDE);
}

static void value_read_a_little_late_is_not_lost(void **state)
{
	(void)state;
	add_steady(0, 1000, 10);
	samples[50].answered = false;
	assert_int_equal(look(0, 1000, 1000).lost, 0);
}

/* Its time ran from when it was sent. */
static void sample_sent_late_and_not_answered_is_lost(void **state)
{
	const struct load_window window = {MS(0), MS(1000), MS(1000)};
	struct load_rule rule = counter_rule;

	(void)state;
	rule.progress = false;
	add_steady(0, 1000, 10);
	samples[50].answered = false;
	samples[50].sent_ns += MS(15);
	samples[50].done_ns = samples[50].sent_ns + MS(10);
	assert_int_equal(load_view_of(samples, count, &rule, &window, scratch).lost, 1);
}

/* A device that answers each connection after 15 ms, sampled every 10: every
 * second slot is skipped. */
static void slow_answers_are_not_lost(void **state)
{
	const struct load_window window = {MS(0), MS(1000), MS(1000)};
	struct load_rule rule = counter_rule;
	struct load_view view;
	int t;

	(void)state;
	rule.progress = false;
	for (t = 0; t < 1000; t += 20) {
		samples[count++] = (struct sample){
			.due_ns = MS(t), .sent_ns = MS(t), .done_ns = MS(t + 15), .answered = true};
	}
	view = load_view_of(samples, count, &rule, &window, scratch);
	assert_int_equal(view.lost, 0);
	assert_int_equal(view.samples, 50);
	assert_int_equal(view.slots, 100);
	assert_int_equal(view.late_ns, 0);
	assert_int_equal(load_view_judge(&view, &rule), LOAD_WITHIN);
}

/* 20 samples without an answer wait 25 ms each, 50 with one 10 ms: half of the
 * time is lost, not 20 of 70. */
static void loss_is_a_share_of_time(void **state)
{
	const struct load_window window = {MS(0), MS(1000), MS(1000)};
	struct load_rule rule = counter_rule;
	int i;

	(void)state;
	rule.progress = false;
	for (i = 0; i < 20; i++) {
		samples[count++] = (struct sample){
			.due_ns = MS(25 * i), .sent_ns = MS(25 * i), .done_ns = MS(25 * i + 20)};
	}
	add_steady(500, 900, 10);
	assert_int_equal(load_view_of(samples, count, &rule, &window, scratch).slots, 80);
	assert_int_equal(load_view_of(samples, count, &rule, &window, scratch).lost, 40);
}

static void gap_seen_only_through_the_tester_s_pause_settles_nothing(void **state)
{
	struct load_view view;

	(void)state;
	add_steady(0, 1500, 10);
	add_silent(1500, 1560); /* and then 60 ms without a sample */
	add_steady(1620, 3000, 10);
	view = look(1000, 2000, 3000);
	assert_in_range(view.least_ns, MS(0), MS(60));
	assert_in_range(view.most_ns, MS(120), MS(150));
	assert_int_equal(load_view_judge(&view, &counter_rule), LOAD_UNSETTLED);
}

/* 110 ms measured, but the function may have gone on after 91. */
static void gap_at_the_tolerance_settles_nothing(void **state)
{
	struct load_view view;

	(void)state;
	add_steady(0, 1500, 10);
	add_silent(1500, 1590);
	add_steady(1600, 3000, 10);
	view = look(1000, 2000, 3000);
	assert_in_range(view.gap_ns, MS(101), MS(115));
	assert_true(view.least_ns <= MS(100));
	assert_int_equal(load_view_judge(&view, &counter_rule), LOAD_UNSETTLED);
}

static void device_s_gap_stays_a_finding_although_the_tester_was_late(void **state)
{
	struct load_view view;

	(void)state;
	add_steady(0, 1200, 10);
	add_silent(1200, 1600);
	add_steady(1600, 1700, 10);
	add_steady(1900, 3000, 10); /* 200 ms without a sample */
	view = look(1000, 2000, 3000);
	assert_in_range(view.least_ns, MS(370), MS(400));
	assert_int_equal(load_view_judge(&view, &counter_rule), LOAD_OUTSIDE);
}

static void window_with_too_few_samples_settles_nothing(void **state)
{
	struct load_rule rule = counter_rule;
	const struct load_window window = {MS(0), MS(1000), MS(1000)};
	struct load_view view;
	int t;

	(void)state;
	rule.progress = false;
	for (t = 0; t < 1000; t += 50) { /* one in five is taken */
		add_steady(t, t + 10, 10);
	}
	view = load_view_of(samples, count, &rule, &window, scratch);
	assert_true(view.sampled > 0.19 && view.sampled < 0.21);
	assert_int_equal(load_view_judge(&view, &rule), LOAD_UNSETTLED);
}

static void one_window_is_worse_only_when_chance_cannot_explain_it(void **state)
{
	static const struct {
		int least_ms, sham_most_ms;
		double loss, sham_loss;
		bool worse;
	} cases[] = {
		{290, 21, 0, 0, true},      {110, 21, 0, 0, true},     {110, 90, 0, 0, false},
		{150, 100, 0, 0, false},    {180, 100, 0, 0, true},    {15, 21, 0.2, 0, true},
		{15, 21, 0.2, 0.15, false}, {15, 21, 0.005, 0, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct load_view attack = {.least_ns = MS(cases[i].least_ms),
					   .loss = cases[i].loss};
		struct load_view sham = {.most_ns = MS(cases[i].sham_most_ms),
					 .loss = cases[i].sham_loss};

		assert_int_equal(load_view_worse(&attack, &sham, &counter_rule), cases[i].worse);
	}
}

static void time_nobody_looked_at_is_no_recovery(void **state)
{
	struct load_recovery back;

	(void)state;
	add_steady(0, 2100, 10);
	add_steady(2600, 4000, 10); /* the tester was late by 500 ms */
	back = recovery(2000, 4000);
	assert_true(back.recovered);
	assert_int_equal(back.back_ns, MS(2601));
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
		T(sample_sent_late_and_not_answered_is_lost),
		T(slow_answers_are_not_lost),
		T(loss_is_a_share_of_time),
		T(gap_seen_only_through_the_tester_s_pause_settles_nothing),
		T(gap_at_the_tolerance_settles_nothing),
		T(device_s_gap_stays_a_finding_although_the_tester_was_late),
		T(window_with_too_few_samples_settles_nothing),
		T(one_window_is_worse_only_when_chance_cannot_explain_it),
		T(time_nobody_looked_at_is_no_recovery),
		T(gap_that_began_before_the_window_counts_whole),
		T(gap_that_ends_behind_the_window_is_cut_at_the_clip),
		T(device_never_away_is_back_at_the_load_s_end),
		T(device_that_stays_away_has_not_recovered),
		T(short_return_is_not_yet_recovery),
		T(too_few_samples_after_the_load_prove_no_recovery),
	};

	return cmocka_run_group_tests_name("load_windows", tests, NULL, NULL);
}
