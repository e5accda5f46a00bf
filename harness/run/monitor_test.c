/* monitor_test: samples are taken on time, kept, and a standstill is seen. */
/* timeout: 180 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>
#include <fcntl.h>

#include "harness/base/test_calm.h"
#include "harness/run/monitor.h"
#include "harness/run/ring.h"
#include "harness/run/test_run.h"

#include "harness/banned.h"

static int counts(struct probe_run *run, void **state, int64_t deadline_ns, double *ret_value)
{
	int *count = *state != NULL ? *state : probe_alloc(run, sizeof(int));

	(void)deadline_ns;
	*state = count;
	*ret_value = ++*count;
	return 0;
}

/* Counts to 20, then stands still. */
static int freezes(struct probe_run *run, void **state, int64_t deadline_ns, double *ret_value)
{
	counts(run, state, deadline_ns, ret_value);
	*ret_value = *ret_value > 20 ? 20 : *ret_value;
	return 0;
}

static int silent(struct probe_run *run, void **state, int64_t deadline_ns, double *ret_value)
{
	(void)run;
	(void)state;
	(void)ret_value;
	clock_sleep_until(deadline_ns);
	return -1;
}

static int crashes(struct probe_run *run, void **state, int64_t deadline_ns, double *ret_value)
{
	(void)run;
	(void)state;
	(void)deadline_ns;
	(void)ret_value;
	fputs("the device says \x1b[2J\n", stderr);
	abort();
}

static const struct essential_function function = {
	.name = "control runs",
	.watch = "test.counter",
	.period_ms = 10,
	.tripwire_ms = 100,
};

struct watching {
	struct test_bench bench;
	struct sample_ring *ring;
	struct monitor monitor;
	struct monitor_process *process;
};

static void watch(struct watching *w, int (*sample)(struct probe_run *run, void **state,
						    int64_t deadline_ns, double *ret_value))
{
	struct text why = {.s = ""};

	test_bench_init(&w->bench, "test", 9);
	w->bench.profile.functions = &function;
	w->bench.profile.function_count = 1;
	w->ring = sample_ring_new();
	w->bench.world.rings = &w->ring;
	w->monitor = (struct monitor){.id = "test.counter", .progress = true, .sample = sample};
	w->process = monitor_start(&w->bench.world, &w->monitor, NULL, 0, 0, NULL, &why);
	if (w->process == NULL) {
		fail_msg("%s", why.s);
	}
}

static void unwatch(struct watching *w)
{
	monitor_stop(w->process);
	sample_ring_free(w->ring);
	test_bench_release(&w->bench);
}

static void samples_are_taken_at_the_period_and_kept_as_csv(void **state)
{
	struct watching w;
	struct sample samples[200];
	struct monitor_totals totals;
	char path[256], line[256];
	size_t count, rows = 0;
	FILE *csv;

	(void)state;
	watch(&w, counts);
	clock_sleep_until(clock_ns() + NS_PER_S);
	monitor_halt(w.process);
	totals = monitor_totals(w.process);
	assert_in_range(totals.samples + totals.missed, 90, 110);
	assert_int_equal(totals.answered, totals.samples);
	assert_false(totals.running);
	count = sample_ring_copy(w.ring, 0, INT64_MAX, samples, 200);
	assert_int_equal(count, totals.samples);
	assert_int_equal(samples[count - 1].value, (double)count);
	assert_int_equal((samples[count - 1].due_ns - samples[0].due_ns) % (10 * NS_PER_MS), 0);
	assert_int_equal(
		sample_ring_copy(w.ring, samples[3].due_ns, samples[5].due_ns, samples, 200), 2);
	snprintf(path, sizeof(path), "%s/%s", w.bench.folder, monitor_evidence(w.process));
	assert_non_null(strstr(path, "/evidence/monitor-control-runs/samples.csv"));
	csv = fopen(path, "r");
	assert_non_null(csv);
	while (fgets(line, sizeof(line), csv) != NULL) {
		rows++;
	}
	fclose(csv);
	assert_int_equal(rows, count + 1);
	unwatch(&w);
}

static void a_frozen_value_is_no_progress_although_it_is_answered(void **state)
{
	struct watching w;
	struct monitor_totals totals;

	(void)state;
	watch(&w, freezes);
	clock_sleep_until(clock_ns() + 700 * NS_PER_MS);
	totals = monitor_totals(w.process);
	assert_true(totals.running);
	assert_int_equal(totals.answered, totals.samples);
	/* 20 counts take 200 ms; the rest of the 700 ms is standstill */
	assert_true(totals.worst_gap_ms > 400 && totals.worst_gap_ms < 550);
	unwatch(&w);
}

static void silence_is_not_answered(void **state)
{
	struct watching w;
	struct monitor_totals totals;

	(void)state;
	watch(&w, silent);
	clock_sleep_until(clock_ns() + 300 * NS_PER_MS);
	totals = monitor_totals(w.process);
	assert_int_equal(totals.answered, 0);
	assert_true(totals.samples > 10);
	unwatch(&w);
}

static void a_monitor_that_crashes_is_seen_not_to_run(void **state)
{
	struct watching w;
	char path[256], line[256];
	FILE *file;

	(void)state;
	watch(&w, crashes);
	clock_sleep_until(clock_ns() + 200 * NS_PER_MS);
	assert_false(monitor_totals(w.process).running);
	monitor_halt(w.process);
	snprintf(path, sizeof(path), "%s/evidence/monitor-control-runs/stderr.txt", w.bench.folder);
	file = fopen(path, "re");
	assert_non_null(file);
	assert_non_null(fgets(line, sizeof(line), file));
	assert_string_equal(line, "the device says \\x1b[2J\n");
	fclose(file);
	unwatch(&w);
}

static int opens_a_file(struct probe_run *run, void **state, int64_t deadline_ns, double *ret_value)
{
	(void)run;
	(void)state;
	(void)deadline_ns;
	*ret_value = open("/dev/null", O_RDONLY);
	return 0;
}

static void a_monitor_that_does_what_it_may_not_is_ended_and_it_is_said(void **state)
{
	struct watching w;
	struct text how;

	(void)state;
	watch(&w, opens_a_file);
	clock_sleep_until(clock_ns() + 200 * NS_PER_MS);
	assert_false(monitor_totals(w.process).running);
	monitor_end(w.process, &how);
	assert_string_equal(how.s, "its process made a system call that it may not (SIGSYS)");
	unwatch(&w);
}

static void a_full_ring_gives_the_newest_samples_only(void **state)
{
	struct sample_ring *ring = sample_ring_new();
	struct sample *samples = calloc(400000, sizeof(*samples));
	struct sample sample = {.answered = true};
	size_t count;
	int i;

	(void)state;
	assert_int_equal(sample_ring_open(ring), 0);
	for (i = 0; i < 300000; i++) {
		sample.due_ns = i;
		sample_ring_add(ring, &sample);
	}
	count = sample_ring_copy(ring, 0, INT64_MAX, samples, 400000);
	assert_true(count >= 65536 && count < 300000);
	assert_int_equal(samples[count - 1].due_ns, 299999);
	assert_int_equal(samples[0].due_ns, 300000 - (int64_t)count);
	free(samples);
	sample_ring_free(ring);
}

static void another_process_cannot_write_to_a_ring(void **state)
{
	struct sample_ring *ring = sample_ring_new();
	struct sample sample = {.due_ns = 1};
	int status = 0;
	pid_t pid;

	(void)state;
	assert_int_equal(sample_ring_open(ring), 0);
	sample_ring_add(ring, &sample);
	pid = fork();
	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);
		if (sample_ring_copy(ring, 0, 2, &sample, 1) != 1) {
			_exit(1);
		}
		sample_ring_add(ring, &sample);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(sample_ring_count(ring), 1);
	sample_ring_free(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples_are_taken_at_the_period_and_kept_as_csv),
		cmocka_unit_test(a_frozen_value_is_no_progress_although_it_is_answered),
		cmocka_unit_test(silence_is_not_answered),
		cmocka_unit_test(a_monitor_that_crashes_is_seen_not_to_run),
		cmocka_unit_test(a_monitor_that_does_what_it_may_not_is_ended_and_it_is_said),
		cmocka_unit_test(a_full_ring_gives_the_newest_samples_only),
		cmocka_unit_test(another_process_cannot_write_to_a_ring),
	};

	return test_calm_run(tests, NULL, NULL);
}
