/* needs: namespace */
/* timeout: 120 */
/* ftp_login_test: a scripted server with one trait at a time, and peers that
 * are no FTP server. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/run/test_run.h"
#include "probes/registry.h"

enum law { STRICT, ANONYMOUS, ANY_PASSWORD, DEFAULTS, CLEAR_REFUSED };

static void say(int fd, const char *text)
{
	TEST_RUN_MUST(send(fd, text, strlen(text), MSG_NOSIGNAL) >= 0);
}

static bool let_in(enum law law, const char *user, const char *password)
{
	return (strcmp(user, "good") == 0 && strcmp(password, "correct horse") == 0) ||
	       (law == ANONYMOUS && strcmp(user, "anonymous") == 0) ||
	       (law == DEFAULTS && strcmp(user, "admin") == 0 && strcmp(password, "admin") == 0) ||
	       (law == ANY_PASSWORD && strcmp(user, "anonymous") != 0);
}

static void serve(int fd, void *argument)
{
	enum law law = *(enum law *)argument;
	FILE *in = fdopen(fd, "r");
	char line[256], user[256] = "";

	say(fd, "220-hello\r\n220 test server\r\n");
	while (fgets(line, sizeof(line), in) != NULL) {
		line[strcspn(line, "\r\n")] = '\0';
		if (strncmp(line, "USER ", 5) == 0) {
			snprintf(user, sizeof(user), "%s", line + 5);
			say(fd, law == CLEAR_REFUSED ? "530 use TLS\r\n" : "331 password\r\n");
		} else if (strncmp(line, "PASS ", 5) == 0) {
			say(fd, let_in(law, user, line + 5) ? "230 in\r\n" : "530 no\r\n");
		} else {
			say(fd, "502 unknown\r\n");
		}
	}
}

static struct test_bench bench;

static struct child_report observe_law(enum law law)
{
	static const char *const with[] = {"service", "it",          "account", "good",
					   "pairs",   "admin:admin", NULL};
	struct test_peer peer = test_peer_serve(serve, &law);
	struct child_report report;

	test_bench_init(&bench, "ftp", peer.port);
	report = test_observe(&bench, probe_find("ftp.login"), with);
	test_peer_stop(&peer);
	return report;
}

static struct child_report observe_peer(enum test_peer_kind kind)
{
	static const char *const with[] = {"service", "it", "account", "good", NULL};
	struct test_peer peer = test_peer_start(kind);
	struct child_report report;

	test_bench_init(&bench, "ftp", peer.port);
	report = test_observe(&bench, probe_find("ftp.login"), with);
	test_peer_stop(&peer);
	return report;
}

#define FACT(name) test_fact(&bench, &report, name)

static void strict_server_lets_only_the_good_one_in(void **state)
{
	struct child_report report = observe_law(STRICT);

	(void)state;
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("banner"), "hello");
	assert_string_equal(FACT("good_login_before"), "true");
	assert_string_equal(FACT("good_login_after"), "true");
	assert_string_equal(FACT("anonymous_accepted"), "false");
	assert_string_equal(FACT("wrong_password_accepted"), "false");
	assert_string_equal(FACT("random_password_accepted"), "false");
	assert_string_equal(FACT("default_accepted"), "none");
	assert_string_equal(FACT("tls_offered"), "false");
	assert_string_equal(FACT("tls_required"), "false");
	test_bench_release(&bench);
}

static void anonymous_is_seen(void **state)
{
	struct child_report report = observe_law(ANONYMOUS);

	(void)state;
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("anonymous_accepted"), "true");
	assert_string_equal(FACT("wrong_password_accepted"), "false");
	test_bench_release(&bench);
}

static void delivered_password_is_seen(void **state)
{
	struct child_report report = observe_law(DEFAULTS);

	(void)state;
	assert_string_equal(FACT("default_accepted"), "admin:admin");
	assert_string_equal(FACT("random_password_accepted"), "false");
	test_bench_release(&bench);
}

static void server_that_accepts_anything_has_no_default_finds(void **state)
{
	struct child_report report = observe_law(ANY_PASSWORD);

	(void)state;
	assert_string_equal(FACT("wrong_password_accepted"), "true");
	assert_string_equal(FACT("random_password_accepted"), "true");
	assert_null(FACT("default_accepted"));
	test_bench_release(&bench);
}

static void refused_good_login_proves_nothing(void **state)
{
	struct child_report report = observe_law(CLEAR_REFUSED);

	(void)state;
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_CONTROL_FAILED);
	assert_null(FACT("wrong_password_accepted"));
	test_bench_release(&bench);
}

static void peer_that_is_no_ftp_server_gives_its_reason(void **state)
{
	static const struct {
		enum test_peer_kind kind;
		enum why why;
	} cases[] = {
		{PEER_SILENT, WHY_NO_ANSWER},
		{PEER_CLOSING, WHY_CLOSED_EARLY},
		{PEER_GARBAGE, WHY_GARBAGE},
		{PEER_DEAD, WHY_CONNECT_FAILED},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct child_report report = observe_peer(cases[i].kind);

		assert_int_equal(report.outcome, CHILD_GAVE_UP);
		assert_int_equal(report.why, cases[i].why);
		test_bench_release(&bench);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strict_server_lets_only_the_good_one_in),
		cmocka_unit_test(anonymous_is_seen),
		cmocka_unit_test(delivered_password_is_seen),
		cmocka_unit_test(server_that_accepts_anything_has_no_default_finds),
		cmocka_unit_test(refused_good_login_proves_nothing),
		cmocka_unit_test(peer_that_is_no_ftp_server_gives_its_reason),
	};

	return cmocka_run_group_tests_name("ftp_login", tests, NULL, NULL);
}
