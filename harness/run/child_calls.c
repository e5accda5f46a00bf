/* child_calls: rows to libseccomp, whose program is kept and entered later. */
#define _GNU_SOURCE
#include "harness/run/child_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/banned.h"

/* Stands in the compiled program where each process has its own id. No process has it: they end
 * at 2^22. */
#define SOMEBODY UINT32_C(0x3f5a5a5a)

struct child_calls {
	size_t count, own; /* own: the instruction that compares with SOMEBODY */
	struct sock_filter program[];
};

/* Calls that are let through whatever their arguments: memory, waiting, time,
 * and reading and writing descriptors already there. */
static const int allowed[] = {
#define X(call) SCMP_SYS(call),
#include "harness/run/calls.def"
#undef X
};

/* Calls that are let through when one argument, under a mask, has a value.
 * Several rows of one call are alternatives. */
static const struct {
	int call;
	unsigned argument;
	uint64_t mask, value;
} narrow[] = {
	{SCMP_SYS(fcntl), 1, UINT32_MAX, F_GETFD},
	{SCMP_SYS(fcntl), 1, UINT32_MAX, F_SETFD},
	{SCMP_SYS(fcntl), 1, UINT32_MAX, F_GETFL},
	{SCMP_SYS(fcntl), 1, UINT32_MAX, F_SETFL},
	{SCMP_SYS(fcntl), 1, UINT32_MAX, F_DUPFD},
	{SCMP_SYS(fcntl), 1, UINT32_MAX, F_DUPFD_CLOEXEC},
	{SCMP_SYS(ioctl), 1, UINT32_MAX, FIONBIO},
	{SCMP_SYS(ioctl), 1, UINT32_MAX, FIONREAD},
	{SCMP_SYS(mmap), 2, PROT_EXEC, 0},
	{SCMP_SYS(mprotect), 2, PROT_EXEC, 0},
	/* send(2) on a connected descriptor: no address */
	{SCMP_SYS(sendto), 4, UINT64_MAX, 0},
	/* libcurl wakes itself through a pair */
	{SCMP_SYS(socketpair), 0, UINT32_MAX, AF_UNIX},
	{SCMP_SYS(prlimit64), 2, UINT64_MAX, 0},
	{SCMP_SYS(prctl), 0, UINT32_MAX, PR_SET_NAME},
	{SCMP_SYS(prctl), 0, UINT32_MAX, PR_SET_TIMERSLACK},
#define WRITING (O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND)
	{SCMP_SYS(open), 1, WRITING, 0},
	{SCMP_SYS(openat), 2, WRITING, 0},
};

/* Options of a connection that say when its bytes go, and nothing about where to: what libraries
 * set. */
static const struct {
	int level, option;
} socket_options[] = {
	{IPPROTO_TCP, TCP_NODELAY}, {SOL_SOCKET, SO_KEEPALIVE}, {SOL_SOCKET, SO_LINGER},
	{SOL_SOCKET, SO_RCVTIMEO},  {SOL_SOCKET, SO_SNDTIMEO},
};

static struct scmp_arg_cmp argument_is(unsigned argument, int value)
{
	return (struct scmp_arg_cmp){.arg = argument,
				     .op = SCMP_CMP_MASKED_EQ,
				     .datum_a = UINT32_MAX,
				     .datum_b = (uint32_t)value};
}

static int allow_socket_options(scmp_filter_ctx filter)
{
	size_t i;
	int error = 0;

	for (i = 0; i < ARRAY_SIZE(socket_options) && error == 0; i++) {
		const struct scmp_arg_cmp both[] = {argument_is(1, socket_options[i].level),
						    argument_is(2, socket_options[i].option)};

		error = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(setsockopt),
					       ARRAY_SIZE(both), both);
	}
	return error;
}

static int allow_narrow(scmp_filter_ctx filter, int call, struct scmp_arg_cmp compare)
{
	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &compare);
}

static int filter_fill(scmp_filter_ctx filter)
{
	size_t i;
	int error = 0;

	for (i = 0; i < ARRAY_SIZE(allowed) && error == 0; i++) {
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	}
	for (i = 0; i < ARRAY_SIZE(narrow) && error == 0; i++) {
		error = allow_narrow(filter, narrow[i].call,
				     (struct scmp_arg_cmp){.arg = narrow[i].argument,
							   .op = SCMP_CMP_MASKED_EQ,
							   .datum_a = narrow[i].mask,
							   .datum_b = narrow[i].value});
	}
	if (error == 0) {
		error = allow_socket_options(filter);
	}
	/* abort(3) signals its own thread; nobody else may be signalled */
	if (error == 0) {
		error = allow_narrow(filter, SCMP_SYS(tgkill),
				     (struct scmp_arg_cmp){
					     .arg = 0,
					     .op = SCMP_CMP_MASKED_EQ,
					     .datum_a = UINT64_MAX,
					     .datum_b = SOMEBODY,
				     });
	}
	/* Refused like the rest. libcurl 7.88 connects even a descriptor that
	 * it was told is connected, and only with this errno goes on to use
	 * it. */
	if (error == 0) {
		error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINPROGRESS), SCMP_SYS(connect), 0);
	}
	return error;
}

/* The one comparison with SOMEBODY. Returns its place, or count where there is not one alone. */
static size_t find_own(const struct sock_filter *program, size_t count)
{
	size_t found = count, times = 0, i;

	for (i = 0; i < count; i++) {
		if (program[i].code == (BPF_JMP | BPF_JEQ | BPF_K) && program[i].k == SOMEBODY) {
			found = i;
			times++;
		}
	}
	return times == 1 ? found : count;
}

/* Reads the whole program back. Returns NULL where that fails. */
static struct child_calls *take(int fd)
{
	struct child_calls *calls = NULL;
	struct stat status;
	size_t size;

	if (fstat(fd, &status) != 0 || status.st_size <= 0) {
		return NULL;
	}
	size = (size_t)status.st_size;
	calls = calloc(1, sizeof(*calls) + size);
	if (calls == NULL) {
		return NULL;
	}
	calls->count = size / sizeof(calls->program[0]);
	if (pread(fd, calls->program, size, 0) != (ssize_t)size) {
		free(calls);
		return NULL;
	}
	calls->own = find_own(calls->program, calls->count);
	if (calls->own == calls->count) {
		free(calls);
		return NULL;
	}
	return calls;
}

struct child_calls *child_calls_new(struct text *why)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int error = filter == NULL ? -ENOMEM : filter_fill(filter);
	int fd = memfd_create("assay-calls", MFD_CLOEXEC);
	struct child_calls *calls = NULL;

	if (error == 0 && fd < 0) {
		error = -errno;
	}
	if (error == 0) {
		error = seccomp_export_bpf(filter, fd);
	}
	if (error == 0) {
		calls = take(fd);
	}
	seccomp_release(filter);
	if (fd >= 0) {
		close(fd);
	}
	if (calls == NULL) {
		text_error(why, "cannot compile the system call filter: %s",
			   error != 0 ? strerror(-error) : "its program is not what it should be");
	}
	return calls;
}

void child_calls_free(struct child_calls *calls)
{
	free(calls);
}

int child_calls_enter(const struct child_calls *calls, struct text *why)
{
	struct sock_filter program[BPF_MAXINSNS];
	struct sock_fprog load = {.len = (unsigned short)calls->count, .filter = program};
	long error;

	if (calls->count > BPF_MAXINSNS) {
		return text_error(why, "cannot load the system call filter: it is too long");
	}
	memcpy(program, calls->program, calls->count * sizeof(program[0]));
	program[calls->own].k = (uint32_t)getpid();
	/* threads that are there already get it too */
	error = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &load);
	if (error != 0) {
		return text_error(why, "cannot load the system call filter: %s",
				  error > 0 ? "a thread does not take it" : strerror(errno));
	}
	return 0;
}
