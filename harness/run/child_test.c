/* child_test: whatever a probe does, its end is one report with the cause. */
/* timeout: 180 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "harness/base/test_calm.h"
#include "harness/run/child_record.h"
#include "harness/run/probe_run.h"
#include "harness/run/test_run.h"

#include "harness/banned.h"

static const struct fact_def facts[] = {
	{"yes", FACT_BOOL, "", "a yes"},
	{"number", FACT_INT, "s", "a number"},
	{"text", FACT_TEXT, "", "a text"},
	{"things", FACT_LIST, "", "a list"},
	{.name = NULL},
};

static const struct param_def params[] = {
	{"service", PARAM_SERVICE, "the service", "it", 0, 0},
	{"account", PARAM_ACCOUNT, "the account", "good", 0, 0},
	{.name = NULL},
};

static struct child_report look_at(struct test_bench *bench, int (*observe)(struct probe_run *run),
				   unsigned timeout_s)
{
	struct probe probe = {
		.id = "test.probe",
		.summary = "a test",
		.source = "none",
		.impact = IMPACT_OBSERVE,
		.timeout_s = timeout_s,
		.params = params,
		.facts = facts,
		.observe = observe,
	};

	return test_observe(bench, &probe, NULL);
}

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

/* The evidence file's content, or NULL. */
static const char *kept(struct test_bench *bench, const struct child_report *report,
			const char *name)
{
	char path[4096], *text;
	size_t i, size;
	FILE *file;

	for (i = 0; i < report->evidence_count; i++) {
		const char *last = strrchr(report->evidence[i].path, '/') + 1;

		if (strcmp(last, name) != 0) {
			continue;
		}
		snprintf(path, sizeof(path), "%s/%s", bench->folder, report->evidence[i].path);
		file = fopen(path, "rb");
		assert_non_null(file);
		text = arena_alloc(bench->arena, (size_t)1 << 20);
		size = fread(text, 1, ((size_t)1 << 20) - 1, file);
		fclose(file);
		assert_int_equal(size, report->evidence[i].size);
		return text;
	}
	return NULL;
}

static void assert_error(const struct child_report *report, enum why why, const char *reason)
{
	assert_int_equal(report->outcome, CHILD_ERROR);
	assert_string_equal(why_word(report->why), why_word(why));
	assert_string_equal(report->reason, reason);
	assert_int_equal(report->facts.count, 0);
}

static int sees(struct probe_run *run)
{
	probe_saw_bool(run, "yes", false);
	probe_saw_bool(run, "yes", true);
	probe_saw_int(run, "number", -3);
	probe_saw_text(run, "text",
		       "a\x01\xff"
		       "b");
	probe_saw_item(run, "things", "one");
	probe_saw_item(run, "things", "two");
	probe_saw_item(run, "things", "one");
	return 0;
}

static void facts_arrive_as_they_were_seen(void **state)
{
	struct test_bench *bench = *state;
	struct child_report report = look_at(bench, sees, 5);

	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(test_fact(bench, &report, "yes"), "true");
	assert_string_equal(test_fact(bench, &report, "number"), "-3");
	assert_string_equal(test_fact(bench, &report, "things"), "one, two");
	assert_int_equal(report.facts.count, 4);
}

/* As a load check does: two files, larger than a pipe, and the end at once. */
static int keeps_two_large_files(struct probe_run *run)
{
	char *bytes = probe_alloc(run, 300000);

	memset(bytes, 'x', 300000);
	probe_keep(run, "samples.csv", bytes, 300000);
	probe_keep(run, "windows.json", bytes, 100);
	return probe_give_up(run, WHY_RATE_NOT_HELD, "too slow");
}

/* Of the file, as the report says it; -1 if it is not there. */
static int64_t kept_size(const struct child_report *report, const char *name)
{
	size_t i;

	for (i = 0; i < report->evidence_count; i++) {
		const char *last = strrchr(report->evidence[i].path, '/') + 1;

		if (strcmp(last, name) == 0) {
			return report->evidence[i].size;
		}
	}
	return -1;
}

static void files_of_a_child_that_ends_at_once_are_never_lost(void **state)
{
	struct test_bench *bench = *state;
	int i;

	for (i = 0; i < 200; i++) {
		struct child_report report = look_at(bench, keeps_two_large_files, 5);

		assert_int_equal(report.outcome, CHILD_GAVE_UP);
		assert_null(report.storage_error);
		assert_int_equal(kept_size(&report, "samples.csv"), 300000);
		assert_int_equal(kept_size(&report, "windows.json"), 100);
	}
}

static int keeps(struct probe_run *run)
{
	const char *password = probe_password(run, probe_account(run, "account"));

	if (password == NULL) {
		return -1;
	}
	probe_note(run, "logged in with %s.", password);
	probe_keep(run, "reply.bin", password, strlen(password));
	probe_keep(run, "reply.bin", " again", 6);
	return 0;
}

static void evidence_is_kept_with_passwords_masked(void **state)
{
	struct test_bench *bench = *state;
	struct child_report report = look_at(bench, keeps, 5);

	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(kept(bench, &report, "transcript.txt"), "logged in with ********.\n");
	assert_string_equal(kept(bench, &report, "reply.bin"), "******** again");
	assert_int_equal(strlen(report.evidence[1].sha256), 64);
}

static int notes_what_a_hostile_device_said(struct probe_run *run)
{
	probe_note(run, "banner: %s",
		   "a\x1b]0;x\x07\nlogin accepted \xe2\x80\xae"
		   "b\xff");
	fprintf(stderr, "error: \x1b[2J\n");
	return 0;
}

static void a_transcript_acts_on_nothing_and_keeps_its_lines(void **state)
{
	struct test_bench *bench = *state;
	struct child_report report = look_at(bench, notes_what_a_hostile_device_said, 5);

	assert_string_equal(kept(bench, &report, "transcript.txt"),
			    "banner: a\\x1b]0;x\\x07\\x0alogin accepted \\u{202e}b\\xff\n");
	assert_string_equal(kept(bench, &report, "stderr.txt"), "error: \\x1b[2J\n");
}

static int tells_the_password(struct probe_run *run)
{
	probe_saw_text(run, "text", "welcome, correct horse!");
	return 0;
}

static void a_fact_with_a_password_is_an_error_and_kept_nowhere(void **state)
{
	struct child_report report = look_at(*state, tells_the_password, 5);

	assert_int_equal(report.outcome, CHILD_ERROR);
	assert_int_equal(report.why, WHY_BROKEN_REPORT);
	assert_string_equal(report.reason, "fact 'text' holds a password, "
					   "which no file of a run may hold");
	assert_int_equal(report.facts.count, 0);
}

static int gives_up_with_the_password(struct probe_run *run)
{
	return probe_give_up(run, WHY_DEVICE_LOST, "it said 'correct horse'");
}

/* Says its secret in every way it has, but in a fact. */
static int makes_a_secret(struct probe_run *run)
{
	const char *word = probe_secret(run, 12);
	char longer[64];

	fprintf(stderr, "stderr %s\n", word);
	probe_note(run, "trying %s", word);
	probe_keep(run, "kept.txt", word, strlen(word));
	snprintf(longer, sizeof(longer), "%s%s", word, "-longer");
	probe_hide(run, longer + 6);
	probe_note(run, "then %s", longer + 6);
	probe_saw_int(run, "number", (int64_t)strlen(word));
	return probe_give_up(run, WHY_CONTROL_FAILED, "the login of %s is refused", word);
}

static void a_made_up_secret_is_masked_wherever_it_is_said(void **state)
{
	struct test_bench *bench = *state;
	struct child_report report = look_at(bench, makes_a_secret, 5);

	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_string_equal(test_fact(bench, &report, "number"), "12");
	assert_string_equal(report.reason, "the login of ******** is refused");
	assert_string_equal(kept(bench, &report, "transcript.txt"),
			    "trying ********\nthen ********\n");
	assert_string_equal(kept(bench, &report, "kept.txt"), "********");
	assert_string_equal(kept(bench, &report, "stderr.txt"), "stderr ********\n");
}

static int tells_its_secret(struct probe_run *run)
{
	probe_saw_item(run, "things", probe_secret(run, 16));
	return 0;
}

static void a_fact_with_a_made_up_secret_is_an_error(void **state)
{
	struct child_report report = look_at(*state, tells_its_secret, 5);

	assert_error(&report, WHY_BROKEN_REPORT,
		     "fact 'things' holds a password, which no file of a run may hold");
}

static int hides_ordinary_words(struct probe_run *run)
{
	probe_hide(run, "welcome here");
	probe_note(run, "welcome here");
	return 0;
}

static int says_ordinary_words(struct probe_run *run)
{
	probe_note(run, "welcome here");
	return 0;
}

static void what_one_child_hides_another_may_say(void **state)
{
	struct test_bench *bench = *state;
	struct secrets *secrets = secrets_new(&bench->profile);
	struct child_report report;

	bench->world.secrets = secrets;
	report = look_at(bench, hides_ordinary_words, 5);
	assert_string_equal(kept(bench, &report, "transcript.txt"), "********\n");
	report = look_at(bench, says_ordinary_words, 5);
	assert_string_equal(kept(bench, &report, "transcript.txt"), "welcome here\n");
	report = look_at(bench, gives_up_with_the_password, 5);
	assert_string_equal(report.reason, "it said '********'");
	bench->world.secrets = NULL;
	secrets_free(secrets);
}

static void a_password_in_a_reason_is_masked(void **state)
{
	struct child_report report = look_at(*state, gives_up_with_the_password, 5);

	assert_string_equal(report.reason, "it said '********'");
}

static int needs_missing_password(struct probe_run *run)
{
	return probe_password(run, probe_account(run, "account")) == NULL ? -1 : 0;
}

static void a_missing_password_gives_up_with_its_reason(void **state)
{
	struct test_bench *bench = *state;
	struct child_report report;

	bench->accounts[0].password_env = "ASSAY_TEST_NOT_SET";
	report = look_at(bench, needs_missing_password, 5);
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_NOT_DECLARED);
	assert_non_null(strstr(report.reason, "ASSAY_TEST_NOT_SET"));
}

static int gives_up(struct probe_run *run)
{
	probe_saw_int(run, "number", 7);
	probe_give_up(run, WHY_NO_ANSWER, "silent for %d s", 2);
	return probe_give_up(run, WHY_GARBAGE, "and strange");
}

static void giving_up_keeps_the_first_reason_and_the_facts(void **state)
{
	struct test_bench *bench = *state;
	struct child_report report = look_at(bench, gives_up, 5);

	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_NO_ANSWER);
	assert_string_equal(report.reason, "silent for 2 s");
	assert_string_equal(test_fact(bench, &report, "number"), "7");
}

static int hangs(struct probe_run *run)
{
	(void)run;
	while (true) {
		poll(NULL, 0, 1000);
	}
	return 0;
}

static void a_hang_is_stopped_at_the_deadline(void **state)
{
	struct child_report report = look_at(*state, hangs, 1);

	assert_error(&report, WHY_TIMED_OUT, "it had not ended after 1 s and was stopped");
	assert_true(report.seconds >= 1.0 && report.seconds < 1.5);
	assert_int_equal(report.signal, 0);
}

static int sees_and_hangs(struct probe_run *run)
{
	probe_saw_int(run, "number", 1);
	probe_saw_int(run, "number", 7);
	probe_saw_item(run, "things", "one");
	probe_saw_item(run, "things", "two");
	return hangs(run);
}

static void what_a_stopped_child_had_seen_is_kept(void **state)
{
	struct test_bench *bench = *state;
	struct child_report report = look_at(bench, sees_and_hangs, 1);

	assert_int_equal(report.outcome, CHILD_ERROR);
	assert_int_equal(report.why, WHY_TIMED_OUT);
	assert_string_equal(test_fact(bench, &report, "number"), "7");
	assert_string_equal(test_fact(bench, &report, "things"), "one, two");
	assert_int_equal(report.facts.count, 2);
}

/* --- waits --------------------------------------------------------------------- */

static unsigned three_seconds(const struct param_value *values, size_t count)
{
	(void)values;
	(void)count;
	return 3;
}

/* Of its own it has one second, and three for waits. */
static struct child_report look_at_waiting(struct test_bench *bench,
					   int (*observe)(struct probe_run *run))
{
	struct probe probe = {
		.id = "test.waits",
		.summary = "a test",
		.source = "none",
		.timeout_s = 1,
		.params = params,
		.facts = facts,
		.seconds = three_seconds,
		.observe = observe,
	};

	return test_observe(bench, &probe, NULL);
}

static int waits_and_sees(struct probe_run *run)
{
	int64_t before = probe_deadline(run);

	if (probe_wait(run, clock_ns() + 2 * NS_PER_S, "unlock of 'spare'") != 0) {
		return -1;
	}
	probe_saw_int(run, "number", (probe_deadline(run) - before) / NS_PER_S);
	return 0;
}

static void a_wait_that_is_declared_moves_the_deadline_on(void **state)
{
	struct test_bench *bench = *state;
	struct child_report report = look_at_waiting(bench, waits_and_sees);

	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_true(report.seconds >= 2.0);
	assert_in_range(facts_find(&report.facts, "number")->number, 1, 2);
}

static int waits_and_hangs(struct probe_run *run)
{
	(void)probe_wait(run, clock_ns() + NS_PER_S, "unlock of 'spare'");
	return hangs(run);
}

static void a_hang_after_a_wait_is_stopped_when_its_own_time_is_over(void **state)
{
	struct child_report report = look_at_waiting(*state, waits_and_hangs);

	assert_int_equal(report.why, WHY_TIMED_OUT);
	assert_true(report.seconds >= 1.9 && report.seconds < 2.5);
}

static int waits_too_long(struct probe_run *run)
{
	return probe_wait(run, clock_ns() + 5 * NS_PER_S, "unlock of 'spare'");
}

static void a_wait_that_was_not_planned_for_is_an_error_at_once(void **state)
{
	struct child_report report = look_at_waiting(*state, waits_too_long);

	assert_error(&report, WHY_PROBE_FAILED,
		     "waiting 4 s for unlock of 'spare' is longer than the check said it would "
		     "take");
	assert_true(report.seconds < 1.0);
}

/* A probe that was taken over may write anything. */
static int lies_about_its_waits(struct probe_run *run)
{
	static const uint8_t for_days[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 'x'};
	const struct record_part part = {for_days, sizeof(for_days)};

	child_record_write(run->report_fd, RECORD_WAIT, &part, 1);
	return hangs(run);
}

static void no_wait_lasts_longer_than_the_probe_said(void **state)
{
	struct child_report report = look_at_waiting(*state, lies_about_its_waits);

	assert_int_equal(report.outcome, CHILD_ERROR);
	assert_true(report.seconds < 4.5);
}

static int closes_its_report_and_hangs(struct probe_run *run)
{
	close(run->report_fd);
	return hangs(run);
}

static void a_child_that_closes_its_report_and_hangs_is_stopped(void **state)
{
	struct child_report report = look_at(*state, closes_its_report_and_hangs, 1);

	assert_error(&report, WHY_TIMED_OUT, "it had not ended after 1 s and was stopped");
}

static int crashes(struct probe_run *run)
{
	(void)run;
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
	return 0;
}

static void a_crash_is_named_by_its_signal(void **state)
{
	struct child_report report = look_at(*state, crashes, 5);

	assert_error(&report, WHY_CRASHED, "its process was ended by SIGSEGV");
	assert_int_equal(report.signal, SIGSEGV);
}

static int breaks_the_contract(struct probe_run *run)
{
	probe_saw_int(run, "undeclared", 1);
	return 0;
}

static void an_undeclared_fact_is_a_bug_whose_message_is_kept(void **state)
{
	struct test_bench *bench = *state;
	struct child_report report = look_at(bench, breaks_the_contract, 5);

	assert_error(&report, WHY_CRASHED, "its process was ended by SIGABRT");
	assert_non_null(
		strstr(kept(bench, &report, "stderr.txt"), "fact 'undeclared' is not declared"));
}

static int kills_itself(struct probe_run *run)
{
	(void)run;
	_exit(9);
}

static void an_exit_without_report_is_an_error(void **state)
{
	struct child_report report = look_at(*state, kills_itself, 5);

	assert_error(&report, WHY_PROBE_FAILED,
		     "its process ended with status 9 before its report was "
		     "complete");
}

static int fails_silently(struct probe_run *run)
{
	(void)run;
	return -1;
}

static void a_failure_without_a_reason_is_an_error(void **state)
{
	struct child_report report = look_at(*state, fails_silently, 5);

	assert_error(&report, WHY_PROBE_FAILED, "the probe returned -1 without saying why");
}

/* --- reports as an attacker would write them --------------------------------- */

static int sends_noise(struct probe_run *run)
{
	return write(run->report_fd, "GET / HTTP/1.0\r\n\r\n", 18) == 18 ? 0 : -1;
}

static int sends(const struct probe_run *run, enum child_record_type type, const char *payload)
{
	struct record_part part = {payload, strlen(payload)};

	return child_record_write(run->report_fd, type, &part, 1);
}

static int lies_about_a_type(struct probe_run *run)
{
	return sends(run, RECORD_FACT, "{\"yes\":\"true\"}");
}

static int invents_a_fact(struct probe_run *run)
{
	return sends(run, RECORD_FACT, "{\"passed\":true}");
}

static int climbs_out(struct probe_run *run)
{
	return sends(run, RECORD_EVIDENCE, "\x0c../../escapedirt");
}

static int poses_as_capture(struct probe_run *run)
{
	return sends(run, RECORD_EVIDENCE,
		     "\x0e"
		     "capture.pcapngdirt");
}

static int floods_evidence(struct probe_run *run)
{
	char *much = calloc(1, (size_t)17 << 20);

	probe_keep(run, "much.bin", much, (size_t)17 << 20);
	return 0;
}

static int floods_facts(struct probe_run *run)
{
	size_t size = (size_t)900 << 10;
	char *much = calloc(1, size + 1);

	memset(much, 'x', size);
	probe_saw_text(run, "text", much);
	return 0;
}

static int goes_on_after_the_end(struct probe_run *run)
{
	child_record_write(run->report_fd, RECORD_DONE, NULL, 0);
	return sends(run, RECORD_NOTE, "late");
}

static int floods_secrets(struct probe_run *run)
{
	int i;

	for (i = 0; i < 65; i++) {
		(void)probe_secret(run, 8);
	}
	return 0;
}

static int hides_what_stands_everywhere(struct probe_run *run)
{
	return sends(run, RECORD_SECRET, "a");
}

static void every_broken_report_is_an_error(void **state)
{
	static const struct {
		int (*observe)(struct probe_run *run);
		const char *reason;
	} cases[] = {
		{sends_noise, "it sent a record of 1195725856 bytes"},
		{lies_about_a_type, "fact 'yes' is not a value of type bool"},
		{invents_a_fact, "it reported a fact that it did not declare"},
		{climbs_out, "it kept a file whose name is not plain"},
		{poses_as_capture, "it kept a file whose name is not plain"},
		{floods_evidence, "it kept more than 16 MiB of evidence"},
		{floods_facts, "it reported more than 768 KiB of facts"},
		{floods_secrets, "it made more than 64 secrets"},
		{hides_what_stands_everywhere, "it made a secret of 1 bytes"},
		{goes_on_after_the_end, "it went on after the end of its report"},
	};
	struct child_report report;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		report = look_at(*state, cases[i].observe, 5);
		assert_error(&report, WHY_BROKEN_REPORT, cases[i].reason);
	}
}

/* --- the door ------------------------------------------------------------------ */

static int dials(struct probe_run *run)
{
	const struct service *service = probe_service(run, "service");
	char byte = 0;
	long got;
	int fd = probe_dial(run, service, 2000);

	if (fd < 0) {
		return probe_dial_failed(run, service, fd);
	}
	got = probe_read(run, fd, &byte, 1, clock_ns() + 300 * NS_PER_MS);
	probe_saw_int(run, "number", got);
	close(fd);
	return 0;
}

static void a_dialled_peer_is_read_with_a_deadline(void **state)
{
	static const struct {
		enum test_peer_kind kind;
		const char *got;
	} cases[] = {
		{PEER_SILENT, "-110"},
		{PEER_CLOSING, "0"},
		{PEER_GARBAGE, "1"},
		{PEER_MUMBLING, "1"},
	};
	struct test_bench bench;
	struct child_report report;
	struct test_peer peer;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		peer = test_peer_start(cases[i].kind);
		test_bench_init(&bench, "test", peer.port);
		report = look_at(&bench, dials, 5);
		assert_int_equal(report.outcome, CHILD_COMPLETE);
		assert_string_equal(test_fact(&bench, &report, "number"), cases[i].got);
		assert_int_equal(report.traffic.connections, 1);
		test_bench_release(&bench);
		test_peer_stop(&peer);
	}
}

static void a_dead_port_is_a_failed_connection(void **state)
{
	struct child_report report = look_at(*state, dials, 5);

	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_CONNECT_FAILED);
	assert_non_null(strstr(report.reason, "refuses connections"));
}

static void a_check_costs_little_beyond_its_own_time(void **state)
{
	double best = 1.0;
	int i;

	for (i = 0; i < 10; i++) {
		struct child_report report = look_at(*state, sees, 5);

		best = report.seconds < best ? report.seconds : best;
	}
	print_message("one forked check: %.2f ms\n", best * 1e3);
	assert_true(best < 0.050);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define ON_BENCH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		ON_BENCH(facts_arrive_as_they_were_seen),
		ON_BENCH(files_of_a_child_that_ends_at_once_are_never_lost),
		ON_BENCH(evidence_is_kept_with_passwords_masked),
		ON_BENCH(a_transcript_acts_on_nothing_and_keeps_its_lines),
		ON_BENCH(a_fact_with_a_password_is_an_error_and_kept_nowhere),
		ON_BENCH(a_made_up_secret_is_masked_wherever_it_is_said),
		ON_BENCH(a_fact_with_a_made_up_secret_is_an_error),
		ON_BENCH(what_one_child_hides_another_may_say),
		ON_BENCH(a_password_in_a_reason_is_masked),
		ON_BENCH(a_missing_password_gives_up_with_its_reason),
		ON_BENCH(giving_up_keeps_the_first_reason_and_the_facts),
		ON_BENCH(a_hang_is_stopped_at_the_deadline),
		ON_BENCH(what_a_stopped_child_had_seen_is_kept),
		ON_BENCH(a_wait_that_is_declared_moves_the_deadline_on),
		ON_BENCH(a_hang_after_a_wait_is_stopped_when_its_own_time_is_over),
		ON_BENCH(a_wait_that_was_not_planned_for_is_an_error_at_once),
		ON_BENCH(no_wait_lasts_longer_than_the_probe_said),
		ON_BENCH(a_child_that_closes_its_report_and_hangs_is_stopped),
		ON_BENCH(a_crash_is_named_by_its_signal),
		ON_BENCH(an_undeclared_fact_is_a_bug_whose_message_is_kept),
		ON_BENCH(an_exit_without_report_is_an_error),
		ON_BENCH(a_failure_without_a_reason_is_an_error),
		ON_BENCH(every_broken_report_is_an_error),
		ON_BENCH(a_dead_port_is_a_failed_connection),
		ON_BENCH(a_check_costs_little_beyond_its_own_time),
		cmocka_unit_test(a_dialled_peer_is_read_with_a_deadline),
	};

	return test_calm_run(tests, NULL, NULL);
}
