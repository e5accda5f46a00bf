/* child: starts one observation's process, reads its report, ends it. */
#define _GNU_SOURCE
#include "harness/run/child.h"
#include "harness/run/evidence.h"
#include "harness/run/probe_run.h"
#include "harness/run/report.h"
#include "harness/run/sandbox.h"
#include "probes/registry.h"

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

/* What a crashing library may say on stderr. */
#define MAX_STDERR 65536u

struct child {
	pid_t pid; /* 0: waited for */
	int pid_fd, report_fd, output_fd, poll_fd;
	struct gate *gate;
	int passes[CHILD_DOORS]; /* of the gate; -1: none */
	int64_t start_ns, deadline_ns;
	unsigned work_s;    /* what it may take beside its waits */
	unsigned longest_s; /* with all of them */
	const struct milestone *resumes;
	struct arena *arena; /* borrowed: the report's */
	struct report report;
	struct evidence_store *store;
	struct secrets *secrets;      /* the run's, and what the child makes up: owned */
	struct secret_ration *ration; /* what it may know; freed right after the fork */
	uint8_t *inbox;               /* bytes of the report not yet taken */
	size_t inbox_used;
	size_t output_size;
	bool stopped, timed_out; /* by us; at the deadline */
	bool broken;
	struct text broken_why;
	struct clock_text started;
};

/* The child's ends of its pipes and channels. */
struct ends {
	int report, output; /* -1: none yet */
	int doors[CHILD_DOORS];
	size_t door_count;
};

#define INBOX_SIZE (REPORT_HEADER + REPORT_MAX_RECORD + 65536)

/* --- in the child --------------------------------------------------------- */

int child_settle(int output, const int *keep, size_t keep_count)
{
	static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
	int null = open("/dev/null", O_RDONLY), moved[8];
	sigset_t none;
	size_t i;

	if (null < 0 || keep_count > ARRAY_SIZE(moved)) {
		return -1;
	}
	/* out of the way first: a wanted descriptor may sit on a low number */
	for (i = 0; i < keep_count; i++) {
		moved[i] = fcntl(keep[i], F_DUPFD, 64);
		if (moved[i] < 0) {
			return -1;
		}
	}
	if (output >= 0 && (dup2(output, 1) < 0 || dup2(output, 2) < 0)) {
		return -1;
	}
	if (dup2(null, 0) < 0) {
		return -1;
	}
	for (i = 0; i < keep_count; i++) {
		if (dup2(moved[i], 3 + (int)i) < 0) {
			return -1;
		}
	}
	/* the journal, other children's channels: none of its business */
	if (close_range(3 + (unsigned)keep_count, ~0U, 0) != 0) {
		return -1;
	}
	for (i = 0; i < ARRAY_SIZE(ignored); i++) {
		signal(ignored[i], SIG_IGN);
	}
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&none);
	return sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Everything the child does; returns its exit status. */
/* The driver's code may be in a module, which can be loaded before the sandbox alone. */
static int load_driver(struct probe_run *run, const struct observation *observation,
		       struct text *why)
{
	const struct session_driver *driver = NULL;
	size_t i;

	for (i = 0; i < observation->param_count && driver == NULL; i++) {
		if (observation->params[i].service != NULL &&
		    (observation->probe->needs & NEEDS_SESSION) != 0) {
			driver = driver_find(observation->params[i].service->protocol);
		}
	}
	run->driver = driver == NULL ? NULL : module_whole(driver, &driver->part, why);
	return driver != NULL && run->driver == NULL ? -1 : 0;
}

static int child_live(const struct child *child, const struct child_world *world,
		      const struct observation *observation, size_t doors)
{
	struct probe_run run = {
		.world = world,
		.param_defs = observation->probe->params,
		.params = observation->params,
		.param_count = observation->param_count,
		.fact_defs = observation->probe->facts,
		.arena = arena_new(),
		.report_fd = 3,
		.deadline_ns = child->deadline_ns,
		.longest_ns = child->start_ns + child->longest_s * NS_PER_S,
		.resumes = child->resumes,
		.ration = child->ration,
	};
	const struct probe *probe;
	struct text why;
	int result;

	secrets_wipe_environment(world->profile);
	for (; run.door_count < doors; run.door_count++) {
		run.doors[run.door_count] = gate_channel_new(4 + (int)run.door_count);
	}
	run.channel = run.doors[0];
	probe = module_whole(observation->probe, &observation->probe->part, &why);
	if (probe == NULL || load_driver(&run, observation, &why) != 0 ||
	    sandbox_enter(child->longest_s + 1, &why) != 0) {
		fprintf(stderr, "assay: %s\n", why.s);
		return 1;
	}
	result = probe->observe(&run);
	fflush(NULL);
	return probe_run_finish(&run, result) == 0 ? 0 : 1;
}

static _Noreturn void child_main(const struct child *child, const struct child_world *world,
				 const struct observation *observation, const struct ends *ends)
{
	int keep[1 + CHILD_DOORS] = {ends->report};

	memcpy(&keep[1], ends->doors, sizeof(ends->doors));
	if (child_settle(ends->output, keep, 1 + ends->door_count) != 0) {
		_exit(1);
	}
	_exit(child_live(child, world, observation, ends->door_count));
}

/* --- in the runner: the start ------------------------------------------------
 */

static int poll_add(int poll_fd, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	return epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event);
}

/* Asks the gate to let the child in, once for each of its doors. Returns 0 or -1. */
static int child_admit(struct child *child, const struct child_order *order, struct ends *ends,
		       struct text *why)
{
	struct gate_pass pass = {
		.impact = order->observation->probe->impact,
		.needs = order->observation->probe->needs,
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
	child->ration = secret_ration_new(child->report.secrets, order->observation->params,
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
	child->report = (struct report){
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

/* --- in the runner: the report ------------------------------------------------
 */

int child_fd(const struct child *child)
{
	return child->poll_fd;
}

int64_t child_deadline(const struct child *child)
{
	return child->deadline_ns;
}

void child_kill(struct child *child)
{
	if (child->pid > 0) {
		child->stopped = true;
		kill(child->pid, SIGKILL);
	}
}

unsigned child_milestone(const struct child *child, struct milestone *ret)
{
	const struct report *report = &child->report;

	*ret = (struct milestone){
		.what = report->wait.what,
		.until_ns = report->wait.until_ns,
		.facts = report->facts,
	};
	return report->waits;
}

/* What was declared as waiting is not the child's to account for, within what its
 * probe said it can take in all. */
static void take_waits(struct child *child)
{
	int64_t most_ns = child->start_ns + child->longest_s * NS_PER_S;

	child->deadline_ns = child->start_ns + child->work_s * NS_PER_S + child->report.waited_ns;
	if (child->deadline_ns > most_ns) {
		child->deadline_ns = most_ns;
	}
}

/* After a read: is there more? A closed end is no longer polled: the child may
 * live on, and its end would be readable for ever. */
static bool more(const struct child *child, int fd, ssize_t got)
{
	if (got == 0) {
		epoll_ctl(child->poll_fd, EPOLL_CTL_DEL, fd, NULL);
	}
	return got > 0 || (got < 0 && errno == EINTR);
}

/* Reads what the report's pipe holds. Returns true while there may be more. */
static bool report_read(struct child *child)
{
	ssize_t got = read(child->report_fd, child->inbox + child->inbox_used,
			   INBOX_SIZE - child->inbox_used);
	long used;

	if (got <= 0 || child->broken) {
		return more(child, child->report_fd, got);
	}
	child->inbox_used += (size_t)got;
	used = report_take(&child->report, child->inbox, child->inbox_used, &child->broken_why);
	if (used < 0) {
		child->broken = true;
		child->inbox_used = 0;
		child_kill(child);
		return true;
	}
	take_waits(child);
	child->inbox_used -= (size_t)used;
	memmove(child->inbox, child->inbox + used, child->inbox_used);
	/* what was taken is masked by now; other children inherit this memory */
	explicit_bzero(child->inbox + child->inbox_used, (size_t)used);
	return true;
}

/* Keeps what came on stdout and stderr. Returns true while there may be more.
 */
static bool output_read(struct child *child)
{
	char part[4096];
	ssize_t got = read(child->output_fd, part, sizeof(part));
	size_t size = got > 0 ? (size_t)got : 0;

	if (size > MAX_STDERR - child->output_size) {
		size = MAX_STDERR - child->output_size;
	}
	if (size > 0) {
		child->output_size += size;
		(void)evidence_add(child->store, EVIDENCE_STDERR, part, size, NULL);
	}
	return more(child, child->output_fd, got);
}

static void report_error(struct child_report *ret, enum why why, const char *reason)
{
	ret->outcome = CHILD_ERROR;
	ret->why = why;
	ret->reason = reason;
}

/* The rule of what a child's end means. */
static void child_judge(const struct child *child, int status, struct child_report *ret)
{
	struct arena *arena = child->arena;
	int signal_number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	const struct report *report = &child->report;

	ret->facts = report->facts;
	if (child->broken) {
		/* nothing it says is believed any more */
		ret->facts = (struct facts){.at = NULL};
		report_error(ret, WHY_BROKEN_REPORT, arena_strdup(arena, child->broken_why.s));
	} else if (child->timed_out) {
		report_error(ret, WHY_TIMED_OUT,
			     arena_printf(arena,
					  "it had not ended after %lld s and was "
					  "stopped",
					  (long long)((child->deadline_ns - child->start_ns) /
						      NS_PER_S)));
	} else if (signal_number != 0) {
		ret->signal = child->stopped ? 0 : signal_number;
		report_error(ret, WHY_CRASHED,
			     arena_printf(arena, "its process was ended by SIG%s",
					  sigabbrev_np(signal_number)));
	} else if (!report->done || WEXITSTATUS(status) != 0) {
		report_error(ret, WHY_PROBE_FAILED,
			     arena_printf(arena,
					  "its process ended with status %d "
					  "before its report was complete",
					  WEXITSTATUS(status)));
	} else if (report->gave_up && report->why == WHY_PROBE_FAILED) {
		report_error(ret, report->why, report->reason);
	} else if (report->gave_up) {
		ret->outcome = CHILD_GAVE_UP;
		ret->why = report->why;
		ret->reason = report->reason;
	}
}

static void traffic_add(struct gate_traffic *all, const struct gate_traffic *one)
{
	all->connections += one->connections;
	all->connects_failed += one->connects_failed;
	all->frames += one->frames;
	all->bytes += one->bytes;
	all->refused += one->refused;
	all->captured += one->captured;
	all->capture_dropped += one->capture_dropped;
	all->failed_logins += one->failed_logins;
	all->writes += one->writes;
	if (one->refused > 0) {
		memcpy(all->last_refusal, one->last_refusal, sizeof(all->last_refusal));
	}
}

/* Gives the gate its passes back. Returns 0 and what they did, or -1 when the gate
 * is gone. */
static int child_dismiss(struct child *child, struct gate_traffic *ret)
{
	struct gate_traffic one;
	int result = 0;
	size_t i;

	for (i = 0; i < CHILD_DOORS; i++) {
		if (child->passes[i] < 0) {
			continue;
		}
		if (gate_dismiss(child->gate, child->passes[i], &one) == 0) {
			traffic_add(ret, &one);
		} else {
			result = -1;
		}
		child->passes[i] = -1;
	}
	return result;
}

static void child_finish(struct child *child, int status, struct child_report *ret)
{
	struct child_report report = {.outcome = CHILD_COMPLETE};
	struct text why;

	report.seconds = (double)(clock_ns() - child->start_ns) / 1e9;
	report.started = arena_strdup(child->arena, child->started.s);
	report.gate_gone = child_dismiss(child, &report.traffic) != 0;
	child_judge(child, status, &report);
	if (evidence_finish(child->store, child->arena, &report.evidence, &report.evidence_count,
			    &why) != 0) {
		report.storage_error = arena_strdup(child->arena, why.s);
	}
	*ret = report;
}

int child_step(struct child *child, struct child_report *ret)
{
	struct epoll_event events[4];
	int i, count, status = 0;
	bool ended = false;

	if (child->pid == 0) {
		BUG("child_step after the end");
	}
	count = epoll_wait(child->poll_fd, events, 4, 0);
	for (i = 0; i < count; i++) {
		if (events[i].data.fd == child->pid_fd) {
			ended = true;
		} else if (events[i].data.fd == child->report_fd) {
			(void)report_read(child);
		} else {
			(void)output_read(child);
		}
	}
	if (!ended && !child->stopped && clock_ns() >= child->deadline_ns) {
		child->timed_out = true;
		child_kill(child);
	}
	if (!ended) {
		return 0;
	}
	while (report_read(child)) {
	}
	while (output_read(child)) {
	}
	if (waitpid(child->pid, &status, 0) != child->pid) {
		BUG("lost track of a child process");
	}
	child->pid = 0;
	child_finish(child, status, ret);
	return 1;
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
