/* resource_test: what an observation holds follows from its probe and its
 * parameters, and decides what may run beside it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/plan/scope.h"
#include <string.h>

#include "harness/banned.h"

/* One device: ssh, web, and a controller that takes one client; three accounts, two
 * of which are one at the device. */
struct world {
	struct service services[3];
	struct account accounts[3];
	struct profile profile;
	struct arena *arena;
	struct probe probe;
	struct param_value at[3];
	struct params params;
};

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	if (w == NULL) {
		return -1;
	}
	w->arena = arena_new();
	w->services[0] = (struct service){.name = "ssh", .port = 22};
	w->services[1] = (struct service){.name = "web", .port = 443};
	w->services[2] = (struct service){.name = "control", .port = 502, .clients = 1};
	w->accounts[0] = (struct account){.name = "boss", .user = "admin"};
	w->accounts[1] = (struct account){.name = "web boss", .user = "admin"};
	w->accounts[2] = (struct account){.name = "spare", .user = "probe"};
	w->profile = (struct profile){.services = w->services,
				      .service_count = 3,
				      .accounts = w->accounts,
				      .account_count = 3};
	w->params.at = w->at;
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	arena_free(w->arena);
	free(w);
	return 0;
}

static struct world *with(struct world *w, struct param_value value)
{
	w->at[w->params.count++] = value;
	return w;
}

static struct param_value service_of(struct world *w, size_t i)
{
	return (struct param_value){.type = PARAM_SERVICE, .service = &w->services[i]};
}

static struct param_value account_of(struct world *w, size_t i)
{
	return (struct param_value){.type = PARAM_ACCOUNT, .account = &w->accounts[i]};
}

/* What the world's probe with the world's parameters holds, names with a '+' where
 * shared. */
static const char *holds(struct world *w)
{
	size_t i, count;
	const struct resource *at =
		resources_of(w->arena, &w->profile, &w->probe, &w->params, &count);
	const char *all = "";

	for (i = 0; i < count; i++) {
		all = arena_printf(w->arena, "%s%s%s%s", all, i > 0 ? ", " : "", at[i].name,
				   at[i].shared ? "+" : "");
	}
	return all;
}

static void who_only_observes_a_service_holds_nothing(void **state)
{
	struct world *w = *state;

	with(w, service_of(w, 0));
	assert_string_equal(holds(w), "");
}

static void who_touches_a_service_without_an_account_has_it_alone(void **state)
{
	struct world *w = *state;

	w->probe.impact = IMPACT_TOUCH;
	with(w, service_of(w, 0));
	assert_string_equal(holds(w), "service:ssh");
}

static void who_uses_an_account_has_that_account(void **state)
{
	struct world *w = *state;

	w->probe.impact = IMPACT_TOUCH;
	with(with(w, service_of(w, 0)), account_of(w, 2));
	assert_string_equal(holds(w), "account:spare");
}

static void accounts_with_one_user_name_are_one(void **state)
{
	struct world *w = *state;

	with(with(w, service_of(w, 0)), account_of(w, 1));
	assert_string_equal(holds(w), "account:boss");
}

static void a_list_of_credentials_holds_the_accounts_it_names(void **state)
{
	static const char *const pairs[] = {"root:root", "probe:probe", "admini:x", NULL};
	struct world *w = *state;

	with(with(w, service_of(w, 0)), account_of(w, 0));
	with(w, (struct param_value){.type = PARAM_LIST, .list = pairs, .list_count = 3});
	assert_string_equal(holds(w), "account:boss, account:spare");
}

static void a_service_with_few_clients_is_shared_by_those_on_it(void **state)
{
	struct world *w = *state;

	with(w, service_of(w, 2));
	assert_string_equal(holds(w), "service:control+");
}

static void who_looks_at_the_whole_device_uses_every_limited_service(void **state)
{
	struct world *w = *state;

	w->probe.needs = NEEDS_WIRE;
	assert_string_equal(holds(w), "service:control+, rate");
}

static void load_has_the_device_and_leaves_its_monitors_alone(void **state)
{
	struct world *w = *state;

	w->probe.impact = IMPACT_STRESS;
	w->probe.needs = NEEDS_STORM;
	assert_string_equal(holds(w), "device");
}

static void what_the_probe_declares_is_added(void **state)
{
	struct world *w = *state;

	w->probe.holds = HOLDS_SERVICE | HOLDS_ACCOUNTS | HOLDS_SOURCE;
	w->probe.needs = NEEDS_SECOND_SOURCE;
	with(w, service_of(w, 1));
	assert_string_equal(holds(w), "account:boss, account:spare, service:web, source:main, "
				      "source:witness");
	w->probe.holds = HOLDS_DEVICE;
	w->probe.needs = 0;
	assert_string_equal(holds(w), "device");
}

/* --- side by side -------------------------------------------------------------- */

static const struct service control = {.name = "control", .clients = 2};
static const struct resource one[] = {{RESOURCE_ACCOUNT, "account:one", NULL, false}};
static const struct resource two[] = {{RESOURCE_ACCOUNT, "account:two", NULL, false}};
static const struct resource all[] = {{RESOURCE_DEVICE, "device", NULL, false}};
static const struct resource source[] = {{RESOURCE_SOURCE, "source:main", NULL, false}};
static const struct resource client[] = {{RESOURCE_SERVICE, "service:c", &control, true}};
static const struct resource fills[] = {{RESOURCE_SERVICE, "service:c", &control, false}};

#define HOLDS(list)                            \
	{                                      \
		.holds = list, .hold_count = 1 \
	}
static const struct observation none = {.hold_count = 0}, on_one = HOLDS(one), on_two = HOLDS(two),
				on_all = HOLDS(all), on_source = HOLDS(source),
				a_client = HOLDS(client), filling = HOLDS(fills);

static void what_collides_in_nothing_fits(void **state)
{
	static const struct {
		const char *name;
		const struct observation *a, *b;
		bool fits;
	} cases[] = {
		{"two accounts", &on_one, &on_two, true},
		{"one account", &on_one, &on_one, false},
		{"nothing held", &none, &none, true},
		{"the device", &on_all, &none, false},
		{"the tester's address", &on_source, &none, false},
		{"two clients of two", &a_client, &a_client, true},
		{"a client of a service that is filled", &a_client, &filling, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		if (observation_fits(cases[i].a, &cases[i].b, 1) != cases[i].fits ||
		    observation_fits(cases[i].b, &cases[i].a, 1) != cases[i].fits) {
			fail_msg("%s", cases[i].name);
		}
	}
}

static void a_service_gets_no_more_clients_than_it_takes(void **state)
{
	const struct observation *beside[] = {&a_client, &a_client};

	(void)state;
	assert_true(observation_fits(&a_client, beside, 1));
	assert_false(observation_fits(&a_client, beside, 2));
	assert_true(observation_fits(&on_one, beside, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(who_only_observes_a_service_holds_nothing),
		T(who_touches_a_service_without_an_account_has_it_alone),
		T(who_uses_an_account_has_that_account),
		T(accounts_with_one_user_name_are_one),
		T(a_list_of_credentials_holds_the_accounts_it_names),
		T(a_service_with_few_clients_is_shared_by_those_on_it),
		T(who_looks_at_the_whole_device_uses_every_limited_service),
		T(load_has_the_device_and_leaves_its_monitors_alone),
		T(what_the_probe_declares_is_added),
		cmocka_unit_test(what_collides_in_nothing_fits),
		cmocka_unit_test(a_service_gets_no_more_clients_than_it_takes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
