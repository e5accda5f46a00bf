/* shed: gives the runner's rights up: user, capabilities, files, system calls. */
#define _GNU_SOURCE
#include "harness/run/shed.h"
#include "harness/base/sanitized.h"
#include "harness/run/confine.h"

#include <cap-ng.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/banned.h"

/* --- the user --------------------------------------------------------------------- */

struct owner {
	uid_t user;
	gid_t group;
};

static bool read_id(const char *name, unsigned *ret)
{
	const char *text = getenv(name);
	char *end = NULL;
	unsigned long value;

	if (text == NULL || text[0] < '0' || text[0] > '9') {
		return false;
	}
	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno != 0 || *end != '\0' || value == 0 || value >= UINT32_MAX) {
		return false;
	}
	*ret = (unsigned)value;
	return true;
}

/* The directory's owner; where that is root, who called sudo; else root. */
static int owner_find(const char *directory, struct owner *ret, struct text *why)
{
	unsigned user, group;
	struct stat status;

	if (stat(directory, &status) != 0) {
		return text_error(why, "cannot look at '%s': %s", directory, strerror(errno));
	}
	*ret = (struct owner){.user = status.st_uid, .group = status.st_gid};
	if (status.st_uid == 0 && read_id("SUDO_UID", &user) && read_id("SUDO_GID", &group)) {
		*ret = (struct owner){.user = user, .group = group};
	}
	return 0;
}

/* Gives one open file that is root's to the owner. Not one with another name: that name may stand
 * outside of the run. */
static void file_give(int fd, const struct owner *owner)
{
	struct stat status;

	if (fstat(fd, &status) == 0 && status.st_uid == 0 &&
	    (S_ISDIR(status.st_mode) || (S_ISREG(status.st_mode) && status.st_nlink == 1))) {
		(void)!fchown(fd, owner->user, owner->group);
	}
}

/* By descriptors, never through a link: the folder may be somebody's who would like to own more. */
static void folder_give(int folder_fd, const struct owner *owner, int depth)
{
	DIR *folder = depth > 8 ? NULL : fdopendir(folder_fd);
	struct dirent *entry;
	int fd;

	if (folder == NULL) {
		close(folder_fd);
		return;
	}
	for (entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
			continue;
		}
		fd = openat(folder_fd, entry->d_name,
			    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		if (fd < 0) {
			continue;
		}
		file_give(fd, owner);
		if (entry->d_type == DT_DIR) {
			folder_give(fd, owner, depth + 1);
		} else {
			close(fd);
		}
	}
	file_give(folder_fd, owner);
	closedir(folder);
}

static const char *home_of(uid_t user)
{
	const struct passwd *entry = getpwuid(user);

	return entry == NULL ? NULL : entry->pw_dir;
}

static int become(const char *directory, struct text *why)
{
	struct owner owner;
	const char *home;
	int fd;

	if (geteuid() != 0) {
		return 0;
	}
	if (owner_find(directory, &owner, why) != 0) {
		return -1;
	}
	if (owner.user == 0) {
		return 0;
	}
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		folder_give(fd, &owner, 0);
	}
	home = home_of(owner.user);
	/* what is left of them is dropped right after */
	prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
	if (setgroups(0, NULL) != 0 || setresgid(owner.group, owner.group, owner.group) != 0 ||
	    setresuid(owner.user, owner.user, owner.user) != 0) {
		return text_error(why, "cannot become user %u: %s", (unsigned)owner.user,
				  strerror(errno));
	}
	if (home == NULL || setenv("HOME", home, 1) != 0) {
		unsetenv("HOME");
	}
	return 0;
}

const char *shed_home(const char *directory)
{
	struct owner owner;

	if (geteuid() != 0 || owner_find(directory, &owner, NULL) != 0 || owner.user == 0) {
		return getenv("HOME");
	}
	return home_of(owner.user);
}

/* Real-time places for monitors and heartbeats (3 at most) are had by limits then, not by a
 * capability. Returns false where the limits cannot be set. */
static bool keep_places(void)
{
	struct rlimit real_time = {.rlim_cur = 3, .rlim_max = 3};
	struct rlimit nice = {.rlim_cur = 35, .rlim_max = 35};

	return setrlimit(RLIMIT_RTPRIO, &real_time) == 0 && setrlimit(RLIMIT_NICE, &nice) == 0;
}

static int drop_capabilities(bool keep_nice, struct text *why)
{
	capng_get_caps_process();
	keep_nice = keep_nice && capng_have_capability(CAPNG_PERMITTED, CAP_SYS_NICE) != 0;
	capng_clear(CAPNG_SELECT_BOTH);
	(void)capng_apply(CAPNG_SELECT_BOUNDS); /* while CAP_SETPCAP is there */
	if (keep_nice) {
		capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_SYS_NICE);
	}
	if (capng_apply(CAPNG_SELECT_CAPS) != 0) {
		return text_error(why, "cannot drop capabilities");
	}
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
		       ? 0
		       : text_error(why, "cannot give up new privileges: %s", strerror(errno));
}

/* --- files ---------------------------------------------------------------------------- */

/* Beside the program, as probes/module.c has it; "" where that is not known. */
static void module_folder(char *out, size_t capacity)
{
	char self[3900];
	ssize_t size = readlink("/proc/self/exe", self, sizeof(self));

	while (size > 0 && self[size - 1] != '/') {
		size--;
	}
	out[0] = '\0';
	if (size > 0) {
		snprintf(out, capacity, "%.*s../lib/assay", (int)size, self);
	}
}

/* Without Landlock the user's own rights are the limit. */
static void keep_files(const char *directory, const char *outside)
{
	char folder[4096] = "", modules[4096] = "";
	const struct confine_path paths[] = {
		{directory, CONFINE_WRITE},
		{folder, CONFINE_READ}, /* the anchors, when the run is judged */
		/* libraries that a child loads, and what they read then */
		{modules, CONFINE_READ},
		{"/usr", CONFINE_READ},
		{"/lib", CONFINE_READ},
		{"/lib64", CONFINE_READ},
		{"/etc/ld.so.cache", CONFINE_READ},
		{"/etc/ssl/openssl.cnf", CONFINE_READ},
		{"/etc/localtime", CONFINE_READ},
		/* capabilities, processors, the boot's number: of others it shows nothing that
		 * their rights do not give, for Landlock keeps a process out of others */
		{"/proc", CONFINE_READ},
		{"/sys/devices/system/cpu", CONFINE_READ},
		{"/dev/null", CONFINE_WRITE},
		{"/dev/urandom", CONFINE_READ},
		/* the device's locks are taken away at the end */
		{"/run/lock", CONFINE_REMOVE},
		{"/tmp", CONFINE_REMOVE},
	};

	module_folder(modules, sizeof(modules));
	if (outside[0] == '/') {
		snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(outside, '/') - outside),
			 outside);
	}
	(void)confine_to(paths, ARRAY_SIZE(paths));
}

/* --- system calls ------------------------------------------------------------------- */

/* What the runner and its reports do beyond calls.def, and what a child does on its way into its
 * own sandbox, which is forked from here. No exec, no sockets but pairs, no ptrace, and none of
 * what manages a machine. */
static const int allowed[] = {
#define X(call) SCMP_SYS(call),
#include "harness/run/calls.def"
#undef X
	/* the run directory */
	SCMP_SYS(open),
	SCMP_SYS(openat),
	SCMP_SYS(openat2),
	SCMP_SYS(creat),
	SCMP_SYS(mkdir),
	SCMP_SYS(mkdirat),
	SCMP_SYS(rename),
	SCMP_SYS(renameat),
	SCMP_SYS(renameat2),
	SCMP_SYS(unlink),
	SCMP_SYS(unlinkat),
	SCMP_SYS(rmdir),
	SCMP_SYS(pwrite64),
	SCMP_SYS(pwritev),
	SCMP_SYS(preadv),
	SCMP_SYS(ftruncate),
	SCMP_SYS(fallocate),
	SCMP_SYS(fadvise64),
	SCMP_SYS(fsync),
	SCMP_SYS(fdatasync),
	SCMP_SYS(flock),
	SCMP_SYS(fchmod),
	SCMP_SYS(umask),
	SCMP_SYS(statfs),
	SCMP_SYS(fstatfs),
	SCMP_SYS(getdents),
	SCMP_SYS(copy_file_range),
	SCMP_SYS(sendfile),
	SCMP_SYS(fcntl),
	SCMP_SYS(ioctl),
	SCMP_SYS(chdir),
	/* memory, also that of libraries and of what processes share */
	SCMP_SYS(mmap),
	SCMP_SYS(mprotect),
	SCMP_SYS(msync),
	SCMP_SYS(mincore),
	SCMP_SYS(mlock),
	SCMP_SYS(munlock),
	SCMP_SYS(memfd_create),
	SCMP_SYS(membarrier),
	/* children and threads */
	SCMP_SYS(fork),
	SCMP_SYS(vfork),
	SCMP_SYS(wait4),
	SCMP_SYS(waitid),
	SCMP_SYS(kill),
	SCMP_SYS(tgkill),
	SCMP_SYS(pidfd_open),
	SCMP_SYS(pidfd_send_signal),
	SCMP_SYS(set_tid_address),
	SCMP_SYS(arch_prctl),
	SCMP_SYS(prctl),
	SCMP_SYS(close_range),
	SCMP_SYS(setpgid),
	SCMP_SYS(getpgrp),
	SCMP_SYS(getpgid),
	SCMP_SYS(getsid),
	SCMP_SYS(sched_setscheduler),
	SCMP_SYS(sched_getscheduler),
	SCMP_SYS(sched_setparam),
	SCMP_SYS(sched_getparam),
	SCMP_SYS(sched_setaffinity),
	SCMP_SYS(sched_get_priority_max),
	SCMP_SYS(sched_get_priority_min),
	SCMP_SYS(setpriority),
	SCMP_SYS(getpriority),
	SCMP_SYS(setrlimit),
	SCMP_SYS(prlimit64),
	SCMP_SYS(capget),
	SCMP_SYS(capset),
	SCMP_SYS(setgroups),
	SCMP_SYS(getgroups),
	SCMP_SYS(setresuid),
	SCMP_SYS(setresgid),
	SCMP_SYS(getresuid),
	SCMP_SYS(getresgid),
	SCMP_SYS(seccomp),
	SCMP_SYS(landlock_create_ruleset),
	SCMP_SYS(landlock_add_rule),
	SCMP_SYS(landlock_restrict_self),
	/* waiting, and talking to gate and children */
	SCMP_SYS(signalfd4),
	SCMP_SYS(rt_sigtimedwait),
	SCMP_SYS(rt_sigpending),
	SCMP_SYS(rt_sigsuspend),
	SCMP_SYS(pause),
	SCMP_SYS(alarm),
	SCMP_SYS(setitimer),
	SCMP_SYS(timer_create),
	SCMP_SYS(timer_settime),
	SCMP_SYS(timer_delete),
	SCMP_SYS(timerfd_gettime),
	SCMP_SYS(sendmsg),
	SCMP_SYS(sendto),
	SCMP_SYS(socketpair),
};

/* What an empty mount namespace needs, where the kernel has no Landlock. */
static const int mounting[] = {
	SCMP_SYS(unshare),
	SCMP_SYS(mount),
	SCMP_SYS(umount2),
	SCMP_SYS(pivot_root),
};

#define NEW_NAMESPACES                                                                 \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | \
	 CLONE_NEWPID | CLONE_NEWNET)

static int allow_all(scmp_filter_ctx filter, const int *calls, size_t count)
{
	int error = 0;
	size_t i;

	for (i = 0; i < count && error == 0; i++) {
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	}
	return error;
}

static int filter_fill(scmp_filter_ctx filter, enum confinement children)
{
	int error = allow_all(filter, allowed, ARRAY_SIZE(allowed));

	if (error == 0 && children != CONFINED_BY_LANDLOCK) {
		error = allow_all(filter, mounting, ARRAY_SIZE(mounting));
	}
	if (error == 0) {
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
					 SCMP_A0(SCMP_CMP_MASKED_EQ, NEW_NAMESPACES, 0));
	}
	/* its flags lie in memory: told that there is no such call, the C library takes clone */
	if (error == 0) {
		error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	}
	return error;
}

#if SANITIZED
/* LeakSanitizer asks this at exit, and would trace the process from another one,
 * which the filter does not allow. */
static bool filtered;

int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
	return filtered;
}
#endif

static int enter_filter(enum confinement children, struct text *why)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int error = filter == NULL ? -ENOMEM : filter_fill(filter, children);

	if (error == 0) {
		error = seccomp_load(filter);
	}
	seccomp_release(filter);
	return error == 0 ? 0
			  : text_error(why, "cannot load the runner's system call filter: %s",
				       strerror(-error));
}

int shed_user(const char *directory, struct text *why)
{
	bool keep_nice = !keep_places();

	if (become(directory, why) != 0 || drop_capabilities(keep_nice, why) != 0) {
		return -1;
	}
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return 0;
}

int shed_rest(const char *directory, const char *outside, enum confinement children,
	      struct text *why)
{
	keep_files(directory, outside);
#if SANITIZED
	filtered = true;
#endif
	return enter_filter(children, why);
}
