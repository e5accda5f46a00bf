/* hostile_test: a probe that wants what is not its own, in a real child: the passwords of other
 * accounts in its own memory. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "harness/run/probe_run.h"
#include "harness/run/test_run.h"

#include <fcntl.h>
#include <sys/random.h>

#include "harness/banned.h"

#define PASSWORD_SIZE 24
#define MOST_RANGES   512

/* What the test knows of a password and the child may not find in its memory: its complement. */
static unsigned char own_turned[PASSWORD_SIZE], other_turned[PASSWORD_SIZE];

/* The writable memory of the process that starts the child, which the child has at the same
 * places: nothing in the child has to be read for it. */
static struct range {
	char *from, *to;
} ranges[MOST_RANGES];
static size_t range_count;

static void take_ranges(void)
{
	FILE *file = fopen("/proc/self/maps", "re");
	char line[512], rights[8];
	unsigned long from, to;

	assert_non_null(file);
	range_count = 0;
	while (fgets(line, sizeof(line), file) != NULL && range_count < MOST_RANGES) {
		if (sscanf(line, "%lx-%lx %7s", &from, &to, rights) == 3 && rights[0] == 'r' &&
		    rights[1] == 'w') {
			ranges[range_count++] = (struct range){(char *)from, (char *)to};
		}
	}
	fclose(file);
}

static bool stands_at(const char *at, const unsigned char *turned)
{
	size_t i;

	for (i = 0; i < PASSWORD_SIZE; i++) {
		if ((unsigned char)at[i] + turned[i] != 0xff) {
			return false;
		}
	}
	return true;
}

/* How often it stands in memory that can still be read. A page that is gone is found out by the
 * kernel, which says EFAULT instead of ending the process. */
static int64_t times_in_memory(const unsigned char *turned)
{
	int64_t found = 0;
	int ends[2];
	size_t i;
	char *at;

	if (pipe(ends) != 0) {
		return -1;
	}
	for (i = 0; i < range_count; i++) {
		for (at = ranges[i].from; at + PASSWORD_SIZE <= ranges[i].to; at++) {
			if (((uintptr_t)at & 4095) == 0 || at == ranges[i].from) {
				char byte;

				if (write(ends[1], at, 1) != 1) {
					at = (char *)(((uintptr_t)at | 4095));
					continue;
				}
				(void)!read(ends[0], &byte, 1);
			}
			found += stands_at(at, turned);
		}
	}
	return found;
}

static int searches_its_memory(struct probe_run *run)
{
	/* had before the search, so that it is there to be found */
	if (probe_password(run, probe_account(run, "account")) == NULL) {
		return -1;
	}
	probe_saw_int(run, "own", times_in_memory(own_turned));
	probe_saw_int(run, "others", times_in_memory(other_turned));
	return 0;
}

static const struct fact_def facts[] = {
	{"own", FACT_INT, "", "times that its own password stands in memory"},
	{"others", FACT_INT, "", "times that another one does"},
	{.name = NULL},
};

static const struct param_def params[] = {
	{"account", PARAM_ACCOUNT, "the account", "good", 0, 0},
	{.name = NULL},
};

/* A random password in the file; the test keeps its complement alone. */
static void invent_password(const char *path, unsigned char *ret_turned)
{
	char password[PASSWORD_SIZE];
	size_t i;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(getrandom(password, sizeof(password), 0), sizeof(password));
	for (i = 0; i < sizeof(password); i++) {
		password[i] = (char)('a' + (unsigned char)password[i] % 26);
		ret_turned[i] = (unsigned char)~password[i];
	}
	assert_int_equal(write(fd, password, sizeof(password)), sizeof(password));
	close(fd);
	explicit_bzero(password, sizeof(password));
}

struct hostile {
	struct test_bench bench;
	char own[96], other[96]; /* password files */
};

static int setup(void **state)
{
	struct hostile *hostile = calloc(1, sizeof(*hostile));
	uint16_t port;

	close(test_listen(&port));
	test_bench_init(&hostile->bench, "test", port);
	snprintf(hostile->own, sizeof(hostile->own), "%s/own", hostile->bench.folder);
	snprintf(hostile->other, sizeof(hostile->other), "%s/other", hostile->bench.folder);
	invent_password(hostile->own, own_turned);
	invent_password(hostile->other, other_turned);
	hostile->bench.accounts[0].password_env = NULL;
	hostile->bench.accounts[0].password_file = hostile->own;
	hostile->bench.accounts[1].password_env = NULL;
	hostile->bench.accounts[1].password_file = hostile->other;
	*state = hostile;
	return 0;
}

static int teardown(void **state)
{
	struct hostile *hostile = *state;

	test_bench_release(&hostile->bench);
	free(hostile);
	return 0;
}

static struct child_report look_at(struct hostile *hostile, int (*observe)(struct probe_run *run))
{
	struct probe probe = {
		.id = "test.hostile",
		.summary = "a test",
		.source = "none",
		.impact = IMPACT_OBSERVE,
		.timeout_s = 20,
		.params = params,
		.facts = facts,
		.observe = observe,
	};

	return test_observe(&hostile->bench, &probe, NULL);
}

static void another_account_s_password_is_not_in_its_memory(void **state)
{
	struct hostile *hostile = *state;
	struct child_report report;

	take_ranges();
	report = look_at(hostile, searches_its_memory);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	/* the search works: it finds what the child was given */
	assert_int_not_equal(strtol(test_fact(&hostile->bench, &report, "own"), NULL, 10), 0);
	assert_string_equal(test_fact(&hostile->bench, &report, "others"), "0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(another_account_s_password_is_not_in_its_memory,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
