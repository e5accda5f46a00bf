/* secret_test: every form in which a password travels is masked, and nothing
 * else. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "harness/run/secret.h"

#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

/* Masks the text for one account "plc" with this password. */
static void masked_is(const char *password, const char *text, const char *wanted)
{
	struct service service = {.login.password = "pass"};
	struct account account = {.name = "a", .user = "plc", .password_env = "ASSAY_SECRET_TEST"};
	struct profile profile = {
		.services = &service, .service_count = 1, .accounts = &account, .account_count = 1};
	struct arena *arena = arena_new();
	struct secrets *secrets;

	assert_int_equal(setenv("ASSAY_SECRET_TEST", password, 1), 0);
	secrets = secrets_new(&profile);
	assert_string_equal(secrets_mask(secrets, arena, text), wanted);
	secrets_free(secrets);
	arena_free(arena);
}

static void a_plain_password_is_masked_wherever_it_stands(void **state)
{
	(void)state;
	masked_is("Copper Bridge", "USER plc, PASS Copper Bridge", "USER plc, PASS ********");
	masked_is("Copper", "CopperCopper and copper", "**************** and copper");
}

static void a_form_s_percent_encoding_is_masked(void **state)
{
	(void)state;
	masked_is("a b/\xc3\xa9", "user=plc&pass=a+b%2F%C3%A9&x=1", "user=plc&pass=********&x=1");
	masked_is("a b/\xc3\xa9", "pass=a%20b%2f%c3%a9", "pass=********");
}

/* "plc:Copper" is cGxjOkNvcHBlcg== (RFC 7617). */
static void basic_and_plain_authentication_are_masked(void **state)
{
	(void)state;
	masked_is("Copper", "Authorization: Basic cGxjOkNvcHBlcg==\r\n",
		  "Authorization: Basic ********\r\n");
	masked_is("Copper", "AUTH PLAIN AHBsYwBDb3BwZXI=", "AUTH PLAIN ********");
}

/* "Copper" is Q29wcGVy; behind one byte x it is eENvcHBlcg, behind two eHhDb3BwZXI. */
static void base64_is_masked_wherever_the_password_stands_in_it(void **state)
{
	(void)state;
	masked_is("Copper", "token=Q29wcGVy.", "token=********.");
	masked_is("Copper", "token=eENvcHBlcnk=", "token=e********k=");
	masked_is("Copper", "token=eHhDb3BwZXJ5", "token=eH********5");
	/* the URL alphabet (RFC 4648, 5): "k>>>k???" is az4+Pms/Pz8= */
	masked_is("k>>>k???", "az4+Pms/Pz8= az4-Pms_Pz8=", "********= ********=");
	/* user and password within something longer: x plc:Copper y */
	masked_is("Copper", "eHBsYzpDb3BwZXJ5", "e********5");
}

static void hexadecimal_is_masked_in_either_case(void **state)
{
	(void)state;
	masked_is("Jod\xc3\xa9l", "4a6f64c3a96c 4A6F64C3A96C", "******** ********");
	masked_is("Jod\xc3\xa9l", "4a:6f:64:c3:a9:6c|4A 6F 64 C3 A9 6C", "********|********");
}

/* As our own reports print what is no ordinary character. */
static void a_password_made_printable_is_masked(void **state)
{
	(void)state;
	masked_is("ab\xe2\x80\xaeZ\xff", "said 'ab\\u{202e}Z\\xff'", "said '********'");
}

static void a_percent_encoding_of_every_byte_is_masked(void **state)
{
	(void)state;
	masked_is("Jodel", "/%4a%6f%64%65%6c/%4A%6F%64%65%6C", "/********/********");
}

static void the_environment_is_overwritten(void **state)
{
	static char entry[] = "ASSAY_SECRET_TEST=Copper";
	struct account account = {.user = "plc", .password_env = "ASSAY_SECRET_TEST"};
	struct profile profile = {.accounts = &account, .account_count = 1};

	(void)state;
	assert_int_equal(putenv(entry), 0);
	secrets_wipe_environment(&profile);
	assert_memory_equal(entry, "ASSAY_SECRET_TEST=\0\0\0\0\0\0", sizeof(entry));
}

static void a_short_password_is_masked_where_it_is_announced(void **state)
{
	(void)state;
	masked_is("x1", "PASS x1\r\nbox1 x1x", "PASS ********\r\nbox1 x1x");
	masked_is("x1", "user=plc&pass=x1&next=x1", "user=plc&pass=********&next=x1");
	masked_is("x1", "pass=x12", "pass=x12");
	masked_is("x1", "Basic cGxjOngx", "Basic ********");
}

static void a_password_that_is_the_user_name_is_no_secret(void **state)
{
	(void)state;
	masked_is("plc", "user plc:plc", "user plc:plc");
}

static void a_password_that_cannot_be_read_masks_nothing(void **state)
{
	struct account account = {.user = "plc", .password_file = "/nonexistent"};
	struct profile profile = {.accounts = &account, .account_count = 1};
	struct secrets *secrets = secrets_new(&profile);

	(void)state;
	assert_true(secrets_empty(secrets));
	secrets_free(secrets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_password_is_masked_wherever_it_stands),
		cmocka_unit_test(a_form_s_percent_encoding_is_masked),
		cmocka_unit_test(basic_and_plain_authentication_are_masked),
		cmocka_unit_test(base64_is_masked_wherever_the_password_stands_in_it),
		cmocka_unit_test(hexadecimal_is_masked_in_either_case),
		cmocka_unit_test(a_password_made_printable_is_masked),
		cmocka_unit_test(a_percent_encoding_of_every_byte_is_masked),
		cmocka_unit_test(the_environment_is_overwritten),
		cmocka_unit_test(a_short_password_is_masked_where_it_is_announced),
		cmocka_unit_test(a_password_that_is_the_user_name_is_no_secret),
		cmocka_unit_test(a_password_that_cannot_be_read_masks_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
