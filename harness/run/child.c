/* child: starts one observation's process, and releases it. */
#define _GNU_SOURCE
#include "harness/run/child_parts.h"
#include "harness/run/secret_ration.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/banned.h"

static int poll_add(int poll_fd, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	return epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event);
}

/* A probe that takes the witness where there is one has a second source; where there is none the
 * gate says so. */
static unsigned rights_of(const struct probe *probe)
{
	return probe->needs | ((probe->needs & NEEDS_WITNESS) != 0 ? NEEDS_SECOND_SOURCE : 0);
}

/* Asks the gate to let the child in, once for each of its doors. Returns 0 or -1. */
static int child_admit(struct child *child, const struct child_order *order, struct ends *ends,
		       struct text *why)
{
	struct gate_pass pass = {
		.impact = order->observation->probe->impact,
		.needs = rights_of(order->observation->probe),
	};
	size_t doors = order->doors == 0 ? 1 : order->doors;
	int capture = -1;

	if (doors > CHILD_DOORS) {
		BUG("%zu doors for one child", doors);
	}
	snprintf(pass.observation, sizeof(pass.observation), "%s", order->observation->id);
	if (order->capture) {
		capture = evidence_create(child->store, EVIDENCE_CAPTURE, why);
		if (capture < 0) {
			return -1;
		}
	}
	for (; ends->door_count < doors; ends->door_count++) {
		child->passes[ends->door_count] =
			gate_admit(child->gate, &pass, ends->door_count == 0 ? capture : -1,
				   &ends->doors[ends->door_count], why);
		if (child->passes[ends->door_count] < 0) {
			return -1;
		}
	}
	return 0;
}

static int child_fork(struct child *child, const struct child_world *world,
		      const struct observation *observation, const struct ends *ends,
		      struct text *why)
{
	fflush(NULL);
	child->pid = fork();
	if (child->pid < 0) {
		child->pid = 0;
		return text_error(why, "cannot start a process: %s", strerror(errno));
	}
	if (child->pid == 0) {
		child_main(child, world, observation, ends);
	}
	child->pid_fd = pidfd_open(child->pid, 0);
	child->poll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (child->pid_fd < 0 || child->poll_fd < 0 ||
	    poll_add(child->poll_fd, child->pid_fd) != 0 ||
	    poll_add(child->poll_fd, child->report_fd) != 0 ||
	    poll_add(child->poll_fd, child->output_fd) != 0) {
		return text_error(why, "cannot watch a process: %s", strerror(errno));
	}
	return 0;
}

static void close_all(const int *fds, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (fds[i] >= 0) {
			close(fds[i]);
		}
	}
}

/* Makes the child's pipes. Returns 0 or -1. */
static int child_pipes(struct child *child, struct ends *ends, struct text *why)
{
	int report[2], output[2];

	if (pipe2(report, O_CLOEXEC) != 0) {
		return text_error(why, "cannot make a pipe: %s", strerror(errno));
	}
	child->report_fd = report[0];
	ends->report = report[1];
	if (pipe2(output, O_CLOEXEC) != 0) {
		return text_error(why, "cannot make a pipe: %s", strerror(errno));
	}
	child->output_fd = output[0];
	ends->output = output[1];
	fcntl(child->report_fd, F_SETFL, O_NONBLOCK);
	fcntl(child->output_fd, F_SETFL, O_NONBLOCK);
	return 0;
}

static int child_open(struct child *child, const struct child_world *world,
		      const struct child_order *order, struct text *why)
{
	struct ends ends = {.report = -1, .output = -1};
	int result = -1;

	if (child_pipes(child, &ends, why) != 0 ||
	    (child->gate != NULL && child_admit(child, order, &ends, why) != 0)) {
		goto out;
	}
	child->start_ns = clock_ns();
	child->deadline_ns = child->start_ns + child->work_s * NS_PER_S;
	child->ration = secret_ration_new(child->records.secrets, order->observation->params,
					  order->observation->param_count);
	result = child_fork(child, world, order->observation, &ends, why);
	secret_ration_free(child->ration);
	child->ration = NULL;
out:
	/* the reading ends are the child's now and closed with it */
	close_all((const int[]){ends.report, ends.output}, 2);
	close_all(ends.doors, ends.door_count);
	return result;
}

struct child *child_start(const struct child_world *world, const struct child_order *order,
			  struct gate *gate, struct arena *arena, struct text *why)
{
	const struct observation *observation = order->observation;
	struct child *child = calloc(1, sizeof(*child));

	if (child == NULL) {
		text_error(why, "out of memory");
		return NULL;
	}
	child->pid_fd = child->report_fd = -1;
	child->output_fd = child->poll_fd = -1;
	memset(child->passes, -1, sizeof(child->passes));
	child->gate = gate;
	child->arena = arena;
	child->work_s = observation_work(observation);
	child->longest_s = observation_longest(observation);
	child->resumes = order->resumes;
	child->started = clock_wall();
	child->inbox = malloc(INBOX_SIZE);
	child->secrets = world->secrets == NULL ? secrets_new(world->profile)
						: secrets_above(world->secrets);
	child->store = evidence_store_new(world->run_directory, observation->id, order->attempt,
					  child->secrets);
	child->records = (struct child_records){
		.arena = arena,
		.defs = observation->probe->facts,
		.profile = world->profile,
		.store = child->store,
		.secrets = child->secrets,
	};
	if (child->inbox == NULL || child_open(child, world, order, why) != 0) {
		child_free(child);
		return NULL;
	}
	return child;
}

void child_free(struct child *child)
{
	struct gate_traffic traffic = {0};

	if (child == NULL) {
		return;
	}
	if (child->pid > 0) {
		kill(child->pid, SIGKILL);
		waitpid(child->pid, NULL, 0);
	}
	(void)child_dismiss(child, &traffic);
	close_all((const int[]){child->pid_fd, child->report_fd, child->output_fd, child->poll_fd},
		  4);
	evidence_store_free(child->store);
	secrets_free(child->secrets);
	free(child->inbox);
	free(child);
}
