/* hostile_socket_test: checks that do to what the gate gave them what it was not given for: turn a
 * connection towards somebody else, cut memory, hang up in odd ways, take without end. */
/* needs: namespace */
/* timeout: 120 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>

#include "harness/base/test_calm.h"
#include "harness/gate/channel.h"
#include "harness/gate/test_link.h"
#include "harness/run/probe_run.h"
#include "harness/run/test_run.h"

#include "harness/banned.h"

#define OTHER "10.99.0.3" /* an address on the link that is not the device's */

enum { PORT = 80 };

static struct test_link tested;
static struct test_bench bench;
static int device;

static const struct fact_def facts[] = {
	{"number", FACT_INT, "", "a number"},
	{.name = NULL},
};

static int set_up(void **state)
{
	(void)state;
	test_link_up(&tested);
	test_shell("nsenter -t %d -n ip addr add " OTHER "/24 dev d0", (int)tested.holder);
	device = test_device_listen(&tested, PORT);
	test_bench_init(&bench, "other", PORT);
	bench.profile.link.interface = "t0";
	bench.profile.link.address = address_of(TEST_DEVICE);
	bench.profile.link.source = address_of(TEST_TESTER);
	bench.profile.link.witness = address_of(TEST_WITNESS);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	close(device);
	test_bench_release(&bench);
	test_link_down(&tested);
	return 0;
}

static struct child_report run(int (*observe)(struct probe_run *run))
{
	struct probe probe = {.id = "test.hostile",
			      .summary = "attacks",
			      .source = "none",
			      .impact = IMPACT_OBSERVE,
			      .timeout_s = 8,
			      .facts = facts,
			      .observe = observe};

	return test_observe(&bench, &probe, NULL);
}

/* --- options that say where frames go, and how far -------------------------------------- */

/* RFC 791: a loose source route by OTHER. */
static const uint8_t route[] = {1, 131, 7, 4, 10, 99, 0, 3};

static const struct {
	int level, option;
	const void *value;
	socklen_t size;
} options[] = {
	{IPPROTO_IP, IP_OPTIONS, route, sizeof(route)},
	{IPPROTO_IP, IP_TOS, "\x10\0\0", 4}, /* has the route looked up again */
	{SOL_SOCKET, SO_BINDTODEVICE, "lo", 3},
	{SOL_SOCKET, SO_DONTROUTE, "\1\0\0", 4},
	{SOL_SOCKET, SO_BROADCAST, "\1\0\0", 4},
	{IPPROTO_IP, IP_TTL, "\7\0\0", 4},
	{IPPROTO_IP, IP_UNICAST_IF, "\0\0\0\1", 4},
	{IPPROTO_TCP, TCP_ULP, "tls", 4},
};

static int turns_its_connection(struct probe_run *run)
{
	const struct service *service = &probe_profile(run)->services[0];
	int fd = probe_dial(run, service, 2000), granted = 0;
	size_t i;

	if (fd < 0) {
		return probe_dial_failed(run, service, fd);
	}
	for (i = 0; i < ARRAY_SIZE(options); i++) {
		granted += setsockopt(fd, options[i].level, options[i].option, options[i].value,
				      options[i].size) == 0;
	}
	for (i = 0; i < 5; i++) {
		(void)!write(fd, "to whom?", 8);
		clock_sleep_until(clock_ns() + 20 * NS_PER_MS);
	}
	probe_saw_int(run, "number", granted);
	return 0;
}

static void no_option_of_a_connection_leads_to_another_host(void **state)
{
	uint32_t to = inet_addr(TEST_DEVICE);
	int listener = test_device_listener(&tested), heard = 0;
	struct child_report report;
	uint8_t frame[2048];
	size_t size;

	(void)state;
	report = run(turns_its_connection);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	while ((size = test_hear(listener, frame, sizeof(frame), 100)) > 0) {
		if (size >= 34 && frame[12] == 0x08 && frame[13] == 0) {
			assert_memory_equal(frame + 30, &to, 4);
			assert_int_equal(frame[14], 0x45); /* no options */
			heard++;
		}
	}
	close(listener);
	assert_true(heard >= 5);
	assert_string_equal(test_fact(&bench, &report, "number"), "0");
}

/* --- memory that the gate has mapped ------------------------------------------------------- */

/* A channel as a child has it, without a sandbox around: what the gate itself holds out. */
static struct gate_channel *channel_of(unsigned needs)
{
	struct gate_pass pass = {.observation = "unconfined", .needs = needs};
	struct text why = {.s = ""};
	int code = 0, fd = -1;

	if (bench.gate == NULL) {
		bench.gate = gate_start(&bench.profile, &bench.ability, &code, &why);
	}
	assert_non_null(bench.gate);
	if (gate_admit(bench.gate, &pass, -1, &fd, &why) <= 0) {
		fail_msg("%s", why.s);
	}
	return gate_channel_new(fd);
}

static void memory_is_not_cut_from_under_the_gate(void **state)
{
	struct gate_channel *channel = channel_of(NEEDS_WIRE);
	struct request request = channel_request(REQUEST_WIRE);
	struct message_fds fds;
	struct reply reply;
	struct wire_facts wire;

	(void)state;
	request.u.wire.kind = WIRE_TCP;
	assert_int_equal(channel_ask(channel, &request, 0, &reply, &fds), 0);
	assert_int_equal(reply.error, 0);
	/* SIGBUS would end the gate, which has the same memory mapped */
	assert_int_equal(ftruncate(fds.fd[0], 0), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(ftruncate(fds.fd[0], 1 << 30), -1);
	(void)fallocate(fds.fd[0], FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 1 << 20);
	clock_sleep_until(clock_ns() + 100 * NS_PER_MS);
	assert_int_equal(gate_link(channel, &wire), 0);
	message_fds_close(&fds);
	gate_channel_free(channel);
}

/* --- ends of a channel ------------------------------------------------------------------ */

/* How a closed end looks, and it is not closed. */
static int says_nothing(struct probe_run *run)
{
	struct wire_facts wire;
	int sent = (int)send(run->channel->fd, "", 0, MSG_NOSIGNAL);

	probe_saw_int(run, "number", sent == 0 ? gate_link(run->channel, &wire) : 1);
	return 0;
}

static void an_empty_message_ends_its_senders_channel_alone(void **state)
{
	struct gate_channel *other = channel_of(0);
	struct child_report report;
	struct wire_facts wire;

	(void)state;
	report = run(says_nothing);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_false(report.gate_gone);
	assert_true(strtol(test_fact(&bench, &report, "number"), NULL, 10) < 0);
	assert_int_equal(gate_link(other, &wire), 0);
	gate_channel_free(other);
}

/* --- without end ---------------------------------------------------------------------------- */

enum { TIMES = 1000 };

/* Opens ways for datagrams and gives them back, as fast as it goes. */
static int takes_without_end(struct probe_run *run)
{
	struct dial_order order = {.port = PORT};
	int fd, i, got = 0;

	for (i = 0; i < TIMES; i++) {
		fd = probe_datagrams(run, &order);
		if (fd >= 0) {
			got++;
			close(fd);
		}
	}
	probe_saw_int(run, "number", got);
	return 0;
}

/* What a check is let in and out in, with a capture of its own. Returns how long it took. */
static int64_t come_and_go(int number)
{
	static const struct gate_pass plain = {.observation = "comes and goes"};
	struct gate_traffic traffic;
	int64_t before = clock_ns();
	char path[128];
	struct text why;
	int capture, pass, fd = -1;

	snprintf(path, sizeof(path), "%s/capture-%d", bench.folder, number);
	capture = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	pass = gate_admit(bench.gate, &plain, capture, &fd, &why);
	assert_true(pass > 0);
	close(capture);
	close(fd);
	clock_sleep_until(clock_ns() + 20 * NS_PER_MS);
	assert_int_equal(gate_dismiss(bench.gate, pass, &traffic), 0);
	return clock_ns() - before;
}

/* How many descriptors a process has open. */
static size_t descriptors(pid_t pid)
{
	char path[64];
	size_t count = 0;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	folder = opendir(path);
	assert_non_null(folder);
	while (readdir(folder) != NULL) {
		count++;
	}
	closedir(folder);
	return count;
}

static void what_is_taken_without_end_is_given_back(void **state)
{
	struct gate_channel *other = channel_of(0);
	struct child_report report;
	struct wire_facts wire;
	size_t before;

	(void)state;
	(void)come_and_go(0); /* what captures need is open from then on */
	before = descriptors(gate_pid(bench.gate));
	report = run(takes_without_end);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_true(strtol(test_fact(&bench, &report, "number"), NULL, 10) > 100);
	assert_int_equal(descriptors(gate_pid(bench.gate)), before);
	assert_int_equal(gate_link(other, &wire), 0);
	gate_channel_free(other);
}

/* --- a flood on a connection, which the gate records --------------------------------------- */

/* The device reads all that comes. */
static pid_t sink_start(void)
{
	static char bytes[65536];
	pid_t pid;
	int fd;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(30);
		for (;;) {
			fd = accept(device, NULL, NULL);
			while (fd >= 0 && recv(fd, bytes, sizeof(bytes), 0) > 0) {
			}
			close(fd);
		}
	}
	return pid;
}

static int floods_its_connection(struct probe_run *run)
{
	static const char bytes[65536];
	const struct service *service = &probe_profile(run)->services[0];
	int64_t end_ns = clock_ns() + 2 * NS_PER_S;
	int fd = probe_dial(run, service, 2000);

	if (fd < 0) {
		return probe_dial_failed(run, service, fd);
	}
	while (clock_ns() < end_ns && probe_write(run, fd, bytes, sizeof(bytes), end_ns) == 0) {
	}
	return 0;
}

static void a_flood_on_a_connection_holds_up_no_other_check(void **state)
{
	struct probe probe = {.id = "test.hostile",
			      .timeout_s = 8,
			      .facts = facts,
			      .observe = floods_its_connection};
	struct observation observation = {.id = "test.hostile@it", .probe = &probe};
	struct child_order order = {.observation = &observation, .attempt = 1, .capture = true};
	struct child_report report;
	struct child *child;
	struct text why;
	pid_t sink = sink_start();
	int64_t took, worst_ns = 0;
	int times = 0;

	(void)state;
	gate_channel_free(channel_of(0));
	child = child_start(&bench.world, &order, bench.gate, bench.arena, &why);
	assert_non_null(child);
	while (child_step(child, &report) == 0) {
		took = come_and_go(times++);
		worst_ns = took > worst_ns ? took : worst_ns;
	}
	child_free(child);
	kill(sink, SIGKILL);
	waitpid(sink, NULL, 0);
	print_message("%d times, %lld ms at the longest\n", times,
		      (long long)(worst_ns / NS_PER_MS));
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_true(report.traffic.captured + report.traffic.capture_dropped > 1000);
	assert_true(times > 5);
	assert_true(worst_ns < NS_PER_S);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		TEST(no_option_of_a_connection_leads_to_another_host),
		TEST(memory_is_not_cut_from_under_the_gate),
		TEST(an_empty_message_ends_its_senders_channel_alone),
		TEST(what_is_taken_without_end_is_given_back),
		TEST(a_flood_on_a_connection_holds_up_no_other_check),
	};

	return test_calm_run(tests, NULL, NULL);
}
