/* control_test: the control program's period and its load laws, measured over
 * Modbus while frames arrive at a known rate. */
/* needs: namespace */
/* label: slow */
/* timeout: 180 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base/bytes.h"
#include "harness/base/clock.h"
#include "harness/base/test_calm.h"
#include "targets/simulated/fixture.h"
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <modbus/modbus.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define ADDRESS   "10.213.2.2"
#define INTERFACE "assay2"

static const uint8_t device_mac[6] = {0x02, 0xa5, 0x5a, 0, 2, 2};
static const uint8_t tester_mac[6] = {0x02, 0xa5, 0x5a, 0, 2, 1};

/* An ARP request from the tester, or a TCP SYN to a closed port. */
static size_t frame_make(bool arp, uint8_t bytes[60])
{
	static const uint8_t everybody[6] = {255, 255, 255, 255, 255, 255};
	struct writer w = writer_of(bytes, 60);

	writer_bytes(&w, arp ? everybody : device_mac, 6);
	writer_bytes(&w, tester_mac, 6);
	writer_be16(&w, arp ? ETH_P_ARP : ETH_P_IP);
	if (arp) {
		writer_be32(&w, 0x00010800);
		writer_be32(&w, 0x06040001);
		writer_bytes(&w, tester_mac, 6);
		writer_be32(&w, 0x0ad50201);
		writer_bytes(&w, "\0\0\0\0\0\0", 6);
		writer_be32(&w, 0x0ad50202);
	} else {
		/* Checksum of these very bytes, so that IP accepts them. */
		writer_bytes(&w, "\x45\0\0\x28\0\0\0\0\x40\6\x61\x24", 12);
		writer_be32(&w, 0x0ad50201);
		writer_be32(&w, 0x0ad50202);
		writer_be32(&w, 0x1388270f); /* port 5000 to 9999 */
		writer_be32(&w, 1);
		writer_be32(&w, 0);
		writer_be32(&w, 0x50022000); /* SYN */
		writer_be32(&w, 0);
	}
	while (w.size < 60)
		writer_u8(&w, 0);
	return w.size;
}

struct load {
	bool arp;
	int64_t rate, duration_ms;
};

/* One frame after the other at absolute times. After a pause of this machine
 * the rate goes on from there and makes nothing up: the device must never see
 * more than the rate. */
static void *load_run(void *argument)
{
	const struct load *load = argument;
	struct sockaddr_ll to = {.sll_family = AF_PACKET,
				 .sll_ifindex = (int)if_nametoindex(INTERFACE)};
	int fd = socket(AF_PACKET, SOCK_RAW, 0);
	uint8_t frame[60];
	size_t size = frame_make(load->arp, frame);
	struct sched_param first = {.sched_priority = 1};
	int64_t end = clock_ns() + load->duration_ms * NS_PER_MS;
	int64_t due = clock_ns(), now = due;

	pthread_setschedparam(pthread_self(), SCHED_FIFO, &first);
	while (fd >= 0 && load->rate > 0 && now < end) {
		sendto(fd, frame, size, 0, (struct sockaddr *)&to, sizeof(to));
		due += NS_PER_S / load->rate;
		if (due < now - 2 * NS_PER_MS)
			due = now - 2 * NS_PER_MS;
		clock_sleep_until(due);
		now = clock_ns();
	}
	close(fd);
	return NULL;
}

static modbus_t *client(void)
{
	modbus_t *modbus = modbus_new_tcp(ADDRESS, 502);

	if (modbus_connect(modbus) < 0)
		fail_msg("no connection: %s", modbus_strerror(errno));
	return modbus;
}

static uint16_t cycles(modbus_t *modbus)
{
	uint16_t value = 0;

	if (modbus_read_registers(modbus, 10, 1, &value) != 1)
		fail_msg("no answer: %s", modbus_strerror(errno));
	return value;
}

/* Cycles counted between from_ms and to_ms of a load; for just that time, also
 * where this machine read the counter a little later. */
static int cycles_under(bool arp, int64_t rate, int64_t from_ms, int64_t to_ms)
{
	struct load load = {arp, rate, to_ms + 50};
	modbus_t *modbus = client();
	int64_t start = clock_ns(), begun;
	pthread_t thread;
	uint16_t first;
	double count;

	assert_int_equal(pthread_create(&thread, NULL, load_run, &load), 0);
	clock_sleep_until(start + from_ms * NS_PER_MS);
	first = cycles(modbus);
	begun = clock_ns();
	clock_sleep_until(start + to_ms * NS_PER_MS);
	count = (uint16_t)(cycles(modbus) - first);
	count *= (double)((to_ms - from_ms) * NS_PER_MS) / (double)(clock_ns() - begun);
	pthread_join(thread, NULL);
	modbus_free(modbus);
	return (int)(count + 0.5);
}

static void the_counter_moves_every_10_ms(void **state)
{
	(void)state;
	up("hardened-plc", NULL);
	assert_in_range(cycles_under(true, 0, 100, 2100), 190, 202);
	down("hardened-plc");
}

static void the_cycle_slows_above_the_limit_and_not_below(void **state)
{
	static const struct {
		const char *trait;
		int64_t limit;
		bool arp;
	} laws[] = {
		{"slow-above=200", 200, true},      {"slow-above=1000", 1000, true},
		{"slow-above=5000", 5000, true},    {"slow-above=1000", 1000, false},
		{"slow-above=20000", 20000, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(laws); i++) {
		const char *traits[] = {laws[i].trait, NULL};
		int64_t limit = laws[i].limit;
		print_message("%s\n", laws[i].trait);
		up("hardened-plc", traits);
		/* 0.8 of the limit: 10 ms a cycle; 1.2 of it: 300 ms. */
		assert_in_range(cycles_under(laws[i].arp, limit * 8 / 10, 300, 1300), 90, 102);
		assert_in_range(cycles_under(laws[i].arp, limit * 12 / 10, 500, 1400), 2, 4);
		/* The load over, it is back. */
		clock_sleep_until(clock_ns() + 500 * NS_PER_MS);
		assert_in_range(cycles_under(true, 0, 0, 500), 44, 52);
		down("hardened-plc");
	}
}

static void only_the_family_counts(void **state)
{
	const char *traits[] = {"slow-above=500", "load-family=syn", NULL};

	(void)state;
	up("hardened-plc", traits);
	assert_in_range(cycles_under(true, 2000, 300, 1300), 90, 102);
	assert_in_range(cycles_under(false, 2000, 500, 1400), 2, 4);
	down("hardened-plc");
}

/* The longest time, in ms, that the counter did not move in so long. */
static int64_t longest_stop(modbus_t *modbus, int64_t for_ms)
{
	int64_t end = clock_ns() + for_ms * NS_PER_MS;
	int64_t moved = clock_ns(), longest = 0;
	uint16_t last = cycles(modbus);

	while (clock_ns() < end) {
		uint16_t value = cycles(modbus);
		int64_t now = clock_ns();
		if (value != last) {
			if (now - moved > longest)
				longest = now - moved;
			moved = now;
			last = value;
		}
		clock_sleep_until(now + NS_PER_MS);
	}
	return longest / NS_PER_MS;
}

static void a_stop_lasts_as_long_as_set_and_comes_once(void **state)
{
	const char *traits[] = {"stop-at=500", "stop-for=1000", NULL};
	struct load load = {true, 1500, 3000};
	pthread_t thread;
	modbus_t *modbus = NULL;

	(void)state;
	up("hardened-plc", traits);
	modbus = client();
	assert_in_range(longest_stop(modbus, 300), 1, 200);
	assert_int_equal(pthread_create(&thread, NULL, load_run, &load), 0);
	assert_in_range(longest_stop(modbus, 2000), 950, 1050);
	assert_in_range(longest_stop(modbus, 800), 1, 200);
	pthread_join(thread, NULL);
	modbus_free(modbus);
	down("hardened-plc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_counter_moves_every_10_ms),
		cmocka_unit_test(the_cycle_slows_above_the_limit_and_not_below),
		cmocka_unit_test(only_the_family_counts),
		cmocka_unit_test(a_stop_lasts_as_long_as_set_and_comes_once),
	};
	return test_calm_run(tests, NULL, NULL);
}
