/* needs: namespace */
/* timeout: 240 */
/* telnet_driver_test: the courses of logins on a scripted server with one trait
 * at a time, on Debian's telnetd with login, and on peers that are neither. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/mman.h>

#include "harness/run/test_run.h"
#include "probes/registry.h"

struct manner {                                         /* of a server */
	const char *name, *password, *prompt, *refusal; /* name NULL: only a password is asked */
	bool any_password, empty_for_admin, delivered, shell;
	bool hangs_up; /* after each refusal, with its words */
	bool mute;     /* and without any */
	bool full;     /* tells who logs in that no session is free */
	int locks_at;  /* wrong passwords; 0: never */
	bool must_change;
	int wrong;         /* so far */
	bool forgets;      /* them, at a right one */
	bool ignores_case; /* in passwords */
};

static const struct manner plain = {.name = "\r\nplc login: ",
				    .password = "Password: ",
				    .prompt = "\r\nplc> ",
				    .refusal = "\r\nLogin incorrect\r\n"};

static void say(int fd, const char *text)
{
	(void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}

/* Reads a line without CR, LF, zeros and options. Returns false at the end. */
static bool hear(int fd, char *line, size_t capacity)
{
	size_t size = 0;
	char byte, option[2];

	while (recv(fd, &byte, 1, 0) == 1) {
		if (byte == '\377') {
			(void)!recv(fd, option, sizeof(option), MSG_WAITALL);
			continue;
		}
		if (byte == '\n') {
			line[size] = '\0';
			return true;
		}
		if (byte != '\r' && byte != '\0' && size < capacity - 1) {
			line[size++] = byte;
		}
	}
	return false;
}

static bool lets_in(const struct manner *m, const char *user, const char *password)
{
	bool good = (m->name == NULL || strcmp(user, "good") == 0) &&
		    (strcmp(password, "correct horse") == 0 ||
		     (m->ignores_case && strcasecmp(password, "correct horse") == 0));

	if (m->locks_at > 0 && m->wrong >= m->locks_at && strcmp(user, "good") == 0) {
		return false;
	}
	return good || m->any_password ||
	       (m->empty_for_admin && strcmp(user, "admin") == 0 && password[0] == '\0') ||
	       (m->delivered && strcmp(user, "admin") == 0 && strcmp(password, "admin") == 0);
}

static bool log_in(struct manner *m, int fd)
{
	char user[128] = "", password[128];

	for (;;) {
		if (m->name != NULL) {
			say(fd, m->name);
			if (!hear(fd, user, sizeof(user))) {
				return false;
			}
		}
		say(fd, m->password);
		if (!hear(fd, password, sizeof(password))) {
			return false;
		}
		if (lets_in(m, user, password) && m->full) {
			say(fd, "\r\nToo many users, try later.\r\n");
			return false;
		}
		if (lets_in(m, user, password)) {
			m->wrong = m->forgets ? 0 : m->wrong;
			return true;
		}
		m->wrong += !m->forgets || strcmp(user, "good") == 0;
		if (m->mute) {
			return false;
		}
		say(fd, m->refusal);
		if (m->hangs_up) {
			return false;
		}
	}
}

static void serve(int fd, void *argument)
{
	struct manner *m = argument;
	char line[128];

	say(fd, "\377\375\030\377\373\001");
	if (!m->shell && !log_in(m, fd)) {
		return;
	}
	if (m->must_change) {
		say(fd, "\r\nYou must choose a new password.\r\nNew password: ");
		(void)hear(fd, line, sizeof(line));
		return;
	}
	say(fd, "\r\n1 failed login since the last one\r\n");
	do {
		say(fd, m->prompt);
	} while (hear(fd, line, sizeof(line)) && strcmp(line, "exit") != 0);
}

static struct test_bench bench;

static const char *const with[] = {
	"service", "it", "account", "good", "pairs", "admin:admin root:root", NULL};

static struct child_report observe_within(const struct manner *manner, const char *probe,
					  int64_t lockout_attempts)
{
	struct manner *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct child_report report;
	struct test_peer peer;

	assert_true(shared != MAP_FAILED);
	*shared = *manner;
	peer = test_peer_serve(serve, shared);
	test_bench_init(&bench, "telnet", peer.port);
	bench.profile.limits.lockout_attempts = lockout_attempts;
	report = test_observe(&bench, probe_find(probe), with);
	test_peer_stop(&peer);
	munmap(shared, sizeof(*shared));
	return report;
}

static struct child_report observe(const struct manner *manner, const char *probe)
{
	return observe_within(manner, probe, 13); /* just room for everything: the tests are many */
}

#define FACT(name) test_fact(&bench, &report, name)

static void strict_server_lets_only_the_good_one_in(void **state)
{
	struct child_report report = observe(&plain, "login.refusal");

	(void)state;
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("ways"), "Telnet");
	assert_string_equal(FACT("controlled"), "true");
	assert_string_equal(FACT("none_accepted"), "none");
	assert_string_equal(FACT("wrong_password_accepted"), "none");
	assert_string_equal(FACT("empty_password_accepted"), "none");
	assert_string_equal(FACT("unknown_user_accepted"), "none");
	test_bench_release(&bench);
}

static void other_languages_are_understood(void **state)
{
	struct manner manner = plain;
	struct child_report report;

	(void)state;
	manner.name = "Benutzername: ";
	manner.password = "Kennwort: ";
	manner.refusal = "\r\nAnmeldung fehlgeschlagen\r\n";
	report = observe(&manner, "login.refusal");
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("wrong_password_accepted"), "none");
	test_bench_release(&bench);
}

static void words_that_are_not_understood_prove_nothing(void **state)
{
	struct manner manner = plain;
	struct child_report report;

	(void)state;
	manner.name = "Jina la mtumizi: ";
	manner.password = "Neno la siri: ";
	report = observe(&manner, "login.refusal");
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_NOT_OBSERVED);
	assert_non_null(strstr(report.reason, " la "));
	assert_null(FACT("none_accepted"));
	test_bench_release(&bench);
}

static void shell_for_everybody_is_found(void **state)
{
	struct manner manner = plain;
	struct child_report report;

	(void)state;
	manner.shell = true;
	report = observe(&manner, "login.refusal");
	assert_string_equal(FACT("none_accepted"), "good, admin, root, spare");
	test_bench_release(&bench);
}

static void near_misses_that_were_not_tried_leave_it_open(void **state)
{
	struct child_report report = observe_within(&plain, "login.refusal", 8);

	(void)state;
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_BUDGET_SPENT);
	assert_string_equal(FACT("none_accepted"), "none");
	assert_null(test_fact(&bench, &report, "wrong_password_accepted"));
	test_bench_release(&bench);
}

/* A device that blocks an account after three wrong logins in a row. */
static struct child_report observe_account_that_may_be_locked(const struct manner *manner,
							      bool resets)
{
	struct manner *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct child_report report;
	struct test_peer peer;

	assert_true(shared != MAP_FAILED);
	*shared = *manner;
	peer = test_peer_serve(serve, shared);
	test_bench_init(&bench, "telnet", peer.port);
	bench.accounts[0].disposable = true;
	bench.profile.limits.lockout_attempts = manner->locks_at;
	bench.profile.limits.lockout_resets_on_login = resets;
	report = test_observe(&bench, probe_find("login.refusal"), with);
	test_peer_stop(&peer);
	munmap(shared, sizeof(*shared));
	return report;
}

static void every_near_miss_is_tried_where_a_right_login_ends_the_count(void **state)
{
	struct manner manner = plain;
	struct child_report report;

	(void)state;
	manner.locks_at = 3;
	manner.forgets = true;
	report = observe_account_that_may_be_locked(&manner, true);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("controlled"), "true");
	assert_string_equal(FACT("wrong_password_accepted"), "none");
	test_bench_release(&bench);
	manner.ignores_case = true;
	report = observe_account_that_may_be_locked(&manner, true);
	assert_string_equal(FACT("wrong_password_accepted"), "good (other case)");
	test_bench_release(&bench);
	report = observe_account_that_may_be_locked(&manner, false);
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_BUDGET_SPENT);
	assert_null(FACT("wrong_password_accepted"));
	test_bench_release(&bench);
}

/* The profile is wrong: no more is tried than it takes to see that. */
static void device_that_does_not_forget_ends_the_tries(void **state)
{
	struct manner manner = plain;
	struct child_report report;

	(void)state;
	manner.locks_at = 3;
	report = observe_account_that_may_be_locked(&manner, true);
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_CONTROL_FAILED);
	assert_non_null(strstr(report.reason, "in between"));
	assert_null(FACT("wrong_password_accepted"));
	test_bench_release(&bench);
}

static void any_password_is_found(void **state)
{
	struct manner manner = plain;
	struct child_report report;

	(void)state;
	manner.any_password = true;
	report = observe(&manner, "login.refusal");
	assert_string_equal(FACT("wrong_password_accepted"),
			    "good (longer), good (other case), good (shorter), good (any)");
	test_bench_release(&bench);
}

static void empty_password_of_a_listed_name_is_found(void **state)
{
	struct manner manner = plain;
	struct child_report report;

	(void)state;
	manner.empty_for_admin = true;
	report = observe(&manner, "login.refusal");
	assert_string_equal(FACT("empty_password_accepted"), "admin");
	test_bench_release(&bench);
}

static void delivered_password_is_found(void **state)
{
	struct manner manner = plain;
	struct child_report report;

	(void)state;
	manner.delivered = true;
	report = observe(&manner, "login.defaults");
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("default_accepted"), "admin (entry 1)");
	test_bench_release(&bench);
}

static void demand_of_a_new_password_is_an_accepted_login(void **state)
{
	struct manner manner = plain;
	struct child_report report;

	(void)state;
	manner.delivered = true;
	manner.must_change = true;
	report = observe(&manner, "login.defaults");
	assert_string_equal(FACT("default_accepted"), "admin (entry 1)");
	assert_string_equal(FACT("good_login_after"), "true");
	test_bench_release(&bench);
}

static void login_without_a_name_is_measured(void **state)
{
	struct manner manner = plain;
	struct child_report report;

	(void)state;
	manner.name = NULL;
	report = observe(&manner, "login.refusal");
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("wrong_password_accepted"), "none");
	assert_string_equal(FACT("unknown_user_accepted"), "none");
	test_bench_release(&bench);
}

static void hang_up_with_words_is_a_refusal(void **state)
{
	struct manner manner = plain;
	struct child_report report;

	(void)state;
	manner.hangs_up = true;
	manner.refusal = "\r\nInvalid.\r\n";
	report = observe(&manner, "login.refusal");
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("wrong_password_accepted"), "none");
	test_bench_release(&bench);
}

static void hang_up_without_words_counts_beside_a_good_login(void **state)
{
	struct manner manner = plain;
	struct child_report report;

	(void)state;
	manner.mute = true;
	report = observe(&manner, "login.refusal");
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("wrong_password_accepted"), "none");
	test_bench_release(&bench);
}

static void taken_session_tells_right_from_wrong(void **state)
{
	struct manner manner = plain;
	struct child_report report;

	(void)state;
	manner.full = true;
	report = observe(&manner, "login.refusal");
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("controlled"), "true");
	assert_string_equal(FACT("wrong_password_accepted"), "none");
	assert_null(FACT("good_login_before"));
	test_bench_release(&bench);
	manner.empty_for_admin = true;
	report = observe(&manner, "login.refusal");
	assert_string_equal(FACT("empty_password_accepted"), "admin");
	test_bench_release(&bench);
}

static void blocked_account_is_told_apart(void **state)
{
	struct manner manner = plain;
	struct child_report report;

	(void)state;
	manner.locks_at = 2;
	report = observe(&manner, "login.refusal");
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_CONTROL_FAILED);
	assert_string_equal(FACT("good_login_after"), "false");
	assert_null(FACT("wrong_password_accepted"));
	test_bench_release(&bench);
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

/* Nobody of the test's has an account on this machine: the refusals are seen, not their control. */
static void debian_s_login_refuses(void **state)
{
	struct test_peer peer = test_peer_serve(serve_telnetd, NULL);
	struct child_report report;

	(void)state;
	test_bench_init(&bench, "telnet", peer.port);
	report = test_observe(&bench, probe_find("login.defaults"), with);
	test_peer_stop(&peer);
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_CONTROL_FAILED);
	assert_string_equal(FACT("good_login_before"), "false");
	assert_string_equal(FACT("ways"), "Telnet");
	assert_null(FACT("default_accepted"));
	test_bench_release(&bench);
}

static void peer_that_is_no_telnet_server_gives_its_reason(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(test_wrong_peers); i++) {
		struct test_peer peer = test_peer_start(test_wrong_peers[i].kind);
		struct child_report report;

		test_bench_init(&bench, "telnet", peer.port);
		report = test_observe(&bench, probe_find("login.refusal"), with);
		assert_int_equal(report.outcome, CHILD_GAVE_UP);
		assert_int_equal(report.why, test_wrong_peers[i].why);
		assert_int_equal(report.facts.count, 0);
		test_peer_stop(&peer);
		test_bench_release(&bench);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strict_server_lets_only_the_good_one_in),
		cmocka_unit_test(other_languages_are_understood),
		cmocka_unit_test(words_that_are_not_understood_prove_nothing),
		cmocka_unit_test(shell_for_everybody_is_found),
		cmocka_unit_test(near_misses_that_were_not_tried_leave_it_open),
		cmocka_unit_test(every_near_miss_is_tried_where_a_right_login_ends_the_count),
		cmocka_unit_test(device_that_does_not_forget_ends_the_tries),
		cmocka_unit_test(any_password_is_found),
		cmocka_unit_test(empty_password_of_a_listed_name_is_found),
		cmocka_unit_test(delivered_password_is_found),
		cmocka_unit_test(demand_of_a_new_password_is_an_accepted_login),
		cmocka_unit_test(login_without_a_name_is_measured),
		cmocka_unit_test(hang_up_with_words_is_a_refusal),
		cmocka_unit_test(hang_up_without_words_counts_beside_a_good_login),
		cmocka_unit_test(taken_session_tells_right_from_wrong),
		cmocka_unit_test(blocked_account_is_told_apart),
		cmocka_unit_test(debian_s_login_refuses),
		cmocka_unit_test(peer_that_is_no_telnet_server_gives_its_reason),
	};

	return cmocka_run_group_tests_name("telnet_driver", tests, NULL, NULL);
}
