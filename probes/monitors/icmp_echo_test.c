/* needs: namespace */
/* icmp_echo_test: a device that answers pings, one that does not, and one that
 * answers something else. */
/* timeout: 180 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base/test_calm.h"
#include "harness/frame/dissect.h"
#include "harness/gate/test_link.h"
#include "harness/run/monitor.h"
#include "harness/run/test_run.h"
#include "probes/registry.h"

static struct test_link tested;
static struct test_bench bench;
static struct sample_ring *rings[1];
static const struct essential_function function = {
	.name = "device answers", .watch = "icmp.echo", .period_ms = 20, .tripwire_ms = 5000};

static struct param_value pinged = {.name = "family", .type = PARAM_TEXT, .text = "first"};

static int setup(void **state)
{
	struct text why;
	int code;

	(void)state;
	test_link_up(&tested);
	test_bench_init(&bench, "web", 80);
	bench.profile.functions = &function;
	bench.profile.function_count = 1;
	bench.profile.link.interface = "t0";
	bench.profile.link.address = address_of(TEST_DEVICE);
	bench.profile.link.source = address_of(TEST_TESTER);
	bench.profile.link.witness = address_of(TEST_WITNESS);
	test_link_ipv6(&tested);
	bench.profile.link.ipv6[0] = address_of(TEST_DEVICE_IPV6);
	bench.profile.link.ipv6_count = 1;
	bench.gate = gate_start(&bench.profile, &bench.ability, &code, &why);
	TEST_RUN_MUST(bench.gate != NULL);
	rings[0] = sample_ring_new();
	bench.world.rings = rings;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sample_ring_free(rings[0]);
	test_bench_release(&bench);
	test_link_down(&tested);
	return 0;
}

/* What a second of pinging brings. */
static struct monitor_totals watch(void)
{
	const struct monitor *monitor = monitor_find("icmp.echo");
	struct monitor_process *process;
	struct monitor_totals totals;
	struct text why = {.s = ""};

	process = monitor_start(&bench.world, monitor, &pinged, 1, 0, bench.gate, &why);
	if (process == NULL) {
		fail_msg("%s", why.s);
	}
	clock_sleep_until(clock_ns() + NS_PER_S);
	monitor_halt(process);
	totals = monitor_totals(process);
	monitor_stop(process);
	return totals;
}

static void device_setting(const char *name, int value)
{
	test_shell("nsenter -t %d -n sysctl -qw net.ipv4.%s=%d", (int)tested.holder, name, value);
}

static void every_ping_of_a_device_that_answers_is_answered(void **state)
{
	struct monitor_totals totals;

	(void)state;
	totals = watch();
	assert_true(totals.samples >= 5);
	/* the last may be under way */
	assert_in_range(totals.answered, totals.samples - 1, totals.samples);
}

static void no_ping_of_a_silent_device_is_answered(void **state)
{
	struct monitor_totals totals;

	(void)state;
	device_setting("icmp_echo_ignore_all", 1);
	totals = watch();
	assert_true(totals.samples >= 1);
	assert_int_equal(totals.answered, 0);
}

static void an_ipv6_address_is_pinged_too(void **state)
{
	struct monitor_totals totals;

	(void)state;
	pinged.text = "ipv6";
	device_setting("icmp_echo_ignore_all", 1); /* of IPv4 */
	totals = watch();
	pinged.text = "first";
	assert_true(totals.samples >= 5);
	/* a busy machine may answer one too late, never half of them */
	assert_true(totals.answered > totals.samples / 2);
}

static void a_silent_ipv6_address_answers_no_ping(void **state)
{
	struct monitor_totals totals;

	(void)state;
	pinged.text = "ipv6";
	test_shell("nsenter -t %d -n sysctl -qw net.ipv6.icmp.echo_ignore_all=1",
		   (int)tested.holder);
	totals = watch();
	pinged.text = "first";
	assert_true(totals.samples >= 1);
	assert_int_equal(totals.answered, 0);
}

/* A reply to an earlier ping, or to somebody else's. */
static void answer_wrongly(struct frame *reply, const struct dissected *d, unsigned turn)
{
	static const struct frame_recipe recipe = {
		.layers = {FRAME_ETHERNET, FRAME_IP, FRAME_ECHO},
		.values = {{FIELD_ICMP_TYPE, 0}},
	};
	struct frame_ends ends = {.from = d->to, .to = d->from};
	struct text why;

	memcpy(ends.from_mac, d->to_mac, 6);
	memcpy(ends.to_mac, d->from_mac, 6);
	TEST_MUST(frame_build(&recipe, &ends, reply, &why) == 0);
	frame_set(reply, FIELD_ICMP_ID, turn % 2 == 0 ? d->id : d->id + 1u);
	frame_set(reply, FIELD_ICMP_NUMBER, turn % 2 == 0 ? d->number - 1u : d->number);
}

static pid_t start_wrong_answers(void)
{
	int fd = test_device_listener(&tested);
	uint8_t bytes[2048];
	unsigned turn = 0;
	pid_t pid = fork();

	TEST_MUST(pid >= 0);
	if (pid > 0) {
		close(fd);
		return pid;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(20);
	for (;;) {
		size_t size = test_hear(fd, bytes, sizeof(bytes), 1000);
		struct dissected d;
		struct frame reply;

		if (dissect(bytes, size, &d) == 0 && d.transport == FRAME_ICMP && d.type == 8) {
			answer_wrongly(&reply, &d, turn++);
			TEST_MUST(send(fd, reply.bytes, reply.size, 0) > 0);
		}
	}
}

static void answers_to_other_pings_are_none(void **state)
{
	struct monitor_totals totals;
	pid_t pid;

	(void)state;
	device_setting("icmp_echo_ignore_all", 1);
	pid = start_wrong_answers();
	totals = watch();
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_true(totals.samples >= 1);
	assert_int_equal(totals.answered, 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(every_ping_of_a_device_that_answers_is_answered),
		T(no_ping_of_a_silent_device_is_answered),
		T(an_ipv6_address_is_pinged_too),
		T(a_silent_ipv6_address_answers_no_ping),
		T(answers_to_other_pings_are_none),
	};

	return test_calm_run(tests, NULL, NULL);
}
