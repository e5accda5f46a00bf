/* monitor: the runner's side: starts one sandboxed process per essential function,
 * reads what it tells, and ends it. */
#define _GNU_SOURCE
#include "harness/run/monitor.h"
#include "harness/base/page.h"
#include "harness/base/process.h"
#include "harness/run/evidence.h"
#include "harness/run/ring.h"
#include "harness/run/sampling.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/banned.h"

#define STOP_WAIT_NS (2 * NS_PER_S)

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
	_exit(sampling_live(s, channel >= 0));
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
