/* hostile_door_test: probes that try to leave the row of a door: datagrams, and
 * the ports that the device uses. */
/* needs: namespace */
/* timeout: 180 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base/test_calm.h"
#include "harness/gate/test_link.h"
#include "harness/run/probe_run.h"
#include "harness/run/test_run.h"

#include "harness/banned.h"

#define OTHER "10.99.0.3" /* an address on the link that is not the device's */

enum { EXCLUDED = 9100, OPEN = 1610, LOW = 514 };

static struct test_link tested;
static struct test_bench bench;
static const uint16_t excluded[] = {EXCLUDED};
static const struct source sources[] = {{"monitor", {ADDRESS_IPV4, {10, 99, 0, 9}}}};

static const struct fact_def facts[] = {
	{"number", FACT_INT, "", "a number"},
	{"other", FACT_INT, "", "another"},
	{.name = NULL},
};

static int set_up(void **state)
{
	(void)state;
	test_link_up(&tested);
	test_shell("nsenter -t %d -n ip addr add " OTHER "/24 dev d0", (int)tested.holder);
	test_bench_init(&bench, "other", 80);
	bench.profile.link.interface = "t0";
	bench.profile.link.address = address_of(TEST_DEVICE);
	bench.profile.link.source = address_of(TEST_TESTER);
	bench.profile.link.exclude_ports = excluded;
	bench.profile.link.exclude_count = 1;
	bench.profile.sources = sources;
	bench.profile.source_count = 1;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	test_bench_release(&bench);
	test_link_down(&tested);
	return 0;
}

static struct child_report run(unsigned needs, int (*observe)(struct probe_run *run))
{
	struct probe probe = {.id = "test.hostile",
			      .summary = "attacks",
			      .source = "none",
			      .impact = IMPACT_OBSERVE,
			      .needs = needs,
			      .timeout_s = 8,
			      .facts = facts,
			      .observe = observe};

	return test_observe(&bench, &probe, NULL);
}

static int64_t number(struct child_report *report, const char *fact)
{
	const char *text = test_fact(&bench, report, fact);

	if (text == NULL) {
		fail_msg("no fact '%s': %s", fact, report->reason == NULL ? "" : report->reason);
	}
	return strtoll(text, NULL, 10);
}

/* A UDP socket of the device's, bound to this address. */
static int device_udp(const char *address, uint16_t port)
{
	struct address at = address_of(address);
	struct sockaddr_storage to;
	socklen_t size = address_to_sockaddr(&at, port, 0, &to);
	int fd = test_device_socket(&tested, AF_INET, SOCK_DGRAM, 0);

	TEST_MUST(bind(fd, (const struct sockaddr *)&to, size) == 0);
	return fd;
}

/* --- datagrams ----------------------------------------------------------------- */

/* Counts the ways for datagrams that are granted. */
static int asks_for_other_ends(struct probe_run *run)
{
	const struct dial_order orders[] = {
		{.device = address_of(OTHER), .port = OPEN},
		{.device = address_of(TEST_TESTER), .port = OPEN},
		{.device = address_of("255.255.255.255"), .port = OPEN},
		{.port = EXCLUDED},
		{.port = 0},
		{.port = OPEN, .source = "monitor"},
		{.port = OPEN, .source = "nobody"},
	};
	int granted = 0, fd;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		fd = probe_datagrams(run, &orders[i]);
		granted += fd >= 0;
	}
	probe_saw_int(run, "number", granted);
	return 0;
}

static void no_datagram_leaves_for_anybody_else(void **state)
{
	struct child_report report;

	(void)state;
	report = run(NEEDS_SECOND_SOURCE, asks_for_other_ends);
	assert_int_equal(number(&report, "number"), 0);
	assert_int_equal(report.traffic.frames, 0);
	assert_int_equal(report.traffic.refused, 7);
}

/* As fast as it goes, for a second. */
static int floods_datagrams(struct probe_run *run)
{
	struct dial_order order = {.port = OPEN};
	int64_t end_ns = clock_ns() + NS_PER_S;
	int fd = probe_datagrams(run, &order), sent = 0;

	while (fd >= 0 && clock_ns() < end_ns) {
		sent += probe_write(run, fd, "flood", 5, end_ns) == 0;
	}
	probe_saw_int(run, "number", sent);
	return 0;
}

static void datagrams_keep_to_the_budget_of_frames(void **state)
{
	struct child_report report;
	uint8_t bytes[16];
	int fd = device_udp(TEST_DEVICE, OPEN), heard = 0;

	(void)state;
	bench.profile.budget.frames_per_s = 100;
	report = run(0, floods_datagrams);
	while (recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0) {
		heard++;
	}
	close(fd);
	assert_true(number(&report, "number") >= heard);
	assert_in_range(heard, 10, 115);
	assert_int_equal(report.traffic.frames, heard);
}

static int sends_too_much(struct probe_run *run)
{
	static const uint8_t bytes[4000];
	struct dial_order order = {.port = OPEN};
	int64_t end_ns = clock_ns() + NS_PER_S / 2;
	int fd = probe_datagrams(run, &order);

	(void)probe_write(run, fd, bytes, sizeof(bytes), end_ns);
	(void)probe_write(run, fd, bytes, 1472, end_ns);
	clock_sleep_until(end_ns);
	return 0;
}

static void a_datagram_that_would_be_more_than_a_frame_does_not_leave(void **state)
{
	struct child_report report;
	uint8_t bytes[4096];
	int fd = device_udp(TEST_DEVICE, OPEN);

	(void)state;
	report = run(0, sends_too_much);
	assert_int_equal(report.traffic.frames, 1);
	assert_int_equal(report.traffic.refused, 1);
	assert_int_equal(recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT), 1472);
	assert_int_equal(recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT), -1);
	close(fd);
}

/* --- frames to the device's MAC address, and groups -------------------------------- */

static int opens_raw_doors(struct probe_run *run)
{
	const struct wire_target targets[] = {
		{.kind = WIRE_DEVICE},
		{.kind = WIRE_GROUP, .group = GROUP_DCP},
		{.kind = WIRE_GROUP, .group = (enum multicast_group)77},
		{.kind = WIRE_FAR},
		{.kind = WIRE_TCP, .device = address_of(OTHER)},
	};
	struct wire_facts wire;
	int granted = 0, error = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(targets); i++) {
		granted += probe_wire_to(run, &targets[i], &wire, &error) != NULL;
	}
	probe_saw_int(run, "number", granted);
	return 0;
}

static void an_observer_gets_no_wider_wire(void **state)
{
	struct child_report report;

	(void)state;
	report = run(NEEDS_WIRE, opens_raw_doors);
	assert_int_equal(number(&report, "number"), 0);
	assert_int_equal(report.traffic.refused, 5);
}

/* Wires from other sources than its own. */
static int asks_for_other_sources(struct probe_run *run)
{
	static const char *const names[] = {"witness", "monitor", "nobody"};
	struct wire_target target = {.kind = WIRE_TCP};
	struct wire_facts wire;
	int granted = 0, error = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		target.source = names[i];
		granted += probe_wire_to(run, &target, &wire, &error) != NULL;
	}
	target = (struct wire_target){.kind = WIRE_ICMP, .source = "main"};
	granted += probe_wire_to(run, &target, &wire, &error) != NULL;
	probe_saw_int(run, "number", granted);
	return 0;
}

static void a_wire_comes_from_no_source_that_is_not_the_checks(void **state)
{
	struct child_report report;

	(void)state;
	report = run(NEEDS_WIRE | NEEDS_SECOND_SOURCE, asks_for_other_sources);
	assert_int_equal(number(&report, "number"), 0);
	assert_int_equal(report.traffic.refused, 4);
}

static void a_check_without_that_need_gets_no_wire_from_the_witness(void **state)
{
	struct child_report report;

	(void)state;
	bench.profile.link.witness = address_of(TEST_WITNESS);
	bench.profile.source_count = 0;
	report = run(NEEDS_WIRE, asks_for_other_sources);
	assert_int_equal(number(&report, "number"), 0);
	assert_int_equal(report.traffic.refused, 4);
}

/* A SYN whose source address is the monitors', or nobody's. */
static int sends_as_others(struct probe_run *run)
{
	static const char *const others[] = {TEST_WITNESS, OTHER, "10.99.0.77"};
	struct wire_facts ends, lie;
	struct probe_wire *wire;
	struct frame syn;
	int error = 0;
	size_t i;

	wire = probe_wire(run, WIRE_TCP, &ends, &error);
	for (i = 0; wire != NULL && i < ARRAY_SIZE(others); i++) {
		lie = ends;
		lie.source = address_of(others[i]);
		syn = test_syn(&lie, OPEN);
		(void)wire_send(wire, syn.bytes, syn.size);
	}
	probe_saw_int(run, "number", wire == NULL ? -1 : (int64_t)wire_counts(wire).refused);
	return 0;
}

static void no_frame_leaves_with_another_source_address(void **state)
{
	struct child_report report;
	uint8_t heard[2048];
	size_t size;
	int listener = test_device_listener(&tested), count = 0;

	(void)state;
	report = run(NEEDS_WIRE, sends_as_others);
	assert_int_equal(number(&report, "number"), 3);
	assert_int_equal(report.traffic.frames, 0);
	while ((size = test_hear(listener, heard, sizeof(heard), 50)) > 0) {
		count += size >= 54 && heard[12] == 0x08 && heard[13] == 0 && heard[23] == 6;
	}
	assert_int_equal(count, 0);
	close(listener);
}

/* A frame of an EtherType for experiments, to this MAC address. */
static void send_to(struct probe_wire *wire, const struct wire_facts *ends, const uint8_t to[6])
{
	uint8_t frame[60] = {0};

	memcpy(frame, to, 6);
	memcpy(frame + 6, ends->source_mac, 6);
	frame[12] = 0x88;
	frame[13] = 0xb5;
	(void)wire_send(wire, frame, sizeof(frame));
}

static int sends_to_others_by_mac(struct probe_run *run)
{
	static const uint8_t everybody[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	static const uint8_t lldp[6] = {0x01, 0x80, 0xc2, 0, 0, 0x0e};
	struct wire_target device = {.kind = WIRE_DEVICE};
	struct wire_target group = {.kind = WIRE_GROUP, .group = GROUP_LLDP};
	struct wire_facts ends;
	int error = 0;
	struct probe_wire *wire = probe_wire_to(run, &device, &ends, &error);
	struct probe_wire *ear = probe_wire_to(run, &group, &ends, &error);
	uint8_t other[6];

	if (wire == NULL || ear == NULL) {
		return probe_give_up(run, WHY_PROBE_FAILED, "%s", strerror(-error));
	}
	memcpy(other, ends.device_mac, 6);
	other[5] ^= 1;
	send_to(wire, &ends, everybody);
	send_to(wire, &ends, lldp);
	send_to(wire, &ends, other);
	send_to(ear, &ends, lldp);
	send_to(ear, &ends, ends.device_mac);
	send_to(wire, &ends, ends.device_mac);
	clock_sleep_until(clock_ns() + NS_PER_S / 2);
	probe_saw_int(run, "number", (int64_t)wire_counts(wire).sent);
	probe_saw_int(run, "other", (int64_t)wire_counts(ear).sent);
	return 0;
}

static void what_leaves_by_mac_is_the_devices_alone(void **state)
{
	static const char *const allowed[] = {"lldp", NULL};
	struct child_report report;
	struct probe probe = {.id = "test.hostile",
			      .summary = "attacks",
			      .source = "none",
			      .impact = IMPACT_STRESS,
			      .needs = NEEDS_WIRE,
			      .timeout_s = 8,
			      .facts = facts,
			      .observe = sends_to_others_by_mac};
	uint8_t frame[2048];
	int listener = test_device_listener(&tested);
	size_t size, heard = 0;

	(void)state;
	bench.profile.link.multicast = allowed;
	report = test_observe(&bench, &probe, NULL);
	assert_int_equal(number(&report, "number"), 1);
	assert_int_equal(number(&report, "other"), 0);
	assert_int_equal(report.traffic.refused, 5);
	while ((size = test_hear(listener, frame, sizeof(frame), 50)) > 0) {
		if (frame[12] == 0x88 && frame[13] == 0xb5) {
			assert_memory_equal(frame, tested.device_mac, 6);
			heard++;
		}
	}
	close(listener);
	assert_int_equal(heard, 1);
}

/* Without consent to 'stress' the class itself is not admitted. */
static void without_consent_no_frame_is_malformed(void **state)
{
	static const struct gate_pass stress = {
		.observation = "test", .impact = IMPACT_STRESS, .needs = NEEDS_WIRE};
	struct text why = {.s = ""};
	int code = 0, fd = -1;

	(void)state;
	bench.profile.consent[IMPACT_STRESS] = false;
	bench.gate = gate_start(&bench.profile, &bench.ability, &code, &why);
	assert_non_null(bench.gate);
	assert_int_equal(gate_admit(bench.gate, &stress, -1, &fd, &why), -1);
	assert_string_equal(why.s, "the profile does not grant this class of impact");
}

/* --- what comes in ---------------------------------------------------------------- */

/* Counts what is read until a second has passed: by the device, by others. */
static void count_words(struct probe_run *run, int fd, int64_t end_ns, int *ret_device,
			int *ret_other)
{
	char word[16];
	long size;

	for (;;) {
		memset(word, 0, sizeof(word));
		size = probe_read(run, fd, word, sizeof(word) - 1, end_ns);
		if (size <= 0) {
			return;
		}
		*ret_device += strcmp(word, "device") == 0;
		*ret_other += strcmp(word, "other") == 0;
	}
}

static int listens_for_answers(struct probe_run *run)
{
	struct dial_order order = {.port = OPEN};
	int64_t end_ns = clock_ns() + NS_PER_S;
	int fd = probe_datagrams(run, &order), device = 0, other = 0;

	(void)probe_write(run, fd, "ask", 3, end_ns);
	count_words(run, fd, end_ns, &device, &other);
	probe_saw_int(run, "number", device);
	probe_saw_int(run, "other", other);
	return 0;
}

/* Answers each question from the device's address and from another, with the
 * same port. */
static pid_t answer_from_two(void)
{
	int device = device_udp(TEST_DEVICE, OPEN), other = device_udp(OTHER, OPEN);
	struct sockaddr_storage from;
	socklen_t size = sizeof(from);
	char bytes[16];
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(20);
		for (;;) {
			(void)recvfrom(device, bytes, sizeof(bytes), 0, (struct sockaddr *)&from,
				       &size);
			(void)sendto(other, "other", 5, 0, (struct sockaddr *)&from, size);
			(void)sendto(device, "device", 6, 0, (struct sockaddr *)&from, size);
		}
	}
	close(device);
	close(other);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void only_the_devices_answers_are_read(void **state)
{
	struct child_report report;
	pid_t pid = answer_from_two();

	(void)state;
	report = run(0, listens_for_answers);
	end(pid);
	assert_int_equal(number(&report, "number"), 1);
	assert_int_equal(number(&report, "other"), 0);
}

static int listens_without_saying_so(struct probe_run *run)
{
	struct dial_order order = {.port = LOW};
	int granted = probe_listen(run, &order) >= 0;

	granted += probe_listen_datagrams(run, &order) >= 0;
	probe_saw_int(run, "number", granted);
	return 0;
}

static void who_does_not_declare_it_is_not_listened_for(void **state)
{
	struct child_report report;

	(void)state;
	report = run(0, listens_without_saying_so);
	assert_int_equal(number(&report, "number"), 0);
	assert_int_equal(report.traffic.refused, 2);
}

/* Accepts for a second and reads what is said. */
static int accepts(struct probe_run *run)
{
	struct dial_order order = {.port = LOW};
	int64_t end_ns = clock_ns() + NS_PER_S;
	int device = 0, other = 0, fd, listening = probe_listen(run, &order);

	if (listening < 0) {
		return probe_give_up(run, WHY_PROBE_FAILED, "%s", strerror(-listening));
	}
	for (;;) {
		fd = probe_accept(run, listening, end_ns);
		if (fd < 0) {
			break;
		}
		count_words(run, fd, clock_ns() + NS_PER_S / 5, &device, &other);
		close(fd);
	}
	probe_saw_int(run, "number", device);
	probe_saw_int(run, "other", other);
	return 0;
}

static int takes_datagrams(struct probe_run *run)
{
	struct dial_order order = {.port = LOW};
	int64_t end_ns = clock_ns() + NS_PER_S;
	int device = 0, other = 0, fd = probe_listen_datagrams(run, &order);

	if (fd < 0) {
		return probe_give_up(run, WHY_PROBE_FAILED, "%s", strerror(-fd));
	}
	count_words(run, fd, end_ns, &device, &other);
	probe_saw_int(run, "number", device);
	probe_saw_int(run, "other", other);
	return 0;
}

/* Says a word to the tester's port from this address. */
static void say(const char *from, int type, const char *word)
{
	struct address source = address_of(from), tester = address_of(TEST_TESTER);
	struct sockaddr_storage at, to;
	socklen_t size = address_to_sockaddr(&source, 0, 0, &at);
	int fd = test_device_socket(&tested, AF_INET, type, 0);

	if (bind(fd, (const struct sockaddr *)&at, size) == 0) {
		size = address_to_sockaddr(&tester, LOW, 0, &to);
		if (connect(fd, (const struct sockaddr *)&to, size) == 0) {
			(void)send(fd, word, strlen(word), MSG_NOSIGNAL);
		}
	}
	close(fd);
}

/* Says words from two addresses all the time. */
static pid_t say_from_two(int type)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(20);
		for (;;) {
			say(OTHER, type, "other");
			say(TEST_DEVICE, type, "device");
			clock_sleep_until(clock_ns() + NS_PER_S / 20);
		}
	}
	return pid;
}

static void assert_device_alone_is_heard(int type, int (*observe)(struct probe_run *run))
{
	struct child_report report;
	pid_t pid = say_from_two(type);

	report = run(NEEDS_LISTEN, observe);
	end(pid);
	assert_true(number(&report, "number") >= 1);
	assert_int_equal(number(&report, "other"), 0);
	assert_true(report.traffic.refused >= 1);
	assert_non_null(strstr(report.traffic.last_refusal, "of 10.99.0.3 is not the device's"));
}

static void the_device_alone_is_accepted(void **state)
{
	(void)state;
	assert_device_alone_is_heard(SOCK_STREAM, accepts);
}

static void datagrams_of_the_device_alone_are_taken(void **state)
{
	(void)state;
	assert_device_alone_is_heard(SOCK_DGRAM, takes_datagrams);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		TEST(no_datagram_leaves_for_anybody_else),
		TEST(datagrams_keep_to_the_budget_of_frames),
		TEST(a_datagram_that_would_be_more_than_a_frame_does_not_leave),
		TEST(an_observer_gets_no_wider_wire),
		TEST(a_wire_comes_from_no_source_that_is_not_the_checks),
		TEST(a_check_without_that_need_gets_no_wire_from_the_witness),
		TEST(no_frame_leaves_with_another_source_address),
		TEST(what_leaves_by_mac_is_the_devices_alone),
		TEST(without_consent_no_frame_is_malformed),
		TEST(only_the_devices_answers_are_read),
		TEST(who_does_not_declare_it_is_not_listened_for),
		TEST(the_device_alone_is_accepted),
		TEST(datagrams_of_the_device_alone_are_taken),
	};

	return test_calm_run(tests, NULL, NULL);
}
