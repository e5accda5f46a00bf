/* hook: runs the profile's shell commands, such as the one that switches the
 * device's power. */
#define _GNU_SOURCE
#include "harness/run/hook.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/banned.h"

extern char **environ;

/* The runner's words; the first brings the file for the output. */
enum { WORD_START = 's', WORD_END = 'e' };

/* What the starter answers. */
struct answer {
	int status; /* of waitpid() */
	int error;  /* errno where it could not be started */
};

#define ANSWER_MS 5000

/* --- in the starter -------------------------------------------------------------- */

/* Starts the command in a process group of its own, so that all of it can be
 * ended. Returns its process, or -1 with errno. */
static pid_t hook_spawn(const char *command, int output)
{
	char *const arguments[] = {(char *)"sh", (char *)"-c", (char *)command, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	pid_t pid = -1;
	int error;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, output, 1);
	posix_spawn_file_actions_adddup2(&actions, output, 2);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
						      POSIX_SPAWN_SETPGROUP);
	error = posix_spawn(&pid, "/bin/sh", &actions, &attributes, arguments, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	errno = error;
	return error != 0 ? -1 : pid;
}

/* Returns the word, 0 when the runner is gone; *ret_fd is -1 where it brings none. */
static char hear(int fd, int *ret_fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	char word = 0;
	struct iovec part = {&word, 1};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = control.bytes,
				 .msg_controllen = sizeof(control.bytes)};
	struct cmsghdr *header;
	ssize_t got;

	*ret_fd = -1;
	do {
		got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	if (got != 1) {
		return 0;
	}
	header = CMSG_FIRSTHDR(&message);
	if (header != NULL && header->cmsg_type == SCM_RIGHTS &&
	    header->cmsg_len == CMSG_LEN(sizeof(int))) {
		memcpy(ret_fd, CMSG_DATA(header), sizeof(int));
	}
	return word;
}

/* Waits for the command's end or the word to end it. Returns false when the runner is gone. */
static bool see_through(int fd, pid_t pid)
{
	struct pollfd wait[2] = {{.fd = fd, .events = POLLIN}, {.events = POLLIN}};
	struct answer answer = {.error = 0};
	int none;

	wait[1].fd = pidfd_open(pid, 0);
	while (poll(wait, 2, -1) < 0 && errno == EINTR) {
	}
	if (wait[0].revents != 0 && wait[1].revents == 0) {
		if (hear(fd, &none) != WORD_END) {
			return false;
		}
		kill(-pid, SIGKILL);
	}
	close(wait[1].fd);
	(void)waitpid(pid, &answer.status, 0);
	return send(fd, &answer, sizeof(answer), MSG_NOSIGNAL) == (ssize_t)sizeof(answer);
}

static _Noreturn void starter_main(int fd, const char *command)
{
	static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
	struct answer failed = {.status = 0};
	bool go_on = true;
	int output;
	pid_t pid;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ignored); i++) {
		signal(ignored[i], SIG_IGN); /* the terminal's are for the runner */
	}
	prctl(PR_SET_NAME, "assay-hook");
	/* the journal, the gate's channel, the locks: not its business */
	if (dup2(fd, 3) != 3 || close_range(4, ~0U, 0) != 0 || fcntl(3, F_SETFD, FD_CLOEXEC) != 0) {
		_exit(1);
	}
	while (go_on && hear(3, &output) == WORD_START && output >= 0) {
		pid = hook_spawn(command, output);
		failed.error = errno;
		close(output);
		go_on = pid > 0 ? see_through(3, pid)
				: send(3, &failed, sizeof(failed), MSG_NOSIGNAL) ==
					  (ssize_t)sizeof(failed);
	}
	_exit(0);
}

/* --- in the runner ---------------------------------------------------------------- */

int hook_starter_new(struct hook_starter *starter, const char *command, struct text *why)
{
	int ends[2];
	pid_t pid;

	*starter = (struct hook_starter){.fd = -1};
	if (command == NULL) {
		return 0;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
		return text_error(why, "cannot make a channel for the hook: %s", strerror(errno));
	}
	pid = fork();
	if (pid == 0) {
		starter_main(ends[1], command);
	}
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return text_error(why, "cannot start a process for the hook: %s", strerror(errno));
	}
	*starter = (struct hook_starter){.command = command, .fd = ends[0]};
	return 0;
}

void hook_starter_release(struct hook_starter *starter)
{
	if (starter->command != NULL) {
		close(starter->fd);
	}
	starter->command = NULL;
}

static int say(int fd, char word, int output)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {.bytes = {0}};
	struct iovec part = {&word, 1};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	struct cmsghdr *header;

	if (output >= 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &output, sizeof(int));
	}
	return sendmsg(fd, &message, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

int hook_start(struct hook_process *hook, const struct hook_starter *starter, const char *path,
	       struct text *why)
{
	int output = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644), result;

	*hook = (struct hook_process){.runs = false};
	if (output < 0) {
		return text_error(why, "cannot create '%s': %s", path, strerror(errno));
	}
	result = starter->command == NULL ? -1 : say(starter->fd, WORD_START, output);
	close(output);
	if (result != 0) {
		return text_error(why, "cannot start the hook: its process is gone");
	}
	*hook = (struct hook_process){.runs = true, .fd = starter->fd};
	return 0;
}

int hook_end(struct hook_process *hook, struct text *why)
{
	struct pollfd wait = {.fd = hook->fd, .events = POLLIN};
	struct answer answer;
	bool late;

	if (!hook->runs) {
		return 0;
	}
	hook->runs = false;
	late = poll(&wait, 1, 0) <= 0;
	if (late) {
		(void)say(wait.fd, WORD_END, -1);
	}
	if (poll(&wait, 1, ANSWER_MS) <= 0 ||
	    recv(wait.fd, &answer, sizeof(answer), 0) != (ssize_t)sizeof(answer)) {
		return text_error(why, "the hook cannot be ended: its process is gone");
	}
	if (answer.error != 0) {
		return text_error(why, "cannot start the hook: %s", strerror(answer.error));
	}
	if (late && WIFSIGNALED(answer.status)) {
		return text_error(why, "the hook did not end in time");
	}
	if (!WIFEXITED(answer.status)) {
		return text_error(why, "the hook was ended by signal %d", WTERMSIG(answer.status));
	}
	return WEXITSTATUS(answer.status);
}
