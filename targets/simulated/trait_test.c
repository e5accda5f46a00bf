/* trait_test: parsing of traits, and that their documentation is whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "targets/simulated/device.h"
#include <stdio.h>
#include <string.h>

static void switches_numbers_and_choices_are_read(void **state)
{
	struct traits traits = traits_of(TEMPER_WEAK);
	struct text why = {""};

	(void)state;
	assert_int_equal(traits_set(&traits, "telnet=off", &why), 0);
	assert_int_equal(traits_set(&traits, "slow-above=200", &why), 0);
	assert_int_equal(traits_set(&traits, "modbus-write=scratch", &why), 0);
	assert_int_equal(traits.value[TRAIT_TELNET], 0);
	assert_int_equal(traits.value[TRAIT_SLOW_ABOVE], 200);
	assert_int_equal(traits.value[TRAIT_MODBUS_WRITE], WRITE_SCRATCH);
}

static void choices_stand_where_the_code_expects_them(void **state)
{
	static const struct {
		const char *assignment;
		enum trait trait;
		int64_t value;
	} cases[] = {
		{"http=redirect", TRAIT_HTTP, HTTP_REDIRECT},
		{"http=on", TRAIT_HTTP, HTTP_ON},
		{"modbus-write=anywhere", TRAIT_MODBUS_WRITE, WRITE_ANYWHERE},
		{"load-family=arp", TRAIT_LOAD_FAMILY, LOAD_ARP},
		{"load-family=any", TRAIT_LOAD_FAMILY, LOAD_ANY},
		{"silent=ssh", TRAIT_SILENT, SERVICE_SSH},
		{"silent=modbus", TRAIT_SILENT, SERVICE_MODBUS},
		{"silent=all", TRAIT_SILENT, SERVICE_ALL},
	};
	struct traits traits = traits_of(TEMPER_HARDENED);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(traits_set(&traits, cases[i].assignment, NULL), 0);
		assert_int_equal(traits.value[cases[i].trait], cases[i].value);
	}
}

static void mistakes_are_named(void **state)
{
	static const struct {
		const char *assignment, *sentence;
	} cases[] = {
		{"telnet", "'telnet' is not of the form trait=value"},
		{"telent=on", "no trait is called 'telent'"},
		{"telnet=maybe", "trait 'telnet' is on or off, not 'maybe'"},
		{"hidden-port=65536", "trait 'hidden-port' is a number in 0..65535, not '65536'"},
		{"lockout=5x", "trait 'lockout' is a number in 0..1000, not '5x'"},
		{"http=off|on", "trait 'http' is one of off|redirect|on, not 'off|on'"},
	};
	struct traits traits = traits_of(TEMPER_WEAK);
	struct text why = {""};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(traits_set(&traits, cases[i].assignment, &why), -1);
		assert_string_equal(why.s, cases[i].sentence);
	}
}

static bool file_has(const char *path, const char *text)
{
	static char content[65536];
	FILE *file = fopen(path, "r");
	size_t size = 0;

	assert_non_null(file);
	size = fread(content, 1, sizeof(content) - 1, file);
	content[size] = '\0';
	fclose(file);
	return strstr(content, text) != NULL;
}

static void every_trait_is_in_the_readme(void **state)
{
	char row[64];

	(void)state;
	for (int i = 0; i < TRAIT_COUNT; i++) {
		snprintf(row, sizeof(row), "\n| `%s` |", trait_word((enum trait)i));
		if (!file_has(ASSAY_DATA_DIR "/targets/simulated/README.md", row))
			fail_msg("no row begins '%s'", row + 1);
	}
}

#define SECRETS ASSAY_DATA_DIR "/targets/profiles/secret/"

static void profiles_hold_the_passwords_of_the_devices(void **state)
{
	static const struct {
		const char *path;
		enum temper temper;
		enum account_kind account;
	} cases[] = {
		{SECRETS "weak-plc-admin", TEMPER_WEAK, ACCOUNT_ADMIN},
		{SECRETS "weak-plc-probe", TEMPER_WEAK, ACCOUNT_PROBE},
		{SECRETS "hardened-plc-admin", TEMPER_HARDENED, ACCOUNT_ADMIN},
		{SECRETS "hardened-plc-probe", TEMPER_HARDENED, ACCOUNT_PROBE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct traits traits = traits_of(cases[i].temper);
		char line[128] = "";
		FILE *file = fopen(cases[i].path, "r");
		assert_non_null(file);
		assert_non_null(fgets(line, sizeof(line), file));
		fclose(file);
		line[strcspn(line, "\n")] = '\0';
		assert_string_equal(line, account_secret(&traits, cases[i].account));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(switches_numbers_and_choices_are_read),
		cmocka_unit_test(choices_stand_where_the_code_expects_them),
		cmocka_unit_test(mistakes_are_named),
		cmocka_unit_test(every_trait_is_in_the_readme),
		cmocka_unit_test(profiles_hold_the_passwords_of_the_devices),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
