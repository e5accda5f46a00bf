/* link_test: the bench is looked at before the first frame. */
/* needs: namespace */
/* timeout: 180 */
#define _GNU_SOURCE
#include "harness/base/test_calm.h"
#include "harness/gate/gate.h"
#include "harness/gate/test_link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "harness/banned.h"

struct bench {
	struct test_link link;
	struct profile profile;
	struct gate *gate;
	struct gate_ability ability;
	int code;
	struct text why;
};

static struct bench bench;

static int set_up(void **state)
{
	(void)state;
	memset(&bench, 0, sizeof(bench));
	test_link_up(&bench.link);
	bench.profile = test_link_profile();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	gate_stop(bench.gate);
	test_link_down(&bench.link);
	return 0;
}

static void start(void)
{
	bench.gate = gate_start(&bench.profile, &bench.ability, &bench.code, &bench.why);
}

static void assert_refused(int code, const char *why)
{
	start();
	assert_null(bench.gate);
	assert_string_equal(bench.why.s, why);
	assert_int_equal(bench.code, code);
}

/* Starts and says that it worked. */
static void assert_started(void)
{
	start();
	if (bench.gate == NULL) {
		fail_msg("%d: %s", bench.code, bench.why.s);
	}
}

static void a_default_route_is_refused_before_any_frame(void **state)
{
	uint8_t frame[2048];
	int listener;

	(void)state;
	test_shell("ip route add default via " TEST_DEVICE " dev t0");
	listener = test_device_listener(&bench.link);
	assert_refused(2, "interface 't0' carries a default route, so it is "
			  "not a bench of its own: use a separate interface, "
			  "or set 'link: shared: true' if this is meant");
	assert_int_equal(test_hear(listener, frame, sizeof(frame), 100), 0);
	close(listener);
}

static void a_default_route_that_is_meant_is_accepted(void **state)
{
	(void)state;
	test_shell("ip route add default via " TEST_DEVICE " dev t0");
	bench.profile.link.default_route_meant = true;
	assert_started();
	assert_true(bench.ability.raw);
}

static void an_ipv6_default_route_is_refused(void **state)
{
	(void)state;
	test_shell("sysctl -qw net.ipv6.conf.t0.disable_ipv6=0 && "
		   "ip -6 addr add fd00::1/64 dev t0 nodad && "
		   "ip -6 route add default via fd00::2 dev t0");
	start();
	assert_null(bench.gate);
	assert_int_equal(bench.code, 2);
	assert_non_null(strstr(bench.why.s, "carries a default route"));
}

/* A third namespace with the device's address, all three on one bridge that
 * lives in the device's namespace. */
static void a_second_host_with_the_address_is_refused(void **state)
{
	pid_t other = test_holder();

	(void)state;
	test_shell("nsenter -t %d -n sh -c '"
		   "ip addr flush dev d0 && ip link add br0 type bridge && "
		   "ip link set br0 address 02:00:00:00:00:02 && "
		   "ip link set d0 master br0 && "
		   "ip addr add " TEST_DEVICE "/24 dev br0 && "
		   "ip link add p0 type veth peer name q0 netns %d && "
		   "ip link set p0 master br0 && ip link set p0 up && "
		   "ip link set br0 up' && "
		   "nsenter -t %d -n sh -c '"
		   "ip link set q0 address 02:00:00:00:00:03 && "
		   "ip addr add " TEST_DEVICE "/24 dev q0 && "
		   "ip link set q0 up'",
		   (int)bench.link.holder, (int)other, (int)other);
	start();
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	assert_null(bench.gate);
	assert_int_equal(bench.code, 2);
	assert_non_null(strstr(bench.why.s, "two hosts answer for 10.99.0.2"));
	assert_non_null(strstr(bench.why.s, "02:00:00:00:00:02"));
	assert_non_null(strstr(bench.why.s, "02:00:00:00:00:03"));
}

static void a_silent_device_is_unavailable(void **state)
{
	(void)state;
	bench.profile.link.address = address_of("10.99.0.77");
	assert_refused(3, "nobody answers for 10.99.0.77 on 't0': is the "
			  "device on?");
}

static void another_mac_than_the_profiles_is_refused(void **state)
{
	(void)state;
	bench.profile.link.mac_given = true;
	memcpy(bench.profile.link.mac, bench.link.device_mac, 6);
	bench.profile.link.mac[5] ^= 1;
	start();
	assert_null(bench.gate);
	assert_int_equal(bench.code, 2);
	assert_non_null(strstr(bench.why.s, "another device answers"));
}

static void the_profiles_mac_is_accepted(void **state)
{
	(void)state;
	bench.profile.link.mac_given = true;
	memcpy(bench.profile.link.mac, bench.link.device_mac, 6);
	assert_started();
}

static void an_unknown_interface_is_unavailable(void **state)
{
	(void)state;
	bench.profile.link.interface = "nosuch0";
	assert_refused(3, "no interface 'nosuch0' on this machine");
}

static void an_interface_that_is_down_is_unavailable(void **state)
{
	(void)state;
	test_shell("ip link set t0 down");
	assert_refused(3, "interface 't0' is down");
}

static void a_source_that_is_not_there_is_refused(void **state)
{
	(void)state;
	bench.profile.link.source = address_of("10.99.0.55");
	assert_refused(2, "source address 10.99.0.55 is not on interface 't0'");
}

static void the_testers_own_address_is_no_device(void **state)
{
	(void)state;
	bench.profile.link.address = address_of(TEST_WITNESS);
	assert_refused(2, "10.99.0.9 is an address of this machine, not of a "
			  "device on 't0'");
}

static int dial(uint16_t port)
{
	static const struct gate_pass observe = {.observation = "test"};
	struct gate_channel *channel;
	int fd = -1, result;

	assert_true(gate_admit(bench.gate, &observe, -1, &fd, &bench.why) > 0);
	channel = gate_channel_new(fd);
	result = gate_dial(channel, port, false, 1000);
	gate_channel_free(channel);
	return result;
}

static void a_device_behind_a_router_can_be_dialled(void **state)
{
	(void)state;
	test_shell("ip route add 10.98.0.0/24 via " TEST_DEVICE " dev t0");
	test_shell("nsenter -t %d -n ip addr add 10.98.0.2/32 dev lo", (int)bench.link.holder);
	bench.profile.link.address = address_of("10.98.0.2");
	assert_started();
	assert_false(bench.ability.raw);
	assert_string_equal(bench.ability.raw_reason, "the device is behind a router");
	assert_int_equal(dial(80), -ECONNREFUSED);
}

static void a_device_is_dialled_at_an_ipv6_address(void **state)
{
	static const char *const addresses[] = {"fd00:99::2", "fe80::2"};
	struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons(80)};
	int listener, fd;
	size_t i;

	(void)state;
	test_link_ipv6(&bench.link);
	listener = test_device_socket(&bench.link, AF_INET6, SOCK_STREAM, 0);
	assert_int_equal(bind(listener, (const struct sockaddr *)(const void *)&any, sizeof(any)),
			 0);
	assert_int_equal(listen(listener, 4), 0);
	for (i = 0; i < 2; i++) {
		bench.profile.link.address = address_of(addresses[i]);
		assert_started();
		fd = dial(80);
		assert_true(fd >= 0);
		close(fd);
		assert_int_equal(dial(81), -ECONNREFUSED);
		gate_stop(bench.gate);
		bench.gate = NULL;
	}
	close(listener);
}

static void a_device_with_an_ipv6_address_alone_is_found(void **state)
{
	(void)state;
	test_link_ipv6(&bench.link);
	bench.profile.link.address = address_of(TEST_DEVICE_IPV6);
	assert_started();
	assert_true(bench.ability.raw);
	assert_memory_equal(bench.ability.device_mac, bench.link.device_mac, 6);
	assert_string_equal(address_text(&bench.ability.source).s, TEST_TESTER_IPV6);
}

static void a_silent_ipv6_device_is_unavailable(void **state)
{
	(void)state;
	test_link_ipv6(&bench.link);
	bench.profile.link.address = address_of("fd00:99::77");
	assert_refused(3, "nobody answers for fd00:99::77 on 't0': is the device on?");
}

/* Puts a bridge into the device's namespace and a third one, 'other', on it. */
static pid_t bridge_in_another_host(const char *its_address)
{
	pid_t other = test_holder();

	test_shell("nsenter -t %d -n sh -c '"
		   "ip link add br0 type bridge && ip link set br0 address 02:00:00:00:00:02 && "
		   "sysctl -qw net.ipv6.conf.br0.accept_dad=0 net.ipv6.conf.br0.disable_ipv6=0 && "
		   "ip addr flush dev d0 && ip link set d0 master br0 && ip link set br0 up && "
		   "ip addr add " TEST_DEVICE "/24 dev br0 && "
		   "ip -6 addr add " TEST_DEVICE_IPV6 "/64 dev br0 nodad && "
		   "ip link add p0 type veth peer name q0 netns %d && "
		   "ip link set p0 master br0 && ip link set p0 up' && "
		   "nsenter -t %d -n sh -c '"
		   "ip link set q0 address 02:00:00:00:00:03 && "
		   "sysctl -qw net.ipv6.conf.q0.accept_dad=0 net.ipv6.conf.q0.disable_ipv6=0 && "
		   "ip link set q0 up && ip -6 addr add %s/64 dev q0 nodad'",
		   (int)bench.link.holder, (int)other, (int)other, its_address);
	return other;
}

static void let_go_of(pid_t other)
{
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
}

static void a_second_host_with_the_ipv6_address_is_refused(void **state)
{
	pid_t other;

	(void)state;
	test_link_ipv6(&bench.link);
	other = bridge_in_another_host(TEST_DEVICE_IPV6);
	bench.profile.link.address = address_of(TEST_DEVICE_IPV6);
	start();
	let_go_of(other);
	assert_null(bench.gate);
	assert_int_equal(bench.code, 2);
	assert_non_null(strstr(bench.why.s, "two hosts answer for fd00:99::2"));
}

static void another_device_at_the_ipv6_address_is_refused(void **state)
{
	pid_t other;

	(void)state;
	test_link_ipv6(&bench.link);
	other = bridge_in_another_host("fd00:99::3");
	bench.profile.link.ipv6[0] = address_of("fd00:99::3");
	bench.profile.link.ipv6_count = 1;
	start();
	let_go_of(other);
	assert_null(bench.gate);
	assert_int_equal(bench.code, 2);
	assert_string_equal(bench.why.s, "fd00:99::3 is 02:00:00:00:00:03, but 10.99.0.2 is "
					 "02:00:00:00:00:02: another device answers");
}

static void a_host_that_takes_the_ipv6_address_later_is_noticed(void **state)
{
	struct pollfd ready;
	struct text notice = {.s = ""};
	pid_t other;

	(void)state;
	test_link_ipv6(&bench.link);
	other = bridge_in_another_host("fd00:99::3");
	bench.profile.link.ipv6[0] = address_of(TEST_DEVICE_IPV6);
	bench.profile.link.ipv6_count = 1;
	assert_started();
	/* it advertises the address by itself, as it has it */
	test_shell("nsenter -t %d -n sh -c 'sysctl -qw net.ipv6.conf.q0.ndisc_notify=1 && "
		   "ip -6 addr add " TEST_DEVICE_IPV6 "/64 dev q0 nodad && "
		   "ip link set q0 address 02:00:00:00:00:04'",
		   (int)other);
	ready = (struct pollfd){.fd = gate_fd(bench.gate), .events = POLLIN};
	assert_int_equal(poll(&ready, 1, 3000), 1);
	assert_int_equal(gate_notice(bench.gate, &notice), 1);
	let_go_of(other);
	assert_string_equal(notice.s, "another host answers for fd00:99::2: 02:00:00:00:00:04, "
				      "before it was 02:00:00:00:00:02");
	assert_int_equal(dial(80), -EPERM);
}

static void loopback_has_no_raw_frames_but_connections(void **state)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t size = sizeof(at);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), fd;

	(void)state;
	inet_pton(AF_INET, "127.0.0.1", &at.sin_addr);
	bench.profile.link.address = address_of("127.0.0.1");
	bench.profile.link.interface = "lo";
	assert_int_equal(bind(listener, (const struct sockaddr *)(const void *)&at, sizeof(at)), 0);
	assert_int_equal(listen(listener, 1), 0);
	getsockname(listener, (struct sockaddr *)(void *)&at, &size);
	assert_started();
	assert_false(bench.ability.raw);
	assert_true(bench.ability.loopback);
	fd = dial(ntohs(at.sin_port));
	assert_true(fd >= 0);
	close(fd);
	close(listener);
}

/* What an ordinary user has: no capability at all. */
static void without_privileges_connections_alone_work(void **state)
{
	static const struct gate_pass all = {
		.observation = "test", .impact = IMPACT_STRESS, .needs = NEEDS_WIRE | NEEDS_STORM};
	struct storm_order order = {
		.parts = {{.family = "arp-request"}}, .frames_per_s = 10, .duration_ms = 100};
	static struct storm_result result;
	struct gate_channel *channel;
	struct wire_facts facts;
	int status = -1, fd = -1, error = 0;
	pid_t user = fork();

	(void)state;
	if (user == 0) {
		if (setresgid(65534, 65534, 65534) != 0 || setresuid(65534, 65534, 65534) != 0) {
			prctl(PR_CAPBSET_DROP, 13, 0, 0, 0);
			_exit(77); /* one user mapped: cannot be tried */
		}
		assert_started();
		assert_false(bench.ability.raw);
		assert_non_null(strstr(bench.ability.raw_reason, "not granted"));
		assert_int_equal(dial(80), -ECONNREFUSED);
		assert_true(gate_admit(bench.gate, &all, -1, &fd, &bench.why) > 0);
		channel = gate_channel_new(fd);
		assert_null(gate_wire(channel, WIRE_TCP, &facts, &error));
		assert_int_equal(error, -EPERM);
		assert_int_equal(gate_storm(channel, &order, &result), -EPERM);
		gate_channel_free(channel);
		gate_stop(bench.gate);
		_exit(42);
	}
	assert_int_equal(waitpid(user, &status, 0), user);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		skip();
	}
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 42);
}

static struct probe_wire *wire(int *ret_error)
{
	static const struct gate_pass with_wire = {.observation = "test", .needs = NEEDS_WIRE};
	struct gate_channel *channel;
	struct wire_facts facts;
	struct probe_wire *wire;
	int fd = -1;

	assert_true(gate_admit(bench.gate, &with_wire, -1, &fd, &bench.why) > 0);
	channel = gate_channel_new(fd);
	wire = gate_wire(channel, WIRE_TCP, &facts, ret_error);
	gate_channel_free(channel);
	return wire;
}

/* What the gate refuses from then on is refused at the device's own MAC too:
 * nobody knows which of the two it was talking to. */
static void a_second_host_that_comes_later_ends_all_traffic(void **state)
{
	struct text notice = {.s = ""};
	struct pollfd ready;
	int error = 0;

	(void)state;
	assert_started();
	assert_int_equal(gate_notice(bench.gate, &notice), 0);
	/* the same address from another hardware address */
	test_shell("nsenter -t %d -n sh -c '"
		   "ip link set d0 down && "
		   "ip link set d0 address 02:00:00:00:00:44 && "
		   "ip link set d0 up' && ip neigh flush dev t0",
		   (int)bench.link.holder);
	assert_int_equal(dial(80), -ECONNREFUSED);
	ready = (struct pollfd){.fd = gate_fd(bench.gate), .events = POLLIN};
	assert_int_equal(poll(&ready, 1, 1000), 1);
	assert_int_equal(gate_notice(bench.gate, &notice), 1);
	assert_non_null(strstr(notice.s, "02:00:00:00:00:44"));
	assert_int_equal(dial(80), -EPERM);
	assert_null(wire(&error));
	assert_int_equal(error, -EPERM);
}

/* Before it may ask, the gate has opened everything and sent nothing. */
static void nothing_is_sent_before_the_gate_may_go(void **state)
{
	uint8_t frame[2048];
	int listener;

	(void)state;
	listener = test_device_listener(&bench.link);
	bench.gate = gate_new(&bench.profile, &bench.why);
	assert_non_null(bench.gate);
	assert_int_equal(test_hear(listener, frame, sizeof(frame), 200), 0);
	gate_go(bench.gate);
	assert_true(test_hear(listener, frame, sizeof(frame), 1000) > 0);
	assert_memory_equal(frame + 12, "\x08\x06", 2); /* ARP */
	assert_int_equal(gate_greet(bench.gate, &bench.ability, &bench.code, &bench.why), 0);
	close(listener);
}

static void a_gate_that_may_never_go_ends_without_a_frame(void **state)
{
	uint8_t frame[2048];
	int listener;

	(void)state;
	listener = test_device_listener(&bench.link);
	bench.gate = gate_new(&bench.profile, &bench.why);
	gate_stop(bench.gate);
	bench.gate = NULL;
	assert_int_equal(test_hear(listener, frame, sizeof(frame), 100), 0);
	close(listener);
}

static void a_released_gate_ends_by_itself(void **state)
{
	pid_t pid;

	(void)state;
	assert_started();
	pid = gate_release(bench.gate);
	bench.gate = NULL;
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void a_gate_that_ends_is_noticed(void **state)
{
	struct pollfd ready;
	struct text notice;

	(void)state;
	assert_started();
	kill(gate_pid(bench.gate), SIGKILL);
	ready = (struct pollfd){.fd = gate_fd(bench.gate), .events = POLLIN};
	assert_int_equal(poll(&ready, 1, 1000), 1);
	assert_int_equal(gate_notice(bench.gate, &notice), -1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_default_route_is_refused_before_any_frame),
		TEST(a_default_route_that_is_meant_is_accepted),
		TEST(an_ipv6_default_route_is_refused),
		TEST(a_second_host_with_the_address_is_refused),
		TEST(a_silent_device_is_unavailable),
		TEST(another_mac_than_the_profiles_is_refused),
		TEST(the_profiles_mac_is_accepted),
		TEST(an_unknown_interface_is_unavailable),
		TEST(an_interface_that_is_down_is_unavailable),
		TEST(a_source_that_is_not_there_is_refused),
		TEST(the_testers_own_address_is_no_device),
		TEST(a_device_behind_a_router_can_be_dialled),
		TEST(a_device_is_dialled_at_an_ipv6_address),
		TEST(a_device_with_an_ipv6_address_alone_is_found),
		TEST(a_silent_ipv6_device_is_unavailable),
		TEST(a_second_host_with_the_ipv6_address_is_refused),
		TEST(another_device_at_the_ipv6_address_is_refused),
		TEST(a_host_that_takes_the_ipv6_address_later_is_noticed),
		TEST(loopback_has_no_raw_frames_but_connections),
		TEST(without_privileges_connections_alone_work),
		TEST(a_second_host_that_comes_later_ends_all_traffic),
		TEST(nothing_is_sent_before_the_gate_may_go),
		TEST(a_gate_that_may_never_go_ends_without_a_frame),
		TEST(a_released_gate_ends_by_itself),
		TEST(a_gate_that_ends_is_noticed),
	};

	return test_calm_run(tests, NULL, NULL);
}
