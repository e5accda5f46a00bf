/* journal_text: reads a journal and checks its chain. */
#define _GNU_SOURCE
#include "harness/model/journal_text.h"
#include "harness/base/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/banned.h"

/* A run of a week with a thousand checks stays far below. */
#define MAX_FILE ((size_t)1 << 30)

const char journal_first_prev[] =
	"0000000000000000000000000000000000000000000000000000000000000000";

static int line_bad(struct text *why, size_t row, const char *what)
{
	return text_error(why, JOURNAL_NAME ":%zu: %s", row, what);
}

static bool is_text(const json_t *record, const char *member)
{
	return json_is_string(json_object_get(record, member));
}

/* Checks one line (without its newline) against the chain so far. Returns the
 * new record, or NULL with the reason in why. */
static json_t *line_check(const char *line, size_t size, size_t row, const char *head,
			  struct text *why)
{
	json_t *record;
	json_error_t error;
	const char *prev;

	if (size > JOURNAL_MAX_LINE) {
		line_bad(why, row, "the line is longer than 4 MiB");
		return NULL;
	}
	record = json_loadb(line, size, JSON_REJECT_DUPLICATES, &error);
	if (!json_is_object(record) || !is_text(record, "type") || !is_text(record, "time") ||
	    !is_text(record, "prev") || !json_is_integer(json_object_get(record, "seq"))) {
		line_bad(why, row, "this is not a journal record");
		json_decref(record);
		return NULL;
	}
	prev = json_string_value(json_object_get(record, "prev"));
	if (strcmp(prev, head) != 0) {
		line_bad(why, row,
			 row == 1 ? "the first record is missing"
				  : "the chain is broken: the record before "
				    "was changed, removed or moved");
		json_decref(record);
		return NULL;
	}
	if (json_integer_value(json_object_get(record, "seq")) != (json_int_t)row) {
		line_bad(why, row, "the sequence number is wrong");
		json_decref(record);
		return NULL;
	}
	return record;
}

static int records_push(struct journal_text *text, json_t *record)
{
	size_t n = text->count;
	json_t **bigger;

	if ((n & (n - 1)) == 0) {
		bigger = realloc(text->records, (n == 0 ? 1 : 2 * n) * sizeof(record));
		if (bigger == NULL) {
			json_decref(record);
			return -1;
		}
		text->records = bigger;
	}
	text->records[text->count++] = record;
	return 0;
}

int journal_parse(const char *bytes, size_t size, struct journal_text *ret, struct text *why)
{
	struct journal_text text = {.records = NULL};
	const char *line = bytes, *end;
	json_t *record;
	size_t length;

	memcpy(text.head, journal_first_prev, sizeof(text.head));
	while (size > 0) {
		end = memchr(line, '\n', size);
		if (end == NULL) {
			break;
		}
		length = (size_t)(end - line);
		record = line_check(line, length, text.count + 1, text.head, why);
		if (record == NULL) {
			journal_text_release(&text);
			return -1;
		}
		if (records_push(&text, record) != 0) {
			journal_text_release(&text);
			return text_error(why, "out of memory");
		}
		memcpy(text.head, digest_of(line, length).hex, sizeof(text.head));
		line = end + 1;
		size -= length + 1;
	}
	text.torn_bytes = size;
	*ret = text;
	return 0;
}

void journal_text_release(struct journal_text *journal)
{
	size_t i;

	for (i = 0; i < journal->count; i++) {
		json_decref(journal->records[i]);
	}
	free(journal->records);
	*journal = (struct journal_text){.records = NULL};
}

const char *journal_run_id(const struct journal_text *journal)
{
	const json_t *record;
	const char *type, *id;
	size_t i;

	for (i = 0; i < journal->count; i++) {
		record = journal->records[i];
		type = json_string_value(json_object_get(record, "type"));
		if (strcmp(type, "run") != 0) {
			continue;
		}
		id = json_string_value(json_object_get(record, "id"));
		/* it becomes a file's name */
		return id != NULL && strlen(id) == RUN_ID_SIZE - 1 &&
				       strspn(id, "0123456789abcdef") == RUN_ID_SIZE - 1
			       ? id
			       : NULL;
	}
	return NULL;
}

/* Reads the whole file into *ret (malloc). Returns 0 or -1. */
static int file_read(int fd, const char *path, char **ret, size_t *ret_size, struct text *why)
{
	struct stat status;
	char *bytes;
	size_t used = 0;
	ssize_t got;

	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
		return text_error(why, "'%s' is not a file", path);
	}
	if ((uintmax_t)status.st_size > MAX_FILE) {
		return text_error(why, "'%s' is larger than 1 GiB", path);
	}
	bytes = malloc((size_t)status.st_size + 1);
	if (bytes == NULL) {
		return text_error(why, "out of memory");
	}
	while (used < (size_t)status.st_size) {
		got = pread(fd, bytes + used, (size_t)status.st_size - used, (off_t)used);
		if (got < 0) {
			text_error(why, "cannot read '%s': %s", path, strerror(errno));
			free(bytes);
			return -1;
		}
		if (got == 0) {
			break;
		}
		used += (size_t)got;
	}
	*ret = bytes;
	*ret_size = used;
	return 0;
}

/* Reads and checks what an open journal file holds. */
int journal_read_fd(int fd, const char *path, struct journal_text *ret, struct text *why)
{
	char *bytes = NULL;
	size_t size = 0;
	int result;

	if (file_read(fd, path, &bytes, &size, why) != 0) {
		return -1;
	}
	result = journal_parse(bytes, size, ret, why);
	free(bytes);
	return result;
}

int journal_read(const char *directory, struct journal_text *ret, struct text *why)
{
	char path[4096];
	int fd, result;

	snprintf(path, sizeof(path), "%s/" JOURNAL_NAME, directory);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		return text_error(why, "cannot open '%s': %s", path, strerror(errno));
	}
	result = journal_read_fd(fd, path, ret, why);
	if (result != 0) {
		text_prefix(why, "%s", directory);
	}
	close(fd);
	return result;
}
