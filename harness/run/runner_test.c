/* runner_test: a run from its first record to its last, undisturbed and
 * disturbed. */
/* timeout: 240 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "harness/base/test_calm.h"
#include "harness/run/test_plan.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "harness/banned.h"

static int sees_one(struct probe_run *run)
{
	probe_saw_int(run, "number", 1);
	probe_note(run, "one");
	return 0;
}

static int sees_two(struct probe_run *run)
{
	poll(NULL, 0, 50);
	probe_saw_int(run, "number", 2);
	return 0;
}

static int crashes(struct probe_run *run)
{
	(void)run;
	abort();
}

static int waits(struct probe_run *run)
{
	probe_note(run, "waiting");
	poll(NULL, 0, 3000);
	probe_saw_int(run, "number", 3);
	return 0;
}

static int setup(void **state)
{
	struct test_plan *p = malloc(sizeof(*p));

	test_plan_init(p, PEER_SILENT);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	test_plan_release(*state);
	free(*state);
	return 0;
}

static void assert_said(struct test_plan *p, const char *part)
{
	if (strstr(test_plan_said(p), part) == NULL) {
		fail_msg("'%s' is not in '%s'", part, test_plan_said(p));
	}
}

static bool exists(const struct test_plan *p, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", p->run, name);
	return access(path, F_OK) == 0;
}

static void a_run_leaves_its_folder_and_a_whole_journal(void **state)
{
	struct test_plan *p = *state;

	test_plan_add(p, "a.one", IMPACT_OBSERVE, sees_one);
	test_plan_add(p, "b.two", IMPACT_TOUCH, sees_two);
	assert_int_equal(test_plan_run(p), 0);
	assert_string_equal(test_plan_journal(p), "run begin:a.one device:alive observation:a.one "
						  "begin:b.two observation:b.two device:alive "
						  "end:complete");
	assert_string_equal(test_plan_saw(p, "a.one", "facts"), "{\"number\":1}");
	assert_string_equal(test_plan_saw(p, "b.two", "outcome"), "\"complete\"");
	assert_true(exists(p, "profile.yaml"));
	assert_true(exists(p, "plan.json"));
	assert_true(exists(p, "evidence/a.one/transcript.txt"));
	assert_true(exists(p, "evidence/a.one/capture.pcapng"));
	assert_said(p, "complete a.one in ");
}

static void a_finished_run_does_nothing_again(void **state)
{
	struct test_plan *p = *state;

	test_plan_add(p, "a.one", IMPACT_OBSERVE, sees_one);
	assert_int_equal(test_plan_run(p), 0);
	assert_int_equal(test_plan_run(p), 0);
	assert_string_equal(test_plan_journal(p), "run begin:a.one device:alive observation:a.one "
						  "end:complete resume run device:alive "
						  "end:complete");
}

static void another_selection_in_the_same_folder_is_refused(void **state)
{
	struct test_plan *p = *state;

	test_plan_add(p, "a.one", IMPACT_OBSERVE, sees_one);
	assert_int_equal(test_plan_run(p), 0);
	p->plan.digest[0] = '7';
	assert_int_equal(test_plan_run(p), 2);
	assert_said(p, "holds the run of another plan: the selection of checks "
		       "has changed since; name another folder for a new run, "
		       "or judge this one as it is with 'assay judge ");
}

static void changed_suites_in_the_same_folder_are_refused(void **state)
{
	struct test_plan *p = *state;

	test_plan_add(p, "a.one", IMPACT_OBSERVE, sees_one);
	assert_int_equal(test_plan_run(p), 0);
	p->plan.digest[0] = '7';
	p->suites.digest[0] = '7';
	assert_int_equal(test_plan_run(p), 2);
	assert_said(p, "the suites have changed since;");
}

static void a_crash_is_one_error_and_is_tried_again_by_the_next_run(void **state)
{
	struct test_plan *p = *state;

	test_plan_add(p, "a.crash", IMPACT_OBSERVE, crashes);
	test_plan_add(p, "b.two", IMPACT_OBSERVE, sees_two);
	assert_int_equal(test_plan_run(p), 0);
	assert_string_equal(test_plan_saw(p, "a.crash", "why"), "\"crashed\"");
	assert_string_equal(test_plan_saw(p, "b.two", "outcome"), "\"complete\"");
	assert_int_equal(test_plan_run(p), 0);
	assert_string_equal(test_plan_saw(p, "a.crash", "attempt"), "2");
	assert_string_equal(test_plan_saw(p, "b.two", "attempt"), "1");
	assert_true(exists(p, "evidence/a.crash/attempt-2"));
}

/* Waits until RUN's journal has a 'begin' of this id. */
static void await_begin(struct test_plan *p, const char *id)
{
	int64_t deadline = clock_ns() + 5 * NS_PER_S;
	char wanted[64];

	snprintf(wanted, sizeof(wanted), "begin:%s", id);
	while (!exists(p, "journal.jsonl") || strstr(test_plan_journal(p), wanted) == NULL) {
		assert_true(clock_ns() < deadline);
		poll(NULL, 0, 10);
	}
	poll(NULL, 0, 100);
}

static void an_interrupt_ends_at_once_and_the_run_goes_on_later(void **state)
{
	struct test_plan *p = *state;
	int64_t start;
	pid_t pid;

	test_plan_add(p, "a.one", IMPACT_OBSERVE, sees_one);
	test_plan_add(p, "b.wait", IMPACT_TOUCH, waits);
	pid = test_plan_start(p);
	await_begin(p, "b.wait");
	start = clock_ns();
	kill(pid, SIGINT);
	assert_int_equal(test_plan_wait(pid), 130);
	assert_true(clock_ns() - start < NS_PER_S);
	assert_said(p, "interrupted by SIGINT");
	assert_string_equal(test_plan_journal(p), "run begin:a.one device:alive observation:a.one "
						  "begin:b.wait end:interrupted");
	assert_int_equal(test_plan_run(p), 0);
	assert_string_equal(test_plan_saw(p, "a.one", "attempt"), "1");
	assert_string_equal(test_plan_saw(p, "b.wait", "attempt"), "2");
	assert_string_equal(test_plan_saw(p, "b.wait", "facts"), "{\"number\":3}");
}

static void a_dead_device_ends_the_run_at_once(void **state)
{
	struct test_plan *p = *state;

	test_peer_stop(&p->peer);
	test_plan_add(p, "a.one", IMPACT_OBSERVE, sees_one);
	assert_int_equal(test_plan_run(p), 3);
	assert_said(p, "none of the declared services answers at 127.0.0.1");
	assert_string_equal(test_plan_journal(p), "run begin:a.one device:lost end:device-lost");
}

static void a_device_that_does_not_come_back_ends_the_run(void **state)
{
	struct test_plan *p = *state;
	pid_t pid;

	p->bench.profile.recovery_s = 1;
	test_plan_add(p, "a.wait", IMPACT_TOUCH, waits);
	test_plan_hold(p, "device");
	test_plan_add(p, "b.two", IMPACT_TOUCH, sees_two);
	pid = test_plan_start(p);
	await_begin(p, "a.wait");
	test_peer_stop(&p->peer);
	assert_int_equal(test_plan_wait(pid), 3);
	assert_said(p, "the device did not come back within 1 s");
	assert_string_equal(test_plan_journal(p),
			    "run device:alive begin:a.wait observation:a.wait "
			    "device:suspect device:lost end:device-lost");
}

static void a_power_cycle_brings_the_device_back(void **state)
{
	struct test_plan *p = *state;
	char hook[512];
	pid_t pid;

	p->bench.profile.recovery_s = 1;
	p->bench.profile.hooks.timeout_s = 20;
	/* the "device" is switched on by the hook and lives on behind it */
	snprintf(hook, sizeof(hook),
		 "echo switching; python3 -c 'import socket, time\n"
		 "s = socket.create_server((\"127.0.0.1\", %u))\n"
		 "time.sleep(15)' >/dev/null 2>&1 &",
		 p->peer.port);
	p->bench.profile.hooks.power_cycle = hook;
	p->bench.profile.recovery_s = 3;
	test_plan_add(p, "a.wait", IMPACT_TOUCH, waits);
	test_plan_hold(p, "device");
	test_plan_add(p, "b.two", IMPACT_TOUCH, sees_two);
	pid = test_plan_start(p);
	await_begin(p, "a.wait");
	test_peer_stop(&p->peer);
	assert_int_equal(test_plan_wait(pid), 0);
	assert_string_equal(test_plan_journal(p),
			    "run device:alive begin:a.wait observation:a.wait "
			    "device:suspect device:recovering note "
			    "device:verified begin:b.two observation:b.two "
			    "device:alive end:complete");
	assert_true(exists(p, "evidence/power-cycle.txt"));
}

/* A run whose device goes while a check waits, and stays away. Returns its end. */
static int lose_the_device(struct test_plan *p)
{
	pid_t pid;

	p->bench.profile.hooks.timeout_s = 20;
	test_plan_add(p, "a.wait", IMPACT_TOUCH, waits);
	test_plan_hold(p, "device");
	test_plan_add(p, "b.two", IMPACT_TOUCH, sees_two);
	pid = test_plan_start(p);
	await_begin(p, "a.wait");
	test_peer_stop(&p->peer);
	return test_plan_wait(pid);
}

static void a_reset_that_helps_leaves_the_power_on(void **state)
{
	struct test_plan *p = *state;
	char hook[512];

	snprintf(hook, sizeof(hook),
		 "python3 -c 'import socket, time\n"
		 "s = socket.create_server((\"127.0.0.1\", %u))\n"
		 "time.sleep(15)' >/dev/null 2>&1 &",
		 p->peer.port);
	p->bench.profile.hooks.reset = hook;
	p->bench.profile.hooks.power_cycle = "echo the power is cut";
	p->bench.profile.recovery_s = 3;
	assert_int_equal(lose_the_device(p), 0);
	assert_string_equal(test_plan_journal(p),
			    "run device:alive begin:a.wait observation:a.wait "
			    "device:suspect device:recovering note "
			    "device:verified begin:b.two observation:b.two "
			    "device:alive end:complete");
	assert_true(exists(p, "evidence/reset.txt"));
	assert_false(exists(p, "evidence/power-cycle.txt"));
}

static void the_power_is_cut_where_a_reset_does_not_help(void **state)
{
	struct test_plan *p = *state;

	p->bench.profile.recovery_s = 1;
	p->bench.profile.hooks.reset = "exit 3";
	p->bench.profile.hooks.power_cycle = "echo the power is cut";
	assert_int_equal(lose_the_device(p), 3);
	assert_said(p, "nor after the power cycle");
	assert_string_equal(test_plan_journal(p),
			    "run device:alive begin:a.wait observation:a.wait "
			    "device:suspect device:recovering note device:recovering note "
			    "device:lost end:device-lost");
	assert_true(exists(p, "evidence/power-cycle.txt"));
}

static void what_a_lost_device_says_on_its_console_is_kept(void **state)
{
	struct test_plan *p = *state;
	char path[512], text[256];
	size_t size;
	FILE *file;

	p->bench.profile.recovery_s = 1;
	p->bench.profile.hooks.console =
		"printf 'panic \\033[2J at 0x0\\nlogin good, correct horse\\n'; sleep 60";
	assert_int_equal(lose_the_device(p), 3);
	assert_string_equal(test_plan_journal(p),
			    "run device:alive begin:a.wait observation:a.wait "
			    "device:suspect device:lost note end:device-lost");
	snprintf(path, sizeof(path), "%s/evidence/console.txt", p->run);
	file = fopen(path, "r");
	assert_non_null(file);
	size = fread(text, 1, sizeof(text) - 1, file);
	text[size] = '\0';
	fclose(file);
	assert_string_equal(text, "panic \\x1b[2J at 0x0\nlogin good, ********\n");
}

/* --- processes that somebody kills ------------------------------------------- */

/* Returns the number-th child process of pid, in the order they were started;
 * 0: there are not so many now. */
static pid_t child_now(pid_t pid, int number)
{
	char path[64], line[512];
	FILE *file;
	int found = 0;
	char *at, *end;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	file = fopen(path, "r");
	assert_non_null(file);
	if (fgets(line, sizeof(line), file) == NULL) {
		line[0] = '\0';
	}
	fclose(file);
	for (at = line;; at = end) {
		long number_of = strtol(at, &end, 10);

		if (end == at) {
			return 0;
		}
		if (found++ == number) {
			return (pid_t)number_of;
		}
	}
}

/* The same, waiting for it: 'begin' is recorded before the process is there. */
static pid_t child_of(pid_t pid, int number)
{
	int64_t deadline = clock_ns() + 5 * NS_PER_S;
	pid_t child;

	while ((child = child_now(pid, number)) == 0) {
		assert_true(clock_ns() < deadline);
		poll(NULL, 0, 10);
	}
	return child;
}

static void a_killed_child_gets_another_attempt(void **state)
{
	struct test_plan *p = *state;
	pid_t pid, child;
	int code;

	test_plan_add(p, "a.wait", IMPACT_OBSERVE, waits);
	pid = test_plan_start(p);
	await_begin(p, "a.wait");
	child = child_of(pid, 1);
	assert_true(child > 0);
	kill(child, SIGKILL);
	code = test_plan_wait(pid);
	if (code != 0) {
		fail_msg("exit %d: %s", code, test_plan_said(p));
	}
	assert_string_equal(test_plan_journal(p),
			    "run begin:a.wait device:alive observation:a.wait "
			    "begin:a.wait observation:a.wait end:complete");
	assert_string_equal(test_plan_saw(p, "a.wait", "outcome"), "\"complete\"");
}

static void a_killed_gate_ends_the_run_and_loses_nothing(void **state)
{
	struct test_plan *p = *state;
	pid_t pid;

	test_plan_add(p, "a.one", IMPACT_OBSERVE, sees_one);
	test_plan_add(p, "b.wait", IMPACT_TOUCH, waits);
	pid = test_plan_start(p);
	await_begin(p, "b.wait");
	kill(child_of(pid, 0), SIGKILL);
	assert_int_equal(test_plan_wait(pid), 3);
	assert_said(p, "the gate's process is gone");
	assert_string_equal(test_plan_journal(p), "run begin:a.one device:alive observation:a.one "
						  "begin:b.wait end:bench-lost");
	assert_int_equal(test_plan_run(p), 0);
	assert_string_equal(test_plan_saw(p, "b.wait", "outcome"), "\"complete\"");
}

/* A zombie has ended; when it is waited for is its new parent's business. */
static bool lives(pid_t pid)
{
	char path[64], line[512] = "";
	FILE *file;
	char *state;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "r");
	if (file == NULL) {
		return false;
	}
	(void)!fgets(line, sizeof(line), file);
	fclose(file);
	state = strrchr(line, ')');
	return state != NULL && strlen(state) > 2 && state[2] != 'Z' && state[2] != 'X';
}

static void a_killed_runner_leaves_no_process_and_is_resumed(void **state)
{
	struct test_plan *p = *state;
	pid_t pid, gate, child;
	int64_t deadline;

	test_plan_add(p, "a.one", IMPACT_OBSERVE, sees_one);
	test_plan_add(p, "b.wait", IMPACT_TOUCH, waits);
	pid = test_plan_start(p);
	await_begin(p, "b.wait");
	gate = child_of(pid, 0);
	child = child_of(pid, 1);
	assert_true(gate > 0 && child > 0);
	kill(pid, SIGKILL);
	assert_int_equal(test_plan_wait(pid), -SIGKILL);
	deadline = clock_ns() + 2 * NS_PER_S;
	while (lives(gate) || lives(child)) {
		assert_true(clock_ns() < deadline);
		poll(NULL, 0, 10);
	}
	assert_int_equal(test_plan_run(p), 0);
	assert_string_equal(test_plan_journal(p), "run begin:a.one device:alive observation:a.one "
						  "begin:b.wait resume run device:alive "
						  "begin:b.wait observation:b.wait device:alive "
						  "end:complete");
}

/* Asks for one failed login of the account "spare" and waits. */
static int spends(struct probe_run *run)
{
	const struct account *spare = &probe_profile(run)->accounts[1];

	probe_saw_int(run, "number", probe_spend(run, SPEND_FAILED_LOGIN, spare->user));
	poll(NULL, 0, 1500);
	return 0;
}

static void a_killed_run_does_not_get_its_budget_again(void **state)
{
	struct test_plan *p = *state;
	pid_t pid;

	p->bench.profile.budget.failed_logins = 2;
	test_plan_add(p, "a.spend", IMPACT_TOUCH, spends);
	test_plan_hold(p, "account:spare");
	test_plan_add(p, "b.spend", IMPACT_TOUCH, spends);
	test_plan_hold(p, "account:spare");
	pid = test_plan_start(p);
	await_begin(p, "a.spend");
	kill(pid, SIGKILL);
	assert_int_equal(test_plan_wait(pid), -SIGKILL);
	assert_int_equal(test_plan_run(p), 0);
	assert_string_equal(test_plan_saw(p, "a.spend", "facts"), "{\"number\":0}");
	/* -EDQUOT: one was spent by the run that was killed */
	assert_string_equal(test_plan_saw(p, "b.spend", "facts"), "{\"number\":-122}");
}

/* --- waits --------------------------------------------------------------------- */

static unsigned ten_seconds(const struct param_value *params, size_t count)
{
	(void)params;
	(void)count;
	return 10;
}

#define UNLOCK "unlock of 'spare'"

/* Spends a failed login, waits three seconds for what it did to be over, and says
 * how many it has spent in this attempt and how long the wait still was. */
static int locks_and_waits(struct probe_run *run)
{
	int64_t until_ns, spent = 0, left_ms;

	if (!probe_resumed(run, UNLOCK, 0, &until_ns)) {
		if (probe_spend(run, SPEND_FAILED_LOGIN, "spare") != 0) {
			return probe_give_up(run, WHY_BUDGET_SPENT, "no failed login is left");
		}
		spent = 1;
		probe_saw_item(run, "seen", "locked");
		until_ns = clock_ns() + 3 * NS_PER_S;
	}
	left_ms = (until_ns - clock_ns()) / NS_PER_MS;
	if (probe_wait(run, until_ns, UNLOCK) != 0) {
		return -1;
	}
	probe_saw_item(run, "seen", "unlocked");
	probe_saw_int(run, "number", spent * 100000 + left_ms);
	return 0;
}

static void add_waiting(struct test_plan *p)
{
	test_plan_add(p, "a.one", IMPACT_OBSERVE, sees_one);
	test_plan_add(p, "b.lock", IMPACT_TOUCH, locks_and_waits);
	p->probes[1].seconds = ten_seconds;
	p->bench.profile.budget.failed_logins = 1;
}

static void await_wait(struct test_plan *p)
{
	int64_t deadline = clock_ns() + 5 * NS_PER_S;

	while (strstr(test_plan_journal(p), "wait:b.lock") == NULL) {
		assert_true(clock_ns() < deadline);
		poll(NULL, 0, 20);
	}
}

/* Of b.lock: what its complete record says it saw. */
static int64_t number_of(struct test_plan *p)
{
	const char *facts = test_plan_saw(p, "b.lock", "facts");

	assert_non_null(facts);
	assert_non_null(strstr(facts, "\"seen\":[\"locked\",\"unlocked\"]"));
	return strtoll(strchr(facts, ':') + 1, NULL, 10);
}

static void a_run_killed_in_a_wait_goes_on_in_the_middle_of_it(void **state)
{
	struct test_plan *p = *state;
	pid_t pid;

	add_waiting(p);
	pid = test_plan_start(p);
	await_begin(p, "b.lock");
	await_wait(p);
	poll(NULL, 0, 1000);
	kill(pid, SIGKILL);
	assert_int_equal(test_plan_wait(pid), -SIGKILL);
	assert_int_equal(test_plan_run(p), 0);
	assert_string_equal(test_plan_journal(p),
			    "run begin:a.one device:alive observation:a.one begin:b.lock "
			    "wait:b.lock resume run device:alive begin:b.lock wait:b.lock "
			    "observation:b.lock device:alive end:complete");
	/* nothing was spent again, and some of the three seconds were over */
	assert_in_range(number_of(p), 0, 2000);
	assert_string_equal(test_plan_saw(p, "b.lock", "outcome"), "\"complete\"");
}

static void a_wait_that_was_over_long_ago_is_not_gone_on_with(void **state)
{
	struct test_plan *p = *state;
	pid_t pid;

	add_waiting(p);
	p->bench.profile.budget.failed_logins = 2;
	pid = test_plan_start(p);
	await_begin(p, "b.lock");
	await_wait(p);
	kill(pid, SIGKILL);
	assert_int_equal(test_plan_wait(pid), -SIGKILL);
	poll(NULL, 0, 3500);
	assert_int_equal(test_plan_run(p), 0);
	assert_in_range(number_of(p), 102500, 103000);
}

static void a_child_killed_in_a_wait_goes_on_in_it_too(void **state)
{
	struct test_plan *p = *state;
	pid_t pid;

	add_waiting(p);
	pid = test_plan_start(p);
	await_begin(p, "b.lock");
	await_wait(p);
	poll(NULL, 0, 500);
	kill(child_of(pid, 1), SIGKILL);
	assert_int_equal(test_plan_wait(pid), 0);
	assert_in_range(number_of(p), 0, 2500);
}

static void the_display_says_what_is_waited_for(void **state)
{
	struct test_plan *p = *state;

	add_waiting(p);
	assert_int_equal(test_plan_run(p), 0);
	assert_said(p, "wait b.lock: unlock of 'spare', 3 s");
}

static int sees_and_hangs(struct probe_run *run)
{
	probe_saw_int(run, "number", 7);
	poll(NULL, 0, 10000);
	probe_saw_int(run, "number", 8);
	return 0;
}

static void a_check_stopped_at_its_deadline_leaves_what_it_saw(void **state)
{
	struct test_plan *p = *state;

	test_plan_add(p, "a.hang", IMPACT_OBSERVE, sees_and_hangs);
	p->probes[0].timeout_s = 1;
	assert_int_equal(test_plan_run(p), 0);
	assert_string_equal(test_plan_saw(p, "a.hang", "facts"), "{\"number\":7}");
	assert_string_equal(test_plan_saw(p, "a.hang", "outcome"), "\"error\"");
	assert_string_equal(test_plan_saw(p, "a.hang", "why"), "\"timed-out\"");
}

static void a_run_whose_ledger_is_gone_is_refused(void **state)
{
	struct test_plan *p = *state;
	char path[256];

	test_plan_add(p, "a.spend", IMPACT_TOUCH, spends);
	assert_int_equal(test_plan_run(p), 0);
	snprintf(path, sizeof(path), "%s/spent.txt", p->run);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(test_plan_run(p), 2);
	assert_said(p, "'spent.txt' holds less, or other, than the failed logins and writes that");
}

static void a_quarantined_folder_is_refused(void **state)
{
	struct test_plan *p = *state;
	char path[256];

	test_plan_add(p, "a.one", IMPACT_OBSERVE, sees_one);
	assert_int_equal(test_plan_run(p), 0);
	snprintf(path, sizeof(path), "%s/quarantined", p->run);
	close(open(path, O_WRONLY | O_CREAT, 0644));
	assert_int_equal(test_plan_run(p), 3);
	assert_said(p, "the device is quarantined");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define RUN_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		RUN_TEST(a_run_leaves_its_folder_and_a_whole_journal),
		RUN_TEST(a_finished_run_does_nothing_again),
		RUN_TEST(another_selection_in_the_same_folder_is_refused),
		RUN_TEST(changed_suites_in_the_same_folder_are_refused),
		RUN_TEST(a_crash_is_one_error_and_is_tried_again_by_the_next_run),
		RUN_TEST(an_interrupt_ends_at_once_and_the_run_goes_on_later),
		RUN_TEST(a_dead_device_ends_the_run_at_once),
		RUN_TEST(a_device_that_does_not_come_back_ends_the_run),
		RUN_TEST(a_power_cycle_brings_the_device_back),
		RUN_TEST(a_reset_that_helps_leaves_the_power_on),
		RUN_TEST(the_power_is_cut_where_a_reset_does_not_help),
		RUN_TEST(what_a_lost_device_says_on_its_console_is_kept),
		RUN_TEST(a_killed_child_gets_another_attempt),
		RUN_TEST(a_killed_gate_ends_the_run_and_loses_nothing),
		RUN_TEST(a_killed_runner_leaves_no_process_and_is_resumed),
		RUN_TEST(a_killed_run_does_not_get_its_budget_again),
		RUN_TEST(a_run_killed_in_a_wait_goes_on_in_the_middle_of_it),
		RUN_TEST(a_wait_that_was_over_long_ago_is_not_gone_on_with),
		RUN_TEST(a_child_killed_in_a_wait_goes_on_in_it_too),
		RUN_TEST(the_display_says_what_is_waited_for),
		RUN_TEST(a_check_stopped_at_its_deadline_leaves_what_it_saw),
		RUN_TEST(a_run_whose_ledger_is_gone_is_refused),
		RUN_TEST(a_quarantined_folder_is_refused),
	};

	return test_calm_run(tests, NULL, NULL);
}
