/* Tests of what the judge says about the run: circumstances, monitors, plots. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base/digest.h"
#include "harness/judge/test_world.h"
#include <stdio.h>
#include <unistd.h>

#include "harness/banned.h"

struct bench { /* a world with a run directory */
	struct world w;
	char folder[64];
	char windows[128], samples[128];
};

static const struct essential_function control = {
	.name = "control", .view = VIEW_UPWARD, .tolerance = {.gap_ms = 100}};

static int set_up(void **state)
{
	struct bench *b = test_calloc(1, sizeof(*b));

	world_init(&b->w);
	b->w.profile.functions = &control;
	b->w.profile.function_count = 1;
	snprintf(b->folder, sizeof(b->folder), "/tmp/assay-run-XXXXXX");
	assert_non_null(mkdtemp(b->folder));
	snprintf(b->windows, sizeof(b->windows), "%s/windows.json", b->folder);
	snprintf(b->samples, sizeof(b->samples), "%s/samples.csv", b->folder);
	b->w.input.directory = b->folder;
	*state = b;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *b = *state;

	unlink(b->windows);
	unlink(b->samples);
	rmdir(b->folder);
	world_release(&b->w);
	test_free(b);
	return 0;
}

static void run_record_becomes_environment(void **state)
{
	struct bench *b = *state;
	struct results *r;

	world_record(&b->w, "run",
		     json_pack("{s:s, s:s, s:{s:s, s:i, s:{s:b}}}", "tool", "assay 0.0.9", "suites",
			       "other", "environment", "libpcap", "1.10.3", "cores", 2, "gate",
			       "raw", 1));
	r = world_judge(&b->w);
	assert_int_equal(r->environment_count, 5);
	assert_string_equal(r->environment[0].name, "run by");
	assert_string_equal(r->environment[0].value, "assay 0.0.9");
	assert_string_equal(r->environment[1].name, "judged with");
	assert_string_equal(
		r->environment[1].value,
		"other suites than the run was made with: 33333333333333333333333333333333"
		"33333333333333333333333333333333, when it was run other");
	assert_true(r->other_suites);
	assert_string_equal(r->environment[2].value, "1.10.3");
	assert_string_equal(r->environment[3].value, "2");
	assert_string_equal(r->environment[4].name, "gate.raw");
	assert_string_equal(r->environment[4].value, "yes");
	assert_string_equal(r->started, "2026-01-31T08:15:00.123Z");
	assert_null(r->ended);
	results_free(r);
}

static void resumed_run_is_open_until_it_ends_again(void **state)
{
	struct bench *b = *state;
	struct results *r;

	world_end(&b->w, "device-lost");
	r = world_judge(&b->w);
	assert_string_equal(r->end_reason, "device-lost");
	results_free(r);
	world_record(&b->w, "resume", json_object());
	r = world_judge(&b->w);
	assert_null(r->end_reason);
	assert_null(r->ended);
	results_free(r);
	world_end(&b->w, "complete");
	r = world_judge(&b->w);
	assert_string_equal(r->end_reason, "complete");
	results_free(r);
}

static void refusals_and_device_events_are_sentences(void **state)
{
	struct bench *b = *state;
	struct results *r;

	world_record(&b->w, "refused",
		     json_pack("{s:s, s:s}", "observation", "tcp.inventory", "what",
			       "port 4840 is excluded"));
	world_device(&b->w, "alive", "");
	world_device(&b->w, "lost", "no answer for 10 s");
	r = world_judge(&b->w);
	assert_int_equal(r->refusal_count, 1);
	assert_string_equal(r->refusals[0], "tcp.inventory: port 4840 is excluded");
	assert_int_equal(r->device_event_count, 1);
	assert_string_equal(r->device_events[0], "2026-01-31T08:15:00.123Z lost: no answer for "
						 "10 s");
	results_free(r);
}

static void parts_of_a_monitor_add_up(void **state)
{
	struct bench *b = *state;
	struct results *r;
	int i;

	for (i = 1; i <= 2; i++) {
		world_record(&b->w, "monitor",
			     json_pack("{s:s, s:s, s:i, s:i, s:i, s:f, s:{s:s, s:s, "
				       "s:i}}",
				       "function", "control", "monitor", "modbus.counter",
				       "samples", 100 * i, "answered", 90 * i, "missed", i,
				       "worst_gap_ms", 30.0 / i, "evidence", "path", "s.csv",
				       "sha256", "ab", "size", 5));
	}
	world_record(&b->w, "monitor",
		     json_pack("{s:s, s:s, s:[]}", "function", "control", "monitor",
			       "modbus.counter", "evidence"));
	r = world_judge(&b->w);
	assert_int_equal(r->monitor_count, 1);
	assert_int_equal(r->monitors[0].samples, 300);
	assert_int_equal(r->monitors[0].answered, 270);
	assert_int_equal(r->monitors[0].missed, 3);
	assert_int_equal(r->monitors[0].view, VIEW_UPWARD);
	assert_true(r->monitors[0].worst_gap_ms == 30.0);
	assert_string_equal(r->monitors[0].evidence->path, "s.csv");
	results_free(r);
}

/* --- plots ------------------------------------------------------------------- */

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

#define WINDOWS                                                            \
	"{\"function\": \"control\", \"progress\": true, \"windows\": ["   \
	"{\"name\": \"baseline\", \"from_s\": 1000.0, \"to_s\": 1001.0}, " \
	"{\"name\": \"attack\", \"from_s\": 1001.0, \"to_s\": 1003.0}], "  \
	"\"rate\": [[1001.0, 500.0], [1002.0, 1000.0]]}"
/* The value stands still from 1001.0 to 1001.5, and one answer is lost. */
#define SAMPLES                                \
	"due_s,sent_s,done_s,answered,value\n" \
	"1000.0,1000.0,1000.5,1,7\n"           \
	"1001.0,1001.0,1001.0,1,8\n"           \
	"1001.2,1001.2,1001.2,1,8\n"           \
	"1001.3,1001.3,1001.3,0,\n"            \
	"1001.5,1001.5,1001.5,1,9\n"

/* A load check that kept both files; then judged. */
static struct results *judge_load(struct bench *b)
{
	struct digest windows, samples;
	struct planned_check *check = world_check(&b->w, "storm", "CR 7.1", &world_touch);

	assert_int_equal(digest_file(b->windows, &windows, NULL), 0);
	assert_int_equal(digest_file(b->samples, &samples, NULL), 0);
	world_observed(&b->w, check,
		       json_pack("{s:s, s:s, s:{}, s:[{s:s, s:s, s:i}, {s:s, "
				 "s:s, s:i}]}",
				 "observation", world_id(&b->w, check), "outcome", "complete",
				 "facts", "evidence", "path", "windows.json", "sha256", windows.hex,
				 "size", 1, "path", "samples.csv", "sha256", samples.hex, "size",
				 1));
	return world_judge(&b->w);
}

static void load_check_is_drawn_from_its_own_evidence(void **state)
{
	static const double gaps[] = {0, 500, 200, 300, 500};
	struct bench *b = *state;
	const struct plot *plot;
	struct results *r;
	size_t i;

	write_file(b->windows, WINDOWS);
	write_file(b->samples, SAMPLES);
	r = judge_load(b);
	assert_int_equal(r->plot_count, 1);
	plot = &r->plots[0];
	assert_string_equal(plot->check, "storm");
	assert_int_equal(plot->window_count, 2);
	assert_string_equal(plot->windows[1].name, "attack");
	assert_true(plot->windows[1].from == 1 && plot->windows[1].to == 3);
	assert_int_equal(plot->gap_count, ARRAY_SIZE(gaps));
	for (i = 0; i < ARRAY_SIZE(gaps); i++) {
		assert_int_equal((int)(plot->gap[i].value + 0.5), (int)gaps[i]);
	}
	assert_true(plot->gap[0].t == 0.5);
	assert_int_equal(plot->rate_count, 2);
	assert_true(plot->rate[1].t == 2 && plot->rate[1].value == 1000);
	assert_true(plot->tolerance_ms == 100);
	results_free(r);
}

static void plot_is_drawn_once_for_checks_of_one_observation(void **state)
{
	struct bench *b = *state;
	struct planned_check *second;
	struct results *r;

	write_file(b->windows, WINDOWS);
	write_file(b->samples, SAMPLES);
	results_free(judge_load(b));
	second = world_plan(&b->w, "storm upward", "CR 7.1");
	second->observation = 0;
	r = world_judge(&b->w);
	assert_int_equal(r->plot_count, 1);
	results_free(r);
}

static void changed_samples_give_no_plot(void **state)
{
	struct bench *b = *state;
	struct results *r;

	write_file(b->windows, WINDOWS);
	write_file(b->samples, SAMPLES);
	results_free(judge_load(b));
	write_file(b->samples, SAMPLES "1002,1002,1002,1,10\n");
	r = world_judge(&b->w);
	assert_int_equal(r->plot_count, 0);
	results_free(r);
}

/* Contents of windows.json that cannot be drawn. */
static void broken_windows_give_no_plot(void **state)
{
	static const char *const rows[] = {
		"",
		"{",
		"[]",
		"{\"windows\": []}",
		"{\"windows\": [{\"name\": \"a\", \"from_s\": \"x\"}]}",
		"{\"windows\": [{}, {}, {}, {}, {}, {}, {}, {}, {}]}",
	};
	struct bench *b = *state;
	struct results *r;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		write_file(b->windows, rows[i]);
		write_file(b->samples, SAMPLES);
		r = judge_load(b);
		assert_int_equal(r->plot_count, 0);
		results_free(r);
	}
}

static void thinning_keeps_the_peak(void **state)
{
	struct bench *b = *state;
	struct results *r;
	FILE *file;
	double peak = 0;
	size_t i;

	write_file(b->windows, WINDOWS);
	file = fopen(b->samples, "w");
	assert_non_null(file);
	for (i = 0; i < 20000; i++) {
		/* one outage of a second */
		double at = 1000 + 0.001 * (double)i + (i >= 7777 ? 1 : 0);

		fprintf(file, "%.6f,%.6f,%.6f,1,%zu\n", at, at, at, i);
	}
	fclose(file);
	r = judge_load(b);
	assert_int_equal(r->plot_count, 1);
	assert_int_equal(r->plots[0].gap_count, 2000);
	for (i = 0; i < r->plots[0].gap_count; i++) {
		peak = r->plots[0].gap[i].value > peak ? r->plots[0].gap[i].value : peak;
	}
	assert_in_range((int)peak, 1000, 1002);
	results_free(r);
}

static void thinning_keeps_the_ends_of_a_load(void **state)
{
	struct bench *b = *state;
	json_t *file = json_loads(WINDOWS, 0, NULL);
	json_t *rate = json_array();
	struct results *r;
	size_t i, zeros = 0;

	/* sham and attack with a pause between: 0, many, 0, 0, many, 0 */
	for (i = 0; i < 9000; i++) {
		bool edge = i == 0 || i == 4001 || i == 4002 || i == 8999;

		json_array_append_new(
			rate, json_pack("[f, f]", 1000 + 0.01 * (double)i, edge ? 0.0 : 500.0));
	}
	json_object_set_new(file, "rate", rate);
	assert_int_equal(json_dump_file(file, b->windows, 0), 0);
	json_decref(file);
	write_file(b->samples, SAMPLES);
	r = judge_load(b);
	assert_int_equal(r->plot_count, 1);
	assert_int_equal(r->plots[0].rate_count, 2000);
	for (i = 0; i < r->plots[0].rate_count; i++) {
		zeros += r->plots[0].rate[i].value == 0;
	}
	assert_in_range(zeros, 3, 4);
	results_free(r);
}

/* --- what the tester did not see ------------------------------------------------ */

static const struct essential_function watched = {
	.name = "control", .period_ms = 100, .tolerance = {.gap_ms = 500}};
static const struct param_value watched_param = {
	.name = "function", .type = PARAM_FUNCTION, .text = "control", .function = &watched};
static const struct probe storm = {.id = "test.storm",
				   .summary = "for tests",
				   .impact = IMPACT_STRESS,
				   .needs = NEEDS_STORM,
				   .facts = world_facts};

#define HEAD "due_s,sent_s,done_s,answered,value\n"
#define TWO_ATTACKS                                                      \
	"{\"function\": \"control\", \"windows\": ["                     \
	"{\"name\": \"attack\", \"from_s\": 900.0, \"to_s\": 901.0}, "   \
	"{\"name\": \"attack\", \"from_s\": 1001.0, \"to_s\": 1002.0}, " \
	"{\"name\": \"recovery\", \"from_s\": 1002.0, \"to_s\": 1004.0}]}"

/* One sample each 100 ms from from_s to to_s, sent when due and answered at once. */
static void write_samples(const struct bench *b, double from_s, double to_s, double hole_from_s,
			  double hole_to_s)
{
	FILE *file = fopen(b->samples, "w");
	double at;

	assert_non_null(file);
	fputs(HEAD, file);
	for (at = from_s; at < to_s; at += 0.1) {
		if (at <= hole_from_s || at >= hole_to_s) {
			fprintf(file, "%.6f,%.6f,%.6f,1,%.0f\n", at, at, at + 0.001, 10 * at);
		}
	}
	fclose(file);
}

/* A load check whose lines hold; with its files, if they were written. */
static struct results *judge_held_load(struct bench *b, bool files)
{
	struct digest windows, samples;
	struct planned_check *check = world_check(&b->w, "storm", "CR 7.1", &storm);
	struct observation *observation = &b->w.observations[b->w.plan.observation_count - 1];
	json_t *evidence = json_array();

	observation->params = &watched_param;
	world_expect(&b->w, check, "locked is true");
	if (files) {
		assert_int_equal(digest_file(b->windows, &windows, NULL), 0);
		assert_int_equal(digest_file(b->samples, &samples, NULL), 0);
		json_array_append_new(evidence, json_pack("{s:s, s:s}", "path", "windows.json",
							  "sha256", windows.hex));
		json_array_append_new(evidence, json_pack("{s:s, s:s}", "path", "samples.csv",
							  "sha256", samples.hex));
	}
	world_observed(&b->w, check,
		       json_pack("{s:s, s:s, s:{s:b}, s:o}", "observation", world_id(&b->w, check),
				 "outcome", "complete", "facts", "locked", 1, "evidence",
				 evidence));
	return world_judge(&b->w);
}

static void assert_first(struct results *r, const char *verdict, const char *reason)
{
	assert_string_equal(verdict_word(r->checks[0].verdict), verdict);
	if (reason != NULL) {
		assert_string_equal(why_word(r->checks[0].why), "tester-dropped");
		assert_string_equal(r->checks[0].reason, reason);
	}
	results_free(r);
}

static void a_load_that_was_watched_throughout_passes(void **state)
{
	struct bench *b = *state;

	write_file(b->windows, TWO_ATTACKS);
	write_samples(b, 899, 1005, 0, 0);
	assert_first(judge_held_load(b, true), "PASS", NULL);
}

/* The tester was away for 600 ms in the attack: an outage of 500 ms fits in. */
static void samples_missed_in_the_load_put_the_tester_in_doubt(void **state)
{
	struct bench *b = *state;

	write_file(b->windows, TWO_ATTACKS);
	write_samples(b, 899, 1005, 1001.35, 1001.95);
	assert_first(judge_held_load(b, true), "INCONCLUSIVE",
		     "the tester missed 6 samples of 'control': 700 ms may have passed between "
		     "two looks at it, where 500 ms without progress are allowed");
}

static void a_tester_that_stops_looking_in_the_load_is_in_doubt(void **state)
{
	struct bench *b = *state;

	write_file(b->windows, TWO_ATTACKS);
	write_samples(b, 1000, 1001.25, 0, 0);
	assert_first(judge_held_load(b, true), "INCONCLUSIVE",
		     "the tester missed 7 samples of 'control': 800 ms may have passed between "
		     "two looks at it, where 500 ms without progress are allowed");
	write_samples(b, 1000, 1000.5, 0, 0);
	assert_first(judge_held_load(b, true), "INCONCLUSIVE", NULL);
}

/* Away for 300 ms; for a second after the load; and in a load that was repeated. */
static void what_cannot_hide_an_outage_costs_nothing(void **state)
{
	static const double holes[][2] = {{1001.35, 1001.65}, {1002.05, 1003.05}, {900.15, 900.95}};
	struct bench *b = *state;
	size_t i;

	write_file(b->windows, TWO_ATTACKS);
	for (i = 0; i < ARRAY_SIZE(holes); i++) {
		write_samples(b, 899, 1005, holes[i][0], holes[i][1]);
		assert_first(judge_held_load(b, true), "PASS", NULL);
	}
}

/* The device kept a sample waiting for 600 ms: that is what the lines judge. */
static void a_slow_device_is_not_the_tester_s_doing(void **state)
{
	struct bench *b = *state;

	write_file(b->windows, TWO_ATTACKS);
	write_file(b->samples, HEAD "1000.9,1000.9,1000.9,1,1\n"
				    "1001.0,1001.0,1001.0,1,2\n"
				    "1001.1,1001.1,1001.7,1,3\n"
				    "1001.8,1001.8,1001.8,1,4\n"
				    "1001.9,1001.9,1001.9,1,5\n"
				    "1002.0,1002.0,1002.0,1,6\n");
	assert_first(judge_held_load(b, true), "PASS", NULL);
}

/* Without samples to look at, all that were missed may have been due at once. */
static void without_its_samples_the_whole_run_s_misses_count(void **state)
{
	static const struct {
		int missed;
		const char *verdict;
	} rows[] = {{0, "PASS"}, {5, "PASS"}, {1, "INCONCLUSIVE"}};
	struct bench *b = *state;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		world_record(&b->w, "monitor",
			     json_pack("{s:s, s:s, s:i}", "function", "control", "monitor",
				       "modbus.counter", "missed", rows[i].missed));
		assert_first(judge_held_load(b, false), rows[i].verdict, NULL);
	}
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(run_record_becomes_environment),
		T(resumed_run_is_open_until_it_ends_again),
		T(refusals_and_device_events_are_sentences),
		T(parts_of_a_monitor_add_up),
		T(load_check_is_drawn_from_its_own_evidence),
		T(plot_is_drawn_once_for_checks_of_one_observation),
		T(changed_samples_give_no_plot),
		T(broken_windows_give_no_plot),
		T(thinning_keeps_the_peak),
		T(thinning_keeps_the_ends_of_a_load),
		T(a_load_that_was_watched_throughout_passes),
		T(samples_missed_in_the_load_put_the_tester_in_doubt),
		T(a_tester_that_stops_looking_in_the_load_is_in_doubt),
		T(what_cannot_hide_an_outage_costs_nothing),
		T(a_slow_device_is_not_the_tester_s_doing),
		T(without_its_samples_the_whole_run_s_misses_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
