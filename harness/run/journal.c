/* journal: appends JSON lines chained by SHA-256, and reads them back. */
#define _GNU_SOURCE
#include "harness/run/journal.h"
#include "harness/base/clock.h"
#include "harness/base/digest.h"
#include "harness/run/anchor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/banned.h"

#define JOURNAL_NAME "journal.jsonl"
/* The longest line: facts are limited to 768 KiB by report.c, and as ASCII three times that. */
#define MAX_LINE ((size_t)4 << 20)
/* A run of a week with a thousand checks stays far below. */
#define MAX_FILE ((size_t)1 << 30)
/* After SIGKILL of a runner its gate and children take some milliseconds to
 * let go of the lock they inherited. */
#define LOCK_PATIENCE_NS NS_PER_S

static const char first_prev[] = "0000000000000000000000000000000000000000000000000000000000000000";

struct journal {
	int fd;
	char *path;  /* owned */
	int64_t seq; /* of the last line */
	off_t size;  /* of whole lines */
	char head[65];
	size_t torn_bytes;
	struct anchor *anchor; /* borrowed; NULL: nothing vouches */
	int64_t synced;        /* records that are on the disk */
};

/* --- reading ------------------------------------------------------------ */

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

	if (size > MAX_LINE) {
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

	memcpy(text.head, first_prev, sizeof(text.head));
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
static int fd_parse(int fd, const char *path, struct journal_text *ret, struct text *why)
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

static char *journal_path(const char *directory)
{
	size_t size = strlen(directory) + sizeof("/" JOURNAL_NAME);
	char *path = malloc(size);

	if (path == NULL) {
		BUG("out of memory");
	}
	snprintf(path, size, "%s/%s", directory, JOURNAL_NAME);
	return path;
}

int journal_read(const char *directory, struct journal_text *ret, struct text *why)
{
	char *path = journal_path(directory);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int result = -1;

	if (fd < 0) {
		text_error(why, "cannot open '%s': %s", path, strerror(errno));
		goto out;
	}
	result = fd_parse(fd, path, ret, why);
	if (result != 0) {
		text_prefix(why, "%s", directory);
	}
	close(fd);
out:
	free(path);
	return result;
}

/* --- appending ---------------------------------------------------------- */

static int journal_lock(const struct journal *journal, const char *directory, struct text *why)
{
	int64_t deadline = clock_ns() + LOCK_PATIENCE_NS;

	while (flock(journal->fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR) {
			return text_error(why, "cannot lock '%s': %s", journal->path,
					  strerror(errno));
		}
		if (clock_ns() > deadline) {
			return text_error(why, "another run is going on in '%s'", directory);
		}
		clock_sleep_until(clock_ns() + 20 * NS_PER_MS);
	}
	return 0;
}

/* Takes over what the file already holds, and cuts off a torn last line. */
static int journal_resume(struct journal *journal, struct text *why)
{
	struct journal_text text;
	struct stat status;

	if (fd_parse(journal->fd, journal->path, &text, why) != 0) {
		return -1;
	}
	journal->seq = journal->synced = (int64_t)text.count;
	journal->torn_bytes = text.torn_bytes;
	memcpy(journal->head, text.head, sizeof(journal->head));
	journal_text_release(&text);
	if (fstat(journal->fd, &status) != 0) {
		return text_error(why, "cannot look at '%s': %s", journal->path, strerror(errno));
	}
	journal->size = status.st_size - (off_t)journal->torn_bytes;
	if (journal->torn_bytes > 0 && ftruncate(journal->fd, journal->size) != 0) {
		return text_error(why, "cannot cut '%s': %s", journal->path, strerror(errno));
	}
	return 0;
}

struct journal *journal_open(const char *directory, struct text *why)
{
	struct journal *journal = calloc(1, sizeof(*journal));

	if (journal == NULL) {
		text_error(why, "out of memory");
		return NULL;
	}
	journal->path = journal_path(directory);
	journal->fd = open(journal->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (journal->fd < 0) {
		text_error(why, "cannot open '%s': %s", journal->path, strerror(errno));
		goto out;
	}
	if (journal_lock(journal, directory, why) != 0) {
		goto out;
	}
	if (journal_resume(journal, why) != 0) {
		text_prefix(why, "%s", directory);
		goto out;
	}
	return journal;
out:
	journal_close(journal);
	return NULL;
}

void journal_close(struct journal *journal)
{
	if (journal == NULL) {
		return;
	}
	if (journal->fd >= 0) {
		close(journal->fd);
	}
	free(journal->path);
	free(journal);
}

/*
 * The disk is waited for where a finished thing is recorded. 'begin', 'refused'
 * and 'note' are not worth the wait: a power cut that loses one loses nothing
 * that was finished, and what is written after them carries them to the disk.
 */
static bool worth_sync(const char *type)
{
	static const char *const light[] = {"begin", "refused", "note"};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(light); i++) {
		if (strcmp(type, light[i]) == 0) {
			return false;
		}
	}
	return true;
}

/* Writes the line in one piece, or leaves the file as it was. */
static int journal_write(struct journal *journal, const char *line, size_t size, bool sync,
			 struct text *why)
{
	ssize_t wrote = write(journal->fd, line, size);
	int error = wrote < 0 ? errno : ENOSPC;

	if (wrote != (ssize_t)size) {
		if (wrote > 0 && ftruncate(journal->fd, journal->size) != 0) {
			return text_error(why,
					  "cannot write '%s': %s; its last "
					  "line is torn",
					  journal->path, strerror(error));
		}
		return text_error(why, "cannot write '%s': %s", journal->path, strerror(error));
	}
	journal->size += (off_t)size;
	if (sync && fdatasync(journal->fd) != 0) {
		return text_error(why, "cannot bring '%s' to the disk: %s", journal->path,
				  strerror(errno));
	}
	return 0;
}

/* next: the record that is about to be written, NULL for none. */
static int vouch(const struct journal *journal, const char *next, struct text *why)
{
	struct anchored state = {.records = journal->seq,
				 .head = journal->seq == 0 ? first_prev : journal->head,
				 .next = next,
				 .synced = journal->synced};

	return journal->anchor == NULL ? 0 : anchor_put(journal->anchor, &state, why);
}

int journal_anchor(struct journal *journal, struct anchor *anchor, struct text *why)
{
	journal->anchor = anchor;
	return vouch(journal, NULL, why);
}

int journal_append(struct journal *journal, const char *type, json_t *record, struct text *why)
{
	char *line = NULL, *bigger;
	struct digest head;
	size_t length;
	int result = -1;

	json_object_set_new(record, "seq", json_integer(journal->seq + 1));
	json_object_set_new(record, "time", json_string(clock_wall().s));
	json_object_set_new(record, "type", json_string(type));
	json_object_set_new(record, "prev",
			    json_string(journal->seq == 0 ? first_prev : journal->head));
	/* ASCII alone: who shows the file in a terminal sees the device's text, and nothing of it
	 * acts there */
	line = json_dumps(record, JSON_SORT_KEYS | JSON_COMPACT | JSON_ENSURE_ASCII);
	length = line == NULL ? 0 : strlen(line);
	if (line == NULL || length > MAX_LINE) {
		text_error(why,
			   "a record of type '%s' has %zu bytes, which "
			   "no line can hold",
			   type, length);
		goto out;
	}
	bigger = realloc(line, length + 2);
	if (bigger == NULL) {
		text_error(why, "out of memory");
		goto out;
	}
	line = bigger;
	line[length] = '\n';
	head = digest_of(line, length);
	if (vouch(journal, head.hex, why) != 0 ||
	    journal_write(journal, line, length + 1, worth_sync(type), why) != 0) {
		goto out;
	}
	journal->seq++;
	journal->synced = worth_sync(type) ? journal->seq : journal->synced;
	memcpy(journal->head, head.hex, sizeof(journal->head));
	result = vouch(journal, NULL, why);
out:
	free(line);
	json_decref(record);
	return result;
}

const char *journal_head(const struct journal *journal)
{
	return journal->head;
}

size_t journal_torn(const struct journal *journal)
{
	return journal->torn_bytes;
}

int64_t journal_length(const struct journal *journal)
{
	return journal->seq;
}
