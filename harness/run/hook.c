/* hook: runs the profile's shell commands, such as the one that switches the
 * device's power. */
#define _GNU_SOURCE
#include "harness/run/hook.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
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

int hook_start(struct hook_process *hook, const char *command, const char *path, struct text *why)
{
	int output = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

	*hook = (struct hook_process){.pid = 0, .pid_fd = -1};
	if (output < 0) {
		return text_error(why, "cannot create '%s': %s", path, strerror(errno));
	}
	hook->pid = hook_spawn(command, output, why);
	close(output);
	if (hook->pid < 0) {
		hook->pid = 0;
		return -1;
	}
	hook->pid_fd = pidfd_open(hook->pid, 0);
	if (hook->pid_fd < 0) {
		text_error(why, "cannot watch '%s': %s", command, strerror(errno));
		(void)hook_end(hook, NULL);
		return -1;
	}
	return 0;
}

int hook_end(struct hook_process *hook, struct text *why)
{
	int status = 0;
	pid_t ended;

	if (hook->pid == 0) {
		return 0;
	}
	ended = waitpid(hook->pid, &status, WNOHANG);
	if (ended == 0) {
		kill(-hook->pid, SIGKILL);
		(void)waitpid(hook->pid, NULL, 0);
	}
	hook->pid = 0;
	if (hook->pid_fd >= 0) {
		close(hook->pid_fd);
	}
	if (ended == 0) {
		return text_error(why, "the hook did not end in time");
	}
	if (!WIFEXITED(status)) {
		return text_error(why, "the hook was ended by signal %d", WTERMSIG(status));
	}
	return WEXITSTATUS(status);
}
