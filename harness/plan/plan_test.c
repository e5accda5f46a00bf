/* plan_test: what a profile and suites become, with probes made for it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "harness/plan/builder.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

#define SUITE_FILE "plan-test-suite.yaml"

static int no_observe(struct probe_run *run)
{
	(void)run;
	return -1;
}

static unsigned storm_seconds(const struct param_value *params, size_t count)
{
	(void)params;
	return (unsigned)count;
}

static const struct fact_def look_facts[] = {
	{"open", FACT_BOOL, "", "a bool"},  {"count", FACT_INT, "", "an int"},
	{"share", FACT_REAL, "", "a real"}, {"banner", FACT_TEXT, "", "text"},
	{"names", FACT_LIST, "", "a list"}, {NULL, FACT_BOOL, NULL, NULL},
};
static const struct param_def look_params[] = {
	{"service", PARAM_SERVICE, "service", NULL, 0, 0},
	{"tries", PARAM_INT, "tries", "3", 1, 10},
	{"pairs", PARAM_TEXT, "pairs", "", 0, 0},
	{"account", PARAM_ACCOUNT, "account", "", 0, 0},
	{NULL, PARAM_INT, NULL, NULL, 0, 0},
};
static const struct param_def storm_params[] = {
	{"function", PARAM_FUNCTION, "function", NULL, 0, 0},
	{"family", PARAM_TEXT, "family", NULL, 0, 0},
	{"rate", PARAM_INT, "rate", "0", 0, 10000},
	{"sham_only", PARAM_BOOL, "sham", "false", 0, 0},
	{NULL, PARAM_INT, NULL, NULL, 0, 0},
};
static const struct param_def write_params[] = {
	{"service", PARAM_SERVICE, "service", NULL, 0, 0},
	{NULL, PARAM_INT, NULL, NULL, 0, 0},
};
static const struct param_def counter_params[] = {
	{"service", PARAM_SERVICE, "service", NULL, 0, 0},
	{"register", PARAM_INT, "register", NULL, 0, 65535},
	{NULL, PARAM_INT, NULL, NULL, 0, 0},
};

static const struct probe fake_probes[] = {
	{"fake.look", "looks", "none", IMPACT_TOUCH, 0, 10, look_params,
	 look_facts, NULL, no_observe},
	{"fake.sweep", "sweeps", "none", IMPACT_OBSERVE, 0, 10, NULL,
	 look_facts, NULL, no_observe},
	{"fake.storm", "storms", "none", IMPACT_STRESS, NEEDS_STORM, 60,
	 storm_params, look_facts, storm_seconds, no_observe},
	{"fake.write", "writes", "none", IMPACT_TOUCH, NEEDS_SCRATCH, 10,
	 write_params, look_facts, NULL, no_observe},
	{"fake.second", "looks twice", "none", IMPACT_OBSERVE,
	 NEEDS_SECOND_SOURCE, 10, NULL, look_facts, NULL, no_observe},
};
static const struct monitor fake_monitor = {
	.id = "fake.counter", .summary = "counts", .params = counter_params};

static const struct probe *find_probe(const char *id)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fake_probes); i++) {
		if (strcmp(fake_probes[i].id, id) == 0) {
			return &fake_probes[i];
		}
	}
	return NULL;
}

static const struct monitor *find_monitor(const char *id)
{
	return strcmp(id, fake_monitor.id) == 0 ? &fake_monitor : NULL;
}

static const char *const edr[] = {"EDR", NULL};
static const struct requirement requirements[] = {
	{.id = "CR 1.1", .components = edr, .testability = 'S'},
	{.id = "CR 9.9", .components = edr, .condition = "wireless"},
	{.id = "NDR 1.6", .components = (const char *const[]){"NDR", NULL}},
};
static const char *const cr_1_1[] = {"CR 1.1", NULL};
static const char *const cr_9_9[] = {"CR 9.9", NULL};
static const char *const ndr_1_6[] = {"NDR 1.6", NULL};

static const char *const policy_pairs[] = {"a:b", "c:d", NULL};
static const char *const policy_bits[] = {"112", NULL};
static const struct policy_list policy_lists[] = {{"pairs", policy_pairs},
						  {"bits", policy_bits}};
static const struct policy policies[] = {
	{"known-2026", "2026-01-31", "test", policy_lists, 2}};

/* One device with two SSH services, Modbus and a control loop; tests change
 * their copy. */
struct bench {
	struct service services[3];
	struct account accounts[2];
	struct setting counter_with[2];
	struct essential_function functions[1];
	struct absence absent[1];
	struct answer answers[2];
	struct profile profile;
	struct catalogue catalogue;
	struct check checks[8];
	struct suites suites;
	struct plan_input input;
	char *errors;
	size_t errors_size;
	struct plan *plan;
};

static int set_up(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	if (b == NULL) {
		return -1;
	}
	b->services[0] =
		(struct service){.name = "ssh", .protocol = "ssh", .port = 22};
	b->services[1] = (struct service){
		.name = "Second SSH", .protocol = "ssh", .port = 2222};
	b->services[2] = (struct service){.name = "control",
					  .protocol = "modbus",
					  .port = 502,
					  .scratch_register = 900};
	b->accounts[0] = (struct account){.name = "admin", .user = "admin"};
	b->accounts[1] = (struct account){
		.name = "throwaway", .user = "probe", .disposable = true};
	b->counter_with[0] = (struct setting){"service", "control", 30, 20};
	b->counter_with[1] = (struct setting){"register", "10", 30, 38};
	b->functions[0] = (struct essential_function){
		.name = "control program runs",
		.watch = "fake.counter",
		.with = b->counter_with,
		.with_count = 2,
		.row = 28,
		.column = 5,
		.period_ms = 10,
		.tolerance = {.gap_ms = 100, .loss = 0.05, .recover_s = 5}};
	b->profile = (struct profile){
		.path = "test-profile.yaml",
		.digest = "profile",
		.name = "Test PLC",
		.component = "EDR",
		.consent = {true, true, true, false},
		.budget = {.connections = 4, .load_frames_per_s = 1000},
		.services = b->services,
		.service_count = 3,
		.accounts = b->accounts,
		.account_count = 2,
		.functions = b->functions,
		.function_count = 1,
		.limits = {5, -1, -1, -1},
		.absent = b->absent,
		.answers = b->answers,
		.link = {.interface = "veth0"}};
	b->catalogue = (struct catalogue){.edition = "test edition",
					  .digest = "catalogue",
					  .requirements = requirements,
					  .requirement_count =
						  ARRAY_SIZE(requirements)};
	b->suites = (struct suites){.digest = "suites",
				    .checks = b->checks,
				    .policies = policies,
				    .policy_count = 1};
	b->input = (struct plan_input){.profile = &b->profile,
				       .catalogue = &b->catalogue,
				       .suites = &b->suites,
				       .find_probe = find_probe,
				       .find_monitor = find_monitor};
	*state = b;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *b = *state;

	plan_free(b->plan);
	free(b->errors);
	free(b);
	return 0;
}

static struct check *add_check(struct bench *b, const char *id,
			       const char *probe)
{
	struct check *check = &b->checks[b->suites.check_count++];

	*check = (struct check){.id = id,
				.suite = "test",
				.title = id,
				.requirements = cr_1_1,
				.for_what = FOR_DEVICE,
				.probe = probe,
				.file = SUITE_FILE,
				.row = 4,
				.column = 5};
	return check;
}

static struct check *add_ssh_check(struct bench *b, const char *id)
{
	struct check *check = add_check(b, id, "fake.look");

	check->for_what = FOR_SERVICE;
	check->for_protocol = "ssh";
	return check;
}

static struct check *add_storm(struct bench *b, const char *id)
{
	static const struct setting with[] = {{"family", "arp-request", 6, 9}};
	struct check *check = add_check(b, id, "fake.storm");

	check->for_what = FOR_FUNCTION;
	check->for_view = "*";
	check->with = with;
	check->with_count = 1;
	return check;
}

static int build(struct bench *b)
{
	FILE *errors;
	int result;

	plan_free(b->plan);
	b->plan = NULL;
	free(b->errors);
	errors = open_memstream(&b->errors, &b->errors_size);
	b->input.errors = errors;
	result = plan_build(&b->input, &b->plan);
	fclose(errors);
	return result;
}

static void build_well(struct bench *b)
{
	int result = build(b);

	if (result != 0) {
		fail_msg("no plan: %s", b->errors);
	}
	assert_string_equal(b->errors, "");
}

static void
a_check_for_a_protocol_is_planned_for_each_such_service(void **state)
{
	struct bench *b = *state;

	add_ssh_check(b, "login");
	build_well(b);
	assert_int_equal(b->plan->check_count, 2);
	assert_string_equal(b->plan->checks[0].id, "login@ssh");
	assert_string_equal(b->plan->checks[1].id, "login@second-ssh");
	assert_ptr_equal(b->plan->checks[1].service, &b->services[1]);
	assert_string_equal(b->plan->observations[1].id,
			    "fake.look@second-ssh");
}

static void equal_probe_and_parameters_are_observed_once(void **state)
{
	static const struct setting seven[] = {{"tries", "7", 1, 1}};
	static const struct setting bond[] = {{"tries", "007", 1, 1}};
	struct bench *b = *state;

	add_ssh_check(b, "one")->with = seven;
	add_ssh_check(b, "two")->with = bond;
	add_ssh_check(b, "three");
	b->checks[0].with_count = 1;
	b->checks[1].with_count = 1;
	build_well(b);
	assert_int_equal(b->plan->check_count, 6);
	assert_int_equal(b->plan->observation_count, 4);
	assert_int_equal(b->plan->checks[0].observation,
			 b->plan->checks[2].observation);
	assert_int_not_equal(b->plan->checks[0].observation,
			     b->plan->checks[4].observation);
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
			    "fake.storm@control-program-runs.arp-request");
	assert_string_equal(b->plan->checks[0].id,
			    "storm@control-program-runs");
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

static void names_that_look_alike_get_ids_of_their_own(void **state)
{
	struct bench *b = *state;

	b->services[1].name = "SSH";
	add_ssh_check(b, "login");
	build_well(b);
	assert_string_not_equal(b->plan->checks[0].id, b->plan->checks[1].id);
	assert_string_not_equal(b->plan->observations[0].id,
				b->plan->observations[1].id);
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
	assert_string_equal(b->plan->checks[0].expect[0].text,
			    "share at-most 0.05");
	assert_true(b->plan->checks[0].expect[0].value.real == 0.05);
	assert_int_equal(b->plan->checks[0].expect[1].value.number, 100);
}

static void a_policy_list_fills_lines_and_text_parameters(void **state)
{
	static const struct setting with[] = {
		{"pairs", "${policy.known-2026.pairs}", 1, 1}};
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
		{.fact = "names",
		 .op = OP_SUBSET_OF,
		 .list = nothing,
		 .file = SUITE_FILE},
		{.fact = "names",
		 .op = OP_INCLUDES,
		 .list = ports,
		 .file = SUITE_FILE}};
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
	assert_string_equal(got[0].text,
			    "names subset-of known-2026 pairs of 2026-01-31");
	assert_int_equal(got[0].value.list_count, 2);
	assert_string_equal(got[0].value.list[1], "c:d");
	assert_int_equal(got[1].value.number, 112);
	assert_int_equal(got[2].value.list_count, 0);
	assert_string_equal(got[2].text, "names subset-of []");
	assert_int_equal(got[3].value.list_count, 4);
	assert_string_equal(got[3].value.list[3], "502/tcp");
}

static void what_is_not_granted_is_not_run(void **state)
{
	struct bench *b = *state;

	add_storm(b, "storm");
	b->profile.consent[IMPACT_STRESS] = false;
	b->profile.budget.load_frames_per_s = 0;
	build_well(b);
	assert_int_equal(b->plan->checks[0].why, WHY_NO_CONSENT);
	assert_string_equal(b->plan->checks[0].reason,
			    "the profile does not grant 'stress'");
	assert_int_equal(b->plan->observations[0].why, WHY_NO_CONSENT);
	assert_int_equal(b->plan->seconds, 0);
}

static void what_a_probe_needs_must_be_declared(void **state)
{
	struct bench *b = *state;
	struct check *write = add_check(b, "write", "fake.write");

	write->for_what = FOR_SERVICE;
	write->for_protocol = "modbus";
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
	b->profile.link.witness.s_addr = htonl(0x0a000009);
	build_well(b);
	assert_int_equal(b->plan->checks[0].why, WHY_NONE);
	assert_int_equal(b->plan->checks[1].why, WHY_NONE);
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
	assert_ptr_equal(b->plan->observations[0].params[3].account,
			 &b->accounts[1]);
	assert_string_equal(b->plan->observations[0].id, "fake.look@ssh");
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
	assert_string_equal(
		b->plan->observations[0].id,
		"fake.storm@control-program-runs.arp-request.sham_only");
}

static void every_essential_function_gets_its_monitor(void **state)
{
	struct bench *b = *state;

	build_well(b);
	assert_int_equal(b->plan->monitor_count, 1);
	assert_ptr_equal(b->plan->monitors[0].monitor, &fake_monitor);
	assert_ptr_equal(b->plan->monitors[0].params[0].service,
			 &b->services[2]);
	assert_int_equal(b->plan->monitors[0].params[1].number, 10);
	b->counter_with[1].value = "70000";
	assert_int_equal(build(b), -1);
	assert_string_equal(b->errors,
			    "test-profile.yaml:30:38: parameter 'register' of "
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
	assert_string_equal(b->errors,
			    "test-profile.yaml: an answer is given to "
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

/* --- mistakes ------------------------------------------------------------- */

static void write_suite(void)
{
	FILE *file = fopen(SUITE_FILE, "w");

	assert_non_null(file);
	fputs("one\ntwo\nthree\n    four\nfive\n        six\n", file);
	fclose(file);
}

static void a_mistake_shows_its_line_with_a_caret(void **state)
{
	struct bench *b = *state;

	write_suite();
	add_check(b, "sweep", "no.such");
	assert_int_equal(build(b), -1);
	remove(SUITE_FILE);
	assert_string_equal(b->errors,
			    SUITE_FILE ":4:5: no probe is called 'no.such'\n"
				       "    four\n"
				       "    ^\n");
}

static void wrong_lines_are_mistakes(void **state)
{
	static const struct {
		const char *fact;
		enum operator op;
		const char *value, *sentence;
	} cases[] = {
		{"nothing", OP_IS, "true",
		 "probe 'fake.sweep' reports no fact 'nothing'"},
		{"open", OP_AT_LEAST, "1",
		 "'at-least' does not fit fact 'open' of type bool"},
		{"share", OP_IS, "1",
		 "'is' does not fit fact 'share' of type real"},
		{"banner", OP_INCLUDES, "x",
		 "'includes' does not fit fact 'banner' of type text"},
		{"names", OP_IS, "x",
		 "'is' does not fit fact 'names' of type list"},
		{"open", OP_IS, "yes",
		 "'yes' cannot be compared with fact 'open' of type bool"},
		{"count", OP_IS, "12 s",
		 "'12 s' cannot be compared with fact 'count' of type int"},
		{"count", OP_IS, "99999999999999999999",
		 "'99999999999999999999' cannot be compared with fact 'count' "
		 "of type int"},
		{"share", OP_AT_MOST, "nan",
		 "'nan' cannot be compared with fact 'share' of type real"},
		{"count", OP_IS, "${limits.height}",
		 "no variable is called '${limits.height}'"},
		{"count", OP_IS, "${weather}",
		 "no variable is called '${weather}'"},
		{"count", OP_IS, "${limits.idle_s",
		 "'${limits.idle_s' has '${' without '}'"},
		{"count", OP_IS, "${function.gap_ms}",
		 "'${function.gap_ms}' needs a check that says 'for: "
		 "function'"},
		{"names", OP_EXCLUDES, "${policy.unknown.pairs}",
		 "no policy is called 'unknown'"},
		{"names", OP_EXCLUDES, "${policy.known-2026.none}",
		 "policy 'known-2026' has no list 'none'"},
	};
	struct bench *b = *state;
	struct check *check = add_check(b, "sweep", "fake.sweep");
	struct line line = {.file = SUITE_FILE, .row = 7, .column = 9};
	char expected[200];
	size_t i;

	check->expect = &line;
	check->expect_count = 1;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		line.fact = cases[i].fact;
		line.op = cases[i].op;
		line.value = cases[i].value;
		snprintf(expected, sizeof(expected), "%s:7:9: %s\n", SUITE_FILE,
			 cases[i].sentence);
		assert_int_equal(build(b), -1);
		assert_string_equal(b->errors, expected);
	}
}

static void wrong_parameters_are_mistakes(void **state)
{
	static const struct {
		struct setting setting;
		const char *sentence;
	} cases[] = {
		{{"speed", "1", 7, 9},
		 "probe 'fake.look' has no parameter 'speed'"},
		{{"tries", "many", 7, 9},
		 "parameter 'tries' of probe 'fake.look' is a whole number, "
		 "not 'many'"},
		{{"tries", "11", 7, 9},
		 "parameter 'tries' of probe 'fake.look' is from 1 to 10, not "
		 "'11'"},
		{{"account", "nobody", 7, 9},
		 "parameter 'account' of probe 'fake.look' is the name of a "
		 "declared account, not 'nobody'"},
		{{"service", "web", 7, 9},
		 "parameter 'service' of probe 'fake.look' is the name of a "
		 "declared service, not 'web'"},
	};
	struct bench *b = *state;
	struct check *check = add_ssh_check(b, "login");
	char expected[200];
	size_t i;

	check->with_count = 1;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		check->with = &cases[i].setting;
		snprintf(expected, sizeof(expected), "%s:7:9: %s\n", SUITE_FILE,
			 cases[i].sentence);
		assert_int_equal(build(b), -1);
		assert_string_equal(b->errors, expected);
	}
}

static void mistakes_show_without_a_service_to_look_at(void **state)
{
	struct bench *b = *state;
	struct check *check = add_ssh_check(b, "login");
	static const struct line line = {.fact = "nothing",
					 .op = OP_IS,
					 .value = "1",
					 .file = SUITE_FILE,
					 .row = 7,
					 .column = 9};

	check->for_protocol = "telnet";
	check->given = &line;
	check->given_count = 1;
	assert_int_equal(build(b), -1);
	assert_string_equal(b->errors, SUITE_FILE
			    ":7:9: probe 'fake.look' reports no fact "
			    "'nothing'\n");
}

static void a_subject_must_fit_the_probe(void **state)
{
	struct bench *b = *state;
	struct check *check = add_ssh_check(b, "sweep");

	check->probe = "fake.sweep";
	assert_int_equal(build(b), -1);
	assert_string_equal(b->errors, SUITE_FILE
			    ":4:5: probe 'fake.sweep' does not look at a "
			    "service\n");
	check->probe = "fake.look";
	check->for_what = FOR_DEVICE;
	assert_int_equal(build(b), -1);
	assert_string_equal(b->errors,
			    SUITE_FILE ":4:5: probe 'fake.look' needs the "
				       "parameter 'service': service\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_check_for_a_protocol_is_planned_for_each_such_service),
		TEST(equal_probe_and_parameters_are_observed_once),
		TEST(observations_come_by_impact_and_checks_in_suite_order),
		TEST(an_observation_keeps_its_id_whatever_else_is_planned),
		TEST(names_that_look_alike_get_ids_of_their_own),
		TEST(an_undeclared_limit_leaves_the_check_untested),
		TEST(a_function_line_takes_its_tolerance),
		TEST(a_policy_list_fills_lines_and_text_parameters),
		TEST(what_is_not_granted_is_not_run),
		TEST(what_a_probe_needs_must_be_declared),
		TEST(the_disposable_account_is_the_one_that_may_be_locked),
		TEST(without_essential_functions_a_load_check_still_shows),
		TEST(only_the_selected_checks_run),
		TEST(what_is_declared_absent_is_not_applicable),
		TEST(checks_for_other_components_do_not_exist),
		TEST(sham_only_puts_no_load_on_the_device),
		TEST(every_essential_function_gets_its_monitor),
		TEST(answers_reach_their_question),
		TEST(the_same_inputs_give_the_same_plan),
		TEST(the_page_groups_what_runs_and_what_does_not),
		TEST(a_mistake_shows_its_line_with_a_caret),
		TEST(wrong_lines_are_mistakes),
		TEST(wrong_parameters_are_mistakes),
		TEST(mistakes_show_without_a_service_to_look_at),
		TEST(a_subject_must_fit_the_probe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
