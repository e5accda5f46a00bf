/* plan_bench: one declared device and probes made for the plan's tests. Included
 * by tests alone, behind cmocka. */
#ifndef ASSAY_PLAN_PLAN_BENCH_H
#define ASSAY_PLAN_PLAN_BENCH_H

#include "harness/plan/builder.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

#define SUITE_FILE "plan-test-suite.yaml"

static inline int no_observe(struct probe_run *run)
{
	(void)run;
	return -1;
}

static inline unsigned storm_seconds(const struct param_value *params, size_t count)
{
	(void)params;
	return (unsigned)count;
}

static const struct fact_def look_facts[] = {
	{"open", FACT_BOOL, "", "a bool"},  {"count", FACT_INT, "", "an int"},
	{"share", FACT_REAL, "", "a real"}, {"banner", FACT_TEXT, "", "text"},
	{"names", FACT_LIST, "", "a list"}, {NULL, FACT_BOOL, NULL, NULL},
};
static const struct param_def step_fields[] = {
	{"path", PARAM_TEXT, "where"},
	{"wait_s", PARAM_INT, "how long", "1", 0, 60},
	{"names", PARAM_LIST, "names", ""},
	{0},
};
static const struct param_def look_params[] = {
	{"service", PARAM_SERVICE, "service", NULL, 0, 0},
	{"tries", PARAM_INT, "tries", "3", 1, 10},
	{"pairs", PARAM_TEXT, "pairs", "", 0, 0},
	{"account", PARAM_ACCOUNT, "account", "", 0, 0},
	{"words", PARAM_LIST, "words", ""},
	{"steps", PARAM_STEPS, "steps", "", .fields = step_fields},
	{NULL, PARAM_INT, NULL, NULL, 0, 0},
};
static inline const char *storm_family(size_t i)
{
	static const char *const families[] = {"arp-request", "tcp-syn"};

	return i < ARRAY_SIZE(families) ? families[i] : NULL;
}
static const struct param_def storm_params[] = {
	{"function", PARAM_FUNCTION, "function", NULL, 0, 0},
	{"family", PARAM_TEXT, "family", NULL, .one_of = storm_family},
	{"rate", PARAM_INT, "rate", "0", 0, 10000},
	{"sham_only", PARAM_BOOL, "sham", "false", 0, 0},
	{"families", PARAM_LIST, "families", "", .one_of = storm_family},
	{NULL, PARAM_INT, NULL, NULL, 0, 0},
};
static const struct param_def write_params[] = {
	{"service", PARAM_SERVICE, "service", NULL, 0, 0},
	{NULL, PARAM_INT, NULL, NULL, 0, 0},
};
static const struct param_def login_params[] = {
	{"service", PARAM_SERVICE, "service", NULL, 0, 0},
	{"account", PARAM_ACCOUNT, "account", NULL, 0, 0},
	{NULL, PARAM_INT, NULL, NULL, 0, 0},
};
static const struct param_def defaults_params[] = {
	{"service", PARAM_SERVICE, "service", NULL, 0, 0},
	{"account", PARAM_ACCOUNT, "account", NULL, 0, 0},
	{"delivered", PARAM_ACCOUNT, "delivered", "delivered", 0, 0},
	{"pairs", PARAM_LIST, "pairs", "", 0, 0},
	{NULL, PARAM_INT, NULL, NULL, 0, 0},
};
static const struct param_def counter_params[] = {
	{"service", PARAM_SERVICE, "service", NULL, 0, 0},
	{"register", PARAM_INT, "register", NULL, 0, 65535},
	{NULL, PARAM_INT, NULL, NULL, 0, 0},
};

#define FAKE(name, what, class, rights, most, parameters)                                \
	.id = name, .summary = what, .source = "none", .impact = class, .needs = rights, \
	.timeout_s = most, .params = parameters, .facts = look_facts, .observe = no_observe

static const struct probe fake_probes[] = {
	{FAKE("fake.look", "looks", IMPACT_TOUCH, 0, 10, look_params)},
	{FAKE("fake.sweep", "sweeps", IMPACT_OBSERVE, 0, 10, NULL)},
	{FAKE("fake.storm", "storms", IMPACT_STRESS, NEEDS_STORM, 60, storm_params),
	 .seconds = storm_seconds},
	{FAKE("fake.write", "writes", IMPACT_TOUCH, NEEDS_SCRATCH, 10, write_params)},
	{FAKE("fake.login", "logs in", IMPACT_TOUCH, NEEDS_SESSION, 10, login_params)},
	{FAKE("fake.defaults", "tries pairs", IMPACT_TOUCH, NEEDS_SESSION, 10, defaults_params)},
	{FAKE("fake.second", "looks twice", IMPACT_OBSERVE, NEEDS_SECOND_SOURCE, 10, NULL)},
};
static const struct monitor fake_monitor = {
	.id = "fake.counter", .summary = "counts", .params = counter_params};

static inline const struct probe *find_probe(const char *id)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fake_probes); i++) {
		if (strcmp(fake_probes[i].id, id) == 0) {
			return &fake_probes[i];
		}
	}
	return NULL;
}

/* For check.for_protocols. */
static const char *const only_ssh[] = {"ssh", NULL};

static inline const struct monitor *find_monitor(const char *id)
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
static const char *const policy_old[] = {"old", NULL};
static const char *const policy_bad[] = {"bad", NULL};
static const char *const policy_more[] = {"128", NULL};
static const struct policy_entry entry_pairs[] = {{.tier = TIER_ALLOWED,
						   .verified = true,
						   .source = "t",
						   .place = "1",
						   .values = policy_pairs}};
static const struct policy_entry entry_bits[] = {{.tier = TIER_ALLOWED,
						  .verified = true,
						  .source = "t",
						  .place = "2",
						  .until = 2030,
						  .values = policy_bits},
						 {.tier = TIER_ALLOWED,
						  .verified = true,
						  .source = "t",
						  .place = "2",
						  .values = policy_more}};
static const struct policy_entry entry_names[] = {{.tier = TIER_ALLOWED,
						   .verified = true,
						   .source = "t",
						   .place = "3",
						   .until = 2029,
						   .values = policy_pairs},
						  {.tier = TIER_LEGACY,
						   .verified = true,
						   .source = "t",
						   .place = "4",
						   .until = 2027,
						   .values = policy_old},
						  {.tier = TIER_FORBIDDEN,
						   .verified = true,
						   .source = "t",
						   .place = "5",
						   .values = policy_bad}};
static const char *const policy_delivered[] = {"admin:admin", "root:root", NULL};
static const char *const policy_acme[] = {"admin:acme", "root:root", "admin:tool", NULL};
static const struct policy_entry entry_delivered[] = {{.tier = TIER_FORBIDDEN,
						       .verified = true,
						       .source = "t",
						       .place = "6",
						       .values = policy_delivered}};
static const struct policy_entry entry_acme[] = {{.tier = TIER_FORBIDDEN,
						  .verified = true,
						  .source = "t",
						  .place = "7",
						  .values = policy_acme}};
static const struct policy_list delivered_lists[] = {{"pairs", entry_delivered, 1},
						     {"acme-tools", entry_acme, 1}};
static const struct policy_list policy_lists[] = {
	{"pairs", entry_pairs, 1}, {"bits", entry_bits, 2}, {"names", entry_names, 3}};
static const struct policy_source policy_sources[] = {{"t", "Test", "1"}};
static const struct policy policies[] = {
	{"known-2026", "2026-01-31", policy_sources, 1, policy_lists, 3},
	{"delivered-2026", "2026-01-31", policy_sources, 1, delivered_lists, 2}};

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

static inline int set_up(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	if (b == NULL) {
		return -1;
	}
	b->services[0] = (struct service){.name = "ssh", .protocol = "ssh", .port = 22};
	b->services[1] = (struct service){.name = "Second SSH", .protocol = "ssh", .port = 2222};
	b->services[2] = (struct service){
		.name = "control", .protocol = "modbus", .port = 502, .scratch_register = 900};
	b->accounts[0] = (struct account){.name = "admin", .user = "admin"};
	b->accounts[1] = (struct account){.name = "throwaway", .user = "probe", .disposable = true};
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
	b->profile = (struct profile){.path = "test-profile.yaml",
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
					  .requirement_count = ARRAY_SIZE(requirements)};
	b->suites = (struct suites){
		.digest = "suites", .checks = b->checks, .policies = policies, .policy_count = 2};
	b->input = (struct plan_input){.profile = &b->profile,
				       .catalogue = &b->catalogue,
				       .suites = &b->suites,
				       .find_probe = find_probe,
				       .find_monitor = find_monitor};
	*state = b;
	return 0;
}

static inline int tear_down(void **state)
{
	struct bench *b = *state;

	plan_free(b->plan);
	free(b->errors);
	free(b);
	return 0;
}

static inline struct check *add_check(struct bench *b, const char *id, const char *probe)
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

static inline struct check *add_ssh_check(struct bench *b, const char *id)
{
	struct check *check = add_check(b, id, "fake.look");

	check->for_what = FOR_SERVICE;
	check->for_protocols = only_ssh;
	return check;
}

static inline struct check *add_storm(struct bench *b, const char *id)
{
	static const struct setting with[] = {{"family", "arp-request", 6, 9}};
	struct check *check = add_check(b, id, "fake.storm");

	check->for_what = FOR_FUNCTION;
	check->for_view = "*";
	check->with = with;
	check->with_count = 1;
	return check;
}

static inline int build(struct bench *b)
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

static inline void build_well(struct bench *b)
{
	int result = build(b);

	if (result != 0) {
		fail_msg("no plan: %s", b->errors);
	}
	assert_string_equal(b->errors, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
