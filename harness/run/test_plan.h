/*
 * test_plan: for tests of the runner: a plan made of small probes on a bench
 * on loopback, run in a process of its own, and what its journal says.
 */
#ifndef ASSAY_RUN_TEST_PLAN_H
#define ASSAY_RUN_TEST_PLAN_H

#include "harness/base/digest.h"
#include "harness/run/journal.h"
#include "harness/run/run.h"
#include "harness/run/test_run.h"

#define TEST_MOST 12

struct test_plan {
	struct test_bench bench;
	struct test_peer peer;
	struct catalogue catalogue;
	struct suites suites;
	struct probe probes[TEST_MOST];
	struct observation observations[TEST_MOST];
	struct essential_function function;
	struct monitor monitor;
	struct param_value monitor_service;
	struct planned_monitor planned_monitor;
	struct plan plan;
	char profile_path[96], run[96];
	char state[96]; /* what the machine remembers of its runs */
};

static const struct fact_def test_plan_facts[] = {
	{"number", FACT_INT, "", "a number"},
	{"seen", FACT_LIST, "", "what was seen"},
	{.name = NULL},
};

/* A bench with one peer of this kind, a plan without observations. */
static inline void test_plan_init(struct test_plan *p, enum test_peer_kind kind)
{
	struct digest digest;
	FILE *file;

	memset(p, 0, sizeof(*p));
	p->peer = test_peer_start(kind);
	test_bench_init(&p->bench, "test", p->peer.port);
	snprintf(p->profile_path, sizeof(p->profile_path), "%s/device.yaml", p->bench.folder);
	snprintf(p->run, sizeof(p->run), "%s/run", p->bench.folder);
	snprintf(p->state, sizeof(p->state), "%s/state", p->bench.folder);
	TEST_RUN_MUST(setenv("XDG_STATE_HOME", p->state, 1) == 0);
	file = fopen(p->profile_path, "w");
	TEST_RUN_MUST(file != NULL && fputs("device: test\n", file) >= 0);
	fclose(file);
	TEST_RUN_MUST(digest_file(p->profile_path, &digest, NULL) == 0);
	memcpy(p->bench.profile.digest, digest.hex, sizeof(digest.hex));
	p->bench.profile.path = p->profile_path;
	p->catalogue.edition = p->bench.profile.edition;
	p->plan = (struct plan){.profile = &p->bench.profile,
				.catalogue = &p->catalogue,
				.suites = &p->suites,
				.observations = p->observations};
	snprintf(p->plan.digest, sizeof(p->plan.digest), "%064d", 1);
}

static inline void test_plan_add(struct test_plan *p, const char *id, enum impact impact,
				 int (*observe)(struct probe_run *run))
{
	size_t n = p->plan.observation_count++;

	TEST_RUN_MUST(n < TEST_MOST);
	p->probes[n] = (struct probe){.id = id,
				      .summary = "a test",
				      .source = "none",
				      .impact = impact,
				      .timeout_s = 5,
				      .facts = test_plan_facts,
				      .observe = observe};
	p->observations[n] = (struct observation){
		.id = id, .probe = &p->probes[n], .target = "it", .seconds = 1, .reason = ""};
}

/* The observation added last has this to itself: "device", "account:NAME". */
static inline void test_plan_hold(struct test_plan *p, const char *name)
{
	struct observation *o = &p->observations[p->plan.observation_count - 1];
	struct resource *hold = arena_alloc(p->bench.arena, sizeof(*hold));

	*hold = (struct resource){.kind = strcmp(name, "device") == 0 ? RESOURCE_DEVICE
								      : RESOURCE_ACCOUNT,
				  .name = name};
	o->holds = hold;
	o->hold_count = 1;
}

/* The service "it" is watched for the whole run. */
static inline void test_plan_watch(struct test_plan *p, const struct monitor *monitor)
{
	p->monitor = *monitor;
	p->function = (struct essential_function){.name = "it goes on",
						  .watch = monitor->id,
						  .period_ms = 20,
						  .tolerance = {.gap_ms = 500, .recover_s = 1}};
	p->monitor_service = (struct param_value){.name = "service",
						  .type = PARAM_SERVICE,
						  .text = "it",
						  .service = p->bench.services};
	p->planned_monitor = (struct planned_monitor){.monitor = &p->monitor,
						      .function = &p->function,
						      .params = &p->monitor_service,
						      .param_count = 1};
	p->bench.profile.functions = &p->function;
	p->bench.profile.function_count = 1;
	p->plan.monitors = &p->planned_monitor;
	p->plan.monitor_count = 1;
}

/* The observation added last uses the service "it" beside others. */
static inline void test_plan_share(struct test_plan *p)
{
	struct observation *o = &p->observations[p->plan.observation_count - 1];
	struct resource *hold = arena_alloc(p->bench.arena, sizeof(*hold));

	*hold = (struct resource){RESOURCE_SERVICE, "service:it", p->bench.services, true};
	o->holds = hold;
	o->hold_count = 1;
}

static inline void test_plan_release(struct test_plan *p)
{
	test_peer_stop(&p->peer);
	test_bench_release(&p->bench);
}

/* Starts the run in a process of its own, which is returned. Its stderr goes
 * to RUN's neighbour 'stderr.txt'. */
static inline pid_t test_plan_start(const struct test_plan *p)
{
	struct run_options options = {.directory = p->run, .progress = true};
	char path[128];
	pid_t pid;

	snprintf(path, sizeof(path), "%s/stderr.txt", p->bench.folder);
	fflush(NULL);
	pid = fork();
	TEST_RUN_MUST(pid >= 0);
	if (pid == 0) {
		TEST_RUN_MUST(freopen(path, "w", stderr) != NULL);
		setvbuf(stderr, NULL, _IONBF, 0);
		_exit(run_plan(&p->plan, &options));
	}
	return pid;
}

/* Waits for it. Returns the exit code, or -signal. */
static inline int test_plan_wait(pid_t pid)
{
	int status = 0;

	TEST_RUN_MUST(waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static inline int test_plan_run(const struct test_plan *p)
{
	return test_plan_wait(test_plan_start(p));
}

/* What the run said on stderr; owned by the bench. */
static inline const char *test_plan_said(struct test_plan *p)
{
	char path[128], *text = arena_alloc(p->bench.arena, 65536);
	FILE *file;

	snprintf(path, sizeof(path), "%s/stderr.txt", p->bench.folder);
	file = fopen(path, "r");
	TEST_RUN_MUST(file != NULL);
	TEST_RUN_MUST(fread(text, 1, 65535, file) < 65535);
	fclose(file);
	return text;
}

/* The journal's records in short: "run device:alive begin:a observation:a ...";
 * owned by the bench. */
static inline const char *test_plan_journal(struct test_plan *p)
{
	struct journal_text journal;
	struct text why = {.s = ""};
	char *all = arena_strdup(p->bench.arena, "");
	size_t i;

	if (journal_read(p->run, &journal, &why) != 0) {
		BUG("%s", why.s);
	}
	for (i = 0; i < journal.count; i++) {
		static const char *const about[] = {"observation", "state", "reason"};
		const json_t *record = journal.records[i];
		const char *detail = NULL;
		size_t k;

		for (k = 0; k < ARRAY_SIZE(about) && detail == NULL; k++) {
			detail = json_string_value(json_object_get(record, about[k]));
		}
		all = arena_printf(p->bench.arena, "%s%s%s%s%s", all, i > 0 ? " " : "",
				   json_string_value(json_object_get(record, "type")),
				   detail == NULL ? "" : ":", detail == NULL ? "" : detail);
	}
	journal_text_release(&journal);
	return all;
}

/* One member of the last 'observation' record of this id, as JSON text or
 * plain text; NULL where there is none. Owned by the bench. */
static inline const char *test_plan_saw(struct test_plan *p, const char *id, const char *member)
{
	struct journal_text journal;
	struct text why = {.s = ""};
	const char *saw = NULL, *of;
	char *text;
	size_t i;

	if (journal_read(p->run, &journal, &why) != 0) {
		BUG("%s", why.s);
	}
	for (i = 0; i < journal.count; i++) {
		const json_t *record = journal.records[i];

		of = json_string_value(json_object_get(record, "observation"));
		if (of == NULL || strcmp(of, id) != 0 ||
		    json_object_get(record, "outcome") == NULL) {
			continue;
		}
		text = json_dumps(json_object_get(record, member),
				  JSON_ENCODE_ANY | JSON_SORT_KEYS | JSON_COMPACT);
		saw = arena_strdup(p->bench.arena, text);
		free(text);
	}
	journal_text_release(&journal);
	return saw;
}

/* Waits until the journal has this, "begin:a". */
static inline void test_plan_await(struct test_plan *p, const char *what)
{
	int64_t deadline = clock_ns() + 10 * NS_PER_S;
	char path[128];

	snprintf(path, sizeof(path), "%s/journal.jsonl", p->run);
	while (access(path, F_OK) != 0 || strstr(test_plan_journal(p), what) == NULL) {
		TEST_RUN_MUST(clock_ns() < deadline);
		poll(NULL, 0, 20);
	}
}

#endif
