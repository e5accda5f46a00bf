/* supervisor: cuts a target off from its caller and gives it namespaces; what
 * happens inside is in inside.c. */
#define _GNU_SOURCE
#include "targets/simulated/supervisor.h"
#include "harness/base/clock.h"
#include "targets/simulated/inside.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/banned.h"

int supervisor_tell(int channel, const struct supervisor_word *word)
{
	return send(channel, word, sizeof(*word), MSG_NOSIGNAL) == (ssize_t)sizeof(*word) ? 0 : -1;
}

int supervisor_hear(int channel, struct supervisor_word *ret, int64_t deadline_ns, struct text *why)
{
	struct pollfd wait = {.fd = channel, .events = POLLIN};
	ssize_t size = 0;

	while (poll(&wait, 1, clock_left_ms(deadline_ns)) < 0 && errno == EINTR)
		;
	if (!(wait.revents & (POLLIN | POLLHUP)))
		return text_error(why, "it did not come up in time");
	size = recv(channel, ret, sizeof(*ret), 0);
	if (size != (ssize_t)sizeof(*ret))
		return text_error(why, "it ended while starting");
	if (ret->fine)
		return 0;
	ret->why.s[sizeof(ret->why.s) - 1] = '\0';
	return text_error(why, "%s", ret->why.s);
}

/* The caller's terminal, output and files must not be held open for hours. */
static int cut_loose(const struct supervisor_order *order, int channel)
{
	char path[300];
	int log = -1, null = -1;

	snprintf(path, sizeof(path), "%s/log", order->device.directory);
	log = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
	null = open("/dev/null", O_RDONLY);
	if (log < 0 || null < 0 || setsid() < 0 || chdir("/") < 0)
		return -1;
	if (dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0 || dup2(channel, 3) < 0)
		return -1;
	close_range(4, ~0U, 0);
	return fcntl(3, F_SETFD, FD_CLOEXEC) < 0 ? -1 : 3;
}

static const char *denied(int error)
{
	return error == EPERM ? "cannot make a network namespace: run as root "
				"or inside 'unshare -Urn'"
			      : strerror(error);
}

/* Runs in a child of the caller; its own child is the first process of the
 * namespaces. */
static _Noreturn void supervisor_fork(const struct supervisor_order *order, int channel)
{
	struct supervisor_word word = {.fine = false};
	sigset_t all;

	channel = cut_loose(order, channel);
	if (channel < 0)
		_exit(1);
	sigfillset(&all);
	sigprocmask(SIG_UNBLOCK, &all, NULL);
	for (int signal_number = 1; signal_number < NSIG; signal_number++)
		signal(signal_number, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	if (unshare(CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC) < 0) {
		text_error(&word.why, "%s", denied(errno));
		supervisor_tell(channel, &word);
		_exit(1);
	}
	word.pid = fork();
	if (word.pid == 0)
		inside_run(order, channel);
	word.fine = word.pid > 0;
	if (!word.fine)
		text_error(&word.why, "cannot fork: %s", strerror(errno));
	supervisor_tell(channel, &word);
	_exit(0);
}

int supervisor_start(const struct supervisor_order *order, struct text *why)
{
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return text_error(why, "cannot make a channel: %s", strerror(errno));
	pid = fork();
	if (pid == 0)
		supervisor_fork(order, ends[1]);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return text_error(why, "cannot fork: %s", strerror(errno));
	}
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return ends[0];
}
