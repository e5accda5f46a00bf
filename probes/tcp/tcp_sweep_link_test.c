/* needs: namespace */
/* needs: quiet */
/* timeout: 240 */
/* tcp_sweep_link_test: the SYN sweep over a veth pair against the kernel of
 * another namespace that answers, drops, limits, loses, or answers everything.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base/test_calm.h"
#include "harness/gate/test_link.h"
#include "harness/run/test_run.h"
#include "probes/registry.h"

static const uint16_t ports[] = {22, 80, 443, 502, 8080, 60123};
#define OPEN "22/tcp, 80/tcp, 443/tcp, 502/tcp, 8080/tcp, 60123/tcp"

static struct test_link tested;
static struct test_bench bench;
static int listeners[ARRAY_SIZE(ports)];

static size_t with_ipv6; /* addresses in the profile: 0 or 1 */

static void open_ports(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ports); i++) {
		listeners[i] = test_device_listen(&tested, ports[i]);
	}
}

static void close_ports(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ports); i++) {
		close(listeners[i]);
	}
}

static void rules(const char *text)
{
	test_shell("nsenter -t %d -n nft '%s'", (int)tested.holder, text);
}

static struct child_report observe_at(int64_t frames_per_s, const char *family)
{
	const char *const given[] = {"family", family, NULL};
	struct child_report report;

	test_bench_init(&bench, "other", 80);
	bench.profile.link.interface = "t0";
	bench.profile.link.address = address_of(TEST_DEVICE);
	bench.profile.link.source = address_of(TEST_TESTER);
	bench.profile.link.ipv6[0] = address_of(TEST_DEVICE_IPV6);
	bench.profile.link.ipv6_count = with_ipv6;
	bench.profile.budget.frames_per_s = frames_per_s;
	report = test_observe(&bench, probe_find("tcp.inventory"), given);
	print_message("%s: %s s, %s frames, %s closed, %s silent; %s\n",
		      report.outcome == CHILD_COMPLETE ? "complete" : "gave up",
		      test_fact(&bench, &report, "seconds"), test_fact(&bench, &report, "frames"),
		      test_fact(&bench, &report, "closed_count"),
		      test_fact(&bench, &report, "no_answer_count"),
		      report.reason != NULL ? report.reason : "");
	return report;
}

static struct child_report observe(int64_t frames_per_s)
{
	return observe_at(frames_per_s, "first");
}

#define FACT(name) test_fact(&bench, &report, name)

static int64_t number(struct child_report *report, const char *name)
{
	return facts_find(&report->facts, name)->number;
}

static void answering_host_is_swept_in_one_round(void **state)
{
	struct child_report report = observe(100000);

	(void)state;
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("method"), "syn");
	assert_string_equal(FACT("open"), OPEN);
	assert_string_equal(FACT("closed_count"), "65530");
	assert_string_equal(FACT("no_answer_count"), "0");
	assert_string_equal(FACT("unanswered"), "none");
	assert_string_equal(FACT("control_dead_port_closed"), "true");
	assert_string_equal(FACT("declared_open_seen_twice"), "true");
	assert_string_equal(FACT("rst_limited"), "false");
	assert_string_equal(FACT("complete"), "true");
	assert_in_range(number(&report, "frames"), 65536, 66500);
	test_bench_release(&bench);
}

/* What a firewall for IPv4 hides is open at the other address. */
static void the_ipv6_address_is_swept_by_the_same_frames(void **state)
{
	static const uint16_t own[] = {22, 8443};
	struct sockaddr_in6 at = {.sin6_family = AF_INET6};
	struct child_report report;
	int fds[ARRAY_SIZE(own)], one = 1;
	size_t i;

	(void)state;
	test_link_ipv6(&tested);
	for (i = 0; i < ARRAY_SIZE(own); i++) {
		at.sin6_port = htons(own[i]);
		fds[i] = test_device_socket(&tested, AF_INET6, SOCK_STREAM, 0);
		setsockopt(fds[i], IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
		assert_int_equal(
			bind(fds[i], (const struct sockaddr *)(const void *)&at, sizeof(at)), 0);
		assert_int_equal(listen(fds[i], 8), 0);
	}
	with_ipv6 = 1;
	report = observe_at(100000, "ipv6");
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("address"), TEST_DEVICE_IPV6);
	assert_string_equal(FACT("method"), "syn");
	assert_string_equal(FACT("open"), "22/tcp, 8443/tcp");
	assert_string_equal(FACT("closed_count"), "65534");
	assert_string_equal(FACT("complete"), "true");
	test_bench_release(&bench);
	report = observe(100000);
	assert_string_equal(FACT("open"), OPEN);
	test_bench_release(&bench);
	with_ipv6 = 0;
	for (i = 0; i < ARRAY_SIZE(own); i++) {
		close(fds[i]);
	}
}

static void a_sweep_of_an_address_that_is_not_declared_says_so(void **state)
{
	struct child_report report = observe_at(100000, "ipv6");

	(void)state;
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_NOT_DECLARED);
	assert_string_equal(report.reason, "the profile declares no ipv6 address");
	test_bench_release(&bench);
}

/* Declared, and nobody has it any more. */
static void an_address_that_nobody_has_is_a_lost_device(void **state)
{
	struct child_report report;

	(void)state;
	test_link_ipv6(&tested);
	test_shell("nsenter -t %d -n ip -6 addr del " TEST_DEVICE_IPV6 "/64 dev d0",
		   (int)tested.holder);
	with_ipv6 = 1;
	report = observe_at(100000, "ipv6");
	with_ipv6 = 0;
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_DEVICE_LOST);
	assert_string_equal(report.reason, "nobody answers for fd00:99::2 on the link");
	test_bench_release(&bench);
}

static void dropping_host_has_silent_ports_and_no_closed_ones(void **state)
{
	struct child_report report;

	(void)state;
	rules("add table inet t; add chain inet t in { type filter hook input "
	      "priority 0; policy drop; }; add rule inet t in tcp dport { 22, "
	      "80, 443, 502, 8080, 60123 } accept");
	report = observe(100000);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("open"), OPEN);
	assert_string_equal(FACT("closed_count"), "0");
	assert_string_equal(FACT("no_answer_count"), "65530");
	/* nothing says that the tester is not shut out on what is not open */
	assert_string_equal(FACT("control_dead_port_closed"), "false");
	assert_string_equal(FACT("rst_limited"), "false");
	assert_in_range(number(&report, "frames"), 131000, 131900);
	test_bench_release(&bench);
}

static void dropping_host_that_refuses_one_port_is_not_shut(void **state)
{
	struct child_report report;

	(void)state;
	rules("add table inet t; add chain inet t in { type filter hook input "
	      "priority 0; policy drop; }; add rule inet t in tcp dport { 22, "
	      "80, 443, 502, 8080, 60123, 50000 } accept");
	report = observe(100000);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("open"), OPEN);
	assert_string_equal(FACT("closed_count"), "1");
	assert_string_equal(FACT("control_dead_port_closed"), "true");
	test_bench_release(&bench);
}

/* After 300 SYNs to ports it does not offer, it refuses the tester everywhere. */
static void host_that_bans_by_resets_has_refused_nothing(void **state)
{
	struct child_report report;

	(void)state;
	rules("add table inet t; add set inet t bad { type ipv4_addr; flags dynamic,timeout; "
	      "timeout 60s; }; add chain inet t in { type filter hook input priority 0; }; add "
	      "rule inet t in ip saddr @bad tcp flags & (syn|ack) == syn reject with tcp reset; add "
	      "rule inet t in tcp dport != { 22, 80, 443, 502, 8080, 60123 } tcp flags & (syn|ack) "
	      "== syn limit rate over 10/second burst 300 packets add @bad { ip saddr }");
	report = observe(100000);
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_string_equal(FACT("complete"), "false");
	test_bench_release(&bench);
}

/* The limit takes SYNs, so an open port is as silent as a closed one. */
static void limited_requests_prove_nothing(void **state)
{
	struct child_report report;

	(void)state;
	rules("add table inet t; add chain inet t in { type filter hook input "
	      "priority 0; }; add rule inet t in tcp flags syn limit rate "
	      "over 1000/second burst 100 packets drop");
	report = observe(100000);
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_RATE_LIMITED);
	assert_string_equal(FACT("complete"), "false");
	assert_non_null(strstr(report.reason, "lower 'frames_per_s'"));
	test_bench_release(&bench);
}

static void limited_resets_are_not_taken_for_closed_ports(void **state)
{
	struct child_report report;

	(void)state;
	rules("add table inet t; add chain inet t out { type filter hook "
	      "output priority 0; }; add rule inet t out tcp flags & rst == "
	      "rst limit rate over 1000/second drop");
	report = observe(100000);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("open"), OPEN);
	assert_string_equal(FACT("rst_limited"), "true");
	assert_string_equal(FACT("complete"), "true");
	assert_string_equal(FACT("control_dead_port_closed"), "true");
	assert_true(number(&report, "no_answer_count") > 50000);
	assert_in_range(number(&report, "frames"), 150000, 240000);
	test_bench_release(&bench);
}

static const char undeclared_limit[] =
	"add table inet t; add chain inet t in { type filter hook input priority 0; }; add rule "
	"inet t in tcp dport != 80 limit rate over %u/second burst 50 packets drop";

/* Port 80 is free of the limit: that it answers all through the sweep tells nothing. */
static void what_a_limit_of_requests_hides_is_found_slowly(void **state)
{
	struct child_report report;
	char text[256];

	(void)state;
	snprintf(text, sizeof(text), undeclared_limit, 8000);
	rules(text);
	report = observe(100000);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("open"), OPEN);
	assert_string_equal(FACT("rst_limited"), "false");
	assert_string_equal(FACT("requests_limited"), "false");
	assert_string_equal(FACT("complete"), "true");
	test_bench_release(&bench);
}

static void limit_of_requests_that_takes_too_long_proves_nothing(void **state)
{
	struct child_report report;
	char text[256];

	(void)state;
	snprintf(text, sizeof(text), undeclared_limit, 150);
	rules(text);
	report = observe(100000);
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_RATE_LIMITED);
	assert_string_equal(FACT("requests_limited"), "true");
	assert_string_equal(FACT("complete"), "false");
	test_bench_release(&bench);
}

static void ports_hidden_among_refused_ones_may_be_open_to_others(void **state)
{
	struct child_report report;

	(void)state;
	rules("add table inet t; add chain inet t in { type filter hook input priority 0; }; add "
	      "rule inet t in tcp dport { 8080, 9000-9010 } drop");
	report = observe(100000);
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_NOT_OBSERVED);
	assert_string_equal(FACT("unanswered"), "8080/tcp, 9000-9010/tcp");
	assert_string_equal(FACT("complete"), "false");
	test_bench_release(&bench);
}

static void requests_are_those_of_a_usual_system(void **state)
{
	struct child_report report;

	(void)state;
	rules("add table inet t; add chain inet t in { type filter hook input priority 0; }; add "
	      "rule inet t in tcp flags & (syn|ack) == syn tcp option timestamp missing drop; add "
	      "rule inet t in tcp flags & (syn|ack) == syn tcp option sack-perm missing drop; add "
	      "rule inet t in tcp flags & (syn|ack) == syn tcp option window missing drop");
	report = observe(100000);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("open"), OPEN);
	test_bench_release(&bench);
}

static void lossy_link_hides_no_open_port(void **state)
{
	struct child_report report;

	(void)state;
	rules("add table inet t; add chain inet t in { type filter hook input "
	      "priority 0; }; add rule inet t in ip protocol tcp numgen random "
	      "mod 10 < 2 drop");
	report = observe(100000);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("open"), OPEN);
	assert_string_equal(FACT("rst_limited"), "false");
	assert_true(number(&report, "no_answer_count") < 50);
	test_bench_release(&bench);
}

static void host_that_answers_everything_proves_nothing(void **state)
{
	struct child_report report;

	(void)state;
	rules("add table ip t; add chain ip t pre { type nat hook prerouting "
	      "priority -100; }; add rule ip t pre tcp dport 1-65535 redirect "
	      "to :80");
	report = observe(100000);
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_CONTROL_FAILED);
	assert_string_equal(FACT("answers_everything"), "true");
	test_bench_release(&bench);
}

static void host_that_says_nothing_is_lost_not_closed(void **state)
{
	struct child_report report;

	(void)state;
	rules("add table inet t; add chain inet t in { type filter hook input "
	      "priority 0; policy drop; }");
	report = observe(100000);
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_DEVICE_LOST);
	test_bench_release(&bench);
}

static void host_without_services_has_an_empty_list(void **state)
{
	struct child_report report;

	(void)state;
	close_ports();
	report = observe(100000);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("open"), "none");
	assert_string_equal(FACT("closed_count"), "65536");
	assert_string_equal(FACT("control_dead_port_closed"), "true");
	open_ports();
	test_bench_release(&bench);
}

static int setup(void **state)
{
	(void)state;
	test_link_up(&tested);
	open_ports();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	close_ports();
	test_link_down(&tested);
	return 0;
}

static int no_rules(void **state)
{
	(void)state;
	rules("flush ruleset");
	return 0;
}

int main(void)
{
#define T(name) cmocka_unit_test_teardown(name, no_rules)
	const struct CMUnitTest tests[] = {
		T(answering_host_is_swept_in_one_round),
		T(the_ipv6_address_is_swept_by_the_same_frames),
		T(a_sweep_of_an_address_that_is_not_declared_says_so),
		T(an_address_that_nobody_has_is_a_lost_device),
		T(dropping_host_has_silent_ports_and_no_closed_ones),
		T(dropping_host_that_refuses_one_port_is_not_shut),
		T(host_that_bans_by_resets_has_refused_nothing),
		T(limited_requests_prove_nothing),
		T(limited_resets_are_not_taken_for_closed_ports),
		T(what_a_limit_of_requests_hides_is_found_slowly),
		T(limit_of_requests_that_takes_too_long_proves_nothing),
		T(ports_hidden_among_refused_ones_may_be_open_to_others),
		T(requests_are_those_of_a_usual_system),
		T(lossy_link_hides_no_open_port),
		T(host_that_answers_everything_proves_nothing),
		T(host_that_says_nothing_is_lost_not_closed),
		T(host_without_services_has_an_empty_list),
	};

	return test_calm_run(tests, setup, teardown);
}
