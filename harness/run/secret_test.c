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
		cmocka_unit_test(a_short_password_is_masked_where_it_is_announced),
		cmocka_unit_test(a_password_that_is_the_user_name_is_no_secret),
		cmocka_unit_test(a_password_that_cannot_be_read_masks_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
