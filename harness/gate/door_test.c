/* door_test: every row of the table is enforced by class, need, guest and
 * budget. */
#define _GNU_SOURCE
#include "harness/gate/door.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "harness/banned.h"

struct hall {
	struct profile profile;
	struct server server;
	struct pass pass;
};

static const char *const groups[] = {"lldp", NULL};

/* A gate with raw frames and wide budgets, and a pass that fits the door. */
static void build(struct hall *hall, const struct door *door)
{
	memset(hall, 0, sizeof(*hall));
	hall->profile.budget = (struct budget){.frames_per_s = 1,
					       .connections = 1,
					       .half_open = 1,
					       .failed_logins = 1,
					       .writes = 1,
					       .load_frames_per_s = 1,
					       .load_s = 1};
	hall->server.profile = &hall->profile;
	hall->server.link.raw = true;
	hall->profile.link.multicast = groups;
	tally_init(&hall->pass.tally);
	hall->pass.what.impact = door->impact;
	hall->pass.what.needs = door->needs;
	hall->pass.what.monitor = door->guests == FOR_MONITORS;
}

/* The request that leads to this door. */
static struct request request_of(const struct door *door)
{
	struct request request;
	uint32_t value;

	memset(&request, 0, sizeof(request));
	request.kind = door->request;
	for (value = 0; value < 16 && door_find(&request) != door; value++) {
		memset(&request.u, 0, sizeof(request.u));
		if (door->request == REQUEST_DIAL || door->request == REQUEST_DATAGRAMS) {
			snprintf(request.u.dial.source, sizeof(request.u.dial.source), "%s",
				 value == 0 ? "" : "witness");
		} else if (door->request == REQUEST_WIRE) {
			request.u.wire.kind = value / 2;
			snprintf(request.u.wire.source, sizeof(request.u.wire.source), "%s",
				 value % 2 == 0 ? "" : "witness");
		} else {
			memcpy(&request.u, &value, sizeof(value));
		}
	}
	if (door_find(&request) != door) {
		fail_msg("no request leads to '%s'", door->name);
	}
	return request;
}

static int ask(struct hall *hall, const struct door *door)
{
	struct request request = request_of(door);

	return door_refused(door, &hall->server, &hall->pass, &request);
}

static const char *refusal(struct hall *hall)
{
	return hall->pass.tally.traffic.last_refusal;
}

static void whoever_fits_the_row_is_let_in(void **state)
{
	const struct door *door;
	struct hall hall;

	(void)state;
	for (door = doors; door->name != NULL; door++) {
		build(&hall, door);
		if (door->open == NULL) {
			assert_int_equal(ask(&hall, door), -ENOSYS);
		} else if (ask(&hall, door) != 0) {
			fail_msg("%s: %s", door->name, refusal(&hall));
		}
	}
}

static void a_class_below_the_rows_is_refused(void **state)
{
	const struct door *door;
	struct hall hall;

	(void)state;
	for (door = doors; door->name != NULL; door++) {
		if (door->impact == IMPACT_OBSERVE) {
			continue;
		}
		build(&hall, door);
		hall.pass.what.impact = door->impact - 1;
		assert_int_equal(ask(&hall, door), -EACCES);
		assert_int_equal(hall.pass.tally.traffic.refused, 1);
		assert_non_null(strstr(refusal(&hall), impact_word(door->impact)));
	}
}

static void each_need_that_is_missing_is_refused(void **state)
{
	const struct door *door;
	struct hall hall;
	unsigned need;

	(void)state;
	for (door = doors; door->name != NULL; door++) {
		for (need = 1; need != 0 && need <= door->needs; need <<= 1) {
			if ((door->needs & need) == 0) {
				continue;
			}
			build(&hall, door);
			hall.pass.what.needs &= ~need;
			assert_int_equal(ask(&hall, door), -EACCES);
			assert_non_null(strstr(refusal(&hall), "does not declare"));
		}
	}
}

static void monitors_have_no_door_of_the_checks(void **state)
{
	const struct door *door;
	struct hall hall;

	(void)state;
	for (door = doors; door->name != NULL; door++) {
		if (door->guests == FOR_ALL) {
			continue;
		}
		build(&hall, door);
		hall.pass.what.monitor = door->guests == FOR_CHECKS;
		assert_int_equal(ask(&hall, door), -EACCES);
	}
}

static void a_budget_of_nothing_shuts_its_doors(void **state)
{
	const struct door *door;
	struct hall hall;

	(void)state;
	for (door = doors; door->name != NULL; door++) {
		if (door->budget == DRAWS_NOTHING || door->open == NULL) {
			continue;
		}
		build(&hall, door);
		memset(&hall.profile.budget, 0, sizeof(hall.profile.budget));
		assert_int_equal(ask(&hall, door), -EDQUOT);
	}
}

static void nothing_goes_to_a_device_that_another_host_answers_for(void **state)
{
	const struct door *door;
	struct hall hall;

	(void)state;
	for (door = doors; door->name != NULL; door++) {
		if (door->budget == DRAWS_NOTHING || door->open == NULL) {
			continue;
		}
		build(&hall, door);
		atomic_store(&hall.server.stop.strange, true);
		assert_int_equal(ask(&hall, door), -EPERM);
	}
}

/* True if noise in the rest of the request leads to a row all the same. */
static bool has_row(uint32_t kind)
{
	const struct door *door;

	for (door = doors; door->name != NULL; door++) {
		if (door->request == kind &&
		    (door->variant == NULL || kind == REQUEST_DIAL || kind == REQUEST_DATAGRAMS)) {
			return true;
		}
	}
	return false;
}

static void a_request_without_a_row_has_no_door(void **state)
{
	static const struct door first = {.impact = IMPACT_MAY_BRICK, .needs = ~0u};
	struct request request;
	struct hall hall;
	uint32_t kind;

	(void)state;
	build(&hall, &first);
	memset(&request, 0x7f, sizeof(request));
	for (kind = 0; kind < 64; kind++) {
		request.kind = kind;
		if (!has_row(kind)) {
			assert_null(door_find(&request));
			assert_int_equal(door_refused(NULL, &hall.server, &hall.pass, &request),
					 -EPERM);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(whoever_fits_the_row_is_let_in),
		cmocka_unit_test(a_class_below_the_rows_is_refused),
		cmocka_unit_test(each_need_that_is_missing_is_refused),
		cmocka_unit_test(monitors_have_no_door_of_the_checks),
		cmocka_unit_test(a_budget_of_nothing_shuts_its_doors),
		cmocka_unit_test(nothing_goes_to_a_device_that_another_host_answers_for),
		cmocka_unit_test(a_request_without_a_row_has_no_door),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
