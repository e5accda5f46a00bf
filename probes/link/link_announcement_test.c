/* needs: namespace */
/* link_announcement_test: a device that speaks to a group, another host that
 * does, and a group the profile does not allow. */
/* timeout: 180 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base/test_calm.h"
#include "harness/gate/test_link.h"
#include "harness/run/test_run.h"
#include "probes/registry.h"

static const char *const allowed[] = {"lldp", "mdns", NULL};
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
	bench.profile.link.multicast = allowed;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	test_bench_release(&bench);
	test_link_down(&tested);
	return 0;
}

/* Sends a frame of 60 bytes to the group all the time, from this MAC address. */
static pid_t speak(const char *group, uint16_t type, const uint8_t from[6])
{
	struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	struct address to = address_of(group);
	int fd = test_device_socket(&tested, AF_PACKET, SOCK_RAW, 0);
	uint8_t frame[60] = {0};
	pid_t pid;

	TEST_MUST(setns(tested.device_ns, CLONE_NEWNET) == 0);
	at.sll_ifindex = (int)if_nametoindex("d0");
	TEST_MUST(setns(tested.tester_ns, CLONE_NEWNET) == 0);
	TEST_MUST(bind(fd, (const struct sockaddr *)(const void *)&at, sizeof(at)) == 0);
	memcpy(frame, to.bytes, 6);
	memcpy(frame + 6, from, 6);
	frame[12] = (uint8_t)(type >> 8);
	frame[13] = (uint8_t)type;
	fflush(NULL);
	pid = fork();
	if (pid != 0) {
		close(fd);
		return pid;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(30);
	for (;;) {
		(void)send(fd, frame, sizeof(frame), 0);
		clock_sleep_until(clock_ns() + NS_PER_S / 20);
	}
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static struct child_report observe(const char *group)
{
	return test_observe(&bench, probe_find("link.announcement"),
			    (const char *const[]){"group", group, "wait_s", "2", NULL});
}

#define FACT(name) test_fact(&bench, &report, name)

static void a_device_that_speaks_to_the_group_is_heard(void **state)
{
	pid_t pid = speak("01:80:c2:00:00:0e", 0x88cc, tested.device_mac);
	struct child_report report = observe("lldp");

	(void)state;
	end(pid);
	if (report.outcome != CHILD_COMPLETE) {
		fail_msg("%s", report.reason);
	}
	assert_string_equal(FACT("heard"), "true");
	assert_string_equal(FACT("bytes"), "60");
	assert_int_equal(report.traffic.frames, 0);
}

static void assert_nothing_heard(void)
{
	struct child_report report = observe("lldp");

	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_NO_ANSWER);
	assert_string_equal(report.reason, "the device said nothing to 'lldp' in 2 s");
	assert_null(FACT("heard"));
}

static void silence_proves_nothing(void **state)
{
	(void)state;
	assert_nothing_heard();
}

static void what_another_host_says_is_not_the_devices(void **state)
{
	static const uint8_t other[6] = {2, 0, 0, 0, 0, 0x77};
	pid_t pid = speak("01:80:c2:00:00:0e", 0x88cc, other);

	(void)state;
	assert_nothing_heard();
	end(pid);
}

static void another_group_is_not_this_one(void **state)
{
	pid_t pid = speak("01:0e:cf:00:00:00", 0x8892, tested.device_mac);

	(void)state;
	assert_nothing_heard();
	end(pid);
}

static void a_group_that_is_not_allowed_is_not_listened_to(void **state)
{
	pid_t pid = speak("01:0e:cf:00:00:00", 0x8892, tested.device_mac);
	struct child_report report = observe("dcp");

	(void)state;
	end(pid);
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_NOT_DECLARED);
	assert_string_equal(report.reason, "the profile's 'link.multicast' does not name 'dcp'");
	assert_string_equal(report.traffic.last_refusal,
			    "the profile does not allow to listen to 'dcp'");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_device_that_speaks_to_the_group_is_heard),     T(silence_proves_nothing),
		T(what_another_host_says_is_not_the_devices),      T(another_group_is_not_this_one),
		T(a_group_that_is_not_allowed_is_not_listened_to),
	};

	return test_calm_run(tests, NULL, NULL);
}
