/* runner_kill_test: the runner, the gate or a child killed at 20 random moments: no
 * finished observation is run again, and the resumed run sees the same facts. */
/* label: slow */
/* timeout: 300 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "harness/run/test_plan.h"

#include "harness/banned.h"

#define MOMENTS 20
#define SEED    20260131u

/* Each sees a number of its own after a while of its own. */
static int sees(struct probe_run *run, int number, int ms)
{
	const struct service *service = &probe_profile(run)->services[0];
	int fd = probe_dial(run, service, 2000);

	if (fd < 0) {
		return probe_dial_failed(run, service, fd);
	}
	poll(NULL, 0, ms);
	close(fd);
	probe_saw_int(run, "number", number);
	return 0;
}

#define PROBE(number, ms)                               \
	static int sees_##number(struct probe_run *run) \
	{                                               \
		return sees(run, number, ms);           \
	}
PROBE(1, 80)
PROBE(2, 10)
PROBE(3, 120)
PROBE(4, 40)
PROBE(5, 60)
PROBE(6, 100)

static const struct {
	const char *id;
	enum impact impact;
	int (*observe)(struct probe_run *run);
	const char *facts;
} planned[] = {
	{"a.one", IMPACT_OBSERVE, sees_1, "{\"number\":1}"},
	{"b.two", IMPACT_OBSERVE, sees_2, "{\"number\":2}"},
	{"c.three", IMPACT_OBSERVE, sees_3, "{\"number\":3}"},
	{"d.four", IMPACT_TOUCH, sees_4, "{\"number\":4}"},
	{"e.five", IMPACT_TOUCH, sees_5, "{\"number\":5}"},
	{"f.six", IMPACT_STRESS, sees_6, "{\"number\":6}"},
};

static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* Returns a random process of the run: itself, its gate or a child. */
static pid_t victim(pid_t runner, uint32_t *random)
{
	char path[64], line[512] = "";
	pid_t found[16] = {runner};
	size_t count = 1;
	FILE *file;
	char *at, *end;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)runner, (int)runner);
	file = fopen(path, "r");
	if (file != NULL) {
		(void)!fgets(line, sizeof(line), file);
		fclose(file);
	}
	for (at = line; count < ARRAY_SIZE(found); at = end) {
		long number = strtol(at, &end, 10);

		if (end == at) {
			break;
		}
		found[count++] = (pid_t)number;
	}
	return found[next_random(random) % count];
}

/* No observation has a record after one that finished it. */
static void assert_nothing_ran_twice(struct test_plan *p)
{
	struct journal_text journal;
	struct text why;
	int finished[ARRAY_SIZE(planned)] = {0};
	size_t i, k;

	assert_int_equal(journal_read(p->run, &journal, &why), 0);
	for (i = 0; i < journal.count; i++) {
		const json_t *record = journal.records[i];
		const char *id = json_string_value(json_object_get(record, "observation"));
		const char *outcome = json_string_value(json_object_get(record, "outcome"));

		for (k = 0; id != NULL && k < ARRAY_SIZE(planned); k++) {
			if (strcmp(planned[k].id, id) == 0) {
				assert_int_equal(finished[k], 0);
				finished[k] = outcome != NULL && strcmp(outcome, "error") != 0;
			}
		}
	}
	journal_text_release(&journal);
}

static void one_moment(int moment, uint32_t *random)
{
	struct test_plan p;
	int ms = (int)(next_random(random) % 700), runs = 0, code;
	pid_t pid;
	size_t k;

	test_plan_init(&p, PEER_SILENT);
	for (k = 0; k < ARRAY_SIZE(planned); k++) {
		test_plan_add(&p, planned[k].id, planned[k].impact, planned[k].observe);
	}
	pid = test_plan_start(&p);
	poll(NULL, 0, ms);
	kill(victim(pid, random), SIGKILL);
	code = test_plan_wait(pid);
	while (code != 0 && runs++ < 3) {
		code = test_plan_run(&p);
	}
	if (code != 0) {
		fail_msg("moment %d at %d ms: exit %d: %s", moment, ms, code, test_plan_said(&p));
	}
	assert_nothing_ran_twice(&p);
	for (k = 0; k < ARRAY_SIZE(planned); k++) {
		const char *saw = test_plan_saw(&p, planned[k].id, "facts");

		if (saw == NULL || strcmp(saw, planned[k].facts) != 0) {
			fail_msg("moment %d at %d ms: %s saw %s: %s", moment, ms, planned[k].id,
				 saw == NULL ? "-" : saw, test_plan_journal(&p));
		}
	}
	test_plan_release(&p);
}

static void twenty_random_kills_lose_nothing(void **state)
{
	uint32_t random = SEED;
	int moment;

	(void)state;
	for (moment = 0; moment < MOMENTS; moment++) {
		one_moment(moment, &random);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(twenty_random_kills_lose_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
