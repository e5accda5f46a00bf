/* schedule_test: what runs side by side, what runs alone, and what is run again when
 * the device was not itself. */
/* timeout: 180 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "harness/base/test_calm.h"
#include "harness/run/test_plan.h"

#include "harness/banned.h"

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

static unsigned thirty_seconds(const struct param_value *params, size_t count)
{
	(void)params;
	(void)count;
	return 30;
}

static int waits_20_s(struct probe_run *run)
{
	if (probe_wait(run, clock_ns() + 20 * NS_PER_S, "unlock") != 0) {
		return -1;
	}
	probe_saw_int(run, "number", 20);
	return 0;
}

static int sees_at_once(struct probe_run *run)
{
	probe_saw_int(run, "number", 1);
	return 0;
}

static int sees_after_300_ms(struct probe_run *run)
{
	poll(NULL, 0, 300);
	probe_saw_int(run, "number", 2);
	return 0;
}

static void add_waiting(struct test_plan *p, const char *id, const char *holds)
{
	test_plan_add(p, id, IMPACT_TOUCH, waits_20_s);
	test_plan_hold(p, holds);
	p->probes[p->plan.observation_count - 1].seconds = thirty_seconds;
	p->observations[p->plan.observation_count - 1].seconds = 20;
}

static void three_waits_of_20_s_on_three_accounts_take_less_than_25(void **state)
{
	struct test_plan *p = *state;
	int64_t start = clock_ns();
	double seconds;

	add_waiting(p, "a.wait", "account:one");
	add_waiting(p, "b.wait", "account:two");
	add_waiting(p, "c.wait", "account:three");
	assert_int_equal(test_plan_run(p), 0);
	seconds = (double)(clock_ns() - start) / 1e9;
	print_message("three waits of 20 s: %.1f s\n", seconds);
	assert_true(seconds >= 20 && seconds < 25);
	assert_string_equal(test_plan_saw(p, "a.wait", "facts"), "{\"number\":20}");
	assert_string_equal(test_plan_saw(p, "b.wait", "facts"), "{\"number\":20}");
	assert_string_equal(test_plan_saw(p, "c.wait", "facts"), "{\"number\":20}");
}

static void what_holds_the_same_account_waits_for_its_turn(void **state)
{
	struct test_plan *p = *state;

	test_plan_add(p, "a.one", IMPACT_TOUCH, sees_after_300_ms);
	test_plan_hold(p, "account:one");
	test_plan_add(p, "b.one", IMPACT_TOUCH, sees_after_300_ms);
	test_plan_hold(p, "account:one");
	test_plan_add(p, "c.two", IMPACT_TOUCH, sees_at_once);
	test_plan_hold(p, "account:two");
	assert_int_equal(test_plan_run(p), 0);
	assert_string_equal(test_plan_journal(p),
			    "run device:alive begin:a.one begin:c.two observation:c.two "
			    "observation:a.one device:alive begin:b.one observation:b.one "
			    "device:alive end:complete");
}

static void a_check_that_holds_the_device_runs_alone(void **state)
{
	struct test_plan *p = *state;

	test_plan_add(p, "a.touch", IMPACT_TOUCH, sees_after_300_ms);
	test_plan_add(p, "b.device", IMPACT_TOUCH, sees_after_300_ms);
	test_plan_hold(p, "device");
	test_plan_add(p, "c.touch", IMPACT_TOUCH, sees_after_300_ms);
	assert_int_equal(test_plan_run(p), 0);
	/* c.touch goes with a.touch; nothing begins before b.device has ended */
	assert_non_null(strstr(test_plan_journal(p), "begin:a.touch begin:c.touch "));
	assert_non_null(strstr(test_plan_journal(p),
			       "device:alive begin:b.device observation:b.device device:alive"));
}

static void classes_of_impact_are_never_mixed(void **state)
{
	struct test_plan *p = *state;

	test_plan_add(p, "a.observe", IMPACT_OBSERVE, sees_after_300_ms);
	test_plan_add(p, "b.touch", IMPACT_TOUCH, sees_at_once);
	test_plan_add(p, "c.stress", IMPACT_STRESS, sees_at_once);
	assert_int_equal(test_plan_run(p), 0);
	assert_string_equal(test_plan_journal(p),
			    "run begin:a.observe device:alive observation:a.observe "
			    "begin:b.touch observation:b.touch device:alive "
			    "begin:c.stress observation:c.stress device:alive end:complete");
}

static int waits_2_s(struct probe_run *run)
{
	if (probe_wait(run, clock_ns() + 2 * NS_PER_S, "unlock") != 0) {
		return -1;
	}
	probe_saw_int(run, "number", 3);
	return 0;
}

static void short_ones_follow_while_a_long_one_goes_on(void **state)
{
	struct test_plan *p = *state;

	p->bench.profile.budget.connections = 2;
	test_plan_add(p, "a.long", IMPACT_TOUCH, waits_2_s);
	p->probes[0].seconds = thirty_seconds;
	p->observations[0].seconds = 20;
	test_plan_add(p, "b.short", IMPACT_TOUCH, sees_after_300_ms);
	test_plan_add(p, "c.short", IMPACT_TOUCH, sees_at_once);
	assert_int_equal(test_plan_run(p), 0);
	assert_string_equal(test_plan_journal(p),
			    "run device:alive begin:a.long begin:b.short wait:a.long "
			    "observation:b.short begin:c.short observation:c.short "
			    "observation:a.long device:alive end:complete");
}

/* --- a device that is gone for a while ---------------------------------------- */

/* Only the first time: the test's peer is stopped meanwhile. */
static int sees_after_a_second(struct probe_run *run)
{
	poll(NULL, 0, 1000);
	probe_saw_int(run, "number", 4);
	return 0;
}

static int sees_after_two_seconds(struct probe_run *run)
{
	poll(NULL, 0, 2000);
	probe_saw_int(run, "number", 4);
	return 0;
}

static void what_ran_side_by_side_when_the_device_was_gone_runs_again_alone(void **state)
{
	struct test_plan *p = *state;
	char hook[512];
	pid_t pid;

	/* the "device" is switched on by the hook and lives on behind it */
	snprintf(hook, sizeof(hook),
		 "python3 -c 'import socket, time\n"
		 "s = socket.create_server((\"127.0.0.1\", %u))\n"
		 "time.sleep(20)' >/dev/null 2>&1 &",
		 p->peer.port);
	p->bench.profile.hooks.power_cycle = hook;
	p->bench.profile.hooks.timeout_s = 20;
	p->bench.profile.recovery_s = 3;
	test_plan_add(p, "a.touch", IMPACT_TOUCH, sees_after_a_second);
	test_plan_add(p, "b.touch", IMPACT_TOUCH, sees_after_two_seconds);
	test_plan_add(p, "c.device", IMPACT_TOUCH, sees_at_once);
	test_plan_hold(p, "device");
	pid = test_plan_start(p);
	test_plan_await(p, "begin:b.touch");
	test_peer_stop(&p->peer);
	assert_int_equal(test_plan_wait(pid), 0);
	assert_string_equal(test_plan_journal(p),
			    "run device:alive begin:a.touch begin:b.touch observation:a.touch "
			    "observation:b.touch device:suspect device:recovering note "
			    "device:verified begin:a.touch observation:a.touch device:alive "
			    "begin:b.touch observation:b.touch device:alive "
			    "begin:c.device observation:c.device device:alive end:complete");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define RUN_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		RUN_TEST(what_holds_the_same_account_waits_for_its_turn),
		RUN_TEST(a_check_that_holds_the_device_runs_alone),
		RUN_TEST(classes_of_impact_are_never_mixed),
		RUN_TEST(short_ones_follow_while_a_long_one_goes_on),
		RUN_TEST(what_ran_side_by_side_when_the_device_was_gone_runs_again_alone),
		RUN_TEST(three_waits_of_20_s_on_three_accounts_take_less_than_25),
	};

	return test_calm_run(tests, NULL, NULL);
}
