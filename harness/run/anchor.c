/* anchor: writes what is known of a journal outside of it. */
#define _GNU_SOURCE
#include "harness/base/digest.h"
#include "harness/run/anchor_parts.h"
#include "harness/run/evidence.h"
#include "harness/run/journal.h"
#include "harness/run/shed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/banned.h"

#define MAX_LEDGER ((size_t)1 << 20)

/* --- names -------------------------------------------------------------------- */

void anchor_id(char ret[RUN_ID_SIZE])
{
	unsigned char bytes[16];
	size_t i;

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes)) {
		BUG("no random bytes");
	}
	for (i = 0; i < sizeof(bytes); i++) {
		snprintf(ret + 2 * i, 3, "%02x", bytes[i]);
	}
}

const char *anchor_text(const json_t *record, const char *name)
{
	const char *text = json_string_value(json_object_get(record, name));

	return text == NULL ? "" : text;
}

/* Fills folder with "STATE/assay/runs". Returns 0 or -1 with why. */
static int state_folder(const char *directory, char *folder, size_t capacity, struct text *why)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = shed_home(directory);
	int size;

	/* a relative path is to be ignored: XDG Base Directory Specification 0.8 */
	if (state != NULL && state[0] == '/') {
		size = snprintf(folder, capacity, "%s/assay/runs", state);
	} else if (home != NULL && home[0] == '/') {
		size = snprintf(folder, capacity, "%s/.local/state/assay/runs", home);
	} else {
		return text_error(why, "neither XDG_STATE_HOME nor the user's home names a folder");
	}
	if (size < 0 || (size_t)size >= capacity) {
		return text_error(why, "the name of the state folder is too long");
	}
	return 0;
}

static void no_outside(struct anchor *anchor, const struct text *why)
{
	snprintf(anchor->reason, sizeof(anchor->reason), "%.*s", (int)sizeof(anchor->reason) - 1,
		 why->s);
	anchor->outside[0] = anchor->copy[0] = '\0';
}

void anchor_find(const char *directory, const char *id, struct anchor *ret)
{
	char folder[4000];
	struct text why;

	memset(ret, 0, sizeof(*ret));
	ret->inside_fd = ret->outside_fd = -1;
	snprintf(ret->id, sizeof(ret->id), "%s", id);
	snprintf(ret->inside, sizeof(ret->inside), "%s/" ANCHOR_NAME, directory);
	snprintf(ret->ledger, sizeof(ret->ledger), "%s/" LEDGER_NAME, directory);
	if (state_folder(directory, folder, sizeof(folder), &why) != 0) {
		no_outside(ret, &why);
		return;
	}
	snprintf(ret->outside, sizeof(ret->outside), "%s/%s.json", folder, id);
	snprintf(ret->copy, sizeof(ret->copy), "%s/%s.spent", folder, id);
}

static int file_open(const char *path, struct text *why)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);

	return fd < 0 ? text_error(why, "cannot open '%s': %s", path, strerror(errno)) : fd;
}

int anchor_open(struct anchor *anchor, struct text *why)
{
	anchor->inside_fd = file_open(anchor->inside, why);
	return anchor->inside_fd < 0 ? -1 : 0;
}

void anchor_open_outside(struct anchor *anchor)
{
	char folder[4000];
	struct text why;

	if (anchor->outside[0] == '\0') {
		return;
	}
	snprintf(folder, sizeof(folder), "%.*s",
		 (int)(strrchr(anchor->outside, '/') - anchor->outside), anchor->outside);
	if (folder_make(folder, &why) == 0) {
		anchor->outside_fd = file_open(anchor->outside, &why);
	}
	if (anchor->outside_fd < 0) {
		no_outside(anchor, &why);
	}
}

void anchor_close(struct anchor *anchor)
{
	if (anchor->inside_fd >= 0) {
		close(anchor->inside_fd);
	}
	if (anchor->outside_fd >= 0) {
		close(anchor->outside_fd);
	}
	anchor->inside_fd = anchor->outside_fd = -1;
}

/* --- files ---------------------------------------------------------------------- */

int anchor_read(const char *path, char **ret, size_t *ret_size, struct text *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *bytes = NULL;
	size_t used = 0;
	ssize_t got;

	*ret = NULL;
	*ret_size = 0;
	if (fd < 0 && errno == ENOENT) {
		return 0;
	}
	if (fd < 0) {
		return text_error(why, "cannot open '%s': %s", path, strerror(errno));
	}
	bytes = malloc(MAX_LEDGER + 1);
	if (bytes == NULL) {
		BUG("out of memory");
	}
	do {
		got = read(fd, bytes + used, MAX_LEDGER - used);
		used += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	close(fd);
	if (got < 0 || used == MAX_LEDGER) {
		free(bytes);
		return text_error(why, "cannot read '%s': %s", path,
				  got < 0 ? strerror(errno) : "it is larger than 1 MiB");
	}
	bytes[used] = '\0';
	*ret = bytes;
	*ret_size = used;
	return 0;
}

void anchor_boot(char ret[40])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? 0 : read(fd, ret, 36);

	ret[got > 0 ? got : 0] = '\0';
	if (fd >= 0) {
		close(fd);
	}
}

bool anchor_id_left(const char *directory, char ret[RUN_ID_SIZE])
{
	char path[4200], *text = NULL;
	size_t size = 0;
	json_t *vouched = NULL;
	const char *id;
	bool found;

	snprintf(path, sizeof(path), "%s/" ANCHOR_NAME, directory);
	if (anchor_read(path, &text, &size, NULL) == 0 && text != NULL) {
		vouched = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
	}
	id = anchor_text(vouched, "run");
	found = strlen(id) == RUN_ID_SIZE - 1 && strspn(id, "0123456789abcdef") == RUN_ID_SIZE - 1;
	if (found) {
		memcpy(ret, id, RUN_ID_SIZE);
	}
	json_decref(vouched);
	free(text);
	return found;
}

/* The ledger is read again when it has grown. */
static int ledger_look(struct anchor *anchor, struct text *why)
{
	struct stat status;
	char *ledger;
	size_t size;

	if (anchor->spent[0] != '\0' && stat(anchor->ledger, &status) == 0 &&
	    (size_t)status.st_size == anchor->spent_bytes) {
		return 0;
	}
	if (anchor_read(anchor->ledger, &ledger, &size, why) != 0) {
		return -1;
	}
	anchor->spent_bytes = size;
	snprintf(anchor->spent, sizeof(anchor->spent), "%s",
		 digest_of(ledger == NULL ? "" : ledger, size).hex);
	free(ledger);
	return 0;
}

/* In place and in one piece: a sector is written whole or not at all, and needs no room on a disk
 * that is full. */
#define ANCHOR_SIZE 512

int anchor_put(struct anchor *anchor, const struct anchored *state, struct text *why)
{
	char text[ANCHOR_SIZE], boot[40];
	int size;

	if (anchor->inside_fd < 0) {
		return 0;
	}
	if (ledger_look(anchor, why) != 0) {
		return -1;
	}
	anchor_boot(boot);
	memset(text, ' ', sizeof(text));
	size = snprintf(text, sizeof(text),
			"{\"run\":\"%s\",\"records\":%lld,\"head\":\"%s\",\"next\":\"%s\","
			"\"synced\":%lld,\"spent_bytes\":%zu,\"spent\":\"%s\",\"boot\":\"%s\"}",
			anchor->id, (long long)state->records, state->head,
			state->next == NULL ? "" : state->next, (long long)state->synced,
			anchor->spent_bytes, anchor->spent, boot);
	if (size < 0 || (size_t)size >= sizeof(text) - 1) {
		BUG("an anchor of %d bytes", size);
	}
	text[size] = ' ';
	text[sizeof(text) - 1] = '\n';
	if (pwrite(anchor->inside_fd, text, sizeof(text), 0) != (ssize_t)sizeof(text)) {
		return text_error(why, "cannot write '%s': %s", anchor->inside, strerror(errno));
	}
	/* a disk that is full or lost there is no reason to stop: who compares says what is
	 * missing */
	if (anchor->outside_fd >= 0) {
		(void)!pwrite(anchor->outside_fd, text, sizeof(text), 0);
	}
	return 0;
}
