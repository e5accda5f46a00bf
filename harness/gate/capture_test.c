/* capture_test: evidence files as tshark and capinfos read them. */
/* needs: namespace */
/* timeout: 180 */
#define _GNU_SOURCE
#include "harness/base/test_calm.h"
#include "harness/gate/gate.h"
#include "harness/gate/link.h"
#include "harness/gate/test_link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/banned.h"

struct bench {
	struct test_link link;
	struct profile profile;
	struct gate *gate;
	struct gate_channel *channel;
	int pass;
	char path[64];
};

static struct bench bench;

static const struct service services[] = {{.name = "web", .port = 80}};

static int set_up(void **state)
{
	(void)state;
	memset(&bench, 0, sizeof(bench));
	test_link_up(&bench.link);
	bench.profile = test_link_profile();
	bench.profile.services = services;
	bench.profile.service_count = 1;
	snprintf(bench.path, sizeof(bench.path), "/tmp/capture_test.XXXXXX");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	gate_channel_free(bench.channel);
	gate_stop(bench.gate);
	unlink(bench.path);
	test_link_down(&bench.link);
	return 0;
}

static void start(unsigned needs)
{
	struct gate_pass what = {.observation = "test", .impact = IMPACT_STRESS, .needs = needs};
	struct gate_ability ability;
	struct text why = {.s = ""};
	int code = 0, fd = -1, file = mkstemp(bench.path);

	assert_true(file >= 0);
	bench.gate = gate_start(&bench.profile, &ability, &code, &why);
	if (bench.gate == NULL) {
		fail_msg("%d: %s", code, why.s);
	}
	assert_int_equal(gate_beat(bench.gate, -1), 0);
	bench.pass = gate_admit(bench.gate, &what, file, &fd, &why);
	assert_true(bench.pass > 0);
	bench.channel = gate_channel_new(fd);
	close(file);
}

static struct gate_traffic dismiss(void)
{
	struct gate_traffic traffic;

	gate_channel_free(bench.channel);
	bench.channel = NULL;
	assert_int_equal(gate_dismiss(bench.gate, bench.pass, &traffic), 0);
	return traffic;
}

/* First line of what a command prints, asked of somebody else's reader. */
__attribute__((format(printf, 3, 4))) static void ask_tool(char *answer, size_t capacity,
							   const char *format, ...)
{
	char command[512];
	va_list arguments;
	FILE *pipe_end;

	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	pipe_end = popen(command, "r");
	assert_non_null(pipe_end);
	answer[0] = '\0';
	if (fgets(answer, (int)capacity, pipe_end) == NULL) {
		answer[0] = '\0';
	}
	pclose(pipe_end);
	answer[strcspn(answer, "\n")] = '\0';
}

static long count_frames(const char *filter)
{
	char answer[64];

	ask_tool(answer, sizeof(answer), "tshark -n -r %s -Y '%s' 2>/dev/null | wc -l", bench.path,
		 filter);
	return strtol(answer, NULL, 10);
}

/* One connection: hello there, world back. */
static void talk(void)
{
	int listener = test_device_listen(&bench.link, 80), fd, peer;
	char bytes[16];

	fd = gate_dial(bench.channel, 80, false, 1000);
	assert_true(fd >= 0);
	peer = accept(listener, NULL, NULL);
	assert_true(peer >= 0);
	assert_int_equal(write(fd, "hello", 5), 5);
	assert_int_equal(read(peer, bytes, sizeof(bytes)), 5);
	assert_int_equal(write(peer, "world", 5), 5);
	assert_int_equal(read(fd, bytes, sizeof(bytes)), 5);
	close(peer);
	close(fd);
	close(listener);
}

static void tshark_reads_one_connection_whole(void **state)
{
	struct gate_traffic traffic;
	char answer[256];

	(void)state;
	start(0);
	talk();
	traffic = dismiss();
	assert_int_equal(traffic.capture_dropped, 0);
	assert_true(traffic.captured >= 9);
	assert_int_equal(count_frames("frame"), traffic.captured);
	assert_int_equal(count_frames("tcp.flags == 0x002"), 1);
	assert_int_equal(count_frames("tcp.flags == 0x012"), 1);
	assert_int_equal(count_frames("tcp.len == 5"), 2);
	assert_int_equal(count_frames("_ws.malformed"), 0);
	ask_tool(answer, sizeof(answer),
		 "tshark -n -r %s -T fields -e tcp.payload "
		 "-Y 'tcp.len == 5' 2>/dev/null",
		 bench.path);
	assert_string_equal(answer, "68656c6c6f");
}

static void capinfos_reads_who_wrote_it_and_what_was_lost(void **state)
{
	char answer[512];

	(void)state;
	start(0);
	talk();
	dismiss();
	ask_tool(answer, sizeof(answer), "capinfos %s | sed -n 's/^File type: *//p'", bench.path);
	assert_string_equal(answer, "Wireshark/... - pcapng");
	ask_tool(answer, sizeof(answer), "capinfos %s | sed -n 's/^Capture application: *//p'",
		 bench.path);
	assert_string_equal(answer, "assay " ASSAY_VERSION);
	ask_tool(answer, sizeof(answer), "capinfos %s | sed -n 's/^ *Name = //p'", bench.path);
	assert_string_equal(answer, "t0");
	ask_tool(answer, sizeof(answer), "capinfos %s | sed -n 's/^ *Time precision = //p'",
		 bench.path);
	assert_string_equal(answer, "nanoseconds (9)");
	ask_tool(answer, sizeof(answer), "capinfos %s | grep -c 'left out: raw frames'",
		 bench.path);
	assert_string_equal(answer, "1");
}

static void frames_before_and_after_the_pass_are_not_in_it(void **state)
{
	static const struct gate_pass observe = {.observation = "other"};
	struct gate_channel *mine, *other;
	struct text why;
	int fd = -1;

	(void)state;
	start(0);
	dismiss();
	unlink(bench.path);
	snprintf(bench.path, sizeof(bench.path), "/tmp/capture_test.XXXXXX");
	fd = gate_admit(bench.gate, &observe, -1, &fd, &why) > 0 ? fd : -1;
	assert_true(fd >= 0);
	other = gate_channel_new(fd);
	mine = bench.channel;
	bench.channel = other;
	talk(); /* before */
	bench.channel = mine;
	fd = mkstemp(bench.path);
	bench.pass = gate_admit(bench.gate, &observe, fd, &bench.pass, &why);
	close(fd);
	assert_true(bench.pass > 0);
	bench.channel = other;
	talk(); /* during */
	bench.channel = NULL;
	{
		struct gate_traffic traffic;

		assert_int_equal(gate_dismiss(bench.gate, bench.pass, &traffic), 0);
	}
	bench.channel = other;
	talk(); /* after */
	assert_int_equal(count_frames("tcp.flags == 0x002"), 1);
}

static void load_and_its_answers_are_left_out(void **state)
{
	static struct storm_result result;
	struct storm_order order = {
		.parts = {{"tcp-syn", 80}}, .frames_per_s = 2000, .duration_ms = 200};
	struct gate_traffic traffic;

	(void)state;
	start(NEEDS_STORM);
	assert_int_equal(gate_storm(bench.channel, &order, &result), 0);
	order.parts[0].family = "arp-request";
	assert_int_equal(gate_storm(bench.channel, &order, &result), 0);
	talk();
	traffic = dismiss();
	assert_int_equal(traffic.frames, 800);
	assert_int_equal(count_frames("tcp.port == 80"), traffic.captured);
	assert_int_equal(count_frames("tcp.len == 5"), 2);
	assert_true(traffic.captured < 20);
}

static void a_wires_open_port_is_kept_and_its_resets_are_not(void **state)
{
	const uint8_t *frame;
	struct wire_facts facts;
	struct probe_wire *wire;
	struct frame syn;
	int error = 0, listener;
	uint16_t port;

	(void)state;
	start(NEEDS_WIRE);
	listener = test_device_listen(&bench.link, 80);
	wire = gate_wire(bench.channel, WIRE_TCP, &facts, &error);
	assert_non_null(wire);
	for (port = 79; port < 82; port++) {
		syn = test_syn(&facts, port);
		assert_int_equal(wire_send(wire, syn.bytes, syn.size), 0);
		assert_true(wire_receive(wire, &frame, NULL, clock_ns() + NS_PER_S) > 0);
	}
	dismiss();
	close(listener);
	assert_int_equal(count_frames("tcp"), 1);
	assert_int_equal(count_frames("tcp.srcport == 80 && "
				      "tcp.flags == 0x012"),
			 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(tshark_reads_one_connection_whole),
		TEST(capinfos_reads_who_wrote_it_and_what_was_lost),
		TEST(frames_before_and_after_the_pass_are_not_in_it),
		TEST(load_and_its_answers_are_left_out),
		TEST(a_wires_open_port_is_kept_and_its_resets_are_not),
	};

	return test_calm_run(tests, NULL, NULL);
}
