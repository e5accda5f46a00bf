/* profile_test: a whole profile is read as written, defaults are the safe ones,
 * every kind of mistake is told with its place, and no password is ever shown.
 */
#define _DEFAULT_SOURCE
#include "harness/model/profile_shape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/banned.h"

/* the least a profile must say; six lines */
#define LEAST                                                      \
	"device: {name: x, component: embedded, state: factory}\n" \
	"edition: E\n"                                             \
	"link: {interface: lo, address: 127.0.0.1}\n"              \
	"consent: []\n"

static struct profile *parsed(const char *text)
{
	struct profile *profile = NULL;

	assert_int_equal(profile_parse("d/p.yaml", text, strlen(text), stderr, &profile), 0);
	return profile;
}

/* What is printed about a wrong profile; the caller frees it. */
static char *told_about(const char *text)
{
	struct profile *profile = NULL;
	char *told = NULL;
	size_t size = 0;
	FILE *errors = open_memstream(&told, &size);

	assert_int_equal(profile_parse("p", text, strlen(text), errors, &profile), -1);
	fclose(errors);
	return told;
}

/* What is printed about a profile that is taken; the caller frees it. */
static char *warned_about(const char *text)
{
	struct profile *profile = NULL;
	char *told = NULL;
	size_t size = 0;
	FILE *errors = open_memstream(&told, &size);

	assert_int_equal(profile_parse("p", text, strlen(text), errors, &profile), 0);
	fclose(errors);
	profile_free(profile);
	return told;
}

static void an_unknown_protocol_is_taken_with_a_warning(void **state)
{
	char *told = warned_about(
		LEAST "services:\n- {name: web, protocol: htps, tcp: 443, purpose: x}\n");

	(void)state;
	assert_string_equal(told,
			    "p:6:25: warning: 'htps' is no known protocol (did you mean 'https'?): "
			    "no check will look into this service; one that has no word is "
			    "'other'\n"
			    "- {name: web, protocol: htps, tcp: 443, purpose: x}\n"
			    "                        ^\n");
	free(told);
	told = warned_about(LEAST
			    "services:\n- {name: a, protocol: zzzzzz, tcp: 443, purpose: x}\n");
	assert_non_null(strstr(told, "'zzzzzz' is no known protocol: no check"));
	free(told);
}

static void vendor_and_documented_credential_are_read(void **state)
{
	struct profile *p = parsed("device: {name: x, component: embedded, state: factory, vendor: "
				   "Siemens AG}\n"
				   "edition: IEC 62443-4-2:2019\n"
				   "link: {interface: lo, address: 127.0.0.1}\nconsent: []\n"
				   "accounts:\n"
				   "- {name: a, user: admin, role: all, delivered: true}\n"
				   "- {name: b, user: probe, role: none, disposable: true}\n");

	(void)state;
	assert_string_equal(p->vendor, "Siemens AG");
	assert_true(p->accounts[0].delivered);
	assert_false(p->accounts[1].delivered);
	profile_free(p);
	p = parsed(LEAST);
	assert_null(p->vendor);
	profile_free(p);
}

static void a_known_protocol_is_taken_without_a_word(void **state)
{
	char *told = warned_about(LEAST "services:\n"
					"- {name: a, protocol: opc.tcp, tcp: 4840, purpose: x}\n"
					"- {name: b, protocol: other, udp: 9, purpose: x}\n");

	(void)state;
	assert_string_equal(told, "");
	free(told);
}

static void a_shipped_profile_is_read_whole(void **state)
{
	struct profile *p = NULL;
	const struct service *web;

	(void)state;
	assert_int_equal(profile_load(ASSAY_DATA_DIR "/targets/profiles/weak-plc.yaml", stderr, &p),
			 0);
	assert_string_equal(p->component, "EDR");
	assert_int_equal(p->state, STATE_HARDENED);
	assert_string_equal(p->firmware, "1.0");
	assert_int_equal(p->claim[7], 1);
	assert_true(p->consent[IMPACT_STRESS]);
	assert_false(p->consent[IMPACT_MAY_BRICK]);
	assert_true(p->link.mac_given);
	assert_int_equal(p->link.mac[1], 0xa5);
	assert_int_equal(p->budget.writes, 5);
	web = profile_service(p, "web");
	assert_non_null(web);
	assert_int_equal(web->port, 443);
	assert_string_equal(web->login.password, "pass");
	assert_string_equal(web->public_paths[1], "/login");
	assert_null(web->public_paths[2]);
	assert_int_equal(profile_service(p, "control")->scratch_register, 900);
	assert_string_equal(profile_account(p, "admin")->password_file,
			    ASSAY_DATA_DIR "/targets/profiles/secret/weak-plc-admin");
	assert_string_equal(p->functions[0].with[1].value, "10");
	assert_int_equal(p->functions[0].tripwire_ms, 2000);
	assert_int_equal(p->limits.sessions, -1);
	profile_free(p);
}

static void what_is_not_given_is_not_allowed(void **state)
{
	struct profile *p = parsed(LEAST);

	(void)state;
	assert_false(p->consent[IMPACT_OBSERVE]);
	assert_int_equal(p->budget.frames_per_s, 1000);
	assert_int_equal(p->budget.connections, 4);
	assert_int_equal(p->budget.half_open, 4);
	assert_int_equal(p->budget.failed_logins, 3);
	assert_int_equal(p->budget.writes, 0);
	assert_int_equal(p->budget.load_frames_per_s, 0);
	assert_int_equal(p->budget.load_s, 0);
	assert_int_equal(p->recovery_s, 30);
	assert_int_equal(p->limits.lockout_attempts, -1);
	assert_false(p->link.default_route_meant);
	assert_false(p->link.mac_given);
	assert_false(address_given(&p->link.source));
	assert_int_equal(p->claim[1], 0);
	assert_null(p->hooks.power_cycle);
	assert_int_equal(p->service_count, 0);
	assert_string_equal(p->directory, "d");
	profile_free(p);
}

static void the_tripwire_follows_the_tolerance(void **state)
{
	struct profile *p =
		parsed(LEAST "essential_functions:\n"
			     "- {name: f, watch: icmp.echo, period_ms: 10, view: upward,\n"
			     "   tolerance: {gap_ms: 500, loss: 0.1, recover_s: 1}}\n");

	(void)state;
	assert_int_equal(p->functions[0].tripwire_ms, 10000);
	assert_int_equal(p->functions[0].row, 6);
	assert_int_equal(p->functions[0].view, VIEW_UPWARD);
	profile_free(p);
}

#define SSH "{name: s, protocol: ssh, tcp: 22, purpose: x}"

/* Line 5 holds the mistake; told is what follows 'p:5:'. */
static const struct {
	const char *line, *told;
} mistakes[] = {
	{"pourpose: 1", "1: unknown key 'pourpose' in profile\n"
			"pourpose: 1\n"
			"^\n"},
	{"budgett: {}", "1: unknown key 'budgett' (did you mean 'budget'?)\n"
			"budgett: {}\n"
			"^\n"},
	{"edition: F", "1: key 'edition' appears twice\n"
		       "edition: F\n"
		       "^\n"},
	{"recovery_s: soon", "13: 'recovery_s' must be an integer from 0 to 86400, not 'soon'\n"
			     "recovery_s: soon\n"
			     "            ^\n"},
	{"recovery_s: 90000", "13: 'recovery_s' must be an integer from 0 to 86400, not '90000'\n"
			      "recovery_s: 90000\n"
			      "            ^\n"},
	{"recovery_s: \"3\"", "13: 'recovery_s' must be an integer from 0 to 86400, not '3'\n"
			      "recovery_s: \"3\"\n"
			      "            ^\n"},
	{"recovery_s:", "1: 'recovery_s' has no value; it must be an integer from 0 to "
			"86400\n"
			"recovery_s:\n"
			"^\n"},
	{"services: {}", "11: 'services' must be a list, not a mapping\n"
			 "services: {}\n"
			 "          ^\n"},
	{"services: [x]", "12: service must be a mapping (key: value), not text\n"
			  "services: [x]\n"
			  "           ^\n"},
	{"services: [{name: a, protocol: ssh, tcp: 0, purpose: x}]",
	 "42: 'tcp' must be an integer from 1 to 65535, not '0'\n"
	 "services: [{name: a, protocol: ssh, tcp: 0, purpose: x}]\n"
	 "                                         ^\n"},
	{"services: [{name: a, protocol: ssh, tcp: 1}]",
	 "12: service lacks 'purpose': why the device offers the service\n"
	 "services: [{name: a, protocol: ssh, tcp: 1}]\n"
	 "           ^\n"},
	{"services: [{name: a, protocol: ssh, purpose: x}]",
	 "12: service 'a' needs 'tcp' or 'udp'\n"
	 "services: [{name: a, protocol: ssh, purpose: x}]\n"
	 "           ^\n"},
	{"services: [{name: a, protocol: http, tcp: 1, purpose: x, login: {form: "
	 "/l, ok: /h}}]",
	 "65: a login with 'form' or 'json' needs 'user' and 'password'; without all "
	 "of them it is HTTP basic or digest\n"
	 "services: [{name: a, protocol: http, tcp: 1, purpose: x, login: "
	 "{form: /l, ok: /h}}]\n"
	 "                                                                ^\n"},
	{"services: [{name: a, protocol: http, tcp: 1, purpose: x, login: {form: "
	 "/l, json: /l, ok: /h}}]",
	 "65: a login has a 'form' or takes 'json', not both\n"
	 "services: [{name: a, protocol: http, tcp: 1, purpose: x, login: "
	 "{form: /l, json: /l, ok: /h}}]\n"
	 "                                                                ^\n"},
	{"services: [" SSH ", " SSH "]",
	 "66: 's' is already on line 5\n"
	 "services: [" SSH ", " SSH "]\n"
	 "                                                                 "
	 "^\n"},
	{"accounts: [{name: a, user: 1, role: x, disposable: yes}]",
	 "52: 'disposable' must be true or false, not 'yes'\n"
	 "accounts: [{name: a, user: 1, role: x, disposable: yes}]\n"
	 "                                                   ^\n"},
	{"hooks: {reset: 7}", "16: 'reset' must be text (put it in quotes), "
			      "not '7'\n"
			      "hooks: {reset: 7}\n"
			      "               ^\n"},
	{"claim: &a {FR1: 1}", "11: anchors ('&') are not allowed here\n"
			       "claim: &a {FR1: 1}\n"
			       "          ^\n"},
	{"claim: *a", "9: aliases ('*') are not allowed here\n"
		      "claim: *a\n"
		      "        ^\n"},
	{"claim: !x {}", "11: tags ('!') are not allowed here\n"
			 "claim: !x {}\n"
			 "          ^\n"},
	{"%", "1: directives ('%') are not allowed here\n"
	      "%\n"
	      "^\n"},
	{"---", "1: a second document begins here\n"
		"---\n"
		"^\n"},
	{"claim: }", "8: flow mapping with invalid extra closing brace\n"
		     "claim: }\n"
		     "       ^\n"},
	{"answers: \"a\\u0007\"", "10: the text holds a control character\n"
				  "answers: \"a\\u0007\"\n"
				  "         ^\n"},
	{NULL, NULL},
};

static void every_mistake_is_told_with_its_place(void **state)
{
	char text[1024];
	size_t i;

	(void)state;
	for (i = 0; mistakes[i].told != NULL; i++) {
		char *told;

		snprintf(text, sizeof(text), "%s%s\n", LEAST, mistakes[i].line);
		told = told_about(text);
		assert_true(strncmp(told, "p:5:", 4) == 0);
		assert_string_equal(told + 4, mistakes[i].told);
		free(told);
	}
}

static size_t occurrences(const char *text, const char *what)
{
	size_t found = 0;

	for (; (text = strstr(text, what)) != NULL; text++) {
		found++;
	}
	return found;
}

static void all_mistakes_of_a_file_are_told(void **state)
{
	char *told = told_about("device: {name: x, component: toaster, state: broken}\n"
				"link: {interface: lo, address: 224.0.0.1, mac: 1, ipv6: [x],\n"
				"  source: 10.0.0.256, exclude_ports: [0, 70000]}\n"
				"consent: [observe, observe, all]\n");

	(void)state;
	assert_int_equal(occurrences(told, "\np:") + 1, 11);
	assert_non_null(strstr(told, "p:1:30: unknown component type 'toaster'; "
				     "it is one of software, embedded, host, "
				     "network\n"));
	assert_non_null(strstr(told, "p:2:32: 'address' must be the address of "
				     "one host, which '224.0.0.1' is not\n"));
	assert_non_null(strstr(told, "p:1:1: profile lacks 'edition'"));
	free(told);
}

#define REST "device: {name: x, component: embedded, state: factory}\nedition: E\nconsent: []\n"

static void a_device_may_have_an_ipv6_address_alone(void **state)
{
	struct profile *p = parsed(REST "link: {interface: eth1, address: fe80::2%eth1, "
					"source: fe80::1, ipv6: ['fd00::2', fd00::3]}\n");

	(void)state;
	assert_string_equal(address_text(&p->link.address).s, "fe80::2");
	assert_string_equal(address_text(&p->link.source).s, "fe80::1");
	assert_int_equal(p->link.ipv6_count, 2);
	assert_string_equal(address_text(&p->link.ipv6[1]).s, "fd00::3");
	profile_free(p);
}

static void sources_stand_beside_their_short_forms(void **state)
{
	struct profile *p = parsed(REST "link: {interface: eth1, address: 10.0.0.2, "
					"source: 10.0.0.1, witness: 10.0.0.9, multicast: [lldp]}\n"
					"links: {far: {interface: eth2, address: 10.1.0.2}}\n"
					"sources:\n"
					"- {name: monitor, address: 10.0.0.8}\n"
					"- {name: main, address: fd00::1}\n");
	const struct address *found;

	(void)state;
	found = profile_source(p, "main", ADDRESS_IPV4);
	assert_string_equal(address_text(found).s, "10.0.0.1");
	found = profile_source(p, "main", ADDRESS_IPV6);
	assert_string_equal(address_text(found).s, "fd00::1");
	found = profile_source(p, "witness", ADDRESS_IPV4);
	assert_string_equal(address_text(found).s, "10.0.0.9");
	found = profile_source(p, "monitor", ADDRESS_IPV4);
	assert_string_equal(address_text(found).s, "10.0.0.8");
	assert_null(profile_source(p, "monitor", ADDRESS_IPV6));
	assert_string_equal(p->link.multicast[0], "lldp");
	assert_string_equal(p->far.interface, "eth2");
	profile_free(p);
}

/* Lines 4 and 5 are the link and the sources. */
static const struct {
	const char *sources, *told;
} wrong_sources[] = {
	{"[{name: monitor, address: 10.0.0.1}]",
	 "p:5:11: the monitors' source is that of 'main' too: what blocks one would block both\n"},
	{"[{name: a, address: 10.0.0.2}]", "p:5:11: source 'a' is the device's own address\n"},
	{"[{name: a, address: 10.0.0.3}, {name: a, address: 10.0.0.4}]",
	 "p:5:41: source 'a' has two IPv4 addresses\n"},
	{"[{name: main, address: 10.0.0.3}]",
	 "p:5:10: source 'main' is 10.0.0.3 here and 10.0.0.1 in 'link'\n"},
};

static void sources_that_contradict_are_told(void **state)
{
	char text[1024];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(wrong_sources); i++) {
		char *told;

		snprintf(text, sizeof(text),
			 "%slink: {interface: eth1, address: 10.0.0.2, source: 10.0.0.1}\n"
			 "sources: %s\n",
			 REST, wrong_sources[i].sources);
		told = told_about(text);
		if (strncmp(told, wrong_sources[i].told, strlen(wrong_sources[i].told)) != 0) {
			fail_msg("%s", told);
		}
		free(told);
	}
}

/* Line 4 is the link; told is what follows 'p:4:'. */
static const struct {
	const char *link, *told;
} wrong_addresses[] = {
	{"{interface: eth1, address: fe80::2%eth2}",
	 "34: 'fe80::2%eth2' is on another interface than 'eth1'\n"},
	{"{interface: eth1, address: fd00::2%eth1}",
	 "34: 'address' must be an IPv4 or IPv6 address, not 'fd00::2%eth1'\n"},
	{"{interface: eth1, address: 'ff02::1'}",
	 "34: 'address' must be the address of one host, which 'ff02::1' is not\n"},
	{"{interface: eth1, address: '00:11:22:33:44:55'}",
	 "34: 'address' must be an IPv4 or IPv6 address, not '00:11:22:33:44:55'\n"},
	{"{interface: eth1, address: 10.0.0.2, ipv6: [10.0.0.3]}",
	 "51: '10.0.0.3' is not an IPv6 address\n"},
	{"{interface: eth1, address: fd00::2, source: fd00::2}",
	 "43: 'source' is the device's own address\n"},
};

static void an_address_that_cannot_be_is_told(void **state)
{
	char text[1024];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(wrong_addresses); i++) {
		char *told;

		snprintf(text, sizeof(text), "%slink: %s\n", REST, wrong_addresses[i].link);
		told = told_about(text);
		assert_true(strncmp(told, "p:4:", 4) == 0);
		assert_true(strncmp(told + 4, wrong_addresses[i].told,
				    strlen(wrong_addresses[i].told)) == 0);
		free(told);
	}
}

static void no_password_is_ever_shown(void **state)
{
	static const char *const accounts[] = {
		"- {name: a, user: u, role: r, password: hunter2}",
		"- {name: a, user: u, typo: 1, role: r, pasword: hunter2}",
		"- {name: a, user: u, role: r, password_env: 'hunter2!'}",
		"- {name: a, user: u, role: r, password_file: [hunter2]}",
		"- {name: a, user: u, role: r, password: \"hunter2}",
		"- name: a\n  nothing: hunter2\n",
		"- a:hunter2",
		"- name: a\n  password: |\n    hunter2\n  x: [\n",
	};
	char text[512];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(accounts); i++) {
		char *told;

		snprintf(text, sizeof(text), LEAST "accounts:\n%s\n", accounts[i]);
		told = told_about(text);
		assert_null(strstr(told, "hunter2"));
		free(told);
	}
}

static void a_password_in_a_profile_is_refused_with_help(void **state)
{
	char *told = told_about(LEAST "accounts:\n- name: a\n  user: u\n"
				      "  role: r\n  password: hunter2\n");

	(void)state;
	assert_string_equal(told, "p:9:3: a password does not belong in a "
				  "profile; name where it is with "
				  "'password_env' or 'password_file'\n");
	free(told);
}

static void an_unknown_service_of_a_function_is_told(void **state)
{
	char *told = told_about(LEAST "essential_functions:\n"
				      "- {name: f, watch: m.c, period_ms: 10, view: upward,\n"
				      "   tolerance: {gap_ms: 500, loss: 0.1, recover_s: 1},\n"
				      "   with: {service: nowhere}}\n");

	(void)state;
	assert_string_equal(told, "p:8:20: unknown service 'nowhere'; "
				  "'services' has none of that name\n"
				  "   with: {service: nowhere}}\n"
				  "                   ^\n");
	free(told);
}

static void accounts_and_services_that_log_in_are_declared_ones(void **state)
{
	char *told =
		told_about(LEAST "services:\n"
				 "- {name: s, protocol: ssh, tcp: 22, purpose: x, account: b}\n"
				 "accounts:\n"
				 "- {name: a, user: u, role: r, services: [s, t]}\n");

	(void)state;
	assert_non_null(strstr(told, "unknown account 'b'; 'accounts' has none of that name"));
	assert_non_null(strstr(told, "unknown service 't'; 'services' has none of that name"));
	assert_null(strstr(told, "unknown service 's'"));
	free(told);
}

static void settings_hold_lists_and_mappings_with_their_places(void **state)
{
	static const char text[] =
		LEAST "essential_functions:\n"
		      "- {name: f, watch: m.c, period_ms: 10, view: upward,\n"
		      "   tolerance: {gap_ms: 500, loss: 0.1, recover_s: 1},\n"
		      "   with: {service: [a], steps: [{path: /a, names: [x, 7]}, {path: /b}]}}\n";
	struct profile *p = parsed(text);
	const struct setting *with = p->functions[0].with, *step;

	(void)state;
	assert_int_equal(p->functions[0].with_count, 2);
	assert_int_equal(with[0].kind, SETTING_LIST);
	assert_string_equal(with[0].at[0].value, "a");
	assert_int_equal(with[1].kind, SETTING_LIST);
	assert_int_equal(with[1].count, 2);
	step = &with[1].at[0];
	assert_null(step->name);
	assert_int_equal(step->kind, SETTING_MAP);
	assert_int_equal(step->row, 8);
	assert_int_equal(step->column, 33);
	assert_string_equal(step->at[0].name, "path");
	assert_string_equal(step->at[0].value, "/a");
	assert_int_equal(step->at[0].column, 40);
	assert_int_equal(step->at[1].kind, SETTING_LIST);
	assert_string_equal(step->at[1].at[1].value, "7");
	assert_string_equal(with[1].at[1].at[0].value, "/b");
	profile_free(p);
}

static void nested_mistakes_are_told_with_their_place(void **state)
{
	static const struct {
		const char *with, *wanted;
	} rows[] = {
		{"{steps: [{path: /a, path: /b}]}", "p:8:30: key 'path' appears twice\n"
						    "   with: {steps: [{path: /a, path: /b}]}}\n"
						    "                             ^\n"},
		{"{steps: [{path: null}]}", "p:8:26: 'path' has no value\n"
					    "   with: {steps: [{path: null}]}}\n"
					    "                         ^\n"},
		{"{steps: [a, ~]}", "p:8:22: 'steps' has no value\n"
				    "   with: {steps: [a, ~]}}\n"
				    "                     ^\n"},
	};
	char text[1024];
	char *told;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		snprintf(text, sizeof(text),
			 LEAST "essential_functions:\n"
			       "- {name: f, watch: m.c, period_ms: 10, view: upward,\n"
			       "   tolerance: {gap_ms: 500, loss: 0.1, recover_s: 1},\n"
			       "   with: %s}\n",
			 rows[i].with);
		told = told_about(text);
		assert_string_equal(told, rows[i].wanted);
		free(told);
	}
}

static void answers_are_checked(void **state)
{
	static const char text[] = "- {check: a, met: true, statement: s, who: A, role: r,\n"
				   "   when: 2026-02-29, reviewed_by: A}\n";
	struct arena *arena = arena_new();
	struct profile profile = {.arena = arena};
	struct yaml_file file;
	char *told = NULL;
	size_t size = 0;
	FILE *errors = open_memstream(&told, &size);

	(void)state;
	assert_int_equal(yaml_parse(arena, "a", text, strlen(text), false, errors, &file), 0);
	profile_read_answers(&file, &profile);
	fclose(errors);
	assert_string_equal(told, "a:2:10: there is no day '2026-02-29'\n"
				  "   when: 2026-02-29, reviewed_by: A}\n"
				  "         ^\n");
	free(told);
	arena_free(arena);
}

static void a_password_comes_from_file_or_variable(void **state)
{
	char path[] = "/tmp/assay-password-XXXXXX", out[64];
	struct account account = {.name = "a", .password_file = path};
	struct text why;
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(write(fd, "secret \n", 8), 8);
	close(fd);
	assert_int_equal(account_password(&account, out, sizeof(out), &why), 7);
	assert_string_equal(out, "secret ");
	assert_int_equal(account_password(&account, out, 7, &why), -1);
	remove(path);
	assert_int_equal(account_password(&account, out, sizeof(out), &why), -1);
	account.password_file = NULL;
	account.password_env = "ASSAY_TEST_PASSWORD";
	unsetenv("ASSAY_TEST_PASSWORD");
	assert_int_equal(account_password(&account, out, sizeof(out), &why), -1);
	assert_string_equal(why.s, "the environment variable "
				   "'ASSAY_TEST_PASSWORD' with the password "
				   "of account 'a' is not set");
	setenv("ASSAY_TEST_PASSWORD", "from env", 1);
	assert_int_equal(account_password(&account, out, sizeof(out), &why), 8);
	assert_string_equal(out, "from env");
}

static void a_file_that_is_none_is_refused(void **state)
{
	struct profile *profile = NULL;
	char *told = NULL;
	size_t size = 0;
	FILE *errors = open_memstream(&told, &size);

	(void)state;
	assert_int_equal(profile_load("/dev/zero", errors, &profile), -1);
	assert_int_equal(profile_load("/nowhere/p", errors, &profile), -1);
	fclose(errors);
	assert_string_equal(told, "/dev/zero:1:1: not a regular file\n"
				  "/nowhere/p:1:1: cannot open '/nowhere/p': "
				  "No such file or directory\n");
	free(told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_shipped_profile_is_read_whole),
		cmocka_unit_test(an_unknown_protocol_is_taken_with_a_warning),
		cmocka_unit_test(a_known_protocol_is_taken_without_a_word),
		cmocka_unit_test(vendor_and_documented_credential_are_read),
		cmocka_unit_test(what_is_not_given_is_not_allowed),
		cmocka_unit_test(the_tripwire_follows_the_tolerance),
		cmocka_unit_test(every_mistake_is_told_with_its_place),
		cmocka_unit_test(all_mistakes_of_a_file_are_told),
		cmocka_unit_test(a_device_may_have_an_ipv6_address_alone),
		cmocka_unit_test(an_address_that_cannot_be_is_told),
		cmocka_unit_test(sources_stand_beside_their_short_forms),
		cmocka_unit_test(sources_that_contradict_are_told),
		cmocka_unit_test(no_password_is_ever_shown),
		cmocka_unit_test(a_password_in_a_profile_is_refused_with_help),
		cmocka_unit_test(an_unknown_service_of_a_function_is_told),
		cmocka_unit_test(accounts_and_services_that_log_in_are_declared_ones),
		cmocka_unit_test(settings_hold_lists_and_mappings_with_their_places),
		cmocka_unit_test(nested_mistakes_are_told_with_their_place),
		cmocka_unit_test(answers_are_checked),
		cmocka_unit_test(a_password_comes_from_file_or_variable),
		cmocka_unit_test(a_file_that_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
