/* hostile_gate_test: probes that attack, in real sandboxed children behind a real
 * gate and a link of its own, and what the gate makes of them. */
/* needs: namespace */
/* timeout: 180 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <sys/mman.h>

#include "harness/base/test_calm.h"
#include "harness/gate/channel.h"
#include "harness/gate/ring.h"
#include "harness/gate/test_link.h"
#include "harness/run/monitor.h"
#include "harness/run/probe_run.h"
#include "harness/run/test_run.h"

#include "harness/banned.h"

static struct test_link tested;
static struct test_bench bench;
static int listener = -1;

static const struct fact_def facts[] = {
	{"number", FACT_INT, "", "a number"},
	{"other", FACT_INT, "", "another"},
	{.name = NULL},
};

static int set_up(void **state)
{
	struct gate_ability ability;
	struct text why = {.s = ""};
	int code = 0;

	(void)state;
	test_link_up(&tested);
	test_bench_init(&bench, "other", 80);
	bench.profile.link.interface = "t0";
	bench.profile.link.address = address_of(TEST_DEVICE);
	bench.profile.link.source = address_of(TEST_TESTER);
	bench.profile.link.witness = address_of(TEST_WITNESS);
	bench.gate = gate_start(&bench.profile, &ability, &code, &why);
	if (bench.gate == NULL) {
		fail_msg("%d: %s", code, why.s);
	}
	assert_int_equal(gate_beat(bench.gate, -1), 0);
	listener = test_device_listener(&tested);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	close(listener);
	test_bench_release(&bench);
	test_link_down(&tested);
	return 0;
}

static struct child_report run(enum impact impact, unsigned needs,
			       int (*observe)(struct probe_run *run))
{
	struct probe probe = {.id = "test.hostile",
			      .summary = "attacks",
			      .source = "none",
			      .impact = impact,
			      .needs = needs,
			      .timeout_s = 8,
			      .facts = facts,
			      .observe = observe};

	return test_observe(&bench, &probe, NULL);
}

/* --- an onlooker: a second child that dials while the attack goes on --------- */

struct onlooker {
	struct gate_channel *channel;
	pthread_t thread;
	atomic_bool ending;
	int dialled, failed;
	int64_t worst_ns;
};

static void *look_on(void *argument)
{
	struct onlooker *o = argument;
	int64_t before, took;

	while (!atomic_load(&o->ending)) {
		before = clock_ns();
		o->failed += gate_dial(o->channel, 9001, false, 5000) != -ECONNREFUSED;
		took = clock_ns() - before;
		o->worst_ns = took > o->worst_ns ? took : o->worst_ns;
		o->dialled++;
		clock_sleep_until(clock_ns() + 5 * NS_PER_MS);
	}
	return NULL;
}

static void onlooker_start(struct onlooker *o)
{
	static const struct gate_pass plain = {.observation = "onlooker"};
	struct text why;
	int fd = -1;

	memset(o, 0, sizeof(*o));
	assert_true(gate_admit(bench.gate, &plain, -1, &fd, &why) > 0);
	o->channel = gate_channel_new(fd);
	assert_int_equal(pthread_create(&o->thread, NULL, look_on, o), 0);
}

/* Nobody else was kept waiting. Connecting takes some 0.1 ms here, and a busy
 * tester's pauses some 100. */
static void onlooker_stop(struct onlooker *o)
{
	atomic_store(&o->ending, true);
	pthread_join(o->thread, NULL);
	gate_channel_free(o->channel);
	assert_true(o->dialled > 20);
	assert_int_equal(o->failed, 0);
	assert_true(o->worst_ns < 500 * NS_PER_MS);
}

/* --- not reading ----------------------------------------------------------------- */

/* Orders a load of 5 s, then asks on and reads nothing for 3 s. */
static int does_not_read(struct probe_run *run)
{
	struct request request = channel_request(REQUEST_STORM);
	int64_t end = clock_ns() + 3 * NS_PER_S;
	int asked = 0;

	request.u.storm.parts[0] = (struct storm_part_request){.family = "arp-request"};
	request.u.storm.part_count = 1;
	request.u.storm.frames_per_s = 1000;
	request.u.storm.duration_ms = 5000;
	(void)message_send(run->channel->fd, &request, sizeof(request), NULL);
	request = channel_request(REQUEST_LINK);
	while (clock_ns() < end) {
		asked += send(run->channel->fd, &request, sizeof(request),
			      MSG_DONTWAIT | MSG_NOSIGNAL) > 0;
		clock_sleep_until(clock_ns() + 100000);
	}
	probe_saw_int(run, "number", asked);
	return 0;
}

static int count_heard(void)
{
	uint8_t frame[2048];
	int count = 0;

	while (test_hear(listener, frame, sizeof(frame), 50) > 0) {
		count++;
	}
	return count;
}

static void who_does_not_read_is_dropped_and_its_load_stops(void **state)
{
	struct child_report report;
	struct onlooker onlooker;
	int heard;

	(void)state;
	onlooker_start(&onlooker);
	report = run(IMPACT_STRESS, NEEDS_STORM, does_not_read);
	onlooker_stop(&onlooker);
	heard = count_heard() - 2 * onlooker.dialled; /* SYN, RST is the device's */
	assert_false(report.gate_gone);
	assert_string_equal(report.traffic.last_refusal,
			    "the check does not read its answers: it was dropped");
	/* some hundred answers, one each 0.1 ms, fit: the load stopped within
	 * a second of its five */
	assert_true(report.traffic.frames < 1000);
	assert_true(heard < 1500);
}

/* --- wires ------------------------------------------------------------------------- */

struct hand { /* a wire taken by hand */
	struct ring *ring;
	struct wire_facts facts;
	int fds[3];
	size_t fd_count;
};

static bool take_wire(struct probe_run *run, struct hand *ret)
{
	struct request request = channel_request(REQUEST_WIRE);
	struct message_fds fds;
	struct reply reply;
	void *memory;
	size_t i;

	request.u.wire.kind = WIRE_TCP;
	if (channel_ask(run->channel, &request, 0, &reply, &fds) != 0 || reply.error != 0) {
		return false;
	}
	memory = mmap(NULL, sizeof(struct ring), PROT_READ | PROT_WRITE, MAP_SHARED, fds.fd[0], 0);
	if (memory == MAP_FAILED) {
		return false;
	}
	ret->ring = memory;
	ret->facts = reply.u.wire.facts;
	ret->fd_count = fds.count - 1;
	for (i = 1; i < fds.count; i++) {
		ret->fds[i - 1] = fds.fd[i];
	}
	return true;
}

/* Makes what it shares with the gate block, fills it, and has the gate ring. */
static int jams_the_bell(struct probe_run *run)
{
	uint64_t most = UINT64_MAX - 1;
	int64_t end = clock_ns() + NS_PER_S;
	struct hand hand;
	size_t i;
	int rang = 0;

	if (!take_wire(run, &hand)) {
		return probe_give_up(run, WHY_PROBE_FAILED, "no wire");
	}
	for (i = 0; i < hand.fd_count; i++) {
		(void)send(hand.fds[i], &most, sizeof(most), MSG_DONTWAIT);
		(void)fcntl(hand.fds[i], F_SETFL, O_NONBLOCK);
		(void)!write(hand.fds[i], &most, sizeof(most));
		(void)fcntl(hand.fds[i], F_SETFL, 0);
	}
	while (clock_ns() < end) {
		atomic_store(&hand.ring->child_waits, WANTS_NEWS);
		atomic_fetch_add(&hand.ring->counts_asked, 1);
		rang++;
	}
	probe_saw_int(run, "number", rang);
	return 0;
}

static int hangs_up_the_bell(struct probe_run *run)
{
	struct hand hand;
	size_t i;

	if (!take_wire(run, &hand)) {
		return probe_give_up(run, WHY_PROBE_FAILED, "no wire");
	}
	for (i = 0; i < hand.fd_count; i++) {
		shutdown(hand.fds[i], SHUT_RDWR);
		close(hand.fds[i]);
	}
	clock_sleep_until(clock_ns() + 300 * NS_PER_MS);
	return 0;
}

static void a_jammed_bell_holds_up_nobody(void **state)
{
	struct child_report report;
	struct onlooker onlooker;

	(void)state;
	onlooker_start(&onlooker);
	report = run(IMPACT_OBSERVE, NEEDS_WIRE, jams_the_bell);
	onlooker_stop(&onlooker);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_false(report.gate_gone);
	assert_int_equal(run(IMPACT_OBSERVE, NEEDS_WIRE, hangs_up_the_bell).outcome,
			 CHILD_COMPLETE);
}

/* A TCP frame without flags to port 140: nothing that counts as half open. */
static void write_frame(const struct wire_facts *wire, uint8_t frame[60])
{
	uint32_t from = address_ipv4(&wire->source), to = address_ipv4(&wire->device);

	memset(frame, 0, 60);
	memcpy(frame, wire->device_mac, 6);
	memcpy(frame + 6, wire->source_mac, 6);
	frame[12] = 0x08;
	frame[14] = 0x45;
	frame[17] = 46;
	frame[22] = 64;
	frame[23] = 6;
	memcpy(frame + 26, &from, 4);
	memcpy(frame + 30, &to, 4);
	frame[34] = (uint8_t)(wire->port >> 8);
	frame[35] = (uint8_t)wire->port;
	frame[37] = 140;
	frame[46] = 0x50;
}

/* Changes one byte of the frames that the gate took last and takes next, or changes it back. */
static void flip_around(struct ring *ring, unsigned taken, size_t place)
{
	unsigned i;

	for (i = 0; i < 16; i++) {
		volatile uint8_t *byte = &ring->out[(taken - 8 + i) % RING_OUT].bytes[place];

		*byte = (uint8_t)(*byte ^ 0x23);
	}
}

/* Queues frames that are in scope and changes them while they are read, and between the gate's
 * look and its sending. */
static int rewrites_frames(struct probe_run *run)
{
	static const size_t places[] = {0, 5, 6, 11, 26, 29, 30, 33, 36};
	int64_t end = clock_ns() + 2 * NS_PER_S;
	uint8_t frame[60];
	struct hand hand;
	unsigned n = 0, i, taken;

	if (!take_wire(run, &hand)) {
		return probe_give_up(run, WHY_PROBE_FAILED, "no wire");
	}
	write_frame(&hand.facts, frame);
	while (clock_ns() < end) {
		while (n - atomic_load(&hand.ring->out_taken) < RING_OUT - 16) {
			struct frame_out *slot = &hand.ring->out[n % RING_OUT];

			memcpy(slot->bytes, frame, sizeof(frame));
			atomic_store(&slot->size, sizeof(frame));
			atomic_store(&hand.ring->out_queued, ++n);
		}
		for (i = 0; i < 500; i++) {
			taken = atomic_load(&hand.ring->out_taken);
			flip_around(hand.ring, taken, places[i % ARRAY_SIZE(places)]);
			flip_around(hand.ring, taken, places[i % ARRAY_SIZE(places)]);
		}
	}
	probe_saw_int(run, "number", n);
	return 0;
}

static bool in_scope(const uint8_t *frame, size_t size)
{
	uint32_t to = inet_addr(TEST_DEVICE), from = inet_addr(TEST_TESTER);

	return size >= 34 && memcmp(frame, tested.device_mac, 6) == 0 &&
	       memcmp(frame + 6, tested.tester_mac, 6) == 0 && memcmp(frame + 26, &from, 4) == 0 &&
	       memcmp(frame + 30, &to, 4) == 0;
}

static void frames_changed_after_the_check_leave_as_they_were_checked(void **state)
{
	struct child_report report;
	uint8_t frame[2048];
	size_t size;
	int heard = 0;

	(void)state;
	report = run(IMPACT_OBSERVE, NEEDS_WIRE, rewrites_frames);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	for (;;) {
		size = test_hear(listener, frame, sizeof(frame), 50);
		if (size == 0) {
			break;
		}
		if (frame[12] == 0x08 && frame[13] == 0x00) {
			assert_true(in_scope(frame, size));
			heard++;
		}
	}
	assert_true(heard > 100);
	assert_true(report.traffic.refused > 0);
}

/* --- requests ------------------------------------------------------------------------ */

/* Asks for everything there might be; counts what is granted. */
static int asks_for_everything(struct probe_run *run)
{
	struct request request;
	struct message_fds fds;
	struct reply reply;
	uint32_t kind, value;
	int granted = 0, other = 0;
	size_t i;

	for (kind = 0; kind < 40; kind++) {
		for (value = 0; value < 4; value++) {
			request = channel_request(kind);
			memcpy(&request.u, &value, sizeof(value));
			if (channel_ask(run->channel, &request, 100, &reply, &fds) != 0) {
				return probe_give_up(run, WHY_PROBE_FAILED, "dropped at %u", kind);
			}
			granted += reply.error == 0 && kind != REQUEST_LINK;
			other += fds.count > 0;
			for (i = 0; i < fds.count; i++) {
				close(fds.fd[i]);
			}
		}
	}
	probe_saw_int(run, "number", granted);
	probe_saw_int(run, "other", other);
	return 0;
}

/* Whoever may ask for anything, with noise for everything that a request says: names without an
 * end, families and kinds that there are not. */
static int asks_with_noise(struct probe_run *run)
{
	uint32_t state = 88172645u, kind;
	struct request request;
	struct message_fds fds;
	struct wire_facts wire;
	struct reply reply;
	int round, asked = 0;
	size_t i;

	for (round = 0; round < 60; round++) {
		for (kind = 0; kind < 20; kind++) {
			request = channel_request(kind);
			for (i = 0; i < sizeof(request.u); i++) {
				state = state * 1664525u + 1013904223u;
				((uint8_t *)&request.u)[i] = (uint8_t)(state >> 24);
			}
			/* a kind that there is, now and then, and no long wait */
			state %= round % 2 == 0 ? 4 : UINT32_MAX;
			memcpy(&request.u, &state, sizeof(state));
			request.u.dial.timeout_ms = -1;
			if (channel_ask(run->channel, &request, 500, &reply, &fds) != 0) {
				return probe_give_up(run, WHY_PROBE_FAILED, "dropped at %u", kind);
			}
			message_fds_close(&fds);
			asked++;
			state = state * 69069u + (uint32_t)asked;
		}
	}
	probe_saw_int(run, "number", gate_link(run->channel, &wire));
	probe_saw_int(run, "other", asked);
	return 0;
}

static void noise_in_requests_of_every_kind_leaves_no_frame(void **state)
{
	static const unsigned all = NEEDS_WIRE | NEEDS_STORM | NEEDS_SECOND_SOURCE | NEEDS_LISTEN;
	struct child_report report = run(IMPACT_STRESS, all, asks_with_noise);

	(void)state;
	if (report.outcome != CHILD_COMPLETE) {
		fail_msg("%s", report.reason);
	}
	assert_string_equal(test_fact(&bench, &report, "number"), "0");
	assert_string_equal(test_fact(&bench, &report, "other"), "1200");
	assert_int_equal(report.traffic.frames, 0);
	assert_int_equal(report.traffic.connections, 0);
}

static void an_observer_that_asks_for_everything_gets_nothing(void **state)
{
	struct child_report report = run(IMPACT_OBSERVE, 0, asks_for_everything);

	(void)state;
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(test_fact(&bench, &report, "number"), "0");
	assert_string_equal(test_fact(&bench, &report, "other"), "0");
	assert_int_equal(report.traffic.writes, 0);
	assert_int_equal(report.traffic.failed_logins, 0);
	assert_int_equal(report.traffic.frames, 0);
}

/* Sends noise of all sizes for a second, and a request the gate answers now
 * and then so that it is not dropped for what it leaves unread. */
static int sends_garbage(struct probe_run *run)
{
	static uint8_t noise[4096];
	int64_t end = clock_ns() + NS_PER_S;
	struct reply reply;
	uint32_t state = 2463534242u;
	int sent = 0;
	size_t i;

	while (clock_ns() < end) {
		for (i = 0; i < sizeof(noise); i += 64) {
			state = state * 1664525u + 1013904223u;
			memcpy(noise + i, &state, sizeof(state));
		}
		if (message_send(run->channel->fd, noise, 1 + state % sizeof(noise), NULL) != 0 ||
		    channel_receive(run->channel, 100, &reply, sizeof(reply), NULL) != 0 ||
		    reply.error >= 0) {
			return probe_give_up(run, WHY_PROBE_FAILED, "garbage was not refused");
		}
		sent++;
	}
	probe_saw_int(run, "number", sent);
	return 0;
}

/* As many requests a second as go, every answer read. */
static int floods_requests(struct probe_run *run)
{
	int64_t end = clock_ns() + NS_PER_S;
	struct wire_facts wire;
	int asked = 0;

	while (clock_ns() < end && gate_link(run->channel, &wire) == 0) {
		asked++;
	}
	probe_saw_int(run, "number", asked);
	return 0;
}

static void garbage_and_floods_of_requests_hold_up_nobody(void **state)
{
	struct child_report report;
	struct onlooker onlooker;

	(void)state;
	onlooker_start(&onlooker);
	report = run(IMPACT_OBSERVE, 0, sends_garbage);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_true(facts_find(&report.facts, "number")->number > 1000);
	report = run(IMPACT_OBSERVE, 0, floods_requests);
	onlooker_stop(&onlooker);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_true(facts_find(&report.facts, "number")->number > 1000);
}

/* A descriptor cannot be sent along from the sandbox. */
static int sends_a_descriptor(struct probe_run *run)
{
	struct request request = channel_request(REQUEST_LINK);
	struct message_fds fds = {.fd = {0}, .count = 1};

	probe_saw_int(run, "number",
		      message_send(run->channel->fd, &request, sizeof(request), &fds));
	return 0;
}

/* How many descriptors a process has. */
static size_t descriptors(pid_t pid)
{
	char command[128], text[32] = "";
	FILE *pipe_end;

	snprintf(command, sizeof(command), "ls /proc/%d/fd | wc -l", (int)pid);
	pipe_end = popen(command, "r");
	assert_non_null(pipe_end);
	assert_non_null(fgets(text, sizeof(text), pipe_end));
	pclose(pipe_end);
	return strtoul(text, NULL, 10);
}

static void descriptors_that_are_sent_along_are_not_kept(void **state)
{
	static const struct gate_pass plain = {.observation = "unconfined"};
	struct child_report report = run(IMPACT_OBSERVE, 0, sends_a_descriptor);
	struct request request = channel_request(REQUEST_LINK);
	struct message_fds fds = {.fd = {0, 0, 0}, .count = 3};
	struct reply reply;
	struct text why;
	size_t before;
	int fd = -1, i;

	(void)state;
	assert_string_equal(test_fact(&bench, &report, "number"), "-1");
	/* outside the sandbox it can be: the gate closes them unseen */
	assert_true(gate_admit(bench.gate, &plain, -1, &fd, &why) > 0);
	before = descriptors(gate_pid(bench.gate));
	for (i = 0; i < 500; i++) {
		assert_int_equal(message_send(fd, &request, sizeof(request), &fds), 0);
		assert_true(message_receive(fd, &reply, sizeof(reply), NULL, NULL) > 0);
	}
	assert_int_equal(descriptors(gate_pid(bench.gate)), before);
	close(fd);
}

/* --- shared memory ------------------------------------------------------------------------ */

static const struct essential_function function = {
	.name = "control runs", .watch = "test.counter", .period_ms = 10, .tripwire_ms = 500};

static int count_up(struct probe_run *run, void **state, int64_t deadline_ns, double *ret_value)
{
	int *count = *state != NULL ? *state : probe_alloc(run, sizeof(int));

	(void)deadline_ns;
	*state = count;
	*ret_value = ++*count;
	return 0;
}

/* What the runner shares with gate and monitors: a child has it at the same
 * places, or not at all. */
static struct {
	char *at;
	size_t size;
} shared[32];
static size_t shared_count;

static void note_shared(void)
{
	FILE *file = fopen("/proc/self/maps", "re");
	char line[512], rights[8];
	unsigned long from, to;

	assert_non_null(file);
	shared_count = 0;
	while (fgets(line, sizeof(line), file) != NULL && shared_count < ARRAY_SIZE(shared)) {
		if (sscanf(line, "%lx-%lx %7s", &from, &to, rights) == 3 && rights[3] == 's') {
			shared[shared_count].at = (char *)from;
			shared[shared_count++].size = to - from;
		}
	}
	fclose(file);
}

/* Tries to write to each; the kernel says EFAULT where it cannot. */
static int writes_shared_memory(struct probe_run *run)
{
	int fds[2], written = 0, made = 0;
	size_t i;

	if (pipe(fds) != 0) {
		return probe_give_up(run, WHY_PROBE_FAILED, "no pipe");
	}
	for (i = 0; i < shared_count; i++) {
		made += mprotect(shared[i].at, shared[i].size, PROT_READ | PROT_WRITE) == 0;
		written += write(fds[1], "", 1) == 1 && read(fds[0], shared[i].at, 1) == 1;
	}
	probe_saw_int(run, "number", written);
	probe_saw_int(run, "other", made);
	return 0;
}

static void a_check_can_write_to_nothing_of_the_watch(void **state)
{
	static const struct monitor monitor = {
		.id = "test.counter", .progress = true, .sample = count_up};
	struct sample_ring *ring = sample_ring_new();
	struct monitor_process *process;
	struct child_report report;
	struct text why;
	int code;

	(void)state;
	gate_stop(bench.gate);
	bench.profile.functions = &function;
	bench.profile.function_count = 1;
	bench.world.rings = &ring;
	bench.gate = gate_start(&bench.profile, &bench.ability, &code, &why);
	assert_non_null(bench.gate);
	assert_int_equal(gate_beat(bench.gate, -1), 0);
	process = monitor_start(&bench.world, &monitor, NULL, 0, 0, bench.gate, &why);
	assert_non_null(process);
	note_shared();
	/* the runner's beat, the monitor's orders, counts and samples */
	assert_in_range(shared_count, 3, ARRAY_SIZE(shared) - 1);
	report = run(IMPACT_OBSERVE, 0, writes_shared_memory);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(test_fact(&bench, &report, "number"), "0");
	assert_string_equal(test_fact(&bench, &report, "other"), "0");
	assert_true(monitor_totals(process).running);
	monitor_stop(process);
	sample_ring_free(ring);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(who_does_not_read_is_dropped_and_its_load_stops),
		TEST(a_jammed_bell_holds_up_nobody),
		TEST(frames_changed_after_the_check_leave_as_they_were_checked),
		TEST(an_observer_that_asks_for_everything_gets_nothing),
		TEST(noise_in_requests_of_every_kind_leaves_no_frame),
		TEST(garbage_and_floods_of_requests_hold_up_nobody),
		TEST(descriptors_that_are_sent_along_are_not_kept),
		TEST(a_check_can_write_to_nothing_of_the_watch),
	};

	return test_calm_run(tests, NULL, NULL);
}
