/* tls_hello_test: hellos and answers made by hand from RFC 8446 and 5246. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base/text.h"
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

/* Writes a record with one ServerHello. */
static size_t server_hello(uint8_t *out, size_t capacity, bool tls13)
{
	static const uint8_t extensions13[] = {0, 43, 0, 2, 3, 4, 0, 51, 0, 2, 0, 23};
	static const uint8_t extensions12[] = {0xff, 1, 0, 1, 0};
	struct writer w = writer_of(out, capacity);
	size_t record, message, list;

	writer_u8(&w, 22);
	writer_be16(&w, TLS_1_2);
	record = writer_begin(&w, 2);
	writer_u8(&w, 2);
	message = writer_begin(&w, 3);
	writer_be16(&w, TLS_1_2);
	writer_bytes(&w, random_bytes, 32);
	writer_u8(&w, 1);
	writer_u8(&w, 7);
	writer_be16(&w, tls13 ? 0x1302 : 0xC02F);
	writer_u8(&w, tls13 ? 0 : 1);
	list = writer_begin(&w, 2);
	if (tls13) {
		writer_bytes(&w, extensions13, sizeof(extensions13));
	} else {
		writer_bytes(&w, extensions12, sizeof(extensions12));
	}
	writer_end(&w, list, 2);
	writer_end(&w, message, 3);
	writer_end(&w, record, 2);
	return w.size;
}

static void tls13_answer_names_version_suite_and_group(void **state)
{
	uint8_t bytes[256];
	size_t size = server_hello(bytes, sizeof(bytes), true);
	struct tls_reply reply = tls_reply_read(bytes, size, true);

	(void)state;
	assert_int_equal(reply.answer, TLS_ANSWER_HELLO);
	assert_int_equal(reply.version, TLS_1_3);
	assert_int_equal(reply.suite, 0x1302);
	assert_int_equal(reply.group, 23);
	assert_false(reply.retry);
}

static void tls12_answer_names_compression_and_renegotiation(void **state)
{
	uint8_t bytes[256];
	size_t size = server_hello(bytes, sizeof(bytes), false);
	struct tls_reply reply = tls_reply_read(bytes, size, false);

	(void)state;
	assert_int_equal(reply.answer, TLS_ANSWER_HELLO);
	assert_int_equal(reply.version, TLS_1_2);
	assert_int_equal(reply.suite, 0xC02F);
	assert_int_equal(reply.compression, 1);
	assert_true(reply.secure_renegotiation);
}

static void cut_answer_needs_more(void **state)
{
	uint8_t bytes[256];
	size_t whole = server_hello(bytes, sizeof(bytes), false), size;

	(void)state;
	for (size = 0; size < whole; size++) {
		assert_int_equal(tls_reply_read(bytes, size, false).answer, TLS_ANSWER_MORE);
	}
	assert_int_equal(tls_reply_read(bytes, whole, true).answer, TLS_ANSWER_MORE);
}

/* The same message in records of one byte each. */
static void message_in_many_records_is_put_together(void **state)
{
	uint8_t bytes[256], pieces[6 * 256];
	size_t whole = server_hello(bytes, sizeof(bytes), false), i;
	struct writer w = writer_of(pieces, sizeof(pieces));
	struct tls_reply reply;

	(void)state;
	for (i = 5; i < whole; i++) {
		writer_u8(&w, 22);
		writer_be16(&w, TLS_1_0);
		writer_be16(&w, 1);
		writer_u8(&w, bytes[i]);
	}
	reply = tls_reply_read(pieces, w.size, false);
	assert_int_equal(reply.answer, TLS_ANSWER_HELLO);
	assert_int_equal(reply.suite, 0xC02F);
}

static void warning_before_the_hello_is_passed_over(void **state)
{
	uint8_t bytes[256] = {21, 3, 1, 0, 2, 1, 112};
	size_t size = 7 + server_hello(bytes + 7, sizeof(bytes) - 7, false);

	(void)state;
	assert_int_equal(tls_reply_read(bytes, 7, false).answer, TLS_ANSWER_MORE);
	assert_int_equal(tls_reply_read(bytes, size, false).answer, TLS_ANSWER_HELLO);
}

static void fatal_alert_is_read(void **state)
{
	static const uint8_t alert[] = {21, 3, 1, 0, 2, 2, 70};
	struct tls_reply reply = tls_reply_read(alert, sizeof(alert), false);

	(void)state;
	assert_int_equal(reply.answer, TLS_ANSWER_ALERT);
	assert_string_equal(tls_alert_name(reply.alert), "protocol_version");
}

static void other_protocols_are_not_tls(void **state)
{
	static const char *const others[] = {"HTTP/1.1 400 Bad Request\r\n", "SSH-2.0-x\r\n",
					     "220 ready\r\n"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		assert_int_equal(tls_reply_read(others[i], strlen(others[i]), false).answer,
				 TLS_ANSWER_BROKEN);
	}
}

/* ServerHello, then ServerKeyExchange with a prime of 1024 bits. */
static void size_of_the_prime_is_read(void **state)
{
	uint8_t bytes[512];
	size_t hello = server_hello(bytes, sizeof(bytes), false);
	struct writer w = writer_of(bytes + hello, sizeof(bytes) - hello);
	uint8_t prime[129] = {0, 0x80};
	struct tls_reply reply;
	size_t record, message;

	(void)state;
	bytes[45] = 0x00; /* where the suite stands */
	bytes[46] = 0x33; /* TLS_DHE_RSA_WITH_AES_128_CBC_SHA */
	writer_u8(&w, 22);
	writer_be16(&w, TLS_1_2);
	record = writer_begin(&w, 2);
	writer_u8(&w, 12);
	message = writer_begin(&w, 3);
	writer_be16(&w, sizeof(prime));
	writer_bytes(&w, prime, sizeof(prime));
	writer_end(&w, message, 3);
	writer_end(&w, record, 2);
	reply = tls_reply_read(bytes, hello + w.size, true);
	assert_int_equal(reply.answer, TLS_ANSWER_HELLO);
	assert_int_equal(reply.suite, 0x0033);
	assert_int_equal(reply.dh_bits, 1024);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ssl3_hello_has_no_extensions),
		cmocka_unit_test(tls13_hello_offers_that_version_alone),
		cmocka_unit_test(everything_fits_one_hello),
		cmocka_unit_test(tls13_answer_names_version_suite_and_group),
		cmocka_unit_test(tls12_answer_names_compression_and_renegotiation),
		cmocka_unit_test(cut_answer_needs_more),
		cmocka_unit_test(message_in_many_records_is_put_together),
		cmocka_unit_test(warning_before_the_hello_is_passed_over),
		cmocka_unit_test(fatal_alert_is_read),
		cmocka_unit_test(other_protocols_are_not_tls),
		cmocka_unit_test(size_of_the_prime_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
