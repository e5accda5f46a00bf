/* needs: namespace */
/* timeout: 120 */
/* http_access_test: http.access against a scripted web interface
 * with one trait at a time, and against peers that are none. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/run/test_run.h"
#include "probes/registry.h"

#include <sys/mman.h>

enum law {
	STRICT,           /* everything but /login needs a session */
	LOGIN_EVERYWHERE, /* 200 and the login page for every path */
	OPEN_CONFIG,      /* /config is given to everybody */
	LEAKING,          /* redirects to the login, but with the data behind */
	LOOPING,          /* "/" leads to itself */
	BUSY,             /* 503 to everything */
	LINKED,           /* the login page links to a page that is given to everybody */
	CHOOSY,           /* /config is given to what looks like a browser */
	SMALL_LEAK,       /* a redirect with a few words of data behind */
	SAYS_DENIED,      /* refusals are pages sent with 200 */
	SCRIPT_DENIED,    /* and only a script in them leads to the login */
	SCRIPT_PAGE,      /* /config is a page that a script fills */
	BOX,              /* /config is data with a login box on it */
	DATA_EVERYWHERE,
	FORBIDDEN_LEAK, /* 403, with the data behind it */
	MISSING_LEAK,   /* 404 */
	WORD_LEAK,      /* a page of data with words that refusals have */
	JSON_LEAK,
	SMALL_BOX,     /* a few values beside a login box */
	TINY_REDIRECT, /* two words behind a redirect */
	OWN_ERRORS,    /* each refusal in other words */
	BUSY_ONCE,
};

static const char few_words[] =
	"ntp server alpha, community plant, password of the admin is sesame, "
	"key of the vpn is 7781";

static const char login_page[] = "<form method=post action=/login><input name=user><input "
				 "type=password name=pass></form>";

static void answer(int fd, const char *status, const char *extra, const char *page)
{
	char text[8192];

	snprintf(text, sizeof(text),
		 "HTTP/1.1 %s\r\nServer: test\r\n%sContent-Length: "
		 "%zu\r\n\r\n%s",
		 status, extra, strlen(page), page);
	TEST_RUN_MUST(send(fd, text, strlen(text), MSG_NOSIGNAL) >= 0);
}

static unsigned *served; /* requests; shared by the connections' processes */

struct request {
	char method[16], path[256], body[512];
	bool browser;
};

static bool read_request(FILE *in, struct request *ret)
{
	char line[1024];
	size_t length = 0;

	memset(ret, 0, sizeof(*ret));
	if (fgets(line, sizeof(line), in) == NULL ||
	    sscanf(line, "%15s %255s", ret->method, ret->path) != 2) {
		return false;
	}
	while (fgets(line, sizeof(line), in) != NULL && line[0] != '\r') {
		sscanf(line, "Content-Length: %zu", &length);
		ret->browser = ret->browser || strstr(line, "Mozilla") != NULL;
	}
	TEST_RUN_MUST(length < sizeof(ret->body));
	return fread(ret->body, 1, length, in) == length;
}

static const char valves[] = "<p>valve one open, valve two shut, pump three at forty percent, tank "
			     "four half full, line five stopped by the operator since noon, "
			     "line six waits for material, nobody is at the mixer</p>";

/* What everybody gets by each law. Returns false for none of this. */
static bool leak(int fd, enum law law, const struct request *r)
{
	bool config = strcmp(r->path, "/config") == 0;
	char page[2048];

	if (law == LINKED && strcmp(r->path, "/login") == 0) {
		snprintf(page, sizeof(page), "%s<a href='/trend.html'>x</a><a href='/reboot'>y</a>",
			 login_page);
		answer(fd, "200 OK", "", page);
	} else if (law == LINKED &&
		   (strcmp(r->path, "/trend.html") == 0 || strcmp(r->path, "/reboot") == 0)) {
		answer(fd, "200 OK", "", valves);
	} else if ((law == CHOOSY && config && r->browser) || law == DATA_EVERYWHERE) {
		answer(fd, "200 OK", "", valves);
	} else if (law == SMALL_LEAK && config) {
		answer(fd, "302 Found", "Location: /login\r\n",
		       "ntp server alpha, community plant, password of the admin is sesame, key of "
		       "the vpn is open");
	} else if ((law == FORBIDDEN_LEAK || law == MISSING_LEAK) && config) {
		answer(fd, law == FORBIDDEN_LEAK ? "403 No" : "404 No", "", few_words);
	} else if (law == WORD_LEAK && config) {
		answer(fd, "200 OK", "", "pump runs, speed 1450, error count 0, last login by bob");
	} else if (law == JSON_LEAK && config) {
		answer(fd, "200 OK", "", "{\"wifi\": \"sesame\", \"error\": 0}");
	} else if (law == SMALL_BOX && config) {
		snprintf(page, sizeof(page), "%s<p>tank 1: 55 percent, pump 2 runs</p>",
			 login_page);
		answer(fd, "200 OK", "", page);
	} else if (law == TINY_REDIRECT && config) {
		answer(fd, "302 Found", "Location: /login\r\n", "wifi_password=sesame");
	} else if (law == OWN_ERRORS && strcmp(r->path, "/users") == 0) {
		answer(fd, "403 No", "",
		       "You lack the permission to read the list of all users here.");
	} else if (law == OWN_ERRORS && config) {
		answer(fd, "200 OK", "", "Please log in first.");
	} else if (law == OWN_ERRORS && strcmp(r->path, "/admin") == 0) {
		snprintf(page, sizeof(page), "<h1>Administrators of this plant</h1>%s", login_page);
		answer(fd, "200 OK", "", page);
	} else if (law == OWN_ERRORS && strcmp(r->path, "/status") == 0) {
		answer(fd, "302 Found", "Location: /login\r\n", "This page has moved.");
	} else if (law == SAYS_DENIED && strcmp(r->path, "/login") != 0) {
		answer(fd, "200 OK", "", "<p>Access denied. Log in first.</p>");
	} else if (law == SCRIPT_DENIED && strcmp(r->path, "/login") != 0) {
		answer(fd, "200 OK", "", "<script>top.location='/login';</script>");
	} else if (law == SCRIPT_PAGE && config) {
		answer(fd, "200 OK", "", "<script>fill('/data');</script>");
	} else if (law == BOX && config) {
		snprintf(page, sizeof(page), "%s%s", login_page, valves);
		answer(fd, "200 OK", "", page);
	} else {
		return false;
	}
	return true;
}

static void refuse(int fd, enum law law, const struct request *request)
{
	char data[4096];

	if (law == LOGIN_EVERYWHERE) {
		answer(fd, "200 OK", "", login_page);
	} else if (law == LEAKING && strcmp(request->path, "/home") == 0) {
		memset(data, 'd', sizeof(data) - 1);
		data[sizeof(data) - 1] = '\0';
		answer(fd, "302 Found", "Location: /login\r\n", data);
	} else {
		answer(fd, "302 Found", "Location: /login\r\n", "");
	}
}

static void respond(int fd, enum law law, const struct request *r)
{
	if (++*served == 5 && law == BUSY_ONCE) {
		answer(fd, "503 Busy", "", "");
		return;
	}
	if (leak(fd, law, r)) {
		return;
	}
	if (law == BUSY) {
		answer(fd, "503 Busy", "", "");
	} else if (law == LOOPING && strcmp(r->path, "/") == 0) {
		answer(fd, "302 Found", "Location: /\r\n", "");
	} else if (strcmp(r->path, "/login") == 0) {
		answer(fd, "200 OK", "", login_page);
	} else if (law == OPEN_CONFIG && strcmp(r->path, "/config") == 0) {
		answer(fd, "200 OK", "", "ip=10.0.0.2 gateway=none");
	} else {
		refuse(fd, law, r);
	}
}

static void serve(int fd, void *argument)
{
	enum law law = *(enum law *)argument;
	FILE *in = fdopen(fd, "r");
	struct request request;

	while (read_request(in, &request)) {
		respond(fd, law, &request);
	}
}

static struct test_bench bench;

static struct child_report run(uint16_t port)
{
	static const char *const access[] = {"service", "it", NULL};

	test_bench_init(&bench, "http", port);
	bench.services[0].login = (struct login_form){
		.form = "/login", .user = "user", .password = "pass", .ok = "/home"};
	return test_observe(&bench, probe_find("http.access"), access);
}

static struct child_report observe(enum law law)
{
	struct test_peer peer = test_peer_serve(serve, &law);
	struct child_report report = run(peer.port);

	test_peer_stop(&peer);
	return report;
}

#define FACT(name) test_fact(&bench, &report, name)

static void strict_interface_opens_no_path(void **state)
{
	struct child_report report = observe(STRICT);

	(void)state;
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("answers"), "true");
	assert_string_equal(FACT("status"), "302");
	assert_string_equal(FACT("server"), "test");
	assert_string_equal(FACT("asks_login"), "true");
	assert_string_equal(FACT("open_paths"), "none");
	assert_string_equal(FACT("login_form_clear"), "true");
	assert_string_equal(FACT("redirects_to_https"), "false");
	test_bench_release(&bench);
}

static void login_page_for_every_path_is_no_content(void **state)
{
	struct child_report report = observe(LOGIN_EVERYWHERE);

	(void)state;
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("status"), "200");
	assert_string_equal(FACT("open_paths"), "none");
	test_bench_release(&bench);
}

static void path_given_to_everybody_is_found(void **state)
{
	struct child_report report = observe(OPEN_CONFIG);

	(void)state;
	assert_string_equal(FACT("open_paths"), "/config");
	test_bench_release(&bench);
}

static void redirect_with_the_data_behind_it_is_found(void **state)
{
	struct child_report report = observe(LEAKING);

	(void)state;
	assert_string_equal(FACT("open_paths"), "/home");
	test_bench_release(&bench);
}

static void assert_paths(enum law law, const char *open, const char *script)
{
	struct child_report report = observe(law);

	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("open_paths"), open);
	assert_string_equal(FACT("script_paths"), script);
	assert_string_equal(FACT("refusal_known"), law == DATA_EVERYWHERE ? "false" : "true");
	test_bench_release(&bench);
}

static void data_behind_an_error_is_found(void **state)
{
	(void)state;
	assert_paths(FORBIDDEN_LEAK, "/config", "none");
	assert_paths(MISSING_LEAK, "/config", "none");
	assert_paths(TINY_REDIRECT, "/config", "none");
}

static void data_with_words_of_refusals_is_found(void **state)
{
	(void)state;
	assert_paths(WORD_LEAK, "/config", "none");
	assert_paths(JSON_LEAK, "/config", "none");
	assert_paths(SMALL_BOX, "/config", "none");
}

static void refusals_in_words_of_their_own_are_no_content(void **state)
{
	(void)state;
	assert_paths(OWN_ERRORS, "none", "none");
}

static void server_that_is_busy_once_is_asked_again(void **state)
{
	(void)state;
	*served = 0;
	assert_paths(BUSY_ONCE, "none", "none");
	assert_true(*served > 10);
}

static void page_that_is_linked_is_tried_but_no_deed(void **state)
{
	(void)state;
	assert_paths(LINKED, "/trend.html", "none");
}

static void page_for_browsers_is_found(void **state)
{
	(void)state;
	assert_paths(CHOOSY, "/config", "none");
}

static void few_words_behind_a_redirect_are_found(void **state)
{
	(void)state;
	assert_paths(SMALL_LEAK, "/config", "none");
}

static void refusals_sent_as_pages_are_no_content(void **state)
{
	(void)state;
	assert_paths(SAYS_DENIED, "none", "none");
	assert_paths(SCRIPT_DENIED, "none", "none");
}

static void page_that_a_script_fills_is_said(void **state)
{
	(void)state;
	assert_paths(SCRIPT_PAGE, "none", "/config");
}

static void data_with_a_login_box_is_content(void **state)
{
	(void)state;
	assert_paths(BOX, "/config", "none");
}

static void data_on_every_path_leaves_refusals_unknown(void **state)
{
	(void)state;
	assert_paths(DATA_EVERYWHERE, "/", "none");
}

static void redirect_loop_ends(void **state)
{
	struct child_report report = observe(LOOPING);

	(void)state;
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("open_paths"), "none");
	test_bench_release(&bench);
}

static void busy_server_proves_nothing(void **state)
{
	struct child_report report = observe(BUSY);

	(void)state;
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_RATE_LIMITED);
	test_bench_release(&bench);
}

static void peer_that_is_no_web_server_gives_its_reason(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(test_wrong_peers); i++) {
		struct test_peer peer = test_peer_start(test_wrong_peers[i].kind);
		struct child_report report = run(peer.port);

		assert_int_equal(report.outcome, CHILD_GAVE_UP);
		assert_int_equal(report.why, test_wrong_peers[i].why);
		assert_null(FACT("open_paths"));
		test_peer_stop(&peer);
		test_bench_release(&bench);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strict_interface_opens_no_path),
		cmocka_unit_test(login_page_for_every_path_is_no_content),
		cmocka_unit_test(path_given_to_everybody_is_found),
		cmocka_unit_test(redirect_with_the_data_behind_it_is_found),
		cmocka_unit_test(data_behind_an_error_is_found),
		cmocka_unit_test(data_with_words_of_refusals_is_found),
		cmocka_unit_test(refusals_in_words_of_their_own_are_no_content),
		cmocka_unit_test(server_that_is_busy_once_is_asked_again),
		cmocka_unit_test(page_that_is_linked_is_tried_but_no_deed),
		cmocka_unit_test(page_for_browsers_is_found),
		cmocka_unit_test(few_words_behind_a_redirect_are_found),
		cmocka_unit_test(refusals_sent_as_pages_are_no_content),
		cmocka_unit_test(page_that_a_script_fills_is_said),
		cmocka_unit_test(data_with_a_login_box_is_content),
		cmocka_unit_test(data_on_every_path_leaves_refusals_unknown),
		cmocka_unit_test(redirect_loop_ends),
		cmocka_unit_test(busy_server_proves_nothing),
		cmocka_unit_test(peer_that_is_no_web_server_gives_its_reason),
	};

	served = mmap(NULL, sizeof(*served), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	TEST_RUN_MUST(served != MAP_FAILED);
	return cmocka_run_group_tests_name("http_access", tests, NULL, NULL);
}
