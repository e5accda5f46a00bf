/* needs: namespace */
/* timeout: 180 */
/* ftp_driver_test: the courses of logins and ftp.channel on a scripted server
 * with one trait at a time, and on peers that are no FTP server. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/mman.h>

#include "harness/base/test_calm.h"
#include "harness/run/test_run.h"
#include "probes/registry.h"

enum law {
	STRICT,
	ANONYMOUS,
	FTP_NAME, /* 'ftp' is let in as 'anonymous' would be */
	ANY_PASSWORD,
	EMPTY, /* for admin, a listed name */
	DEFAULTS,
	CLEAR_REFUSED,       /* and no TLS: nobody gets in */
	LOCAL_USERS_USE_TLS, /* and 'anonymous' is asked and refused */
	HANGS_UP,            /* after each refusal */
	BUSY_ONCE,           /* 421 to the third connection */
	BUSY_AT_FIRST,       /* 421 to the first: an earlier session has not ended yet */
	OUT_OF_SERVICE,      /* greets with 500 */
	BANS,                /* nobody is let in after the second wrong password */
	LOCKS,               /* the good account, after two wrong passwords */
};

static void say(int fd, const char *text)
{
	(void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}

struct state { /* shared by the server's processes */
	enum law law;
	int connections, wrong;
};

static bool let_in(const struct state *state, const char *user, const char *password)
{
	enum law law = state->law;

	if (law == LOCKS && state->wrong >= 2 && strcmp(user, "good") == 0) {
		return false;
	}
	return (strcmp(user, "good") == 0 && strcmp(password, "correct horse") == 0) ||
	       (law == ANONYMOUS && strcmp(user, "anonymous") == 0) ||
	       (law == FTP_NAME && strcmp(user, "ftp") == 0) ||
	       (law == EMPTY && strcmp(user, "admin") == 0 && password[0] == '\0') ||
	       (law == DEFAULTS && strcmp(user, "admin") == 0 && strcmp(password, "admin") == 0) ||
	       (law == ANY_PASSWORD && strcmp(user, "anonymous") != 0 && strcmp(user, "ftp") != 0);
}

/* Returns false when it hangs up. */
static bool take_password(struct state *state, int fd, const char *user, const char *password)
{
	if (let_in(state, user, password)) {
		say(fd, "230 in\r\n");
		return true;
	}
	state->wrong++;
	say(fd, state->law == LOCKS && state->wrong > 2 ? "530 Account locked\r\n" : "530 no\r\n");
	return state->law != HANGS_UP;
}

static bool asks(enum law law, const char *user)
{
	return law != CLEAR_REFUSED &&
	       (law != LOCAL_USERS_USE_TLS || strcmp(user, "anonymous") == 0);
}

static void serve(int fd, void *argument)
{
	struct state *state = argument;
	FILE *in = fdopen(fd, "r");
	char line[256], user[256] = "";
	bool on = true;

	state->connections++;
	if ((state->law == BUSY_ONCE && state->connections == 3) ||
	    (state->law == BUSY_AT_FIRST && state->connections == 1) ||
	    (state->law == BANS && state->wrong >= 2)) {
		say(fd, "421 Too many connections\r\n");
		return;
	}
	if (state->law == OUT_OF_SERVICE) {
		say(fd, "500 OOPS: access disabled\r\n");
		return;
	}
	say(fd, "220-hello\r\n220 test server\r\n");
	while (on && fgets(line, sizeof(line), in) != NULL) {
		line[strcspn(line, "\r\n")] = '\0';
		if (strncmp(line, "USER ", 5) == 0) {
			snprintf(user, sizeof(user), "%s", line + 5);
			say(fd, asks(state->law, user) ? "331 password\r\n" : "530 use TLS\r\n");
		} else if (strncmp(line, "PASS ", 5) == 0) {
			on = take_password(state, fd, user, line + 5);
		} else {
			say(fd, "502 unknown\r\n");
		}
	}
}

static struct test_bench bench;

static const char *const with[] = {
	"service", "it", "account", "good", "pairs", "admin:admin root:root", NULL};

static struct child_report observe_law(enum law law, const char *probe)
{
	struct state *state = mmap(NULL, sizeof(*state), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct child_report report;
	struct test_peer peer;

	assert_true(state != MAP_FAILED);
	state->law = law;
	peer = test_peer_serve(serve, state);
	test_bench_init(&bench, "ftp", peer.port);
	report = test_observe(&bench, probe_find(probe), with);
	test_peer_stop(&peer);
	munmap(state, sizeof(*state));
	return report;
}

#define FACT(name) test_fact(&bench, &report, name)

static void strict_server_lets_only_the_good_one_in(void **state)
{
	struct child_report report = observe_law(STRICT, "login.refusal");

	(void)state;
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("ways"), "clear text");
	assert_string_equal(FACT("controlled"), "true");
	assert_string_equal(FACT("anonymous_accepted"), "none");
	assert_string_equal(FACT("wrong_password_accepted"), "none");
	assert_string_equal(FACT("empty_password_accepted"), "none");
	assert_string_equal(FACT("unknown_user_accepted"), "none");
	test_bench_release(&bench);
	report = observe_law(STRICT, "login.defaults");
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("default_accepted"), "none");
	test_bench_release(&bench);
}

static void public_names_are_seen(void **state)
{
	struct child_report report = observe_law(ANONYMOUS, "login.refusal");

	(void)state;
	assert_string_equal(FACT("anonymous_accepted"), "anonymous");
	assert_string_equal(FACT("wrong_password_accepted"), "none");
	test_bench_release(&bench);
	report = observe_law(FTP_NAME, "login.refusal");
	assert_string_equal(FACT("anonymous_accepted"), "ftp");
	test_bench_release(&bench);
}

static void empty_password_of_a_listed_name_is_seen(void **state)
{
	struct child_report report = observe_law(EMPTY, "login.refusal");

	(void)state;
	assert_string_equal(FACT("empty_password_accepted"), "admin");
	test_bench_release(&bench);
}

static void delivered_password_is_seen(void **state)
{
	struct child_report report = observe_law(DEFAULTS, "login.defaults");

	(void)state;
	assert_string_equal(FACT("default_accepted"), "admin (entry 1)");
	assert_string_equal(FACT("random_password_accepted"), "none");
	test_bench_release(&bench);
}

static void server_that_accepts_anything_has_no_default_finds(void **state)
{
	struct child_report report = observe_law(ANY_PASSWORD, "login.defaults");

	(void)state;
	assert_int_equal(report.why, WHY_CONTROL_FAILED);
	assert_null(FACT("default_accepted"));
	test_bench_release(&bench);
}

static void refused_good_login_proves_nothing(void **state)
{
	struct child_report report = observe_law(CLEAR_REFUSED, "login.refusal");

	(void)state;
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_CONTROL_FAILED);
	assert_null(FACT("wrong_password_accepted"));
	test_bench_release(&bench);
}

static void hang_up_after_each_refusal_is_survived(void **state)
{
	struct child_report report = observe_law(HANGS_UP, "login.refusal");

	(void)state;
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("wrong_password_accepted"), "none");
	test_bench_release(&bench);
}

static void one_busy_moment_is_waited_for(void **state)
{
	struct child_report report = observe_law(BUSY_ONCE, "login.refusal");

	(void)state;
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("controlled"), "true");
	test_bench_release(&bench);
	report = observe_law(BUSY_AT_FIRST, "login.defaults");
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("controlled"), "true");
	test_bench_release(&bench);
}

/* What was refused before a ban stays open: nobody says that it was not the ban. */
static void shut_out_tester_proves_nothing(void **state)
{
	struct child_report report = observe_law(BANS, "login.refusal");

	(void)state;
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_RATE_LIMITED);
	assert_null(FACT("wrong_password_accepted"));
	assert_null(FACT("empty_password_accepted"));
	test_bench_release(&bench);
}

static void locked_account_is_told_apart(void **state)
{
	struct child_report report = observe_law(LOCKS, "login.refusal");

	(void)state;
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_BLOCKED);
	assert_non_null(strstr(report.reason, "blocked"));
	assert_null(FACT("wrong_password_accepted"));
	test_bench_release(&bench);
}

static void login_asked_in_clear_is_seen(void **state)
{
	struct child_report report = observe_law(STRICT, "ftp.channel");

	(void)state;
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("banner"), "hello");
	assert_string_equal(FACT("clear_text_users"), "good, spare");
	assert_string_equal(FACT("tls_offered"), "false");
	assert_string_equal(FACT("tls_asks"), "false");
	test_bench_release(&bench);
}

/* vsftpd asks 'anonymous' for a password in clear text where everybody else has to use TLS, and
 * then refuses it: nobody logs in in clear text. */
static void anonymous_counts_in_clear_where_it_is_let_in(void **state)
{
	struct child_report report = observe_law(LOCAL_USERS_USE_TLS, "ftp.channel");

	(void)state;
	assert_null(FACT("clear_text_users"));
	assert_string_equal(FACT("tls_asks"), "false");
	test_bench_release(&bench);
	report = observe_law(ANONYMOUS, "ftp.channel");
	assert_string_equal(FACT("clear_text_users"), "good, spare, anonymous");
	test_bench_release(&bench);
}

static void greeting_that_refuses_says_nothing_of_tls(void **state)
{
	struct child_report report = observe_law(OUT_OF_SERVICE, "ftp.channel");

	(void)state;
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_BLOCKED);
	assert_null(FACT("tls_offered"));
	assert_null(FACT("clear_text_users"));
	test_bench_release(&bench);
}

static void login_refused_everywhere_is_no_protection(void **state)
{
	struct child_report report = observe_law(CLEAR_REFUSED, "ftp.channel");

	(void)state;
	assert_null(FACT("clear_text_users"));
	assert_string_equal(FACT("tls_asks"), "false");
	test_bench_release(&bench);
}

static void assert_peer_gives_its_reason(const char *probe)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(test_wrong_peers); i++) {
		struct test_peer peer = test_peer_start(test_wrong_peers[i].kind);
		struct child_report report;

		test_bench_init(&bench, "ftp", peer.port);
		report = test_observe(&bench, probe_find(probe), with);
		assert_int_equal(report.outcome, CHILD_GAVE_UP);
		assert_int_equal(report.why, test_wrong_peers[i].why);
		test_peer_stop(&peer);
		test_bench_release(&bench);
	}
}

static void peer_that_is_no_ftp_server_gives_its_reason(void **state)
{
	(void)state;
	assert_peer_gives_its_reason("login.refusal");
	assert_peer_gives_its_reason("ftp.channel");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strict_server_lets_only_the_good_one_in),
		cmocka_unit_test(public_names_are_seen),
		cmocka_unit_test(empty_password_of_a_listed_name_is_seen),
		cmocka_unit_test(delivered_password_is_seen),
		cmocka_unit_test(server_that_accepts_anything_has_no_default_finds),
		cmocka_unit_test(refused_good_login_proves_nothing),
		cmocka_unit_test(hang_up_after_each_refusal_is_survived),
		cmocka_unit_test(one_busy_moment_is_waited_for),
		cmocka_unit_test(shut_out_tester_proves_nothing),
		cmocka_unit_test(locked_account_is_told_apart),
		cmocka_unit_test(login_asked_in_clear_is_seen),
		cmocka_unit_test(anonymous_counts_in_clear_where_it_is_let_in),
		cmocka_unit_test(greeting_that_refuses_says_nothing_of_tls),
		cmocka_unit_test(login_refused_everywhere_is_no_protection),
		cmocka_unit_test(peer_that_is_no_ftp_server_gives_its_reason),
	};

	return test_calm_run(tests, NULL, NULL);
}
