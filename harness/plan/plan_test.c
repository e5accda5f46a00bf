/* plan_test: what a profile and suites become, with probes made for it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "harness/plan/plan_bench.h"

static const char *const only_modbus[] = {"modbus", NULL};

static void a_check_for_a_protocol_is_planned_for_each_such_service(void **state)
{
	struct bench *b = *state;

	add_ssh_check(b, "login");
	build_well(b);
	assert_int_equal(b->plan->check_count, 2);
	assert_string_equal(b->plan->checks[0].id, "login@ssh");
	assert_string_equal(b->plan->checks[1].id, "login@second-ssh");
	assert_ptr_equal(b->plan->checks[1].service, &b->services[1]);
	assert_string_equal(b->plan->observations[1].id, "fake.look@second-ssh");
}

static void equal_probe_and_parameters_are_observed_once(void **state)
{
	static const struct setting seven[] = {{"tries", "7", 1, 1}};
	static const struct setting bond[] = {{"tries", "007", 1, 1}};
	struct bench *b = *state;

	add_ssh_check(b, "one")->with = bond;
	add_ssh_check(b, "two")->with = seven;
	add_ssh_check(b, "three");
	b->checks[0].with_count = 1;
	b->checks[1].with_count = 1;
	build_well(b);
	assert_int_equal(b->plan->check_count, 6);
	assert_int_equal(b->plan->observation_count, 4);
	assert_string_equal(b->plan->observations[0].id, "fake.look@ssh.tries-7");
	assert_int_equal(b->plan->checks[0].observation, b->plan->checks[2].observation);
	assert_int_not_equal(b->plan->checks[0].observation, b->plan->checks[4].observation);
}

static void observations_come_by_impact_and_checks_in_suite_order(void **state)
{
	struct bench *b = *state;

	add_storm(b, "storm");
	add_ssh_check(b, "login");
	add_check(b, "sweep", "fake.sweep");
	build_well(b);
	assert_string_equal(b->plan->observations[0].id, "fake.sweep");
	assert_string_equal(b->plan->observations[1].id, "fake.look@ssh");
	assert_string_equal(b->plan->observations[3].id,
			    "fake.storm@control-program-runs.family-arp-request");
	assert_string_equal(b->plan->checks[0].id, "storm@control-program-runs");
	assert_int_equal(b->plan->checks[0].observation, 3);
	assert_int_equal(b->plan->checks[3].observation, 0);
}

static void an_observation_keeps_its_id_whatever_else_is_planned(void **state)
{
	static const struct setting with[] = {{"tries", "7", 1, 1}};
	struct bench *b = *state;
	char alone[80];

	add_ssh_check(b, "one")->with = with;
	b->checks[0].with_count = 1;
	build_well(b);
	snprintf(alone, sizeof(alone), "%s", b->plan->observations[0].id);
	assert_string_equal(alone, "fake.look@ssh.tries-7");
	b->checks[1] = b->checks[0];
	b->suites.check_count = 0;
	add_ssh_check(b, "two");
	b->suites.check_count = 2;
	build_well(b);
	assert_int_equal(b->plan->observation_count, 4);
	assert_string_equal(b->plan->observations[2].id, alone);
}

/* The id of a check's observation on its first service, by the check's id. */
static const char *id_of(const struct bench *b, const char *check)
{
	size_t i;

	for (i = 0; i < b->plan->check_count; i++) {
		if (strcmp(b->plan->checks[i].check->id, check) == 0) {
			return b->plan->observations[b->plan->checks[i].observation].id;
		}
	}
	return NULL;
}

static void swapping_two_checks_swaps_no_ids(void **state)
{
	static const struct setting account[] = {{"account", "disposable", 1, 1}};
	struct bench *b = *state;
	struct check swapped;
	char with[80], without[80];

	add_ssh_check(b, "without");
	add_ssh_check(b, "with")->with = account;
	b->checks[1].with_count = 1;
	build_well(b);
	snprintf(with, sizeof(with), "%s", id_of(b, "with"));
	snprintf(without, sizeof(without), "%s", id_of(b, "without"));
	assert_string_not_equal(with, without);
	swapped = b->checks[0];
	b->checks[0] = b->checks[1];
	b->checks[1] = swapped;
	build_well(b);
	assert_string_equal(id_of(b, "with"), with);
	assert_string_equal(id_of(b, "without"), without);
}

/* Settings that an id could mix up. */
static void different_parameters_never_share_an_id(void **state)
{
	static const struct setting rows[][2] = {
		{{"pairs", "a-b", 1, 1}},          {{"pairs", "a b", 1, 1}},
		{{"pairs", "a.tries-7", 1, 1}},    {{"pairs", "a", 1, 1}, {"tries", "7", 1, 1}},
		{{"pairs", "aaaabbbbcccc", 1, 1}}, {{"pairs", "A", 1, 1}},
		{{"account", "disposable", 1, 1}}, {{"account", "admin", 1, 1}},
	};
	static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
	struct bench *b = *state;
	size_t i, j;

	b->services[1].name = "ssh.tries-7";
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		add_ssh_check(b, names[i])->with = rows[i];
		b->checks[i].with_count = rows[i][1].name != NULL ? 2 : 1;
	}
	build_well(b);
	assert_int_equal(b->plan->observation_count, 2 * ARRAY_SIZE(rows));
	for (i = 0; i < b->plan->observation_count; i++) {
		const char *id = b->plan->observations[i].id;

		assert_true(strlen(id) < 128);
		assert_null(strpbrk(id, "/ \n"));
		for (j = 0; j < i; j++) {
			assert_string_not_equal(id, b->plan->observations[j].id);
		}
	}
}

static void a_journal_is_matched_by_probe_and_parameters(void **state)
{
	struct bench *b = *state;
	json_t *begin;

	add_ssh_check(b, "login");
	build_well(b);
	begin = json_pack("{s:s, s:s, s:{s:s, s:i, s:s, s:s, s:[], s:[]}}", "observation",
			  "any name", "probe", "fake.look", "params", "service", "Second SSH",
			  "tries", 3, "pairs", "", "account", "", "words", "steps");
	assert_int_equal(plan_observation_of(b->plan, begin), 1);
	json_object_set_new(json_object_get(begin, "params"), "tries", json_integer(4));
	assert_int_equal(plan_observation_of(b->plan, begin), -1);
	json_object_del(json_object_get(begin, "params"), "tries");
	assert_int_equal(plan_observation_of(b->plan, begin), -1);
	json_object_del(begin, "params");
	assert_int_equal(plan_observation_of(b->plan, begin), -1);
	json_decref(begin);
}

static void names_that_look_alike_get_ids_of_their_own(void **state)
{
	struct bench *b = *state;

	b->services[1].name = "SSH";
	add_ssh_check(b, "login");
	build_well(b);
	assert_string_not_equal(b->plan->checks[0].id, b->plan->checks[1].id);
	assert_string_not_equal(b->plan->observations[0].id, b->plan->observations[1].id);
}

static void an_undeclared_limit_leaves_the_check_untested(void **state)
{
	static const struct line expect = {.text = "count at-most x",
					   .fact = "count",
					   .op = OP_AT_MOST,
					   .value = "${limits.idle_s}",
					   .file = SUITE_FILE};
	struct bench *b = *state;
	struct check *check = add_check(b, "idle", "fake.sweep");

	check->expect = &expect;
	check->expect_count = 1;
	build_well(b);
	assert_int_equal(b->plan->checks[0].why, WHY_NOT_DECLARED);
	assert_string_equal(b->plan->checks[0].reason,
			    "the profile does not declare 'limits.idle_s'");
	assert_int_equal(b->plan->observations[0].why, WHY_NOT_DECLARED);
}

static void a_function_line_takes_its_tolerance(void **state)
{
	static const struct line expect[] = {{.fact = "share",
					      .op = OP_AT_MOST,
					      .value = "${function.loss}",
					      .file = SUITE_FILE},
					     {.fact = "count",
					      .op = OP_AT_MOST,
					      .value = "${function.gap_ms}",
					      .file = SUITE_FILE}};
	struct bench *b = *state;
	struct check *check = add_storm(b, "storm");

	check->expect = expect;
	check->expect_count = 2;
	build_well(b);
	assert_string_equal(b->plan->checks[0].expect[0].text, "share at-most 0.05");
	assert_true(b->plan->checks[0].expect[0].value.real == 0.05);
	assert_int_equal(b->plan->checks[0].expect[1].value.number, 100);
}

static void a_policy_list_fills_lines_and_text_parameters(void **state)
{
	static const struct setting with[] = {{"pairs", "${policy.known-2026.pairs}", 1, 1}};
	static const char *const nothing[] = {NULL};
	static const char *const ports[] = {"x", "${declared.tcp}", NULL};
	static const struct line lines[] = {
		{.fact = "names",
		 .op = OP_SUBSET_OF,
		 .value = "${policy.known-2026.pairs}",
		 .file = SUITE_FILE},
		{.fact = "count",
		 .op = OP_AT_LEAST,
		 .value = "${policy.known-2026.bits}",
		 .file = SUITE_FILE},
		{.fact = "names", .op = OP_SUBSET_OF, .list = nothing, .file = SUITE_FILE},
		{.fact = "names", .op = OP_INCLUDES, .list = ports, .file = SUITE_FILE}};
	struct bench *b = *state;
	struct check *check = add_ssh_check(b, "login");
	const struct expectation *got;

	check->with = with;
	check->with_count = 1;
	check->expect = lines;
	check->expect_count = ARRAY_SIZE(lines);
	build_well(b);
	assert_string_equal(b->plan->observations[0].params[2].text, "a:b c:d");
	got = b->plan->checks[0].expect;
	assert_string_equal(got[0].text, "names subset-of known-2026 pairs of 2026-01-31");
	assert_int_equal(got[0].value.list_count, 2);
	assert_string_equal(got[0].value.list[1], "c:d");
	assert_int_equal(got[1].value.number, 112);
	assert_int_equal(got[2].value.list_count, 0);
	assert_string_equal(got[2].text, "names subset-of []");
	assert_int_equal(got[3].value.list_count, 4);
	assert_string_equal(got[3].value.list[3], "502/tcp");
}

/* What the plan makes of one line about a policy, on a day. */
static const struct expectation *policy_line(struct bench *b, struct line line, const char *day)
{
	static struct line at;

	at = line;
	at.file = SUITE_FILE;
	b->suites.check_count = 0;
	add_ssh_check(b, "c")->expect = &at;
	b->checks[0].expect_count = 1;
	b->input.options.day = day;
	build_well(b);
	return &b->plan->checks[0].expect[0];
}

static void a_policy_takes_what_it_allows_and_what_is_legacy(void **state)
{
	const struct expectation *got = policy_line(
		*state,
		(struct line){
			.fact = "names", .op = OP_SUBSET_OF, .value = "${policy.known-2026.names}"},
		"2026-11-25");

	assert_int_equal(got->value.list_count, 3);
	assert_string_equal(got->value.list[2], "old");
	assert_int_equal(got->legacy_count, 1);
	assert_string_equal(got->legacy[0].value, "old");
	assert_string_equal(got->legacy[0].source, "Test 1, 4, until 2027");
	assert_string_equal(got->text, "names subset-of known-2026 names of 2026-01-31");
}

static void what_is_forbidden_can_be_named(void **state)
{
	const struct expectation *got =
		policy_line(*state,
			    (struct line){.fact = "names",
					  .op = OP_EXCLUDES,
					  .value = "${policy.known-2026.names.forbidden}"},
			    "2026-11-25");

	assert_int_equal(got->value.list_count, 1);
	assert_string_equal(got->value.list[0], "bad");
	assert_int_equal(got->legacy_count, 0);
}

/* Up to and with the year it is in order, from the next on it is not. */
static void the_day_of_the_run_decides_what_has_ended(void **state)
{
	static const struct {
		const char *day;
		size_t taken, legacy;
	} rows[] = {{NULL, 3, 1},
		    {"2027-12-31", 3, 1},
		    {"2028-01-01", 2, 0},
		    {"2029-12-31", 2, 0},
		    {"2030-01-01", 2, 2}};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct expectation *got =
			policy_line(*state,
				    (struct line){.fact = "names",
						  .op = OP_SUBSET_OF,
						  .value = "${policy.known-2026.names}"},
				    rows[i].day);

		assert_int_equal(got->value.list_count, rows[i].taken);
		assert_int_equal(got->legacy_count, rows[i].legacy);
	}
}

static void the_least_size_that_is_not_forbidden_is_the_limit(void **state)
{
	static const struct line line = {
		.fact = "count", .op = OP_AT_LEAST, .value = "${policy.known-2026.bits}"};
	const struct expectation *got = policy_line(*state, line, "2030-12-31");

	assert_int_equal(got->value.number, 112);
	assert_int_equal(got->legacy_count, 0);
	got = policy_line(*state, line, "2031-01-01");
	assert_int_equal(got->value.number, 112);
	assert_int_equal(got->legacy_count, 1);
	assert_string_equal(got->legacy[0].value, "128");
	assert_string_equal(got->legacy[0].source, "Test 1, 2, until 2030");
}

static const struct param_value *param_of(const struct bench *b, const char *name)
{
	size_t i;

	for (i = 0; i < b->plan->observations[0].param_count; i++) {
		if (strcmp(b->plan->observations[0].params[i].name, name) == 0) {
			return &b->plan->observations[0].params[i];
		}
	}
	fail_msg("no parameter '%s'", name);
	return NULL;
}

/* The first observation's parameter as JSON, with words written as said. */
static void words_are(struct bench *b, struct setting setting, const char *wanted)
{
	char *text;
	json_t *json;

	b->suites.check_count = 0;
	setting.name = "words";
	add_ssh_check(b, "login")->with = &setting;
	b->checks[0].with_count = 1;
	build_well(b);
	json = param_to_json(param_of(b, "words"));
	text = json_dumps(json, JSON_COMPACT);
	assert_string_equal(text, wanted);
	free(text);
	json_decref(json);
}

static void a_list_parameter_keeps_its_items_apart(void **state)
{
	static const struct setting items[] = {
		{NULL, "a b", 1, 1}, {NULL, "${policy.known-2026.pairs}", 1, 1}, {NULL, "c", 1, 1}};
	struct bench *b = *state;

	words_are(b, (struct setting){.kind = SETTING_LIST, .at = items, .count = 3},
		  "[\"a b\",\"a:b\",\"c:d\",\"c\"]");
	assert_null(param_of(b, "words")->list[4]);
	words_are(b, (struct setting){.value = "${policy.known-2026.pairs}"}, "[\"a:b\",\"c:d\"]");
	words_are(b, (struct setting){.value = "a b"}, "[\"a b\"]");
	words_are(b, (struct setting){.value = "one"}, "[\"one\"]");
	assert_string_equal(b->plan->observations[0].id, "fake.look@ssh.words-one");
	words_are(b, (struct setting){.kind = SETTING_LIST}, "[]");
	assert_string_equal(b->plan->observations[0].id, "fake.look@ssh");
	assert_null(param_of(b, "words")->list[0]);
}

/* Lists that would be one text if they were joined. */
static void lists_cut_otherwise_are_other_observations(void **state)
{
	static const struct setting one[] = {{NULL, "a b", 1, 1}};
	static const struct setting two[] = {{NULL, "a", 1, 1}, {NULL, "b", 1, 1}};
	static const struct setting three[] = {{NULL, "a, b", 1, 1}};
	static const struct setting with[] = {
		{.name = "words", .kind = SETTING_LIST, .at = one, .count = 1},
		{.name = "words", .kind = SETTING_LIST, .at = two, .count = 2},
		{.name = "words", .kind = SETTING_LIST, .at = three, .count = 1}};
	static const char *const names[] = {"a", "b", "c"};
	struct bench *b = *state;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(with); i++) {
		add_ssh_check(b, names[i])->with = &with[i];
		b->checks[i].with_count = 1;
	}
	build_well(b);
	assert_int_equal(b->plan->observation_count, 6);
	assert_string_not_equal(b->plan->observations[0].id, b->plan->observations[2].id);
	assert_string_not_equal(b->plan->observations[2].id, b->plan->observations[4].id);
}

static void steps_are_given_their_fields(void **state)
{
	static const struct setting names[] = {{NULL, "x", 1, 1}, {NULL, "y", 1, 1}};
	static const struct setting first[] = {{"path", "/reset", 1, 1}};
	static const struct setting second[] = {
		{"wait_s", "5", 1, 1},
		{"path", "/on ${service.port}", 1, 1},
		{.name = "names", .kind = SETTING_LIST, .at = names, .count = 2}};
	static const struct setting steps[] = {{.kind = SETTING_MAP, .at = first, .count = 1},
					       {.kind = SETTING_MAP, .at = second, .count = 3}};
	static const struct setting with[] = {
		{.name = "steps", .kind = SETTING_LIST, .at = steps, .count = 2}};
	struct bench *b = *state;
	const struct param_value *value;
	char *text;
	json_t *json;

	add_ssh_check(b, "login")->with = with;
	b->checks[0].with_count = 1;
	build_well(b);
	value = param_of(b, "steps");
	assert_int_equal(value->step_count, 2);
	assert_int_equal(value->steps[1].at[1].number, 5);
	json = param_to_json(value);
	text = json_dumps(json, JSON_COMPACT);
	assert_string_equal(text, "[{\"path\":\"/reset\",\"wait_s\":1,\"names\":[]},"
				  "{\"path\":\"/on 22\",\"wait_s\":5,\"names\":[\"x\",\"y\"]}]");
	free(text);
	json_decref(json);
	assert_string_not_equal(b->plan->observations[0].id, "fake.look@ssh");
}

static void an_excluded_port_is_not_expected_to_be_seen(void **state)
{
	static const uint16_t excluded[] = {2222};
	static const struct line line = {
		.fact = "names", .op = OP_INCLUDES, .value = "${declared.tcp}", .file = SUITE_FILE};
	struct bench *b = *state;
	struct check *check = add_check(b, "sweep", "fake.sweep");

	check->expect = &line;
	check->expect_count = 1;
	b->profile.link.exclude_ports = excluded;
	b->profile.link.exclude_count = 1;
	build_well(b);
	assert_string_equal(b->plan->checks[0].expect[0].text, "names includes [22/tcp, 502/tcp]");
}

static void a_line_that_would_always_hold_leaves_the_check_untested(void **state)
{
	static const struct line line = {
		.fact = "names", .op = OP_INCLUDES, .value = "${declared.udp}", .file = SUITE_FILE};
	struct bench *b = *state;
	struct check *check = add_check(b, "sweep", "fake.sweep");

	check->expect = &line;
	check->expect_count = 1;
	build_well(b);
	assert_int_equal(b->plan->checks[0].why, WHY_NOT_DECLARED);
	assert_string_equal(b->plan->checks[0].reason,
			    "the profile declares nothing that 'names' would have to include");
}

static void what_is_not_granted_is_not_run(void **state)
{
	struct bench *b = *state;

	add_storm(b, "storm");
	b->profile.consent[IMPACT_STRESS] = false;
	b->profile.budget.load_frames_per_s = 0;
	build_well(b);
	assert_int_equal(b->plan->checks[0].why, WHY_NO_CONSENT);
	assert_string_equal(b->plan->checks[0].reason, "the profile does not grant 'stress'");
	assert_int_equal(b->plan->observations[0].why, WHY_NO_CONSENT);
	assert_int_equal(b->plan->seconds, 0);
}

static void what_a_probe_needs_must_be_declared(void **state)
{
	struct bench *b = *state;
	struct check *write = add_check(b, "write", "fake.write");

	write->for_what = FOR_SERVICE;
	write->for_protocols = only_modbus;
	add_check(b, "second", "fake.second");
	add_storm(b, "storm");
	b->services[2].scratch_register = -1;
	b->profile.budget.load_frames_per_s = 0;
	build_well(b);
	assert_string_equal(b->plan->checks[0].reason,
			    "the profile does not declare 'scratch_register' "
			    "for service 'control'");
	assert_string_equal(b->plan->checks[1].reason,
			    "the profile does not declare 'link.witness', the "
			    "tester's second address");
	assert_string_equal(b->plan->checks[2].reason,
			    "the profile does not declare "
			    "'budget.load_frames_per_s', the load it allows");
	b->services[2].scratch_register = 900;
	b->profile.budget.load_frames_per_s = 1;
	b->profile.link.address = address_of("10.0.0.2");
	b->profile.link.witness = address_of("10.0.0.9");
	build_well(b);
	assert_int_equal(b->plan->checks[0].why, WHY_NONE);
	assert_int_equal(b->plan->checks[1].why, WHY_NONE);
	assert_int_equal(b->plan->checks[2].why, WHY_NONE);
}

static struct check *add_login(struct bench *b)
{
	struct check *check = add_check(b, "login", "fake.login");

	check->for_what = FOR_LOGIN;
	return check;
}

static void a_check_for_logins_is_planned_where_a_driver_logs_in(void **state)
{
	struct bench *b = *state;

	add_login(b);
	build_well(b);
	assert_int_equal(b->plan->check_count, 2);
	assert_string_equal(b->plan->checks[0].id, "login@ssh");
	assert_string_equal(b->plan->checks[1].id, "login@second-ssh");
	assert_ptr_equal(b->plan->observations[0].params[1].account, &b->accounts[1]);
}

/* A service names its account; an account the services it is meant for. */
static void the_profile_says_which_account_logs_in(void **state)
{
	static const char *const second[] = {"Second SSH", NULL};
	struct bench *b = *state;

	add_login(b);
	b->services[0].account = "admin";
	b->accounts[1].services = second;
	build_well(b);
	assert_ptr_equal(b->plan->observations[0].params[1].account, &b->accounts[0]);
	assert_ptr_equal(b->plan->observations[1].params[1].account, &b->accounts[1]);
}

static void a_login_without_an_account_is_not_tested_and_says_so(void **state)
{
	static const char *const second[] = {"Second SSH", NULL};
	struct bench *b = *state;

	add_login(b);
	b->accounts[1].services = second;
	build_well(b);
	assert_int_equal(b->plan->check_count, 2);
	assert_int_equal(b->plan->checks[0].why, WHY_NOT_DECLARED);
	assert_string_equal(b->plan->checks[0].reason,
			    "the profile declares no account for service 'ssh': neither 'account' "
			    "there nor one that may be locked out ('disposable: true')");
	assert_int_equal(b->plan->checks[1].why, WHY_NONE);
}

static void what_a_driver_needs_must_be_declared(void **state)
{
	struct bench *b = *state;

	add_login(b);
	b->services[2].protocol = "http";
	build_well(b);
	assert_string_equal(b->plan->checks[2].id, "login@control");
	assert_int_equal(b->plan->checks[2].why, WHY_NOT_DECLARED);
	b->services[2].login.ok = "/home";
	build_well(b);
	assert_int_equal(b->plan->checks[2].why, WHY_NONE);
}

static void the_disposable_account_is_the_one_that_may_be_locked(void **state)
{
	static const struct setting with[] = {{"account", "disposable", 1, 1}};
	struct bench *b = *state;
	struct check *check = add_ssh_check(b, "login");

	check->with = with;
	check->with_count = 1;
	build_well(b);
	assert_ptr_equal(b->plan->observations[0].params[3].account, &b->accounts[1]);
	assert_string_equal(b->plan->observations[0].id, "fake.look@ssh.account-throwaway");
	b->accounts[1].disposable = false;
	build_well(b);
	assert_int_equal(b->plan->observation_count, 0);
	assert_int_equal(b->plan->checks[0].why, WHY_NOT_DECLARED);
	assert_int_equal(b->plan->checks[0].observation, -1);
}

static void without_essential_functions_a_load_check_still_shows(void **state)
{
	struct bench *b = *state;

	add_storm(b, "storm");
	b->profile.function_count = 0;
	build_well(b);
	assert_int_equal(b->plan->check_count, 1);
	assert_string_equal(b->plan->checks[0].id, "storm");
	assert_int_equal(b->plan->checks[0].why, WHY_NOT_DECLARED);
	assert_string_equal(b->plan->checks[0].reason,
			    "the profile declares no essential function");
}

static void only_the_selected_checks_run(void **state)
{
	static const char *const only[] = {"login@ssh", NULL};
	static const char *const unknown[] = {"nothing", NULL};
	struct bench *b = *state;

	add_ssh_check(b, "login");
	b->input.options.only = only;
	build_well(b);
	assert_int_equal(b->plan->checks[0].why, WHY_NONE);
	assert_int_equal(b->plan->checks[1].why, WHY_NOT_SELECTED);
	assert_int_equal(b->plan->observations[1].why, WHY_NOT_SELECTED);
	b->input.options.only = unknown;
	assert_int_equal(build(b), -1);
	assert_string_equal(b->errors, "assay: no check of this plan is called "
				       "'nothing'\n");
}

static void what_is_declared_absent_is_not_applicable(void **state)
{
	struct bench *b = *state;

	add_check(b, "radio", "fake.sweep")->requirements = cr_9_9;
	b->absent[0] = (struct absence){"wireless", "no radio", "me"};
	build_well(b);
	assert_false(b->plan->checks[0].not_applicable);
	b->profile.absent_count = 1;
	build_well(b);
	assert_true(b->plan->checks[0].not_applicable);
	assert_string_equal(b->plan->checks[0].reason,
			    "the profile declares 'wireless' absent: no radio");
	assert_int_equal(b->plan->observation_count, 0);
}

static void checks_for_other_components_do_not_exist(void **state)
{
	struct bench *b = *state;

	add_check(b, "other", "fake.sweep")->requirements = ndr_1_6;
	build_well(b);
	assert_int_equal(b->plan->check_count, 0);
}

static void sham_only_puts_no_load_on_the_device(void **state)
{
	struct bench *b = *state;

	add_storm(b, "storm");
	b->input.options.sham_only = true;
	build_well(b);
	assert_true(b->plan->observations[0].params[3].yes);
	assert_string_equal(b->plan->observations[0].id,
			    "fake.storm@control-program-runs.family-arp-request.sham_only");
}

static void every_essential_function_gets_its_monitor(void **state)
{
	struct bench *b = *state;

	build_well(b);
	assert_int_equal(b->plan->monitor_count, 1);
	assert_ptr_equal(b->plan->monitors[0].monitor, &fake_monitor);
	assert_ptr_equal(b->plan->monitors[0].params[0].service, &b->services[2]);
	assert_int_equal(b->plan->monitors[0].params[1].number, 10);
	b->counter_with[1].value = "70000";
	assert_int_equal(build(b), -1);
	assert_string_equal(b->errors, "test-profile.yaml:30:38: parameter 'register' of "
				       "monitor 'fake.counter' is from 0 to 65535, not "
				       "'70000'\n");
}

static void answers_reach_their_question(void **state)
{
	struct bench *b = *state;
	struct check *ask = add_ssh_check(b, "shown");

	ask->probe = NULL;
	ask->ask = "Show it.";
	b->answers[0] = (struct answer){.check = "shown"};
	b->answers[1] = (struct answer){.check = "shown@second-ssh"};
	b->profile.answer_count = 2;
	build_well(b);
	assert_ptr_equal(b->plan->checks[0].answer, &b->answers[0]);
	assert_ptr_equal(b->plan->checks[1].answer, &b->answers[1]);
	b->answers[1].check = "never-asked";
	assert_int_equal(build(b), -1);
	assert_string_equal(b->errors, "test-profile.yaml: an answer is given to "
				       "'never-asked', which no suite asks\n");
}

static void the_same_inputs_give_the_same_plan(void **state)
{
	struct bench *b = *state;
	char *first, *second;
	json_t *json;

	add_storm(b, "storm");
	add_ssh_check(b, "login");
	build_well(b);
	json = plan_to_json(b->plan);
	first = json_dumps(json, JSON_INDENT(1));
	json_decref(json);
	build_well(b);
	json = plan_to_json(b->plan);
	second = json_dumps(json, JSON_INDENT(1));
	json_decref(json);
	assert_string_equal(first, second);
	free(first);
	free(second);
}

static void the_selection_stands_in_the_json(void **state)
{
	static const char *const only[] = {"login@ssh", NULL};
	struct bench *b = *state;
	json_t *json, *wanted;

	add_storm(b, "storm");
	add_ssh_check(b, "login");
	b->input.options.only = only;
	b->input.options.sham_only = true;
	build_well(b);
	json = plan_to_json(b->plan);
	wanted = json_pack("[s]", "login@ssh");
	assert_true(json_equal(json_object_get(json, "only"), wanted));
	assert_true(json_is_true(json_object_get(json, "sham_only")));
	json_decref(wanted);
	json_decref(json);
}

static void a_selected_check_that_is_gone_may_be_passed_over(void **state)
{
	static const char *const only[] = {"login", "gone", NULL};
	struct bench *b = *state;

	add_storm(b, "storm");
	add_ssh_check(b, "login");
	b->input.options.only = only;
	b->input.options.suites_may_differ = true;
	build_well(b);
	assert_int_equal(b->plan->checks[0].why, WHY_NOT_SELECTED);
	assert_int_equal(b->plan->checks[1].why, WHY_NONE);
}

static void the_page_groups_what_runs_and_what_does_not(void **state)
{
	struct bench *b = *state;
	char *page = NULL;
	size_t size = 0;
	FILE *out;

	add_storm(b, "storm");
	add_check(b, "sweep", "fake.sweep");
	b->profile.consent[IMPACT_STRESS] = false;
	build_well(b);
	out = open_memstream(&page, &size);
	plan_print(b->plan, out, 80);
	fclose(out);
	assert_non_null(strstr(page, "\nwill run: observe ("));
	assert_non_null(strstr(page, "    1  fake.sweep"));
	assert_non_null(strstr(page, "\nwill not run\n"
				     "  the profile does not grant 'stress'\n"
				     "       storm@control-program-runs\n"));
	assert_non_null(strstr(page, "\n2 checks: 1 judged on 1 observations, "
				     "0 for a person, 1 will not run\n"
				     "about 1 s\n"));
	free(page);
}

static void a_check_for_tls_is_planned_where_tls_comes_first(void **state)
{
	struct bench *b = *state;

	b->services[0].protocol = "mqtts";
	b->services[1].protocol = "tls";
	add_ssh_check(b, "versions")->for_what = FOR_TLS;
	build_well(b);
	assert_int_equal(b->plan->check_count, 2);
	assert_string_equal(b->plan->checks[0].id, "versions@ssh");
	assert_string_equal(b->plan->checks[1].id, "versions@second-ssh");
	b->services[1].udp = true;
	build_well(b);
	assert_int_equal(b->plan->check_count, 1);
}

static void a_service_that_no_check_looks_into_is_named(void **state)
{
	struct bench *b = *state;
	struct check *ask = add_check(b, "asked", NULL);
	char *page = NULL;
	size_t size = 0;
	FILE *out;

	ask->ask = "a question is no look";
	ask->for_what = FOR_SERVICE;
	add_ssh_check(b, "login");
	b->services[1] = (struct service){.name = "web", .protocol = "htps", .port = 443};
	b->services[2].protocol = "mqtt";
	build_well(b);
	assert_int_equal(b->plan->uncovered_count, 2);
	assert_string_equal(b->plan->uncovered[0].sentence,
			    "service 'web', TCP port 443: no check looks into it beyond its port: "
			    "'htps' is no known protocol (did you mean 'https'?)");
	assert_string_equal(b->plan->uncovered[1].sentence,
			    "service 'control', TCP port 502: no check looks into it beyond its "
			    "port: the suites have no check of MQTT");
	out = open_memstream(&page, &size);
	plan_print(b->plan, out, 80);
	fclose(out);
	assert_non_null(strstr(page, "\nno check looks into\n"
				     "  service 'web', TCP port 443: no check looks into it"));
	free(page);
}

static void a_service_beyond_tcp_is_not_even_looked_at_by_its_port(void **state)
{
	struct bench *b = *state;

	b->services[2] =
		(struct service){.name = "odd", .protocol = "other", .udp = true, .port = 9};
	b->profile.function_count = 0;
	add_ssh_check(b, "login");
	build_well(b);
	assert_int_equal(b->plan->uncovered_count, 1);
	assert_string_equal(b->plan->uncovered[0].sentence,
			    "service 'odd', UDP port 9: no check looks into it, nor at its port: "
			    "its protocol is none that assay knows");
}

static void a_service_whose_checks_were_not_selected_is_still_covered(void **state)
{
	static const char *const only[] = {"sweep", NULL};
	struct bench *b = *state;

	add_ssh_check(b, "login");
	add_check(b, "sweep", "fake.sweep");
	b->profile.service_count = 2;
	b->profile.function_count = 0;
	b->input.options.only = only;
	build_well(b);
	assert_int_equal(b->plan->uncovered_count, 0);
}

static void plan_defaults(struct bench *b)
{
	static const struct setting with[] = {{"delivered", "delivered", 1, 1},
					      {"pairs", "${defaults.delivered-2026}", 1, 1}};
	struct check *check = add_check(b, "defaults", "fake.defaults");

	check->for_what = FOR_LOGIN;
	check->with = with;
	check->with_count = 2;
	b->profile.budget.failed_logins = 3;
	build_well(b);
}

static void pairs_are(const struct bench *b, const char *wanted)
{
	const struct param_value *pairs = param_of(b, "pairs");

	assert_non_null(pairs);
	assert_string_equal(pairs->text, wanted);
}

static void the_vendors_credentials_come_before_those_of_any_device(void **state)
{
	struct bench *b = *state;

	b->profile.vendor = "ACME Tools Ltd.";
	plan_defaults(b);
	pairs_are(b, "admin:acme, root:root, admin:tool, admin:admin");
	assert_null(param_of(b, "delivered")->account);
}

static void without_a_vendor_any_devices_credentials_are_tried(void **state)
{
	struct bench *b = *state;

	plan_defaults(b);
	pairs_are(b, "admin:admin, root:root");
	assert_int_equal(b->plan->note_count, 1);
	assert_non_null(strstr(b->plan->notes[0], "does not declare 'device.vendor'"));
}

static void a_vendor_that_no_list_knows_is_told(void **state)
{
	struct bench *b = *state;

	b->profile.vendor = "Acme";
	plan_defaults(b);
	pairs_are(b, "admin:admin, root:root");
	assert_int_equal(b->plan->note_count, 1);
	assert_non_null(strstr(b->plan->notes[0], "vendor 'Acme'"));
}

/* Three tries as admin at each of two services. */
static void the_plan_says_what_the_budget_leaves_out(void **state)
{
	struct bench *b = *state;

	b->profile.vendor = "ACME Tools";
	plan_defaults(b);
	assert_int_equal(b->plan->note_count, 1);
	assert_string_equal(b->plan->notes[0],
			    "of 8 tries of delivered credentials on 2 services the budget of 3 "
			    "failed logins a user name leaves out at least 3: what is not found "
			    "before it is spent stays open (budget-spent)");
	b->suites.check_count = 0;
	b->profile.limits.lockout_attempts = 3;
	plan_defaults(b);
	assert_non_null(strstr(b->plan->notes[0], "the budget of 2 failed logins"));
	b->suites.check_count = 0;
	b->profile.limits.lockout_attempts = -1;
	add_check(b, "sweep", "fake.sweep");
	build_well(b);
	assert_int_equal(b->plan->note_count, 0);
}

static void the_documented_account_is_tried_and_never_logs_in(void **state)
{
	struct bench *b = *state;

	b->accounts[0].delivered = true;
	b->accounts[0].disposable = true;
	plan_defaults(b);
	assert_ptr_equal(param_of(b, "delivered")->account, &b->accounts[0]);
	assert_ptr_equal(param_of(b, "account")->account, &b->accounts[1]);
	assert_string_equal(b->plan->observations[0].params[2].text, "admin");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_check_for_a_protocol_is_planned_for_each_such_service),
		TEST(equal_probe_and_parameters_are_observed_once),
		TEST(observations_come_by_impact_and_checks_in_suite_order),
		TEST(an_observation_keeps_its_id_whatever_else_is_planned),
		TEST(swapping_two_checks_swaps_no_ids),
		TEST(different_parameters_never_share_an_id),
		TEST(a_journal_is_matched_by_probe_and_parameters),
		TEST(names_that_look_alike_get_ids_of_their_own),
		TEST(an_undeclared_limit_leaves_the_check_untested),
		TEST(a_function_line_takes_its_tolerance),
		TEST(a_policy_list_fills_lines_and_text_parameters),
		TEST(a_policy_takes_what_it_allows_and_what_is_legacy),
		TEST(what_is_forbidden_can_be_named),
		TEST(the_day_of_the_run_decides_what_has_ended),
		TEST(the_least_size_that_is_not_forbidden_is_the_limit),
		TEST(a_list_parameter_keeps_its_items_apart),
		TEST(lists_cut_otherwise_are_other_observations),
		TEST(steps_are_given_their_fields),
		TEST(an_excluded_port_is_not_expected_to_be_seen),
		TEST(a_line_that_would_always_hold_leaves_the_check_untested),
		TEST(what_is_not_granted_is_not_run),
		TEST(what_a_probe_needs_must_be_declared),
		TEST(a_check_for_logins_is_planned_where_a_driver_logs_in),
		TEST(the_profile_says_which_account_logs_in),
		TEST(a_login_without_an_account_is_not_tested_and_says_so),
		TEST(what_a_driver_needs_must_be_declared),
		TEST(the_disposable_account_is_the_one_that_may_be_locked),
		TEST(without_essential_functions_a_load_check_still_shows),
		TEST(only_the_selected_checks_run),
		TEST(what_is_declared_absent_is_not_applicable),
		TEST(checks_for_other_components_do_not_exist),
		TEST(sham_only_puts_no_load_on_the_device),
		TEST(every_essential_function_gets_its_monitor),
		TEST(answers_reach_their_question),
		TEST(the_same_inputs_give_the_same_plan),
		TEST(the_selection_stands_in_the_json),
		TEST(a_selected_check_that_is_gone_may_be_passed_over),
		TEST(the_page_groups_what_runs_and_what_does_not),
		TEST(the_vendors_credentials_come_before_those_of_any_device),
		TEST(without_a_vendor_any_devices_credentials_are_tried),
		TEST(a_vendor_that_no_list_knows_is_told),
		TEST(the_plan_says_what_the_budget_leaves_out),
		TEST(the_documented_account_is_tried_and_never_logs_in),
		TEST(a_check_for_tls_is_planned_where_tls_comes_first),
		TEST(a_service_that_no_check_looks_into_is_named),
		TEST(a_service_beyond_tcp_is_not_even_looked_at_by_its_port),
		TEST(a_service_whose_checks_were_not_selected_is_still_covered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
