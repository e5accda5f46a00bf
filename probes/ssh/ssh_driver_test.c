/* ssh_driver_test: the courses of logins on servers made with libssh, one flaw
 * each, on OpenSSH and dropbear, and on peers that are neither. */
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

/* What a server lets in. */
struct door_rules {
	bool none, empty, any_password, any_user, any_key, interactive;
	bool both_ways;       /* by password and by keyboard-interactive */
	bool empty_for_root;  /* an account beside the declared one */
	const char *none_for; /* the only user with whom 'none' works */
	int significant;      /* characters of the password that count; 0: all */
	bool new_keys;        /* another host key on each connection */
	bool good_key_only;   /* no way takes passwords */
	bool no_sessions;     /* authenticates, but opens no channel */
	bool asks_inside;     /* the shell asks "login:" */
	const char *extra;    /* "user:password" that works as well */
	int hang_up_after;    /* failures on a connection; 0: never */
};

static bool lets_in(const struct door_rules *rules, const char *user, const char *password)
{
	char pair[128];

	if (user == NULL || password == NULL) {
		return false;
	}
	snprintf(pair, sizeof(pair), "%s:%s", user, password);
	if (rules->significant > 0 && strcmp(user, "good") == 0 &&
	    strncmp(password, "correct horse", (size_t)rules->significant) == 0) {
		return true;
	}
	if (rules->empty_for_root && strcmp(pair, "root:") == 0) {
		return true;
	}
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

static int methods_of(const struct door_rules *rules)
{
	unsigned methods =
		rules->interactive ? SSH_AUTH_METHOD_INTERACTIVE : SSH_AUTH_METHOD_PASSWORD;

	if (rules->both_ways) {
		methods = SSH_AUTH_METHOD_INTERACTIVE | SSH_AUTH_METHOD_PASSWORD;
	}
	if (rules->good_key_only) {
		methods = SSH_AUTH_METHOD_PUBLICKEY;
	} else if (rules->any_key) {
		methods |= SSH_AUTH_METHOD_PUBLICKEY;
	}
	return (int)methods;
}

static bool authenticates(const struct door_rules *rules, ssh_session session, ssh_message message,
			  bool *asked)
{
	switch (ssh_message_subtype(message)) {
	case SSH_AUTH_METHOD_NONE:
		return rules->none ||
		       (rules->none_for != NULL &&
			strcmp(ssh_message_auth_user(message), rules->none_for) == 0);
	case SSH_AUTH_METHOD_PUBLICKEY:
		return rules->any_key &&
		       ssh_message_auth_publickey_state(message) == SSH_PUBLICKEY_STATE_VALID;
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
			ssh_message_auth_set_methods(message, methods_of(rules));
			ssh_message_reply_default(message);
			*failures += ssh_message_subtype(message) != SSH_AUTH_METHOD_NONE;
			return *failures == 0 || *failures != rules->hang_up_after;
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

static char *host_key; /* of the servers, as OpenSSH writes keys */

/* The key read from text, or a new one. */
static ssh_key new_key(const char *text)
{
	ssh_key key = NULL;

	if (text != NULL) {
		TEST_RUN_MUST(ssh_pki_import_privkey_base64(text, NULL, NULL, NULL, &key) == 0);
	} else {
		TEST_RUN_MUST(ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &key) == 0);
	}
	return key;
}

static void serve(int fd, void *argument)
{
	const struct door_rules *rules = argument;
	ssh_bind bind = ssh_bind_new();
	ssh_session session = ssh_new();
	ssh_message message;
	int failures = 0;
	bool on = true;

	signal(SIGSEGV, SIG_DFL); /* cmocka would go on with the tests here */
	TEST_RUN_MUST(ssh_bind_options_set(bind, SSH_BIND_OPTIONS_IMPORT_KEY,
					   new_key(rules->new_keys ? NULL : host_key)) == 0);
	TEST_RUN_MUST(ssh_bind_accept_fd(bind, session, fd) == SSH_OK);
	ssh_set_auth_methods(session, methods_of(rules));
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

static const char *const with_pairs[] = {
	"service", "it", "account", "good", "pairs", "good:admin root:root admin:admin", NULL};

struct scene {
	struct test_peer peer;
	struct test_bench bench;
	struct child_report report;
};

static void play(struct scene *scene, const struct door_rules *rules, const char *probe)
{
	scene->peer = test_peer_serve(serve, (void *)(uintptr_t)rules);
	test_bench_init(&scene->bench, "ssh", scene->peer.port);
	scene->report = test_observe(&scene->bench, probe_find(probe), with_pairs);
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
	play(&scene, &rules, "login.refusal");
	assert_int_equal(scene.report.outcome, CHILD_COMPLETE);
	assert_saw(&scene, "good_login_before", "true");
	assert_saw(&scene, "good_login_after", "true");
	assert_saw(&scene, "controlled", "true");
	assert_saw(&scene, "ways", "password");
	assert_saw(&scene, "none_accepted", "none");
	assert_saw(&scene, "anonymous_accepted", "none");
	assert_saw(&scene, "empty_password_accepted", "none");
	assert_saw(&scene, "wrong_password_accepted", "none");
	assert_saw(&scene, "unknown_user_accepted", "none");
	assert_saw(&scene, "unknown_key_accepted", "none");
	end(&scene);
}

static void strict_server_takes_no_delivered_password(void **state)
{
	static const struct door_rules rules = {.none = false};
	struct scene scene;

	(void)state;
	play(&scene, &rules, "login.defaults");
	assert_int_equal(scene.report.outcome, CHILD_COMPLETE);
	assert_saw(&scene, "controlled", "true");
	assert_saw(&scene, "random_password_accepted", "none");
	assert_saw(&scene, "default_accepted", "none");
	end(&scene);
}

static void keyboard_interactive_is_tried_as_well(void **state)
{
	static const struct door_rules rules = {.interactive = true, .extra = "admin:admin"};
	struct scene scene;

	(void)state;
	play(&scene, &rules, "login.defaults");
	assert_saw(&scene, "ways", "keyboard-interactive");
	assert_saw(&scene, "good_login_before", "true");
	assert_saw(&scene, "default_accepted", "admin (entry 3)");
	end(&scene);
}

static void delivered_password_is_found_and_named(void **state)
{
	static const struct door_rules rules = {.extra = "root:root"};
	struct scene scene;

	(void)state;
	play(&scene, &rules, "login.defaults");
	assert_saw(&scene, "default_accepted", "root (entry 2)");
	assert_saw(&scene, "random_password_accepted", "none");
	assert_saw(&scene, "controlled", "true");
	end(&scene);
}

/* A fact may not hold the account's own password: ERROR, not FAIL. */
static void own_password_of_an_account_is_found_in_the_list(void **state)
{
	static const char *const own[] = {"service",        "it", "account", "good", "pairs",
					  "spare:sparekey", NULL};
	static const struct door_rules rules = {.extra = "spare:sparekey"};
	struct scene scene;

	(void)state;
	scene.peer = test_peer_serve(serve, (void *)(uintptr_t)&rules);
	test_bench_init(&scene.bench, "ssh", scene.peer.port);
	setenv("ASSAY_TEST_SPARE", "sparekey", 1);
	scene.report = test_observe(&scene.bench, probe_find("login.defaults"), own);
	assert_int_equal(scene.report.outcome, CHILD_COMPLETE);
	assert_saw(&scene, "default_accepted", "spare (entry 1)");
	end(&scene);
}

/* Looks for delivered passwords with parameters of its own and so many failed logins. */
static void play_defaults(struct scene *scene, const struct door_rules *rules,
			  const char *const *params, int64_t failed_logins)
{
	scene->peer = test_peer_serve(serve, (void *)(uintptr_t)rules);
	test_bench_init(&scene->bench, "ssh", scene->peer.port);
	setenv("ASSAY_TEST_SPARE", "sparekey", 1);
	scene->bench.profile.budget.failed_logins = failed_logins;
	scene->report = test_observe(&scene->bench, probe_find("login.defaults"), params);
}

static void documented_credential_is_tried_before_the_list(void **state)
{
	static const char *const params[] = {"service", "it",    "account",   "good", "delivered",
					     "spare",   "pairs", "root:root", NULL};
	static const struct door_rules open = {.extra = "spare:sparekey"}, strict = {.none = false};
	struct scene scene;

	(void)state;
	play_defaults(&scene, &open, params, 100);
	assert_int_equal(scene.report.outcome, CHILD_COMPLETE);
	assert_saw(&scene, "default_accepted", "spare (as documented)");
	end(&scene);
	play_defaults(&scene, &strict, params, 100);
	assert_int_equal(scene.report.outcome, CHILD_COMPLETE);
	assert_saw(&scene, "default_accepted", "none");
	end(&scene);
}

static void play_before_lockout(struct scene *scene, const struct door_rules *rules,
				const char *probe, int64_t lockout_attempts)
{
	scene->peer = test_peer_serve(serve, (void *)(uintptr_t)rules);
	test_bench_init(&scene->bench, "ssh", scene->peer.port);
	scene->bench.profile.limits.lockout_attempts = lockout_attempts;
	scene->report = test_observe(&scene->bench, probe_find(probe), with_pairs);
}

/* The second way may let in what the first refuses. */
static void way_that_was_passed_over_leaves_it_open(void **state)
{
	static const struct door_rules both = {.both_ways = true}, one = {.none = false};
	struct scene scene;

	(void)state;
	play_before_lockout(&scene, &both, "login.defaults", 5);
	assert_int_equal(scene.report.outcome, CHILD_GAVE_UP);
	assert_int_equal(scene.report.why, WHY_BUDGET_SPENT);
	assert_non_null(strstr(scene.report.reason, "keyboard-interactive"));
	assert_non_null(strstr(scene.report.reason, "lockout_attempts"));
	assert_saw(&scene, "default_accepted", NULL);
	end(&scene);
	play_before_lockout(&scene, &both, "login.defaults", 30);
	assert_int_equal(scene.report.outcome, CHILD_COMPLETE);
	assert_saw(&scene, "ways", "password, keyboard-interactive");
	assert_saw(&scene, "default_accepted", "none");
	end(&scene);
	play_before_lockout(&scene, &one, "login.defaults", 5);
	assert_int_equal(scene.report.outcome, CHILD_COMPLETE);
	assert_saw(&scene, "default_accepted", "none");
	end(&scene);
}

/* There is no room for a key on 'spare': that matters where keys are taken. */
static void key_that_was_left_out_matters_only_where_keys_are_taken(void **state)
{
	static const char *const params[] = {"service", "it",
					     "account", "good",
					     "pairs",   "root:root admin:admin spare:x spare:y",
					     NULL};
	static const struct door_rules rules[] = {{.none = false}, {.any_key = true}};
	struct scene scene;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rules); i++) {
		scene.peer = test_peer_serve(serve, (void *)(uintptr_t)&rules[i]);
		test_bench_init(&scene.bench, "ssh", scene.peer.port);
		scene.bench.accounts[0].disposable = true;
		scene.bench.accounts[1].disposable = false;
		scene.bench.profile.limits.lockout_attempts = 4;
		scene.bench.profile.limits.lockout_resets_on_login = true;
		scene.report = test_observe(&scene.bench, probe_find("login.refusal"), params);
		assert_int_equal(scene.report.why, i == 0 ? WHY_NONE : WHY_BUDGET_SPENT);
		assert_true(i == 0 || strstr(scene.report.reason, "key was not tried on 'spare'"));
		assert_saw(&scene, "unknown_key_accepted",
			   i == 0 ? "none" : "any name, good, root, admin");
		end(&scene);
	}
}

/* Never more on one account than the budget: what is beyond it stays open. */
static void what_the_budget_leaves_out_stays_open(void **state)
{
	static const char *const params[] = {
		"service", "it", "account", "good", "pairs", "admin:a admin:b admin:c", NULL};
	static const struct door_rules last = {.extra = "admin:c"}, first = {.extra = "admin:a"};
	struct scene scene;

	(void)state;
	play_defaults(&scene, &last, params, 2);
	assert_int_equal(scene.report.outcome, CHILD_GAVE_UP);
	assert_int_equal(scene.report.why, WHY_BUDGET_SPENT);
	assert_saw(&scene, "default_accepted", NULL);
	end(&scene);
	play_defaults(&scene, &first, params, 2);
	assert_int_equal(scene.report.outcome, CHILD_GAVE_UP);
	assert_int_equal(scene.report.why, WHY_BUDGET_SPENT);
	assert_saw(&scene, "default_accepted", "admin (entry 1)");
	end(&scene);
	play_defaults(&scene, &last, params, 100);
	assert_int_equal(scene.report.outcome, CHILD_COMPLETE);
	assert_saw(&scene, "default_accepted", "admin (entry 3)");
	end(&scene);
}

static void server_that_accepts_anything_has_no_defaults(void **state)
{
	static const struct door_rules rules = {.any_user = true};
	struct scene scene;

	(void)state;
	play(&scene, &rules, "login.defaults");
	assert_int_equal(scene.report.outcome, CHILD_GAVE_UP);
	assert_int_equal(scene.report.why, WHY_CONTROL_FAILED);
	assert_saw(&scene, "random_password_accepted", "any name");
	assert_saw(&scene, "default_accepted", NULL);
	end(&scene);
}

static void server_that_accepts_anything_is_found(void **state)
{
	static const struct door_rules rules = {.any_user = true};
	struct scene scene;

	(void)state;
	play(&scene, &rules, "login.refusal");
	assert_saw(&scene, "wrong_password_accepted",
		   "good (longer), good (other case), good (shorter), good (any)");
	assert_saw(&scene, "unknown_user_accepted",
		   "any name (the right password), any name (any password)");
	end(&scene);
}

static void password_cut_at_eight_characters_is_found(void **state)
{
	static const struct door_rules rules = {.significant = 8};
	struct scene scene;

	(void)state;
	play(&scene, &rules, "login.refusal");
	assert_saw(&scene, "wrong_password_accepted", "good (longer), good (shorter)");
	assert_saw(&scene, "empty_password_accepted", "none");
	end(&scene);
}

static void empty_password_is_found(void **state)
{
	static const struct door_rules rules = {.empty = true};
	struct scene scene;

	(void)state;
	play(&scene, &rules, "login.refusal");
	assert_saw(&scene, "empty_password_accepted", "good");
	assert_saw(&scene, "wrong_password_accepted", "none");
	end(&scene);
}

static void empty_password_of_a_listed_name_is_found(void **state)
{
	static const struct door_rules rules = {.empty_for_root = true};
	struct scene scene;

	(void)state;
	play(&scene, &rules, "login.refusal");
	assert_saw(&scene, "empty_password_accepted", "root");
	end(&scene);
}

static void open_session_without_credentials_is_found(void **state)
{
	static const struct door_rules rules = {.none = true};
	struct scene scene;

	(void)state;
	play(&scene, &rules, "login.refusal");
	assert_saw(&scene, "none_accepted", "good, root, admin, spare");
	end(&scene);
}

static void listed_name_that_needs_no_credentials_is_found(void **state)
{
	static const struct door_rules rules = {.none_for = "admin"};
	struct scene scene;

	(void)state;
	play(&scene, &rules, "login.refusal");
	assert_saw(&scene, "none_accepted", "admin");
	assert_saw(&scene, "wrong_password_accepted", "none");
	/* nothing was needed, and the empty password is refused where it is sent */
	assert_saw(&scene, "empty_password_accepted", "none");
	end(&scene);
}

/* Who is let in without a password is asked for one nevertheless: that is another finding. */
static void delivered_password_is_found_where_none_was_needed(void **state)
{
	static const struct door_rules delivered = {.none_for = "admin", .extra = "admin:admin"},
				       changed = {.none_for = "admin"},
				       interactive = {.none_for = "admin",
						      .interactive = true,
						      .extra = "admin:admin"};
	struct scene scene;

	(void)state;
	play(&scene, &delivered, "login.defaults");
	assert_int_equal(scene.report.outcome, CHILD_COMPLETE);
	assert_saw(&scene, "default_accepted", "admin (entry 3)");
	end(&scene);
	play(&scene, &changed, "login.defaults");
	assert_int_equal(scene.report.outcome, CHILD_COMPLETE);
	assert_saw(&scene, "default_accepted", "none");
	end(&scene);
	play(&scene, &interactive, "login.defaults");
	assert_int_equal(scene.report.outcome, CHILD_COMPLETE);
	assert_saw(&scene, "ways", "keyboard-interactive");
	assert_saw(&scene, "default_accepted", "admin (entry 3)");
	end(&scene);
}

static void any_key_is_found(void **state)
{
	static const struct door_rules rules = {.any_key = true};
	struct scene scene;

	(void)state;
	play(&scene, &rules, "login.refusal");
	assert_saw(&scene, "unknown_key_accepted", "any name, good, root, admin, spare");
	assert_saw(&scene, "wrong_password_accepted", "none");
	end(&scene);
}

static void server_that_takes_no_passwords_refuses_them_all(void **state)
{
	static const struct door_rules rules = {.good_key_only = true};
	struct scene scene;

	(void)state;
	play(&scene, &rules, "login.refusal");
	assert_int_equal(scene.report.outcome, CHILD_COMPLETE);
	assert_saw(&scene, "good_login_before", NULL);
	assert_saw(&scene, "controlled", "true");
	assert_saw(&scene, "wrong_password_accepted", "none");
	assert_saw(&scene, "unknown_key_accepted", "none");
	end(&scene);
}

static void question_inside_the_session_is_no_open_door(void **state)
{
	static const struct door_rules rules = {.none = true, .asks_inside = true};
	struct scene scene;

	(void)state;
	play(&scene, &rules, "login.refusal");
	assert_saw(&scene, "none_accepted", "none");
	end(&scene);
}

static void none_without_a_session_proves_nothing(void **state)
{
	static const struct door_rules rules = {.none = true, .no_sessions = true};
	struct scene scene;

	(void)state;
	play(&scene, &rules, "login.refusal");
	assert_int_equal(scene.report.outcome, CHILD_GAVE_UP);
	assert_saw(&scene, "none_accepted", NULL);
	end(&scene);
}

static void hanging_up_after_each_failure_is_survived(void **state)
{
	static const struct door_rules rules = {.hang_up_after = 1, .extra = "admin:admin"};
	struct scene scene;

	(void)state;
	play(&scene, &rules, "login.refusal");
	assert_int_equal(scene.report.outcome, CHILD_COMPLETE);
	assert_saw(&scene, "empty_password_accepted", "none");
	assert_saw(&scene, "wrong_password_accepted", "none");
	assert_saw(&scene, "good_login_after", "true");
	end(&scene);
	play(&scene, &rules, "login.defaults");
	assert_saw(&scene, "default_accepted", "admin (entry 3)");
	end(&scene);
}

static void another_device_ends_it(void **state)
{
	static const struct door_rules rules = {.any_user = true, .new_keys = true};
	struct scene scene;

	(void)state;
	play(&scene, &rules, "login.refusal");
	assert_int_equal(scene.report.outcome, CHILD_GAVE_UP);
	assert_int_equal(scene.report.why, WHY_WRONG_DEVICE);
	assert_saw(&scene, "wrong_password_accepted", NULL);
	end(&scene);
}

static void spent_budget_says_so_and_proves_nothing(void **state)
{
	static const struct door_rules rules = {.extra = "admin:admin"};
	struct scene scene;

	(void)state;
	scene.peer = test_peer_serve(serve, (void *)(uintptr_t)&rules);
	test_bench_init(&scene.bench, "ssh", scene.peer.port);
	scene.bench.profile.budget.failed_logins = 0;
	scene.report = test_observe(&scene.bench, probe_find("login.defaults"), with_pairs);
	assert_int_equal(scene.report.outcome, CHILD_GAVE_UP);
	assert_int_equal(scene.report.why, WHY_BUDGET_SPENT);
	assert_saw(&scene, "default_accepted", NULL);
	end(&scene);
}

static void wrong_profile_password_stops_before_harm(void **state)
{
	static const struct door_rules rules = {.none = false};
	static const char *const spare[] = {"service", "it", "account", "spare", NULL};
	struct scene scene;

	(void)state;
	scene.peer = test_peer_serve(serve, (void *)(uintptr_t)&rules);
	test_bench_init(&scene.bench, "ssh", scene.peer.port);
	scene.report = test_observe(&scene.bench, probe_find("login.refusal"), spare);
	assert_int_equal(scene.report.outcome, CHILD_GAVE_UP);
	assert_int_equal(scene.report.why, WHY_CONTROL_FAILED);
	assert_saw(&scene, "good_login_before", "false");
	assert_saw(&scene, "wrong_password_accepted", NULL);
	end(&scene);
}

static void openssh_without_passwords_refuses_them_all(void **state)
{
	struct test_server server = test_server_start(TEST_SSHD_HARDENED);
	struct test_bench bench;
	struct child_report report;

	(void)state;
	test_bench_init(&bench, "ssh", server.port);
	report = test_observe(&bench, probe_find("login.refusal"), with_pairs);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(test_fact(&bench, &report, "controlled"), "true");
	assert_string_equal(test_fact(&bench, &report, "none_accepted"), "none");
	assert_string_equal(test_fact(&bench, &report, "unknown_key_accepted"), "none");
	test_bench_release(&bench);
	test_server_stop(&server);
}

static void assert_gives_up(enum test_peer_kind kind, enum why why)
{
	struct test_peer peer = test_peer_start(kind);
	struct test_bench bench;
	struct child_report report;

	test_bench_init(&bench, "ssh", peer.port);
	report = test_observe(&bench, probe_find("login.refusal"), with_pairs);
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
		cmocka_unit_test(strict_server_takes_no_delivered_password),
		cmocka_unit_test(keyboard_interactive_is_tried_as_well),
		cmocka_unit_test(delivered_password_is_found_and_named),
		cmocka_unit_test(own_password_of_an_account_is_found_in_the_list),
		cmocka_unit_test(documented_credential_is_tried_before_the_list),
		cmocka_unit_test(what_the_budget_leaves_out_stays_open),
		cmocka_unit_test(way_that_was_passed_over_leaves_it_open),
		cmocka_unit_test(key_that_was_left_out_matters_only_where_keys_are_taken),
		cmocka_unit_test(server_that_accepts_anything_has_no_defaults),
		cmocka_unit_test(server_that_accepts_anything_is_found),
		cmocka_unit_test(password_cut_at_eight_characters_is_found),
		cmocka_unit_test(empty_password_is_found),
		cmocka_unit_test(empty_password_of_a_listed_name_is_found),
		cmocka_unit_test(open_session_without_credentials_is_found),
		cmocka_unit_test(listed_name_that_needs_no_credentials_is_found),
		cmocka_unit_test(delivered_password_is_found_where_none_was_needed),
		cmocka_unit_test(any_key_is_found),
		cmocka_unit_test(server_that_takes_no_passwords_refuses_them_all),
		cmocka_unit_test(question_inside_the_session_is_no_open_door),
		cmocka_unit_test(none_without_a_session_proves_nothing),
		cmocka_unit_test(hanging_up_after_each_failure_is_survived),
		cmocka_unit_test(another_device_ends_it),
		cmocka_unit_test(spent_budget_says_so_and_proves_nothing),
		cmocka_unit_test(wrong_profile_password_stops_before_harm),
		cmocka_unit_test(openssh_without_passwords_refuses_them_all),
		cmocka_unit_test(silent_peer_is_no_answer),
		cmocka_unit_test(closing_peer_gives_up),
		cmocka_unit_test(garbage_gives_up),
		cmocka_unit_test(dead_port_is_connect_failed),
	};

	ssh_key key = new_key(NULL);

	TEST_RUN_MUST(ssh_pki_export_privkey_base64(key, NULL, NULL, NULL, &host_key) == 0);
	ssh_key_free(key);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
