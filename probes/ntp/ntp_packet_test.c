/* ntp_packet_test: what is an answer to which question, whole and cut off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base/text.h"
#include "probes/ntp/ntp_packet.h"
#include <string.h>

#include "harness/banned.h"

#define MARK   UINT64_C(0x1122334455667788)
#define MARKED 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88
#define TIME(first, stratum, a, b, c, d)                                                     \
	first, stratum, 3, 0xe9, 0, 0, 0, 0, 0, 0, 0, 0, a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, \
		MARKED, [47] = 0

static const struct {
	const char *name;
	enum ntp_question question;
	enum ntp_answer answer;
	unsigned version, stratum;
	uint8_t bytes[64];
	size_t size;
} cases[] = {
	{"time", NTP_TIME, NTP_DATA, 4, 2, {TIME(0x24, 2, 'G', 'P', 'S', 0)}, 48},
	{"no time yet", NTP_TIME, NTP_DATA, 4, 0, {TIME(0xe4, 0, 'I', 'N', 'I', 'T')}, 48},
	{"asked too often", NTP_TIME, NTP_SLOWER, 0, 0, {TIME(0xe4, 0, 'R', 'A', 'T', 'E')}, 48},
	{"denied", NTP_TIME, NTP_REFUSED, 0, 0, {TIME(0xe4, 0, 'D', 'E', 'N', 'Y')}, 48},
	{"restricted", NTP_TIME, NTP_REFUSED, 0, 0, {TIME(0xe4, 0, 'R', 'S', 'T', 'R')}, 48},
	{"time of another's", NTP_TIME, NTP_OTHER, 0, 0, {0x24, 2, [47] = 0}, 48},
	{"a client's question", NTP_TIME, NTP_GARBAGE, 0, 0, {TIME(0x23, 2, 0, 0, 0, 0)}, 48},
	{"variables", NTP_CONTROL, NTP_DATA, 2, 0, {0xd6, 0x82, 0x77, 0x88, [11] = 1, 'x'}, 13},
	{"variables of another's", NTP_CONTROL, NTP_OTHER, 2, 0, {0x16, 0x82, 0, 1, [11] = 0}, 12},
	{"no variables", NTP_CONTROL, NTP_REFUSED, 2, 0, {0x16, 0xc2, 0x77, 0x88, [11] = 0}, 12},
	{"an echo", NTP_CONTROL, NTP_OTHER, 2, 0, {0x16, 2, 0x77, 0x88, [11] = 0}, 12},
	{"clients", NTP_PRIVATE, NTP_DATA, 2, 0, {0x97, 0, 3, 42, 0, 1, 0, 8, [15] = 0}, 16},
	{"no clients", NTP_PRIVATE, NTP_REFUSED, 2, 0, {0x97, 0, 3, 42, 0x40, [7] = 0}, 8},
	{"an echo of that", NTP_PRIVATE, NTP_OTHER, 2, 0, {0x17, 0, 3, 42, [7] = 0}, 8},
	{"time for clients", NTP_PRIVATE, NTP_OTHER, 2, 0, {TIME(0x24, 2, 0, 0, 0, 0)}, 48},
	{"version 0", NTP_TIME, NTP_GARBAGE, 0, 0, {TIME(0x04, 2, 0, 0, 0, 0)}, 48},
	{"nothing", NTP_TIME, NTP_GARBAGE, 0, 0, {0}, 0},
};

static void each_answer_is_what_it_is(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ntp_seen seen = {.version = 0};
		enum ntp_answer answer = ntp_answer_read(cases[i].bytes, cases[i].size,
							 cases[i].question, MARK, &seen);

		print_message("%s\n", cases[i].name);
		assert_int_equal(answer, cases[i].answer);
		if (answer == NTP_DATA) {
			assert_int_equal(seen.version, cases[i].version);
			assert_int_equal(seen.stratum, cases[i].stratum);
		}
	}
}

static void what_is_cut_off_is_no_answer(void **state)
{
	struct ntp_seen seen;
	size_t i, size;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		for (size = 0; cases[i].answer == NTP_DATA && size < cases[i].size; size++) {
			assert_int_equal(ntp_answer_read(cases[i].bytes, size, cases[i].question,
							 MARK, &seen),
					 NTP_GARBAGE);
		}
	}
}

static void a_question_is_no_answer_to_itself(void **state)
{
	static const size_t sizes[] = {[NTP_TIME] = 48, [NTP_CONTROL] = 12, [NTP_PRIVATE] = 8};
	enum ntp_question question;
	uint8_t bytes[NTP_QUESTION_MOST];
	struct ntp_seen seen;

	(void)state;
	for (question = NTP_TIME; question <= NTP_PRIVATE; question++) {
		struct writer w = writer_of(bytes, sizeof(bytes));

		ntp_question_write(&w, question, MARK);
		assert_true(writer_ok(&w));
		assert_int_equal(w.size, sizes[question]);
		assert_int_not_equal(ntp_answer_read(bytes, w.size, question, MARK, &seen),
				     NTP_DATA);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_answer_is_what_it_is),
		cmocka_unit_test(what_is_cut_off_is_no_answer),
		cmocka_unit_test(a_question_is_no_answer_to_itself),
	};

	return cmocka_run_group_tests_name("ntp_packet", tests, NULL, NULL);
}
