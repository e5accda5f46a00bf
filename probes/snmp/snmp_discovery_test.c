/* needs: namespace */
/* timeout: 90 */
/* snmp_discovery_test: an engine that answers, one that says nothing, others, and
 * Debian's snmpd. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/run/test_run.h"
#include "probes/registry.h"

enum agent_kind { AGENT_RIGHT, AGENT_SILENT, AGENT_GARBAGE, AGENT_STRAY_FIRST };

struct agent {
	pid_t pid;
	uint16_t port;
};

/* A report with the discovery's message id; 80001f8880aabbccdd, 7, 300 s. */
static size_t make_report(uint8_t *bytes, const uint8_t *request, int stray)
{
	static const uint8_t middle[] = {0x02, 0x02, 0x05, 0xc0, 0x04, 0x01, 0x00, 0x02, 0x01, 0x03,
					 0x04, 0x1a, 0x30, 0x18, 0x04, 0x09, 0x80, 0x00, 0x1f, 0x88,
					 0x80, 0xaa, 0xbb, 0xcc, 0xdd, 0x02, 0x01, 0x07, 0x02, 0x02,
					 0x01, 0x2c, 0x04, 0x00, 0x04, 0x00, 0x04, 0x00, 0x30, 0x11,
					 0x04, 0x00, 0x04, 0x00, 0xa8, 0x0b, 0x02, 0x01, 0x00, 0x02,
					 0x01, 0x00, 0x02, 0x01, 0x00, 0x30, 0x00};
	/* version at 2..4, header at 5, its first element the id */
	uint8_t id_size = (uint8_t)(2 + request[8]);

	bytes[0] = 0x30;
	bytes[1] = (uint8_t)(3 + 2 + id_size + sizeof(middle));
	memcpy(bytes + 2, (const uint8_t[]){2, 1, 3, 0x30, (uint8_t)(id_size + 10)}, 5);
	memcpy(bytes + 7, request + 7, id_size);
	bytes[7 + id_size - 1] ^= (uint8_t)stray;
	memcpy(bytes + 7 + id_size, middle, sizeof(middle));
	return 7u + id_size + sizeof(middle);
}

static void answer(int fd, enum agent_kind kind)
{
	struct sockaddr_in from;
	uint8_t request[512], reply[512];
	socklen_t size = sizeof(from);
	ssize_t got = recvfrom(fd, request, sizeof(request), 0, (struct sockaddr *)&from, &size);

	if (got < 20 || kind == AGENT_SILENT) {
		return;
	}
	if (kind == AGENT_GARBAGE) {
		memset(reply, 0x30, sizeof(reply));
		(void)sendto(fd, reply, sizeof(reply), 0, (struct sockaddr *)&from, size);
		return;
	}
	if (kind == AGENT_STRAY_FIRST) {
		(void)sendto(fd, reply, make_report(reply, request, 1), 0, (struct sockaddr *)&from,
			     size);
	}
	(void)sendto(fd, reply, make_report(reply, request, 0), 0, (struct sockaddr *)&from, size);
}

static struct agent agent_start(enum agent_kind kind)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t size = sizeof(at);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct agent agent = {.pid = 0};

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	TEST_RUN_MUST(bind(fd, (struct sockaddr *)&at, size) == 0);
	TEST_RUN_MUST(getsockname(fd, (struct sockaddr *)&at, &size) == 0);
	agent.port = ntohs(at.sin_port);
	fflush(NULL);
	agent.pid = fork();
	if (agent.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(60);
		for (;;) {
			answer(fd, kind);
		}
	}
	close(fd);
	return agent;
}

static void agent_stop(const struct agent *agent)
{
	kill(agent->pid, SIGKILL);
	waitpid(agent->pid, NULL, 0);
}

static struct test_bench bench;

static struct child_report discover(uint16_t port)
{
	test_bench_init(&bench, "snmp", port);
	bench.services[0].udp = true;
	return test_observe(&bench, probe_find("snmp.discovery"),
			    (const char *const[]){"service", "it", NULL});
}

#define FACT(name) test_fact(&bench, &report, name)

static void assert_found(enum agent_kind kind)
{
	struct agent agent = agent_start(kind);
	struct child_report report = discover(agent.port);

	agent_stop(&agent);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("version3"), "true");
	assert_string_equal(FACT("engine_id"), "80001f8880aabbccdd");
	assert_string_equal(FACT("engine_boots"), "7");
	assert_string_equal(FACT("engine_time"), "300");
	test_bench_release(&bench);
}

static void an_engine_is_found(void **state)
{
	(void)state;
	assert_found(AGENT_RIGHT);
}

static void a_stray_report_is_passed_over(void **state)
{
	(void)state;
	assert_found(AGENT_STRAY_FIRST);
}

static void assert_gave_up(uint16_t port, enum why why, const char *reason)
{
	struct child_report report = discover(port);

	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_string_equal(report.reason, reason);
	assert_int_equal(report.why, why);
	assert_null(FACT("version3"));
	test_bench_release(&bench);
}

static void silence_proves_nothing(void **state)
{
	struct agent agent = agent_start(AGENT_SILENT);

	(void)state;
	assert_gave_up(agent.port, WHY_NO_ANSWER, "no report came to 3 discoveries");
	agent_stop(&agent);
}

static void garbage_is_no_report(void **state)
{
	struct agent agent = agent_start(AGENT_GARBAGE);

	(void)state;
	assert_gave_up(agent.port, WHY_GARBAGE, "what came back is no report of SNMPv3");
	agent_stop(&agent);
}

static void a_closed_port_is_told(void **state)
{
	struct agent agent = agent_start(AGENT_SILENT);

	(void)state;
	agent_stop(&agent);
	assert_gave_up(agent.port, WHY_CONNECT_FAILED, "the device says that the port is closed");
}

static void a_tcp_service_is_not_asked(void **state)
{
	struct child_report report;

	(void)state;
	test_bench_init(&bench, "snmp", 161);
	report = test_observe(&bench, probe_find("snmp.discovery"),
			      (const char *const[]){"service", "it", NULL});
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_NOT_DECLARED);
	test_bench_release(&bench);
}

/* Debian's snmpd, with a folder of its own. */
static pid_t snmpd_start(const char *folder)
{
	char configuration[128], where[128];
	FILE *file;
	pid_t pid;

	snprintf(configuration, sizeof(configuration), "%s/snmpd.conf", folder);
	file = fopen(configuration, "w");
	TEST_RUN_MUST(file != NULL);
	fprintf(file, "rocommunity public 127.0.0.1\nexactEngineID 0x80001f880511223344\n");
	fclose(file);
	snprintf(where, sizeof(where), "%s/state", folder);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setenv("SNMP_PERSISTENT_DIR", where, 1);
		alarm(60);
		execl("/usr/sbin/snmpd", "snmpd", "-f", "-LE", "0", "-C", "-c", configuration, "-I",
		      "-smux", "udp:127.0.0.1:16100", (char *)NULL);
		_exit(127);
	}
	return pid;
}

static void snmpd_of_debian_is_found(void **state)
{
	char folder[] = "/tmp/snmpd-XXXXXX";
	struct child_report report = {.outcome = CHILD_GAVE_UP};
	int tries;
	pid_t pid;

	(void)state;
	TEST_RUN_MUST(mkdtemp(folder) != NULL);
	pid = snmpd_start(folder);
	/* it takes its time to start: a closed port until then */
	for (tries = 0; tries < 50 && report.outcome != CHILD_COMPLETE; tries++) {
		if (tries > 0) {
			test_bench_release(&bench);
			clock_sleep_until(clock_ns() + NS_PER_S / 10);
		}
		report = discover(16100);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	test_remove(folder);
	if (report.outcome != CHILD_COMPLETE) {
		fail_msg("%s", report.reason);
	}
	assert_string_equal(FACT("engine_id"), "80001f880511223344");
	assert_string_equal(FACT("engine_boots"), "1");
	assert_non_null(FACT("engine_time"));
	test_bench_release(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_engine_is_found),
		cmocka_unit_test(a_stray_report_is_passed_over),
		cmocka_unit_test(silence_proves_nothing),
		cmocka_unit_test(garbage_is_no_report),
		cmocka_unit_test(a_closed_port_is_told),
		cmocka_unit_test(a_tcp_service_is_not_asked),
		cmocka_unit_test(snmpd_of_debian_is_found),
	};

	return cmocka_run_group_tests_name("snmp_discovery", tests, NULL, NULL);
}
