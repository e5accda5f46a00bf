/* frame_test: frames as another reader sees them: tshark's dissectors, with
 * every checksum looked at. */
#define _GNU_SOURCE
#include "harness/frame/dissect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const uint8_t mss[4] = {2, 4, 0x05, 0xb4};
static const uint8_t odd[7] = {'p', 'a', 'y', 'l', 'o', 'a', 'd'};

#define STACK(...)                          \
	{                                   \
		FRAME_ETHERNET, __VA_ARGS__ \
	}

/* One line of tshark's fields for each: protocols, then the state of the
 * checksums of IPv4, TCP, UDP, ICMP, ICMPv6 (1 right, 0 wrong), then what
 * is malformed. */
static const struct wanted {
	bool six;
	struct frame_recipe recipe;
	const char *line;
} wanted[] = {
	{false, {.layers = STACK(FRAME_ARP)}, "eth:ethertype:arp||||||"},
	{false, {.layers = STACK(FRAME_IP, FRAME_TCP)}, "eth:ethertype:ip:tcp|1|1||||"},
	{false,
	 {.layers = STACK(FRAME_IP, FRAME_TCP), .options = mss, .options_size = sizeof(mss)},
	 "eth:ethertype:ip:tcp|1|1||||"},
	{false,
	 {.layers = STACK(FRAME_IP, FRAME_TCP),
	  .options = mss,
	  .options_size = sizeof(mss),
	  .payload = odd,
	  .payload_size = sizeof(odd)},
	 "eth:ethertype:ip:tcp:data|1|1||||"},
	{false,
	 {.layers = STACK(FRAME_IP, FRAME_UDP), .payload = odd, .payload_size = sizeof(odd)},
	 "eth:ethertype:ip:udp:data|1||1|||"},
	{false, {.layers = STACK(FRAME_IP, FRAME_ECHO)}, "eth:ethertype:ip:icmp|1|||1||"},
	{true, {.layers = STACK(FRAME_IP, FRAME_TCP)}, "eth:ethertype:ipv6:tcp||1||||"},
	{true,
	 {.layers = STACK(FRAME_IP, FRAME_UDP), .payload = odd, .payload_size = sizeof(odd)},
	 "eth:ethertype:ipv6:udp:data|||1|||"},
	{true,
	 {.layers = STACK(FRAME_IP, FRAME_ECHO), .payload = odd, .payload_size = sizeof(odd)},
	 "eth:ethertype:ipv6:icmpv6:data|||||1|"},
	/* where libnet's own checksums are wrong */
	{true,
	 {.layers = STACK(FRAME_IP, FRAME_HOP_OPTIONS, FRAME_TCP)},
	 "eth:ethertype:ipv6:ipv6.hopopts:tcp||1||||"},
	{true,
	 {.layers = STACK(FRAME_IP, FRAME_FRAGMENT, FRAME_UDP),
	  .payload = odd,
	  .payload_size = sizeof(odd)},
	 "eth:ethertype:ipv6:ipv6.fraghdr:udp:data|||1|||"},
	/* wrong where that is meant, and nowhere else */
	{false,
	 {.layers = STACK(FRAME_IP, FRAME_TCP), .wrong = FRAME_TCP},
	 "eth:ethertype:ip:tcp|1|0||||"},
	{false,
	 {.layers = STACK(FRAME_IP, FRAME_UDP), .wrong = FRAME_IPV4},
	 "eth:ethertype:ip:udp|0||1|||"},
	{true,
	 {.layers = STACK(FRAME_IP, FRAME_ECHO), .wrong = FRAME_ICMPV6},
	 "eth:ethertype:ipv6:icmpv6|||||0|"},
	{false,
	 {.layers = STACK(FRAME_IP, FRAME_TCP), .values = {{FIELD_IPV4_HEADER_WORDS, 15}}},
	 "eth:ethertype:ip||||||"},
};

static struct frame_ends ends_of(bool six)
{
	return (struct frame_ends){
		.from_mac = {2, 0, 0, 0, 0, 1},
		.to_mac = {2, 0, 0, 0, 0, 2},
		.from = address_of(six ? "fd00::1" : "10.0.0.1"),
		.to = address_of(six ? "fd00::2" : "10.0.0.2"),
		.from_port = 40001,
		.to_port = 40002,
	};
}

static struct frame built(bool six, const struct frame_recipe *recipe)
{
	struct frame_ends ends = ends_of(six);
	struct frame frame;
	struct text why;

	if (frame_build(recipe, &ends, &frame, &why) != 0) {
		fail_msg("%s", why.s);
	}
	return frame;
}

static void dump(pcap_dumper_t *file, const struct frame *frame)
{
	struct pcap_pkthdr header = {.caplen = (uint32_t)frame->size, .len = (uint32_t)frame->size};

	pcap_dump((u_char *)(void *)file, &header, frame->bytes);
}

static pcap_dumper_t *open_file(char *path)
{
	pcap_t *handle = pcap_open_dead(DLT_EN10MB, 2000);
	pcap_dumper_t *file;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	file = pcap_dump_fopen(handle, fdopen(fd, "wb"));
	assert_non_null(file);
	pcap_close(handle);
	return file;
}

static FILE *tshark(const char *path)
{
	char command[1024];

	snprintf(command, sizeof(command),
		 "tshark -r %s -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE "
		 "-o udp.check_checksum:TRUE -T fields -E separator='|' -e frame.protocols "
		 "-e ip.checksum.status -e tcp.checksum.status -e udp.checksum.status "
		 "-e icmp.checksum.status -e icmpv6.checksum.status -e _ws.malformed "
		 "2>/dev/null",
		 path);
	return popen(command, "r");
}

static void read_line(FILE *lines, char *ret, size_t size)
{
	assert_non_null(fgets(ret, (int)size, lines));
	ret[strcspn(ret, "\n")] = '\0';
}

static void another_reader_finds_every_layer_and_every_checksum_right_unless_meant(void **state)
{
	char path[] = "/tmp/assay-frames-XXXXXX", line[512];
	pcap_dumper_t *file = open_file(path);
	FILE *lines;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(wanted); i++) {
		struct frame frame = built(wanted[i].six, &wanted[i].recipe);

		dump(file, &frame);
	}
	pcap_dump_close(file);
	lines = tshark(path);
	for (i = 0; i < ARRAY_SIZE(wanted); i++) {
		read_line(lines, line, sizeof(line));
		assert_string_equal(line, wanted[i].line);
	}
	assert_int_equal(pclose(lines), 0);
	unlink(path);
}

/* Every field a frame has is set to some values: the checksums must be those of
 * a frame built afresh with that value, as far as tshark can tell. */
static void a_field_set_afterwards_leaves_the_checksums_right(void **state)
{
	static const uint64_t values[] = {0, 1, 0x7fff, 0xffff, 0xdeadbeef, 0xffffffff};
	static const enum frame_field fields[] = {
		FIELD_IPV4_ID,
		FIELD_IPV4_TTL,
		FIELD_IPV4_FROM,
		FIELD_IPV4_TO,
		FIELD_IPV6_CLASS,
		FIELD_IPV6_FLOW,
		FIELD_IPV6_HOPS,
		FIELD_IPV6_FROM_LOW,
		FIELD_IPV6_TO_LOW,
		FIELD_SOURCE_PORT,
		FIELD_TARGET_PORT,
		FIELD_TCP_SEQUENCE,
		FIELD_TCP_ACKNOWLEDGEMENT,
		FIELD_TCP_WINDOW,
		FIELD_TCP_FLAGS,
		FIELD_ICMP_ID,
		FIELD_ICMP_NUMBER,
		FIELD_ICMP_CODE,
	};
	static const struct frame_recipe recipes[] = {
		{.layers = STACK(FRAME_IP, FRAME_TCP)},
		{.layers = STACK(FRAME_IP, FRAME_UDP)},
		{.layers = STACK(FRAME_IP, FRAME_ECHO)},
	};
	char path[] = "/tmp/assay-frames-XXXXXX", line[512];
	pcap_dumper_t *file = open_file(path);
	size_t count = 0, i, r, v;
	FILE *lines;

	(void)state;
	for (r = 0; r < 2 * ARRAY_SIZE(recipes); r++) {
		struct frame frame = built(r % 2 == 1, &recipes[r / 2]);

		for (i = 0; i < ARRAY_SIZE(fields); i++) {
			for (v = 0; frame_has(&frame, fields[i]) && v < ARRAY_SIZE(values); v++) {
				frame_set(&frame, fields[i], values[v]);
				dump(file, &frame);
				count++;
			}
		}
	}
	pcap_dump_close(file);
	assert_int_equal(count, 6 * (10 + 11 + 6 + 7 + 7 + 8));
	lines = tshark(path);
	for (i = 0; i < count; i++) {
		read_line(lines, line, sizeof(line));
		assert_null(strstr(strchr(line, '|'), "0"));
		assert_non_null(strstr(line, "|1"));
	}
	assert_int_equal(pclose(lines), 0);
	unlink(path);
}

static void a_field_read_back_is_what_was_set(void **state)
{
	static const struct frame_recipe recipe = {.layers = STACK(FRAME_IP, FRAME_TCP)};
	struct frame frame = built(false, &recipe), before = frame;

	(void)state;
	frame_set(&frame, FIELD_ETHERNET_TO, 0x0123456789ab);
	assert_int_equal(frame_get(&frame, FIELD_ETHERNET_TO), 0x0123456789ab);
	assert_int_equal(frame_get(&frame, FIELD_ETHERNET_FROM), 0x020000000001);
	frame_set(&frame, FIELD_IPV4_HEADER_WORDS, 7);
	assert_int_equal(frame_get(&frame, FIELD_IPV4_HEADER_WORDS), 7);
	assert_int_equal(frame_get(&frame, FIELD_IPV4_VERSION), 4);
	frame_set(&frame, FIELD_IPV4_OFFSET, 0x1fff);
	assert_int_equal(frame_get(&frame, FIELD_IPV4_DONT_FRAGMENT), 1);
	assert_int_equal(frame_get(&frame, FIELD_IPV4_OFFSET), 0x1fff);
	frame_set(&frame, FIELD_IPV4_OFFSET, 0);
	frame_set(&frame, FIELD_IPV4_HEADER_WORDS, 5);
	frame_set(&frame, FIELD_ETHERNET_TO, 0x020000000002);
	assert_memory_equal(&frame, &before, sizeof(frame));
}

static void udp_never_has_the_checksum_that_says_none(void **state)
{
	static const struct frame_recipe recipe = {.layers = STACK(FRAME_IP, FRAME_UDP)};
	struct frame frame = built(false, &recipe);
	struct frame_slot slot = frame_slot(&frame, FIELD_SOURCE_PORT);
	unsigned port, full = 0;

	(void)state;
	for (port = 0; port < 65536; port++) {
		frame_slot_put(&slot, frame.bytes, port);
		assert_int_not_equal(frame_get(&frame, FIELD_UDP_SUM), 0);
		full += frame_get(&frame, FIELD_UDP_SUM) == 0xffff;
	}
	assert_int_equal(full, 1);
}

static void what_is_no_frame_is_not_built(void **state)
{
	static const uint8_t much[FRAME_MAX];
	static const struct {
		bool six;
		struct frame_recipe recipe;
	} cases[] = {
		{false, {.layers = {FRAME_END}}},
		{false, {.layers = {FRAME_IP, FRAME_TCP}}},
		{false, {.layers = STACK(FRAME_ETHERNET)}},
		{true, {.layers = STACK(FRAME_ARP)}},
		{true, {.layers = STACK(FRAME_IPV4, FRAME_TCP)}},
		{false, {.layers = STACK(FRAME_IPV6, FRAME_TCP)}},
		{false, {.layers = STACK(FRAME_IP), .payload = much, .payload_size = sizeof(much)}},
		{false, {.layers = STACK(FRAME_IP, FRAME_TCP), .options = mss, .options_size = 3}},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct frame_ends ends = ends_of(cases[i].six);
		struct frame frame = {.size = 1};
		struct text why = {.s = ""};

		assert_int_equal(frame_build(&cases[i].recipe, &ends, &frame, &why), -1);
		assert_int_not_equal(why.s[0], '\0');
		assert_int_equal(frame.size, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			another_reader_finds_every_layer_and_every_checksum_right_unless_meant),
		cmocka_unit_test(a_field_set_afterwards_leaves_the_checksums_right),
		cmocka_unit_test(a_field_read_back_is_what_was_set),
		cmocka_unit_test(udp_never_has_the_checksum_that_says_none),
		cmocka_unit_test(what_is_no_frame_is_not_built),
	};

	return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
