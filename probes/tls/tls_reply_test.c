/* tls_reply_test: answers made by hand from RFC 8446 and 5246. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base/bytes.h"
#include "harness/base/text.h"
#include "probes/tls/tls_names.h"
#include "probes/tls/tls_reply.h"
#include <string.h>

static const uint8_t random_bytes[32] = {1, 2, 3};

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
