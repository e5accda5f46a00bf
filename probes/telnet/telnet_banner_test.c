/* needs: namespace */
/* timeout: 120 */
/* telnet_banner_test: scripted servers that ask for a login, show a shell or a
 * menu, Debian's telnetd, and peers that are none. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/run/test_run.h"
#include "probes/registry.h"

/* What a server says first, and after each return. */
struct script {
	const char *first, *then;
};

static struct test_bench bench;

static void say(int fd, const char *text)
{
	TEST_RUN_MUST(send(fd, text, strlen(text), MSG_NOSIGNAL) >= 0);
}

static void serve_script(int fd, void *argument)
{
	const struct script *script = argument;
	char byte;

	say(fd, script->first);
	while (recv(fd, &byte, 1, 0) == 1) {
		if (byte == '\n') {
			say(fd, script->then);
		}
	}
}

/* As inetd would start it. */
static void serve_telnetd(int fd, void *argument)
{
	(void)argument;
	dup2(fd, 0);
	dup2(fd, 1);
	dup2(fd, 2);
	signal(SIGCHLD, SIG_DFL);
	execl("/usr/sbin/telnetd", "telnetd", "-h", (char *)NULL);
	_exit(127);
}

static struct child_report observe(struct test_peer peer)
{
	static const char *const with[] = {"service", "it", NULL};
	struct child_report report;

	test_bench_init(&bench, "telnet", peer.port);
	report = test_observe(&bench, probe_find("telnet.banner"), with);
	test_peer_stop(&peer);
	return report;
}

static struct child_report observe_script(const char *first, const char *then)
{
	struct script script = {first, then};

	return observe(test_peer_serve(serve_script, &script));
}

#define FACT(name) test_fact(&bench, &report, name)

static void login_is_asked_for(void **state)
{
	struct child_report report =
		observe_script("\377\375\030Welcome to PLC\r\nlogin: ", "Password: ");

	(void)state;
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("answers"), "true");
	assert_string_equal(FACT("negotiates"), "true");
	assert_string_equal(FACT("login_prompt"), "true");
	assert_string_equal(FACT("shell_without_login"), "false");
	test_bench_release(&bench);
}

static void login_behind_a_return_is_asked_for(void **state)
{
	struct child_report report = observe_script("Press return\r\n", "\r\nUsername: ");

	(void)state;
	assert_string_equal(FACT("login_prompt"), "true");
	assert_string_equal(FACT("shell_without_login"), "false");
	test_bench_release(&bench);
}

static void shell_without_login_is_seen(void **state)
{
	struct child_report report = observe_script("BusyBox v1.36\r\n/ # ", "\r\n/ # ");

	(void)state;
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("negotiates"), "false");
	assert_string_equal(FACT("login_prompt"), "false");
	assert_string_equal(FACT("shell_without_login"), "true");
	test_bench_release(&bench);
}

static void word_that_comes_again_after_every_line_is_a_prompt(void **state)
{
	struct child_report report = observe_script("plc:", "\r\nplc:");

	(void)state;
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("login_prompt"), "false");
	assert_string_equal(FACT("shell_without_login"), "true");
	test_bench_release(&bench);
}

/* A name of another language, which leads on; and one that is refused in words. */
static void word_that_leads_on_is_left_to_a_person(void **state)
{
	static const char *const then[] = {"\r\nneno la siri: ", "\r\nInvalid.\r\njina:"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(then); i++) {
		struct child_report report = observe_script("jina:", then[i]);

		assert_int_equal(report.outcome, CHILD_GAVE_UP);
		assert_int_equal(report.why, WHY_NOT_OBSERVED);
		assert_null(FACT("shell_without_login"));
		test_bench_release(&bench);
	}
}

static void login_in_another_language_is_asked_for(void **state)
{
	static const char *const first[] = {
		"Felhaszn\u00e1l\u00f3n\u00e9v: ", "Jelsz\u00f3: ", "Korisni\u010dko ime:",
		"\u03a7\u03c1\u03ae\u03c3\u03c4\u03b7\u03c2: ", "lozinka:"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(first); i++) {
		struct child_report report = observe_script(first[i], first[i]);

		assert_int_equal(report.outcome, CHILD_COMPLETE);
		assert_string_equal(FACT("login_prompt"), "true");
		test_bench_release(&bench);
	}
}

static void menu_is_left_to_a_person(void **state)
{
	struct child_report report =
		observe_script("1 status\r\n2 network\r\nchoice: ", "\r\nchoice: ");

	(void)state;
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_NOT_OBSERVED);
	assert_non_null(strstr(report.reason, "choice:"));
	assert_null(FACT("login_prompt"));
	assert_null(FACT("shell_without_login"));
	test_bench_release(&bench);
}

static void debian_s_telnetd_asks_for_a_login(void **state)
{
	struct child_report report;

	(void)state;
	if (access("/usr/sbin/telnetd", X_OK) != 0) {
		fail_msg("telnetd is not installed: scripts/install-packages");
	}
	report = observe(test_peer_serve(serve_telnetd, NULL));
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("negotiates"), "true");
	assert_string_equal(FACT("login_prompt"), "true");
	assert_string_equal(FACT("shell_without_login"), "false");
	test_bench_release(&bench);
}

static void peer_that_is_no_telnet_server_gives_its_reason(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(test_wrong_peers); i++) {
		struct child_report report = observe(test_peer_start(test_wrong_peers[i].kind));

		assert_int_equal(report.outcome, CHILD_GAVE_UP);
		assert_int_equal(report.why, test_wrong_peers[i].why);
		assert_null(FACT("shell_without_login"));
		test_bench_release(&bench);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(login_is_asked_for),
		cmocka_unit_test(login_behind_a_return_is_asked_for),
		cmocka_unit_test(shell_without_login_is_seen),
		cmocka_unit_test(word_that_comes_again_after_every_line_is_a_prompt),
		cmocka_unit_test(word_that_leads_on_is_left_to_a_person),
		cmocka_unit_test(login_in_another_language_is_asked_for),
		cmocka_unit_test(menu_is_left_to_a_person),
		cmocka_unit_test(debian_s_telnetd_asks_for_a_login),
		cmocka_unit_test(peer_that_is_no_telnet_server_gives_its_reason),
	};

	return cmocka_run_group_tests_name("telnet_banner", tests, NULL, NULL);
}
