/* tls_hello_test: hellos made by hand from RFC 8446 and 5246. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probes/tls/tls_hello.h"
#include <string.h>

static const uint8_t random_bytes[TLS_HELLO_RANDOM] = {1, 2, 3};

static void ssl3_hello_has_no_extensions(void **state)
{
	static const uint16_t suites[] = {0x0005};
	static const uint8_t head[] = {22, 3, 0, 0, 48, 1, 0, 0, 44, 3, 0};
	static const uint8_t tail[] = {0, 0, 4, 0, 5, 0, 0xff, 2, 1, 0};
	struct tls_offer offer = {.version = TLS_SSL_3_0, .suites = suites, .suite_count = 1};
	uint8_t hello[TLS_HELLO_MAX];
	size_t size;

	(void)state;
	size = tls_hello_write(&offer, random_bytes, hello, sizeof(hello));
	assert_int_equal(size, 53);
	assert_memory_equal(hello, head, sizeof(head));
	assert_memory_equal(hello + 11, random_bytes, 32);
	assert_memory_equal(hello + 43, tail, sizeof(tail));
}

static bool contains(const uint8_t *bytes, size_t size, const void *part, size_t part_size)
{
	size_t i;

	for (i = 0; i + part_size <= size; i++) {
		if (memcmp(bytes + i, part, part_size) == 0) {
			return true;
		}
	}
	return false;
}

static void tls13_hello_offers_that_version_alone(void **state)
{
	static const uint16_t suites[] = {0x1301}, groups[] = {0x001D, 0x0017};
	static const uint8_t versions[] = {0, 43, 0, 3, 2, 3, 4};
	static const uint8_t no_share[] = {0, 51, 0, 2, 0, 0};
	static const uint8_t point[32] = {7};
	static const struct tls_share x25519 = {0x001D, point, sizeof(point)};
	static const uint8_t share[] = {0, 51, 0, 38, 0, 36, 0, 29, 0, 32};
	struct tls_offer offer = {.version = TLS_1_3,
				  .suites = suites,
				  .suite_count = 1,
				  .groups = groups,
				  .group_count = 2,
				  .server_name = "plc.example"};
	uint8_t hello[TLS_HELLO_MAX];
	size_t size;

	(void)state;
	size = tls_hello_write(&offer, random_bytes, hello, sizeof(hello));
	assert_true(contains(hello, size, versions, sizeof(versions)));
	assert_true(contains(hello, size, no_share, sizeof(no_share)));
	assert_true(contains(hello, size, "plc.example", 11));
	offer.shares = &x25519;
	offer.share_count = 1;
	size = tls_hello_write(&offer, random_bytes, hello, sizeof(hello));
	assert_true(contains(hello, size, share, sizeof(share)));
}

static void everything_fits_one_hello(void **state)
{
	uint16_t suites[TLS_SUITES_MAX], groups[TLS_GROUPS_MAX];
	char name[254];
	struct tls_offer offer = {
		.version = TLS_1_2, .suites = suites, .groups = groups, .server_name = name};
	uint8_t hello[TLS_HELLO_MAX];

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	while (tls_suites[offer.suite_count].name != NULL) {
		suites[offer.suite_count] = tls_suites[offer.suite_count].code;
		offer.suite_count++;
	}
	while (tls_groups[offer.group_count].name != NULL) {
		groups[offer.group_count] = tls_groups[offer.group_count].code;
		offer.group_count++;
	}
	assert_true(tls_hello_write(&offer, random_bytes, hello, sizeof(hello)) > 0);
	assert_int_equal(tls_hello_write(&offer, random_bytes, hello, 300), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ssl3_hello_has_no_extensions),
		cmocka_unit_test(tls13_hello_offers_that_version_alone),
		cmocka_unit_test(everything_fits_one_hello),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
