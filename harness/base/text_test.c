/* text_test: error sentences, peer bytes made printable, and arenas. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base/arena.h"
#include "harness/base/digest.h"
#include "harness/base/text.h"

#include <string.h>

#include "harness/banned.h"

static void peer_bytes_become_printable(void **state)
{
	static const struct {
		const char *bytes, *expected;
	} cases[] = {
		{"SSH-2.0-x", "SSH-2.0-x"},
		{"a\r\n\tb", "a\\x0d\\x0a\\x09b"},
		{"\x1b[31m", "\\x1b[31m"},
		{"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
		{"\xe2\x82\xac \xf0\x9f\x94\x92", "\xe2\x82\xac \xf0\x9f\x94\x92"},
		/* overlong, surrogate, beyond U+10FFFF, cut short, C1, U+FFFE */
		{"\xc0\xaf", "\\xc0\\xaf"},
		{"\xe0\x80\xaf", "\\xe0\\x80\\xaf"},
		{"\xed\xa0\x80", "\\xed\\xa0\\x80"},
		{"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
		{"\xe2\x82", "\\xe2\\x82"},
		{"\xc2\x9b", "\\xc2\\x9b"},
		{"\xef\xbf\xbe", "\\xef\\xbf\\xbe"},
		{"\x7f\xff", "\\x7f\\xff"},
	};
	char out[64];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		text_printable(out, sizeof(out), cases[i].bytes, strlen(cases[i].bytes));
		assert_string_equal(out, cases[i].expected);
	}
}

static void cut_text_ends_on_a_whole_character(void **state)
{
	char out[6];

	(void)state;
	assert_string_equal(text_printable(out, sizeof(out), "abc\xe2\x82\xac", 6), "abc");
	assert_string_equal(text_printable(out, sizeof(out), "ab\x01", 3), "ab");
	assert_string_equal(text_printable(out, 1, "ab", 2), "");
	assert_string_equal(text_printable(out, sizeof(out), "a\0b", 3), "a\\x00");
}

static void sentences_grow_from_the_inside_out(void **state)
{
	struct text why;

	(void)state;
	assert_int_equal(text_error(&why, "cannot open '%s'", "x"), -1);
	assert_int_equal(text_prefix(&why, "profile '%s'", "p"), -1);
	assert_string_equal(why.s, "profile 'p': cannot open 'x'");
	assert_int_equal(text_error(NULL, "nobody listens"), -1);
}

static void long_sentences_are_cut_not_overrun(void **state)
{
	char longer[2 * sizeof(struct text)];
	struct text why;

	(void)state;
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	text_error(&why, "%s", longer);
	assert_int_equal(strlen(why.s), sizeof(why.s) - 1);
	text_prefix(&why, "y");
	assert_int_equal(strlen(why.s), sizeof(why.s) - 1);
	assert_memory_equal(why.s, "y: x", 4);
}

static void growing_arrays_keep_their_elements(void **state)
{
	struct arena *arena = arena_new();
	int *numbers = NULL;
	size_t count = 0, i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		int *place = arena_push(arena, &numbers, &count, sizeof(*numbers));

		assert_int_equal(*place, 0);
		*place = (int)i;
	}
	assert_int_equal(count, 1000);
	for (i = 0; i < count; i++) {
		assert_int_equal(numbers[i], i);
	}
	arena_free(arena);
}

static void arena_memory_is_zeroed_aligned_and_large(void **state)
{
	struct arena *arena = arena_new();
	size_t size;

	(void)state;
	for (size = 1; size < 3000000; size = size * 3 + 1) {
		unsigned char *memory = arena_alloc(arena, size);

		assert_int_equal((uintptr_t)memory % _Alignof(max_align_t), 0);
		assert_int_equal(memory[0], 0);
		assert_int_equal(memory[size - 1], 0);
		memset(memory, 0xff, size);
	}
	assert_null(arena_strdup(arena, NULL));
	assert_string_equal(arena_printf(arena, "%s-%d", "a", 1), "a-1");
	arena_free(arena);
	arena_free(NULL);
}

/* FIPS 180-4's example: the digest of "abc" */
static void digest_is_sha_256(void **state)
{
	struct text why = {""};
	struct digest digest = digest_of("abc", 3);

	(void)state;
	assert_string_equal(digest.hex,
			    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015"
			    "ad");
	assert_int_equal(digest_file("/nowhere/at/all", &digest, &why), -1);
	assert_string_equal(why.s, "cannot open '/nowhere/at/all': No such "
				   "file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(peer_bytes_become_printable),
		cmocka_unit_test(cut_text_ends_on_a_whole_character),
		cmocka_unit_test(sentences_grow_from_the_inside_out),
		cmocka_unit_test(long_sentences_are_cut_not_overrun),
		cmocka_unit_test(growing_arrays_keep_their_elements),
		cmocka_unit_test(arena_memory_is_zeroed_aligned_and_large),
		cmocka_unit_test(digest_is_sha_256),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
