/* hook: runs the profile's shell commands, such as the one that switches the
 * device's power. */
#define _GNU_SOURCE
#include "harness/base/clock.h"
#include "harness/run/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/banned.h"

extern char **environ;

/* Starts the command in a process group of its own, so that all of it can be
 * ended. Returns its process or -1. */
static pid_t hook_spawn(const char *command, int output, struct text *why)
{
	char *const arguments[] = {(char *)"sh", (char *)"-c", (char *)command, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	pid_t pid = -1;
	int error;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, output, 1);
	posix_spawn_file_actions_adddup2(&actions, output, 2);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
	error = posix_spawn(&pid, "/bin/sh", &actions, &attributes, arguments, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	if (error != 0) {
		return text_error(why, "cannot start '%s': %s", command, strerror(error));
	}
	return pid;
}

int hook_run(const char *command, const char *path, int64_t deadline_ns, int abort_fd,
	     struct text *why)
{
	struct pollfd abort_entry = {.fd = abort_fd, .events = POLLIN};
	int output = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	int status = 0;
	pid_t pid, ended;

	if (output < 0) {
		return text_error(why, "cannot create '%s': %s", path, strerror(errno));
	}
	pid = hook_spawn(command, output, why);
	close(output);
	if (pid < 0) {
		return -1;
	}
	do {
		ended = waitpid(pid, &status, WNOHANG);
		if (ended == 0 && (poll(&abort_entry, 1, 20) > 0 || clock_ns() >= deadline_ns)) {
			kill(-pid, SIGKILL);
			waitpid(pid, NULL, 0);
			return text_error(why, "the hook '%s' did not end in time", command);
		}
	} while (ended == 0);
	if (!WIFEXITED(status)) {
		return text_error(why, "the hook '%s' was ended by signal %d", command,
				  WTERMSIG(status));
	}
	return WEXITSTATUS(status);
}
