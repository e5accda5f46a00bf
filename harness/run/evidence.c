/* evidence: collects, masks, writes and hashes one observation's files. */
#define _GNU_SOURCE
#include "harness/run/evidence.h"
#include "harness/base/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/banned.h"

static const char mask[] = SECRET_MASK;

struct kept {
	char *name;
	char *bytes; /* NULL for a file somebody else writes */
	size_t size, room;
	int fd; /* of a file somebody else writes, else -1 */
};

struct evidence_store {
	const char *run_directory, *observation;
	int attempt;
	struct arena *arena;
	char *folder; /* relative to the run directory; NULL: not there yet */
	struct kept files[EVIDENCE_MAX_FILES];
	size_t file_count;
	size_t total;
	const struct secrets *secrets;
};

bool evidence_name_plain(const char *name)
{
	static const char *const reserved[] = {EVIDENCE_CAPTURE, EVIDENCE_TRANSCRIPT,
					       EVIDENCE_STDERR};
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t i, size = strlen(name);

	if (size == 0 || size > EVIDENCE_MAX_NAME || name[0] == '.' ||
	    strspn(name, plain) != size) {
		return false;
	}
	if (strncmp(name, "attempt-", 8) == 0) {
		return false; /* the folders of later attempts */
	}
	for (i = 0; i < ARRAY_SIZE(reserved); i++) {
		if (strcmp(name, reserved[i]) == 0) {
			return false;
		}
	}
	return true;
}

int folder_make(const char *path, struct text *why)
{
	char part[4096];
	size_t i, size = strlen(path);

	if (size == 0 || size >= sizeof(part)) {
		return text_error(why, "'%s' is no folder name", path);
	}
	for (i = 1; i <= size; i++) {
		if (path[i] != '/' && path[i] != '\0') {
			continue;
		}
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0755) != 0 && errno != EEXIST) {
			return text_error(why, "cannot create '%s': %s", part, strerror(errno));
		}
	}
	return 0;
}

struct evidence_store *evidence_store_new(const char *run_directory, const char *observation,
					  int attempt, const struct secrets *secrets)
{
	struct arena *arena = arena_new();
	struct evidence_store *store = arena_alloc(arena, sizeof(*store));

	store->arena = arena;
	store->run_directory = run_directory;
	store->observation = observation;
	store->attempt = attempt;
	store->secrets = secrets;
	return store;
}

void evidence_store_free(struct evidence_store *store)
{
	size_t i;

	if (store == NULL) {
		return;
	}
	for (i = 0; i < store->file_count; i++) {
		free(store->files[i].bytes);
		if (store->files[i].fd >= 0) {
			close(store->files[i].fd);
		}
	}
	arena_free(store->arena);
}

/* Makes the attempt's own folder. One that is there already belongs to an
 * attempt whose record a crash of the machine took away: the next is used. */
static int store_folder(struct evidence_store *store, struct text *why)
{
	char path[4096];
	int attempt = store->attempt;

	if (store->folder != NULL) {
		return 0;
	}
	snprintf(path, sizeof(path), "%s/evidence", store->run_directory);
	if (folder_make(path, why) != 0) {
		return -1;
	}
	for (;; attempt++) {
		if (attempt > 1000) {
			return text_error(why, "'%s' has too many attempts", store->observation);
		}
		store->folder =
			attempt == 1 ? arena_printf(store->arena, "evidence/%s", store->observation)
				     : arena_printf(store->arena, "evidence/%s/attempt-%d",
						    store->observation, attempt);
		snprintf(path, sizeof(path), "%s/evidence/%s", store->run_directory,
			 store->observation);
		if (attempt > 1 && mkdir(path, 0755) != 0 && errno != EEXIST) {
			break;
		}
		snprintf(path, sizeof(path), "%s/%s", store->run_directory, store->folder);
		if (mkdir(path, 0755) == 0) {
			return 0;
		}
		if (errno != EEXIST) {
			break;
		}
	}
	store->folder = NULL;
	return text_error(why, "cannot create '%s': %s", path, strerror(errno));
}

int evidence_create(struct evidence_store *store, const char *name, struct text *why)
{
	char path[4096];
	int fd;

	if (store_folder(store, why) != 0) {
		return -1;
	}
	snprintf(path, sizeof(path), "%s/%s/%s", store->run_directory, store->folder, name);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0) {
		return text_error(why, "cannot create '%s': %s", path, strerror(errno));
	}
	store->files[store->file_count++] =
		(struct kept){.name = arena_strdup(store->arena, name), .fd = fd};
	return fd;
}

static struct kept *file_find(struct evidence_store *store, const char *name)
{
	struct kept *file;
	size_t i;

	for (i = 0; i < store->file_count; i++) {
		if (strcmp(store->files[i].name, name) == 0) {
			return &store->files[i];
		}
	}
	if (store->file_count == EVIDENCE_MAX_FILES) {
		return NULL;
	}
	file = &store->files[store->file_count++];
	*file = (struct kept){.name = arena_strdup(store->arena, name), .fd = -1};
	return file;
}

static void file_replace(struct kept *file, char *bytes, size_t size, size_t room)
{
	explicit_bzero(file->bytes, file->size);
	free(file->bytes);
	file->bytes = bytes;
	file->size = size;
	file->room = room;
}

/* What stood from start on is now this. What it was is overwritten: it held secrets. */
static void file_replace_tail(struct kept *file, size_t start, const char *tail, size_t size)
{
	size_t room = 2 * (start + size) + 256;
	char *bigger;

	if (file->room - start < size) {
		bigger = malloc(room);
		if (bigger == NULL) {
			BUG("out of memory");
		}
		memcpy(bigger, file->bytes, start);
		file_replace(file, bigger, start, room);
	}
	if (file->size > start + size) {
		explicit_bzero(file->bytes + start + size, file->size - start - size);
	}
	memcpy(file->bytes + start, tail, size);
	file->size = start + size;
}

/* Replaces secrets by a mask of fixed length; the text from start on may shrink or grow. What
 * stands before it is not touched: a check may add to a file as often as it likes. */
static void file_mask(const struct evidence_store *store, struct kept *file, size_t start)
{
	size_t at = start, from = start, used = 0, size;
	char *out = NULL;

	while (secrets_find(store->secrets, file->bytes, file->size, &at, &size)) {
		/* a secret has a byte at least, and its mask eight */
		out = out != NULL ? out : malloc((file->size - start) * sizeof(mask));
		if (out == NULL) {
			BUG("out of memory");
		}
		memcpy(out + used, file->bytes + from, at - from);
		used += at - from;
		memcpy(out + used, mask, sizeof(mask) - 1);
		used += sizeof(mask) - 1;
		at += size;
		from = at;
	}
	if (out == NULL) {
		return;
	}
	memcpy(out + used, file->bytes + from, file->size - from);
	used += file->size - from;
	file_replace_tail(file, start, out, used);
	explicit_bzero(out, used);
	free(out);
}

int evidence_add(struct evidence_store *store, const char *name, const void *bytes, size_t size,
		 struct text *why)
{
	struct kept *file = file_find(store, name);
	char *bigger;
	size_t start;

	if (file == NULL) {
		return text_error(why, "it kept more than %d files", EVIDENCE_MAX_FILES);
	}
	if (file->fd >= 0) {
		BUG("evidence '%s' is written by somebody else", name);
	}
	store->total += size;
	if (store->total > EVIDENCE_MAX_SIZE) {
		return text_error(why, "it kept more than %zu MiB of evidence",
				  EVIDENCE_MAX_SIZE >> 20);
	}
	if (file->bytes == NULL || file->room - file->size < size) {
		file->room = 2 * (file->size + size) + 256;
		bigger = realloc(file->bytes, file->room);
		if (bigger == NULL) {
			return text_error(why, "out of memory");
		}
		file->bytes = bigger;
	}
	if (size > 0) {
		start = file->size;
		memcpy(file->bytes + start, bytes, size);
		file->size += size;
		/* at once: a child started meanwhile inherits this memory. What came in two parts
		 * is found at the end. */
		file_mask(store, file, start);
	}
	return 0;
}

/* What a person reads in a terminal acts on nothing there. What a probe keeps under a name of its
 * own stays as the device sent it. */
static bool for_reading(const struct kept *file)
{
	return strcmp(file->name, EVIDENCE_TRANSCRIPT) == 0 ||
	       strcmp(file->name, EVIDENCE_STDERR) == 0;
}

static void file_make_printable(struct kept *file)
{
	size_t room = 4 * file->size + 1;
	char *out = malloc(room);

	if (out == NULL) {
		BUG("out of memory");
	}
	file_replace(file, out, text_printable_lines(out, room, file->bytes, file->size), room);
}

/* In a capture, offsets must stay: each byte of a secret becomes an asterisk.
 */
static int capture_mask(const struct evidence_store *store, int fd)
{
	struct stat status;
	char *bytes;
	size_t at = 0, size;

	if (fstat(fd, &status) != 0) {
		return -1;
	}
	if (status.st_size == 0 || secrets_empty(store->secrets)) {
		return 0;
	}
	bytes = mmap(NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (bytes == MAP_FAILED) {
		return -1;
	}
	while (secrets_find(store->secrets, bytes, (size_t)status.st_size, &at, &size)) {
		memset(bytes + at, '*', size);
		at += size;
	}
	return munmap(bytes, (size_t)status.st_size);
}

static int bytes_write(const char *path, const char *bytes, size_t size, struct text *why)
{
	FILE *file = fopen(path, "wxe");
	int failed;

	if (file == NULL) {
		return text_error(why, "cannot create '%s': %s", path, strerror(errno));
	}
	failed = size > 0 && fwrite(bytes, size, 1, file) != 1;
	if (fclose(file) != 0 || failed) {
		return text_error(why, "cannot write '%s': %s", path, strerror(errno));
	}
	return 0;
}

static int file_finish(struct evidence_store *store, struct kept *file, struct arena *arena,
		       struct evidence *ret, struct text *why)
{
	char path[4096];
	struct digest digest;
	struct stat status;

	if (store_folder(store, why) != 0) {
		return -1;
	}
	snprintf(path, sizeof(path), "%s/%s/%s", store->run_directory, store->folder, file->name);
	if (file->fd >= 0) {
		if (capture_mask(store, file->fd) != 0) {
			return text_error(why, "cannot mask '%s': %s", path, strerror(errno));
		}
	} else {
		file_mask(store, file, 0);
		if (for_reading(file)) {
			file_make_printable(file);
		}
		if (bytes_write(path, file->bytes, file->size, why) != 0) {
			return -1;
		}
	}
	if (digest_file(path, &digest, why) != 0) {
		return -1;
	}
	if (stat(path, &status) != 0) {
		return text_error(why, "cannot look at '%s': %s", path, strerror(errno));
	}
	ret->path = arena_printf(arena, "%s/%s", store->folder, file->name);
	ret->sha256 = arena_strdup(arena, digest.hex);
	ret->size = status.st_size;
	return 0;
}

int evidence_finish(struct evidence_store *store, struct arena *arena, const struct evidence **ret,
		    size_t *ret_count, struct text *why)
{
	struct evidence *list;
	size_t i;

	list = arena_alloc(arena, (store->file_count + 1) * sizeof(*list));
	for (i = 0; i < store->file_count; i++) {
		if (file_finish(store, &store->files[i], arena, &list[i], why) != 0) {
			return -1;
		}
	}
	*ret = list;
	*ret_count = store->file_count;
	return 0;
}

int evidence_clean(const char *path, const struct secrets *secrets, struct text *why)
{
	struct evidence_store store = {.secrets = secrets};
	struct kept file = {.bytes = malloc(EVIDENCE_MAX_SIZE)};
	char beside[4096];
	FILE *from = fopen(path, "re");
	int result = -1;

	if (file.bytes == NULL || from == NULL) {
		text_error(why, "cannot read '%s': %s", path, strerror(errno));
		goto out;
	}
	file.size = fread(file.bytes, 1, EVIDENCE_MAX_SIZE, from);
	if (secrets != NULL) {
		file_mask(&store, &file, 0);
	}
	file_make_printable(&file);
	snprintf(beside, sizeof(beside), "%s.new", path);
	unlink(beside);
	if (bytes_write(beside, file.bytes, file.size, why) != 0) {
		goto out;
	}
	result = rename(beside, path) == 0
			 ? 0
			 : text_error(why, "cannot write '%s': %s", path, strerror(errno));
out:
	if (from != NULL) {
		fclose(from);
	}
	if (file.bytes != NULL) {
		explicit_bzero(file.bytes, file.size);
	}
	free(file.bytes);
	return result;
}
