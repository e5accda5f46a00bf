/* http_ipv6_test: a web server at an IPv6 address, by address and by name. */
/* needs: namespace */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/run/test_run.h"
#include "probes/registry.h"

/* Says "nothing here" to every request at [::1]:8088, and dies with the test. */
static pid_t serve(void)
{
	static const char reply[] = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n"
				    "Connection: close\r\n\r\n";
	struct address local = address_of("::1");
	struct sockaddr_storage at;
	socklen_t size = address_to_sockaddr(&local, 8088, 0, &at);
	int listener = socket(AF_INET6, SOCK_STREAM, 0), fd, one = 1;
	char request[4096];
	pid_t pid;

	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	TEST_RUN_MUST(bind(listener, (const struct sockaddr *)&at, size) == 0);
	TEST_RUN_MUST(listen(listener, 16) == 0);
	fflush(NULL);
	pid = fork();
	if (pid != 0) {
		close(listener);
		return pid;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	alarm(50);
	for (;;) {
		fd = accept(listener, NULL, NULL);
		(void)!read(fd, request, sizeof(request));
		(void)!write(fd, reply, sizeof(reply) - 1);
		close(fd);
	}
}

static void assert_pages_are_asked_for(const char *server_name)
{
	struct test_bench bench;
	struct child_report report;
	pid_t pid = serve();

	test_bench_init(&bench, "http", 8088);
	bench.profile.link.address = address_of("::1");
	bench.services[0].server_name = server_name;
	report = test_observe(&bench, probe_find("http.access"),
			      (const char *const[]){"service", "it", NULL});
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	if (report.outcome != CHILD_COMPLETE) {
		fail_msg("%s", report.reason);
	}
	assert_true(report.traffic.connections > 0);
	test_bench_release(&bench);
}

static void an_ipv6_address_is_asked(void **state)
{
	(void)state;
	assert_pages_are_asked_for(NULL);
}

static void a_name_at_an_ipv6_address_is_asked(void **state)
{
	(void)state;
	assert_pages_are_asked_for("plc.example");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ipv6_address_is_asked),
		cmocka_unit_test(a_name_at_an_ipv6_address_is_asked),
	};

	return cmocka_run_group_tests_name("http_ipv6", tests, NULL, NULL);
}
