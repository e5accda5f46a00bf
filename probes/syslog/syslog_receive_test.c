/* needs: namespace */
/* timeout: 90 */
/* syslog_receive_test: a device that sends syslog, one that sends something else,
 * one that says nothing, and Debian's rsyslog in the device's namespace. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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

/* The device sends this to the tester's port 514 all the time: by datagrams, or
 * in a connection each. */
static pid_t send_text(int type, const char *text)
{
	struct address tester = address_of(TEST_TESTER);
	struct sockaddr_storage to;
	socklen_t size = address_to_sockaddr(&tester, 514, 0, &to);
	pid_t pid;
	int fd;

	fflush(NULL);
	pid = fork();
	if (pid != 0) {
		return pid;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(30);
	for (;;) {
		fd = test_device_socket(&tested, AF_INET, type, 0);
		if (connect(fd, (const struct sockaddr *)&to, size) == 0) {
			(void)send(fd, text, strlen(text), MSG_NOSIGNAL);
		}
		close(fd);
		clock_sleep_until(clock_ns() + NS_PER_S / 20);
	}
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static struct child_report receive(const char *transport, const char *wait_s)
{
	return test_observe(&bench, probe_find("syslog.receive"),
			    (const char *const[]){"transport", transport, "wait_s", wait_s, NULL});
}

#define FACT(name) test_fact(&bench, &report, name)

static void assert_received(int type, const char *sent, const char *format, const char *line)
{
	pid_t pid = send_text(type, sent);
	struct child_report report = receive(type == SOCK_STREAM ? "tcp" : "udp", "5");

	end(pid);
	if (report.outcome != CHILD_COMPLETE) {
		fail_msg("%s", report.reason);
	}
	assert_string_equal(FACT("received"), "true");
	assert_string_equal(FACT("format"), format);
	assert_string_equal(FACT("facility"), "4");
	assert_string_equal(FACT("severity"), "2");
	assert_string_equal(FACT("line"), line);
}

static void a_datagram_is_a_line(void **state)
{
	(void)state;
	assert_received(SOCK_DGRAM, "<34>1 - plc app - - - hello", "RFC 5424",
			"1 - plc app - - - hello");
}

static void a_connection_holds_lines_ended_by_line_feeds(void **state)
{
	(void)state;
	assert_received(SOCK_STREAM, "noise\n<34>Nov 25 17:00:00 plc su: no\n", "RFC 3164",
			"Nov 25 17:00:00 plc su: no");
}

static void a_connection_holds_counted_lines(void **state)
{
	(void)state;
	assert_received(SOCK_STREAM, "8 <34>plc <34>", "RFC 3164", "plc ");
}

static void assert_gave_up(const char *transport, enum why why, const char *reason)
{
	struct child_report report = receive(transport, "1");

	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_string_equal(report.reason, reason);
	assert_int_equal(report.why, why);
	assert_null(FACT("received"));
}

static void a_device_that_sends_nothing_proves_nothing(void **state)
{
	(void)state;
	assert_gave_up("udp", WHY_NO_ANSWER, "the device sent no line in 1 s");
	assert_gave_up("tcp", WHY_NO_ANSWER, "the device sent no line in 1 s");
}

static void what_is_no_syslog_is_told(void **state)
{
	pid_t pid = send_text(SOCK_DGRAM, "hello");

	(void)state;
	assert_gave_up("udp", WHY_GARBAGE, "what the device sent is no syslog");
	end(pid);
	pid = send_text(SOCK_STREAM, "hello");
	assert_gave_up("tcp", WHY_GARBAGE, "what the device sent is no syslog");
	end(pid);
}

static void a_device_that_hangs_up_is_told(void **state)
{
	pid_t pid = send_text(SOCK_STREAM, "");
	struct child_report report = receive("tcp", "1");

	(void)state;
	end(pid);
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_CLOSED_EARLY);
}

/* Debian's rsyslogd in the device's namespace; logs a line of its own now and
 * then, and forwards to the tester. */
static pid_t rsyslog_start(const char *folder, const char *action)
{
	char path[128];
	FILE *file;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/rsyslog.conf", folder);
	file = fopen(path, "w");
	TEST_RUN_MUST(file != NULL);
	fprintf(file,
		"global(workDirectory=\"%s\" processInternalMessages=\"on\")\n"
		"module(load=\"immark\" interval=\"1\")\n"
		"*.* %s\n",
		folder, action);
	fclose(file);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(40);
		TEST_RUN_MUST(setns(tested.device_ns, CLONE_NEWNET) == 0);
		snprintf(path, sizeof(path), "%s/pid", folder);
		execl("/usr/sbin/rsyslogd", "rsyslogd", "-n", "-i", path, "-f",
		      arena_printf(bench.arena, "%s/rsyslog.conf", folder), (char *)NULL);
		_exit(127);
	}
	return pid;
}

static void assert_rsyslog_is_received(const char *transport, const char *action)
{
	char folder[] = "/tmp/rsyslog-XXXXXX";
	struct child_report report;
	pid_t pid;

	TEST_RUN_MUST(mkdtemp(folder) != NULL);
	pid = rsyslog_start(folder, action);
	report = receive(transport, "20");
	end(pid);
	test_remove(folder);
	if (report.outcome != CHILD_COMPLETE) {
		fail_msg("%s", report.reason);
	}
	assert_string_equal(FACT("received"), "true");
	assert_string_equal(FACT("facility"), "5"); /* syslogd itself */
	assert_non_null(strstr(FACT("line"), "rsyslogd"));
}

static void rsyslog_of_debian_is_received_by_udp(void **state)
{
	(void)state;
	assert_rsyslog_is_received("udp",
				   "action(type=\"omfwd\" target=\"" TEST_TESTER "\" port=\"514\" "
				   "protocol=\"udp\" "
				   "template=\"RSYSLOG_SyslogProtocol23Format\")");
}

static void rsyslog_of_debian_is_received_by_tcp(void **state)
{
	(void)state;
	assert_rsyslog_is_received("tcp",
				   "action(type=\"omfwd\" target=\"" TEST_TESTER "\" port=\"514\" "
				   "protocol=\"tcp\" action.resumeInterval=\"1\")");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_datagram_is_a_line),
		T(a_connection_holds_lines_ended_by_line_feeds),
		T(a_connection_holds_counted_lines),
		T(a_device_that_sends_nothing_proves_nothing),
		T(what_is_no_syslog_is_told),
		T(a_device_that_hangs_up_is_told),
		T(rsyslog_of_debian_is_received_by_udp),
		T(rsyslog_of_debian_is_received_by_tcp),
	};

	return cmocka_run_group_tests_name("syslog_receive", tests, NULL, NULL);
}
