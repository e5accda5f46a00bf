/* service_test: each trait of the simulated services, on and off, as an
 * ordinary client sees it. */
/* needs: namespace */
/* label: slow */
/* timeout: 180 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "targets/simulated/fixture.h"
#include <errno.h>
#include <modbus/modbus.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define ADDRESS "10.213.2.2"

/* Shell functions that every command may use. */
static const char tools[] = "A=" ADDRESS "; export SSH_ASKPASS=$ASK SSH_ASKPASS_REQUIRE=force;"
			    /* PASSWORD SSH-ARGUMENTS...: what came of a login */
			    "try_ssh() { export PW=$1; shift; timeout 10 ssh -F none "
			    "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "
			    "-o NumberOfPasswordPrompts=1 \"$@\" admin@$A x </dev/null 2>&1; };"
			    /* URL ARGUMENTS...: the status of the answer, 000 for none */
			    "status() { curl -sk -m 5 -o /dev/null -w '%{http_code} ' "
			    "--ciphers DEFAULT@SECLEVEL=0 \"$@\"; };"
			    "login() { status -d \"user=$1&pass=$2\" https://$A/login; };"
			    "tls() { openssl s_client -connect $A:443 \"$@\" </dev/null "
			    "2>/dev/null; };"
			    "can_tls() { if tls \"$@\" >/dev/null; then echo -n 'yes '; else "
			    "echo -n 'no '; fi; };"
			    "certificate() { tls -cipher DEFAULT:@SECLEVEL=0 | openssl x509 "
			    "-noout \"$@\" 2>&1; };"
			    /* PORT COUNT [TEXT]: the first bytes of a raw connection */
			    "raw() { timeout 2 bash -c \"exec 3<>/dev/tcp/$A/$1; "
			    "printf '$3' >&3; head -c $2 <&3\" 2>/dev/null; };";

struct seen {
	const char *trait; /* 'word=' */
	const char *one, *other;
	const char *also; /* trait set in both, or NULL */
	const char *command;
	const char *with_one, *with_other; /* what it prints */
};

static const struct seen cases[] = {
	{"ssh=", "on", "off", NULL, "ssh-keyscan -T 2 -t ed25519 $A 2>/dev/null | wc -l", "1", "0"},
	{"ssh-weak-algorithms=", "on", "off", NULL,
	 "try_ssh x -o BatchMode=yes "
	 "-o KexAlgorithms=diffie-hellman-group1-sha1 "
	 "-o Ciphers=3des-cbc -o MACs=hmac-sha1 | "
	 "grep -o 'no matching key exchange\\|Permission denied'",
	 "Permission denied", "no matching key exchange"},
	{"ssh-accepts-none=", "on", "off", NULL,
	 "try_ssh x -o PreferredAuthentications=none | "
	 "grep -o 'unknown command\\|Permission denied'",
	 "unknown command", "Permission denied"},
	{"ssh-any-key=", "on", "off", NULL,
	 "K=$(mktemp -u); ssh-keygen -q -t ed25519 -N '' -f $K; "
	 "try_ssh x -o PreferredAuthentications=publickey -o IdentitiesOnly=yes -i $K | "
	 "grep -o 'unknown command\\|Permission denied'; rm $K $K.pub",
	 "unknown command", "Permission denied"},
	{"ssh-protocol=", "1", "2", NULL, "raw 22 8", "SSH-1.5-", "SSH-2.0-"},
	{"password-compare=", "any-case", "exact", NULL, "login admin quiet-VALVE-93-turbine",
	 "303 ", "403 "},
	{"password-compare=", "first-8", "exact", NULL, "login admin Quiet-Vampire", "303 ",
	 "403 "},
	{"password-compare=", "begins", "exact", NULL, "login admin Quiet-Valve-93-Turbine1",
	 "303 ", "403 "},
	{"any-user=", "on", "off", NULL, "login nobody Quiet-Valve-93-Turbine", "303 ", "403 "},
	{"accepts-any-password=", "on", "off", NULL,
	 "try_ssh wrong | grep -o 'unknown command\\|Permission denied'", "unknown command",
	 "Permission denied"},
	{"default-password=", "on", "off", NULL,
	 "try_ssh admin | grep -o 'unknown command\\|Permission denied'; "
	 "login admin admin",
	 "unknown command\n303 ", "Permission denied\n403 "},
	{"empty-password=", "on", "off", NULL, "login admin ''", "303 ", "403 "},
	{"lockout=", "2", "0", NULL,
	 "login probe a; login probe b; login probe Brass-Gauge-41-Lantern", "403 403 403 ",
	 "403 403 303 "},
	{"lockout-for=", "1", "60", "lockout=1",
	 "login probe a; sleep 1.2; login probe Brass-Gauge-41-Lantern", "403 303 ", "403 403 "},
	{"login-notice=", "on", "off", NULL, "try_ssh x -o BatchMode=yes | grep -c Authorised", "1",
	 "0"},
	{"https=", "on", "off", NULL, "status https://$A/login", "200 ", "000 "},
	{"tls-old=", "on", "off", NULL,
	 "can_tls -tls1 -cipher ALL:@SECLEVEL=0; "
	 "can_tls -tls1_1 -cipher ALL:@SECLEVEL=0; can_tls -tls1_2",
	 "yes yes yes ", "no no yes "},
	{"tls-weak-suites=", "on", "off", NULL,
	 "can_tls -tls1_2 -cipher eNULL:@SECLEVEL=0; "
	 "can_tls -tls1_2 -cipher ADH:@SECLEVEL=0; "
	 "can_tls -tls1_2 -cipher ECDHE-ECDSA-AES128-SHA; can_tls -tls1_2",
	 "yes yes yes yes ", "no no no yes "},
	{"tls-null-psk=", "on", "off", NULL,
	 "can_tls -tls1_2 -psk 01010101010101010101010101010101 "
	 "-cipher PSK-NULL-SHA256:@SECLEVEL=0; can_tls -tls1_2",
	 "yes yes ", "no yes "},
	{"tls-weak-when=", "no-name", "always", "tls-old=on",
	 "can_tls -tls1 -cipher ALL:@SECLEVEL=0 -noservername; "
	 "can_tls -tls1 -cipher ALL:@SECLEVEL=0 -servername hardened-plc",
	 "yes no ", "yes yes "},
	{"tls-weak-when=", "name", "no-alpn", "tls-old=on",
	 "can_tls -tls1 -cipher ALL:@SECLEVEL=0 -noservername; "
	 "can_tls -tls1 -cipher ALL:@SECLEVEL=0 -servername x; "
	 "can_tls -tls1 -cipher ALL:@SECLEVEL=0 -servername x -alpn http/1.1",
	 "no yes yes ", "yes yes no "},
	{"certificate-second-weak=", "on", "off", NULL,
	 "can_tls -tls1_2 -cipher aRSA:@SECLEVEL=0; can_tls -tls1_2 -cipher aECDSA", "yes yes ",
	 "no yes "},
	{"certificate-weak-key=", "on", "off", NULL, "certificate -text | grep -o 'Public-Key: .*'",
	 "Public-Key: (1024 bit)", "Public-Key: (256 bit)"},
	{"certificate-sha1=", "on", "off", NULL,
	 "certificate -text | grep -o 'ecdsa-with-.*' | head -n 1", "ecdsa-with-SHA1",
	 "ecdsa-with-SHA256"},
	{"certificate-expired=", "on", "off", NULL, "certificate -checkend 0",
	 "Certificate will expire", "Certificate will not expire"},
	{"certificate-self-signed=", "on", "off", NULL, "certificate -issuer",
	 "issuer=CN = hardened-plc", "issuer=CN = Simulated plant authority"},
	{"certificate-wrong-name=", "on", "off", NULL, "certificate -checkip $A | cut -d' ' -f 4",
	 "NOT", "match"},
	{"open-status=", "on", "off", NULL, "status https://$A/status; status https://$A/home",
	 "200 303 ", "401 303 "},
	{"open-linked=", "on", "off", NULL,
	 "status https://$A/diagnosis-7f3a.html; curl -sk https://$A/login | grep -c diagnosis",
	 "200 1", "404 0"},
	{"open-login-box=", "on", "off", "open-status=on",
	 "curl -sk https://$A/status | grep -c boiler", "1", "0"},
	{"web-refusal=", "redirect", "page", NULL, "status https://$A/status", "303 ", "200 "},
	{"http=", "on", "redirect", NULL, "status http://$A/login", "200 ", "308 "},
	{"http=", "on", "off", NULL, "status http://$A/login", "200 ", "000 "},
	{"telnet=", "on", "off", "login-notice=off", "raw 23 16 | tail -c 7", "login: ", ""},
	{"telnet-shell=", "on", "off", "telnet=on", "raw 23 74 | tail -c 7", "control", "login: "},
	{"ftp=", "on", "off", NULL, "raw 21 18", "220 Controller FTP", ""},
	{"ftp-anonymous=", "on", "off", "ftp=on",
	 "raw 21 200 'USER anonymous\\r\\nPASS x\\r\\nQUIT\\r\\n' | "
	 "grep -o '^[0-9]*' | tr '\\n' ' '",
	 "220 331 230 221 ", "220 331 530 221 "},
	{"ftp-tls=", "demanded", "offered", "ftp=on",
	 "raw 21 200 'USER admin\\r\\nAUTH TLS\\r\\nQUIT\\r\\n' | grep -ao '^[0-9]*' | tr '\\n' ' '",
	 "220 530 234 ", "220 331 234 "},
	{"filter=", "drop-closed", "none", NULL,
	 "timeout 1 bash -c \"exec 3<>/dev/tcp/$A/81\"; echo $?", "124", "1"},
	{"filter=", "reset-main", "none", "hidden-port=4242", "raw 4242 6", "", "debug>"},
	{"hidden-port=", "4242", "0", NULL, "raw 4242 6", "debug>", ""},
	{"silent=", "ftp", "none", "ftp=on", "raw 21 3; echo $?", "124", "2200"},
	{"close-early=", "ftp", "none", "ftp=on", "raw 21 3; echo $?", "0", "2200"},
	{"garbage=", "ftp", "none", "ftp=on", "raw 21 9000 'QUIT\\r\\n' | wc -c", "4096", "33"},
};

static struct output seen_with(const struct seen *seen, const char *value)
{
	char assignment[64], command[4096];
	const char *traits[] = {assignment, seen->also, NULL};
	struct output output;

	snprintf(assignment, sizeof(assignment), "%s%s", seen->trait, value);
	snprintf(command, sizeof(command), "exec 2>/dev/null; %s %s", tools, seen->command);
	up("hardened-plc", traits);
	output = shell(command);
	down("hardened-plc");
	return output;
}

static void each_trait_is_seen_by_a_client(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct seen *seen = &cases[i];
		print_message("%s%s, %s\n", seen->trait, seen->one, seen->other);
		assert_string_equal(seen_with(seen, seen->one).s, seen->with_one);
		assert_string_equal(seen_with(seen, seen->other).s, seen->with_other);
	}
}

/* Returns 0, or the error of writing 7 to the register. */
static int write_register(int number)
{
	modbus_t *modbus = modbus_new_tcp(ADDRESS, 502);
	int error = 0;
	uint16_t back = 0;

	assert_int_equal(modbus_connect(modbus), 0);
	if (modbus_write_register(modbus, number, 7) < 0)
		error = errno;
	assert_int_equal(modbus_read_registers(modbus, number, 1, &back), 1);
	assert_int_equal(back, error ? 0 : 7);
	modbus_close(modbus);
	modbus_free(modbus);
	return error;
}

static void modbus_writes_go_where_the_trait_says(void **state)
{
	static const struct {
		const char *trait;
		int scratch, other;
	} laws[] = {
		{"modbus-write=none", EMBXILFUN, EMBXILFUN},
		{"modbus-write=scratch", 0, EMBXILFUN},
		{"modbus-write=anywhere", 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(laws); i++) {
		const char *traits[] = {laws[i].trait, NULL};
		up("hardened-plc", traits);
		assert_int_equal(write_register(900), laws[i].scratch);
		assert_int_equal(write_register(5), laws[i].other);
		down("hardened-plc");
	}
}

static void a_device_without_modbus_refuses_the_connection(void **state)
{
	const char *traits[] = {"modbus=off", NULL};
	modbus_t *modbus = modbus_new_tcp(ADDRESS, 502);

	(void)state;
	up("hardened-plc", traits);
	assert_int_equal(modbus_connect(modbus), -1);
	assert_int_equal(errno, ECONNREFUSED);
	modbus_free(modbus);
	down("hardened-plc");
}

static void several_modbus_clients_are_served(void **state)
{
	modbus_t *clients[8];
	uint16_t value;

	(void)state;
	up("hardened-plc", NULL);
	for (size_t i = 0; i < ARRAY_SIZE(clients); i++) {
		clients[i] = modbus_new_tcp(ADDRESS, 502);
		assert_int_equal(modbus_connect(clients[i]), 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(clients); i++) {
		assert_int_equal(modbus_read_registers(clients[i], 10, 1, &value), 1);
		modbus_free(clients[i]);
	}
	down("hardened-plc");
}

static void a_device_dies_and_comes_back(void **state)
{
	const char *traits[] = {"die-after=2", "reboot-for=700", NULL};
	char command[4096];

	(void)state;
	snprintf(command, sizeof(command),
		 "%s for i in 1 2 3; do status -m 0.4 https://$A/login; done; "
		 "ping -q -c 1 -W 0.2 $A >/dev/null && echo -n 'there ' || "
		 "echo -n 'gone '; sleep 1.2; status https://$A/login",
		 tools);
	up("hardened-plc", traits);
	assert_string_equal(shell(command).s, "200 200 000 gone 200 ");
	down("hardened-plc");
}

static int ask_make(void **state)
{
	static char path[] = "/tmp/assay-ask-XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	if (fd < 0)
		return -1;
	dprintf(fd, "#!/bin/sh\necho \"$PW\"\n");
	fchmod(fd, 0700);
	close(fd);
	return setenv("ASK", path, 1);
}

static int ask_remove(void **state)
{
	(void)state;
	return unlink(getenv("ASK"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_trait_is_seen_by_a_client),
		cmocka_unit_test(modbus_writes_go_where_the_trait_says),
		cmocka_unit_test(a_device_without_modbus_refuses_the_connection),
		cmocka_unit_test(several_modbus_clients_are_served),
		cmocka_unit_test(a_device_dies_and_comes_back),
	};
	return cmocka_run_group_tests(tests, ask_make, ask_remove);
}
