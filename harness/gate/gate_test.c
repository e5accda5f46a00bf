/* gate_test: admission, connections and budgets, against a second namespace. */
/* needs: namespace */
/* timeout: 180 */
#define _GNU_SOURCE
#include "harness/base/test_calm.h"
#include "harness/gate/gate.h"
#include "harness/gate/message.h"
#include "harness/gate/test_link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>

#include "harness/banned.h"

struct bench {
	struct test_link link;
	struct profile profile;
	struct gate *gate;
	struct gate_ability ability;
	struct gate_channel *channel;
	int pass;
};

static struct bench bench;

static const struct gate_pass observe = {.observation = "test", .impact = IMPACT_OBSERVE};
static const struct gate_pass touch = {
	.observation = "test", .impact = IMPACT_TOUCH, .needs = NEEDS_SCRATCH};

static int admit(const struct gate_pass *what, struct gate_channel **ret)
{
	struct text why = {.s = ""};
	int fd = -1;
	int pass = gate_admit(bench.gate, what, -1, &fd, &why);

	if (pass >= 0) {
		*ret = gate_channel_new(fd);
	}
	return pass;
}

static void start_as(const struct gate_pass *what)
{
	struct text why = {.s = ""};
	int code = 0;

	bench.gate = gate_start(&bench.profile, &bench.ability, &code, &why);
	if (bench.gate == NULL) {
		fail_msg("%d: %s", code, why.s);
	}
	bench.pass = admit(what, &bench.channel);
	assert_true(bench.pass > 0);
}

static void start(void)
{
	start_as(&observe);
}

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
	gate_channel_free(bench.channel);
	gate_stop(bench.gate);
	test_link_down(&bench.link);
	return 0;
}

static struct gate_traffic dismiss(void)
{
	struct gate_traffic traffic;

	gate_channel_free(bench.channel);
	bench.channel = NULL;
	assert_int_equal(gate_dismiss(bench.gate, bench.pass, &traffic), 0);
	return traffic;
}

static void the_link_is_described(void **state)
{
	(void)state;
	start();
	assert_true(bench.ability.raw);
	assert_false(bench.ability.loopback);
	assert_true(bench.ability.device_mac_known);
	assert_memory_equal(bench.ability.device_mac, bench.link.device_mac, 6);
	assert_memory_equal(bench.ability.source_mac, bench.link.tester_mac, 6);
	assert_string_equal(address_text(&bench.ability.source).s, TEST_TESTER);
	assert_string_equal(bench.ability.interface, "t0");
}

static void an_open_port_is_dialled_and_blocks(void **state)
{
	int listener, fd, accepted;
	struct sockaddr_in peer;
	socklen_t size = sizeof(peer);
	struct gate_traffic traffic;

	(void)state;
	start();
	listener = test_device_listen(&bench.link, 2222);
	fd = gate_dial(bench.channel, 2222, false, 1000);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	accepted = accept(listener, (struct sockaddr *)&peer, &size);
	assert_true(accepted >= 0);
	assert_int_equal(peer.sin_addr.s_addr, inet_addr(TEST_TESTER));
	assert_int_equal(write(fd, "hello", 5), 5);
	close(fd);
	close(accepted);
	close(listener);
	traffic = dismiss();
	assert_int_equal(traffic.connections, 1);
	assert_int_equal(traffic.connects_failed, 0);
	assert_int_equal(traffic.refused, 0);
}

static void a_closed_port_is_refused_by_the_device(void **state)
{
	struct gate_traffic traffic;

	(void)state;
	start();
	assert_int_equal(gate_dial(bench.channel, 2223, false, 1000), -ECONNREFUSED);
	traffic = dismiss();
	assert_int_equal(traffic.connects_failed, 1);
	assert_int_equal(traffic.refused, 0);
}

static void a_silent_port_times_out(void **state)
{
	int64_t before;

	(void)state;
	start();
	test_shell("nsenter -t %d -n ip link set d0 arp off", (int)bench.link.holder);
	test_shell("ip neigh replace " TEST_DEVICE
		   " lladdr 02:00:00:00:00:77 dev t0 nud permanent");
	before = clock_ns();
	assert_int_equal(gate_dial(bench.channel, 2222, false, 100), -ETIMEDOUT);
	assert_in_range(clock_ns() - before, 95 * NS_PER_MS, 400 * NS_PER_MS);
}

static void an_excluded_port_gets_no_frame(void **state)
{
	static const uint16_t excluded[] = {9100};
	struct gate_traffic traffic;
	uint8_t frame[2048];
	int listener;

	(void)state;
	bench.profile.link.exclude_ports = excluded;
	bench.profile.link.exclude_count = 1;
	start();
	listener = test_device_listener(&bench.link);
	assert_int_equal(gate_dial(bench.channel, 9100, false, 200), -EACCES);
	assert_int_equal(test_hear(listener, frame, sizeof(frame), 100), 0);
	/* the same listener hears an allowed port: it can hear */
	assert_int_equal(gate_dial(bench.channel, 9101, false, 200), -ECONNREFUSED);
	assert_true(test_hear(listener, frame, sizeof(frame), 100) > 0);
	close(listener);
	traffic = dismiss();
	assert_int_equal(traffic.refused, 1);
	assert_string_equal(traffic.last_refusal, "port 9100 is excluded by the profile");
}

static void port_zero_is_refused(void **state)
{
	(void)state;
	start();
	assert_int_equal(gate_dial(bench.channel, 0, false, 200), -EACCES);
}

static void the_connection_budget_counts_until_close(void **state)
{
	int listener, first, second;

	(void)state;
	bench.profile.budget.connections = 1;
	start();
	listener = test_device_listen(&bench.link, 2222);
	first = gate_dial(bench.channel, 2222, false, 1000);
	assert_true(first >= 0);
	assert_int_equal(gate_dial(bench.channel, 2222, false, 50), -EDQUOT);
	close(accept(listener, NULL, NULL));
	close(first);
	second = gate_dial(bench.channel, 2222, false, 1000);
	assert_true(second >= 0);
	close(second);
	close(listener);
	assert_int_equal(dismiss().refused, 1);
}

static void a_connection_the_device_still_holds_counts(void **state)
{
	int listener, first;

	(void)state;
	bench.profile.budget.connections = 1;
	start();
	listener = test_device_listen(&bench.link, 2222);
	first = gate_dial(bench.channel, 2222, false, 1000);
	assert_true(first >= 0);
	close(first);
	assert_int_equal(gate_dial(bench.channel, 2222, false, 50), -EDQUOT);
	close(listener); /* resets what was never accepted */
	assert_int_equal(gate_dial(bench.channel, 2222, false, 1000), -ECONNREFUSED);
}

static void a_monitor_has_a_place_of_its_own(void **state)
{
	static const struct gate_pass watch = {
		.observation = "monitor", .impact = IMPACT_OBSERVE, .monitor = true};
	struct gate_channel *monitor = NULL;
	struct sockaddr_in peer;
	socklen_t size = sizeof(peer);
	int listener, first, second;

	(void)state;
	bench.profile.budget.connections = 1;
	bench.profile.link.witness = address_of(TEST_WITNESS);
	start();
	listener = test_device_listen(&bench.link, 2222);
	first = gate_dial(bench.channel, 2222, false, 1000);
	assert_true(first >= 0);
	assert_true(admit(&watch, &monitor) > 0);
	second = gate_dial(monitor, 2222, false, 1000);
	assert_true(second >= 0);
	close(accept(listener, NULL, NULL));
	close(accept(listener, (struct sockaddr *)&peer, &size));
	assert_int_equal(peer.sin_addr.s_addr, inet_addr(TEST_WITNESS));
	close(first);
	close(second);
	close(listener);
	gate_channel_free(monitor);
}

static void there_is_no_witness_without_its_address(void **state)
{
	static const struct gate_pass second = {.observation = "test",
						.needs = NEEDS_SECOND_SOURCE};

	(void)state;
	start_as(&second);
	assert_int_equal(gate_dial(bench.channel, 2222, true, 100), -EADDRNOTAVAIL);
}

static const struct gate_pass second_source = {.observation = "test", .needs = NEEDS_SECOND_SOURCE};
static const struct source sources[] = {{"monitor", {ADDRESS_IPV4, {10, 99, 0, 9}}},
					{"scanner", {ADDRESS_IPV4, {10, 99, 0, 8}}}};

/* Gives the tester a source for monitors (TEST_WITNESS) and a further one. */
static void declare_sources(void)
{
	test_shell("ip addr add 10.99.0.8/24 dev t0");
	bench.profile.sources = sources;
	bench.profile.source_count = ARRAY_SIZE(sources);
}

/* Where the connection comes from that the listener accepts next. */
static struct address caller(int listener)
{
	struct sockaddr_storage peer;
	socklen_t size = sizeof(peer);
	int fd = accept(listener, (struct sockaddr *)&peer, &size);

	assert_true(fd >= 0);
	close(fd);
	return address_from_sockaddr((const struct sockaddr *)&peer, NULL);
}

static void a_named_source_is_dialled_from(void **state)
{
	struct dial_order order = {.port = 2222, .source = "scanner", .timeout_ms = 1000};
	struct address from;
	int listener, fd;

	(void)state;
	declare_sources();
	start_as(&second_source);
	listener = test_device_listen(&bench.link, 2222);
	fd = gate_dial_to(bench.channel, &order);
	assert_true(fd >= 0);
	from = caller(listener);
	assert_string_equal(address_text(&from).s, "10.99.0.8");
	close(fd);
	close(listener);
}

static void monitors_sample_from_a_source_of_their_own(void **state)
{
	static const struct gate_pass watch = {
		.observation = "monitor", .impact = IMPACT_OBSERVE, .monitor = true};
	struct address from;
	int listener, fd;

	(void)state;
	declare_sources();
	start_as(&watch);
	listener = test_device_listen(&bench.link, 2222);
	fd = gate_dial(bench.channel, 2222, false, 1000);
	assert_true(fd >= 0);
	from = caller(listener);
	assert_string_equal(address_text(&from).s, TEST_WITNESS);
	close(fd);
	close(listener);
}

static void no_check_dials_from_the_monitors_source(void **state)
{
	struct dial_order order = {.port = 2222, .source = "monitor", .timeout_ms = 100};

	(void)state;
	declare_sources();
	start_as(&second_source);
	assert_int_equal(gate_dial_to(bench.channel, &order), -EACCES);
	assert_string_equal(dismiss().last_refusal, "the source 'monitor' is for monitors alone");
}

static void an_address_that_is_not_the_devices_is_not_dialled(void **state)
{
	static const char *const others[] = {TEST_TESTER, "10.99.0.77", "127.0.0.1", "fd00::2",
					     "255.255.255.255"};
	struct dial_order order = {.port = 2222, .timeout_ms = 100};
	struct gate_traffic traffic;
	size_t i;

	(void)state;
	start();
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		order.device = address_of(others[i]);
		assert_int_equal(gate_dial_to(bench.channel, &order), -EACCES);
	}
	memset(&order.device, 0x7f, sizeof(order.device));
	assert_int_equal(gate_dial_to(bench.channel, &order), -EACCES);
	traffic = dismiss();
	assert_int_equal(traffic.refused, ARRAY_SIZE(others) + 1);
	assert_string_equal(traffic.last_refusal, "that is not an address of the device");
}

static int spend_from(int ledger, enum spending what, const char *account)
{
	int result;

	start_as(&touch);
	assert_int_equal(gate_ledger(bench.gate, ledger, -1), 0);
	result = gate_spend(bench.channel, what, account);
	(void)dismiss();
	gate_stop(bench.gate);
	bench.gate = NULL;
	return result;
}

static void failed_logins_are_counted_by_account(void **state)
{
	static const struct account accounts[] = {{.name = "a", .user = "admin"},
						  {.name = "b", .user = "guest"}};

	(void)state;
	bench.profile.accounts = accounts;
	bench.profile.account_count = 2;
	bench.profile.budget.failed_logins = 2;
	start_as(&touch);
	assert_int_equal(gate_spend(bench.channel, SPEND_FAILED_LOGIN, "admin"), 0);
	assert_int_equal(gate_spend(bench.channel, SPEND_FAILED_LOGIN, "admin"), 0);
	assert_int_equal(gate_spend(bench.channel, SPEND_FAILED_LOGIN, "admin"), -EDQUOT);
	assert_int_equal(gate_spend(bench.channel, SPEND_FAILED_LOGIN, "guest"), 0);
	assert_int_equal(gate_spend(bench.channel, SPEND_FAILED_LOGIN, "listed"), 0);
	assert_int_equal(gate_spend(bench.channel, SPEND_FAILED_LOGIN, "listed"), 0);
	assert_int_equal(gate_spend(bench.channel, SPEND_FAILED_LOGIN, "listed"), -EDQUOT);
	assert_int_equal(gate_spend(bench.channel, SPEND_FAILED_LOGIN, "other"), 0);
}

static void accounts_of_one_user_name_share_a_count(void **state)
{
	static const struct account accounts[] = {{.name = "on ssh", .user = "admin"},
						  {.name = "on the web", .user = "admin"}};
	static const char ledger[] = "failed-login admin\n";
	char path[] = "/tmp/ledger-XXXXXX", text[256] = "";
	int file = mkostemp(path, O_APPEND);

	(void)state;
	assert_true(file >= 0);
	unlink(path);
	bench.profile.accounts = accounts;
	bench.profile.account_count = 2;
	bench.profile.budget.failed_logins = 1;
	assert_int_equal(spend_from(file, SPEND_FAILED_LOGIN, "admin"), 0);
	assert_int_equal(spend_from(file, SPEND_FAILED_LOGIN, "admin"), -EDQUOT);
	assert_true(pread(file, text, sizeof(text) - 1, 0) > 0);
	assert_string_equal(text, ledger);
	close(file);
}

/* A device with a limit of five never sees a fifth failure of one name. */
static void no_name_gets_as_many_as_lock_an_account(void **state)
{
	static const struct account accounts[] = {{.name = "a", .user = "admin"}};
	int i;

	(void)state;
	bench.profile.accounts = accounts;
	bench.profile.account_count = 1;
	bench.profile.budget.failed_logins = 40;
	bench.profile.limits.lockout_attempts = 5;
	start_as(&touch);
	for (i = 0; i < 4; i++) {
		assert_int_equal(gate_spend(bench.channel, SPEND_FAILED_LOGIN, "admin"), 0);
		assert_int_equal(gate_spend(bench.channel, SPEND_FAILED_LOGIN, "root"), 0);
	}
	assert_int_equal(gate_spend(bench.channel, SPEND_FAILED_LOGIN, "admin"), -EDQUOT);
	assert_int_equal(gate_spend(bench.channel, SPEND_FAILED_LOGIN, "root"), -EDQUOT);
}

/* A child that says so without any good login gains what the profile risks, and no more. */
static void good_logins_begin_the_count_anew_for_disposable_accounts_alone(void **state)
{
	static const struct account accounts[] = {
		{.name = "a", .user = "admin"},
		{.name = "b", .user = "probe", .disposable = true},
		{.name = "c", .user = "both", .disposable = true},
		{.name = "d", .user = "both"},
	};
	static const struct {
		const char *user;
		int granted;
	} rows[] = {{"admin", 2}, {"probe", 7}, {"both", 2}, {"nobody", 2}};
	size_t i;
	int tries, granted, in_a_row, row;

	(void)state;
	bench.profile.accounts = accounts;
	bench.profile.account_count = ARRAY_SIZE(accounts);
	bench.profile.budget.failed_logins = 7;
	bench.profile.limits.lockout_attempts = 3;
	bench.profile.limits.lockout_resets_on_login = true;
	start_as(&touch);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		granted = row = in_a_row = 0;
		for (tries = 0; tries < 40; tries++) {
			if (gate_spend(bench.channel, SPEND_FAILED_LOGIN, rows[i].user) == 0) {
				granted++;
				row++;
				in_a_row = row > in_a_row ? row : in_a_row;
			} else {
				(void)gate_spend(bench.channel, SPEND_GOOD_LOGIN, rows[i].user);
				row = 0;
			}
		}
		assert_int_equal(granted, rows[i].granted);
		assert_int_equal(in_a_row, 2);
	}
}

static void good_logins_change_nothing_where_the_device_is_not_said_to_forget(void **state)
{
	static const struct account accounts[] = {
		{.name = "b", .user = "probe", .disposable = true}};

	(void)state;
	bench.profile.accounts = accounts;
	bench.profile.account_count = 1;
	bench.profile.budget.failed_logins = 7;
	bench.profile.limits.lockout_attempts = 2;
	start_as(&touch);
	assert_int_equal(gate_spend(bench.channel, SPEND_FAILED_LOGIN, "probe"), 0);
	assert_int_equal(gate_spend(bench.channel, SPEND_GOOD_LOGIN, "probe"), -EDQUOT);
	assert_int_equal(gate_spend(bench.channel, SPEND_FAILED_LOGIN, "probe"), -EDQUOT);
}

/* Over a crash as well; good logins that forget nothing leave no line. */
static void a_good_login_is_kept_in_the_ledger(void **state)
{
	static const struct account accounts[] = {
		{.name = "b", .user = "probe", .disposable = true}};
	static const char wanted[] = "failed-login probe\ngood-login probe\nfailed-login probe\n";
	char path[] = "/tmp/ledger-XXXXXX", text[256] = "";
	int file = mkostemp(path, O_APPEND);

	(void)state;
	assert_true(file >= 0);
	unlink(path);
	bench.profile.accounts = accounts;
	bench.profile.account_count = 1;
	bench.profile.budget.failed_logins = 7;
	bench.profile.limits.lockout_attempts = 2;
	bench.profile.limits.lockout_resets_on_login = true;
	assert_int_equal(spend_from(file, SPEND_GOOD_LOGIN, "probe"), 0);
	assert_int_equal(spend_from(file, SPEND_FAILED_LOGIN, "probe"), 0);
	assert_int_equal(spend_from(file, SPEND_FAILED_LOGIN, "probe"), -EDQUOT);
	assert_int_equal(spend_from(file, SPEND_GOOD_LOGIN, "probe"), 0);
	assert_int_equal(spend_from(file, SPEND_GOOD_LOGIN, "probe"), 0);
	assert_int_equal(spend_from(file, SPEND_FAILED_LOGIN, "probe"), 0);
	assert_int_equal(spend_from(file, SPEND_FAILED_LOGIN, "probe"), -EDQUOT);
	assert_true(pread(file, text, sizeof(text) - 1, 0) > 0);
	assert_string_equal(text, wanted);
	close(file);
}

static void inventing_names_buys_no_attempts_without_end(void **state)
{
	char name[32];
	int i, granted = 0;

	(void)state;
	bench.profile.budget.failed_logins = 1;
	start_as(&touch);
	for (i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "invented-%d", i);
		granted += gate_spend(bench.channel, SPEND_FAILED_LOGIN, name) == 0;
	}
	assert_int_equal(granted, 64 + 1);
	assert_int_equal(gate_spend(bench.channel, SPEND_FAILED_LOGIN, "with\nline"), -EDQUOT);
}

static void writes_are_counted_over_all_passes(void **state)
{
	struct gate_channel *other = NULL;

	(void)state;
	bench.profile.budget.writes = 1;
	start_as(&touch);
	assert_true(admit(&touch, &other) > 0);
	assert_int_equal(gate_spend(bench.channel, SPEND_WRITE, NULL), 0);
	assert_int_equal(gate_spend(other, SPEND_WRITE, NULL), -EDQUOT);
	gate_channel_free(other);
	assert_string_equal(dismiss().last_refusal, "");
}

/* Consent to observing alone grants none of these, whatever a probe asks. */
static void an_observer_gets_no_write_no_failed_login_no_witness(void **state)
{
	struct gate_traffic traffic;

	(void)state;
	bench.profile.link.witness = address_of(TEST_WITNESS);
	start();
	assert_int_equal(gate_spend(bench.channel, SPEND_WRITE, NULL), -EACCES);
	assert_int_equal(gate_spend(bench.channel, SPEND_FAILED_LOGIN, NULL), -EACCES);
	assert_int_equal(gate_dial(bench.channel, 2223, true, 1000), -EACCES);
	assert_int_equal(gate_dial(bench.channel, 2223, false, 1000), -ECONNREFUSED);
	traffic = dismiss();
	assert_int_equal(traffic.writes, 0);
	assert_int_equal(traffic.failed_logins, 0);
	assert_int_equal(traffic.refused, 3);
}

static void a_spent_budget_is_told_in_a_whole_sentence(void **state)
{
	static const struct account accounts[] = {{.name = "admin", .user = "admin"}};

	(void)state;
	bench.profile.accounts = accounts;
	bench.profile.account_count = 1;
	bench.profile.budget.failed_logins = 1;
	start_as(&touch);
	assert_int_equal(gate_spend(bench.channel, SPEND_FAILED_LOGIN, "admin"), 0);
	assert_int_equal(gate_spend(bench.channel, SPEND_FAILED_LOGIN, "admin"), -EDQUOT);
	assert_string_equal(dismiss().last_refusal,
			    "the budget of 1 failed logins is spent for user 'admin'");
}

static void a_budget_of_writes_is_told_without_an_account(void **state)
{
	(void)state;
	bench.profile.budget.writes = 1;
	start_as(&touch);
	assert_int_equal(gate_spend(bench.channel, SPEND_WRITE, "admin"), 0);
	assert_int_equal(gate_spend(bench.channel, SPEND_WRITE, "admin"), -EDQUOT);
	assert_string_equal(dismiss().last_refusal, "the budget of 1 writes is spent");
}

static void what_is_not_consented_to_is_not_admitted(void **state)
{
	static const struct gate_pass stress = {.observation = "test", .impact = IMPACT_STRESS};
	struct gate_channel *other = NULL;

	(void)state;
	bench.profile.consent[IMPACT_STRESS] = false;
	start();
	assert_int_equal(admit(&stress, &other), -1);
}

static void garbage_is_refused_and_the_gate_lives(void **state)
{
	struct text why;
	struct gate_channel *good = NULL;
	char bytes[4096];
	int fd = -1, pass;
	struct gate_traffic traffic;

	(void)state;
	start();
	pass = gate_admit(bench.gate, &observe, -1, &fd, &why);
	assert_true(pass > 0);
	memset(bytes, 0xa5, sizeof(bytes));
	assert_int_equal(write(fd, bytes, 1), 1);
	assert_int_equal(read(fd, bytes, sizeof(bytes)), sizeof(struct reply));
	memset(bytes, 0xa5, sizeof(bytes));
	assert_int_equal(write(fd, bytes, sizeof(bytes)), sizeof(bytes));
	assert_int_equal(read(fd, bytes, sizeof(bytes)), sizeof(struct reply));
	memset(bytes, 0xa5, sizeof(bytes));
	assert_int_equal(write(fd, bytes, sizeof(struct request)), sizeof(struct request));
	assert_int_equal(read(fd, bytes, sizeof(bytes)), sizeof(struct reply));
	close(fd);
	assert_int_equal(gate_dismiss(bench.gate, pass, &traffic), 0);
	assert_int_equal(traffic.refused, 3);
	assert_true(admit(&observe, &good) > 0);
	assert_int_equal(gate_dial(good, 2223, false, 1000), -ECONNREFUSED);
	gate_channel_free(good);
}

static void a_child_cannot_ask_what_the_runner_asks(void **state)
{
	struct request request;
	struct reply reply;
	struct text why;
	int fd = -1, pass;

	(void)state;
	start();
	pass = gate_admit(bench.gate, &observe, -1, &fd, &why);
	assert_true(pass > 0);
	memset(&request, 0, sizeof(request));
	request.magic = REQUEST_MAGIC;
	request.kind = REQUEST_ADMIT;
	assert_int_equal(message_send(fd, &request, sizeof(request), NULL), 0);
	assert_int_equal(message_receive(fd, &reply, sizeof(reply), NULL, NULL), sizeof(reply));
	assert_int_equal(reply.error, -EPERM);
	close(fd);
}

static void a_forked_child_cannot_use_the_runners_channel(void **state)
{
	struct gate_channel *other = NULL;
	int status = -1;
	pid_t child;

	(void)state;
	start();
	child = fork();
	if (child == 0) {
		_exit(admit(&observe, &other) == -1 ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void more_children_than_places_are_refused(void **state)
{
	struct gate_channel *other[64] = {NULL};
	size_t i;

	(void)state;
	start();
	for (i = 0; i < 63; i++) {
		assert_true(admit(&observe, &other[i]) > 0);
	}
	assert_int_equal(admit(&observe, &other[63]), -1);
	for (i = 0; i < 63; i++) {
		gate_channel_free(other[i]);
	}
	assert_int_equal(gate_dial(bench.channel, 2223, false, 1000), -ECONNREFUSED);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

/* Starts a gate with this ledger and asks for one unit. */
static void what_an_earlier_gate_granted_is_spent(void **state)
{
	static const struct account accounts[] = {
		{.name = "op", .user = "the operator"},
		{.name = "ad", .user = "admin"},
	};
	static const char wanted[] = "failed-login the operator\n"
				     "write\n"
				     "failed-login the operator\n"
				     "torn\n"
				     "failed-login admin\n";
	char path[] = "/tmp/ledger-XXXXXX", text[256] = "";
	int ledger = mkostemp(path, O_APPEND);

	(void)state;
	assert_true(ledger >= 0);
	unlink(path);
	bench.profile.accounts = accounts;
	bench.profile.account_count = ARRAY_SIZE(accounts);
	bench.profile.budget.failed_logins = 2;
	bench.profile.budget.writes = 1;
	assert_int_equal(spend_from(ledger, SPEND_FAILED_LOGIN, accounts[0].user), 0);
	assert_int_equal(spend_from(ledger, SPEND_WRITE, ""), 0);
	assert_int_equal(spend_from(ledger, SPEND_WRITE, ""), -EDQUOT);
	assert_int_equal(spend_from(ledger, SPEND_FAILED_LOGIN, accounts[0].user), 0);
	assert_int_equal(spend_from(ledger, SPEND_FAILED_LOGIN, accounts[0].user), -EDQUOT);
	assert_int_equal(write(ledger, "torn", 4), 4);
	assert_int_equal(spend_from(ledger, SPEND_FAILED_LOGIN, accounts[1].user), 0);
	assert_true(pread(ledger, text, sizeof(text) - 1, 0) > 0);
	assert_string_equal(text, wanted);
	close(ledger);
}

static void what_cannot_be_written_down_is_not_granted(void **state)
{
	int ledger = open("/dev/null", O_RDONLY);

	(void)state;
	assert_true(ledger >= 0);
	bench.profile.budget.writes = 1;
	assert_int_equal(spend_from(ledger, SPEND_WRITE, ""), -EDQUOT);
	close(ledger);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(the_link_is_described),
		TEST(an_open_port_is_dialled_and_blocks),
		TEST(a_closed_port_is_refused_by_the_device),
		TEST(a_silent_port_times_out),
		TEST(an_excluded_port_gets_no_frame),
		TEST(port_zero_is_refused),
		TEST(the_connection_budget_counts_until_close),
		TEST(a_connection_the_device_still_holds_counts),
		TEST(a_monitor_has_a_place_of_its_own),
		TEST(there_is_no_witness_without_its_address),
		TEST(a_named_source_is_dialled_from),
		TEST(monitors_sample_from_a_source_of_their_own),
		TEST(no_check_dials_from_the_monitors_source),
		TEST(an_address_that_is_not_the_devices_is_not_dialled),
		TEST(failed_logins_are_counted_by_account),
		TEST(accounts_of_one_user_name_share_a_count),
		TEST(no_name_gets_as_many_as_lock_an_account),
		TEST(good_logins_begin_the_count_anew_for_disposable_accounts_alone),
		TEST(good_logins_change_nothing_where_the_device_is_not_said_to_forget),
		TEST(a_good_login_is_kept_in_the_ledger),
		TEST(inventing_names_buys_no_attempts_without_end),
		TEST(writes_are_counted_over_all_passes),
		TEST(an_observer_gets_no_write_no_failed_login_no_witness),
		TEST(a_spent_budget_is_told_in_a_whole_sentence),
		TEST(a_budget_of_writes_is_told_without_an_account),
		TEST(what_an_earlier_gate_granted_is_spent),
		TEST(what_cannot_be_written_down_is_not_granted),
		TEST(what_is_not_consented_to_is_not_admitted),
		TEST(garbage_is_refused_and_the_gate_lives),
		TEST(a_child_cannot_ask_what_the_runner_asks),
		TEST(a_forked_child_cannot_use_the_runners_channel),
		TEST(more_children_than_places_are_refused),
	};

	return test_calm_run(tests, NULL, NULL);
}
