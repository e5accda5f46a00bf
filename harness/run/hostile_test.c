/* hostile_test: a probe that wants what is not its own, in a real child: the passwords of other
 * accounts in its own memory; the journal, keys and password files; what another process knows. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "harness/base/sanitized.h"
#include "harness/run/confine.h"
#include "harness/run/probe_run.h"
#include "harness/run/secret.h"
#include "harness/run/test_run.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/uio.h>

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

/* --- files and processes ------------------------------------------------------------ */

/* Set before the child is started: what is there to be had. */
static char journal_path[128], key_path[128], password_path[128], evidence_path[128];
static pid_t other_process;
static char other_secret[] = "of another check";

static bool can_read(const char *path)
{
	char byte;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool got = fd >= 0 && read(fd, &byte, 1) == 1;

	if (fd >= 0) {
		close(fd);
	}
	return got;
}

static bool can_read_of(pid_t process, const char *what)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)process, what);
	return can_read(path);
}

static bool can_read_memory_of(pid_t process)
{
	char bytes[sizeof(other_secret)];
	struct iovec mine = {bytes, sizeof(bytes)}, its = {other_secret, sizeof(other_secret)};

	return process_vm_readv(process, &mine, 1, &its, 1, 0) > 0 ||
	       ptrace(PTRACE_SEIZE, process, NULL, NULL) == 0;
}

/* What of it all could be had, "" for nothing. */
static const char *had(char *out, size_t capacity)
{
	const struct {
		const char *name;
		bool got;
	} tries[] = {
		{"journal", can_read(journal_path)},
		{"key", can_read(key_path)},
		{"password", can_read(password_path)},
		{"evidence", can_read(evidence_path)},
		{"hosts", can_read("/etc/hosts")},
		{"environ", can_read("/proc/self/environ")},
		{"cmdline", can_read_of(getpid(), "cmdline")},
		{"other's cmdline", can_read_of(other_process, "cmdline")},
		{"other's memory", can_read_memory_of(other_process)},
		{"runner's environ", can_read_of(getppid(), "environ")},
	};
	size_t i, used = 0;

	out[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(tries); i++) {
		if (tries[i].got) {
			used += (size_t)snprintf(out + used, capacity - used, "%s%s",
						 used > 0 ? ", " : "", tries[i].name);
		}
	}
	return out;
}

static int reaches_for_all(struct probe_run *run)
{
	char out[256];

	probe_saw_text(run, "had", had(out, sizeof(out)));
	return 0;
}

static void write_file(char *path, size_t capacity, const char *folder, const char *name)
{
	int fd;

	snprintf(path, capacity, "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	TEST_RUN_MUST(fd >= 0 && write(fd, "x", 1) == 1);
	close(fd);
}

/* --- memory ----------------------------------------------------------------------------- */

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
	{"had", FACT_TEXT, "", "what could be read"},
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
	struct secrets *secrets;

#if SANITIZED
	skip(); /* it ends who reads memory that was not allotted */
#endif
	/* read once, before all children, as a run does: in memory that they inherit */
	secrets = secrets_new(&hostile->bench.profile);
	hostile->bench.world.secrets = secrets;
	take_ranges();
	report = look_at(hostile, searches_its_memory);
	secrets_free(secrets);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	/* the search works: it finds what the child was given */
	assert_int_not_equal(strtol(test_fact(&hostile->bench, &report, "own"), NULL, 10), 0);
	assert_string_equal(test_fact(&hostile->bench, &report, "others"), "0");
}

/* A process that holds a secret in its memory, as another check's child does. */
static pid_t start_other(void)
{
	pid_t pid = fork();

	TEST_RUN_MUST(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			pause();
		}
	}
	return pid;
}

static void place_all(const char *folder)
{
	write_file(journal_path, sizeof(journal_path), folder, "journal.jsonl");
	write_file(key_path, sizeof(key_path), folder, "id_ed25519");
	write_file(password_path, sizeof(password_path), folder, "password");
	write_file(evidence_path, sizeof(evidence_path), folder, "transcript.txt");
	TEST_RUN_MUST(chmod(folder, 0755) == 0);
	other_process = start_other();
}

static void nothing_outside_of_it_can_be_read(void **state)
{
	struct hostile *hostile = *state;
	struct child_report report;
	char out[256];

	place_all(hostile->bench.folder);
	/* outside a sandbox all of it is there to be had */
	assert_string_equal(had(out, sizeof(out)),
			    "journal, key, password, evidence, hosts, environ, cmdline, "
			    "other's cmdline, other's memory, runner's environ");
	report = look_at(hostile, reaches_for_all);
	kill(other_process, SIGKILL);
	assert_int_equal(waitpid(other_process, NULL, 0), other_process);
	assert_int_equal(report.outcome, CHILD_COMPLETE);
	assert_string_equal(test_fact(&hostile->bench, &report, "had"), "");
}

static bool map_user(const char *file, unsigned outside)
{
	char line[64];
	int fd = open(file, O_WRONLY | O_CLOEXEC), size;
	bool done;

	size = snprintf(line, sizeof(line), "0 %u 1\n", outside);
	done = fd >= 0 && write(fd, line, (size_t)size) == size;
	close(fd);
	return done;
}

/* 'unshare -Ur' of an ordinary user, who owns all the files. */
static bool enter_as_ordinary_user(void)
{
	unsigned user = 65534;
	int fd;

	if (getuid() == 0 &&
	    (setresgid(user, user, user) != 0 || setresuid(user, user, user) != 0)) {
		return false;
	}
	user = getuid();
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	if (unshare(CLONE_NEWUSER) != 0) {
		return false;
	}
	fd = open("/proc/self/setgroups", O_WRONLY | O_CLOEXEC);
	(void)!write(fd, "deny", 4);
	close(fd);
	return map_user("/proc/self/uid_map", user) && map_user("/proc/self/gid_map", user);
}

enum { IN_NAMESPACE_OK, IN_NAMESPACE_NOT_HERE, IN_NAMESPACE_HAD };

static int try_in_namespace(void)
{
	struct probe probe = {.id = "test.hostile",
			      .timeout_s = 20,
			      .params = params,
			      .facts = facts,
			      .observe = reaches_for_all};
	struct observation observation = {.id = "test.hostile@it", .probe = &probe};
	struct child_report report;
	struct test_bench bench;
	const char *fact;
	int result;
	struct text why;

	if (!enter_as_ordinary_user()) {
		return IN_NAMESPACE_NOT_HERE;
	}
	test_bench_init(&bench, "test", 1);
	place_all(bench.folder);
	observation.params = test_params(&bench, params, NULL, &observation.param_count);
	TEST_RUN_MUST(child_run(&bench.world, &observation, NULL, bench.arena, &report, &why) == 0);
	kill(other_process, SIGKILL);
	waitpid(other_process, NULL, 0);
	fact = test_fact(&bench, &report, "had");
	print_message("had in a user namespace: '%s'\n", fact == NULL ? "no fact" : fact);
	result = fact != NULL && fact[0] == '\0' ? IN_NAMESPACE_OK : IN_NAMESPACE_HAD;
	test_bench_release(&bench);
	return result;
}

static void nothing_can_be_read_in_a_user_namespace_either(void **state)
{
	int status = 0;
	pid_t pid;

	(void)state;
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		status = try_in_namespace();
		fflush(NULL);
		_exit(status);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == IN_NAMESPACE_NOT_HERE) {
		skip();
	}
	assert_int_equal(WEXITSTATUS(status), IN_NAMESPACE_OK);
}

/* Where the kernel has no Landlock. What is open stays open. */
static int try_mounts(int open_fd)
{
	char out[256], byte;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || confine_by_mounts() != 0) {
		return IN_NAMESPACE_NOT_HERE;
	}
	other_process = getppid(); /* the rest is seccomp's part */
	had(out, sizeof(out));
	if (strcmp(out, "other's memory") != 0 && out[0] != '\0') {
		return IN_NAMESPACE_HAD;
	}
	if (open("/new", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0 ||
	    mount("none", "/", "no-such-system", 0, NULL) == 0 || errno != EPERM) {
		return IN_NAMESPACE_HAD;
	}
	return pread(open_fd, &byte, 1, 0) == 1 ? IN_NAMESPACE_OK : IN_NAMESPACE_HAD;
}

static void an_empty_mount_namespace_holds_nothing(void **state)
{
	struct hostile *hostile = *state;
	int status = 0, fd;
	pid_t pid;

	place_all(hostile->bench.folder);
	kill(other_process, SIGKILL);
	assert_int_equal(waitpid(other_process, NULL, 0), other_process);
	fd = open(journal_path, O_RDONLY | O_CLOEXEC);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		_exit(try_mounts(fd));
	}
	close(fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == IN_NAMESPACE_NOT_HERE) {
		skip();
	}
	assert_int_equal(WEXITSTATUS(status), IN_NAMESPACE_OK);
	/* and nobody else's files are gone */
	assert_true(can_read(journal_path));
	assert_true(can_read("/proc/self/cmdline"));
}

static int sees_its_environment(struct probe_run *run)
{
	const char *value = getenv("ASSAY_HOSTILE_TEST");

	probe_saw_text(run, "had", value == NULL ? "unset" : value);
	return 0;
}

static void a_password_of_the_environment_is_overwritten_in_the_child(void **state)
{
	struct hostile *hostile = *state;
	struct child_report report;

	hostile->bench.accounts[1].password_file = NULL;
	hostile->bench.accounts[1].password_env = "ASSAY_HOSTILE_TEST";
	assert_int_equal(setenv("ASSAY_HOSTILE_TEST", "not for you", 1), 0);
	report = look_at(hostile, sees_its_environment);
	assert_string_equal(test_fact(&hostile->bench, &report, "had"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define ON_BENCH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		ON_BENCH(another_account_s_password_is_not_in_its_memory),
		ON_BENCH(a_password_of_the_environment_is_overwritten_in_the_child),
		ON_BENCH(nothing_outside_of_it_can_be_read),
		ON_BENCH(an_empty_mount_namespace_holds_nothing),
		cmocka_unit_test(nothing_can_be_read_in_a_user_namespace_either),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
