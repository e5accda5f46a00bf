/* needs: namespace */
/* label: slow */
/* timeout: 240 */
/* modbus_probe_test: modbus.read and modbus.write against libmodbus's server,
 * open and write-protected, and against peers that are none. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/run/test_run.h"
#include "probes/registry.h"
#include <modbus.h>
#include <sys/mman.h>

enum { SCRATCH = 9, REGISTERS = 20 };

struct device {
	int exception; /* that refuses writes; 0: they are taken */
	int takes;     /* this function all the same; 0: none */
	bool late;     /* and carries it out a second after its refusal */
	/* how it answers */
	bool twice, closes_each, padded, slow, foreign;
	modbus_mapping_t *mapping;
	uint16_t *registers; /* shared with the test */
};

static struct device device;
static struct test_bench bench;

static bool writes(int function)
{
	return function == 6 || function == 16 || function == 22 || function == 23;
}

static void answer(struct device *d, modbus_t *modbus, uint8_t *query, int size)
{
	int times = d->twice ? 2 : 1;

	if (d->slow) {
		poll(NULL, 0, 1200);
	}
	query[0] ^= d->foreign; /* another request's transaction */
	while (times-- > 0) {
		if (d->exception != 0 && writes(query[7]) && query[7] != d->takes) {
			modbus_reply_exception(modbus, query, (unsigned)d->exception);
		} else {
			modbus_reply(modbus, query, size, d->mapping);
		}
	}
	if (d->late && query[7] == 6 && fork() == 0) {
		poll(NULL, 0, 1000);
		d->registers[SCRATCH] = (uint16_t)(query[10] << 8 | query[11]);
		_exit(0);
	}
}

static void serve(int fd, void *argument)
{
	struct device *d = argument;
	modbus_t *modbus = modbus_new_tcp("127.0.0.1", 502);
	uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
	int size;

	modbus_set_socket(modbus, fd);
	for (;;) {
		size = modbus_receive(modbus, query);
		if (size < 0) {
			return;
		}
		answer(d, modbus, query, size);
		if (d->padded) {
			(void)send(fd, "\0\0\0\0", 4, MSG_NOSIGNAL);
		}
		if (d->closes_each) {
			return;
		}
	}
}

static struct child_report observe(struct test_peer *peer, const char *probe, const char *first)
{
	const char *with[] = {"service", "it", "register", first, NULL};
	struct child_report report;

	test_bench_init(&bench, "modbus", peer->port);
	bench.services[0].scratch_register = SCRATCH;
	report = test_observe(&bench, probe_find(probe), with);
	test_peer_stop(peer);
	return report;
}

static struct child_report observe_as(struct device as, const char *probe, const char *first)
{
	struct test_peer peer;

	as.mapping = device.mapping;
	as.registers = device.registers;
	device = as;
	memset(device.registers, 0, REGISTERS * 2);
	device.registers[SCRATCH] = 77;
	peer = test_peer_serve(serve, &device);
	return observe(&peer, probe, first);
}

static struct child_report observe_device(bool read_only, const char *probe, const char *first)
{
	return observe_as((struct device){.exception = read_only ? 1 : 0}, probe, first);
}

#define FACT(name) test_fact(&bench, &report, name)

static void registers_are_read_without_a_login(void **state)
{
	struct child_report report = observe_device(false, "modbus.read", "0");

	(void)state;
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("answers"), "true");
	assert_string_equal(FACT("values_read"), "1");
	assert_string_equal(FACT("exception"), "0");
	assert_string_equal(FACT("clear_text"), "true");
	test_bench_release(&bench);
}

static void exception_is_an_answer_without_values(void **state)
{
	struct child_report report = observe_device(false, "modbus.read", "5000");

	(void)state;
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("answers"), "true");
	assert_string_equal(FACT("values_read"), "0");
	assert_string_equal(FACT("exception"), "2");
	test_bench_release(&bench);
}

static void open_device_takes_a_write_and_gets_its_value_back(void **state)
{
	struct child_report report = observe_device(false, "modbus.write", "0");

	(void)state;
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("write_accepted"), "true");
	assert_string_equal(FACT("read_back"), "true");
	assert_string_equal(FACT("restored"), "true");
	assert_int_equal(device.registers[SCRATCH], 77);
	test_bench_release(&bench);
}

static void protected_device_refuses_a_write(void **state)
{
	struct child_report report = observe_device(true, "modbus.write", "0");

	(void)state;
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(FACT("write_accepted"), "false");
	assert_string_equal(FACT("exception"), "1");
	assert_string_equal(FACT("read_back"), "false");
	assert_int_equal(device.registers[SCRATCH], 77);
	test_bench_release(&bench);
}

static void every_function_that_writes_is_tried(void **state)
{
	static const int functions[] = {6, 16, 22, 23};
	struct child_report report;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(functions); i++) {
		report = observe_as((struct device){.exception = 1, .takes = functions[i]},
				    "modbus.write", "0");
		assert_int_equal(report.outcome, CHILD_COMPLETE);
		assert_string_equal(FACT("write_accepted"), "true");
		assert_string_equal(FACT("restored"), "true");
		assert_int_equal(facts_find(&report.facts, "function")->number, functions[i]);
		assert_int_equal(device.registers[SCRATCH], 77);
		test_bench_release(&bench);
	}
}

static void refused_write_that_happens_later_is_seen(void **state)
{
	struct child_report report =
		observe_as((struct device){.exception = 1, .late = true}, "modbus.write", "0");

	(void)state;
	assert_string_equal(FACT("write_accepted"), "true");
	test_bench_release(&bench);
}

/* A protected and an open device that answer in ways a strict client stumbles on. */
static void odd_answers_hide_nothing(void **state)
{
	static const struct device ways[] = {
		{.twice = true},
		{.closes_each = true},
		{.padded = true},
		{.slow = true},
	};
	struct child_report report;
	struct device way;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		way = ways[i];
		way.exception = 1;
		report = observe_as(way, "modbus.write", "0");
		assert_int_equal(report.outcome, CHILD_COMPLETE);
		assert_string_equal(FACT("write_accepted"), "false");
		test_bench_release(&bench);
		way.takes = 23;
		report = observe_as(way, "modbus.write", "0");
		assert_string_equal(FACT("write_accepted"), "true");
		assert_string_equal(FACT("restored"), "true");
		assert_int_equal(device.registers[SCRATCH], 77);
		test_bench_release(&bench);
	}
}

static void answers_to_other_requests_are_none(void **state)
{
	struct child_report report =
		observe_as((struct device){.foreign = true}, "modbus.read", "0");

	(void)state;
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_GARBAGE);
	assert_null(FACT("answers"));
	test_bench_release(&bench);
}

static struct child_report observe_exception(int exception, bool takes_list)
{
	return observe_as((struct device){.exception = exception, .takes = takes_list ? 16 : 0},
			  "modbus.write", "0");
}

static void busy_device_has_refused_nothing(void **state)
{
	static const int exceptions[] = {3, 4, 6, 11};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(exceptions); i++) {
		struct child_report report = observe_exception(exceptions[i], false);

		assert_int_equal(report.outcome, CHILD_GAVE_UP);
		assert_int_equal(report.why, WHY_CONTROL_FAILED);
		assert_null(FACT("write_accepted"));
		test_bench_release(&bench);
	}
}

static void nothing_is_written_without_a_declared_register(void **state)
{
	static const char *const with[] = {"service", "it", NULL};
	struct test_peer peer = test_peer_serve(serve, &device);
	struct child_report report;

	(void)state;
	test_bench_init(&bench, "modbus", peer.port);
	report = test_observe(&bench, probe_find("modbus.write"), with);
	assert_int_equal(report.outcome, CHILD_GAVE_UP);
	assert_int_equal(report.why, WHY_NOT_DECLARED);
	test_peer_stop(&peer);
	test_bench_release(&bench);
}

static void nothing_is_written_that_cannot_be_put_back(void **state)
{
	static const char *const with[] = {"service", "it", NULL};
	struct test_peer peer = test_peer_serve(serve, &device);
	struct child_report report;

	(void)state;
	device.registers[SCRATCH] = 77;
	test_bench_init(&bench, "modbus", peer.port);
	bench.services[0].scratch_register = SCRATCH;
	bench.profile.budget.writes = 1;
	report = test_observe(&bench, probe_find("modbus.write"), with);
	assert_int_equal(report.why, WHY_BUDGET_SPENT);
	assert_null(FACT("write_accepted"));
	assert_int_equal(device.registers[SCRATCH], 77);
	test_peer_stop(&peer);
	test_bench_release(&bench);
}

static void peer_that_is_no_modbus_server_gives_its_reason(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(test_wrong_peers); i++) {
		struct test_peer peer = test_peer_start(test_wrong_peers[i].kind);
		struct child_report report = observe(&peer, "modbus.read", "0");

		assert_int_equal(report.outcome, CHILD_GAVE_UP);
		assert_int_equal(report.why, test_wrong_peers[i].why);
		assert_null(FACT("answers"));
		test_bench_release(&bench);
	}
}

static int setup(void **state)
{
	(void)state;
	device.mapping = modbus_mapping_new(0, 0, REGISTERS, 0);
	free(device.mapping->tab_registers);
	device.registers =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	device.mapping->tab_registers = device.registers;
	return device.registers == MAP_FAILED ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	device.mapping->tab_registers = NULL;
	modbus_mapping_free(device.mapping);
	return munmap(device.registers, 4096);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registers_are_read_without_a_login),
		cmocka_unit_test(exception_is_an_answer_without_values),
		cmocka_unit_test(open_device_takes_a_write_and_gets_its_value_back),
		cmocka_unit_test(protected_device_refuses_a_write),
		cmocka_unit_test(every_function_that_writes_is_tried),
		cmocka_unit_test(refused_write_that_happens_later_is_seen),
		cmocka_unit_test(odd_answers_hide_nothing),
		cmocka_unit_test(answers_to_other_requests_are_none),
		cmocka_unit_test(busy_device_has_refused_nothing),
		cmocka_unit_test(nothing_is_written_without_a_declared_register),
		cmocka_unit_test(nothing_is_written_that_cannot_be_put_back),
		cmocka_unit_test(peer_that_is_no_modbus_server_gives_its_reason),
	};

	return cmocka_run_group_tests_name("modbus_probe", tests, setup, teardown);
}
