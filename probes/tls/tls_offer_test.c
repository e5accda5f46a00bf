/* tls_offer_test: on nginx, OpenSSL's server, and peers that are neither. */
/* timeout: 180 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probes/registry.h"
#include "probes/ssh/test_ssh.h"
#include "probes/tls/test_tls.h"
#include "probes/tls/tls_names.h"

extern const struct probe probe_tls_offer;

static const char *const it[] = {"service", "it", NULL};

struct scene {
	struct test_server server;
	struct test_bench bench;
	struct child_report report;
};

static void play(struct scene *scene, const char *command)
{
	scene->server = test_server_start(command);
	test_bench_init(&scene->bench, "https", scene->server.port);
	scene->report = test_observe(&scene->bench, &probe_tls_offer, it);
}

static void end(struct scene *scene)
{
	test_bench_release(&scene->bench);
	test_server_stop(&scene->server);
}

static void assert_saw(struct scene *scene, const char *fact, const char *value)
{
	const char *saw = test_fact(&scene->bench, &scene->report, fact);

	if (saw == NULL || strcmp(saw, value) != 0) {
		fail_msg("%s is %s, not %s", fact, saw != NULL ? saw : "not reported", value);
	}
}

static bool has(struct scene *scene, const char *name, const char *item)
{
	const struct fact *fact = facts_find(&scene->report.facts, name);
	size_t i;

	for (i = 0; fact != NULL && i < fact->list_count; i++) {
		if (strcmp(fact->list[i], item) == 0) {
			return true;
		}
	}
	return false;
}

static void strong_nginx_shows_exactly_what_is_set(void **state)
{
	struct scene scene;

	(void)state;
	play(&scene, TEST_NGINX_STRONG);
	assert_int_equal(scene.report.outcome, CHILD_COMPLETE);
	assert_saw(&scene, "versions", "TLS 1.2, TLS 1.3");
	assert_saw(&scene, "versions_refused", "TLS 1.1, TLS 1.0, SSL 3.0");
	assert_saw(&scene, "suites",
		   "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, "
		   "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, "
		   "TLS_AES_256_GCM_SHA384, TLS_CHACHA20_POLY1305_SHA256, "
		   "TLS_AES_128_GCM_SHA256");
	assert_saw(&scene, "groups", "x25519");
	assert_saw(&scene, "server_order", "true");
	assert_saw(&scene, "compression", "false");
	assert_saw(&scene, "secure_renegotiation", "true");
	end(&scene);
}

static void usual_nginx_takes_at_most_45_connections(void **state)
{
	struct scene scene;

	(void)state;
	play(&scene, TEST_NGINX_DEFAULT);
	assert_int_equal(scene.report.outcome, CHILD_COMPLETE);
	assert_in_range(facts_find(&scene.report.facts, "connections")->number, 1, 45);
	assert_int_equal(facts_find(&scene.report.facts, "suites_by_version")->list_count, 30);
	end(&scene);
}

static void weak_nginx_shows_old_versions_and_open_suites(void **state)
{
	struct scene scene;

	(void)state;
	play(&scene, TEST_NGINX_WEAK);
	assert_int_equal(scene.report.outcome, CHILD_COMPLETE);
	assert_saw(&scene, "versions", "TLS 1.2, TLS 1.1, TLS 1.0");
	assert_true(has(&scene, "suites", "TLS_RSA_WITH_NULL_SHA"));
	assert_true(has(&scene, "suites", "TLS_ECDH_anon_WITH_AES_128_CBC_SHA"));
	assert_true(has(&scene, "suites_by_version", "TLS 1.0 TLS_RSA_WITH_AES_128_CBC_SHA"));
	assert_false(has(&scene, "suites_by_version", "TLS 1.0 TLS_RSA_WITH_AES_128_GCM_SHA256"));
	assert_saw(&scene, "server_order", "false");
	end(&scene);
}

/* Whoever has an ECDSA certificate on P-256 can only be asked for another group beside P-256. */
static void weak_group_behind_an_ecdsa_certificate_is_seen(void **state)
{
	struct scene scene;

	(void)state;
	play(&scene, TEST_CERTIFICATE("ec -pkeyopt ec_paramgen_curve:P-256", "-days 30")
			     TEST_NGINX("ssl_protocols TLSv1.2 TLSv1.3; ssl_ecdh_curve "
					"secp521r1:secp224r1:prime256v1; ssl_ciphers "
					"ECDHE-ECDSA-AES128-GCM-SHA256:@SECLEVEL=0;"));
	assert_saw(&scene, "groups", "secp521r1, secp256r1, secp224r1");
	end(&scene);
}

/* The certificate's curve is none of the groups that the server exchanges keys in. */
static void certificate_on_another_curve_leaves_no_doubt(void **state)
{
	struct scene scene;

	(void)state;
	play(&scene, TEST_CERTIFICATE("ec -pkeyopt ec_paramgen_curve:P-384", "-days 30")
			     TEST_NGINX("ssl_protocols TLSv1.2; ssl_ecdh_curve X25519; ssl_ciphers "
					"ECDHE-ECDSA-AES128-GCM-SHA256:"
					"ECDHE-ECDSA-AES256-GCM-SHA384;"));
	assert_int_equal(scene.report.outcome, CHILD_COMPLETE);
	assert_saw(&scene, "groups", "x25519");
	end(&scene);
}

static void prime_of_1536_bits_is_seen(void **state)
{
	struct scene scene;

	(void)state;
	play(&scene, TEST_CERTIFICATE_RSA "openssl genpkey -genparam -algorithm DH "
					  "-pkeyopt group:modp_1536 -out dh.pem; "
					  "exec openssl s_server -quiet -accept 127.0.0.1:$PORT "
					  "-cert cert.pem -key key.pem -dhparam dh.pem -tls1_2 "
					  "-cipher DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0");
	assert_int_equal(scene.report.outcome, CHILD_COMPLETE);
	assert_saw(&scene, "suites", "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256");
	assert_saw(&scene, "dh_primes", "1536");
	end(&scene);
}

static void alerts_alone_are_no_refusal(void **state)
{
	struct scene scene;

	(void)state;
	play(&scene,
	     "exec openssl s_server -quiet -accept 127.0.0.1:$PORT -nocert -tls1_2 -cipher AES128-SHA");
	assert_int_equal(scene.report.outcome, CHILD_GAVE_UP);
	assert_int_equal(scene.report.why, WHY_CANNOT_OFFER);
	assert_null(test_fact(&scene.bench, &scene.report, "versions"));
	end(&scene);
}

static void assert_gives_up(struct test_peer peer, enum why why)
{
	struct test_bench bench;
	struct child_report report;

	test_bench_init(&bench, "https", peer.port);
	report = test_observe(&bench, &probe_tls_offer, it);
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, why);
	assert_null(test_fact(&bench, &report, "suites"));
	test_bench_release(&bench);
	test_peer_stop(&peer);
}

static void silent_peer_is_no_answer(void **state)
{
	(void)state;
	assert_gives_up(test_peer_start(PEER_SILENT), WHY_NO_ANSWER);
}

static void closing_peer_is_closed_early(void **state)
{
	(void)state;
	assert_gives_up(test_peer_start(PEER_CLOSING), WHY_CLOSED_EARLY);
}

static void garbage_is_garbage(void **state)
{
	(void)state;
	assert_gives_up(test_peer_start(PEER_GARBAGE), WHY_GARBAGE);
}

static void dead_port_is_connect_failed(void **state)
{
	(void)state;
	assert_gives_up(test_peer_start(PEER_DEAD), WHY_CONNECT_FAILED);
}

/* A ServerHello for a suite that was never offered: NULL_WITH_NULL_NULL. */
static void serve_unoffered(int fd, void *argument)
{
	uint8_t hello[5 + 4 + 38] = {22, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3};
	char byte;

	(void)argument;
	(void)recv(fd, &byte, 1, 0);
	(void)send(fd, hello, sizeof(hello), MSG_NOSIGNAL);
	test_serve_silent(fd, NULL);
}

static void choice_of_what_was_not_offered_is_garbage(void **state)
{
	(void)state;
	assert_gives_up(test_peer_serve(serve_unoffered, NULL), WHY_GARBAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strong_nginx_shows_exactly_what_is_set),
		cmocka_unit_test(usual_nginx_takes_at_most_45_connections),
		cmocka_unit_test(weak_nginx_shows_old_versions_and_open_suites),
		cmocka_unit_test(weak_group_behind_an_ecdsa_certificate_is_seen),
		cmocka_unit_test(certificate_on_another_curve_leaves_no_doubt),
		cmocka_unit_test(prime_of_1536_bits_is_seen),
		cmocka_unit_test(alerts_alone_are_no_refusal),
		cmocka_unit_test(silent_peer_is_no_answer),
		cmocka_unit_test(closing_peer_is_closed_early),
		cmocka_unit_test(garbage_is_garbage),
		cmocka_unit_test(dead_port_is_connect_failed),
		cmocka_unit_test(choice_of_what_was_not_offered_is_garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
