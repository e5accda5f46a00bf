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
		{"\xc2\x9b", "\\u{9b}"},
		{"\xef\xbf\xbe", "\\u{fffe}"},
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

/* One of each class that acts on who shows it, and its neighbours that are letters. */
static void characters_that_act_on_the_reader_are_named(void **state)
{
	static const struct {
		const char *bytes, *expected;
	} cases[] = {
		{"a\xe2\x80\xae"
		 "b",
		 "a\\u{202e}b"},                                      /* right-to-left override */
		{"\xe2\x81\xa6x\xe2\x81\xa9", "\\u{2066}x\\u{2069}"}, /* isolates */
		{"\xe2\x80\x8b\xe2\x80\x8f", "\\u{200b}\\u{200f}"},   /* zero width, mark */
		{"\xd8\x9c", "\\u{61c}"},                             /* Arabic letter mark */
		{"\xe2\x80\xa8\xe2\x80\xa9", "\\u{2028}\\u{2029}"},   /* other line ends */
		{"\xc2\xad\xef\xbb\xbf", "\\u{ad}\\u{feff}"},
		{"\xee\x80\x80\xef\xa3\xbf", "\\u{e000}\\u{f8ff}"}, /* private use */
		{"\xf3\xb0\x80\x80\xf4\x8f\xbf\xbd", "\\u{f0000}\\u{10fffd}"},
		{"\xef\xb7\x90\xef\xb7\xaf", "\\u{fdd0}\\u{fdef}"}, /* noncharacters */
		{"\xf0\x9f\xbf\xbe\xf4\x8f\xbf\xbf", "\\u{1fffe}\\u{10ffff}"},
		{"\xf3\xa0\x81\x81", "\\u{e0041}"},                 /* tag: invisible ASCII */
		{"\xef\xb8\x8f\xe3\x85\xa4", "\\u{fe0f}\\u{3164}"}, /* drawn as nothing */
		/* beside them: no-break space, hyphen, per mille, Arabic, Hangul, ligature */
		{"\xc2\xa0\xe2\x80\x90\xe2\x80\xb0", "\xc2\xa0\xe2\x80\x90\xe2\x80\xb0"},
		{"\xd8\x9b\xd8\xa7\xed\x9f\xbb\xef\xac\x80",
		 "\xd8\x9b\xd8\xa7\xed\x9f\xbb\xef\xac\x80"},
		{"\xef\xbf\xbd\xf0\x9f\xbf\xbd", "\xef\xbf\xbd\xf0\x9f\xbf\xbd"},
	};
	char out[64];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		text_printable(out, sizeof(out), cases[i].bytes, strlen(cases[i].bytes));
		assert_string_equal(out, cases[i].expected);
	}
}

static void a_file_of_lines_keeps_its_lines(void **state)
{
	static const char text[] = "a\tb\r\n\x1b]0;x\xe2\x80\xaey\n";
	char out[64];

	(void)state;
	assert_int_equal(text_printable_lines(out, sizeof(out), text, sizeof(text) - 1),
			 strlen("a\tb\\x0d\n\\x1b]0;x\\u{202e}y\n"));
	assert_string_equal(out, "a\tb\\x0d\n\\x1b]0;x\\u{202e}y\n");
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
		cmocka_unit_test(characters_that_act_on_the_reader_are_named),
		cmocka_unit_test(a_file_of_lines_keeps_its_lines),
		cmocka_unit_test(cut_text_ends_on_a_whole_character),
		cmocka_unit_test(sentences_grow_from_the_inside_out),
		cmocka_unit_test(long_sentences_are_cut_not_overrun),
		cmocka_unit_test(growing_arrays_keep_their_elements),
		cmocka_unit_test(arena_memory_is_zeroed_aligned_and_large),
		cmocka_unit_test(digest_is_sha_256),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
