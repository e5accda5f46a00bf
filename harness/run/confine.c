/* confine: Landlock (landlock(7), by its system calls: Debian 12's C library has no functions for
 * them), or an empty root. */
#define _GNU_SOURCE
#include "harness/run/confine.h"
#include "harness/base/mounts.h"
#include "harness/base/sanitized.h"
#include "harness/base/text.h"

#include <cap-ng.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/banned.h"

/* --- Landlock ------------------------------------------------------------------------ */

/* Linux 6.12's; an older kernel takes the first members. The header of Debian 12 ends with the
 * first. */
struct ruleset {
	uint64_t files, network, scoped;
};

struct path_rule {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));

enum { CREATE_VERSION = 1, RULE_PATH = 1 };

/* Rights of the interface, by their bits. */
#define RIGHT(bit)  ((uint64_t)1 << (bit))
#define READ_FILE   RIGHT(2)
#define READ_FOLDER RIGHT(3)
#define REMOVE_FILE RIGHT(5)
/* execute, write, read, truncate, ioctl on a device */
#define OF_FILES (RIGHT(0) | RIGHT(1) | READ_FILE | RIGHT(14) | RIGHT(15))

/* What each version of the interface can refuse, all of which is refused. */
static const struct {
	int version;
	size_t size; /* of struct ruleset that it knows */
	struct ruleset refuses;
} versions[] = {
	{6, 24, {0xffff, 0x3, 0x3}}, /* signals and abstract sockets out of the sandbox */
	{5, 16, {0xffff, 0x3, 0}},   /* ioctl on devices */
	{4, 16, {0x7fff, 0x3, 0}},   /* TCP */
	{3, 8, {0x7fff, 0, 0}},      /* truncate */
	{2, 8, {0x3fff, 0, 0}},      /* rename between folders */
	{1, 8, {0x1fff, 0, 0}},
};

/* A file that is not there is not needed. Rights that only a folder can give are refused for a
 * file. */
static void allow(int rules, const char *path, uint64_t rights)
{
	struct path_rule rule = {.allowed = rights};
	struct stat status;

	rule.parent = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent < 0) {
		return;
	}
	if (fstat(rule.parent, &status) == 0 && !S_ISDIR(status.st_mode)) {
		rule.allowed &= OF_FILES;
	}
	(void)syscall(SYS_landlock_add_rule, rules, RULE_PATH, &rule, 0);
	close(rule.parent);
}

/* Returns rules that allow nothing, and what they are about in *ret; -1 without Landlock. */
static int rules_new(uint64_t *ret)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_VERSION);
	int rules = -1;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(versions) && rules < 0; i++) {
		if (version >= versions[i].version) {
			rules = (int)syscall(SYS_landlock_create_ruleset, &versions[i].refuses,
					     versions[i].size, 0);
			*ret = versions[i].refuses.files;
		}
	}
	return rules;
}

static int rules_enter(int rules)
{
	long error = syscall(SYS_landlock_restrict_self, rules, 0);

	close(rules);
	return error == 0 ? 0 : -1;
}

/* Files that libraries read when they are used, and cannot be made to read before. */
static const struct {
	const char *path, *reason;
	bool sanitized_alone;
} readable[] = {
	{"/dev/null", "libssh's list of known hosts, which is set to it", false},
	{"/dev/urandom", "jansson draws the seed of its tables from it", false},
	{"/usr/share/publicsuffix/public_suffix_list.dafsa",
	 "libcurl judges the domains of cookies by it", false},
	{"/proc/self/maps", "AddressSanitizer's report of a crash", true},
};

static int by_landlock(void)
{
	uint64_t all;
	int rules = rules_new(&all);
	size_t i;

	if (rules < 0) {
		return -1;
	}
	for (i = 0; i < ARRAY_SIZE(readable); i++) {
		if (SANITIZED || !readable[i].sanitized_alone) {
			allow(rules, readable[i].path, READ_FILE);
		}
	}
	return rules_enter(rules);
}

int confine_to(const struct confine_path *paths, size_t count)
{
	uint64_t all, rights;
	int rules = rules_new(&all);
	size_t i;

	if (rules < 0) {
		return -1;
	}
	for (i = 0; i < count; i++) {
		rights = paths[i].use == CONFINE_WRITE    ? all
			 : paths[i].use == CONFINE_REMOVE ? REMOVE_FILE
							  : READ_FILE | READ_FOLDER;
		allow(rules, paths[i].path, rights & all);
	}
	return rules_enter(rules);
}

/* --- an empty root --------------------------------------------------------------------- */

/* A user namespace gives the right to mount in a mount namespace of its own, and is left without
 * it. /proc is a folder that every system has, to put the empty one on. */
int confine_by_mounts(void)
{
	if (mounts_own(CLONE_NEWUSER) != 0 ||
	    mount("none", "/proc", "tmpfs", MS_NODEV | MS_NOEXEC | MS_NOSUID, "size=4k,mode=555") !=
		    0 ||
	    chdir("/proc") != 0 || syscall(SYS_pivot_root, ".", ".") != 0 ||
	    umount2(".", MNT_DETACH) != 0 || chdir("/") != 0 ||
	    mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) != 0) {
		return -1;
	}
	capng_clear(CAPNG_SELECT_BOTH);
	return capng_apply(CAPNG_SELECT_BOTH) == 0 || capng_apply(CAPNG_SELECT_CAPS) == 0 ? 0 : -1;
}

/* --- which ------------------------------------------------------------------------------- */

enum confinement confine_enter(void)
{
	if (by_landlock() == 0) {
		return CONFINED_BY_LANDLOCK;
	}
	return confine_by_mounts() == 0 ? CONFINED_BY_MOUNTS : CONFINED_NOT;
}

enum confinement confine_try(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		_exit(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? (int)confine_enter()
								  : CONFINED_NOT);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
	    WEXITSTATUS(status) > CONFINED_BY_MOUNTS) {
		return CONFINED_NOT;
	}
	return (enum confinement)WEXITSTATUS(status);
}

const char *confine_word(enum confinement confinement)
{
	static const char *const words[] = {
		[CONFINED_NOT] = "nothing: this machine offers neither Landlock nor user "
				 "namespaces; a check that was taken over could read what the "
				 "user who started the run can",
		[CONFINED_BY_LANDLOCK] = "Landlock",
		[CONFINED_BY_MOUNTS] = "an empty mount namespace",
	};

	return words[confinement];
}
