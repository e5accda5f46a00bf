/* storm_test: load is accurate, bounded, counted, and ends at once. */
/* needs: namespace */
/* needs: quiet */
/* timeout: 240 */
#define _GNU_SOURCE
#include "harness/base/test_calm.h"
#include "harness/gate/gate.h"
#include "harness/gate/pulse.h"
#include "harness/gate/test_link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <time.h>

#include "harness/banned.h"

struct bench {
	struct test_link link;
	struct profile profile;
	struct gate *gate;
	struct gate_channel *channel;
	int pass, listener;
};

static struct bench bench;
static int beat_unless; /* the runner beats until it is readable; -1: always */
static struct storm_result result;

static const struct service services[] = {{.name = "web", .port = 80}};
static const struct gate_pass stress = {
	.observation = "test", .impact = IMPACT_STRESS, .needs = NEEDS_STORM};

static int set_up(void **state)
{
	(void)state;
	memset(&bench, 0, sizeof(bench));
	memset(&result, 0, sizeof(result));
	beat_unless = -1;
	test_link_up(&bench.link);
	bench.profile = test_link_profile();
	bench.profile.services = services;
	bench.profile.service_count = 1;
	bench.listener = test_device_listener(&bench.link);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	gate_channel_free(bench.channel);
	gate_stop(bench.gate);
	close(bench.listener);
	test_link_down(&bench.link);
	return 0;
}

static void admit(const struct gate_pass *what)
{
	struct text why = {.s = ""};
	int fd = -1;

	bench.pass = gate_admit(bench.gate, what, -1, &fd, &why);
	assert_true(bench.pass > 0);
	bench.channel = gate_channel_new(fd);
}

/* Forgets what the listener heard so far: the gate's own questions. */
static void forget_heard(void)
{
	uint8_t frame[2048];

	while (test_hear(bench.listener, frame, sizeof(frame), 20) > 0) {
	}
}

/* A load can only be counted where all of it is heard. */
static void need_room(void)
{
	if (!test_hears_load(bench.listener)) {
		print_message("needs the machine's root: SO_RCVBUFFORCE\n");
		skip();
	}
}

static void start(void)
{
	struct gate_ability ability;
	struct text why = {.s = ""};
	int code = 0;

	need_room();
	bench.gate = gate_start(&bench.profile, &ability, &code, &why);
	if (bench.gate == NULL) {
		fail_msg("%d: %s", code, why.s);
	}
	assert_int_equal(gate_beat(bench.gate, beat_unless), 0);
	admit(&stress);
	forget_heard();
}

static uint64_t count_heard(void)
{
	uint8_t frame[2048];
	uint64_t count = 0;

	while (test_hear(bench.listener, frame, sizeof(frame), 50) > 0) {
		count++;
	}
	return count;
}

static struct gate_traffic dismiss(void)
{
	struct gate_traffic traffic;

	gate_channel_free(bench.channel);
	bench.channel = NULL;
	assert_int_equal(gate_dismiss(bench.gate, bench.pass, &traffic), 0);
	return traffic;
}

static struct storm_order arp_order(int64_t rate, int64_t duration_ms)
{
	return (struct storm_order){.parts = {{.family = "arp-request"}},
				    .frames_per_s = rate,
				    .duration_ms = duration_ms};
}

/* One load at this rate, counted at three places. Returns the share of the
 * asked frames that were sent. */
static double share_sent(const char *sender, int64_t rate)
{
	struct storm_order order = arp_order(rate, 400);
	double asked = (double)rate * 0.4, seconds;

	order.sender = sender;

	assert_int_equal(gate_storm(bench.channel, &order, &result), 0);
	assert_string_equal(result.sender, sender);
	assert_int_equal(result.end, STORM_COMPLETE);
	assert_int_equal(result.send_errors, 0);
	assert_int_equal(result.interface_sent, result.sent);
	assert_int_equal(count_heard(), result.sent);
	assert_true((double)result.sent <= asked);
	seconds = (double)(result.end_ns - result.start_ns) / 1e9;
	assert_true(seconds < 0.45);
	return (double)result.sent / asked;
}

static void hold_rates(const char *sender)
{
	static const int64_t rates[] = {100, 1000, 5000, 20000, 50000};
	double share, best;
	uint64_t all = 0;
	size_t i, attempt;

	start();
	for (i = 0; i < ARRAY_SIZE(rates); i++) {
		best = 0;
		/* a busy machine may spoil some attempts, not all */
		for (attempt = 0; attempt < 5 && best < 0.99; attempt++) {
			share = share_sent(sender, rates[i]);
			best = share > best ? share : best;
			all += result.sent;
		}
		assert_true(best >= 0.99);
	}
	assert_int_equal(dismiss().frames, all);
}

static void sendmmsg_holds_rates_and_counts_frame_for_frame(void **state)
{
	(void)state;
	hold_rates("sendmmsg");
}

static void af_xdp_holds_rates_and_counts_frame_for_frame(void **state)
{
	(void)state;
	hold_rates("af-xdp");
}

/* The interface's queue is free for AF_XDP only some time after the load before. */
static void one_load_after_the_other_gets_the_fastest_sender(void **state)
{
	struct storm_order order = arp_order(1000, 20);
	int i;

	(void)state;
	start();
	for (i = 0; i < 5; i++) {
		assert_int_equal(gate_storm(bench.channel, &order, &result), 0);
		assert_string_equal(result.sender, "af-xdp");
		assert_int_equal(result.sent, 20);
	}
}

static void frames_beyond_what_can_be_sent_do_not_make_a_load_longer(void **state)
{
	static const char *const senders[] = {"sendmmsg", "af-xdp"};
	struct storm_order order = arp_order(100000000, 500);
	size_t i;

	(void)state;
	bench.profile.budget.load_frames_per_s = 100000000;
	start();
	for (i = 0; i < ARRAY_SIZE(senders); i++) {
		order.sender = senders[i];
		assert_int_equal(gate_storm(bench.channel, &order, &result), 0);
		assert_int_equal(result.end, STORM_COMPLETE);
		assert_true(result.sent < 50000000);
		assert_true(result.end_ns - result.start_ns < 560 * NS_PER_MS);
		assert_int_equal(result.interface_sent, result.sent);
	}
}

static void *take_link_down(void *argument)
{
	clock_sleep_until(clock_ns() + 100 * NS_PER_MS);
	test_shell("ip link set t0 down");
	return argument;
}

static void an_interface_that_goes_down_does_not_hold_the_load(void **state)
{
	static const char *const senders[] = {"sendmmsg", "af-xdp"};
	struct storm_order order = arp_order(5000, 400);
	int64_t before;
	pthread_t thread;
	size_t i;

	(void)state;
	start();
	for (i = 0; i < ARRAY_SIZE(senders); i++) {
		order.sender = senders[i];
		before = clock_ns();
		assert_int_equal(pthread_create(&thread, NULL, take_link_down, NULL), 0);
		assert_int_equal(gate_storm(bench.channel, &order, &result), 0);
		assert_true(clock_ns() - before < 600 * NS_PER_MS);
		pthread_join(thread, NULL);
		assert_in_range(result.sent, 100, 1500);
		assert_true(result.send_errors > 0);
		test_shell("ip link set t0 up");
	}
}

static void several_families_go_frame_by_frame(void **state)
{
	struct storm_order order = {.parts = {{"tcp-syn", 80}, {.family = "arp-request"}},
				    .frames_per_s = 1000,
				    .duration_ms = 100};
	uint8_t frame[2048];
	unsigned i;

	(void)state;
	start();
	assert_int_equal(gate_storm(bench.channel, &order, &result), 0);
	assert_int_equal(result.sent, 100);
	for (i = 0; i < 100; i++) {
		assert_true(test_hear(bench.listener, frame, sizeof(frame), 50) > 0);
		if (frame[12] == 8 && frame[13] == 0 && (frame[47] & 4) != 0) {
			i--; /* the tester's kernel answers with RST */
			continue;
		}
		assert_int_equal(frame[13], i % 2 == 0 ? 0 : 6);
	}
}

static void slices_add_up_to_what_was_sent(void **state)
{
	struct storm_order order = arp_order(2000, 600);
	uint64_t sum = 0;
	uint32_t i;

	(void)state;
	start();
	assert_int_equal(gate_storm(bench.channel, &order, &result), 0);
	assert_int_equal(result.slice_ms, 50);
	assert_in_range(result.slice_count, 11, 13);
	for (i = 0; i < result.slice_count; i++) {
		sum += result.slices[i];
	}
	assert_int_equal(sum, 1200);
	assert_true(result.cpu_share > 0 && result.cpu_share < 1);
	assert_true(result.worst_gap_us >= 500);
}

/* The tester's machine pauses: the gate does not run for 60 ms. */
static void *pause_gate(void *argument)
{
	int64_t at = clock_ns() + 200 * NS_PER_MS;

	(void)argument;
	clock_sleep_until(at);
	kill(gate_pid(bench.gate), SIGSTOP);
	at = clock_ns(); /* this thread may have been late itself */
	clock_sleep_until(at + 60 * NS_PER_MS);
	kill(gate_pid(bench.gate), SIGCONT);
	return NULL;
}

static void pause_is_made_up_and_no_tenth_of_a_second_carries_a_fifth_more(void **state)
{
	struct storm_order order = arp_order(2000, 1000);
	pthread_t thread;
	uint32_t i;

	(void)state;
	start();
	assert_int_equal(pthread_create(&thread, NULL, pause_gate, NULL), 0);
	assert_int_equal(gate_storm(bench.channel, &order, &result), 0);
	pthread_join(thread, NULL);
	assert_true(result.worst_gap_us >= 59000);
	assert_in_range(result.sent, 1980, 2000);
	for (i = 1; i < result.slice_count; i++) {
		assert_in_range(result.slices[i - 1] + result.slices[i], 0, 243);
	}
}

static void syns_reach_the_device_and_sham_syns_do_not(void **state)
{
	struct storm_order order = {
		.parts = {{"tcp-syn", 80}}, .frames_per_s = 2000, .duration_ms = 200};
	long before, after;

	(void)state;
	start();
	before = test_device_counter(&bench.link, "TcpInSegs");
	assert_int_equal(gate_storm(bench.channel, &order, &result), 0);
	after = test_device_counter(&bench.link, "TcpInSegs");
	assert_int_equal(after - before, 400);
	assert_int_equal(test_device_counter(&bench.link, "TcpInCsumErrors"), 0);
	assert_int_equal(count_heard(), 400);
	order.sham = true;
	assert_int_equal(gate_storm(bench.channel, &order, &result), 0);
	assert_int_equal(result.sent, 400);
	assert_int_equal(count_heard(), 400); /* the link carried them */
	assert_int_equal(test_device_counter(&bench.link, "TcpInSegs"), after);
}

static void load_beyond_scope_or_budget_is_refused(void **state)
{
	static const struct {
		struct storm_order order;
		int error;
	} cases[] = {
		{{{{"arp-request", 0}}, 200001, 100, false, NULL}, -EDQUOT},
		{{{{"arp-request", 0}}, 100, 10001, false, NULL}, -EDQUOT},
		{{{{"arp-request", 0}}, 0, 100, false, NULL}, -EINVAL},
		{{{{"arp-request", 0}}, 100, -1, false, NULL}, -EINVAL},
		{{{{"tcp-syn", 81}}, 100, 100, false, NULL}, -EACCES},
		{{{{"tcp-sin", 80}}, 100, 100, false, NULL}, -EINVAL},
	};
	size_t i;

	(void)state;
	start();
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(gate_storm(bench.channel, &cases[i].order, &result),
				 cases[i].error);
	}
	assert_int_equal(count_heard(), 0);
	assert_int_equal(dismiss().refused, ARRAY_SIZE(cases));
}

static void load_needs_its_declaration(void **state)
{
	static const struct gate_pass mild = {
		.observation = "test", .impact = IMPACT_TOUCH, .needs = NEEDS_STORM};
	static const struct gate_pass plain = {.observation = "test", .impact = IMPACT_STRESS};
	struct storm_order order = arp_order(100, 100);

	(void)state;
	start();
	gate_channel_free(bench.channel);
	admit(&mild);
	assert_int_equal(gate_storm(bench.channel, &order, &result), -EACCES);
	gate_channel_free(bench.channel);
	admit(&plain);
	assert_int_equal(gate_storm(bench.channel, &order, &result), -EACCES);
	assert_int_equal(count_heard(), 0);
}

/* When the last frame was heard, CLOCK_REALTIME, and how many. */
static int64_t last_heard(uint64_t *ret_count)
{
	struct pollfd ready = {.fd = bench.listener, .events = POLLIN};
	int64_t last = 0;

	*ret_count = 0;
	while (poll(&ready, 1, 100) > 0) {
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

		assert_true(recvmsg(bench.listener, &message, 0) > 0);
		header = CMSG_FIRSTHDR(&message);
		while (header != NULL && header->cmsg_type != SCM_TIMESTAMPNS) {
			header = CMSG_NXTHDR(&message, header);
		}
		assert_non_null(header);
		memcpy(&stamp, CMSG_DATA(header), sizeof(stamp));
		last = stamp.tv_sec * NS_PER_S + stamp.tv_nsec;
		(*ret_count)++;
	}
	return last;
}

static int64_t wall_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

struct stopping {
	void (*stop)(void);
	int64_t stopped_ns; /* CLOCK_REALTIME */
};

static void *stop_later(void *argument)
{
	struct stopping *stopping = argument;

	clock_sleep_until(clock_ns() + 200 * NS_PER_MS);
	stopping->stopped_ns = wall_ns();
	stopping->stop();
	return NULL;
}

static void stop_by_signal(void)
{
	kill(gate_pid(bench.gate), SIGINT);
}

/* The profile's two functions, and their monitors: threads of this process. */
static const struct essential_function functions[] = {{.name = "control"}, {.name = "view"}};
static struct pulse *pulses[ARRAY_SIZE(functions)];
static struct pulse_beater beaters[ARRAY_SIZE(functions)];

static void start_with_monitors(void)
{
	size_t i;

	bench.profile.functions = functions;
	bench.profile.function_count = ARRAY_SIZE(functions);
	start();
	for (i = 0; i < ARRAY_SIZE(functions); i++) {
		pulses[i] = gate_pulse(bench.gate, i);
		assert_non_null(pulses[i]);
		assert_int_equal(pulse_beat(&beaters[i], pulses[i], -1), 0);
	}
}

static void stop_monitors(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(functions); i++) {
		pulse_rest(&beaters[i]);
	}
}

static void stop_by_tripwire(void)
{
	pulse_trip(pulses[0], true);
}

static void stop_by_order(void)
{
	gate_stop_load(bench.gate);
}

/* A load ends within 10 ms of what stops it, at slow and at fast rates. */
static void check_stop(void (*stop)(void), enum storm_end end, int64_t rate)
{
	struct storm_order order = arp_order(rate, 3000);
	struct stopping stopping = {.stop = stop};
	pthread_t thread;
	uint64_t count;
	int64_t last;

	assert_int_equal(pthread_create(&thread, NULL, stop_later, &stopping), 0);
	assert_int_equal(gate_storm(bench.channel, &order, &result), 0);
	pthread_join(thread, NULL);
	last = last_heard(&count);
	assert_int_equal(result.end, end);
	assert_int_equal(count, result.sent);
	assert_true(last - stopping.stopped_ns < 10 * NS_PER_MS);
	assert_true(last - stopping.stopped_ns > -50 * NS_PER_MS);
}

static void a_stop_order_ends_the_load_at_once(void **state)
{
	(void)state;
	start();
	check_stop(stop_by_order, STORM_INTERRUPTED, 1000);
	check_stop(stop_by_order, STORM_INTERRUPTED, 50000);
}

static void a_tripwire_ends_the_load_at_once(void **state)
{
	struct storm_order order = arp_order(1000, 100);

	(void)state;
	start_with_monitors();
	check_stop(stop_by_tripwire, STORM_TRIPPED, 20000);
	/* no load begins while it is set */
	assert_int_equal(gate_storm(bench.channel, &order, &result), 0);
	assert_int_equal(result.end, STORM_TRIPPED);
	assert_int_equal(result.sent, 0);
	pulse_trip(pulses[0], false);
	assert_int_equal(gate_storm(bench.channel, &order, &result), 0);
	assert_int_equal(result.end, STORM_COMPLETE);
	stop_monitors();
}

static void trip_for_an_instant(void)
{
	pulse_trip(pulses[0], true);
	pulse_trip(pulses[0], false);
}

static void a_tripwire_that_was_set_for_an_instant_is_not_missed(void **state)
{
	(void)state;
	start_with_monitors();
	check_stop(trip_for_an_instant, STORM_TRIPPED, 1000);
	stop_monitors();
}

static void another_functions_tripwire_does_not_end_the_load(void **state)
{
	struct storm_order order = arp_order(1000, 100);

	(void)state;
	start_with_monitors();
	order.function = &functions[1];
	pulse_trip(pulses[0], true);
	assert_int_equal(gate_storm(bench.channel, &order, &result), 0);
	assert_int_equal(result.end, STORM_COMPLETE);
	pulse_trip(pulses[1], true);
	assert_int_equal(gate_storm(bench.channel, &order, &result), 0);
	assert_int_equal(result.end, STORM_TRIPPED);
	stop_monitors();
}

/* --- heartbeats ----------------------------------------------------------------- */

static void rest_of_the_monitor(void)
{
	pulse_rest(&beaters[0]);
}

static void a_load_ends_when_a_monitor_does_not_beat(void **state)
{
	(void)state;
	start_with_monitors();
	check_stop(rest_of_the_monitor, STORM_UNWATCHED, 1000);
	assert_false(result.runner_missing);
	assert_int_equal(pulse_beat(&beaters[0], pulses[0], -1), 0);
	check_stop(rest_of_the_monitor, STORM_UNWATCHED, 50000);
	pulse_rest(&beaters[1]);
}

static int last_words[2]; /* a pipe: readable ends the runner's beat */

static void rest_of_the_runner(void)
{
	assert_int_equal(write(last_words[1], "x", 1), 1);
}

static void a_load_ends_when_the_runner_does_not_beat(void **state)
{
	(void)state;
	assert_int_equal(pipe(last_words), 0);
	beat_unless = last_words[0];
	start();
	check_stop(rest_of_the_runner, STORM_UNWATCHED, 20000);
	assert_true(result.runner_missing);
	close(last_words[0]);
	close(last_words[1]);
}

static void no_load_begins_for_a_function_nobody_watches(void **state)
{
	struct storm_order order = arp_order(1000, 1000);

	(void)state;
	bench.profile.functions = functions;
	bench.profile.function_count = ARRAY_SIZE(functions);
	start();
	order.function = &functions[0];
	assert_int_equal(gate_storm(bench.channel, &order, &result), 0);
	assert_int_equal(result.end, STORM_UNWATCHED);
	assert_int_equal(result.sent, 0);
	/* the other has never beaten either, and is not asked for */
	order.function = NULL;
	order.duration_ms = 100;
	assert_int_equal(gate_storm(bench.channel, &order, &result), 0);
	assert_int_equal(result.end, STORM_COMPLETE);
}

/* A monitor that pauses for 30 ms, a third of the load's patience, delays the load
 * and does not end it. */
static void *pause_the_monitor(void *argument)
{
	(void)argument;
	clock_sleep_until(clock_ns() + 200 * NS_PER_MS);
	pulse_rest(&beaters[0]);
	clock_sleep_until(clock_ns() + 30 * NS_PER_MS);
	assert_int_equal(pulse_beat(&beaters[0], pulses[0], -1), 0);
	return NULL;
}

static void a_short_pause_of_a_monitor_holds_the_load_and_does_not_end_it(void **state)
{
	struct storm_order order = arp_order(2000, 1000);
	pthread_t thread;

	(void)state;
	start_with_monitors();
	assert_int_equal(pthread_create(&thread, NULL, pause_the_monitor, NULL), 0);
	assert_int_equal(gate_storm(bench.channel, &order, &result), 0);
	pthread_join(thread, NULL);
	assert_int_equal(result.end, STORM_COMPLETE);
	assert_true(result.held_ms > 15 && result.held_ms < 200);
	assert_true(result.worst_gap_us > 20000);
	assert_in_range(result.sent, 1900, 2000);
	stop_monitors();
}

static void a_signal_ends_all_load_for_good(void **state)
{
	struct storm_order order = arp_order(1000, 100);

	(void)state;
	start();
	check_stop(stop_by_signal, STORM_INTERRUPTED, 50000);
	assert_int_equal(gate_storm(bench.channel, &order, &result), 0);
	assert_int_equal(result.end, STORM_INTERRUPTED);
	assert_int_equal(result.sent, 0);
	/* the gate itself goes on */
	assert_int_equal(gate_dial(bench.channel, 81, false, 1000), -ECONNREFUSED);
}

static void dialling_goes_on_during_a_load(void **state)
{
	static const struct gate_pass watch = {.observation = "monitor", .monitor = true};
	struct storm_order order = arp_order(20000, 500);
	struct gate_channel *load;
	struct text why;
	int64_t before;
	int fd = -1, i;

	(void)state;
	start();
	load = bench.channel;
	assert_true(gate_admit(bench.gate, &watch, -1, &fd, &why) > 0);
	bench.channel = gate_channel_new(fd);
	if (fork() == 0) {
		_exit(gate_storm(load, &order, &result));
	}
	for (i = 0; i < 20; i++) {
		before = clock_ns();
		assert_int_equal(gate_dial(bench.channel, 81, false, 1000), -ECONNREFUSED);
		assert_true(clock_ns() - before < 200 * NS_PER_MS);
	}
	assert_int_equal(wait(NULL) > 0, 1);
	gate_channel_free(load);
}

/* A runner that starts a load and is killed in the middle of it. */
static void a_killed_runner_leaves_no_frame_behind(void **state)
{
	struct storm_order order = arp_order(20000, 5000);
	int64_t killed, last;
	uint64_t count;
	pid_t runner;

	(void)state;
	need_room();
	runner = fork();
	assert_true(runner >= 0);
	if (runner == 0) {
		start();
		gate_storm(bench.channel, &order, &result);
		_exit(0);
	}
	clock_sleep_until(clock_ns() + 600 * NS_PER_MS);
	killed = wall_ns();
	kill(runner, SIGKILL);
	waitpid(runner, NULL, 0);
	last = last_heard(&count);
	assert_true(count > 1000);
	assert_true(last - killed < 10 * NS_PER_MS);
	assert_true(last - killed > -50 * NS_PER_MS);
}

/* A child that starts a load and is killed in the middle of it. */
static void a_killed_child_leaves_no_frame_behind(void **state)
{
	struct storm_order order = arp_order(20000, 5000);
	int64_t killed, last;
	uint64_t count;
	pid_t child;

	(void)state;
	start();
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		gate_leave(bench.gate);
		gate_storm(bench.channel, &order, &result);
		_exit(0);
	}
	gate_channel_free(bench.channel);
	bench.channel = NULL;
	clock_sleep_until(clock_ns() + 200 * NS_PER_MS);
	killed = wall_ns();
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	last = last_heard(&count);
	assert_true(count > 1000);
	assert_true(last - killed < 10 * NS_PER_MS);
	assert_true(last - killed > -50 * NS_PER_MS);
	assert_int_equal(dismiss().frames, count);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(sendmmsg_holds_rates_and_counts_frame_for_frame),
		TEST(af_xdp_holds_rates_and_counts_frame_for_frame),
		TEST(one_load_after_the_other_gets_the_fastest_sender),
		TEST(frames_beyond_what_can_be_sent_do_not_make_a_load_longer),
		TEST(an_interface_that_goes_down_does_not_hold_the_load),
		TEST(several_families_go_frame_by_frame),
		TEST(slices_add_up_to_what_was_sent),
		TEST(pause_is_made_up_and_no_tenth_of_a_second_carries_a_fifth_more),
		TEST(syns_reach_the_device_and_sham_syns_do_not),
		TEST(load_beyond_scope_or_budget_is_refused),
		TEST(load_needs_its_declaration),
		TEST(a_stop_order_ends_the_load_at_once),
		TEST(a_tripwire_ends_the_load_at_once),
		TEST(a_tripwire_that_was_set_for_an_instant_is_not_missed),
		TEST(another_functions_tripwire_does_not_end_the_load),
		TEST(a_load_ends_when_a_monitor_does_not_beat),
		TEST(a_load_ends_when_the_runner_does_not_beat),
		TEST(no_load_begins_for_a_function_nobody_watches),
		TEST(a_short_pause_of_a_monitor_holds_the_load_and_does_not_end_it),
		TEST(a_signal_ends_all_load_for_good),
		TEST(dialling_goes_on_during_a_load),
		TEST(a_killed_runner_leaves_no_frame_behind),
		TEST(a_killed_child_leaves_no_frame_behind),
	};

	return test_calm_run(tests, NULL, NULL);
}
