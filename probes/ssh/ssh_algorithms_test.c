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
		cmocka_unit_test(silent_peer_is_no_answer),
		cmocka_unit_test(closing_peer_is_closed_early),
		cmocka_unit_test(garbage_is_garbage),
		cmocka_unit_test(dead_port_is_connect_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
