/* hostile_report_test: checks that attack the runner by what they report: work without end, disks,
 * clocks, pipes, and what is another's. */
/* timeout: 180 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "harness/base/bytes.h"
#include "harness/base/test_calm.h"
#include "harness/run/child_record.h"
#include "harness/run/probe_run.h"
#include "harness/run/test_plan.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "harness/banned.h"

static const struct fact_def facts[] = {
	{"number", FACT_INT, "", "a number"},
	{"text", FACT_TEXT, "", "a text"},
	{"list", FACT_LIST, "", "texts"},
	{.name = NULL},
};

static int setup(void **state)
{
	struct test_bench *bench = calloc(1, sizeof(*bench));
	uint16_t port;

	close(test_listen(&port));
	test_bench_init(bench, "test", port);
	*state = bench;
	return 0;
}

static int teardown(void **state)
{
	test_bench_release(*state);
	free(*state);
	return 0;
}

static int say(const struct probe_run *run, enum child_record_type type, const void *bytes,
	       size_t size)
{
	return child_record_write(run->report_fd, type, &(struct record_part){bytes, size}, 1);
}

/* --- how long the runner is kept at one thing ------------------------------------ */

/* Runs it as the runner does; *ret_worst_ns: the longest it took to take what was there. */
static struct child_report run_timed(struct test_bench *bench, int (*observe)(struct probe_run *),
				     int64_t *ret_worst_ns)
{
	struct probe probe = {
		.id = "test.hostile", .timeout_s = 20, .facts = facts, .observe = observe};
	struct observation observation = {.id = "test.hostile@it", .probe = &probe};
	struct child_order order = {.observation = &observation, .attempt = 1};
	struct child_report report;
	struct text why;
	struct child *child = child_start(&bench->world, &order, NULL, bench->arena, &why);
	int64_t before, took;
	int ended;

	assert_non_null(child);
	*ret_worst_ns = 0;
	do {
		struct pollfd ready = {.fd = child_fd(child), .events = POLLIN};

		poll(&ready, 1, 100);
		before = clock_ns();
		ended = child_step(child, &report);
		took = clock_ns() - before;
		*ret_worst_ns = took > *ret_worst_ns ? took : *ret_worst_ns;
	} while (ended == 0);
	child_free(child);
	return report;
}

/* The words of the attack: one secret, again and again, in evidence that grows. */
static int keeps_a_secret_without_end(struct probe_run *run)
{
	char name[] = "\x01"
		      "f";
	uint8_t part[64 + 2];
	int i;

	if (say(run, RECORD_SECRET, "hush hush", 9) != 0) {
		return -1;
	}
	memcpy(part, name, 2);
	memset(part + 2, '.', 64);
	memcpy(part + 20, "hush hush", 9);
	for (i = 0; i < 200000; i++) {
		if (say(run, RECORD_EVIDENCE, part, sizeof(part)) != 0) {
			break;
		}
	}
	return 0;
}

static void the_runner_is_never_long_at_one_childs_words(void **state)
{
	int64_t worst_ns;

	(void)run_timed(*state, keeps_a_secret_without_end, &worst_ns);
	print_message("%lld ms at the longest\n", (long long)(worst_ns / NS_PER_MS));
	assert_true(worst_ns < NS_PER_S);
}

/* --- clocks --------------------------------------------------------------------- */

static int say_wait(const struct probe_run *run, uint64_t from_ns, uint64_t until_ns)
{
	uint8_t bytes[20];
	struct writer w = writer_of(bytes, sizeof(bytes));

	writer_be32(&w, (uint32_t)(from_ns >> 32));
	writer_be32(&w, (uint32_t)from_ns);
	writer_be32(&w, (uint32_t)(until_ns >> 32));
	writer_be32(&w, (uint32_t)until_ns);
	memcpy(bytes + 16, "long", 4);
	return say(run, RECORD_WAIT, bytes, sizeof(bytes));
}

static int waits_until_the_end_of_time(struct probe_run *run)
{
	return say_wait(run, INT64_MAX - NS_PER_S, INT64_MAX);
}

/* A second each, and the last one ends in a year. */
static int waits_from_another_day(struct probe_run *run)
{
	uint64_t then = (uint64_t)(clock_ns() + 365 * 24 * 3600 * NS_PER_S);

	return say_wait(run, then - (uint64_t)NS_PER_S, then);
}

static void assert_refused(struct test_bench *bench, int (*observe)(struct probe_run *run),
			   const char *reason)
{
	int64_t worst_ns;
	struct child_report report = run_timed(bench, observe, &worst_ns);

	assert_int_equal(report.outcome, CHILD_ERROR);
	assert_int_equal(report.why, WHY_BROKEN_REPORT);
	assert_string_equal(report.reason, reason);
}

static void a_wait_beyond_what_a_run_lasts_is_refused(void **state)
{
	static const char reason[] = "it waited in a way that cannot be read";

	assert_refused(*state, waits_until_the_end_of_time, reason);
	assert_refused(*state, waits_from_another_day, reason);
}

/* --- the disk ---------------------------------------------------------------------- */

/* Much is seen, and told again to the journal with every wait. */
static int tells_much_with_every_wait(struct probe_run *run)
{
	size_t size = (size_t)500 << 10;
	char *much = calloc(1, size + 1);
	int64_t now;
	int i;

	memset(much, 'x', size);
	probe_saw_text(run, "seen", much);
	for (i = 0; i < 200; i++) {
		now = clock_ns();
		if (say_wait(run, (uint64_t)now, (uint64_t)(now + NS_PER_MS)) != 0) {
			break;
		}
		clock_sleep_until(now + 5 * NS_PER_MS);
	}
	return 0;
}

static void waits_do_not_fill_the_disk(void **state)
{
	static const struct fact_def much[] = {{"seen", FACT_TEXT, "", "much"}, {.name = NULL}};
	struct test_plan plan;
	struct stat status;
	char path[128];

	(void)state;
	test_plan_init(&plan, PEER_SILENT);
	test_plan_add(&plan, "a.much", IMPACT_OBSERVE, tells_much_with_every_wait);
	plan.probes[0].facts = much;
	assert_int_equal(test_plan_run(&plan), 0);
	assert_string_equal(test_plan_saw(&plan, "a.much", "reason"),
			    "\"it reported more than 16 MiB of facts\"");
	snprintf(path, sizeof(path), "%s/journal.jsonl", plan.run);
	assert_int_equal(stat(path, &status), 0);
	assert_true(status.st_size < (off_t)24 << 20);
	test_plan_release(&plan);
}

/* --- the pipes ------------------------------------------------------------------- */

static int says_half_a_record_and_sleeps(struct probe_run *run)
{
	static const uint8_t half[] = {0, 0, 0, 100, RECORD_NOTE, 'h', 'a', 'l', 'f'};

	probe_saw_int(run, "number", 7);
	(void)!write(run->report_fd, half, sizeof(half));
	poll(NULL, 0, 60000);
	return 0;
}

/* The deadline ends it; what came whole before is kept, and nothing passes. */
static void half_a_record_holds_up_nobody(void **state)
{
	struct test_bench *bench = *state;
	struct probe probe = {.id = "test.hostile",
			      .timeout_s = 1,
			      .facts = facts,
			      .observe = says_half_a_record_and_sleeps};
	struct child_report report = test_observe(bench, &probe, NULL);

	assert_int_equal(report.outcome, CHILD_ERROR);
	assert_int_equal(report.why, WHY_TIMED_OUT);
	assert_string_equal(test_fact(bench, &report, "number"), "7");
}

/* The cheapest record there is, and words on its output, as fast as they go. */
static int floods_its_pipes(struct probe_run *run)
{
	while (clock_ns() < run->deadline_ns && say_wait(run, 0, 0) == 0) {
		(void)!write(1, "flood", 5);
	}
	return 0;
}

static int sees_one(struct probe_run *run)
{
	probe_saw_int(run, "number", 1);
	return 0;
}

static void a_flood_of_records_holds_up_neither_others_nor_an_interrupt(void **state)
{
	struct test_plan plan;
	int64_t before;
	pid_t pid;

	(void)state;
	test_plan_init(&plan, PEER_SILENT);
	test_plan_add(&plan, "a.flood", IMPACT_OBSERVE, floods_its_pipes);
	test_plan_add(&plan, "b.one", IMPACT_OBSERVE, sees_one);
	pid = test_plan_start(&plan);
	test_plan_await(&plan, "observation:b.one");
	before = clock_ns();
	assert_int_equal(kill(pid, SIGINT), 0);
	assert_int_equal(test_plan_wait(pid), 130);
	assert_true(clock_ns() - before < 2 * NS_PER_S);
	assert_null(test_plan_saw(&plan, "a.flood", "outcome"));
	test_plan_release(&plan);
}

/* --- what is another's -------------------------------------------------------------- */

/* Counts what is open: input, output, errors, its report and its door. Whatever another check,
 * the gate or the runner has open, it could be used by its number. */
static int counts_what_is_open(struct probe_run *run)
{
	int fd, count = 0;

	for (fd = 0; fd < 65536; fd++) {
		count += fcntl(fd, F_GETFD) >= 0;
	}
	probe_saw_int(run, "number", count);
	return 0;
}

static void a_check_has_its_own_ends_and_no_others(void **state)
{
	struct test_bench *bench = *state;
	struct probe probe = {.id = "test.hostile",
			      .timeout_s = 8,
			      .facts = facts,
			      .observe = counts_what_is_open};
	struct child_report report = test_observe(bench, &probe, NULL);

	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(test_fact(bench, &report, "number"), "5");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define ON_BENCH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		ON_BENCH(the_runner_is_never_long_at_one_childs_words),
		ON_BENCH(a_wait_beyond_what_a_run_lasts_is_refused),
		ON_BENCH(half_a_record_holds_up_nobody),
		ON_BENCH(a_check_has_its_own_ends_and_no_others),
		cmocka_unit_test(waits_do_not_fill_the_disk),
		cmocka_unit_test(a_flood_of_records_holds_up_neither_others_nor_an_interrupt),
	};

	return test_calm_run(tests, NULL, NULL);
}
