/* wire_test: raw frames out and in, and what must not leave. */
/* needs: namespace */
/* timeout: 180 */
#define _GNU_SOURCE
#include "harness/base/test_calm.h"
#include "harness/gate/channel.h"
#include "harness/gate/gate.h"
#include "harness/gate/link.h"
#include "harness/gate/ring.h"
#include "harness/gate/test_link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/mman.h>

#include "harness/banned.h"

struct bench {
	struct test_link link;
	struct profile profile;
	struct gate *gate;
	struct gate_ability ability;
	struct gate_channel *channel;
	struct probe_wire *wire;
	struct wire_facts facts;
	int pass, listener;
};

static struct bench bench;

static const struct gate_pass needs_wire = {
	.observation = "test", .impact = IMPACT_OBSERVE, .needs = NEEDS_WIRE};

static int admit(const struct gate_pass *what, struct gate_channel **ret)
{
	struct text why = {.s = ""};
	int fd = -1, pass;

	pass = gate_admit(bench.gate, what, -1, &fd, &why);
	assert_true(pass > 0);
	*ret = gate_channel_new(fd);
	return pass;
}

static void start(enum wire_kind kind)
{
	struct text why = {.s = ""};
	int code = 0, error = 0;

	bench.gate = gate_start(&bench.profile, &bench.ability, &code, &why);
	if (bench.gate == NULL) {
		fail_msg("%d: %s", code, why.s);
	}
	bench.pass = admit(&needs_wire, &bench.channel);
	bench.wire = gate_wire(bench.channel, kind, &bench.facts, &error);
	assert_int_equal(error, 0);
	assert_non_null(bench.wire);
	bench.listener = test_device_listener(&bench.link);
}

static int set_up(void **state)
{
	static const uint16_t excluded[] = {9100};

	(void)state;
	memset(&bench, 0, sizeof(bench));
	bench.listener = -1;
	test_link_up(&bench.link);
	bench.profile = test_link_profile();
	bench.profile.link.exclude_ports = excluded;
	bench.profile.link.exclude_count = 1;
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

static struct frame syn_to(uint16_t port)
{
	return test_syn(&bench.facts, port);
}

static void a_syn_is_answered_from_an_open_and_a_closed_port(void **state)
{
	const uint8_t *frame = NULL;
	struct frame syn;
	struct wire_counts counts;
	int64_t stamp = 0, before = clock_ns();
	int listener;
	long size;

	(void)state;
	start(WIRE_TCP);
	listener = test_device_listen(&bench.link, 2222);
	syn = syn_to(2222);
	assert_int_equal(wire_send(bench.wire, syn.bytes, syn.size), 0);
	size = wire_receive(bench.wire, &frame, &stamp, before + NS_PER_S);
	assert_true(size >= 54);
	assert_int_equal(frame[47], 0x12); /* SYN ACK */
	assert_in_range(stamp, before, clock_ns());
	syn = syn_to(2223);
	assert_int_equal(wire_send(bench.wire, syn.bytes, syn.size), 0);
	size = wire_receive(bench.wire, &frame, &stamp, before + NS_PER_S);
	assert_true(size >= 54);
	assert_int_equal(frame[47], 0x14); /* RST ACK */
	assert_false(wire_sending(bench.wire));
	counts = wire_counts(bench.wire);
	assert_int_equal(counts.sent, 2);
	assert_int_equal(counts.received, 2);
	assert_int_equal(counts.refused, 0);
	assert_int_equal(counts.send_errors, 0);
	assert_int_equal(counts.dropped, 0);
	close(listener);
}

/* Waits until nothing is queued any more. */
static void flush_wire(void)
{
	int64_t deadline = clock_ns() + NS_PER_S;

	while (wire_sending(bench.wire) && clock_ns() < deadline) {
		clock_sleep_until(clock_ns() + NS_PER_MS);
	}
	assert_false(wire_sending(bench.wire));
}

enum { AT_MAC_TO = 0, AT_MAC_FROM = 6, AT_TYPE = 12, AT_IP = 14 };

static void what_is_out_of_scope_does_not_leave(void **state)
{
	/* each flips bits of one byte of a SYN that is in scope */
	static const struct {
		size_t at;
		uint8_t flip;
		const char *what;
	} cases[] = {
		{AT_MAC_TO, 0x10, "Ethernet destination"},
		{AT_MAC_FROM, 0x10, "Ethernet source"},
		{AT_TYPE, 0x8e, "EtherType 0x8600"},
		{AT_IP, 0x10, "IP version 5"},
		{AT_IP + 9, 0x02, "IP protocol 4"},
		{AT_IP + 15, 0x4c, "source 10.99.0.77"},
		{AT_IP + 19, 0x01, "destination 10.99.0.3"},
		{AT_IP + 20 + 2, 0x23, "port 9100 is 0x238c, 140 is 0x008c"},
	};
	struct frame syn;
	struct gate_traffic traffic;
	uint8_t heard[2048];
	size_t i;

	(void)state;
	start(WIRE_TCP);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		syn = syn_to(140);
		syn.bytes[cases[i].at] ^= cases[i].flip;
		assert_int_equal(wire_send(bench.wire, syn.bytes, syn.size), 0);
		flush_wire();
		assert_int_equal(wire_counts(bench.wire).refused, i + 1);
	}
	syn = syn_to(140);
	assert_int_equal(wire_send(bench.wire, syn.bytes, 10), 0);
	flush_wire();
	assert_int_equal(wire_counts(bench.wire).sent, 0);
	/* the allowed frame is the only one the device hears */
	assert_int_equal(wire_send(bench.wire, syn.bytes, syn.size), 0);
	assert_int_equal(test_hear(bench.listener, heard, sizeof(heard), 1000), syn.size);
	assert_memory_equal(heard, syn.bytes, syn.size);
	assert_int_equal(test_hear(bench.listener, heard, sizeof(heard), 100), 0);
	gate_channel_free(bench.channel);
	bench.channel = NULL;
	assert_int_equal(gate_dismiss(bench.gate, bench.pass, &traffic), 0);
	assert_int_equal(traffic.frames, 1);
	assert_int_equal(traffic.bytes, syn.size);
	assert_int_equal(traffic.refused, ARRAY_SIZE(cases) + 1);
	assert_string_equal(traffic.last_refusal, "a frame of 10 bytes is not Ethernet");
}

static void the_budget_paces_all_wires_together(void **state)
{
	struct probe_wire *second;
	struct wire_facts facts;
	struct frame syn;
	int64_t before;
	int error = 0, i;

	(void)state;
	bench.profile.budget.frames_per_s = 1000;
	start(WIRE_TCP);
	second = gate_wire(bench.channel, WIRE_TCP, &facts, &error);
	assert_non_null(second);
	syn = syn_to(140);
	before = clock_ns();
	for (i = 0; i < 100; i++) {
		assert_int_equal(wire_send(bench.wire, syn.bytes, syn.size), 0);
		assert_int_equal(wire_send(second, syn.bytes, syn.size), 0);
	}
	while (wire_sending(bench.wire) || wire_sending(second)) {
		clock_sleep_until(clock_ns() + NS_PER_MS);
	}
	assert_in_range(clock_ns() - before, 198 * NS_PER_MS, 400 * NS_PER_MS);
	assert_int_equal(wire_counts(bench.wire).sent, 100);
	assert_int_equal(wire_counts(second).sent, 100);
}

static void a_wire_that_was_not_declared_is_refused(void **state)
{
	static const struct gate_pass plain = {.observation = "test"};
	struct gate_channel *other = NULL;
	struct gate_traffic traffic;
	struct wire_facts facts;
	int error = 0, pass;

	(void)state;
	start(WIRE_TCP);
	pass = admit(&plain, &other);
	assert_null(gate_wire(other, WIRE_TCP, &facts, &error));
	assert_int_equal(error, -EACCES);
	gate_channel_free(other);
	assert_int_equal(gate_dismiss(bench.gate, pass, &traffic), 0);
	assert_int_equal(traffic.refused, 1);
}

/* TCP frames that reach the device until the deadline. */
static int hear_tcp(int64_t deadline_ns)
{
	uint8_t frame[2048];
	size_t size = 1;
	int count = 0;

	while (clock_ns() < deadline_ns) {
		size = test_hear(bench.listener, frame, sizeof(frame),
				 (int)((deadline_ns - clock_ns()) / NS_PER_MS) + 1);
		count += size >= 54 && frame[12] == 0x08 && frame[13] == 0 && frame[23] == 6;
	}
	return count;
}

/* --- from a second source ------------------------------------------------------- */

static struct probe_wire *second_wire(struct gate_channel *channel, const char *source,
				      struct wire_facts *ret, int *ret_error)
{
	struct wire_target target = {.kind = WIRE_TCP, .source = source};

	return gate_wire_to(channel, &target, ret, ret_error);
}

static int admit_second(struct gate_channel **ret)
{
	static const struct gate_pass pass = {.observation = "test",
					      .needs = NEEDS_WIRE | NEEDS_SECOND_SOURCE};

	return admit(&pass, ret);
}

static void a_wire_from_the_witness_asks_and_hears_as_the_witness(void **state)
{
	struct gate_channel *other = NULL;
	struct wire_facts facts;
	struct probe_wire *wire;
	const uint8_t *frame = NULL;
	struct frame syn, mains;
	int error = 0, open;

	(void)state;
	bench.profile.link.witness = address_of(TEST_WITNESS);
	start(WIRE_TCP);
	open = test_device_listen(&bench.link, 2222);
	admit_second(&other);
	wire = second_wire(other, "witness", &facts, &error);
	assert_non_null(wire);
	assert_string_equal(address_text(&facts.source).s, TEST_WITNESS);
	syn = test_syn(&facts, 2222);
	assert_int_equal(wire_send(wire, syn.bytes, syn.size), 0);
	assert_true(wire_receive(wire, &frame, NULL, clock_ns() + NS_PER_S) >= 54);
	assert_int_equal(frame[47], 0x12); /* SYN ACK */
	assert_memory_equal(frame + 30, facts.source.bytes, 4);
	/* SYN, and the RST of the tester's kernel: the place is free again */
	assert_int_equal(hear_tcp(clock_ns() + 200 * NS_PER_MS), 2);
	/* neither hears nor may send as the other */
	assert_int_equal(wire_receive(bench.wire, &frame, NULL, clock_ns() + 50 * NS_PER_MS), 0);
	mains = syn_to(2222);
	assert_int_equal(wire_send(wire, mains.bytes, mains.size), 0);
	assert_int_equal(wire_send(bench.wire, syn.bytes, syn.size), 0);
	assert_int_equal(hear_tcp(clock_ns() + 200 * NS_PER_MS), 0);
	assert_int_equal(wire_counts(wire).refused, 1);
	assert_int_equal(wire_counts(bench.wire).refused, 1);
	gate_channel_free(other);
	close(open);
}

static void a_wire_has_no_source_that_the_profile_does_not_declare(void **state)
{
	static const char *const names[] = {"witness", "monitor", "nobody", TEST_WITNESS};
	struct gate_channel *other = NULL;
	struct gate_traffic traffic;
	struct wire_facts facts;
	int error = 0, pass;
	size_t i;

	(void)state;
	start(WIRE_TCP);
	pass = admit_second(&other);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		assert_null(second_wire(other, names[i], &facts, &error));
		assert_int_equal(error, -EADDRNOTAVAIL);
	}
	/* one that declares no second source has none */
	assert_null(second_wire(bench.channel, "witness", &facts, &error));
	assert_int_equal(error, -EACCES);
	gate_channel_free(other);
	assert_int_equal(gate_dismiss(bench.gate, pass, &traffic), 0);
	assert_int_equal(traffic.refused, ARRAY_SIZE(names));
}

/* --- half open --------------------------------------------------------------- */

/* The device takes TCP and says nothing. */
static void fall_silent(void)
{
	test_shell("nsenter -t %d -n nft 'add table inet t; add chain inet t out { type filter "
		   "hook output priority 0; }; add rule inet t out ip protocol tcp drop'",
		   (int)bench.link.holder);
}

static void send_syns(uint16_t port, int count)
{
	struct frame syn = syn_to(port);
	int i;

	for (i = 0; i < count; i++) {
		assert_int_equal(wire_send(bench.wire, syn.bytes, syn.size), 0);
	}
}

static void unanswered_syns_to_a_port_stay_within_half_open(void **state)
{
	int64_t begin;

	(void)state;
	bench.profile.budget.half_open = 3;
	start(WIRE_TCP);
	fall_silent();
	begin = clock_ns();
	send_syns(2222, 20);
	assert_int_equal(hear_tcp(begin + 900 * NS_PER_MS), 3);
	/* a second later they have been dropped: three more */
	assert_int_equal(hear_tcp(begin + 1900 * NS_PER_MS), 3);
	assert_int_equal(wire_counts(bench.wire).refused, 0);
}

static void answered_syns_make_room_at_once(void **state)
{
	int64_t begin = clock_ns();

	(void)state;
	bench.profile.budget.half_open = 1;
	start(WIRE_TCP);
	send_syns(2223, 200);
	flush_wire();
	assert_int_equal(wire_counts(bench.wire).sent, 200);
	assert_true(clock_ns() - begin < 5 * NS_PER_S);
}

static void open_ports_and_connections_share_the_half_open(void **state)
{
	int one, other;
	int64_t begin;

	(void)state;
	bench.profile.budget.half_open = 4;
	start(WIRE_TCP);
	one = test_device_listen(&bench.link, 2222);
	other = test_device_listen(&bench.link, 2223);
	send_syns(2222, 1);
	send_syns(2223, 1);
	flush_wire();
	assert_int_equal(hear_tcp(clock_ns() + 200 * NS_PER_MS), 4); /* SYN and RST of each */
	fall_silent();
	begin = clock_ns();
	send_syns(2222, 3);
	send_syns(2223, 3);
	assert_int_equal(hear_tcp(begin + 500 * NS_PER_MS), 4);
	/* a connection has no place either */
	assert_int_equal(gate_dial(bench.channel, 9000, false, 100), -EDQUOT);
	close(one);
	close(other);
}

static void syns_in_fragments_count_too(void **state)
{
	struct frame syn;
	int64_t begin;
	int i;

	(void)state;
	bench.profile.budget.half_open = 2;
	start(WIRE_TCP);
	syn = syn_to(2222);
	syn.bytes[AT_IP + 6] = 0x20; /* more fragments; the checksum is the device's matter */
	begin = clock_ns();
	for (i = 0; i < 10; i++) {
		assert_int_equal(wire_send(bench.wire, syn.bytes, syn.size), 0);
	}
	assert_int_equal(hear_tcp(begin + 500 * NS_PER_MS), 2);
}

static void different_silent_ports_do_not_wait_for_each_other(void **state)
{
	int64_t begin;
	uint16_t port;

	(void)state;
	bench.profile.budget.half_open = 1;
	start(WIRE_TCP);
	fall_silent();
	begin = clock_ns();
	for (port = 3000; port < 3100; port++) {
		send_syns(port, 1);
	}
	assert_int_equal(hear_tcp(begin + 500 * NS_PER_MS), 100);
}

/* Takes a second wire by hand, so that its memory can be spoilt. */
static struct ring *hostile_ring(int *ret_memory)
{
	struct request request = channel_request(REQUEST_WIRE);
	struct message_fds fds;
	struct reply reply;
	struct ring *ring;

	request.u.wire.kind = WIRE_TCP;
	assert_int_equal(channel_ask(bench.channel, &request, 0, &reply, &fds), 0);
	assert_int_equal(fds.count, 2);
	ring = mmap(NULL, sizeof(*ring), PROT_READ | PROT_WRITE, MAP_SHARED, fds.fd[0], 0);
	assert_ptr_not_equal(ring, MAP_FAILED);
	*ret_memory = fds.fd[0];
	return ring;
}

static void spoilt_ring_indexes_end_the_wire_alone(void **state)
{
	struct frame syn;
	struct ring *ring;
	uint8_t heard[2048];
	int memory = -1;

	(void)state;
	start(WIRE_TCP);
	ring = hostile_ring(&memory);
	assert_int_equal(ftruncate(memory, 0), -1); /* sealed */
	memset(ring, 0x5a, sizeof(*ring));
	clock_sleep_until(clock_ns() + 50 * NS_PER_MS);
	assert_int_equal(test_hear(bench.listener, heard, sizeof(heard), 20), 0);
	syn = syn_to(140);
	assert_int_equal(wire_send(bench.wire, syn.bytes, syn.size), 0);
	assert_int_equal(test_hear(bench.listener, heard, sizeof(heard), 1000), syn.size);
}

static void a_frame_longer_than_its_slot_is_refused(void **state)
{
	struct gate_traffic traffic;
	struct ring *ring;
	uint8_t heard[2048];
	int memory = -1;

	(void)state;
	start(WIRE_TCP);
	ring = hostile_ring(&memory);
	atomic_store(&ring->out[0].size, 0xffffffffu);
	atomic_store(&ring->out_queued, 1);
	clock_sleep_until(clock_ns() + 50 * NS_PER_MS);
	assert_int_equal(test_hear(bench.listener, heard, sizeof(heard), 20), 0);
	gate_channel_free(bench.channel);
	bench.channel = NULL;
	assert_int_equal(gate_dismiss(bench.gate, bench.pass, &traffic), 0);
	assert_int_equal(traffic.refused, 1);
	assert_string_equal(traffic.last_refusal, "a frame of 4294967295 bytes is too long");
}

static void a_stop_order_ends_what_is_queued(void **state)
{
	struct frame syn;
	int i, error = 0;

	(void)state;
	bench.profile.budget.frames_per_s = 100;
	start(WIRE_TCP);
	syn = syn_to(140);
	for (i = 0; i < 500; i++) {
		assert_int_equal(wire_send(bench.wire, syn.bytes, syn.size), 0);
	}
	gate_stop_load(bench.gate);
	clock_sleep_until(clock_ns() + 10 * NS_PER_MS);
	error = wire_send(bench.wire, syn.bytes, syn.size);
	assert_int_equal(error, -ECANCELED);
	assert_true(wire_counts(bench.wire).sent < 10);
	assert_false(wire_sending(bench.wire));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

static bool in_group(void)
{
	return system("ip maddr show dev t0 | grep -q 01:80:c2:00:00:0e") == 0;
}

static void the_interface_is_in_a_group_while_its_wire_is_open(void **state)
{
	static const char *const groups[] = {"lldp", NULL};

	(void)state;
	bench.profile.link.multicast = groups;
	assert_false(in_group());
	start(WIRE_GROUP);
	assert_true(in_group());
	gate_channel_free(bench.channel);
	bench.channel = NULL;
	gate_stop(bench.gate);
	bench.gate = NULL;
	assert_false(in_group());
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(the_interface_is_in_a_group_while_its_wire_is_open),
		TEST(a_syn_is_answered_from_an_open_and_a_closed_port),
		TEST(what_is_out_of_scope_does_not_leave),
		TEST(the_budget_paces_all_wires_together),
		TEST(a_wire_that_was_not_declared_is_refused),
		TEST(a_wire_from_the_witness_asks_and_hears_as_the_witness),
		TEST(a_wire_has_no_source_that_the_profile_does_not_declare),
		TEST(spoilt_ring_indexes_end_the_wire_alone),
		TEST(a_frame_longer_than_its_slot_is_refused),
		TEST(a_stop_order_ends_what_is_queued),
		TEST(unanswered_syns_to_a_port_stay_within_half_open),
		TEST(answered_syns_make_room_at_once),
		TEST(open_ports_and_connections_share_the_half_open),
		TEST(syns_in_fragments_count_too),
		TEST(different_silent_ports_do_not_wait_for_each_other),
	};

	return test_calm_run(tests, NULL, NULL);
}
