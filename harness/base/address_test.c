/* address_test: the three families as text, bytes and socket addresses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base/address.h"
#include "harness/base/text.h"
#include <netinet/in.h>
#include <string.h>

static void each_family_is_read_and_printed(void **state)
{
	static const struct {
		const char *text, *printed, *host;
		enum address_family family;
	} rows[] = {
		{"10.0.0.2", "10.0.0.2", "10.0.0.2", ADDRESS_IPV4},
		{"fd00:0:0::2", "fd00::2", "[fd00::2]", ADDRESS_IPV6},
		{"FE80::A", "fe80::a", "[fe80::a]", ADDRESS_IPV6},
		{"00:1B:1b:33:44:ff", "00:1b:1b:33:44:ff", "00:1b:1b:33:44:ff", ADDRESS_MAC},
	};
	struct address address;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_true(address_parse(rows[i].text, &address));
		assert_int_equal(address.family, rows[i].family);
		assert_string_equal(address_text(&address).s, rows[i].printed);
		assert_string_equal(address_text_host(&address).s, rows[i].host);
	}
}

static void other_text_is_no_address(void **state)
{
	static const char *const rows[] = {
		"",
		"10.0.0",
		"10.0.0.256",
		"10.0.0.2 ",
		"10.0.0.2/24",
		"fe80::1%eth1",
		"fd00::2/64",
		"[fd00::2]",
		"00:11:22:33:44",
		"00:11:22:33:44:5",
		"00:11:22:33:44:5g",
		"00-11-22-33-44-55",
		"00:11:22:33:44:55:",
		"localhost",
	};
	struct address address = {.family = ADDRESS_MAC, .bytes = {7}}, before = address;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_false(address_parse(rows[i], &address));
		assert_memory_equal(&address, &before, sizeof(address));
	}
}

static void none_is_given_nowhere(void **state)
{
	struct address none = {.family = ADDRESS_NONE}, zero = address_of("0.0.0.0");
	struct sockaddr_storage to;

	(void)state;
	assert_false(address_given(&none));
	assert_true(address_given(&zero));
	assert_false(address_equal(&none, &zero));
	assert_true(address_equal(&none, &none));
	assert_string_equal(address_text(&none).s, "");
	assert_int_equal(address_to_sockaddr(&none, 1, 1, &to), 0);
}

static void addresses_of_different_families_differ(void **state)
{
	struct address four = {.family = ADDRESS_IPV4}, six = {.family = ADDRESS_IPV6};

	(void)state;
	assert_false(address_equal(&four, &six));
	assert_false(address_in_prefix(&four, &six, 0));
}

static void hosts_are_told_from_groups(void **state)
{
	static const struct {
		const char *text;
		bool host;
	} rows[] = {
		{"10.0.0.2", true},
		{"127.0.0.1", true},
		{"0.0.0.0", false},
		{"0.1.2.3", false},
		{"224.0.0.1", false},
		{"255.255.255.255", false},
		{"::", false},
		{"::1", true},
		{"ff02::1", false},
		{"fe80::1", true},
		{"00:11:22:33:44:55", true},
		{"01:80:c2:00:00:0e", false},
		{"00:00:00:00:00:00", false},
	};
	struct address address;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		address = address_of(rows[i].text);
		assert_int_equal(address_is_host(&address), rows[i].host);
	}
}

static void a_prefix_counts_bits(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned prefix;
		bool in;
	} rows[] = {
		{"10.0.0.2", "10.0.0.1", 24, true},   {"10.0.0.2", "10.0.1.1", 24, false},
		{"10.0.0.2", "10.0.0.3", 31, true},   {"10.0.0.2", "10.0.0.3", 32, false},
		{"10.0.0.2", "10.0.0.2", 33, false},  {"10.0.0.2", "99.0.0.2", 0, true},
		{"fd00::2", "fd00::ffff", 112, true}, {"fd00::2", "fd00::1:2", 112, false},
		{"fd00::2", "fd00::2", 128, true},
	};
	struct address a, b;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		a = address_of(rows[i].a);
		b = address_of(rows[i].b);
		assert_int_equal(address_in_prefix(&a, &b, rows[i].prefix), rows[i].in);
	}
}

static void loopback_and_link_local_are_told(void **state)
{
	static const struct {
		const char *text;
		bool loopback, link_local;
	} rows[] = {
		{"127.9.9.9", true, false}, {"128.0.0.1", false, false}, {"::1", true, false},
		{"fe80::1", false, true},   {"febf::1", false, true},    {"fec0::1", false, false},
	};
	struct address address;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		address = address_of(rows[i].text);
		assert_int_equal(address_is_loopback(&address), rows[i].loopback);
		assert_int_equal(address_is_link_local(&address), rows[i].link_local);
	}
}

static void socket_addresses_go_there_and_back(void **state)
{
	static const char *const rows[] = {"10.0.0.2", "fd00::2", "fe80::2"};
	struct sockaddr_storage to;
	struct address address, back;
	uint16_t port;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		address = address_of(rows[i]);
		assert_true(address_to_sockaddr(&address, 514, 7, &to) > 0);
		back = address_from_sockaddr((const struct sockaddr *)&to, &port);
		assert_memory_equal(&back, &address, sizeof(back));
		assert_int_equal(port, 514);
	}
}

static void a_link_local_address_gets_the_interface(void **state)
{
	struct address local = address_of("fe80::2"), global = address_of("fd00::2");
	struct sockaddr_storage to;

	(void)state;
	address_to_sockaddr(&local, 1, 7, &to);
	assert_int_equal(((struct sockaddr_in6 *)&to)->sin6_scope_id, 7);
	address_to_sockaddr(&global, 1, 7, &to);
	assert_int_equal(((struct sockaddr_in6 *)&to)->sin6_scope_id, 0);
}

static void an_ipv4_address_mapped_into_ipv6_is_ipv4(void **state)
{
	struct address mapped = address_of("::ffff:10.0.0.2"), back;
	struct sockaddr_storage to;

	(void)state;
	address_to_sockaddr(&mapped, 1, 0, &to);
	back = address_from_sockaddr((const struct sockaddr *)&to, NULL);
	assert_string_equal(address_text(&back).s, "10.0.0.2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_family_is_read_and_printed),
		cmocka_unit_test(other_text_is_no_address),
		cmocka_unit_test(none_is_given_nowhere),
		cmocka_unit_test(addresses_of_different_families_differ),
		cmocka_unit_test(hosts_are_told_from_groups),
		cmocka_unit_test(a_prefix_counts_bits),
		cmocka_unit_test(loopback_and_link_local_are_told),
		cmocka_unit_test(socket_addresses_go_there_and_back),
		cmocka_unit_test(a_link_local_address_gets_the_interface),
		cmocka_unit_test(an_ipv4_address_mapped_into_ipv6_is_ipv4),
	};

	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
