/* state: the folder of a running target. */
#define _GNU_SOURCE
#include "targets/simulated/state.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/banned.h"

static int process_open(const char *directory);
static uintmax_t process_space(void);
static FILE *state_file(const char *directory, const char *mode);

/* The user's number outside: inside 'unshare -Urn' everybody is 0. */
static unsigned long outer_uid(void)
{
	FILE *map = fopen("/proc/self/uid_map", "r");
	unsigned long uid = geteuid(), inside, outside, count;

	while (map && fscanf(map, "%lu %lu %lu", &inside, &outside, &count) == 3)
		if (uid >= inside && uid - inside < count) {
			uid = outside + (uid - inside);
			break;
		}
	if (map)
		fclose(map);
	return uid;
}

/* Makes the folder if need be; true if it is ours alone. */
static bool folder_own(const char *path)
{
	struct stat status;

	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return false;
	return lstat(path, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid() &&
	       (status.st_mode & 077) == 0 && access(path, R_OK | W_OK | X_OK) == 0;
}

static int root_find(char *root, size_t capacity, struct text *why)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");

	if (runtime && *runtime == '/' && strlen(runtime) < 100) {
		snprintf(root, capacity, "%s/assay", runtime);
		if (folder_own(root))
			return 0;
	}
	snprintf(root, capacity, "/run/assay");
	if (folder_own(root))
		return 0;
	snprintf(root, capacity, "/tmp/assay-%lu", outer_uid());
	if (folder_own(root))
		return 0;
	return text_error(why,
			  "no folder for running targets can be made: "
			  "'%s' is not ours alone",
			  root);
}

/* ROOT/NETNS and ROOT/NETNS/NAME; makes only what leads there. */
static int path_find(char *path, size_t capacity, const char *name, struct text *why)
{
	struct stat network;
	char root[128], parent[160];

	if (root_find(root, sizeof(root), why) < 0)
		return -1;
	if (stat("/proc/self/ns/net", &network) < 0)
		return text_error(why, "cannot tell this network namespace: %s", strerror(errno));
	snprintf(parent, sizeof(parent), "%s/%ju", root, (uintmax_t)network.st_ino);
	if (!folder_own(parent))
		return text_error(why, "cannot use folder '%s'", parent);
	snprintf(path, capacity, "%s/%s", parent, name);
	return 0;
}

int target_state_open(struct target_state *state, const char *name, struct text *why)
{
	state->lock = -1;
	if (path_find(state->directory, sizeof(state->directory), name, why) < 0)
		return -1;
	if (!folder_own(state->directory))
		return text_error(why, "cannot use folder '%s'", state->directory);
	state->lock = open(state->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (state->lock >= 0 && flock(state->lock, LOCK_EX | LOCK_NB) == 0)
		return 0;
	target_state_close(state);
	return text_error(why, "target '%s' is just being started or stopped", name);
}

void target_state_close(struct target_state *state)
{
	if (state->lock >= 0)
		close(state->lock);
	state->lock = -1;
}

/* The folders above go with their last target. */
static void parents_remove(const char *path)
{
	char parent[224];

	snprintf(parent, sizeof(parent), "%s", path);
	for (int i = 0; i < 2; i++) {
		*strrchr(parent, '/') = '\0';
		rmdir(parent);
	}
}

void target_state_remove(struct target_state *state)
{
	DIR *folder = opendir(state->directory);
	struct dirent *entry = NULL;

	while (folder && (entry = readdir(folder)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			unlinkat(dirfd(folder), entry->d_name, 0);
	if (folder)
		closedir(folder);
	rmdir(state->directory);
	parents_remove(state->directory);
	target_state_close(state);
}

/* True if the folder names a process that this caller can judge. */
static bool state_ours(const char *directory)
{
	FILE *file = state_file(directory, "r");
	uintmax_t space = 0;
	bool ours = file && fscanf(file, "%*d %*u %ju", &space) == 1 && space == process_space();

	if (file)
		fclose(file);
	return ours;
}

/* A folder whose target ended by itself: nobody came to take it away. One that
 * is locked, or has no state yet, belongs to a command at work. */
static void folder_sweep(const char *path)
{
	struct target_state old = {.lock = -1};
	int process = -1;

	snprintf(old.directory, sizeof(old.directory), "%s", path);
	old.lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (old.lock < 0 || flock(old.lock, LOCK_EX | LOCK_NB) < 0 || !state_ours(path))
		goto out;
	process = process_open(path);
	if (process < 0)
		target_state_remove(&old);
	else
		close(process);
out:
	target_state_close(&old);
}

void target_state_sweep(void)
{
	char root[128], pattern[160];
	glob_t found = {0};

	if (root_find(root, sizeof(root), NULL) < 0)
		return;
	snprintf(pattern, sizeof(pattern), "%s/[0-9]*/*", root);
	if (glob(pattern, GLOB_NOSORT, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			folder_sweep(found.gl_pathv[i]);
	globfree(&found);
	rmdir(root);
}

/* Reads when process pid was started. Returns 0 or -1. */
static int process_start(pid_t pid, unsigned long long *ret)
{
	char path[64], text[1024];
	const char *at = NULL;
	FILE *file = NULL;
	size_t size = 0;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	file = fopen(path, "r");
	if (!file)
		return -1;
	size = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[size] = '\0';
	/* The name, field 2, may hold anything: count from its last ')'. */
	at = strrchr(text, ')');
	for (int field = 2; at && field < 22; field++) {
		at = strchr(at + 1, ' ');
	}
	if (!at)
		return -1;
	*ret = strtoull(at, NULL, 10);
	return 0;
}

static FILE *state_file(const char *directory, const char *mode)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/state", directory);
	return fopen(path, mode);
}

/* Which process namespace numbers mean something in. */
static uintmax_t process_space(void)
{
	struct stat status;

	return stat("/proc/self/ns/pid", &status) == 0 ? status.st_ino : 0;
}

int target_state_write(const struct target_state *state, pid_t pid, struct text *why)
{
	unsigned long long start;
	FILE *file = NULL;

	if (process_start(pid, &start) < 0)
		return text_error(why, "the target ended at once");
	file = state_file(state->directory, "w");
	if (!file)
		return text_error(why, "cannot write in '%s': %s", state->directory,
				  strerror(errno));
	fprintf(file, "%ld %llu %ju\n", (long)pid, start, process_space());
	if (fclose(file) != 0)
		return text_error(why, "cannot write in '%s': %s", state->directory,
				  strerror(errno));
	return 0;
}

/* The pidfd is opened first and the start time read after: from then on the
 * number cannot come to mean another process unnoticed. */
static int process_open(const char *directory)
{
	FILE *file = state_file(directory, "r");
	long pid = 0;
	unsigned long long start = 0, now = 0;
	int fields = file ? fscanf(file, "%ld %llu", &pid, &start) : 0;
	struct pollfd wait = {.events = POLLIN};
	int fd = -1;

	if (file)
		fclose(file);
	if (fields != 2 || pid <= 1)
		return -1;
	fd = pidfd_open((pid_t)pid, 0);
	/* Readable: it has ended and waits to be collected. */
	wait.fd = fd;
	if (fd >= 0 && poll(&wait, 1, 0) == 0 && process_start((pid_t)pid, &now) == 0 &&
	    now == start)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

int target_state_process(const struct target_state *state)
{
	return process_open(state->directory);
}

bool target_state_running(const char *name)
{
	char path[224];
	int fd = -1;

	if (path_find(path, sizeof(path), name, NULL) < 0)
		return false;
	fd = process_open(path);
	parents_remove(path); /* path_find() may have made them just now */
	if (fd < 0)
		return false;
	close(fd);
	return true;
}

void target_state_log(const struct target_state *state, char *line, size_t capacity)
{
	char path[256], text[512];
	FILE *file = NULL;

	snprintf(line, capacity, "its log is empty");
	snprintf(path, sizeof(path), "%s/log", state->directory);
	file = fopen(path, "r");
	while (file && fgets(text, sizeof(text), file)) {
		text[strcspn(text, "\n")] = '\0';
		if (*text)
			text_printable(line, capacity, text, strlen(text));
	}
	if (file)
		fclose(file);
}
