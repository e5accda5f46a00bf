/* clients_test: a service that takes one client at a time, with a monitor on it:
 * monitor and checks give way to each other, and nothing is taken for a dead device. */
/* timeout: 180 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "harness/base/test_calm.h"
#include "harness/run/test_plan.h"

#include <errno.h>

#include "harness/banned.h"

/* --- a server of one client ---------------------------------------------------- */

/* Another socket may have the port for a moment: it is one of those that clients
 * are given. */
static int listen_again(uint16_t port)
{
	int64_t deadline = clock_ns() + NS_PER_S;

	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	TEST_RUN_MUST(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0);
	while (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		TEST_RUN_MUST(clock_ns() < deadline);
		poll(NULL, 0, 5);
	}
	TEST_RUN_MUST(listen(fd, 1) == 0);
	return fd;
}

/* Answers every byte of its one client; refuses others as long as it has one. */
static struct test_peer one_client_server(void)
{
	struct test_peer peer = {.pid = 0};
	int listener = test_listen(&peer.port), fd;
	char byte;

	fflush(NULL);
	peer.pid = fork();
	TEST_RUN_MUST(peer.pid >= 0);
	if (peer.pid > 0) {
		close(listener);
		return peer;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	close(listener);
	listener = listen_again(peer.port);
	for (;;) {
		fd = accept(listener, NULL, NULL);
		close(listener);
		while (recv(fd, &byte, 1, 0) == 1 && send(fd, &byte, 1, MSG_NOSIGNAL) == 1) {
		}
		listener = listen_again(peer.port);
		close(fd);
	}
}

/* --- who uses it ---------------------------------------------------------------- */

/* One byte there and back. Returns 0 or -errno. */
static int ask(struct probe_run *run, int fd, int64_t deadline_ns)
{
	char byte = 'x';
	int error = probe_write(run, fd, &byte, 1, deadline_ns);
	long got = error != 0 ? error : probe_read(run, fd, &byte, 1, deadline_ns);

	return got == 1 ? 0 : -ECONNRESET;
}

static int sample(struct probe_run *run, void **state, int64_t deadline_ns, double *ret_value)
{
	int *fd = *state;

	if (fd == NULL) {
		*state = fd = probe_alloc(run, sizeof(*fd));
		*fd = -1;
	}
	if (*fd < 0) {
		*fd = probe_dial(run, probe_service(run, "service"), 200);
	}
	if (*fd < 0) {
		return -1;
	}
	if (ask(run, *fd, deadline_ns) != 0) {
		close(*fd);
		*fd = -1;
		return -1;
	}
	*ret_value = 1;
	return 0;
}

static void give_back(struct probe_run *run, void *state)
{
	int *fd = state;

	(void)run;
	close(*fd);
	*fd = -1;
}

static const struct param_def monitor_params[] = {
	{"service", PARAM_SERVICE, "the service", NULL, 0, 0},
	{.name = NULL},
};

static const struct monitor watch = {
	.id = "test.watch", .params = monitor_params, .sample = sample, .release = give_back};

/* Reads from the service for half a second. */
static int reads(struct probe_run *run)
{
	const struct service *service = &probe_profile(run)->services[0];
	int64_t answers = 0, end_ns = clock_ns() + NS_PER_S / 2;
	int fd = probe_dial(run, service, 3000);

	if (fd < 0) {
		return probe_dial_failed(run, service, fd);
	}
	while (clock_ns() < end_ns && ask(run, fd, end_ns + NS_PER_S) == 0) {
		answers++;
		poll(NULL, 0, 10);
	}
	close(fd);
	probe_saw_int(run, "number", answers > 10 ? 1 : 0);
	return 0;
}

/* As a load check: it needs the monitor and not the service. */
static int waits(struct probe_run *run)
{
	poll(NULL, 0, 500);
	probe_saw_int(run, "number", 2);
	return 0;
}

static int setup(void **state)
{
	struct test_plan *p = malloc(sizeof(*p));

	test_plan_init(p, PEER_DEAD);
	p->peer = one_client_server();
	p->bench.services[0].port = p->peer.port;
	p->bench.profile.recovery_s = 1;
	test_plan_watch(p, &watch);
	test_plan_add(p, "a.observe", IMPACT_OBSERVE, reads);
	test_plan_share(p);
	test_plan_add(p, "b.observe", IMPACT_OBSERVE, reads);
	test_plan_share(p);
	test_plan_add(p, "c.touch", IMPACT_TOUCH, reads);
	test_plan_share(p);
	test_plan_add(p, "d.load", IMPACT_STRESS, waits);
	test_plan_hold(p, "device");
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	test_plan_release(*state);
	free(*state);
	return 0;
}

/* A number of the record 'monitor'. */
static int64_t monitor_number(struct test_plan *p, const char *member)
{
	struct journal_text journal;
	struct text why;
	int64_t number = -1;
	size_t i;

	assert_int_equal(journal_read(p->run, &journal, &why), 0);
	for (i = 0; i < journal.count; i++) {
		if (json_object_get(journal.records[i], member) != NULL) {
			number = json_integer_value(json_object_get(journal.records[i], member));
		}
	}
	journal_text_release(&journal);
	return number;
}

static void checks_and_monitor_of_a_declared_service_give_way(void **state)
{
	struct test_plan *p = *state;

	p->bench.services[0].clients = 1;
	assert_int_equal(test_plan_run(p), 0);
	/* one after the other, none refused, and the device is itself all the time */
	assert_string_equal(test_plan_journal(p),
			    "run device:alive begin:a.observe observation:a.observe "
			    "begin:b.observe observation:b.observe begin:c.touch "
			    "observation:c.touch device:alive begin:d.load "
			    "observation:d.load device:alive monitor end:complete");
	assert_string_equal(test_plan_saw(p, "a.observe", "facts"), "{\"number\":1}");
	assert_string_equal(test_plan_saw(p, "b.observe", "facts"), "{\"number\":1}");
	assert_string_equal(test_plan_saw(p, "c.touch", "facts"), "{\"number\":1}");
	/* what it did not sample meanwhile is no loss */
	print_message("%lld samples, %lld answered, %lld given way\n",
		      (long long)monitor_number(p, "samples"),
		      (long long)monitor_number(p, "answered"),
		      (long long)monitor_number(p, "given_way"));
	assert_in_range(monitor_number(p, "given_way"), 50, 200);
	assert_in_range(monitor_number(p, "samples"), 15, 40);
	assert_int_equal(monitor_number(p, "answered"), monitor_number(p, "samples"));
}

static void a_monitor_that_is_answered_shows_that_the_device_lives(void **state)
{
	struct test_plan *p = *state;

	/* the profile does not say that it takes one client */
	if (test_plan_run(p) != 0) {
		fail_msg("%s\n%s", test_plan_journal(p), test_plan_said(p));
	}
	assert_null(strstr(test_plan_journal(p), "device:lost"));
	assert_true(monitor_number(p, "answered") > 10);
}

static void a_device_that_is_gone_is_lost_although_it_was_watched(void **state)
{
	struct test_plan *p = *state;
	pid_t pid;

	p->bench.services[0].clients = 1;
	pid = test_plan_start(p);
	test_plan_await(p, "begin:c.touch");
	test_peer_stop(&p->peer);
	assert_int_equal(test_plan_wait(pid), 3);
	assert_non_null(strstr(test_plan_journal(p), "device:suspect device:lost"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define RUN_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		RUN_TEST(checks_and_monitor_of_a_declared_service_give_way),
		RUN_TEST(a_monitor_that_is_answered_shows_that_the_device_lives),
		RUN_TEST(a_device_that_is_gone_is_lost_although_it_was_watched),
	};

	return test_calm_run(tests, NULL, NULL);
}
