/* calls: the gate's allow list, found by strace over all tests of the gate. */
#define _GNU_SOURCE
#include "harness/gate/calls.h"
#include "harness/base/filter.h"

#include <fcntl.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "harness/banned.h"

#define WRITING (O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND)
#define WHOLE   UINT32_MAX
#define ANY(call)                       \
	{                               \
		SCMP_SYS(call), 0, 0, 0 \
	}

static const struct filter_row rows[] = {
#define X(call) ANY(call),
#include "harness/base/calls.def"
#undef X
	/* what is open */
	ANY(pread64),
	ANY(pwrite64),
	ANY(fdatasync),
	ANY(fsync),
	ANY(ftruncate),
	ANY(dup),
	{SCMP_SYS(fcntl), 1, WHOLE, F_GETFD},
	{SCMP_SYS(fcntl), 1, WHOLE, F_SETFD},
	{SCMP_SYS(fcntl), 1, WHOLE, F_GETFL},
	{SCMP_SYS(fcntl), 1, WHOLE, F_SETFL},
	{SCMP_SYS(fcntl), 1, WHOLE, F_DUPFD_CLOEXEC},
	{SCMP_SYS(fcntl), 1, WHOLE, F_ADD_SEALS},
	/* files to be read: /proc/net, /sys/class/net */
	{SCMP_SYS(open), 1, WRITING, 0},
	{SCMP_SYS(openat), 2, WRITING, 0},
	ANY(stat),
	ANY(statx),
	ANY(access),
	ANY(faccessat),
	ANY(faccessat2),
	ANY(readlink),
	ANY(readlinkat),
	ANY(getdents64),
	/* sockets */
	ANY(setsockopt),
	{SCMP_SYS(socket), 0, WHOLE, AF_INET},
	{SCMP_SYS(socket), 0, WHOLE, AF_INET6},
	{SCMP_SYS(socket), 0, WHOLE, AF_PACKET},
	{SCMP_SYS(socket), 0, WHOLE, AF_NETLINK},
	{SCMP_SYS(socket), 0, WHOLE, AF_XDP},
	{SCMP_SYS(socket), 0, WHOLE, AF_UNIX},
	{SCMP_SYS(socketpair), 0, WHOLE, AF_UNIX},
	ANY(bind),
	ANY(connect),
	ANY(listen),
	ANY(accept4),
	ANY(sendto),
	ANY(sendmsg),
	ANY(sendmmsg),
	ANY(recvmmsg),
	{SCMP_SYS(ioctl), 1, WHOLE, SIOCGIFINDEX},
	{SCMP_SYS(ioctl), 1, WHOLE, SIOCGIFNAME},
	{SCMP_SYS(ioctl), 1, WHOLE, SIOCGIFHWADDR},
	{SCMP_SYS(ioctl), 1, WHOLE, SIOCGIFADDR},
	{SCMP_SYS(ioctl), 1, WHOLE, SIOCGIFFLAGS},
	{SCMP_SYS(ioctl), 1, WHOLE, SIOCGIFMTU},
	{SCMP_SYS(ioctl), 1, WHOLE, SIOCETHTOOL},
	{SCMP_SYS(ioctl), 1, WHOLE, SIOCGHWTSTAMP},
	{SCMP_SYS(ioctl), 1, WHOLE, FIONBIO},
	{SCMP_SYS(ioctl), 1, WHOLE, FIONREAD},
	ANY(memfd_create),
	ANY(eventfd2),
	/* memory, never to be executed */
	{SCMP_SYS(mmap), 2, PROT_EXEC, 0},
	{SCMP_SYS(mprotect), 2, PROT_EXEC, 0},
	/* waiting and time */
	ANY(epoll_create1),
	ANY(epoll_ctl),
	ANY(epoll_wait),
	ANY(epoll_pwait),
	/* threads */
	{SCMP_SYS(clone), 0, CLONE_THREAD, CLONE_THREAD},
	ANY(sched_getparam),
	ANY(sched_getscheduler),
	ANY(sched_setscheduler),
	ANY(setpriority),
	{SCMP_SYS(prctl), 0, WHOLE, PR_SET_NAME},
	{SCMP_SYS(prctl), 0, WHOLE, PR_SET_TIMERSLACK},
	ANY(rt_sigtimedwait),
	/* who and what one is */
	ANY(getuid),
	ANY(geteuid),
	ANY(getgid),
	ANY(getegid),
	ANY(getrusage),
	ANY(uname),
	ANY(sysinfo),
	{SCMP_SYS(prlimit64), 2, UINT64_MAX, 0},
};

int calls_enter(struct text *why)
{
	return filter_enter(rows, ARRAY_SIZE(rows), why);
}
