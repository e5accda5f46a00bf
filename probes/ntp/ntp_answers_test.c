/* needs: namespace */
/* timeout: 120 */
/* ntp_answers_test: servers that tell the time alone, that tell more, that refuse, that limit, and
 * peers that are no time servers. Each is asked by a process of its own, since silence takes its
 * time. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/run/test_run.h"
#include "probes/registry.h"

enum answers {
	SAYS_NOTHING,
	SAYS_DATA,
	SAYS_TWO, /* of data, in two datagrams */
	SAYS_ERROR,
	SAYS_STRAY, /* data for another question first */
};

struct server {
	enum answers time, control, private;
	bool kisses;  /* RATE */
	bool garbage; /* whatever is asked */
	bool once;    /* tells the time once */
	bool closed;
};

static size_t make_time(const uint8_t *request, bool kiss, bool stray, uint8_t *ret)
{
	memset(ret, 0, 48);
	ret[0] = kiss ? 0xe4 : 0x24;
	ret[1] = kiss ? 0 : 2;
	memcpy(ret + 12, kiss ? "RATE" : "GPS", 4);
	memcpy(ret + 24, request + 40, 8);
	ret[31] ^= (uint8_t)stray;
	return 48;
}

static size_t make_control(const uint8_t *request, enum answers says, uint8_t *ret)
{
	static const char text[] = "version=\"ntpd 4.2.8\"";

	memset(ret, 0, 12);
	ret[0] = 0x16;
	ret[1] = says == SAYS_ERROR ? 0xc2 : 0x82;
	memcpy(ret + 2, request + 2, 2);
	ret[3] ^= says == SAYS_STRAY;
	if (says == SAYS_ERROR) {
		return 12;
	}
	ret[11] = sizeof(text) - 1;
	memcpy(ret + 12, text, sizeof(text) - 1);
	return 12 + sizeof(text) - 1;
}

static size_t make_private(enum answers says, uint8_t *ret)
{
	memset(ret, 0, 8 + 72);
	memcpy(ret, (const uint8_t[]){0x97, 0, 3, 42, 0, 1, 0, 72}, 8);
	if (says == SAYS_ERROR) {
		memcpy(ret + 4, (const uint8_t[]){0x40, 0, 0, 0}, 4);
		return 8;
	}
	return 8 + 72;
}

static size_t make(const struct server *server, enum answers says, const uint8_t *request,
		   uint8_t *ret)
{
	switch (request[0] & 7) {
	case 3:
		return make_time(request, server->kisses, says == SAYS_STRAY, ret);
	case 6:
		return make_control(request, says, ret);
	default:
		return make_private(says, ret);
	}
}

static void serve(int fd, struct server *server)
{
	uint8_t request[512] = {0}, reply[512];
	struct sockaddr_in from;
	socklen_t size = sizeof(from);
	ssize_t got = recvfrom(fd, request, sizeof(request), 0, (struct sockaddr *)&from, &size);
	uint8_t mode = request[0] & 7;
	enum answers says = mode == 3   ? server->time
			    : mode == 6 ? server->control
					: server->private;

	if (server->garbage) {
		memset(reply, 0xff, sizeof(reply));
		(void)sendto(fd, reply, sizeof(reply), 0, (struct sockaddr *)&from, size);
		return;
	}
	if (got < 8 || says == SAYS_NOTHING) {
		return;
	}
	if (mode == 3 && server->once) {
		server->time = SAYS_NOTHING;
	}
	(void)sendto(fd, reply, make(server, says, request, reply), 0, (struct sockaddr *)&from,
		     size);
	if (says == SAYS_TWO || says == SAYS_STRAY) {
		(void)sendto(fd, reply, make(server, SAYS_DATA, request, reply), 0,
			     (struct sockaddr *)&from, size);
	}
}

/* Returns its port; it dies with who started it. */
static uint16_t server_start(struct server server)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t size = sizeof(at);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	TEST_RUN_MUST(bind(fd, (struct sockaddr *)&at, size) == 0);
	TEST_RUN_MUST(getsockname(fd, (struct sockaddr *)&at, &size) == 0);
	fflush(NULL);
	if (!server.closed && fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(60);
		for (;;) {
			serve(fd, &server);
		}
	}
	close(fd);
	return ntohs(at.sin_port);
}

struct asked {
	const char *name;
	struct server server;
	enum why why; /* WHY_NONE: it is complete */
	const char *time, *control, *control_bytes, *private;
};

static const struct asked cases[] = {
	{"time alone", {.time = SAYS_DATA}, WHY_NONE, "true", "false", NULL, "false"},
	{"everything",
	 {SAYS_DATA, SAYS_TWO, SAYS_DATA, false, false, false, false},
	 WHY_NONE,
	 "true",
	 "true",
	 "64",
	 "true"},
	{"refusals",
	 {.time = SAYS_DATA, .control = SAYS_ERROR, .private = SAYS_ERROR},
	 WHY_NONE,
	 "true",
	 "false",
	 NULL,
	 "false"},
	{"answers to others first",
	 {.time = SAYS_STRAY, .control = SAYS_STRAY, .private = SAYS_ERROR},
	 WHY_NONE,
	 "true",
	 "true",
	 "32",
	 "false"},
	/* what was seen stands, though there is no control */
	{"variables and no time", {.control = SAYS_DATA}, WHY_NO_ANSWER, NULL, "true", "32", NULL},
	{"variables, and gone",
	 {SAYS_DATA, SAYS_DATA, SAYS_NOTHING, false, false, true, false},
	 WHY_CONTROL_FAILED,
	 "true",
	 "true",
	 "32",
	 NULL},
	{"gone after the first",
	 {.time = SAYS_DATA, .once = true},
	 WHY_CONTROL_FAILED,
	 "true",
	 NULL,
	 NULL,
	 NULL},
	{"limits", {.time = SAYS_DATA, .kisses = true}, WHY_RATE_LIMITED, NULL, NULL, NULL, NULL},
	{"silent", {.time = SAYS_NOTHING}, WHY_NO_ANSWER, NULL, NULL, NULL, NULL},
	{"garbage", {.garbage = true}, WHY_GARBAGE, NULL, NULL, NULL, NULL},
	{"closed", {.closed = true}, WHY_CONNECT_FAILED, NULL, NULL, NULL, NULL},
};

static bool same(const char *name, const char *fact, const char *wanted, const char *seen)
{
	bool same = wanted == NULL ? seen == NULL : seen != NULL && strcmp(seen, wanted) == 0;

	if (!same) {
		fprintf(stderr, "%s: %s is %s, not %s\n", name, fact, seen == NULL ? "none" : seen,
			wanted == NULL ? "none" : wanted);
	}
	return same;
}

static bool ask_as(const struct asked *asked)
{
	static struct test_bench bench;
	struct child_report report;
	bool right;

	test_bench_init(&bench, "ntp", server_start(asked->server));
	bench.services[0].udp = true;
	report = test_observe(&bench, probe_find("ntp.answers"),
			      (const char *const[]){"service", "it", NULL});
	right = same(asked->name, "the reason", why_word(asked->why), why_word(report.why));
	right &= same(asked->name, "time", asked->time, test_fact(&bench, &report, "time"));
	right &=
		same(asked->name, "control", asked->control, test_fact(&bench, &report, "control"));
	right &= same(asked->name, "control_bytes", asked->control_bytes,
		      test_fact(&bench, &report, "control_bytes"));
	right &=
		same(asked->name, "private", asked->private, test_fact(&bench, &report, "private"));
	test_bench_release(&bench);
	return right;
}

static void each_server_shows_what_it_answers_and_no_more(void **state)
{
	pid_t pids[ARRAY_SIZE(cases)];
	int status, wrong = 0;
	size_t i;

	(void)state;
	fflush(NULL);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			_exit(ask_as(&cases[i]) ? 0 : 1);
		}
	}
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		wrong += status != 0;
	}
	assert_int_equal(wrong, 0);
}

static void a_tcp_service_is_not_asked(void **state)
{
	struct test_bench bench;
	struct child_report report;

	(void)state;
	test_bench_init(&bench, "ntp", 123);
	report = test_observe(&bench, probe_find("ntp.answers"),
			      (const char *const[]){"service", "it", NULL});
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_NOT_DECLARED);
	test_bench_release(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_server_shows_what_it_answers_and_no_more),
		cmocka_unit_test(a_tcp_service_is_not_asked),
	};

	return cmocka_run_group_tests_name("ntp_answers", tests, NULL, NULL);
}
