/* ssh_login_test: on servers made with libssh, one flaw each, and on OpenSSH,
 * dropbear, and peers that are neither. */
/* timeout: 240 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probes/registry.h"
#include "probes/ssh/test_ssh.h"
#include <libssh/libssh.h>
#include <libssh/server.h>

extern const struct probe probe_ssh_login;

/* What a server lets in. */
struct door_rules {
	bool none, empty, any_password, any_user, interactive;
	bool no_sessions;  /* authenticates, but opens no channel */
	bool asks_inside;  /* the shell asks "login:" */
	const char *extra; /* "user:password" that works as well */
	int hang_up_after; /* failures on a connection; 0: never */
};

static bool lets_in(const struct door_rules *rules, const char *user, const char *password)
{
	char pair[128];

	if (user == NULL || password == NULL) {
		return false;
	}
	snprintf(pair, sizeof(pair), "%s:%s", user, password);
	if (strcmp(pair, "good:correct horse") == 0 || rules->any_user ||
	    (rules->extra != NULL && strcmp(pair, rules->extra) == 0)) {
		return true;
	}
	return strcmp(user, "good") == 0 &&
	       (rules->any_password || (rules->empty && *password == '\0'));
}

/* libssh deprecates its message calls for callbacks; a server of one screen is
 * clearer with them. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

/* Answers one keyboard-interactive message; true when it lets in. The response
 * comes without the name the request had. */
static bool interact(const struct door_rules *rules, ssh_session session, ssh_message message,
		     bool *asked)
{
	static char user[64];
	const char *prompts[] = {"Password: "};
	char echo[] = {0};

	if (!ssh_message_auth_kbdint_is_response(message)) {
		snprintf(user, sizeof(user), "%s", ssh_message_auth_user(message));
		ssh_message_auth_interactive_request(message, "", "", 1, prompts, echo);
		*asked = true;
		return false;
	}
	return lets_in(rules, user, ssh_userauth_kbdint_getanswer(session, 0));
}

static bool authenticates(const struct door_rules *rules, ssh_session session, ssh_message message,
			  bool *asked)
{
	switch (ssh_message_subtype(message)) {
	case SSH_AUTH_METHOD_NONE:
		return rules->none;
	case SSH_AUTH_METHOD_PASSWORD:
		return !rules->interactive && lets_in(rules, ssh_message_auth_user(message),
						      ssh_message_auth_password(message));
	case SSH_AUTH_METHOD_INTERACTIVE:
		return interact(rules, session, message, asked);
	default:
		return false;
	}
}

/* Returns false when the server hangs up. */
static bool handle(const struct door_rules *rules, ssh_session session, ssh_message message,
		   int *failures)
{
	bool asked = false;
	ssh_channel channel;

	if (ssh_message_type(message) == SSH_REQUEST_AUTH) {
		if (authenticates(rules, session, message, &asked)) {
			ssh_message_auth_reply_success(message, 0);
		} else if (!asked) {
			ssh_message_auth_set_methods(message, rules->interactive
								      ? SSH_AUTH_METHOD_INTERACTIVE
								      : SSH_AUTH_METHOD_PASSWORD);
			ssh_message_reply_default(message);
			return ++*failures != rules->hang_up_after;
		}
	} else if (ssh_message_type(message) == SSH_REQUEST_CHANNEL_OPEN && !rules->no_sessions) {
		ssh_message_channel_request_open_reply_accept(message);
	} else if (ssh_message_type(message) == SSH_REQUEST_CHANNEL) {
		ssh_message_channel_request_reply_success(message);
		channel = ssh_message_channel_request_channel(message);
		if (rules->asks_inside) {
			ssh_channel_write(channel, "\r\nswitch login: ", 16);
		}
	} else {
		ssh_message_reply_default(message);
	}
	return true;
}

static void serve(int fd, void *argument)
{
	const struct door_rules *rules = argument;
	ssh_bind bind = ssh_bind_new();
	ssh_session session = ssh_new();
	ssh_message message;
	ssh_key key = NULL;
	int failures = 0;
	bool on = true;

	signal(SIGSEGV, SIG_DFL); /* cmocka would go on with the tests here */
	TEST_RUN_MUST(ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &key) == 0);
	ssh_bind_options_set(bind, SSH_BIND_OPTIONS_IMPORT_KEY, key);
	TEST_RUN_MUST(ssh_bind_accept_fd(bind, session, fd) == SSH_OK);
	ssh_set_auth_methods(session, rules->interactive ? SSH_AUTH_METHOD_INTERACTIVE
							 : SSH_AUTH_METHOD_PASSWORD);
	if (ssh_handle_key_exchange(session) != SSH_OK) {
		return;
	}
	while (on) {
		message = ssh_message_get(session);
		if (message == NULL) {
			return;
		}
		on = handle(rules, session, message, &failures);
		ssh_message_free(message);
	}
	ssh_disconnect(session);
}

static const char *const account[] = {"service", "it", "account", "good", "pairs", "", NULL};
static const char *const with_pairs[] = {
	"service", "it", "account", "good", "pairs", "good:admin root:root admin:admin", NULL};

struct scene {
	struct test_peer peer;
	struct test_bench bench;
	struct child_report report;
};

static void play(struct scene *scene, const struct door_rules *rules, const char *const *given)
{
	scene->peer = test_peer_serve(serve, (void *)(uintptr_t)rules);
	test_bench_init(&scene->bench, "ssh", scene->peer.port);
	scene->report = test_observe(&scene->bench, &probe_ssh_login, given);
}

static void end(struct scene *scene)
{
	test_bench_release(&scene->bench);
	test_peer_stop(&scene->peer);
}

static void assert_saw(struct scene *scene, const char *fact, const char *value)
{
	const char *saw = test_fact(&scene->bench, &scene->report, fact);

	if (value == NULL) {
		assert_null(saw);
		return;
	}
	if (saw == NULL) {
		fail_msg("%s was not reported: %s", fact, scene->report.reason);
	}
	if (strcmp(saw, value) != 0) {
		fail_msg("%s is %s, not %s", fact, saw, value);
	}
}

static void strict_server_refuses_all_but_the_good_login(void **state)
{
	static const struct door_rules rules = {.none = false};
	struct scene scene;

	(void)state;
	play(&scene, &rules, with_pairs);
	assert_int_equal(scene.report.outcome, CHILD_COMPLETE);
	assert_saw(&scene, "good_login_before", "true");
	assert_saw(&scene, "none_accepted", "false");
	assert_saw(&scene, "empty_password_accepted", "false");
	assert_saw(&scene, "wrong_password_accepted", "false");
	assert_saw(&scene, "wrong_user_accepted", "false");
	assert_saw(&scene, "random_password_accepted", "false");
	assert_saw(&scene, "default_accepted", "none");
	assert_saw(&scene, "good_login_after", "true");
	assert_saw(&scene, "methods", "password");
	end(&scene);
}

static void keyboard_interactive_is_tried_as_well(void **state)
{
	static const struct door_rules rules = {.interactive = true, .extra = "admin:admin"};
	struct scene scene;

	(void)state;
	play(&scene, &rules, with_pairs);
	assert_saw(&scene, "methods", "keyboard-interactive");
	assert_saw(&scene, "good_login_before", "true");
	assert_saw(&scene, "wrong_password_accepted", "false");
	assert_saw(&scene, "default_accepted", "admin:admin");
	end(&scene);
}

static void default_password_is_found_and_named(void **state)
{
	static const struct door_rules rules = {.extra = "root:root"};
	struct scene scene;

	(void)state;
	play(&scene, &rules, with_pairs);
	assert_saw(&scene, "default_accepted", "root:root");
	assert_saw(&scene, "random_password_accepted", "false");
	assert_saw(&scene, "good_login_after", "true");
	end(&scene);
}

static void server_that_accepts_anything_has_no_defaults(void **state)
{
	static const struct door_rules rules = {.any_user = true};
	struct scene scene;

	(void)state;
	play(&scene, &rules, with_pairs);
	assert_saw(&scene, "wrong_password_accepted", "true");
	assert_saw(&scene, "wrong_user_accepted", "true");
	assert_saw(&scene, "random_password_accepted", "true");
	assert_saw(&scene, "default_accepted", NULL);
	end(&scene);
}

static void empty_password_is_found(void **state)
{
	static const struct door_rules rules = {.empty = true};
	struct scene scene;

	(void)state;
	play(&scene, &rules, account);
	assert_saw(&scene, "empty_password_accepted", "true");
	assert_saw(&scene, "wrong_password_accepted", "false");
	end(&scene);
}

static void open_session_without_credentials_is_found(void **state)
{
	static const struct door_rules rules = {.none = true};
	struct scene scene;

	(void)state;
	play(&scene, &rules, account);
	assert_saw(&scene, "none_accepted", "true");
	end(&scene);
}

static void question_inside_the_session_is_no_open_door(void **state)
{
	static const struct door_rules rules = {.none = true, .asks_inside = true};
	struct scene scene;

	(void)state;
	play(&scene, &rules, account);
	assert_saw(&scene, "none_accepted", "false");
	end(&scene);
}

static void none_without_a_session_proves_nothing(void **state)
{
	static const struct door_rules rules = {.none = true, .no_sessions = true};
	struct scene scene;

	(void)state;
	play(&scene, &rules, account);
	assert_saw(&scene, "none_accepted", NULL);
	end(&scene);
}

static void hanging_up_after_each_failure_is_survived(void **state)
{
	static const struct door_rules rules = {.hang_up_after = 2};
	struct scene scene;

	(void)state;
	play(&scene, &rules, with_pairs);
	assert_saw(&scene, "empty_password_accepted", "false");
	assert_saw(&scene, "wrong_password_accepted", "false");
	assert_saw(&scene, "default_accepted", "none");
	assert_saw(&scene, "good_login_after", "true");
	end(&scene);
}

static void spent_budget_stops_the_wrong_logins(void **state)
{
	static const struct door_rules rules = {.extra = "admin:admin"};
	struct scene scene;

	(void)state;
	scene.peer = test_peer_serve(serve, (void *)(uintptr_t)&rules);
	test_bench_init(&scene.bench, "ssh", scene.peer.port);
	scene.bench.profile.budget.failed_logins = 0;
	scene.report = test_observe(&scene.bench, &probe_ssh_login, with_pairs);
	assert_int_equal(scene.report.outcome, CHILD_GAVE_UP);
	assert_int_equal(scene.report.why, WHY_BUDGET_SPENT);
	assert_saw(&scene, "empty_password_accepted", NULL);
	assert_saw(&scene, "default_accepted", NULL);
	end(&scene);
}

static void wrong_profile_password_stops_before_harm(void **state)
{
	static const struct door_rules rules = {.none = false};
	static const char *const spare[] = {"service", "it", "account", "spare", NULL};
	struct scene scene;

	(void)state;
	play(&scene, &rules, spare);
	assert_saw(&scene, "good_login_before", "false");
	assert_saw(&scene, "wrong_password_accepted", NULL);
	end(&scene);
}

static void openssh_names_its_methods(void **state)
{
	static const char *const plain[] = {"service", "it", NULL};
	struct test_server server = test_server_start(TEST_SSHD_HARDENED);
	struct test_bench bench;
	struct child_report report;

	(void)state;
	test_bench_init(&bench, "ssh", server.port);
	report = test_observe(&bench, &probe_ssh_login, plain);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(test_fact(&bench, &report, "methods"), "publickey");
	assert_string_equal(test_fact(&bench, &report, "none_accepted"), "false");
	assert_null(test_fact(&bench, &report, "default_accepted"));
	test_bench_release(&bench);
	test_server_stop(&server);
}

static void dropbear_refuses_what_it_should(void **state)
{
	struct test_server server = test_server_start(TEST_DROPBEAR);
	static const char *const pairs[] = {"service", "it", "pairs", "nobody-here:x", NULL};
	struct test_bench bench;
	struct child_report report;

	(void)state;
	test_bench_init(&bench, "ssh", server.port);
	report = test_observe(&bench, &probe_ssh_login, pairs);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_non_null(strstr(test_fact(&bench, &report, "methods"), "password"));
	assert_string_equal(test_fact(&bench, &report, "default_accepted"), "none");
	test_bench_release(&bench);
	test_server_stop(&server);
}

static void assert_gives_up(enum test_peer_kind kind, enum why why)
{
	struct test_peer peer = test_peer_start(kind);
	struct test_bench bench;
	struct child_report report;

	test_bench_init(&bench, "ssh", peer.port);
	report = test_observe(&bench, &probe_ssh_login, account);
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, why);
	assert_int_equal(report.facts.count, 0);
	test_bench_release(&bench);
	test_peer_stop(&peer);
}

static void silent_peer_is_no_answer(void **state)
{
	(void)state;
	assert_gives_up(PEER_SILENT, WHY_NO_ANSWER);
}

static void closing_peer_gives_up(void **state)
{
	(void)state;
	assert_gives_up(PEER_CLOSING, WHY_CLOSED_EARLY);
}

static void garbage_gives_up(void **state)
{
	(void)state;
	assert_gives_up(PEER_GARBAGE, WHY_GARBAGE);
}

static void dead_port_is_connect_failed(void **state)
{
	(void)state;
	assert_gives_up(PEER_DEAD, WHY_CONNECT_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strict_server_refuses_all_but_the_good_login),
		cmocka_unit_test(keyboard_interactive_is_tried_as_well),
		cmocka_unit_test(default_password_is_found_and_named),
		cmocka_unit_test(server_that_accepts_anything_has_no_defaults),
		cmocka_unit_test(empty_password_is_found),
		cmocka_unit_test(open_session_without_credentials_is_found),
		cmocka_unit_test(question_inside_the_session_is_no_open_door),
		cmocka_unit_test(none_without_a_session_proves_nothing),
		cmocka_unit_test(hanging_up_after_each_failure_is_survived),
		cmocka_unit_test(spent_budget_stops_the_wrong_logins),
		cmocka_unit_test(wrong_profile_password_stops_before_harm),
		cmocka_unit_test(openssh_names_its_methods),
		cmocka_unit_test(dropbear_refuses_what_it_should),
		cmocka_unit_test(silent_peer_is_no_answer),
		cmocka_unit_test(closing_peer_gives_up),
		cmocka_unit_test(garbage_gives_up),
		cmocka_unit_test(dead_port_is_connect_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
