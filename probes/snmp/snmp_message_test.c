/* snmp_message_test: the discovery byte by byte, and what is taken for a report. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probes/snmp/snmp_message.h"
#include <string.h>

static const uint8_t discovery[] = {
	0x30, 0x39, 0x02, 0x01, 0x03,                               /* version 3 */
	0x30, 0x0e, 0x02, 0x02, 0x12, 0x34,                         /* id 0x1234 */
	0x02, 0x02, 0x05, 0xc0, 0x04, 0x01, 0x04, 0x02, 0x01, 0x03, /* 1472, reportable, USM */
	0x04, 0x10, 0x30, 0x0e, 0x04, 0x00, 0x02, 0x01, 0x00, 0x02,
	0x01, 0x00, 0x04, 0x00, 0x04, 0x00, 0x04, 0x00, /* nobody */
	0x30, 0x12, 0x04, 0x00, 0x04, 0x00, 0xa0, 0x0c, 0x02, 0x02,
	0x12, 0x34, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00, 0x30, 0x00};

/* A report: engine 80001f8880aabbccdd, 7 boots, 300 s. */
static const uint8_t report[] = {
	0x30, 0x42, 0x02, 0x01, 0x03, 0x30, 0x0e, 0x02, 0x02, 0x12, 0x34, 0x02, 0x02, 0x05,
	0xc0, 0x04, 0x01, 0x00, 0x02, 0x01, 0x03, 0x04, 0x1a, 0x30, 0x18, 0x04, 0x09, 0x80,
	0x00, 0x1f, 0x88, 0x80, 0xaa, 0xbb, 0xcc, 0xdd, 0x02, 0x01, 0x07, 0x02, 0x02, 0x01,
	0x2c, 0x04, 0x00, 0x04, 0x00, 0x04, 0x00, 0x30, 0x11, 0x04, 0x00, 0x04, 0x00, 0xa8,
	0x0b, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00, 0x30, 0x00};

static void the_discovery_is_written_to_the_byte(void **state)
{
	uint8_t bytes[128];
	struct writer w = writer_of(bytes, sizeof(bytes));

	(void)state;
	snmp_discovery_write(&w, 0x1234);
	assert_true(writer_ok(&w));
	assert_int_equal(w.size, sizeof(discovery));
	assert_memory_equal(bytes, discovery, sizeof(discovery));
}

static void a_report_names_the_engine(void **state)
{
	static const uint8_t id[] = {0x80, 0x00, 0x1f, 0x88, 0x80, 0xaa, 0xbb, 0xcc, 0xdd};
	struct snmp_engine engine;

	(void)state;
	assert_int_equal(snmp_report_read(report, sizeof(report), 0x1234, &engine), 0);
	assert_int_equal(engine.id_size, sizeof(id));
	assert_memory_equal(engine.id, id, sizeof(id));
	assert_int_equal(engine.boots, 7);
	assert_int_equal(engine.time_s, 300);
}

static void a_report_to_another_discovery_is_a_stray(void **state)
{
	struct snmp_engine engine;

	(void)state;
	assert_int_equal(snmp_report_read(report, sizeof(report), 0x1235, &engine), 1);
}

static void a_request_is_no_report(void **state)
{
	struct snmp_engine engine;

	(void)state;
	assert_int_equal(snmp_report_read(discovery, sizeof(discovery), 0x1234, &engine), -1);
}

static void a_cut_report_is_none(void **state)
{
	struct snmp_engine engine;
	size_t size;

	(void)state;
	for (size = 0; size < sizeof(report); size++) {
		assert_int_equal(snmp_report_read(report, size, 0x1234, &engine), -1);
	}
}

/* Each changes one byte of the report. */
static void a_report_that_is_not_sound_is_none(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
		const char *what;
	} rows[] = {
		{1, 0x80, "a length of no end"},       {4, 1, "SNMPv2"},
		{26, 0x04, "an engine id of 4 bytes"}, {36, 0x04, "boots that are no number"},
		{55, 0xa2, "a response, no report"},   {40, 0x09, "a number of 9 bytes"},
	};
	struct snmp_engine engine;
	uint8_t bytes[sizeof(report)];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memcpy(bytes, report, sizeof(report));
		bytes[rows[i].at] = rows[i].value;
		if (snmp_report_read(bytes, sizeof(bytes), 0x1234, &engine) != -1) {
			fail_msg("%s", rows[i].what);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_discovery_is_written_to_the_byte),
		cmocka_unit_test(a_report_names_the_engine),
		cmocka_unit_test(a_report_to_another_discovery_is_a_stray),
		cmocka_unit_test(a_request_is_no_report),
		cmocka_unit_test(a_cut_report_is_none),
		cmocka_unit_test(a_report_that_is_not_sound_is_none),
	};

	return cmocka_run_group_tests_name("snmp_message", tests, NULL, NULL);
}
