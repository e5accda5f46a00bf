/* watchdog_test: in the middle of a load the runner, the gate, the monitor and
 * the check are stopped, killed and interrupted in turn; what the device hears
 * then is counted by the time stamps of its own interface. */
/* needs: namespace */
/* needs: quiet */
/* timeout: 300 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <time.h>

#include "harness/base/test_calm.h"
#include "harness/gate/test_link.h"
#include "harness/run/test_plan.h"

#include "harness/banned.h"

enum { RATE = 5000, LOAD_MS = 4000, PORT = 80, LIMIT_NS = 10 * 1000 * 1000 };

static struct test_link tested;
static struct test_plan plan;
static int listener, device;
static pid_t runner;
static pid_t stopped; /* a process of the run, by strike(); 0: none, or ended */

static const struct essential_function function = {
	.name = "control runs", .watch = "test.counter", .period_ms = 10, .tripwire_ms = 2000};

static int count_up(struct probe_run *run, void **state, int64_t deadline_ns, double *ret_value)
{
	int *count = *state != NULL ? *state : probe_alloc(run, sizeof(int));

	(void)deadline_ns;
	*state = count;
	*ret_value = ++*count;
	return 0;
}

static const struct monitor monitor = {.id = "test.counter", .progress = true, .sample = count_up};
static const struct planned_monitor planned = {.monitor = &monitor, .function = &function};

/* One load, whatever becomes of it. */
static int load(struct probe_run *run)
{
	struct storm_order order = {.parts = {{"tcp-syn", PORT}},
				    .frames_per_s = RATE,
				    .duration_ms = LOAD_MS,
				    .function = &probe_profile(run)->functions[0]};
	struct storm_result *result = probe_alloc(run, sizeof(*result));
	int error = probe_storm(run, &order, result);

	if (error != 0) {
		return probe_give_up(run, WHY_PROBE_FAILED, "error %d", error);
	}
	probe_saw_int(run, "number", (int64_t)result->sent);
	if (result->end == STORM_UNWATCHED) {
		return probe_give_up(run, WHY_UNWATCHED, "%s",
				     result->runner_missing ? "runner" : "monitor");
	}
	return result->end == STORM_COMPLETE
		       ? 0
		       : probe_give_up(run, WHY_NOT_REACHED, "stopped by %d", (int)result->end);
}

/* --- what the device hears ------------------------------------------------------ */

static int64_t wall_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

enum heard_as { NOT_LOAD, LOAD, LOAD_BEGINS };

/* The load's SYNs come from ports that are nobody else's, and their sequence
 * numbers are scattered from 0 on. */
static enum heard_as what_is(const uint8_t *frame, size_t size)
{
	static const uint8_t zero[4];
	unsigned port = size < 54 ? 0 : (unsigned)frame[34] << 8 | frame[35];
	bool syn = size >= 54 && frame[12] == 0x08 && frame[13] == 0 && frame[23] == 6 &&
		   frame[47] == 2;

	if (!syn || port < 20000 || port >= 28000) {
		return NOT_LOAD;
	}
	return memcmp(frame + 38, zero, 4) == 0 ? LOAD_BEGINS : LOAD;
}

/* Takes one frame within timeout_ms. Returns what it is, and when it came
 * (CLOCK_REALTIME); NOT_LOAD for none. */
static enum heard_as hear(int timeout_ms, int64_t *ret_ns)
{
	struct pollfd ready = {.fd = listener, .events = POLLIN};
	union {
		struct cmsghdr align;
		char bytes[256];
	} control;
	uint8_t frame[2048];
	struct iovec io = {frame, sizeof(frame)};
	struct msghdr message = {.msg_iov = &io,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};
	struct cmsghdr *header;
	struct timespec stamp;
	ssize_t got;

	if (poll(&ready, 1, timeout_ms) <= 0) {
		return NOT_LOAD;
	}
	got = recvmsg(listener, &message, 0);
	header = CMSG_FIRSTHDR(&message);
	while (header != NULL && header->cmsg_type != SCM_TIMESTAMPNS) {
		header = CMSG_NXTHDR(&message, header);
	}
	assert_true(got > 0);
	assert_non_null(header);
	memcpy(&stamp, CMSG_DATA(header), sizeof(stamp));
	*ret_ns = stamp.tv_sec * NS_PER_S + stamp.tv_nsec;
	return what_is(frame, (size_t)got);
}

/* Waits until the load has gone on for a while. */
static void await_load(void)
{
	int64_t at, give_up = clock_ns() + 20 * NS_PER_S;
	int count = 0;

	while (count < RATE / 2) {
		assert_true(clock_ns() < give_up);
		count += hear(100, &at) != NOT_LOAD;
	}
}

struct heard {
	int64_t last_ns; /* of the load, CLOCK_REALTIME */
	int late;        /* frames of the load more than LIMIT_NS after the signal */
	int lingering;   /* of these, before another load began */
};

/* Hears on until no frame of the load has come for half a second. */
static struct heard hear_the_rest(int64_t since_ns)
{
	struct heard heard = {.last_ns = since_ns};
	int64_t at = 0, quiet = clock_ns() + NS_PER_S / 2;
	bool another = false;
	enum heard_as frame;

	while (clock_ns() < quiet) {
		frame = hear(50, &at);
		if (frame == NOT_LOAD) {
			continue;
		}
		another = another || frame == LOAD_BEGINS;
		heard.last_ns = at;
		heard.late += at - since_ns > LIMIT_NS;
		heard.lingering += at - since_ns > LIMIT_NS && !another;
		quiet = clock_ns() + NS_PER_S / 2;
	}
	return heard;
}

/* --- the run ----------------------------------------------------------------------- */

/* Returns the run's exit code, or -signal. */
static int wait_run(void)
{
	pid_t pid = runner;

	runner = 0;
	return test_plan_wait(pid);
}

static void end_run(void)
{
	if (runner > 0) {
		kill(runner, SIGKILL);
		(void)wait_run();
	}
	/* where it does not end by itself, it still ends with its test */
	if (stopped > 0) {
		kill(stopped, SIGKILL);
		stopped = 0;
	}
}

static int set_up(void **state)
{
	struct profile *profile = &plan.bench.profile;

	(void)state;
	test_link_up(&tested);
	device = test_device_listen(&tested, PORT);
	listener = test_device_listener(&tested);
	test_plan_init(&plan, PEER_DEAD);
	profile->link.interface = "t0";
	profile->link.address = address_of(TEST_DEVICE);
	profile->link.source = address_of(TEST_TESTER);
	profile->budget.load_frames_per_s = RATE;
	profile->functions = &function;
	profile->function_count = 1;
	plan.bench.services[0].port = PORT;
	test_plan_add(&plan, "a.load", IMPACT_STRESS, load);
	plan.probes[0].needs = NEEDS_STORM;
	plan.probes[0].timeout_s = 20;
	plan.plan.monitors = &planned;
	plan.plan.monitor_count = 1;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	end_run();
	test_plan_release(&plan);
	close(listener);
	close(device);
	test_link_down(&tested);
	return 0;
}

enum victim { RUNNER, GATE, MONITOR, CHECK };

/* The runner's processes, in the order in which they were started. */
static pid_t victim_of(enum victim victim)
{
	char path[64], text[256] = "", *rest = text;
	pid_t pids[8] = {runner};
	size_t count = 1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)runner, (int)runner);
	file = fopen(path, "re");
	assert_non_null(file);
	assert_non_null(fgets(text, sizeof(text), file));
	fclose(file);
	while (*rest != '\0' && *rest != '\n' && count < ARRAY_SIZE(pids)) {
		pids[count] = (pid_t)strtol(rest, &rest, 10);
		count += pids[count] > 0;
		rest += *rest == ' ';
	}
	assert_int_equal(count, 4); /* the looks' children are gone */
	return pids[victim];
}

/* Starts a run and, in the middle of its load, sends the signal. Returns what
 * the device heard from then on; the run goes on. */
static struct heard strike(enum victim victim, int signal_number)
{
	struct heard heard;
	int64_t struck;
	pid_t pid;

	runner = test_plan_start(&plan);
	await_load();
	pid = victim_of(victim);
	struck = wall_ns();
	assert_int_equal(kill(pid, signal_number), 0);
	stopped = signal_number == SIGSTOP && victim != RUNNER ? pid : 0;
	heard = hear_the_rest(struck);
	print_message("last frame %.3f ms after the signal\n",
		      (double)(heard.last_ns - struck) / 1e6);
	return heard;
}

/* --- a process that goes takes the load with it --------------------------------------- */

static void a_stopped_runner_stops_the_load(void **state)
{
	(void)state;
	assert_int_equal(strike(RUNNER, SIGSTOP).late, 0);
	end_run();
}

static void a_killed_runner_stops_the_load(void **state)
{
	(void)state;
	assert_int_equal(strike(RUNNER, SIGKILL).late, 0);
	end_run();
}

static void an_interrupted_runner_stops_the_load(void **state)
{
	(void)state;
	assert_int_equal(strike(RUNNER, SIGINT).late, 0);
	assert_int_equal(wait_run(), 130);
}

static void a_stopped_gate_sends_nothing(void **state)
{
	(void)state;
	assert_int_equal(strike(GATE, SIGSTOP).late, 0);
	end_run();
}

/* True once nobody has this number any more, or a process that has ended. */
static bool has_ended(pid_t pid)
{
	char path[64], text[256] = "";
	const char *state;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (file == NULL) {
		return true;
	}
	(void)!fgets(text, sizeof(text), file);
	fclose(file);
	state = strrchr(text, ')');
	return state == NULL || state[2] == 'Z' || state[2] == 'X';
}

/* The runner may signal nobody by then, and the gate does nothing: the kernel
 * lets it go on, for as long as the runner's last beat, and it ends. */
static void a_stopped_gate_ends_with_its_runner(void **state)
{
	int64_t give_up, killed;
	pid_t gate;

	(void)state;
	assert_int_equal(strike(GATE, SIGSTOP).late, 0);
	gate = stopped;
	killed = wall_ns();
	kill(runner, SIGKILL);
	(void)wait_run();
	give_up = clock_ns() + 3 * NS_PER_S;
	while (!has_ended(gate) && clock_ns() < give_up) {
		clock_sleep_until(clock_ns() + 10 * NS_PER_MS);
	}
	assert_true(has_ended(gate));
	stopped = 0;
	assert_int_equal(hear_the_rest(killed).late, 0);
}

static void a_killed_gate_sends_nothing(void **state)
{
	(void)state;
	assert_int_equal(strike(GATE, SIGKILL).late, 0);
	assert_int_equal(wait_run(), 3);
}

/* As the kernel does when the gate makes a call that is not on its list. */
static void a_gate_that_did_what_it_may_not_is_said_so(void **state)
{
	(void)state;
	(void)strike(GATE, SIGSYS);
	assert_int_equal(wait_run(), 3);
	assert_non_null(strstr(test_plan_said(&plan),
			       "the gate's process is gone: it made a system call that it may "
			       "not (SIGSYS)"));
}

static void an_interrupted_gate_stops_the_load(void **state)
{
	(void)state;
	assert_int_equal(strike(GATE, SIGINT).late, 0);
	assert_int_equal(wait_run(), 0);
	assert_string_equal(test_plan_saw(&plan, "a.load", "why"), "\"not-reached\"");
}

/* Nobody watches any more: it proves nothing, neither good nor bad. */
static void assert_unwatched(void)
{
	assert_int_equal(wait_run(), 0);
	assert_string_equal(test_plan_saw(&plan, "a.load", "outcome"), "\"gave-up\"");
	assert_string_equal(test_plan_saw(&plan, "a.load", "why"), "\"unwatched\"");
	assert_string_equal(test_plan_saw(&plan, "a.load", "reason"), "\"monitor\"");
}

static void a_stopped_monitor_stops_the_load(void **state)
{
	(void)state;
	assert_int_equal(strike(MONITOR, SIGSTOP).late, 0);
	assert_unwatched();
}

static void a_killed_monitor_stops_the_load(void **state)
{
	(void)state;
	assert_int_equal(strike(MONITOR, SIGKILL).late, 0);
	assert_unwatched();
}

static void a_killed_check_takes_its_load_with_it(void **state)
{
	(void)state;
	/* the runner looks at the device and tries once more */
	assert_int_equal(strike(CHECK, SIGKILL).lingering, 0);
	end_run();
}

/* --- and what does not go, does not ----------------------------------------------------- */

/* The terminal's signals are the runner's: monitors and checks pass over them. */
static void an_interrupt_of_monitor_or_check_changes_nothing(void **state)
{
	(void)state;
	assert_true(strike(MONITOR, SIGINT).late > RATE / 2);
	assert_int_equal(wait_run(), 0);
	assert_string_equal(test_plan_saw(&plan, "a.load", "outcome"), "\"complete\"");
	assert_string_equal(test_plan_saw(&plan, "a.load", "facts"), "{\"number\":20000}");
}

/* A check orders its load and waits: stopped, it gets the load that was
 * ordered and not one frame more, since runner and monitor go on watching. */
static void a_stopped_check_gets_what_it_ordered_and_no_more(void **state)
{
	struct heard heard;
	(void)state;
	heard = strike(CHECK, SIGSTOP);
	assert_true(heard.late > RATE / 2);
	assert_true(heard.late < RATE * LOAD_MS / 1000);
	end_run();
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_stopped_runner_stops_the_load),
		TEST(a_killed_runner_stops_the_load),
		TEST(an_interrupted_runner_stops_the_load),
		TEST(a_stopped_gate_sends_nothing),
		TEST(a_stopped_gate_ends_with_its_runner),
		TEST(a_killed_gate_sends_nothing),
		TEST(a_gate_that_did_what_it_may_not_is_said_so),
		TEST(an_interrupted_gate_stops_the_load),
		TEST(a_stopped_monitor_stops_the_load),
		TEST(a_killed_monitor_stops_the_load),
		TEST(a_killed_check_takes_its_load_with_it),
		TEST(an_interrupt_of_monitor_or_check_changes_nothing),
		TEST(a_stopped_check_gets_what_it_ordered_and_no_more),
	};

	return test_calm_run(tests, NULL, NULL);
}
