/* oracle_test: tls.offer against nmap and sslscan, ssh.algorithms against
 * ssh-audit, on the same servers: the sets must be equal. Where a tool is known
 * to be wrong, docs/oracles.md says so and the test leaves that out by name. */
/* label: slow */
/* timeout: 240 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probes/registry.h"
#include "probes/ssh/test_ssh.h"
#include "probes/tls/test_tls.h"

extern const struct probe probe_tls_offer, probe_ssh_algorithms;

static const char *const it[] = {"service", "it", NULL};

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* One line of the command's output per item, sorted, without repeats. */
static char *oracle(const char *command, uint16_t port)
{
	char full[1024], *text = calloc(1, 65536);
	FILE *pipe;

	snprintf(full, sizeof(full), "PORT=%d; (%s) 2>/dev/null | sort -u", port, command);
	pipe = popen(full, "r");
	TEST_RUN_MUST(pipe != NULL && text != NULL);
	TEST_RUN_MUST(fread(text, 1, 65535, pipe) > 0);
	pclose(pipe);
	return text;
}

/* The fact's items in the same form. */
static char *sorted(const struct child_report *report, const char *name)
{
	const struct fact *fact = facts_find(&report->facts, name);
	const char **items;
	char *text = calloc(1, 65536);
	size_t i, at = 0;

	TEST_RUN_MUST(text != NULL && fact != NULL && fact->list_count > 0);
	items = calloc(fact->list_count, sizeof(*items));
	TEST_RUN_MUST(items != NULL);
	memcpy(items, fact->list, fact->list_count * sizeof(*items));
	qsort(items, fact->list_count, sizeof(*items), by_text);
	for (i = 0; i < fact->list_count; i++) {
		at += (size_t)snprintf(text + at, 65536 - at, "%s\n", items[i]);
	}
	free(items);
	return text;
}

static void assert_equal(const struct child_report *report, const char *fact, const char *command,
			 uint16_t port)
{
	char *theirs = oracle(command, port);
	char *ours = sorted(report, fact);

	assert_string_equal(ours, theirs);
	free(theirs);
	free(ours);
}

/* "TLS 1.2 TLS_..." lines out of nmap's XML. Its names of the TLS 1.3 suites
 * are not IANA's. */
#define NMAP                                                                 \
	"nmap -Pn -n -p $PORT --script +ssl-enum-ciphers -oX - 127.0.0.1 | " \
	"sed -n 's/.*<table key=\"TLSv\\([0-9.]*\\)\">.*/V TLS \\1/p; "      \
	"s/.*<table key=\"SSLv3\">.*/V SSL 3.0/p; "                          \
	"s/.*<elem key=\"name\">\\(TLS_[^<]*\\)<.*/S \\1/p' | "              \
	"awk '$1==\"V\"{v=$2 \" \" $3} "                                     \
	"$1==\"S\"{sub(/TLS_AKE_WITH/,\"TLS\",$2);print v, $2}'"

/* sslscan says OpenSSL's names; its codes are turned into IANA's names. */
#define SSLSCAN                                                 \
	"sslscan --no-colour --xml=- 127.0.0.1:$PORT | sed -n " \
	"'s/.*<cipher .*sslversion=\"TLSv\\([0-9.]*\\)\".* "    \
	"id=\"0x\\([0-9A-F]*\\)\".*/C \\1 \\2/p' | "            \
	"awk -F'[ (,\")]+' 'NR==FNR{if($1==\"TLS_SUITE\")"      \
	"n[substr($2,3)]=$4;next}{print \"TLS \" $2, n[$3]}' "  \
	"$SOURCE/probes/tls/tls_suite.def -"

static void tls_equals(const char *command, const char *tool)
{
	struct test_server server = test_server_start(command);
	struct child_report report;
	struct test_bench bench;

	test_bench_init(&bench, "https", server.port);
	report = test_observe(&bench, &probe_tls_offer, it);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_equal(&report, "suites_by_version", tool, server.port);
	test_bench_release(&bench);
	test_server_stop(&server);
}

static void usual_nginx_equals_nmap(void **state)
{
	(void)state;
	tls_equals(TEST_NGINX_DEFAULT, NMAP);
}

static void weak_nginx_equals_nmap(void **state)
{
	(void)state;
	tls_equals(TEST_NGINX_WEAK, NMAP);
}

static void usual_nginx_equals_sslscan(void **state)
{
	(void)state;
	tls_equals(TEST_NGINX_DEFAULT, SSLSCAN);
}

static void weak_nginx_equals_sslscan(void **state)
{
	(void)state;
	tls_equals(TEST_NGINX_WEAK, SSLSCAN);
}

static void ssh_equals_audit(const char *command)
{
	static const struct {
		const char *fact, *key;
	} lists[] = {
		{"kex", "kex"},
		{"host_key", "key"},
		{"cipher", "enc"},
		{"mac", "mac"},
	};
	struct test_server server = test_server_start(command);
	struct child_report report;
	struct test_bench bench;
	char full[512];
	size_t i;

	test_bench_init(&bench, "ssh", server.port);
	report = test_observe(&bench, &probe_ssh_algorithms, it);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		snprintf(full, sizeof(full),
			 "ssh-audit -j -p $PORT 127.0.0.1 | python3 -c "
			 "'import json,sys\n"
			 "for a in json.load(sys.stdin)[\"%s\"]: "
			 "print(a if isinstance(a,str) else a[\"algorithm\"])' | "
			 "grep -v -e ^kex-strict- -e ^ext-info- -e ^kexguess2@",
			 lists[i].key);
		assert_equal(&report, lists[i].fact, full, server.port);
	}
	test_bench_release(&bench);
	test_server_stop(&server);
}

static void weak_openssh_equals_ssh_audit(void **state)
{
	(void)state;
	ssh_equals_audit(TEST_SSHD_WEAK);
}

static void hardened_openssh_equals_ssh_audit(void **state)
{
	(void)state;
	ssh_equals_audit(TEST_SSHD_HARDENED);
}

static void dropbear_equals_ssh_audit(void **state)
{
	(void)state;
	ssh_equals_audit(TEST_DROPBEAR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usual_nginx_equals_nmap),
		cmocka_unit_test(weak_nginx_equals_nmap),
		cmocka_unit_test(usual_nginx_equals_sslscan),
		cmocka_unit_test(weak_nginx_equals_sslscan),
		cmocka_unit_test(weak_openssh_equals_ssh_audit),
		cmocka_unit_test(hardened_openssh_equals_ssh_audit),
		cmocka_unit_test(dropbear_equals_ssh_audit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
