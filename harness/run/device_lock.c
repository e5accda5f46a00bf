/* device_lock: files that one run at a time has locked. */
#define _GNU_SOURCE
#include "harness/run/device_lock.h"
#include "harness/base/clock.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/banned.h"

static const char *const folders[] = {"/run/lock", "/tmp"};

/* A killed run's children inherited its descriptors, and close them within milliseconds. */
#define PATIENCE_NS NS_PER_S

/* Opens the file, which may be another user's. Not made through an open of what is there: in a
 * folder that is everybody's the kernel refuses O_CREAT on a file of another user. */
static int lock_open(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat status;

	if (fd < 0 && errno == ENOENT) {
		fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
		if (fd >= 0) {
			(void)fchmod(fd, 0666); /* whatever the umask: it is for everybody */
		} else if (errno == EEXIST) {
			fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
		}
	}
	if (fd < 0 && errno == EACCES) {
		/* a lock needs no right to write; only its owner says who has it */
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	}
	if (fd >= 0 && (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* The name may have been given to a new file since: the last run removed it. */
static bool still_there(int fd, const char *path)
{
	struct stat here, there;

	return fstat(fd, &here) == 0 && lstat(path, &there) == 0 && here.st_dev == there.st_dev &&
	       here.st_ino == there.st_ino;
}

/* Returns the locked descriptor, -1 where the file cannot be had, or -2 where another run has it;
 * its words then are in ret_holder. */
static int lock_one(const char *path, char *ret_holder, size_t capacity)
{
	int64_t deadline = clock_ns() + PATIENCE_NS;
	ssize_t size;
	int fd;

	for (;;) {
		fd = lock_open(path);
		if (fd < 0) {
			return -1;
		}
		if (flock(fd, LOCK_EX | LOCK_NB) == 0 && still_there(fd, path)) {
			return fd;
		}
		if (clock_ns() >= deadline) {
			break;
		}
		close(fd);
		clock_sleep_until(clock_ns() + 20 * NS_PER_MS);
	}
	size = pread(fd, ret_holder, capacity - 1, 0);
	ret_holder[size > 0 ? size : 0] = '\0';
	ret_holder[strcspn(ret_holder, "\n")] = '\0';
	close(fd);
	return -2;
}

/* One sentence about this run, for who is refused. */
static void say_who(int fd, const char *directory)
{
	char line[5000], here[4096] = "";
	int size;

	if (directory[0] != '/' && getcwd(here, sizeof(here)) == NULL) {
		here[0] = '\0';
	}
	size = snprintf(line, sizeof(line), "'%s%s%s', process %d, since %s\n", here,
			here[0] != '\0' ? "/" : "", directory, (int)getpid(), clock_wall().s);
	if (ftruncate(fd, 0) == 0 && size > 0) {
		(void)!write(fd, line, strnlen(line, sizeof(line)));
	}
}

/* --- what a device is --------------------------------------------------------------- */

struct taking {
	struct device_lock *lock;
	const char *directory;
	const char *interface;
	dev_t space_device;
	ino_t space;
	struct text *why;
};

/* Two services of one port. */
static bool is_held(const struct device_lock *lock, const char *path)
{
	size_t i;

	for (i = 0; i < lock->count; i++) {
		if (strcmp(lock->paths[i], path) == 0) {
			return true;
		}
	}
	return false;
}

/* port 0: the address as a whole. Returns 0 or -1 with why. */
static int take_in_folder(struct taking *taking, const char *folder, const char *address,
			  unsigned port)
{
	struct device_lock *lock = taking->lock;
	char path[256], holder[512], shown[4 * sizeof(holder)], *at;
	int fd, used = snprintf(path, sizeof(path), "%s/", folder);

	snprintf(path + used, sizeof(path) - (size_t)used, "assay-%lx-%lx-%s-%s-%u.lock",
		 (unsigned long)taking->space_device, (unsigned long)taking->space,
		 taking->interface, address, port);
	for (at = path + used; *at != '\0'; at++) {
		*at = (char)(isalnum((unsigned char)*at) || strchr("-.", *at) != NULL ? *at : '_');
	}
	if (is_held(lock, path) || lock->count == DEVICE_LOCK_FILES) {
		return 0;
	}
	fd = lock_one(path, holder, sizeof(holder));
	if (fd == -2) {
		text_printable(shown, sizeof(shown), holder, strlen(holder));
		return text_error(taking->why,
				  "another run is at the device %s on interface '%s': %s; wait "
				  "until it has ended",
				  address, taking->interface,
				  shown[0] != '\0' ? shown : "it has not said which");
	}
	if (fd >= 0) {
		say_who(fd, taking->directory);
		lock->fds[lock->count] = fd;
		lock->paths[lock->count] = strdup(path);
		if (lock->paths[lock->count++] == NULL) {
			BUG("out of memory");
		}
	}
	return 0;
}

static int take(struct taking *taking, const char *address, unsigned port)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(folders); i++) {
		if (take_in_folder(taking, folders[i], address, port) != 0) {
			return -1;
		}
	}
	return 0;
}

/* On loopback many devices share an address: there a device is its ports. */
static int take_address(struct taking *taking, const struct profile *profile,
			const struct address *address)
{
	size_t i;

	if (!address_is_loopback(address)) {
		return take(taking, address_text(address).s, 0);
	}
	for (i = 0; i < profile->service_count; i++) {
		if (take(taking, address_text(address).s, profile->services[i].port) != 0) {
			return -1;
		}
	}
	return 0;
}

int device_lock_take(const struct profile *profile, const char *directory, struct device_lock *ret,
		     struct text *why)
{
	struct taking taking = {.lock = ret, .directory = directory, .why = why};
	struct stat space;
	size_t i;

	memset(ret, 0, sizeof(*ret));
	taking.interface = profile->link.interface == NULL ? "" : profile->link.interface;
	if (stat("/proc/self/ns/net", &space) == 0) {
		taking.space_device = space.st_dev;
		taking.space = space.st_ino;
	}
	if (take_address(&taking, profile, &profile->link.address) != 0) {
		device_lock_release(ret);
		return -1;
	}
	for (i = 0; i < profile->link.ipv6_count; i++) {
		if (take_address(&taking, profile, &profile->link.ipv6[i]) != 0) {
			device_lock_release(ret);
			return -1;
		}
	}
	if (ret->count == 0) {
		snprintf(ret->reason, sizeof(ret->reason),
			 "neither /run/lock nor /tmp can hold a lock: another run at the device "
			 "would not be noticed");
	}
	return 0;
}

void device_lock_release(struct device_lock *lock)
{
	size_t i;

	/* removed while it is locked: who waits for it looks whether it is still there */
	for (i = 0; i < lock->count; i++) {
		(void)unlink(lock->paths[i]);
		close(lock->fds[i]);
		free(lock->paths[i]);
	}
	lock->count = 0;
}
