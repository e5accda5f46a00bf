/* timeout: 180 */
/* http_driver_test: the courses of logins on a scripted web interface, with one
 * way to keep sessions at a time, strict and lax, and on peers that are none. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/run/test_run.h"
#include "probes/registry.h"

#include <sys/mman.h>

enum keeping { /* how the device knows who is logged in */
	       COOKIE,
	       ADDRESS, /* by the tester's address: no cookie */
	       BASIC,
	       BEARER, /* a JSON login and a token */
};

struct device {
	enum keeping keeping;
	bool token;       /* the form holds a token that is good once */
	bool scripted;    /* the form is built by a script, and wants its token */
	bool any;         /* lets everybody in */
	bool delivered;   /* takes admin:admin */
	bool empty;       /* takes an empty password */
	bool must_change; /* admin:admin leads to "set a new password" */
	bool code;        /* admin:admin leads to a question for a code */
	bool one;         /* one session at a time, until it is logged out */
	bool no_logout;   /* its pages offer none */
	bool open;        /* the page for logged-in users is given to anybody */
	bool flash;       /* the page after a refused login differs from that before */
	bool limited;     /* 429 to everything */
	bool post_only;   /* the form's page cannot be read */
	/* Moves on; shared by the connections' processes. */
	bool inside;     /* ADDRESS, one */
	unsigned tokens; /* given so far */
	bool refused;    /* flash */
};

struct request {
	char method[16], path[256], body[512];
	bool session, basic, bearer, credentials;
};

static bool read_request(FILE *in, struct request *ret)
{
	char line[2048];
	size_t length = 0;

	memset(ret, 0, sizeof(*ret));
	if (fgets(line, sizeof(line), in) == NULL ||
	    sscanf(line, "%15s %255s", ret->method, ret->path) != 2) {
		return false;
	}
	while (fgets(line, sizeof(line), in) != NULL && line[0] != '\r') {
		sscanf(line, "Content-Length: %zu", &length);
		ret->session = ret->session || strstr(line, "s=let-in") != NULL;
		/* good:correct horse */
		ret->basic = ret->basic || strstr(line, "Basic Z29vZDpjb3JyZWN0IGhvcnNl\r") != NULL;
		ret->credentials = ret->credentials || strstr(line, "Authorization: ") != NULL;
		ret->bearer = ret->bearer || strstr(line, "Bearer let-in") != NULL;
	}
	TEST_RUN_MUST(length < sizeof(ret->body));
	return fread(ret->body, 1, length, in) == length;
}

static void answer(int fd, const char *status, const char *extra, const char *page)
{
	char text[8192];

	snprintf(text, sizeof(text), "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n%s", status,
		 extra, strlen(page), page);
	TEST_RUN_MUST(send(fd, text, strlen(text), MSG_NOSIGNAL) >= 0);
}

static void show_login(int fd, struct device *d)
{
	char page[1024], token[64] = "";

	if (d->scripted) {
		answer(fd, "200 OK", "", "<script>build('user', 'pass')</script>");
		return;
	}
	if (d->token) {
		snprintf(token, sizeof(token), "<input type=hidden name=once value='t&amp;%u'>",
			 ++d->tokens);
	}
	snprintf(page, sizeof(page),
		 "<p>%s</p><form method=post action=/login><input name=user><input type=password "
		 "name=pass>%s</form>",
		 d->flash && d->refused ? "That was nothing." : "Good morning.", token);
	answer(fd, "200 OK", "", page);
}

static bool has_pair(const struct device *d, const char *body, const char *user,
		     const char *password)
{
	char text[128];

	if (d->keeping == BEARER) {
		snprintf(text, sizeof(text), "{\"user\": \"%s\", \"pass\": \"%s\"}", user,
			 password);
	} else {
		snprintf(text, sizeof(text), "user=%s&pass=%s", user, password);
	}
	return strcmp(body, text) == 0;
}

/* The token is cut off what was sent, and must be the last one given. */
static bool takes_token(struct device *d, char *body)
{
	char *at = strstr(body, "&once="), text[32];

	snprintf(text, sizeof(text), "&once=t%%26%u", d->tokens);
	if (at == NULL || strcmp(at, text) != 0) {
		return false;
	}
	*at = '\0';
	return true;
}

static void let_in(int fd, struct device *d)
{
	if (d->one && d->inside) {
		answer(fd, "200 OK", "", "Somebody is working here, try again later");
		return;
	}
	d->inside = true;
	if (d->keeping == BEARER) {
		answer(fd, "200 OK", "", "{\"data\": {\"access\": \"let-in\"}}");
	} else {
		answer(fd, "302 Found",
		       d->keeping == COOKIE ? "Location: /home\r\nSet-Cookie: s=let-in; Path=/\r\n"
					    : "Location: /home\r\n",
		       "");
	}
}

static void take_login(int fd, struct device *d, struct request *r)
{
	bool good = (d->token || d->scripted) && !takes_token(d, r->body)
			    ? false
			    : has_pair(d, r->body, "good",
				       d->keeping == BEARER ? "correct horse" : "correct%20horse");
	bool admin = has_pair(d, r->body, "admin", "admin");

	if (good || d->any || (admin && d->delivered) ||
	    (d->empty && has_pair(d, r->body, "good", ""))) {
		let_in(fd, d);
	} else if (admin && d->must_change) {
		answer(fd, "200 OK", "",
		       "<form method=post action=/set>Set your own<input type=password name=a>"
		       "<input type=password name=b></form>");
	} else if (admin && d->code) {
		answer(fd, "200 OK", "",
		       "<form method=post action=/code><input name=c autocomplete=one-time-code>"
		       "</form>");
	} else if (d->keeping == BEARER) {
		answer(fd, "401 No", "", "{\"error\": \"no\"}");
	} else {
		d->refused = true;
		show_login(fd, d);
	}
}

static bool is_inside(const struct device *d, const struct request *r)
{
	switch (d->keeping) {
	case COOKIE:
		return r->session && (!d->one || d->inside);
	case ADDRESS:
		return d->inside;
	case BASIC:
		return r->basic || (d->any && r->credentials);
	default:
		return r->bearer;
	}
}

static void respond(int fd, struct device *d, struct request *r)
{
	if (d->limited) {
		answer(fd, "429 Slowly", "", "");
	} else if (strcmp(r->path, "/login") == 0 && r->method[0] == 'P') {
		take_login(fd, d, r);
	} else if (strcmp(r->path, "/login") == 0 && !d->post_only) {
		show_login(fd, d);
	} else if (strcmp(r->path, "/out") == 0) {
		d->inside = false;
		answer(fd, "302 Found", "Location: /login\r\n", "");
	} else if (strcmp(r->path, "/home") != 0) {
		answer(fd, "404 Not Found", "", "nothing");
	} else if (d->open || is_inside(d, r)) {
		answer(fd, "200 OK", "",
		       d->no_logout ? "valve open, tank half full"
				    : "valve open, tank half full <a href='/out'>Log out</a>");
	} else if (d->keeping == BASIC) {
		answer(fd, "401 No", "WWW-Authenticate: Basic realm=\"x\"\r\n", "no");
	} else if (d->keeping == BEARER) {
		answer(fd, "401 No", "", "no");
	} else {
		show_login(fd, d);
	}
}

static void serve(int fd, void *argument)
{
	FILE *in = fdopen(fd, "r");
	struct request request;

	while (read_request(in, &request)) {
		respond(fd, argument, &request);
	}
}

/* --- tests ---------------------------------------------------------------------- */

static struct test_bench bench;
static struct device *shared;

static struct child_report run(uint16_t port, const char *probe, enum keeping keeping)
{
	static const char *const with[] = {"service", "it",          "account", "good",
					   "pairs",   "admin:admin", NULL};
	struct login_form *login;

	test_bench_init(&bench, "http", port);
	login = &bench.services[0].login;
	*login = (struct login_form){.ok = "/home"};
	if (keeping != BASIC) {
		login->user = "user";
		login->password = "pass";
		*(keeping == BEARER ? &login->json : &login->form) = "/login";
		login->token = keeping == BEARER ? "access" : NULL;
	}
	return test_observe(&bench, probe_find(probe), with);
}

static struct child_report observe(struct device device, const char *probe)
{
	struct test_peer peer;
	struct child_report report;

	*shared = device;
	peer = test_peer_serve(serve, shared);
	report = run(peer.port, probe, device.keeping);
	test_peer_stop(&peer);
	return report;
}

#define FACT(name) test_fact(&bench, &report, name)

static void assert_fact(const struct child_report *report, const char *name, const char *value)
{
	const char *saw = test_fact(&bench, report, name);

	if (saw == NULL || strcmp(saw, value) != 0) {
		fail_msg("%s is '%s', not '%s' (%s)", name, saw != NULL ? saw : "not reported",
			 value, report->reason);
	}
}

static void assert_refuses(struct device device)
{
	struct child_report report = observe(device, "login.refusal");

	assert_fact(&report, "good_login_before", "true");
	assert_fact(&report, "wrong_password_accepted", "none");
	assert_fact(&report, "empty_password_accepted", "none");
	assert_fact(&report, "unknown_user_accepted", "none");
	assert_fact(&report, "good_login_after", "true");
	assert_fact(&report, "controlled", "true");
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	test_bench_release(&bench);
}

static void assert_lets_in(struct device device, const char *fact, const char *value)
{
	struct child_report report = observe(
		device, strcmp(fact, "default_accepted") == 0 ? "login.defaults" : "login.refusal");

	assert_fact(&report, fact, value);
	test_bench_release(&bench);
}

static void form_with_a_cookie_lets_only_the_good_one_in(void **state)
{
	(void)state;
	assert_refuses((struct device){.keeping = COOKIE});
}

static void hidden_token_is_sent_back(void **state)
{
	(void)state;
	assert_refuses((struct device){.keeping = COOKIE, .token = true});
}

static void form_that_only_takes_posts_is_driven(void **state)
{
	(void)state;
	assert_refuses((struct device){.keeping = COOKIE, .post_only = true});
}

static void page_that_changes_after_a_refusal_is_no_login(void **state)
{
	(void)state;
	assert_refuses((struct device){.keeping = COOKIE, .flash = true});
}

static void session_of_the_address_is_logged_out(void **state)
{
	(void)state;
	assert_refuses((struct device){.keeping = ADDRESS});
}

static void session_of_the_address_without_a_way_out_is_judged_by_the_answers(void **state)
{
	(void)state;
	assert_refuses((struct device){.keeping = ADDRESS, .no_logout = true});
}

static void one_session_at_a_time_is_logged_out(void **state)
{
	(void)state;
	assert_refuses((struct device){.keeping = COOKIE, .one = true});
}

/* The session stays taken: what tells the right password from a wrong one is that the device says
 * so to it alone. */
static void one_session_without_a_way_out_still_tells_right_from_wrong(void **state)
{
	const struct device device = {.keeping = COOKIE, .one = true, .no_logout = true};
	struct child_report report = observe(device, "login.refusal");

	(void)state;
	assert_fact(&report, "good_login_before", "true");
	assert_fact(&report, "controlled", "true");
	assert_fact(&report, "wrong_password_accepted", "none");
	assert_null(FACT("good_login_after"));
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	test_bench_release(&bench);
}

static void taken_session_at_first_still_tells_right_from_wrong(void **state)
{
	struct device device = {.keeping = COOKIE, .one = true, .no_logout = true, .inside = true};
	struct child_report report = observe(device, "login.defaults");

	(void)state;
	assert_fact(&report, "controlled", "true");
	assert_fact(&report, "default_accepted", "none");
	assert_null(FACT("good_login_before"));
	test_bench_release(&bench);
	device.delivered = true;
	report = observe(device, "login.defaults");
	assert_fact(&report, "default_accepted", "admin (entry 1)");
	test_bench_release(&bench);
}

/* The tester's address is let in already, by an earlier check: the answers still differ. */
static void delivered_password_is_seen_behind_an_open_session(void **state)
{
	struct device device = {
		.keeping = ADDRESS, .no_logout = true, .inside = true, .delivered = true};

	(void)state;
	assert_lets_in(device, "default_accepted", "admin (entry 1)");
	device.delivered = false;
	assert_lets_in(device, "default_accepted", "none");
}

static void taken_session_that_everybody_is_told_of_proves_nothing(void **state)
{
	struct device device = {.keeping = COOKIE, .one = true, .no_logout = true, .any = true};
	struct child_report report = observe(device, "login.refusal");

	(void)state;
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_RATE_LIMITED);
	assert_non_null(strstr(report.reason, "Somebody is working here"));
	assert_null(FACT("wrong_password_accepted"));
	test_bench_release(&bench);
}

static void basic_credentials_let_only_the_good_one_in(void **state)
{
	(void)state;
	assert_refuses((struct device){.keeping = BASIC});
}

static void json_login_with_a_bearer_token_lets_only_the_good_one_in(void **state)
{
	(void)state;
	assert_refuses((struct device){.keeping = BEARER});
}

#define EVERY_WRONG "good (longer), good (other case), good (shorter), good (any)"

static void form_that_takes_anything_is_seen(void **state)
{
	(void)state;
	assert_lets_in((struct device){.keeping = COOKIE, .any = true}, "wrong_password_accepted",
		       EVERY_WRONG);
	assert_lets_in((struct device){.keeping = ADDRESS, .any = true}, "wrong_password_accepted",
		       EVERY_WRONG);
	assert_lets_in((struct device){.keeping = BEARER, .any = true}, "unknown_user_accepted",
		       "any name (the right password), any name (any password)");
	assert_lets_in((struct device){.keeping = BASIC, .any = true}, "empty_password_accepted",
		       "good, admin, spare");
}

static void address_kept_by_a_lax_device_without_a_way_out_is_seen(void **state)
{
	(void)state;
	assert_lets_in((struct device){.keeping = ADDRESS, .empty = true, .no_logout = true},
		       "empty_password_accepted", "good");
}

static void empty_password_is_seen(void **state)
{
	(void)state;
	assert_lets_in((struct device){.keeping = COOKIE, .empty = true}, "empty_password_accepted",
		       "good");
}

static void delivered_password_that_must_be_changed_is_accepted(void **state)
{
	(void)state;
	assert_lets_in((struct device){.keeping = COOKIE, .must_change = true}, "default_accepted",
		       "admin (entry 1)");
}

static void delivered_password_that_asks_for_a_code_is_no_refusal(void **state)
{
	struct child_report report = observe((struct device){.code = true}, "login.defaults");

	(void)state;
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_non_null(strstr(report.reason, "a further factor is asked for"));
	assert_null(FACT("default_accepted"));
	test_bench_release(&bench);
}

static void delivered_password_that_is_refused_is_not_accepted(void **state)
{
	(void)state;
	assert_lets_in((struct device){.keeping = COOKIE}, "default_accepted", "none");
}

static void assert_proves_nothing(struct device device, enum why why)
{
	struct child_report report = observe(device, "login.refusal");

	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, why);
	assert_null(FACT("wrong_password_accepted"));
	test_bench_release(&bench);
}

static void form_that_a_script_builds_cannot_be_driven(void **state)
{
	(void)state;
	assert_proves_nothing((struct device){.keeping = COOKIE, .scripted = true},
			      WHY_CANNOT_OFFER);
}

static void page_that_everybody_gets_leaves_the_answers_to_tell(void **state)
{
	(void)state;
	assert_refuses((struct device){.keeping = COOKIE, .open = true});
	assert_proves_nothing((struct device){.keeping = COOKIE, .open = true, .any = true},
			      WHY_CONTROL_FAILED);
	assert_proves_nothing((struct device){.keeping = BASIC, .open = true}, WHY_CANNOT_OFFER);
}

static void too_many_requests_prove_nothing(void **state)
{
	(void)state;
	assert_proves_nothing((struct device){.keeping = COOKIE, .limited = true},
			      WHY_RATE_LIMITED);
}

static void peer_that_is_no_web_server_gives_its_reason(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(test_wrong_peers); i++) {
		struct test_peer peer = test_peer_start(test_wrong_peers[i].kind);
		struct child_report report = run(peer.port, "login.refusal", COOKIE);

		assert_int_equal(report.outcome, CHILD_GAVE_UP);
		assert_int_equal(report.why, test_wrong_peers[i].why);
		assert_null(FACT("wrong_password_accepted"));
		test_peer_stop(&peer);
		test_bench_release(&bench);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(form_with_a_cookie_lets_only_the_good_one_in),
		cmocka_unit_test(hidden_token_is_sent_back),
		cmocka_unit_test(form_that_only_takes_posts_is_driven),
		cmocka_unit_test(page_that_changes_after_a_refusal_is_no_login),
		cmocka_unit_test(session_of_the_address_is_logged_out),
		cmocka_unit_test(session_of_the_address_without_a_way_out_is_judged_by_the_answers),
		cmocka_unit_test(one_session_at_a_time_is_logged_out),
		cmocka_unit_test(one_session_without_a_way_out_still_tells_right_from_wrong),
		cmocka_unit_test(taken_session_at_first_still_tells_right_from_wrong),
		cmocka_unit_test(delivered_password_is_seen_behind_an_open_session),
		cmocka_unit_test(taken_session_that_everybody_is_told_of_proves_nothing),
		cmocka_unit_test(basic_credentials_let_only_the_good_one_in),
		cmocka_unit_test(json_login_with_a_bearer_token_lets_only_the_good_one_in),
		cmocka_unit_test(form_that_takes_anything_is_seen),
		cmocka_unit_test(address_kept_by_a_lax_device_without_a_way_out_is_seen),
		cmocka_unit_test(empty_password_is_seen),
		cmocka_unit_test(delivered_password_that_must_be_changed_is_accepted),
		cmocka_unit_test(delivered_password_that_asks_for_a_code_is_no_refusal),
		cmocka_unit_test(delivered_password_that_is_refused_is_not_accepted),
		cmocka_unit_test(form_that_a_script_builds_cannot_be_driven),
		cmocka_unit_test(page_that_everybody_gets_leaves_the_answers_to_tell),
		cmocka_unit_test(too_many_requests_prove_nothing),
		cmocka_unit_test(peer_that_is_no_web_server_gives_its_reason),
	};

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	TEST_RUN_MUST(shared != MAP_FAILED);
	return cmocka_run_group_tests_name("http_driver", tests, NULL, NULL);
}
