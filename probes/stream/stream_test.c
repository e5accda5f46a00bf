/* stream_test: every end of a stream told apart, in clear and inside TLS, on
 * servers made for the occasion. */
/* timeout: 180 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base/test_calm.h"
#include "harness/run/test_run.h"
#include "probes/stream/stream.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

enum { DIAL_MS = 2000, WAIT_MS = 1000, SHORT_MS = 200, LINE_MOST = 32 };

/* --- what the probe does: one of these, in a real child ------------------------ */

static int64_t soon(void)
{
	return clock_ns() + WAIT_MS * NS_PER_MS;
}

static void saw_end(const struct stream *stream)
{
	static const char *const names[] = {
		[STREAM_WELL] = "well",         [STREAM_SILENT] = "silent",
		[STREAM_EOF] = "eof",           [STREAM_RESET] = "reset",
		[STREAM_FULL] = "full",         [STREAM_NOT_TLS] = "not tls",
		[STREAM_ALERT] = "alert",       [STREAM_UNPROVEN] = "unproven",
		[STREAM_TLS_FAILED] = "failed",
	};

	probe_saw_text(stream->run, "end", names[stream->end]);
	probe_saw_text(stream->run, "reason", stream->reason);
	probe_saw_int(stream->run, "waited", stream->waited_ns / NS_PER_MS);
}

/* Reads lines until there is none, and reports them and the end. */
static void read_lines(struct stream *stream)
{
	char line[LINE_MOST];
	int i;

	probe_saw_none(stream->run, "lines");
	for (i = 0; i < 10 && stream_line(stream, line, sizeof(line), soon()) >= 0; i++) {
		probe_saw_item(stream->run, "lines", line);
	}
	probe_saw_int(stream->run, "held", (int64_t)stream->have);
	saw_end(stream);
}

static int open_it(struct stream *stream, struct probe_run *run)
{
	const struct service *service = probe_service(run, "service");
	int error = stream_dial(stream, run, service, DIAL_MS);

	return error == 0 ? 0 : probe_dial_failed(run, service, error);
}

static int do_lines(struct probe_run *run)
{
	struct stream stream;

	if (open_it(&stream, run) != 0) {
		return -1;
	}
	read_lines(&stream);
	stream_release(&stream);
	stream_release(&stream);
	return 0;
}

/* Waits twice: after a silence the stream goes on. */
static int do_wait_twice(struct probe_run *run)
{
	struct stream stream;
	char bytes[8];
	long got;

	if (open_it(&stream, run) != 0) {
		return -1;
	}
	got = stream_read(&stream, bytes, sizeof(bytes), clock_ns() + SHORT_MS * NS_PER_MS);
	probe_saw_bool(run, "first_silent", got < 0 && stream.end == STREAM_SILENT);
	read_lines(&stream);
	stream_release(&stream);
	return 0;
}

/* Receives as long as the stream holds more. */
static int do_fill(struct probe_run *run)
{
	struct stream stream;

	if (open_it(&stream, run) != 0) {
		return -1;
	}
	while (stream_more(&stream, soon()) > 0) {
	}
	probe_saw_int(run, "held", (int64_t)stream.have);
	saw_end(&stream);
	stream_release(&stream);
	return 0;
}

static int do_give_up(struct probe_run *run)
{
	struct stream stream;
	char line[LINE_MOST];
	int ret = 0;

	if (open_it(&stream, run) != 0) {
		return -1;
	}
	if (stream_line(&stream, line, sizeof(line), clock_ns() + SHORT_MS * NS_PER_MS) < 0) {
		ret = stream_give_up(&stream, probe_service(run, "service"), "greeting");
	}
	stream_release(&stream);
	return ret;
}

/* A line in clear, TLS from then on, and lines inside it. */
static int do_start_tls(struct probe_run *run)
{
	static const struct stream_tls how = {.server_name = "plc.example"};
	struct stream stream;
	char line[LINE_MOST];

	if (open_it(&stream, run) != 0) {
		return -1;
	}
	if (stream_write(&stream, "AUTH\r\n", 6, soon()) != 0 ||
	    stream_line(&stream, line, sizeof(line), soon()) < 0) {
		return probe_give_up(run, WHY_GARBAGE, "no line in clear");
	}
	if (stream_start_tls(&stream, &how, soon()) == 0) {
		probe_saw_text(run, "version", SSL_get_version(stream.ssl));
		(void)stream_write(&stream, "hello\r\n", 7, soon());
		read_lines(&stream);
	}
	saw_end(&stream);
	stream_release(&stream);
	return 0;
}

static const struct param_def params[] = {
	{"service", PARAM_SERVICE, "any", NULL, 0, 0},
	{0},
};

static const struct fact_def facts[] = {
	{"end", FACT_TEXT, "", "how the last call ended"},
	{"reason", FACT_TEXT, "", "why"},
	{"waited", FACT_INT, "ms", "what it took"},
	{"lines", FACT_LIST, "", "lines read"},
	{"held", FACT_INT, "bytes", "received and not taken"},
	{"first_silent", FACT_BOOL, "", "the first wait ended in silence"},
	{"version", FACT_TEXT, "", "of TLS"},
	{0},
};

/* --- servers -------------------------------------------------------------------- */

static void say(int fd, const void *bytes, size_t size)
{
	TEST_RUN_MUST(send(fd, bytes, size, MSG_NOSIGNAL) == (ssize_t)size);
}

static void serve_lines(int fd, void *text)
{
	say(fd, text, strlen(text));
}

static void serve_late(int fd, void *text)
{
	poll(NULL, 0, 2 * SHORT_MS);
	say(fd, text, strlen(text));
}

static void serve_reset(int fd, void *argument)
{
	const struct linger hard = {.l_onoff = 1, .l_linger = 0};

	(void)argument;
	say(fd, "before\n", 7);
	poll(NULL, 0, SHORT_MS);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(fd);
}

static void serve_much(int fd, void *argument)
{
	static const char bytes[4096];
	int i;

	(void)argument;
	for (i = 0; i < 64 && send(fd, bytes, sizeof(bytes), MSG_NOSIGNAL) > 0; i++) {
	}
	test_serve_silent(fd, NULL);
}

/* What the server does once the client asked for TLS. */
struct tls_server {
	const char *grant;  /* sent in clear, what follows its line too */
	const char *answer; /* inside TLS; NULL: nothing is said */
	int highest;
	bool notify; /* closes with close_notify */
	bool alert;  /* refuses the handshake with an alert */
};

static X509 *certificate_new(EVP_PKEY *key)
{
	X509 *certificate = X509_new();

	TEST_RUN_MUST(certificate != NULL);
	X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
	X509_set_pubkey(certificate, key);
	TEST_RUN_MUST(X509_sign(certificate, key, EVP_sha256()) > 0);
	return certificate;
}

static SSL *accept_tls(int fd, const struct tls_server *server)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	SSL *ssl;

	SSL_CTX_set_security_level(context, 0);
	SSL_CTX_set_min_proto_version(context, 0);
	SSL_CTX_set_max_proto_version(context, server->highest);
	SSL_CTX_use_certificate(context, certificate_new(key));
	TEST_RUN_MUST(SSL_CTX_use_PrivateKey(context, key) == 1);
	ssl = SSL_new(context);
	SSL_set_fd(ssl, fd);
	TEST_RUN_MUST(SSL_accept(ssl) == 1);
	return ssl;
}

static void serve_tls(int fd, void *argument)
{
	static const uint8_t handshake_failure[] = {21, 3, 3, 0, 2, 2, 40};
	const struct tls_server *server = argument;
	char bytes[64];
	SSL *ssl;

	TEST_RUN_MUST(recv(fd, bytes, sizeof(bytes), 0) == 6);
	say(fd, server->grant, strlen(server->grant));
	if (server->alert) {
		TEST_RUN_MUST(recv(fd, bytes, sizeof(bytes), 0) > 0);
		say(fd, handshake_failure, sizeof(handshake_failure));
		test_serve_silent(fd, NULL);
		return;
	}
	ssl = accept_tls(fd, server);
	TEST_RUN_MUST(SSL_read(ssl, bytes, sizeof(bytes)) == 7);
	if (server->answer != NULL) {
		SSL_write(ssl, server->answer, (int)strlen(server->answer));
	} else {
		test_serve_silent(fd, NULL);
	}
	if (server->notify) {
		SSL_shutdown(ssl);
		test_serve_silent(fd, NULL);
	}
}

/* --- tests ---------------------------------------------------------------------- */

struct scene {
	struct test_peer peer;
	struct test_bench bench;
	struct child_report report;
};

static void play_on(struct scene *scene, struct test_peer peer, int (*observe)(struct probe_run *))
{
	const struct probe probe = {
		.id = "stream.test",
		.summary = "a stream",
		.source = "none",
		.impact = IMPACT_OBSERVE,
		.timeout_s = 20,
		.params = params,
		.facts = facts,
		.observe = observe,
	};

	scene->peer = peer;
	test_bench_init(&scene->bench, "any", peer.port);
	scene->report =
		test_observe(&scene->bench, &probe, (const char *const[]){"service", "it", NULL});
}

static void play(struct scene *scene, void (*serve)(int fd, void *argument), const void *argument,
		 int (*observe)(struct probe_run *))
{
	play_on(scene, test_peer_serve(serve, (void *)(uintptr_t)argument), observe);
}

static void end(struct scene *scene)
{
	test_bench_release(&scene->bench);
	test_peer_stop(&scene->peer);
}

static void assert_saw(struct scene *scene, const char *fact, const char *value)
{
	const char *saw = test_fact(&scene->bench, &scene->report, fact);

	if (saw == NULL || strcmp(saw, value) != 0) {
		fail_msg("%s is '%s', not '%s'", fact, saw != NULL ? saw : "not reported", value);
	}
}

static void lines_are_taken_up_to_the_peers_end(void **state)
{
	struct scene scene;

	(void)state;
	play(&scene, serve_lines, "one\r\ntwo\n\r\nrest", do_lines);
	assert_int_equal(scene.report.outcome, CHILD_COMPLETE);
	assert_saw(&scene, "lines", "one, two, ");
	assert_saw(&scene, "held", "4");
	assert_saw(&scene, "end", "eof");
	end(&scene);
}

static void line_of_just_the_bound_fits(void **state)
{
	struct scene scene;

	(void)state;
	play(&scene, serve_lines, "1234567890123456789012345678901\r\n", do_lines);
	assert_saw(&scene, "lines", "1234567890123456789012345678901");
	assert_saw(&scene, "end", "eof");
	end(&scene);
}

static void line_beyond_the_bound_is_full(void **state)
{
	struct scene scene;

	(void)state;
	play(&scene, serve_lines, "short\n12345678901234567890123456789012\nnext\n", do_lines);
	assert_saw(&scene, "lines", "short");
	assert_saw(&scene, "end", "full");
	end(&scene);
}

static void line_without_an_end_is_silence_or_too_much(void **state)
{
	struct scene scene;

	(void)state;
	play_on(&scene, test_peer_start(PEER_MUMBLING), do_lines);
	assert_saw(&scene, "end", "silent");
	end(&scene);
	play_on(&scene, test_peer_start(PEER_GARBAGE), do_lines);
	assert_saw(&scene, "end", "full");
	end(&scene);
}

static void reset_is_not_an_orderly_end(void **state)
{
	struct scene scene;

	(void)state;
	play(&scene, serve_reset, NULL, do_lines);
	assert_saw(&scene, "lines", "before");
	assert_saw(&scene, "end", "reset");
	assert_saw(&scene, "reason", "Connection reset by peer");
	end(&scene);
}

static void silent_peer_ends_at_the_deadline(void **state)
{
	struct scene scene;
	const struct fact *waited;

	(void)state;
	play_on(&scene, test_peer_start(PEER_SILENT), do_lines);
	assert_saw(&scene, "end", "silent");
	waited = facts_find(&scene.report.facts, "waited");
	assert_non_null(waited);
	assert_in_range(strtol(fact_value_text(scene.bench.arena, waited, ""), NULL, 10), WAIT_MS,
			WAIT_MS + 2000);
	end(&scene);
}

static void silence_does_not_spend_the_stream(void **state)
{
	struct scene scene;

	(void)state;
	play(&scene, serve_late, "late\n", do_wait_twice);
	assert_saw(&scene, "first_silent", "true");
	assert_saw(&scene, "lines", "late");
	end(&scene);
}

static void closing_peer_is_an_end_without_lines(void **state)
{
	struct scene scene;

	(void)state;
	play_on(&scene, test_peer_start(PEER_CLOSING), do_lines);
	assert_saw(&scene, "lines", "none");
	assert_saw(&scene, "end", "eof");
	end(&scene);
}

static void what_is_held_has_a_limit(void **state)
{
	struct scene scene;

	(void)state;
	play(&scene, serve_much, NULL, do_fill);
	assert_saw(&scene, "held", "131072");
	assert_saw(&scene, "end", "full");
	end(&scene);
}

static void giving_up_names_service_and_time(void **state)
{
	struct scene scene;
	int ms = 0;

	(void)state;
	play_on(&scene, test_peer_start(PEER_SILENT), do_give_up);
	assert_int_equal(scene.report.outcome, CHILD_GAVE_UP);
	assert_int_equal(scene.report.why, WHY_NO_ANSWER);
	assert_int_equal(
		sscanf(scene.report.reason, "'it' sent no whole greeting within %d ms", &ms), 1);
	assert_in_range(ms, SHORT_MS, SHORT_MS + 1000);
	end(&scene);
	play(&scene, serve_lines, "no line", do_give_up);
	assert_int_equal(scene.report.why, WHY_CLOSED_EARLY);
	assert_string_equal(scene.report.reason,
			    "'it' closed the connection before its greeting was complete");
	end(&scene);
	play_on(&scene, test_peer_start(PEER_GARBAGE), do_give_up);
	assert_int_equal(scene.report.why, WHY_GARBAGE);
	end(&scene);
}

static void tls_starts_in_the_middle(void **state)
{
	static const struct tls_server server = {
		.grant = "234 go\r\n", .answer = "inside\r\n", .notify = true};
	struct scene scene;

	(void)state;
	play(&scene, serve_tls, &server, do_start_tls);
	assert_saw(&scene, "version", "TLSv1.3");
	assert_saw(&scene, "lines", "inside");
	assert_saw(&scene, "end", "eof");
	end(&scene);
}

static void old_version_is_reached(void **state)
{
	static const struct tls_server server = {
		.grant = "234 go\r\n", .answer = "inside\r\n", .highest = TLS1_VERSION};
	struct scene scene;

	(void)state;
	play(&scene, serve_tls, &server, do_start_tls);
	assert_saw(&scene, "version", "TLSv1");
	assert_saw(&scene, "lines", "inside");
	end(&scene);
}

static void what_was_sent_before_tls_is_not_taken_for_protected(void **state)
{
	static const struct tls_server server = {
		.grant = "234 go\r\n230 injected\r\n", .answer = "inside\r\n", .notify = true};
	struct scene scene;

	(void)state;
	play(&scene, serve_tls, &server, do_start_tls);
	assert_saw(&scene, "lines", "inside");
	end(&scene);
}

static void silence_inside_tls_ends_at_the_deadline(void **state)
{
	static const struct tls_server server = {.grant = "234 go\r\n"};
	struct scene scene;

	(void)state;
	play(&scene, serve_tls, &server, do_start_tls);
	assert_saw(&scene, "version", "TLSv1.3");
	assert_saw(&scene, "end", "silent");
	end(&scene);
}

static void alert_is_named(void **state)
{
	static const struct tls_server server = {.grant = "234 go\r\n", .alert = true};
	struct scene scene;

	(void)state;
	play(&scene, serve_tls, &server, do_start_tls);
	assert_saw(&scene, "end", "alert");
	assert_saw(&scene, "reason", "handshake failure");
	end(&scene);
}

/* Answers the request in clear, and the hello with more of it. */
static void serve_text_for_hello(int fd, void *argument)
{
	char bytes[64];

	(void)argument;
	(void)recv(fd, bytes, sizeof(bytes), 0);
	say(fd, "234 go\r\n", 8);
	(void)recv(fd, bytes, sizeof(bytes), 0);
	say(fd, "500 what?\r\n", 11);
	test_serve_silent(fd, NULL);
}

static void text_for_a_hello_is_no_tls(void **state)
{
	struct scene scene;

	(void)state;
	play(&scene, serve_text_for_hello, NULL, do_start_tls);
	assert_saw(&scene, "end", "not tls");
	end(&scene);
}

/* Grants TLS, then says nothing or hangs up. */
static void serve_grant(int fd, void *hang_up)
{
	char bytes[64];

	(void)recv(fd, bytes, sizeof(bytes), 0);
	say(fd, "234 go\r\n", 8);
	if (hang_up != NULL) {
		(void)recv(fd, bytes, sizeof(bytes), 0);
		shutdown(fd, SHUT_WR);
	}
	test_serve_silent(fd, NULL);
}

static void handshake_without_an_answer_ends(void **state)
{
	struct scene scene;

	(void)state;
	play(&scene, serve_grant, NULL, do_start_tls);
	assert_saw(&scene, "end", "silent");
	end(&scene);
	play(&scene, serve_grant, "hang up", do_start_tls);
	assert_saw(&scene, "end", "eof");
	end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_taken_up_to_the_peers_end),
		cmocka_unit_test(line_of_just_the_bound_fits),
		cmocka_unit_test(line_beyond_the_bound_is_full),
		cmocka_unit_test(line_without_an_end_is_silence_or_too_much),
		cmocka_unit_test(reset_is_not_an_orderly_end),
		cmocka_unit_test(silent_peer_ends_at_the_deadline),
		cmocka_unit_test(silence_does_not_spend_the_stream),
		cmocka_unit_test(closing_peer_is_an_end_without_lines),
		cmocka_unit_test(what_is_held_has_a_limit),
		cmocka_unit_test(giving_up_names_service_and_time),
		cmocka_unit_test(tls_starts_in_the_middle),
		cmocka_unit_test(old_version_is_reached),
		cmocka_unit_test(what_was_sent_before_tls_is_not_taken_for_protected),
		cmocka_unit_test(silence_inside_tls_ends_at_the_deadline),
		cmocka_unit_test(alert_is_named),
		cmocka_unit_test(text_for_a_hello_is_no_tls),
		cmocka_unit_test(handshake_without_an_answer_ends),
	};

	return test_calm_run(tests, NULL, NULL);
}
