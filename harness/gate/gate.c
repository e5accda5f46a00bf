/* gate: the runner's side: starts the process and speaks to it. */
#define _GNU_SOURCE
#include "harness/gate/gate.h"
#include "harness/base/clock.h"
#include "harness/gate/message.h"
#include "harness/gate/pulse.h"
#include "harness/gate/server.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/banned.h"

struct gate {
	pid_t pid;
	int control, notice;
	struct page *pages; /* the runner's, then one a function of the profile */
	size_t page_count;
	struct pulse_beater beater;
	pid_t beating; /* the process whose thread it is; 0: none */
};

enum {
	/* ARP takes at most about a second; the rest is a busy machine's. */
	GREETING_MS = 15 * 1000,
	/* A dismissal drains a capture; it answers within milliseconds. */
	ANSWER_MS = 10 * 1000,
	STOP_MS = 3 * 1000,
};

static int wait_readable(int fd, int timeout_ms)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	int64_t deadline = clock_ns() + timeout_ms * NS_PER_MS;
	int got;

	do {
		got = poll(&ready, 1, clock_left_ms(deadline));
	} while (got < 0 && errno == EINTR);
	return got > 0 ? 0 : -ETIMEDOUT;
}

/* One request, one reply. Returns 0, or -1 when the gate is gone. */
static int ask(struct gate *gate, const struct request *request, const struct message_fds *fds,
	       struct reply *ret)
{
	if (message_send(gate->control, request, sizeof(*request), fds) != 0 ||
	    wait_readable(gate->control, ANSWER_MS) != 0 ||
	    message_receive(gate->control, ret, sizeof(*ret), NULL, NULL) !=
		    (ssize_t)sizeof(*ret)) {
		return -1;
	}
	return 0;
}

static int fork_gate(struct gate *gate, const struct profile *profile, struct text *why)
{
	int control[2] = {-1, -1}, notice[2] = {-1, -1}, one = 1;
	struct server_start start = {.profile = profile, .pages = gate->pages, .runner = getpid()};

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) != 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, notice) != 0 ||
	    setsockopt(control[1], SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)) != 0) {
		text_error(why, "cannot make the gate's channels: %s", strerror(errno));
		goto failed;
	}
	gate->pid = fork();
	if (gate->pid < 0) {
		text_error(why, "cannot start the gate: %s", strerror(errno));
		goto failed;
	}
	if (gate->pid == 0) {
		/* The runner has given up the right to signal the gate, so its end reaches a
		 * stopped gate in one way alone: the kernel lets stopped processes of a group
		 * go on (SIGHUP, which the gate ignores, and SIGCONT) when nobody of their
		 * session is left who could. The group must not be the runner's for that. */
		(void)setpgid(0, 0);
		start.control = control[1];
		start.notice = notice[1];
		_exit(server_run(&start));
	}
	close(control[1]);
	close(notice[1]);
	gate->control = control[0];
	gate->notice = notice[0];
	return 0;
failed:
	close(control[0]);
	close(control[1]);
	close(notice[0]);
	close(notice[1]);
	return -1;
}

static void release_pages(struct gate *gate)
{
	size_t i;

	for (i = 0; i < gate->page_count; i++) {
		page_release(&gate->pages[i]);
	}
	free(gate->pages);
}

static int make_pages(struct gate *gate, const struct profile *profile, struct text *why)
{
	size_t count = 1 + profile->function_count;
	int error = 0;

	gate->pages = calloc(count, sizeof(*gate->pages));
	if (gate->pages == NULL) {
		BUG("out of memory");
	}
	while (gate->page_count < count && error == 0) {
		error = page_new(&gate->pages[gate->page_count], "assay-pulse",
				 sizeof(struct pulse));
		gate->page_count += error == 0;
	}
	return error == 0 ? 0 : text_error(why, "cannot make shared memory: %s", strerror(-error));
}

struct gate *gate_new(const struct profile *profile, struct text *why)
{
	struct gate *gate = calloc(1, sizeof(*gate));

	if (gate == NULL) {
		BUG("out of memory");
	}
	pulse_allow();
	if (make_pages(gate, profile, why) != 0 || fork_gate(gate, profile, why) != 0) {
		release_pages(gate);
		free(gate);
		return NULL;
	}
	return gate;
}

int gate_beat(struct gate *gate, int unless_fd)
{
	struct pulse *pulse = gate->beating != 0 ? NULL : page_write(&gate->pages[0]);
	int error;

	if (pulse == NULL) {
		return gate->beating != 0 ? -EBUSY : -errno;
	}
	error = pulse_beat(&gate->beater, pulse, unless_fd);
	gate->beating = error == 0 ? getpid() : 0;
	return error;
}

struct pulse *gate_pulse(struct gate *gate, size_t index)
{
	if (index + 1 >= gate->page_count) {
		errno = EINVAL;
		return NULL;
	}
	return page_write(&gate->pages[index + 1]);
}

void gate_go(struct gate *gate)
{
	struct request request;

	memset(&request, 0, sizeof(request));
	request.magic = REQUEST_MAGIC;
	request.kind = REQUEST_GO;
	/* a gate that is gone has said why, or gate_greet() finds out */
	(void)message_send(gate->control, &request, sizeof(request), NULL);
}

int gate_greet(struct gate *gate, struct gate_ability *ret, int *ret_exit, struct text *why)
{
	struct greeting greeting;

	if (wait_readable(gate->control, GREETING_MS) != 0 ||
	    message_receive(gate->control, &greeting, sizeof(greeting), NULL, NULL) !=
		    (ssize_t)sizeof(greeting)) {
		*ret_exit = 3;
		return text_error(why, "the gate ended before it could say "
				       "why");
	}
	if (greeting.exit != 0) {
		*ret_exit = greeting.exit;
		return text_error(why, "%s", greeting.why);
	}
	*ret = greeting.ability;
	return 0;
}

struct gate *gate_start(const struct profile *profile, struct gate_ability *ret, int *ret_exit,
			struct text *why)
{
	struct gate *gate = gate_new(profile, why);

	if (gate == NULL) {
		*ret_exit = 3;
		return NULL;
	}
	gate_go(gate);
	if (gate_greet(gate, ret, ret_exit, why) != 0) {
		gate_stop(gate);
		return NULL;
	}
	return gate;
}

/* Closes the control channel and waits until the gate has done its last. */
static void let_go(struct gate *gate)
{
	int64_t deadline = clock_ns() + STOP_MS * NS_PER_MS;

	close(gate->control);
	/* the notice channel's end is the gate's end */
	while (wait_readable(gate->notice, clock_left_ms(deadline)) == 0) {
		struct text rest;

		if (message_receive(gate->notice, &rest, sizeof(rest), NULL, NULL) <= 0) {
			break;
		}
	}
	if (clock_left_ms(deadline) == 0) {
		kill(gate->pid, SIGKILL);
	}
	close(gate->notice);
	if (gate->beating == getpid()) {
		pulse_rest(&gate->beater);
		munmap(gate->beater.pulse, sizeof(struct pulse));
	}
	release_pages(gate);
}

void gate_stop(struct gate *gate)
{
	if (gate == NULL) {
		return;
	}
	let_go(gate);
	while (waitpid(gate->pid, NULL, 0) < 0 && errno == EINTR) {
	}
	free(gate);
}

pid_t gate_release(struct gate *gate)
{
	pid_t pid = gate->pid;

	let_go(gate);
	free(gate);
	return pid;
}

void gate_leave(struct gate *gate)
{
	close(gate->control);
	close(gate->notice);
	gate->control = -1;
	gate->notice = -1;
}

pid_t gate_pid(const struct gate *gate)
{
	return gate->pid;
}

int gate_fd(const struct gate *gate)
{
	return gate->notice;
}

int gate_notice(struct gate *gate, struct text *ret)
{
	struct text text;
	ssize_t got;

	if (wait_readable(gate->notice, 0) != 0) {
		return 0;
	}
	got = message_receive(gate->notice, &text, sizeof(text), NULL, NULL);
	if (got <= 0) {
		return -1;
	}
	text.s[sizeof(text.s) - 1] = '\0';
	*ret = text;
	return 1;
}

int gate_admit(struct gate *gate, const struct gate_pass *pass, int capture_fd, int *ret_fd,
	       struct text *why)
{
	struct request request;
	struct message_fds fds = {.count = 0};
	struct reply reply;
	int pair[2], error;

	memset(&request, 0, sizeof(request));
	request.magic = REQUEST_MAGIC;
	request.kind = REQUEST_ADMIT;
	request.u.pass = *pass;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
		return text_error(why, "cannot make a channel: %s", strerror(errno));
	}
	fds.fd[fds.count++] = pair[1];
	if (capture_fd >= 0) {
		fds.fd[fds.count++] = capture_fd;
	}
	error = ask(gate, &request, &fds, &reply);
	close(pair[1]);
	if (error != 0 || reply.error != 0) {
		close(pair[0]);
		reply.u.why[sizeof(reply.u.why) - 1] = '\0';
		return text_error(why, "%s", error != 0 ? "the gate is gone" : reply.u.why);
	}
	*ret_fd = pair[0];
	return reply.number;
}

int gate_ledger(struct gate *gate, int ledger_fd, int copy_fd)
{
	struct request request;
	struct message_fds fds = {.fd = {ledger_fd, copy_fd}, .count = copy_fd >= 0 ? 2 : 1};
	struct reply reply;

	memset(&request, 0, sizeof(request));
	request.magic = REQUEST_MAGIC;
	request.kind = REQUEST_LEDGER;
	return ask(gate, &request, &fds, &reply) != 0 || reply.error != 0 ? -1 : 0;
}

int gate_dismiss(struct gate *gate, int pass, struct gate_traffic *ret)
{
	struct request request;
	struct reply reply;

	memset(&request, 0, sizeof(request));
	request.magic = REQUEST_MAGIC;
	request.kind = REQUEST_DISMISS;
	request.u.number = pass;
	if (ask(gate, &request, NULL, &reply) != 0 || reply.error != 0) {
		return -1;
	}
	*ret = reply.u.traffic;
	return 0;
}

void gate_stop_load(struct gate *gate)
{
	struct request request;
	struct reply reply;

	memset(&request, 0, sizeof(request));
	request.magic = REQUEST_MAGIC;
	request.kind = REQUEST_STOP_LOAD;
	ask(gate, &request, NULL, &reply);
}
