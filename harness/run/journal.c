/* journal: appends JSON lines chained by SHA-256. */
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

/* After SIGKILL of a runner its gate and children take some milliseconds to
 * let go of the lock they inherited. */
#define LOCK_PATIENCE_NS NS_PER_S

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

	if (journal_read_fd(journal->fd, journal->path, &text, why) != 0) {
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
 * The disk is waited for where a finished thing is recorded. 'run', 'resume', 'begin', 'refused'
 * and 'note' are not worth the wait: a power cut that loses one loses nothing
 * that was finished, and what is written after them carries them to the disk.
 */
static bool worth_sync(const char *type)
{
	static const char *const light[] = {"run", "resume", "begin", "refused", "note"};
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
				 .head = journal->seq == 0 ? journal_first_prev : journal->head,
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
			    json_string(journal->seq == 0 ? journal_first_prev : journal->head));
	/* ASCII alone: who shows the file in a terminal sees the device's text, and nothing of it
	 * acts there */
	line = json_dumps(record, JSON_SORT_KEYS | JSON_COMPACT | JSON_ENSURE_ASCII);
	length = line == NULL ? 0 : strlen(line);
	if (line == NULL || length > JOURNAL_MAX_LINE) {
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
