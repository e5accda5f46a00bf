/* monitor: one sandboxed process per essential function that takes a sample at
 * every period and writes it to the ring and to a CSV file. */
#define _GNU_SOURCE
#include "harness/run/monitor.h"
#include "harness/base/page.h"
#include "harness/base/process.h"
#include "harness/gate/pulse.h"
#include "harness/run/evidence.h"
#include "harness/run/monitor_calls.h"
#include "harness/run/probe_run.h"
#include "harness/run/ring.h"
#include "harness/run/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/banned.h"

#define FLUSH_NS       (500 * NS_PER_MS)
#define STOP_LOOK_NS   (50 * NS_PER_MS)
#define STOP_WAIT_NS   (2 * NS_PER_S)
#define CSV_MOST_BYTES ((size_t)4 << 30)
#define WEEK_S         (7u * 24 * 3600)

/* What the monitor's process tells the runner, and it alone writes. */
struct counts {
	_Atomic int64_t samples, answered, missed, given_way;
	_Atomic int64_t worst_gap_ns, last_progress_ns;
};

/* What the runner tells the monitor, and it alone writes. */
struct orders {
	_Atomic bool stop, give_way;
};

struct monitor_process {
	pid_t pid; /* 0: waited for */
	struct page counts_page, orders_page;
	const struct counts *counts;
	struct orders *orders;
	struct gate *gate;
	int pass;
	char folder[128], csv[192]; /* relative to the run directory */
	char stderr_path[4096];
	const struct secrets *secrets; /* borrowed; may be NULL */
};

/* All the process needs while it samples. */
struct sampling {
	struct probe_run run;
	const struct monitor *monitor;
	const struct essential_function *function;
	struct sample_ring *ring;
	struct counts *counts;
	const struct orders *orders;
	struct pulse *pulse; /* NULL where no gate is */
	struct pulse_beater beater;
	int csv_fd;
	char buffer[32768];
	size_t buffered;
	int64_t flushed_ns;
	double last_value;
	bool seen; /* last_value holds an answer */
	bool away; /* it gives way to a check */
};

/* --- in the monitor's process ---------------------------------------------- */

static void csv_flush(struct sampling *s, int64_t now)
{
	size_t at = 0;
	ssize_t wrote;

	while (at < s->buffered) {
		wrote = write(s->csv_fd, s->buffer + at, s->buffered - at);
		if (wrote <= 0) {
			break; /* a full disk must not stop the watch */
		}
		at += (size_t)wrote;
	}
	s->buffered = 0;
	s->flushed_ns = now;
}

static void csv_add(struct sampling *s, const struct sample *sample)
{
	int size;

	if (sizeof(s->buffer) - s->buffered < 256) {
		csv_flush(s, sample->done_ns);
	}
	size = snprintf(s->buffer + s->buffered, sizeof(s->buffer) - s->buffered,
			"%.6f,%.6f,%.6f,%d,%.17g\n", (double)sample->due_ns / 1e9,
			(double)sample->sent_ns / 1e9, (double)sample->done_ns / 1e9,
			sample->answered, sample->value);
	s->buffered += (size_t)size;
	if (sample->done_ns - s->flushed_ns >= FLUSH_NS) {
		csv_flush(s, sample->done_ns);
	}
}

/* Answered, and the value has moved on where it must. Equal bits are what a
 * frozen counter shows; there is no tolerance. */
static bool is_progress(struct sampling *s, const struct sample *sample)
{
	bool moved = !s->seen || sample->value < s->last_value || sample->value > s->last_value;

	if (!sample->answered) {
		return false;
	}
	s->seen = true;
	s->last_value = sample->value;
	return moved || !s->monitor->progress;
}

static void account_for(struct sampling *s, const struct sample *sample)
{
	struct counts *counts = s->counts;
	int64_t gap = sample->done_ns - atomic_load(&counts->last_progress_ns);
	bool progress = is_progress(s, sample);

	atomic_fetch_add(&counts->samples, 1);
	atomic_fetch_add(&counts->answered, sample->answered);
	if (gap > atomic_load(&counts->worst_gap_ns)) {
		atomic_store(&counts->worst_gap_ns, gap);
	}
	if (progress) {
		atomic_store(&counts->last_progress_ns, sample->done_ns);
	}
	if (s->pulse != NULL && s->function->tripwire_ms > 0) {
		pulse_trip(s->pulse, !progress && gap >= s->function->tripwire_ms * NS_PER_MS);
	}
}

/*
 * How long a sample may wait, from when it was sent: a period, or a quarter of
 * the gap that is tolerated where that is longer. A device that always answers
 * after 15 ms loses nothing when it is asked every 10, while one answer that
 * is lost leaves three more tries. No sample waits past the tripwire's moment.
 */
static int64_t wait_end(const struct sampling *s, int64_t sent_ns)
{
	int64_t fair_ns = s->function->period_ms * NS_PER_MS;
	int64_t quarter_ns = s->function->tolerance.gap_ms * NS_PER_MS / 4;
	int64_t trip_ns =
		atomic_load(&s->counts->last_progress_ns) + s->function->tripwire_ms * NS_PER_MS;

	if (fair_ns < quarter_ns) {
		fair_ns = quarter_ns;
	}
	if (trip_ns > sent_ns && trip_ns < sent_ns + fair_ns) {
		return trip_ns;
	}
	return sent_ns + fair_ns;
}

static void take_sample(struct sampling *s, void **state, int64_t due_ns)
{
	struct sample sample = {.due_ns = due_ns, .sent_ns = clock_ns()};

	sample.answered =
		s->monitor->sample(&s->run, state, wait_end(s, sample.sent_ns), &sample.value) == 0;
	sample.done_ns = clock_ns();
	if (!sample.answered) {
		sample.value = 0;
	}
	sample_ring_add(s->ring, &sample);
	account_for(s, &sample);
	csv_add(s, &sample);
}

/* Sleeps until the sample is due. Returns false when the runner wants an end.
 */
static bool wait_until(const struct sampling *s, int64_t due_ns)
{
	int64_t look;

	do {
		if (atomic_load(&s->orders->stop)) {
			return false;
		}
		look = clock_ns() + STOP_LOOK_NS;
		clock_sleep_until(look < due_ns ? look : due_ns);
	} while (look < due_ns);
	return true;
}

/* True while a check has the service: its connection is given back, and time does
 * not count against the function. */
static bool gives_way(struct sampling *s, void *state)
{
	if (!atomic_load(&s->orders->give_way)) {
		if (s->away) {
			s->away = false;
			s->seen = false;
			atomic_store(&s->counts->last_progress_ns, clock_ns());
		}
		return false;
	}
	if (!s->away && state != NULL && s->monitor->release != NULL) {
		s->monitor->release(&s->run, state);
	}
	s->away = true;
	atomic_fetch_add(&s->counts->given_way, 1);
	return true;
}

/*
 * Samples at absolute times. A slot that has passed whole before its sample
 * could be sent is skipped and counted, and leaves no sample: the readers take
 * time in which no sample was under way for the tester's, not the device's.
 */
static void sample_for_ever(struct sampling *s)
{
	int64_t period_ns = s->function->period_ms * NS_PER_MS;
	int64_t due_ns = clock_ns() + period_ns, behind;
	void *state = NULL;

	atomic_store(&s->counts->last_progress_ns, due_ns);
	while (wait_until(s, due_ns)) {
		if (!gives_way(s, state)) {
			take_sample(s, &state, due_ns);
		}
		due_ns += period_ns;
		behind = (clock_ns() - due_ns) / period_ns;
		if (behind > 0) {
			atomic_fetch_add(&s->counts->missed, behind);
			due_ns += behind * period_ns;
		}
	}
	csv_flush(s, clock_ns());
}

/*
 * Ahead of what else runs on the tester, where that is allowed. With three busy
 * processes on two cores the latest of 300 wakings was 17 ms late at nice 0, 4
 * at -5, 2 at -15 and in the real-time class; only that is also ahead of other
 * sessions and control groups.
 */
static void come_first(void)
{
	struct sched_param first = {.sched_priority = 2};

	/* the thread that beats inherits it where it may not go higher; nothing
	 * else can be started */
	if (sched_setscheduler(0, SCHED_FIFO, &first) != 0) {
		(void)setpriority(PRIO_PROCESS, 0, -15);
	}
	prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
}

/* The last thread there will be, then the filter for both. */
static int begin_to_beat(void *argument)
{
	struct sampling *s = argument;
	struct text why;

	if (s->pulse != NULL && pulse_beat(&s->beater, s->pulse, -1) != 0) {
		return -1;
	}
	if (monitor_calls_enter(&why) != 0) {
		fprintf(stderr, "assay: %s\n", why.s);
		return -1;
	}
	return 0;
}

static int monitor_live(struct sampling *s, bool channel)
{
	static const char head[] = "due_s,sent_s,done_s,answered,value\n";
	struct sandbox_limits limits = {.cpu_seconds = WEEK_S,
					.file_bytes = CSV_MOST_BYTES,
					.begin = begin_to_beat,
					.argument = s};
	struct text why;

	come_first();
	s->csv_fd = 3;
	if (channel) {
		s->run.channel = gate_channel_new(4);
	}
	if (sandbox_enter_with(&limits, &why) != 0) {
		fprintf(stderr, "assay: %s\n", why.s);
		return 1;
	}
	memcpy(s->buffer, head, sizeof(head) - 1);
	s->buffered = sizeof(head) - 1;
	sample_for_ever(s);
	return 0;
}

/* --- in the runner ------------------------------------------------------------ */

/* RUN/evidence/monitor-<name>/samples.csv, or samples-2.csv where a run that
 * was resumed has left one. Returns the descriptor. */
static int csv_create(struct monitor_process *process, const char *directory, const char *name,
		      struct text *why)
{
	char path[4096], plain[64];
	size_t i;
	int fd = -1, number;

	for (i = 0; name[i] != '\0' && i < sizeof(plain) - 1; i++) {
		char c = name[i];

		plain[i] = (char)((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
						  (c >= '0' && c <= '9')
					  ? c
					  : '-');
	}
	plain[i] = '\0';
	snprintf(process->folder, sizeof(process->folder), "evidence/monitor-%s", plain);
	snprintf(path, sizeof(path), "%s/%s", directory, process->folder);
	if (folder_make(path, why) != 0) {
		return -1;
	}
	for (number = 1; number < 1000 && fd < 0; number++) {
		snprintf(process->csv, sizeof(process->csv),
			 number == 1 ? "%s/samples.csv" : "%s/samples-%d.csv", process->folder,
			 number);
		snprintf(path, sizeof(path), "%s/%s", directory, process->csv);
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
		if (fd < 0 && errno != EEXIST) {
			break;
		}
	}
	snprintf(process->stderr_path, sizeof(process->stderr_path), "%s/%s/stderr.txt", directory,
		 process->folder);
	if (fd < 0) {
		text_error(why, "cannot create '%s': %s", path, strerror(errno));
	}
	return fd;
}

static int monitor_admit(struct monitor_process *process, const char *name, int *ret_channel,
			 struct text *why)
{
	struct gate_pass pass = {.impact = IMPACT_OBSERVE, .needs = NEEDS_WIRE, .monitor = true};

	snprintf(pass.observation, sizeof(pass.observation), "monitor %s", name);
	process->pass = gate_admit(process->gate, &pass, -1, ret_channel, why);
	return process->pass < 0 ? -1 : 0;
}

/* Takes what this process alone is to write. */
static int take_pages(const struct monitor_process *process, struct sampling *s, size_t index)
{
	s->counts = page_write(&process->counts_page);
	s->orders = page_read(&process->orders_page);
	if (process->gate != NULL) {
		s->pulse = gate_pulse(process->gate, index);
		if (s->pulse == NULL) {
			return -1;
		}
	}
	return s->counts == NULL || s->orders == NULL ? -1 : sample_ring_open(s->ring);
}

static _Noreturn void monitor_main(const struct monitor_process *process, struct sampling *s,
				   const int *fds)
{
	int output = fds[0], csv = fds[1], channel = fds[2];
	int keep[2] = {csv, channel};
	size_t index = (size_t)(s->function - s->run.world->profile->functions);

	if (take_pages(process, s, index) != 0) {
		_exit(1);
	}
	if (child_settle(output, keep, channel >= 0 ? 2 : 1) != 0) {
		_exit(1);
	}
	_exit(monitor_live(s, channel >= 0));
}

static int monitor_fork(struct monitor_process *process, struct sampling *s, int csv,
			struct text *why)
{
	int channel = -1, output, result = 0;

	output = open(process->stderr_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (process->gate != NULL &&
	    monitor_admit(process, s->function->name, &channel, why) != 0) {
		close(output);
		return -1;
	}
	fflush(NULL);
	process->pid = fork();
	if (process->pid == 0) {
		monitor_main(process, s, (const int[]){output, csv, channel});
	}
	if (process->pid < 0) {
		process->pid = 0;
		result = text_error(why, "cannot start a process: %s", strerror(errno));
	}
	if (channel >= 0) {
		close(channel);
	}
	close(output);
	return result;
}

static void make_pages(struct monitor_process *process)
{
	if (page_new(&process->counts_page, "assay-monitor", sizeof(struct counts)) != 0 ||
	    page_new(&process->orders_page, "assay-orders", sizeof(struct orders)) != 0) {
		BUG("no shared memory for a monitor");
	}
	process->counts = page_read(&process->counts_page);
	process->orders = page_write(&process->orders_page);
	if (process->counts == NULL || process->orders == NULL) {
		BUG("no shared memory for a monitor");
	}
}

struct monitor_process *monitor_start(const struct child_world *world,
				      const struct monitor *monitor,
				      const struct param_value *params, size_t param_count,
				      size_t index, struct gate *gate, struct text *why)
{
	struct monitor_process *process = calloc(1, sizeof(*process));
	struct sampling *s = calloc(1, sizeof(*s));
	int csv, result = -1;

	if (process == NULL || s == NULL) {
		BUG("out of memory");
	}
	process->gate = gate;
	process->secrets = world->secrets;
	process->pass = -1;
	make_pages(process);
	*s = (struct sampling){
		.run = {.world = world,
			.param_defs = monitor->params,
			.params = params,
			.param_count = param_count,
			.arena = arena_new(),
			.report_fd = -1,
			.deadline_ns = INT64_MAX},
		.monitor = monitor,
		.function = &world->profile->functions[index],
		.ring = world->rings[index],
	};
	csv = csv_create(process, world->run_directory, s->function->name, why);
	if (csv >= 0) {
		result = monitor_fork(process, s, csv, why);
		close(csv);
	}
	arena_free(s->run.arena);
	free(s);
	if (result != 0) {
		monitor_stop(process);
		return NULL;
	}
	return process;
}

struct monitor_totals monitor_totals(const struct monitor_process *process)
{
	const struct counts *counts = process->counts;
	siginfo_t info = {.si_pid = 0};
	struct monitor_totals totals = {
		.samples = atomic_load(&counts->samples),
		.answered = atomic_load(&counts->answered),
		.missed = atomic_load(&counts->missed),
		.given_way = atomic_load(&counts->given_way),
		.worst_gap_ms = (double)atomic_load(&counts->worst_gap_ns) / 1e6,
		.last_progress_ns = atomic_load(&counts->last_progress_ns),
	};

	totals.running =
		process->pid > 0 &&
		waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
		info.si_pid == 0;
	return totals;
}

void monitor_end(const struct monitor_process *process, struct text *ret)
{
	process_end(process->pid, "its process", ret);
}

void monitor_give_way(struct monitor_process *process, bool gives)
{
	atomic_store(&process->orders->give_way, gives);
}

bool monitor_gives_way(const struct monitor_process *process)
{
	return atomic_load(&process->orders->give_way);
}

const char *monitor_evidence(const struct monitor_process *process)
{
	return process->csv;
}

void monitor_halt(struct monitor_process *process)
{
	struct gate_traffic traffic;
	int64_t deadline = clock_ns() + STOP_WAIT_NS;
	struct stat status;

	if (process->pid > 0) {
		atomic_store(&process->orders->stop, true);
		while (waitpid(process->pid, NULL, WNOHANG) == 0) {
			if (clock_ns() > deadline) {
				kill(process->pid, SIGKILL);
			}
			clock_sleep_until(clock_ns() + NS_PER_MS);
		}
		process->pid = 0;
	}
	if (process->pass >= 0) {
		(void)gate_dismiss(process->gate, process->pass, &traffic);
		process->pass = -1;
	}
	/* what a crashing monitor said stays, and acts on no terminal; silence needs no file */
	if (stat(process->stderr_path, &status) == 0 && status.st_size == 0) {
		unlink(process->stderr_path);
	} else {
		(void)evidence_clean(process->stderr_path, process->secrets, NULL);
	}
}

void monitor_stop(struct monitor_process *process)
{
	if (process == NULL) {
		return;
	}
	monitor_halt(process);
	munmap((void *)(uintptr_t)process->counts, sizeof(*process->counts));
	munmap(process->orders, sizeof(*process->orders));
	page_release(&process->counts_page);
	page_release(&process->orders_page);
	free(process);
}
