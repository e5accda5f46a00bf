/* needs: namespace */
/* ip_malformed_test: a device that takes it, one that dies of it, one that
 * answers it, one that is silent. */
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
#include "harness/run/test_run.h"
#include "probes/registry.h"

static struct test_link tested;
static struct test_bench bench;

static int setup(void **state)
{
	(void)state;
	test_link_up(&tested);
	test_bench_init(&bench, "other", 80);
	bench.profile.link.interface = "t0";
	bench.profile.link.address = address_of(TEST_DEVICE);
	bench.profile.link.source = address_of(TEST_TESTER);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	test_bench_release(&bench);
	test_link_down(&tested);
	return 0;
}

static struct child_report observe(const char *malformation)
{
	return test_observe(&bench, probe_find("ip.malformed"),
			    (const char *const[]){"malformation", malformation, NULL});
}

#define FACT(name) test_fact(&bench, &report, name)

static void linux_goes_on_after_each(void **state)
{
	static const char *const all[] = {"version", "header-length", "total-length",
					  "fragment-end"};
	int listener = test_device_listener(&tested);
	struct child_report report;
	uint8_t frame[2048];
	size_t i, size;
	bool heard = false;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(all); i++) {
		report = observe(all[i]);
		if (report.outcome != CHILD_COMPLETE) {
			fail_msg("%s", report.reason);
		}
		assert_string_equal(FACT("alive_before"), "true");
		assert_string_equal(FACT("answered"), "false");
		assert_string_equal(FACT("alive_after"), "true");
	}
	/* it did arrive as it was meant */
	while ((size = test_hear(listener, frame, sizeof(frame), 50)) > 0) {
		heard = heard ||
			(size == 60 && frame[12] == 0x08 && frame[13] == 0 && frame[14] == 0x55);
	}
	assert_true(heard);
	close(listener);
}

/* What stands in for a device: on a malformed frame (version 5) it does what it
 * is told. Runs in a process of its own; pings are its kernel's. */
static pid_t start_device(void (*on_malformed)(const uint8_t *frame, size_t size, int fd))
{
	int fd = test_device_listener(&tested);
	uint8_t frame[2048];
	size_t size;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid != 0) {
		close(fd);
		return pid;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(30);
	for (;;) {
		size = test_hear(fd, frame, sizeof(frame), 1000);
		if (size > 34 && frame[12] == 0x08 && frame[13] == 0 && frame[14] >> 4 == 5) {
			on_malformed(frame, size, fd);
		}
	}
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void die(const uint8_t *frame, size_t size, int fd)
{
	(void)frame;
	(void)size;
	(void)fd;
	test_shell("nsenter -t %d -n sysctl -qw net.ipv4.icmp_echo_ignore_all=1",
		   (int)tested.holder);
}

static void a_device_that_dies_of_it_is_not_alive_after(void **state)
{
	pid_t pid = start_device(die);
	struct child_report report = observe("version");

	(void)state;
	end(pid);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("alive_before"), "true");
	assert_string_equal(FACT("alive_after"), "false");
}

/* As if the version were not looked at. */
static void answer(const uint8_t *frame, size_t size, int fd)
{
	static const struct frame_recipe recipe = {
		.layers = {FRAME_ETHERNET, FRAME_IPV4, FRAME_ICMP},
		.values = {{FIELD_ICMP_TYPE, 0}},
	};
	struct frame_ends ends = {.from = address_of(TEST_DEVICE), .to = address_of(TEST_TESTER)};
	struct frame reply;
	struct text why;

	(void)size;
	memcpy(ends.from_mac, tested.device_mac, 6);
	memcpy(ends.to_mac, tested.tester_mac, 6);
	TEST_MUST(frame_build(&recipe, &ends, &reply, &why) == 0);
	frame_set(&reply, FIELD_ICMP_ID, (uint64_t)(frame[38] << 8 | frame[39]));
	frame_set(&reply, FIELD_ICMP_NUMBER, (uint64_t)(frame[40] << 8 | frame[41]));
	(void)send(fd, reply.bytes, reply.size, 0);
}

static void a_device_that_answers_it_is_told(void **state)
{
	pid_t pid = start_device(answer);
	struct child_report report = observe("version");

	(void)state;
	end(pid);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("answered"), "true");
	assert_string_equal(FACT("alive_after"), "true");
}

static void a_device_that_answers_no_ping_proves_nothing(void **state)
{
	struct child_report report;

	(void)state;
	test_shell("nsenter -t %d -n sysctl -qw net.ipv4.icmp_echo_ignore_all=1",
		   (int)tested.holder);
	report = observe("version");
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_CONTROL_FAILED);
	assert_null(FACT("alive_after"));
	/* and nothing malformed was sent to it */
	assert_int_equal(report.traffic.refused, 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(linux_goes_on_after_each),
		T(a_device_that_dies_of_it_is_not_alive_after),
		T(a_device_that_answers_it_is_told),
		T(a_device_that_answers_no_ping_proves_nothing),
	};

	return test_calm_run(tests, NULL, NULL);
}
