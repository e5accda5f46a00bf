/*
 * test_link: for tests alone: a veth pair from the test's own namespace (the
 * tester) to another one (the device), and sockets inside it. The test runs
 * with 'needs: namespace'. Everything goes away with the test's process.
 *
 * Define _GNU_SOURCE before the first include.
 */
#ifndef ASSAY_GATE_TEST_LINK_H
#define ASSAY_GATE_TEST_LINK_H

#include "harness/base/clock.h"
#include "harness/frame/family.h"
#include "harness/model/profile.h"
#include "probes/probe.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEST_TESTER  "10.99.0.1" /* on t0 */
#define TEST_WITNESS "10.99.0.9" /* on t0 */
#define TEST_DEVICE  "10.99.0.2" /* on d0, in the other namespace */

#define TEST_TESTER_IPV6 "fd00:99::1"
#define TEST_DEVICE_IPV6 "fd00:99::2"

struct test_link {
	pid_t holder; /* keeps the device's namespace */
	int tester_ns, device_ns;
	uint8_t tester_mac[6], device_mac[6];
};

#define TEST_MUST(condition) test_must(condition, __LINE__, #condition)
static inline void test_must(int condition, int line, const char *text)
{
	if (!condition) {
		fprintf(stderr, "test_link.h:%d: %s: %s\n", line, text, strerror(errno));
		abort();
	}
}

/* Runs a shell command of the test's own; aborts when it fails. */
__attribute__((format(printf, 1, 2))) static inline void test_shell(const char *format, ...)
{
	char command[1024];
	va_list arguments;
	int status = 0;
	pid_t pid;

	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	pid = fork();
	TEST_MUST(pid >= 0);
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	TEST_MUST(waitpid(pid, &status, 0) == pid);
	if (status != 0) {
		fprintf(stderr, "failed: %s\n", command);
		abort();
	}
}

/* No IPv6, so that only what the test sends is on the link. */
static inline void test_quiet(void)
{
	int fd = open("/proc/sys/net/ipv6/conf/default/disable_ipv6", O_WRONLY | O_CLOEXEC);

	if (fd >= 0) {
		TEST_MUST(write(fd, "1", 1) == 1);
		close(fd);
	}
}

/* Forks a process that holds a new network namespace. */
static inline pid_t test_holder(void)
{
	int ready[2];
	char byte;
	pid_t pid;

	TEST_MUST(pipe(ready) == 0);
	pid = fork();
	TEST_MUST(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		TEST_MUST(unshare(CLONE_NEWNET) == 0);
		test_quiet();
		TEST_MUST(write(ready[1], "x", 1) == 1);
		for (;;) {
			pause();
		}
	}
	close(ready[1]);
	TEST_MUST(read(ready[0], &byte, 1) == 1);
	close(ready[0]);
	return pid;
}

static inline void test_read_mac(pid_t pid, const char *interface, uint8_t mac[6])
{
	char path[128], text[64] = "";
	FILE *pipe_end;
	unsigned m[6], i;

	snprintf(path, sizeof(path),
		 "nsenter -t %d -n ip -o link show %s | "
		 "sed 's/.*ether //; s/ .*//'",
		 (int)pid, interface);
	pipe_end = popen(path, "r");
	TEST_MUST(pipe_end != NULL);
	TEST_MUST(fgets(text, sizeof(text), pipe_end) != NULL);
	pclose(pipe_end);
	TEST_MUST(sscanf(text, "%x:%x:%x:%x:%x:%x", &m[0], &m[1], &m[2], &m[3], &m[4], &m[5]) == 6);
	for (i = 0; i < 6; i++) {
		mac[i] = (uint8_t)m[i];
	}
}

static inline int test_open_ns(pid_t pid)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	TEST_MUST(fd >= 0);
	return fd;
}

static inline void test_link_up(struct test_link *link)
{
	memset(link, 0, sizeof(*link));
	test_quiet();
	link->holder = test_holder();
	link->tester_ns = test_open_ns(getpid());
	link->device_ns = test_open_ns(link->holder);
	test_shell("ip link add t0 type veth peer name d0 netns %d && "
		   "ip addr add " TEST_TESTER "/24 dev t0 && "
		   "ip addr add " TEST_WITNESS "/24 dev t0 && "
		   "ip link set t0 up && "
		   "nsenter -t %d -n sh -c 'ip link set lo up && "
		   "ip addr add " TEST_DEVICE "/24 dev d0 && "
		   "ip link set d0 up'",
		   (int)link->holder, (int)link->holder);
	test_read_mac(getpid(), "t0", link->tester_mac);
	test_read_mac(link->holder, "d0", link->device_mac);
}

/* Gives both ends an IPv6 address, and the device one of the link alone. */
static inline void test_link_ipv6(const struct test_link *link)
{
	test_shell("sysctl -qw net.ipv6.conf.t0.accept_dad=0 net.ipv6.conf.t0.disable_ipv6=0 "
		   "net.ipv6.conf.t0.router_solicitations=0 && "
		   "ip -6 addr add " TEST_TESTER_IPV6 "/64 dev t0 nodad && "
		   "nsenter -t %d -n sh -c 'sysctl -qw net.ipv6.conf.d0.accept_dad=0 "
		   "net.ipv6.conf.d0.disable_ipv6=0 net.ipv6.conf.d0.router_solicitations=0 && "
		   "ip -6 addr add " TEST_DEVICE_IPV6 "/64 dev d0 nodad && "
		   "ip -6 addr add fe80::2/64 dev d0 nodad'",
		   (int)link->holder);
}

static inline void test_link_down(struct test_link *link)
{
	test_shell("ip link del t0");
	close(link->tester_ns);
	close(link->device_ns);
	kill(link->holder, SIGKILL);
	waitpid(link->holder, NULL, 0);
}

/* The value below a name in a table of two lines, "Tcp: InSegs ..." and "Tcp: 12 ...". -1: not
 * there. */
static inline long test_counter_in_pair(const char *names, const char *values, const char *name)
{
	const char *colon = strchr(names, ':');
	size_t proto = colon == NULL ? 0 : (size_t)(colon - names);
	char word[64], number[32];
	int in_names = (int)proto + 1, in_values = (int)proto + 1, next;

	if (colon == NULL || strncmp(name, names, proto) != 0) {
		return -1;
	}
	while (sscanf(names + in_names, "%63s%n", word, &next) == 1) {
		in_names += next;
		if (sscanf(values + in_values, "%31s%n", number, &next) != 1) {
			return -1;
		}
		in_values += next;
		if (strcmp(word, name + proto) == 0) {
			return strtol(number, NULL, 10);
		}
	}
	return -1;
}

/* A counter of the device's kernel by its name in RFC 4293's tables and their like, as nstat(8)
 * prints it: "TcpInSegs", "Icmp6InEchos". */
static inline long test_device_counter(const struct test_link *link, const char *name)
{
	static const char *const tables[] = {"snmp", "netstat", "snmp6"};
	char path[64], names[4096], values[4096], word[64];
	long found = -1, value;
	size_t i;

	for (i = 0; i < sizeof(tables) / sizeof(tables[0]) && found < 0; i++) {
		FILE *table;

		snprintf(path, sizeof(path), "/proc/%d/net/%s", (int)link->holder, tables[i]);
		table = fopen(path, "r");
		assert_non_null(table);
		while (found < 0 && fgets(names, sizeof(names), table) != NULL) {
			if (strcmp(tables[i], "snmp6") == 0) {
				if (sscanf(names, "%63s %ld", word, &value) == 2 &&
				    strcmp(word, name) == 0) {
					found = value;
				}
			} else if (fgets(values, sizeof(values), table) != NULL) {
				found = test_counter_in_pair(names, values, name);
			}
		}
		fclose(table);
	}
	assert_true(found >= 0);
	return found;
}

/* A socket inside the device's namespace. */
static inline int test_device_socket(const struct test_link *link, int domain, int type,
				     int protocol)
{
	int fd;

	TEST_MUST(setns(link->device_ns, CLONE_NEWNET) == 0);
	fd = socket(domain, type | SOCK_CLOEXEC, protocol);
	TEST_MUST(fd >= 0);
	TEST_MUST(setns(link->tester_ns, CLONE_NEWNET) == 0);
	return fd;
}

/* A TCP port of the device that listens; the backlog alone accepts. */
static inline int test_device_listen(const struct test_link *link, uint16_t port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = test_device_socket(link, AF_INET, SOCK_STREAM, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	TEST_MUST(bind(fd, (const struct sockaddr *)(const void *)&at, sizeof(at)) == 0);
	TEST_MUST(listen(fd, 64) == 0);
	return fd;
}

/* Hears every frame that reaches the device's interface from outside, from now
 * on; the kernel stamps them (CLOCK_REALTIME). */
static inline int test_device_listener(const struct test_link *link)
{
	struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	int fd = test_device_socket(link, AF_PACKET, SOCK_RAW, 0);
	int one = 1, room = 64 << 20;

	TEST_MUST(setns(link->device_ns, CLONE_NEWNET) == 0);
	at.sll_ifindex = (int)if_nametoindex("d0");
	TEST_MUST(setns(link->tester_ns, CLONE_NEWNET) == 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof(one));
	TEST_MUST(setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)) == 0);
	TEST_MUST(bind(fd, (const struct sockaddr *)(const void *)&at, sizeof(at)) == 0);
	return fd;
}

/* True if a listener gets the room to hear a whole load: the kernel gives it to
 * the machine's root alone, not to that of a user namespace. */
static inline int test_hears_load(int listener)
{
	int room = 0;
	socklen_t size = sizeof(room);

	getsockopt(listener, SOL_SOCKET, SO_RCVBUF, &room, &size);
	return room >= 64 << 20;
}

/* Reads one frame heard within timeout_ms. Returns its size, 0 for none. */
static inline size_t test_hear(int listener, uint8_t *frame, size_t capacity, int timeout_ms)
{
	struct pollfd ready = {.fd = listener, .events = POLLIN};
	ssize_t got;

	if (poll(&ready, 1, timeout_ms) <= 0) {
		return 0;
	}
	got = recv(listener, frame, capacity, MSG_TRUNC);
	TEST_MUST(got >= 0);
	return (size_t)got;
}

/* A SYN from a wire's port to a port of the device. */
static inline struct frame test_syn(const struct wire_facts *facts, uint16_t port)
{
	struct frame_ends ends = {.from = facts->source,
				  .to = facts->device,
				  .from_port = facts->port,
				  .to_port = port};
	struct pattern syn;
	struct text why;

	memcpy(ends.from_mac, facts->source_mac, 6);
	memcpy(ends.to_mac, facts->device_mac, 6);
	TEST_MUST(pattern_build(family_find("tcp-syn"), &ends, &syn, &why) == 0);
	return syn.frame;
}

/* A profile of the link: everything is consented to and budgets are wide. */
static inline struct profile test_link_profile(void)
{
	struct profile profile;
	int i;

	memset(&profile, 0, sizeof(profile));
	profile.name = "test device";
	profile.component = "EDR";
	profile.link.interface = "t0";
	profile.link.address = address_of(TEST_DEVICE);
	for (i = 0; i < IMPACT_COUNT; i++) {
		profile.consent[i] = true;
	}
	profile.budget = (struct budget){.frames_per_s = 1000000,
					 .connections = 8,
					 .half_open = 8,
					 .failed_logins = 10,
					 .writes = 4,
					 .load_frames_per_s = 200000,
					 .load_s = 10};
	return profile;
}

#endif
