/* tls_certificate_test: on OpenSSL's server with certificates made for the
 * occasion, and on peers that do not speak TLS. */
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

extern const struct probe probe_tls_certificate;

static const char *const it[] = {"service", "it", NULL};

#define SERVE                                                                  \
	"exec openssl s_server -quiet -accept 127.0.0.1:$PORT -cert cert.pem " \
	"-key key.pem "

struct scene {
	struct test_server server;
	struct test_bench bench;
	struct child_report report;
};

static void play(struct scene *scene, const char *command, const char *name)
{
	scene->server = test_server_start(command);
	test_bench_init(&scene->bench, "https", scene->server.port);
	scene->bench.services[0].server_name = name;
	scene->report = test_observe(&scene->bench, &probe_tls_certificate, it);
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

static void sound_certificate_is_read(void **state)
{
	struct scene scene;

	(void)state;
	play(&scene, TEST_CERTIFICATE_RSA SERVE, "plc.example");
	assert_int_equal(scene.report.outcome, CHILD_COMPLETE);
	assert_saw(&scene, "key_type", "RSA");
	assert_saw(&scene, "key_bits", "2048");
	assert_saw(&scene, "signature_hash", "SHA256");
	assert_saw(&scene, "self_signed", "true");
	assert_saw(&scene, "valid_now", "true");
	assert_saw(&scene, "names", "plc.example, 127.0.0.1");
	assert_saw(&scene, "name_matches", "true");
	assert_saw(&scene, "chain_length", "1");
	assert_saw(&scene, "chain_complete", "true");
	assert_saw(&scene, "proves_key", "true");
	end(&scene);
}

/* What it signs with is its own choice of what it is offered. */
static void what_handshakes_are_signed_with_is_seen(void **state)
{
	static const struct {
		const char *command, *signatures;
	} rows[] = {
		{TEST_CERTIFICATE_RSA SERVE, "rsa_pss_rsae_sha256"},
		{TEST_CERTIFICATE_RSA SERVE "-tls1_2 -sigalgs RSA+SHA256", "rsa_pkcs1_sha256"},
		{TEST_CERTIFICATE_RSA SERVE "-tls1_2 -sigalgs RSA+SHA1 -cipher ALL:@SECLEVEL=0",
		 "rsa_pkcs1_sha1"},
		{TEST_CERTIFICATE_RSA SERVE "-tls1_1 -cipher ALL:@SECLEVEL=0", "none"},
	};
	struct scene scene;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		play(&scene, rows[i].command, "plc.example");
		assert_int_equal(scene.report.outcome, CHILD_COMPLETE);
		assert_saw(&scene, "signatures", rows[i].signatures);
		end(&scene);
	}
}

static void weak_key_and_hash_are_read_over_old_tls(void **state)
{
	struct scene scene;

	(void)state;
	play(&scene,
	     TEST_CERTIFICATE("rsa:1024", "-days 30 -sha1") SERVE "-tls1 -cipher ALL:@SECLEVEL=0",
	     NULL);
	assert_int_equal(scene.report.outcome, CHILD_COMPLETE);
	assert_saw(&scene, "key_bits", "1024");
	assert_saw(&scene, "signature_hash", "SHA1");
	assert_saw(&scene, "name_matches", "false");
	assert_saw(&scene, "names", "dut");
	end(&scene);
}

#define TWO_CERTIFICATES(second)                                              \
	"openssl req -x509 -newkey " second " -nodes -subj /CN=dut -days 30 " \
	"-keyout key2.pem -out cert2.pem; " TEST_CERTIFICATE(                 \
		"ec -pkeyopt ec_paramgen_curve:prime256v1", "-days 30") SERVE \
		"-dcert cert2.pem -dkey key2.pem -cipher ALL:@SECLEVEL=0"

static void weak_second_certificate_is_seen(void **state)
{
	struct scene scene;

	(void)state;
	play(&scene, TWO_CERTIFICATES("rsa:1024"), NULL);
	assert_int_equal(scene.report.outcome, CHILD_COMPLETE);
	assert_saw(&scene, "key_type", "RSA");
	assert_saw(&scene, "key_bits", "1024");
	assert_saw(&scene, "unsettled", "none");
	assert_int_equal(facts_find(&scene.report.facts, "sha256")->list_count, 2);
	end(&scene);
	play(&scene, TWO_CERTIFICATES("rsa:3072"), NULL);
	assert_saw(&scene, "key_strength", "128");
	assert_int_equal(facts_find(&scene.report.facts, "sha256")->list_count, 2);
	end(&scene);
}

static void weak_certificate_of_the_host_without_a_name_is_seen(void **state)
{
	struct scene scene;

	(void)state;
	play(&scene,
	     "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=plc.example -days 30 "
	     "-addext subjectAltName=DNS:plc.example -keyout key2.pem -out cert2.pem; " TEST_CERTIFICATE(
		     "rsa:1024", "-days 30") SERVE
	     "-servername plc.example -cert2 cert2.pem -key2 key2.pem -cipher ALL:@SECLEVEL=0",
	     "plc.example");
	assert_saw(&scene, "key_bits", "1024");
	assert_saw(&scene, "name_matches", "true");
	end(&scene);
}

static void certificate_is_read_although_one_of_ours_is_demanded(void **state)
{
	struct scene scene;

	(void)state;
	play(&scene, TEST_CERTIFICATE_RSA SERVE "-Verify 1 -tls1_2", "plc.example");
	assert_int_equal(scene.report.outcome, CHILD_COMPLETE);
	assert_saw(&scene, "proves_key", "true");
	end(&scene);
}

static void other_name_does_not_match(void **state)
{
	struct scene scene;

	(void)state;
	play(&scene, TEST_CERTIFICATE_RSA SERVE, "other.example");
	assert_saw(&scene, "name_matches", "false");
	end(&scene);
}

static void expired_certificate_is_seen(void **state)
{
	struct scene scene;

	(void)state;
	play(&scene,
	     "openssl req -new -newkey ec -pkeyopt "
	     "ec_paramgen_curve:prime256v1 -nodes -subj /CN=dut -keyout "
	     "key.pem -out r; mkdir d; : > d/index; echo 01 > d/serial; "
	     "printf '[ca]\\ndefault_ca=a\\n[a]\\ndatabase=d/index\\n"
	     "serial=d/serial\\nnew_certs_dir=d\\ndefault_md=sha384\\n"
	     "policy=p\\n[p]\\ncommonName=supplied\\n' > c; openssl ca -batch "
	     "-config c -selfsign -keyfile key.pem -in r -out cert.pem "
	     "-startdate 20200101000000Z -enddate 20210101000000Z; " SERVE,
	     NULL);
	assert_int_equal(scene.report.outcome, CHILD_COMPLETE);
	assert_saw(&scene, "key_type", "EC");
	assert_saw(&scene, "key_bits", "256");
	assert_saw(&scene, "signature_hash", "SHA384");
	assert_saw(&scene, "valid_now", "false");
	assert_true(facts_find(&scene.report.facts, "days_left")->number < -365);
	end(&scene);
}

static void chain_of_strangers_is_incomplete(void **state)
{
	struct scene scene;

	(void)state;
	play(&scene,
	     TEST_CERTIFICATE_RSA "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=stranger "
				  "-days 30 -keyout k2.pem -out other.pem; " SERVE
				  "-cert_chain other.pem",
	     NULL);
	assert_saw(&scene, "chain_length", "2");
	assert_saw(&scene, "chain_complete", "false");
	end(&scene);
}

static void anonymous_server_shows_no_certificate(void **state)
{
	struct scene scene;

	(void)state;
	play(&scene,
	     "exec openssl s_server -quiet -accept 127.0.0.1:$PORT -nocert "
	     "-tls1_2 -cipher ADH-AES128-SHA:@SECLEVEL=0",
	     NULL);
	assert_int_equal(scene.report.outcome, CHILD_GAVE_UP);
	assert_int_equal(scene.report.why, WHY_CANNOT_OFFER);
	assert_int_equal(scene.report.facts.count, 0);
	end(&scene);
}

static void assert_gives_up(enum test_peer_kind kind, enum why why)
{
	struct test_peer peer = test_peer_start(kind);
	struct test_bench bench;
	struct child_report report;

	test_bench_init(&bench, "https", peer.port);
	report = test_observe(&bench, &probe_tls_certificate, it);
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

static void closing_peer_is_closed_early(void **state)
{
	(void)state;
	assert_gives_up(PEER_CLOSING, WHY_CLOSED_EARLY);
}

static void garbage_is_garbage(void **state)
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
		cmocka_unit_test(sound_certificate_is_read),
		cmocka_unit_test(what_handshakes_are_signed_with_is_seen),
		cmocka_unit_test(weak_key_and_hash_are_read_over_old_tls),
		cmocka_unit_test(weak_second_certificate_is_seen),
		cmocka_unit_test(weak_certificate_of_the_host_without_a_name_is_seen),
		cmocka_unit_test(certificate_is_read_although_one_of_ours_is_demanded),
		cmocka_unit_test(other_name_does_not_match),
		cmocka_unit_test(expired_certificate_is_seen),
		cmocka_unit_test(chain_of_strangers_is_incomplete),
		cmocka_unit_test(anonymous_server_shows_no_certificate),
		cmocka_unit_test(silent_peer_is_no_answer),
		cmocka_unit_test(closing_peer_is_closed_early),
		cmocka_unit_test(garbage_is_garbage),
		cmocka_unit_test(dead_port_is_connect_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
