/* journal_test: the chain holds, and says where it does not. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "harness/run/journal.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "harness/banned.h"

struct folder {
	char path[64], journal[96];
};

static int folder_setup(void **state)
{
	struct folder *folder = calloc(1, sizeof(*folder));

	snprintf(folder->path, sizeof(folder->path), "/tmp/journal-XXXXXX");
	assert_non_null(mkdtemp(folder->path));
	snprintf(folder->journal, sizeof(folder->journal), "%s/journal.jsonl", folder->path);
	*state = folder;
	return 0;
}

static int folder_teardown(void **state)
{
	struct folder *folder = *state;

	unlink(folder->journal);
	rmdir(folder->path);
	free(folder);
	return 0;
}

static size_t slurp(const struct folder *folder, char *out, size_t room)
{
	FILE *file = fopen(folder->journal, "rb");
	size_t size;

	assert_non_null(file);
	size = fread(out, 1, room - 1, file);
	out[size] = '\0';
	fclose(file);
	return size;
}

static void spill(const struct folder *folder, const char *bytes, size_t size)
{
	FILE *file = fopen(folder->journal, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	fclose(file);
}

/* Three notes: "one", "two", "three". */
static size_t three_notes(const struct folder *folder, char *out, size_t room)
{
	static const char *const words[] = {"one", "two", "three"};
	struct text why = {.s = ""};
	struct journal *journal = journal_open(folder->path, &why);
	size_t i;

	assert_non_null(journal);
	for (i = 0; i < ARRAY_SIZE(words); i++) {
		assert_int_equal(
			journal_append(journal, "note", json_pack("{s:s}", "text", words[i]), &why),
			0);
	}
	journal_close(journal);
	return slurp(folder, out, room);
}

static void what_was_appended_is_read_back_with_its_chain(void **state)
{
	struct folder *folder = *state;
	struct journal_text text;
	struct text why = {.s = ""};
	char bytes[4096];

	three_notes(folder, bytes, sizeof(bytes));
	assert_int_equal(journal_read(folder->path, &text, &why), 0);
	assert_int_equal(text.count, 3);
	assert_int_equal(text.torn_bytes, 0);
	assert_string_equal(json_string_value(json_object_get(text.records[2], "text")), "three");
	assert_int_equal(json_integer_value(json_object_get(text.records[2], "seq")), 3);
	journal_text_release(&text);
}

static void a_cut_at_any_byte_of_the_last_line_is_a_torn_line(void **state)
{
	struct folder *folder = *state;
	struct journal *journal;
	struct journal_text text;
	struct text why = {.s = ""};
	char bytes[4096];
	size_t size = three_notes(folder, bytes, sizeof(bytes)), cut, whole;

	whole = (size_t)((char *)memrchr(bytes, '\n', size - 1) + 1 - bytes);
	for (cut = whole; cut < size; cut++) {
		spill(folder, bytes, cut);
		journal = journal_open(folder->path, &why);
		assert_non_null(journal);
		assert_int_equal(journal_torn(journal), cut - whole);
		assert_int_equal(journal_length(journal), 2);
		assert_int_equal(journal_append(journal, "resume", json_object(), &why), 0);
		journal_close(journal);
		assert_int_equal(journal_read(folder->path, &text, &why), 0);
		assert_int_equal(text.count, 3);
		journal_text_release(&text);
	}
}

/* Expects that the journal is refused with this in the sentence. */
static void assert_refused(const struct folder *folder, const char *part)
{
	struct journal_text text;
	struct text why = {.s = ""};

	assert_int_equal(journal_read(folder->path, &text, &why), -1);
	if (strstr(why.s, part) == NULL) {
		fail_msg("'%s' is not in '%s'", part, why.s);
	}
	assert_null(journal_open(folder->path, &why));
}

static void any_flipped_byte_is_found(void **state)
{
	struct folder *folder = *state;
	struct journal_text text;
	struct text why = {.s = ""};
	char bytes[4096], changed[4096];
	size_t size = three_notes(folder, bytes, sizeof(bytes)), at, last;

	/* the last line's own change shows only against the head */
	last = (size_t)((char *)memrchr(bytes, '\n', size - 1) + 1 - bytes);
	for (at = 0; at < last; at++) {
		memcpy(changed, bytes, size);
		changed[at] ^= 1;
		assert_int_equal(journal_parse(changed, size, &text, &why), -1);
	}
	memcpy(changed, bytes, size);
	changed[40] ^= 1;
	spill(folder, changed, size);
	assert_refused(folder, "journal.jsonl:");
}

static void a_deleted_line_breaks_the_chain(void **state)
{
	struct folder *folder = *state;
	char bytes[4096];
	size_t size = three_notes(folder, bytes, sizeof(bytes));
	char *second = strchr(bytes, '\n') + 1;
	char *third = strchr(second, '\n') + 1;

	memmove(second, third, size - (size_t)(third - bytes));
	spill(folder, bytes, size - (size_t)(third - second));
	assert_refused(folder, "journal.jsonl:2: the chain is broken");
}

static void a_deleted_first_line_is_named(void **state)
{
	struct folder *folder = *state;
	char bytes[4096];
	size_t size = three_notes(folder, bytes, sizeof(bytes));
	char *second = strchr(bytes, '\n') + 1;

	spill(folder, second, size - (size_t)(second - bytes));
	assert_refused(folder, "journal.jsonl:1: the first record is missing");
}

static void reordered_lines_break_the_chain(void **state)
{
	struct folder *folder = *state;
	char bytes[4096], swapped[4096];
	size_t size = three_notes(folder, bytes, sizeof(bytes)), a, b;
	char *second = strchr(bytes, '\n') + 1;
	char *third = strchr(second, '\n') + 1;

	a = (size_t)(third - second);
	b = size - (size_t)(third - bytes);
	memcpy(swapped, bytes, size);
	memcpy(swapped + (second - bytes), third, b);
	memcpy(swapped + (second - bytes) + b, second, a);
	spill(folder, swapped, size);
	assert_refused(folder, "journal.jsonl:2: the chain is broken");
}

static void a_second_writer_is_refused_in_a_sentence(void **state)
{
	struct folder *folder = *state;
	struct text why = {.s = ""};
	struct journal *journal = journal_open(folder->path, &why);

	assert_non_null(journal);
	assert_null(journal_open(folder->path, &why));
	assert_non_null(strstr(why.s, "another run is going on in"));
	journal_close(journal);
}

static void a_record_longer_than_a_line_may_be_is_refused_and_leaves_no_trace(void **state)
{
	struct folder *folder = *state;
	struct text why = {.s = ""};
	struct journal *journal = journal_open(folder->path, &why);
	struct journal_text text;
	size_t size = (size_t)5 << 20;
	char *big = calloc(1, size + 1);

	memset(big, 'x', size);
	assert_non_null(journal);
	assert_int_equal(journal_append(journal, "note", json_pack("{s:s}", "text", big), &why),
			 -1);
	assert_int_equal(journal_append(journal, "end", json_object(), &why), 0);
	journal_close(journal);
	assert_int_equal(journal_read(folder->path, &text, &why), 0);
	assert_int_equal(text.count, 1);
	journal_text_release(&text);
	free(big);
}

static void a_folder_that_cannot_be_written_is_said(void **state)
{
	struct text why = {.s = ""};

	(void)state;
	assert_null(journal_open("/nonexistent/folder", &why));
	assert_string_equal(why.s, "cannot open "
				   "'/nonexistent/folder/journal.jsonl': "
				   "No such file or directory");
}

/* RLIMIT_FSIZE cuts a write short as a full disk does. */
static void a_disk_that_fills_up_leaves_whole_lines(void **state)
{
	struct folder *folder = *state;
	struct journal *journal;
	struct journal_text text;
	struct text why = {.s = ""};
	struct rlimit old, small;
	char bytes[4096];
	size_t size = three_notes(folder, bytes, sizeof(bytes));

	journal = journal_open(folder->path, &why);
	assert_non_null(journal);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	signal(SIGXFSZ, SIG_IGN);
	small = old;
	small.rlim_cur = size + 20;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(journal_append(journal, "end", json_object(), &why), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_non_null(strstr(why.s, "cannot write"));
	assert_int_equal(journal_append(journal, "end", json_object(), &why), 0);
	journal_close(journal);
	assert_int_equal(journal_read(folder->path, &text, &why), 0);
	assert_int_equal(text.count, 4);
	journal_text_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define IN_FOLDER(f) cmocka_unit_test_setup_teardown(f, folder_setup, folder_teardown)
		IN_FOLDER(what_was_appended_is_read_back_with_its_chain),
		IN_FOLDER(a_cut_at_any_byte_of_the_last_line_is_a_torn_line),
		IN_FOLDER(any_flipped_byte_is_found),
		IN_FOLDER(a_deleted_line_breaks_the_chain),
		IN_FOLDER(a_deleted_first_line_is_named),
		IN_FOLDER(reordered_lines_break_the_chain),
		IN_FOLDER(a_second_writer_is_refused_in_a_sentence),
		IN_FOLDER(a_record_longer_than_a_line_may_be_is_refused_and_leaves_no_trace),
		cmocka_unit_test(a_folder_that_cannot_be_written_is_said),
		IN_FOLDER(a_disk_that_fills_up_leaves_whole_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
