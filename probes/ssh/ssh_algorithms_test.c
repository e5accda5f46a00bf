/* ssh_algorithms_test: on OpenSSH, dropbear, and peers that are neither. */
/* timeout: 120 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probes/registry.h"
#include "probes/ssh/test_ssh.h"

static const char *const it[] = {"service", "it", NULL};

extern const struct probe probe_ssh_algorithms;

static struct child_report look(struct test_bench *bench, uint16_t port)
{
	test_bench_init(bench, "ssh", port);
	return test_observe(bench, &probe_ssh_algorithms, it);
}

static bool has(const struct child_report *report, const char *name, const char *item)
{
	const struct fact *fact = facts_find(&report->facts, name);
	size_t i;

	assert_non_null(fact);
	for (i = 0; i < fact->list_count; i++) {
		if (strcmp(fact->list[i], item) == 0) {
			return true;
		}
	}
	return false;
}

static void weak_openssh_shows_its_weak_algorithms(void **state)
{
	struct test_server server = test_server_start(TEST_SSHD_WEAK);
	struct test_bench bench;
	struct child_report report = look(&bench, server.port);

	(void)state;
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_non_null(strstr(test_fact(&bench, &report, "banner"), "SSH-2.0-OpenSSH"));
	assert_string_equal(test_fact(&bench, &report, "protocol_2"), "true");
	assert_string_equal(test_fact(&bench, &report, "protocol_1"), "false");
	assert_true(has(&report, "kex", "diffie-hellman-group1-sha1"));
	assert_true(has(&report, "cipher", "3des-cbc"));
	assert_true(has(&report, "mac", "hmac-md5"));
	assert_true(has(&report, "host_key", "ssh-rsa"));
	assert_false(has(&report, "kex", "kex-strict-s-v00@openssh.com"));
	assert_true(report.evidence_count >= 2);
	test_bench_release(&bench);
	test_server_stop(&server);
}

static void hardened_openssh_shows_exactly_what_is_set(void **state)
{
	struct test_server server = test_server_start(TEST_SSHD_HARDENED);
	struct test_bench bench;
	struct child_report report = look(&bench, server.port);

	(void)state;
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(test_fact(&bench, &report, "kex"), "curve25519-sha256");
	assert_string_equal(test_fact(&bench, &report, "cipher"), "aes256-gcm@openssh.com");
	assert_string_equal(test_fact(&bench, &report, "mac"), "hmac-sha2-512");
	assert_string_equal(test_fact(&bench, &report, "host_key"), "ssh-ed25519");
	assert_string_equal(test_fact(&bench, &report, "compression"), "none");
	assert_string_equal(test_fact(&bench, &report, "strict_kex"), "true");
	test_bench_release(&bench);
	test_server_stop(&server);
}

static void dropbear_is_read(void **state)
{
	struct test_server server = test_server_start(TEST_DROPBEAR);
	struct test_bench bench;
	struct child_report report = look(&bench, server.port);

	(void)state;
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_true(has(&report, "kex", "curve25519-sha256"));
	assert_true(has(&report, "cipher", "aes256-ctr"));
	assert_true(has(&report, "host_key", "ssh-ed25519"));
	test_bench_release(&bench);
	test_server_stop(&server);
}

static void serve_text(int fd, void *text)
{
	(void)send(fd, text, strlen(text), MSG_NOSIGNAL);
	shutdown(fd, SHUT_WR);
	test_serve_silent(fd, NULL);
}

static void protocol_1_is_seen_without_lists(void **state)
{
	struct test_peer peer = test_peer_serve(serve_text, "SSH-1.5-old\n");
	struct test_bench bench;
	struct child_report report = look(&bench, peer.port);

	(void)state;
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(test_fact(&bench, &report, "protocol_1"), "true");
	assert_string_equal(test_fact(&bench, &report, "protocol_2"), "false");
	assert_null(test_fact(&bench, &report, "kex"));
	test_bench_release(&bench);
	test_peer_stop(&peer);
}

static void identification_without_lists_is_closed_early(void **state)
{
	struct test_peer peer = test_peer_serve(serve_text, "SSH-2.0-x\r\n");
	struct test_bench bench;
	struct child_report report = look(&bench, peer.port);

	(void)state;
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_CLOSED_EARLY);
	assert_null(test_fact(&bench, &report, "cipher"));
	test_bench_release(&bench);
	test_peer_stop(&peer);
}

/* sshd with one RSA key of so many bits; groups: its list of key exchanges. */
#define TEST_SSHD_RSA(bits, kex)                                                       \
	"ssh-keygen -q -t rsa -b " bits " -N '' -f ed; mkdir -p /run/sshd; " TEST_SSHD \
	"-o RequiredRSASize=1024 -o HostKeyAlgorithms=rsa-sha2-256 -o KexAlgorithms=" kex

static void size_of_the_rsa_key_is_read_through_every_exchange(void **state)
{
	static const struct {
		const char *command, *rsa, *group;
	} rows[] = {
		{TEST_SSHD_RSA("1024", "curve25519-sha256"), "1024", "none"},
		{TEST_SSHD_RSA("3072", "diffie-hellman-group14-sha256"), "3072", "none"},
		{TEST_SSHD_RSA("2048", "diffie-hellman-group16-sha512"), "2048", "none"},
		{TEST_SSHD_RSA("2048", "diffie-hellman-group-exchange-sha256"), "2048", "2048"},
		{TEST_SSHD_RSA("1024", "ecdh-sha2-nistp256"), "1024", "none"},
		{TEST_SSHD_RSA("1024", "ecdh-sha2-nistp384"), "1024", "none"},
		{TEST_SSHD_RSA("1024", "ecdh-sha2-nistp521"), "1024", "none"},
		{TEST_SSHD_RSA("1024", "sntrup761x25519-sha512@openssh.com"), "1024", "none"},
	};
	struct test_server server;
	struct test_bench bench;
	struct child_report report;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		server = test_server_start(rows[i].command);
		report = look(&bench, server.port);
		assert_int_equal(report.outcome, CHILD_COMPLETE);
		assert_string_equal(test_fact(&bench, &report, "rsa_bits"), rows[i].rsa);
		assert_string_equal(test_fact(&bench, &report, "group_bits"), rows[i].group);
		assert_string_equal(test_fact(&bench, &report, "unsettled"), "none");
		test_bench_release(&bench);
		test_server_stop(&server);
	}
}

/* A server that goes as far as its list of algorithms. */
struct listing {
	const char *kex, *host_key, *cipher, *mac;
	bool waits; /* for the client's list */
};

static void put_text(struct writer *w, const char *text)
{
	writer_be32(w, (uint32_t)strlen(text));
	writer_bytes(w, text, strlen(text));
}

static void serve_listing(int fd, void *argument)
{
	const struct listing *l = argument;
	const char *const lists[10] = {l->kex, l->host_key, l->cipher, l->cipher, l->mac,
				       l->mac, "none",      "none",    "",        ""};
	uint8_t bytes[2048], heard[4096];
	struct writer w = writer_of(bytes, sizeof(bytes));
	size_t mark, i, have = 0;
	ssize_t got = 1;

	(void)send(fd, "SSH-2.0-listing\r\n", 17, MSG_NOSIGNAL);
	while (l->waits && have < 100 && got > 0) { /* more than an identification */
		got = recv(fd, heard, sizeof(heard), 0);
		have += got > 0 ? (size_t)got : 0;
	}
	mark = writer_begin(&w, 4);
	writer_u8(&w, 4);
	writer_u8(&w, 20);
	writer_bytes(&w, "0123456789abcdef", 16);
	for (i = 0; i < 10; i++) {
		put_text(&w, lists[i]);
	}
	writer_bytes(&w, "\0\0\0\0\0", 5);
	writer_bytes(&w, "\0\0\0\0", 4);
	writer_end(&w, mark, 4);
	(void)send(fd, bytes, w.size, MSG_NOSIGNAL);
	test_serve_silent(fd, NULL);
}

static struct child_report look_at_listing(struct test_bench *bench, struct listing listing)
{
	struct test_peer peer = test_peer_serve(serve_listing, &listing);
	struct child_report report = look(bench, peer.port);

	test_peer_stop(&peer);
	return report;
}

static void terrapin_needs_its_ciphers_and_no_strict_exchange(void **state)
{
	static const struct {
		struct listing listing;
		const char *exposed;
	} rows[] = {
		{{"curve25519-sha256", "ssh-ed25519", "chacha20-poly1305@openssh.com",
		  "hmac-sha2-256"},
		 "true"},
		{{"curve25519-sha256,kex-strict-s-v00@openssh.com", "ssh-ed25519",
		  "chacha20-poly1305@openssh.com", "hmac-sha2-256"},
		 "false"},
		{{"curve25519-sha256", "ssh-ed25519", "aes256-cbc",
		  "hmac-sha2-256-etm@openssh.com"},
		 "true"},
		{{"curve25519-sha256", "ssh-ed25519", "aes256-cbc", "hmac-sha2-256"}, "false"},
		{{"curve25519-sha256", "ssh-ed25519", "aes256-ctr",
		  "hmac-sha2-256-etm@openssh.com"},
		 "false"},
	};
	struct test_bench bench;
	struct child_report report;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		report = look_at_listing(&bench, rows[i].listing);
		assert_int_equal(report.outcome, CHILD_COMPLETE);
		assert_string_equal(test_fact(&bench, &report, "terrapin_exposed"),
				    rows[i].exposed);
		test_bench_release(&bench);
	}
}

static void server_that_lists_last_is_read(void **state)
{
	struct test_bench bench;
	struct child_report report = look_at_listing(
		&bench, (struct listing){"curve25519-sha256", "ssh-ed25519", "aes256-ctr",
					 "hmac-sha2-256", .waits = true});

	(void)state;
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(test_fact(&bench, &report, "cipher"), "aes256-ctr");
	test_bench_release(&bench);
}

static void key_that_is_not_shown_is_unsettled(void **state)
{
	struct test_bench bench;
	struct child_report report =
		look_at_listing(&bench, (struct listing){"curve25519-sha256", "rsa-sha2-256",
							 "aes256-ctr", "hmac-sha2-256"});

	(void)state;
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(test_fact(&bench, &report, "rsa_bits"), "none");
	assert_string_equal(test_fact(&bench, &report, "unsettled"),
			    "the size of the RSA host key");
	test_bench_release(&bench);
}

static void assert_gives_up(enum test_peer_kind kind, enum why why)
{
	struct test_peer peer = test_peer_start(kind);
	struct test_bench bench;
	struct child_report report = look(&bench, peer.port);

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
		cmocka_unit_test(weak_openssh_shows_its_weak_algorithms),
		cmocka_unit_test(hardened_openssh_shows_exactly_what_is_set),
		cmocka_unit_test(dropbear_is_read),
		cmocka_unit_test(protocol_1_is_seen_without_lists),
		cmocka_unit_test(identification_without_lists_is_closed_early),
		cmocka_unit_test(size_of_the_rsa_key_is_read_through_every_exchange),
		cmocka_unit_test(terrapin_needs_its_ciphers_and_no_strict_exchange),
		cmocka_unit_test(server_that_lists_last_is_read),
		cmocka_unit_test(key_that_is_not_shown_is_unsettled),
		cmocka_unit_test(silent_peer_is_no_answer),
		cmocka_unit_test(closing_peer_is_closed_early),
		cmocka_unit_test(garbage_is_garbage),
		cmocka_unit_test(dead_port_is_connect_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
