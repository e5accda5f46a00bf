/* child_end: takes what a child says, enforces its deadline, and says what its end
 * means. */
#define _GNU_SOURCE
#include "harness/run/child_parts.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/banned.h"

/* What a crashing library may say on stderr. */
#define MAX_STDERR 65536u

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
	const struct child_records *records = &child->records;

	*ret = (struct milestone){
		.what = records->wait.what,
		.until_ns = records->wait.until_ns,
		.facts = records->facts,
	};
	return records->waits;
}

/* What was declared as waiting is not the child's to account for, within what its
 * probe said it can take in all. */
static void take_waits(struct child *child)
{
	int64_t most_ns = child->start_ns + child->longest_s * NS_PER_S;

	child->deadline_ns = child->start_ns + child->work_s * NS_PER_S + child->records.waited_ns;
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
	used = child_records_take(&child->records, child->inbox, child->inbox_used,
				  &child->broken_why);
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
	const struct child_records *records = &child->records;

	ret->facts = records->facts;
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
	} else if (!records->done || WEXITSTATUS(status) != 0) {
		report_error(ret, WHY_PROBE_FAILED,
			     arena_printf(arena,
					  "its process ended with status %d "
					  "before its report was complete",
					  WEXITSTATUS(status)));
	} else if (records->gave_up && records->why == WHY_PROBE_FAILED) {
		report_error(ret, records->why, records->reason);
	} else if (records->gave_up) {
		ret->outcome = CHILD_GAVE_UP;
		ret->why = records->why;
		ret->reason = records->reason;
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

int child_dismiss(struct child *child, struct gate_traffic *ret)
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
